"""What a name, a CURIE or an accession means: the terms, names and cargos behind it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_

from django.db.models import Q, Value
from django.db.models.functions import Concat

from apps.records.models import ACCESSION
from apps.terms import naming
from apps.terms.models import Name, Synonym, Term
from apps.terms.table import is_curie
from apps.vesicles.cargos import cargo_key
from apps.vesicles.models import CargoSynonym, CargoXref


def terms_meant(text: str) -> Q:
    """Terms with that CURIE, also one given up for another, or with that label or exact synonym."""
    if is_curie(text):
        return Q(curie=text) | Q(alternative_ids__curie=text)
    key = naming.key(text)
    return Q(key=key) | Q(pk__in=Synonym.objects.filter(key=key, scope=Synonym.Scope.EXACT).values("term"))


def names_meant(texts: Sequence[str], *kinds: str) -> list[int]:
    """Keys of names that mean one of the terms or a descendant, or that hold the words as whole words.

    They are looked up first, in two queries for all texts, so that no planner can take it for something to do again for
    each claim.
    """
    meant = reduce(or_, map(terms_meant, texts), Q(pk__in=[]))
    terms = list(Term.objects.filter(meant).order_by().values_list("pk", flat=True))
    known = Name.objects.filter(kind__in=kinds).order_by()
    found = known.filter(terms__lineage__ancestor__in=terms).values_list("pk", flat=True)
    words = [Q(padded__contains=f" {naming.key(text)} ") for text in texts if not is_curie(text)]
    if words:
        padded = known.alias(padded=Concat(Value(" "), "key", Value(" ")))
        found = found.union(padded.filter(reduce(or_, words)).values_list("pk", flat=True)).order_by()
    return sorted(set(found))


def cargo_is(text: str) -> Q:
    """The cargo with that accession, cross-reference, name or synonym."""
    if ACCESSION.fullmatch(text):
        return Q(accession=text)
    if is_curie(text):
        return xref_is([text])
    return Q(key=cargo_key(text)) | Q(pk__in=CargoSynonym.objects.filter(text__iexact=text).values("cargo"))


def xref_is(curies: list[str]) -> Q:
    return Q(pk__in=CargoXref.objects.filter(curie__in=curies).values("cargo"))

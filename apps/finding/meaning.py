"""What a name, a CURIE or an accession means: the terms, names and cargos behind it."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet, Value
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


def names_meant(text: str, *kinds: str) -> QuerySet[Name, Any]:
    """Names that mean the term or one of its descendants, or that hold the words as whole words."""
    under = Q(terms__lineage__ancestor__in=Term.objects.filter(terms_meant(text)).values("pk"))
    if not is_curie(text):
        under |= Q(padded__contains=f" {naming.key(text)} ")
    padded = Concat(Value(" "), "key", Value(" "))
    return Name.objects.filter(kind__in=kinds).alias(padded=padded).filter(under).order_by().values("pk")


def cargo_is(text: str) -> Q:
    """The cargo with that accession, cross-reference, name or synonym."""
    if ACCESSION.fullmatch(text):
        return Q(accession=text)
    if is_curie(text):
        return xref_is([text])
    return Q(key=cargo_key(text)) | Q(pk__in=CargoSynonym.objects.filter(text__iexact=text).values("cargo"))


def xref_is(curies: list[str]) -> Q:
    return Q(pk__in=CargoXref.objects.filter(curie__in=curies).values("cargo"))

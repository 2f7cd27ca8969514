"""What a search is narrowed to, value by value, each with its name and the search without it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any as AnyModel

from django.db.models import Q, QuerySet

from apps.finding.asking import Search
from apps.finding.fields import FIELDS, Field, Kind, identifier
from apps.records.models import ACCESSION
from apps.studies.models import Study
from apps.terms.models import Term
from apps.terms.table import is_curie
from apps.vesicles.models import Cargo, Preparation, VesicleSource


@dataclass(frozen=True)
class Chip:
    """One value that a search is narrowed to."""

    field: Field
    value: str
    label: str
    without: Search
    # The page of the record that it names, and whether there is one.
    address: str = ""
    known: bool = True


Known = dict[tuple[str, str], tuple[str, str]]


def chips(search: Search) -> list[Chip]:
    """A chip for each value, in at most one query for each kind of record."""
    known = _known(search)
    found = []
    for name, values in search.narrowed.items():
        field = FIELDS[name]
        for value in values:
            kind = _record_kind(field, value)
            label, address = known.get((kind, value), ("", ""))
            chip = Chip(
                field,
                value,
                label or field.label(value),
                search.turned(name, value),
                address,
                bool(address or not kind),
            )
            found.append(chip)
    return found


def _record_kind(field: Field, value: str) -> str:
    """Which kind of record the value names by its identifier; none for words and fixed values."""
    if field.kind is Kind.STUDY:
        return "study"
    if field.kind is Kind.RECORD:
        return field.name
    if field.kind is Kind.CARGO and ACCESSION.fullmatch(value):
        return "cargo"
    return "term" if field.kind in {Kind.NAME, Kind.TERM} and is_curie(value) else ""


def _known(search: Search) -> Known:
    """Label and address of each record named, by (kind, value)."""
    wanted: dict[str, list[str]] = defaultdict(list)
    for name, values in search.narrowed.items():
        for value in values:
            if kind := _record_kind(FIELDS[name], value):
                wanted[kind].append(value)
    found: Known = {}
    public: dict[str, QuerySet[AnyModel]] = {
        "cargo": Cargo.objects.public(),
        "source": VesicleSource.objects.public(),
        "preparation": Preparation.objects.public().select_related("source"),
    }
    for kind, records in public.items():
        for record in records.filter(accession__in=wanted[kind]) if wanted[kind] else ():
            found[kind, record.accession] = (str(record), record.get_absolute_url())
    return found | _terms(wanted["term"]) | _studies(wanted["study"])


def _terms(curies: list[str]) -> Known:
    if not curies:
        return {}
    terms = Term.objects.filter(Q(curie__in=curies) | Q(alternative_ids__curie__in=curies)).distinct()
    found: Known = {}
    for term in terms.prefetch_related("alternative_ids"):
        for curie in (term.curie, *(each.curie for each in term.alternative_ids.all())):
            found["term", curie] = (term.label, term.get_absolute_url())
    return found


def _studies(values: list[str]) -> Known:
    if not values:
        return {}
    asked = Q(pk__in=[])
    for value in values:
        which, plain = identifier(value) or ("pk__in", [])
        asked |= Q(**{which: plain})
    found: Known = {}
    for study in Study.objects.public().filter(asked):
        for value in (study.accession, *study.identifiers.values()):
            found["study", value] = (str(study), study.get_absolute_url())
    return found

"""Facets as a page shows them: each value with its name, its count, and the search that a click leads to."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from apps.finding.asking import Search
from apps.finding.counting import Counts
from apps.finding.fields import FACETS, OPEN, Field, Kind
from apps.terms.models import Term, TermAncestor
from apps.vesicles.models import Cargo

SHOWN = 10
# With "more": still a list that a person reads.
MOST = 200


@dataclass(frozen=True)
class Choice:
    """One value of a facet, how many claims it would leave, and the search that sets or clears it."""

    value: str
    label: str
    count: int
    chosen: bool
    turned: Search
    # How far below another value of the list it stands.
    depth: int = 0


@dataclass(frozen=True)
class Facet:
    """A field with its values; `more` says how many are not listed."""

    field: Field
    choices: list[Choice]
    more: int = 0
    opened: bool = False


def facets(search: Search, counts: Counts, opened: str = "") -> list[Facet]:
    """The facets in their order; the one that is opened lists more of its values."""
    chosen = {field.name: _chosen(field, search) for field in FACETS}
    listed = {field.name: _listed(field, counts.get(field.name, {}), chosen[field.name], opened) for field in FACETS}
    terms = _terms(listed)
    labels = _cargos(listed) | {curie: label for curie, (_, label) in terms.items()}
    lineage = _lineage(listed["disease"], {key: curie for curie, (key, _) in terms.items()})
    found = []
    for field in FACETS:
        values = listed[field.name]
        depths = _as_tree(values, lineage) if field.name == "disease" else dict.fromkeys(values, 0)
        choices = [
            Choice(
                value,
                labels.get(value, field.label(value)),
                counts.get(field.name, {}).get(value, 0),
                value in search.having(field.name),
                search.turned(field.name, value),
                depth,
            )
            for value, depth in depths.items()
        ]
        more = len(counts.get(field.name, {}).keys() - values)
        found.append(Facet(field, choices, more, opened == field.name))
    return [facet for facet in found if facet.choices]


def _chosen(field: Field, search: Search) -> list[str]:
    """The values chosen that stand in the list; years from .. to and names in words stand above the results only."""
    values = search.having(field.name)
    if field.kind is Kind.NAME:
        return [value for value in values if ":" in value]
    if field.kind is Kind.CARGO:
        return [value for value in values if value.startswith("EXCG")]
    return [value for value in values if ".." not in value]


def _listed(field: Field, counts: Mapping[str, int], chosen: list[str], opened: str) -> list[str]:
    """The values to list: those of a fixed list in its order; of others the most frequent, and those chosen."""
    if field.name not in OPEN:
        return [value for value, _ in field.choices if counts.get(value) or value in chosen]
    most = MOST if opened == field.name else SHOWN
    top = heapq.nsmallest(most, counts, key=lambda value: (-counts[value], value))
    values = [*top, *(value for value in chosen if value not in top)]
    return sorted(values, reverse=True) if field.kind is Kind.YEAR else values


def _cargos(listed: Mapping[str, list[str]]) -> dict[str, str]:
    """The names of cargos, by accession."""
    return dict(Cargo.objects.filter(accession__in=listed["cargo"]).values_list("accession", "name"))


def _terms(listed: Mapping[str, list[str]]) -> dict[str, tuple[int, str]]:
    """The keys and labels of terms, by CURIE."""
    curies = [value for name in ("disease", "therapy", "target", "species") for value in listed[name]]
    found = Term.objects.filter(curie__in=curies).values_list("curie", "pk", "label")
    return {curie: (key, label) for curie, key, label in found}


def _lineage(curies: Iterable[str], known: Mapping[int, str]) -> dict[str, set[str]]:
    """What stands above each of the terms, among them.

    Asked for by keys: where the planner knows nothing of the terms yet, as just after their load, it would else begin
    with all pairs that there are.
    """
    above: dict[str, set[str]] = {curie: set() for curie in curies}
    keys = [key for key, curie in known.items() if curie in above]
    pairs = TermAncestor.objects.filter(term__in=keys, ancestor__in=keys, distance__gt=0)
    for below, ancestor in pairs.values_list("term", "ancestor"):
        above[known[below]].add(known[ancestor])
    return above


def _as_tree(values: list[str], above: Mapping[str, set[str]]) -> dict[str, int]:
    """The values with those below another right behind it, each with its depth."""
    depths: dict[str, int] = {}

    def place(value: str, depth: int) -> None:
        if value in depths:
            return
        depths[value] = depth
        for each in values:
            if value in above[each] and not any(value in above[nearer] for nearer in above[each]):
                place(each, depth + 1)

    for value in values:
        if not above[value]:
            place(value, 0)
    for value in values:
        place(value, 0)
    return depths

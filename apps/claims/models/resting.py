"""Which claims rest on a record, and so must be looked at again when it changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from django.db.models import Model

from apps.studies.models import Study
from apps.terms.models import Name, Term
from apps.vesicles.models import Cargo, Preparation, VesicleSource

# Every way from a claim to a name that it or its source writes.
NAMES = (
    *("disease", "recipient", "therapies", "targets"),
    *(f"preparation__source__{column}" for column in ("species", "cell_line", "cell_type", "tissue", "disease")),
)
# A panel goes by its members' names too.
CARGOS = ("cargo", "cargo__members")
WAYS: dict[type[Model], tuple[str, ...]] = {
    Study: ("preparation__study",),
    Preparation: ("preparation",),
    VesicleSource: ("preparation__source",),
    Cargo: CARGOS,
    Name: NAMES,
    # A claim is found by all that is above its terms.
    Term: tuple(f"{way}__terms__ancestors" for way in NAMES),
}


def ways_to(records: Iterable[Model]) -> Iterator[dict[str, Sequence[int | str]]]:
    """The filters of claims, any of which finds claims that rest on one of the records."""
    keys: dict[type[Model], list[int]] = defaultdict(list)
    curies: list[str] = []
    for record in records:
        kind = next((kind for kind in WAYS if isinstance(record, kind)), None)
        if kind is None:
            raise TypeError(f"No claim rests on a {type(record).__name__}.")
        keys[kind].append(record.pk)
        curies += [record.curie] if isinstance(record, Term) else []
    for kind, found in keys.items():
        for way in WAYS[kind]:
            yield {f"{way}__in": found}
    if curies:
        for way in CARGOS:
            yield {f"{way}__xrefs__curie__in": curies}

"""Merging vesicle sources: nothing that one of them says may be lost or contradict the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from apps.claims.models import Claim, ClaimQuerySet
from apps.curation.merging.sorts import Sort, called
from apps.curation.merging.trace import Trace
from apps.records.models import Kind
from apps.terms.models import Name
from apps.vesicles.models import VesicleSource

NAMES = ("species", "cell_line", "cell_type", "tissue", "disease")
FACTS = ("category", "material")


class SourceSort(Sort):
    kind = Kind.SOURCE
    model = VesicleSource
    compared = ("name", *FACTS, *NAMES)

    def claims(self, record: VesicleSource) -> ClaimQuerySet:
        return Claim.objects.filter(preparation__source=record.pk)

    def conflicts(self, gone: VesicleSource, into: VesicleSource) -> Iterator[str]:
        for column in FACTS:
            if getattr(gone, column) != getattr(into, column):
                yield _apart(column, gone, into, getattr(gone, f"get_{column}_display")())
        for column in NAMES:
            ours, theirs = getattr(gone, column), getattr(into, column)
            if ours and theirs is None:
                yield (
                    f"{gone.accession} says {called(VesicleSource, column)}: {ours}; {into.accession} says none, and "
                    f"it would be lost. Add it to {into.accession} first, or merge the other way round."
                )
            elif ours and not _the_same(ours, theirs):
                yield _apart(column, gone, into, str(ours))

    def hindrances(self, trace: Trace, into: VesicleSource) -> Iterator[str]:
        yield from super().hindrances(trace, into)
        words: dict[str, Any] = {column: trace.record[column] for column in ("name", *FACTS)}
        words |= {f"{column}_id": trace.record[f"{column}_id"] for column in NAMES}
        empty = {f"{column}__isnull": True for column, value in words.items() if value is None}
        given = {column: value for column, value in words.items() if value is not None}
        again = VesicleSource.objects.filter(**given, **empty).first()
        if again:
            yield f"There is a source in the same words again, {again.accession}: merge it into {into.accession} first."


def _the_same(ours: Name, theirs: Name) -> bool:
    """Whether two names mean the same: the name itself, or the same terms."""
    if ours.pk == theirs.pk:
        return True
    exact = ours.relation == theirs.relation == Name.Relation.EXACT
    return exact and {term.pk for term in ours.terms.all()} == {term.pk for term in theirs.terms.all()}


def _apart(column: str, gone: VesicleSource, into: VesicleSource, ours: str) -> str:
    shown = getattr(into, f"get_{column}_display", None)
    theirs = shown() if shown else getattr(into, column)
    return (
        f"{gone.accession} says {called(VesicleSource, column)}: {ours}, {into.accession} says {theirs}: two sources. "
        "If one is wrong, correct it first; if both names mean the same, ground them to the same term."
    )

"""What every kind of merge shares: what must agree, what is taken over, and whose words change."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, ClassVar, cast

from django.db.models import Field, Model

from apps.claims.models import ClaimQuerySet
from apps.curation.merging.plans import Difference, Gain, Plan, moves
from apps.curation.merging.references import REFERENCES
from apps.curation.merging.trace import Trace, rows, values_of
from apps.curation.models import Merge
from apps.records.models import Kind


class Sort(ABC):
    """How records of one kind are merged."""

    kind: ClassVar[Kind]
    model: ClassVar[type[Model]]
    compared: ClassVar[tuple[str, ...]] = ()
    # What a record that comes back says until its rows are there again.
    begins_as: ClassVar[dict[str, Any]] = {}

    @abstractmethod
    def conflicts(self, gone: Any, into: Any) -> Iterator[str]:
        """Why the two are not one and the same, or not yet: each a sentence with the way out."""

    @abstractmethod
    def claims(self, record: Any) -> ClaimQuerySet:
        """The claims that rest on the record."""

    def taken_over(self, gone: Any, into: Any) -> dict[str, Any]:  # noqa: ARG002
        """Columns that the record that stays takes over."""
        return {}

    def gains(self, gone: Any, into: Any) -> list[Gain]:
        taken = self.taken_over(gone, into).items()
        return [Gain(called(self.model, column), value) for column, value in taken if value]

    def new_keys(self, gone: Any, into: Any) -> dict[type[Model], dict[Any, str]]:  # noqa: ARG002
        """New keys of rows of the record that goes whose keys the other has, by model and number."""
        return {}

    def add(self, trace: Trace, gone: Any, into: Any) -> None:  # noqa: B027 - most kinds add nothing
        """Write what the record that stays has more than before."""

    def settle(self, record: Any) -> None:  # noqa: B027 - nothing follows from most kinds
        """Bring up to date what follows from the record, after rows came to it."""

    def hindrances(self, trace: Trace, into: Any) -> Iterator[str]:
        """What has happened since and stands in the way of undoing it."""
        for change in trace.changed:
            if getattr(into, change["column"]) != change["new"]:
                name = called(self.model, change["column"])
                yield f"The {name} of {into.accession} was changed since: set it to “{change['new']}” first."

    def follow(self, merge: Merge, trace: Trace, gone: Any, into: Any) -> None:  # noqa: B027 - likewise
        """Bring back what belongs to what came back, though it was written since."""

    # --- the same for all ---

    def plan(self, gone: Any, into: Any) -> Plan:
        claims = self.claims(gone)
        return Plan(
            kind=self.kind,
            gone=gone,
            into=into,
            claims=claims.count(),
            public_claims=claims.accepted().count(),
            moves=moves(self.kind, gone, into),
            gains=self.gains(gone, into),
            differences=self.differences(gone, into),
            keys=self.shown_keys(gone, into),
            conflicts=list(self.conflicts(gone, into)),
        )

    def differences(self, gone: Any, into: Any) -> list[Difference]:
        told = ((called(self.model, column), said(gone, column), said(into, column)) for column in self.compared)
        return [Difference(*each) for each in told if each[1] != each[2]]

    def shown_keys(self, gone: Any, into: Any) -> list[tuple[str, str]]:
        return [
            (row.key, new[row.pk])
            for model, new in self.new_keys(gone, into).items()
            for row in rows(model).filter(pk__in=list(new)).order_by("pk")
        ]

    def carry_out(self, gone: Any, into: Any) -> Trace:
        """Move everything, and let the record go; the register says already where it leads."""
        trace = Trace(record=values_of(gone))
        taken = self.taken_over(gone, into)
        for model, keys in self.new_keys(gone, into).items():
            trace.key(model, keys)
        for reference in REFERENCES[self.kind]:
            trace.move(reference, gone, into)
        rows(self.model).filter(pk=gone.pk).delete()
        trace.change(into, taken)
        self.add(trace, gone, into)
        self.settle(into)
        return trace


def called(model: type[Model], column: str) -> str:
    return str(cast("Field[Any, Any]", model._meta.get_field(column)).verbose_name)  # noqa: SLF001 - documented


def said(record: Any, column: str) -> str:
    """What a record says in a column, in words."""
    shown = getattr(record, f"get_{column}_display", None)
    value = shown() if shown else getattr(record, column)
    return ", ".join(value) if isinstance(value, list) else str(value if value is not None else "")

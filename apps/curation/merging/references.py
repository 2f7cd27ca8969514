"""What points at a record that may be merged, and so goes along: every foreign key, each with its own uniqueness."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.db.models import Exists, Model, OuterRef, QuerySet

from apps.citations.models import Alert, Check
from apps.claims.models import Claim
from apps.records.models import Kind
from apps.studies.models import CitationCount, Notice
from apps.vesicles.models import CargoMember, CargoSynonym, CargoXref, Preparation


class Reference(NamedTuple):
    """Rows that point at a record by a column; `once`: the other columns of which the record has each value once."""

    model: type[Model]
    column: str
    called: str
    once: tuple[str, ...] = ()
    shows: tuple[str, ...] = ()  # what their names are made of

    def of(self, record: Model) -> QuerySet[Any]:
        return self.model._default_manager.filter(**{self.column: record.pk})  # noqa: SLF001 - documented

    def doubled(self, gone: Model, into: Model) -> QuerySet[Any]:
        """Rows of the one that goes which the one that stays has too: they can't be moved, and go."""
        if not self.once:
            return self.of(gone).none()
        return self.of(gone).filter(Exists(self.of(into).filter(**{name: OuterRef(name) for name in self.once})))


REFERENCES: dict[str, tuple[Reference, ...]] = {
    Kind.CARGO: (
        Reference(Claim, "cargo_id", "claims"),
        Reference(CargoSynonym, "cargo_id", "synonyms", once=("text",)),
        Reference(CargoXref, "cargo_id", "cross-references", once=("curie",)),
        Reference(CargoMember, "panel_id", "members", once=("member_id",), shows=("panel", "member")),
        Reference(CargoMember, "member_id", "panels", once=("panel_id",), shows=("panel", "member")),
    ),
    Kind.SOURCE: (Reference(Preparation, "source_id", "preparations", shows=("source",)),),
    Kind.STUDY: (
        Reference(Preparation, "study_id", "preparations", shows=("source",)),
        Reference(Notice, "study_id", "notices", once=("service", "nature", "identifier")),
        Reference(CitationCount, "study_id", "citation counts", once=("service", "day")),
        Reference(Check, "study_id", "times when services were asked", once=("feed_id",)),
    ),
}
# Rows that can't stay when the row that they point at goes as a double.
HANGS_ON: dict[type[Model], tuple[type[Model], str]] = {Notice: (Alert, "notice_id")}

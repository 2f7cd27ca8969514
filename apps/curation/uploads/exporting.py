"""Claims as rows of the same columns: downloaded and uploaded unchanged, they change nothing."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db.models import Count, Max, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Coalesce
from openpyxl import Workbook

from apps.claims.models import Claim, Measure, Shown, State
from apps.curation.uploads.cells import NONE, guarded, joined
from apps.curation.uploads.columns import MEASURE, MOST_MEASURES, STUDY, headings
from apps.curation.uploads.tables import SHEET
from apps.documents.storing import NATURE, SERVICE
from apps.studies.models import Notice
from apps.vesicles.models import EV_METRIC, Reported

OPEN = (State.DRAFT, State.SUBMITTED, State.ACCEPTED)
LISTS = ("isolation", "methods", "markers_positive", "markers_negative")
CHUNK = 500
# A workbook is written whole before the first byte of it is sent; more rows are a CSV's business.
MOST_IN_WORKBOOK = 5_000
# Excel's own limit.
LONGEST_CELL = 32_767


class TooMany(Exception):
    """Claims that a download can't hold, in a sentence."""


class Download:
    """The claims of a list as a spreadsheet: of each claim the latest of its open versions that the list has."""

    def __init__(self, claims: QuerySet[Claim]) -> None:
        chosen = Claim.objects.filter(pk__in=claims.order_by().values("pk"), state__in=OPEN)
        latest = chosen.order_by("accession", "-version").distinct("accession")
        self.claims = Claim.objects.filter(pk__in=latest.values("pk"))
        measures = Measure.objects.filter(claim=OuterRef("pk")).order_by().values("claim").annotate(n=Count("pk"))
        counted = self.claims.annotate(n=Coalesce(Subquery(measures.values("n")), 0))
        self.measures = counted.aggregate(most=Max("n"))["most"] or 1
        if self.measures > MOST_MEASURES:
            full = counted.order_by("-n")[0]
            raise TooMany(f"{full} has {self.measures} measures; a spreadsheet has columns for {MOST_MEASURES}.")
        self.headings = headings(self.measures)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Each claim as cells by the name of the column; those of a study together."""
        claims = self.claims.select_related(
            *("preparation__study", "preparation__source", "cargo", "disease", "recipient"),
            *(f"preparation__source__{name}" for name in ("species", "cell_line", "cell_type", "tissue", "disease")),
        ).prefetch_related(
            *("measures", "therapy_links__name", "target_links__name"),
            Prefetch(
                "preparation__study__notices", Notice.objects.filter(service=SERVICE).order_by("pk"), to_attr="read_of"
            ),
        )
        ordered = claims.defer("search").order_by("preparation__study__accession", "key", "pk")
        for claim in ordered.iterator(chunk_size=CHUNK):
            yield row_of(claim)

    def lines(self) -> Iterator[list[Any]]:
        """The headings, then the rows, as they are written."""
        yield [heading.name for heading in self.headings]
        for row in self.rows():
            yield [_cell(row.get(heading.name)) for heading in self.headings]

    def as_csv(self) -> Iterator[str]:
        """CSV with a mark at its beginning, by which Excel knows UTF-8; line by line."""
        writer = csv.writer(Echo())
        yield "\ufeff"
        for line in self.lines():
            yield writer.writerow(line)

    def write_workbook(self, path: Path) -> None:
        """Write an XLSX. Raises TooMany where a CSV is the better way."""
        if self.claims.count() > MOST_IN_WORKBOOK:
            raise TooMany(f"More than {MOST_IN_WORKBOOK:,} claims: take the CSV, or narrow the list.")
        lines = list(self.lines())
        for line in lines:
            self._must_fit(line)
        book = Workbook(write_only=True)
        sheet = book.create_sheet(SHEET)
        for line in lines:
            sheet.append(line)
        book.save(path)

    def _must_fit(self, line: list[Any]) -> None:
        """Refuse what the workbook would cut without a word: uploaded again, the rest would be lost."""
        for heading, cell in zip(self.headings, line, strict=True):
            if isinstance(cell, str) and len(cell) > LONGEST_CELL:
                raise TooMany(
                    f"A {heading.name} has {len(cell):,} characters, and a cell of a workbook holds "
                    f"{LONGEST_CELL:,}: take the CSV. It begins “{cell[:40]}”."
                )


class Echo:
    """A file that hands back what is written."""

    def write(self, line: str) -> str:
        return line


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return guarded(value)
    return guarded(joined(value)) if isinstance(value, list) else value


def row_of(claim: Claim) -> dict[str, Any]:
    """A claim as cells; what is not curated is left empty."""
    row = {**_study(claim.preparation.study), **_preparation(claim.preparation), **_claim(claim)}
    for group, measure in enumerate(claim.measures.all(), start=1):
        row |= {f"measure_{group}_{name}": value for name, value in _measure(measure).items()}
    return {name: value for name, value in row.items() if value not in (None, "", [])}


def _study(study: Any) -> dict[str, Any]:
    """A status is told only where a curator read of it; what services report stays theirs."""
    read_of = {notice.nature: notice for notice in reversed(study.read_of)}
    status = next((status for status, nature in NATURE.items() if nature in read_of), None)
    own = {
        column.name: getattr(study, str(column.path[-1]))
        for column in STUDY
        if column.path[0] == "study" and column.name not in ("status", "notice")
    }
    return {
        **own,
        "status": str(status.value) if status else "",
        "notice": read_of[NATURE[status]].identifier if status else "",
        "read_at": study.pages_read,
        "depth": study.depth,
        "curated_on": study.curated_on.isoformat(),
    }


def _preparation(made: Any) -> dict[str, Any]:
    source = made.source
    return {
        "preparation": made.key,
        "source_name": source.name,
        "source_category": source.category,
        "source_material": source.material,
        **{name: _text(getattr(source, name)) for name in ("species", "cell_line", "cell_type", "tissue")},
        "source_disease": _text(source.disease),
        "vesicle_term": made.term,
        "vesicle_class": made.vesicle_class,
        "engineered": "yes" if made.engineered else "no",
        **{name: getattr(made, name) for name in ("loading", "surface")},
        **{name: NONE if (value := getattr(made, name)) == [] else value for name in LISTS},
        **{item: value for item in EV_METRIC if (value := getattr(made, item)) != Reported.NOT_CURATED},
    }


def _claim(claim: Claim) -> dict[str, Any]:
    same = ("aspect", "effect", "outcome", "edge", "statement", "locator")
    shown = ("validation", "cargo_observed", "transfer_shown", "vesicle_free_control", "lost_on_removal")
    cargo = claim.cargo
    return {
        "claim": claim.key,
        **{name: getattr(claim, name) for name in same},
        "cargo_kind": cargo.kind if cargo else "",
        "cargo_name": cargo.name if cargo else "",
        "disease": claim.disease.text,
        "disease_id": claim.disease.given_curie,
        "recipient": _text(claim.recipient),
        "therapy": [name.text for name in claim.therapy_names],
        "targets": [name.text for name in claim.target_names],
        "model": claim.models_used,
        **{name: value for name in shown if (value := getattr(claim, name)) != Shown.NOT_CURATED},
        "level": claim.level_override,
        "level_reason": claim.level_override_reason,
    }


def _measure(measure: Measure) -> dict[str, Any]:
    exact = measure.p_relation == "="
    p = measure.p if exact or measure.p is None else f"{measure.p_relation}{measure.p!r}"
    return {**{column.name: getattr(measure, column.name) for column in MEASURE}, "p": p}


def _text(name: Any) -> str:
    return name.text if name else ""

"""From a place in a document back to the row and the column that it was made of."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apps.curation.uploads.columns import CLAIM, OF_MEASURE, PREPARATION, STUDY, Heading
from apps.curation.uploads.grouping import StudyRows, document_of, measures_of
from apps.documents.reading import Fault, Reading
from apps.documents.schema import Document, Where

_OF_STUDY = {column.path: column.name for column in STUDY}
_OF_PREPARATION = {column.path: column.name for column in PREPARATION}
_OF_CLAIM = {column.path: column.name for column in CLAIM}


@dataclass(frozen=True)
class RowReading(Reading):
    """A document made of rows: its faults name row and column."""

    rows: StudyRows | None = None

    def fault(self, where: Where, message: str) -> Fault:
        assert self.rows is not None  # noqa: S101 - made below, with them
        row, column = place(self.rows, where)
        return Fault(self.path, row, column, message)


def reading_of(rows: StudyRows, path: Path) -> RowReading:
    """The rows as a document. Raises ValidationError for what is no document."""
    return RowReading(path, Document.model_validate(document_of(rows)), rows=rows)


def place(rows: StudyRows, where: Where) -> tuple[int, str]:
    """The row and the name of the column that a path in the document came from."""
    match where:
        case ("preparations", int(at), *rest):
            preparation = list(rows.preparations.values())[at]
            column = _column(_OF_PREPARATION, rest, "preparation")
            given = preparation.cells.get(column)
            return (given.row if given else preparation.row), column
        case ("claims", int(at), "measures", int(measure), *rest):
            claim = rows.claims[at]
            group = measures_of(claim)[measure][0]
            name = rest[0] if rest and rest[0] in OF_MEASURE else "value"
            return claim.row, Heading(OF_MEASURE[str(name)], group).name
        case ("claims", int(at), "preparation"):
            return rows.claims[at].row, "preparation"
        case ("claims", int(at), *rest):
            return rows.claims[at].row, _column(_OF_CLAIM, rest, "claim")
        case _:
            column = _column(_OF_STUDY, list(where), "pmid")
            given = rows.cells.get(column)
            return (given.row if given else rows.row), column


def _column(columns: dict[Where, str], rest: list[Any], otherwise: str) -> str:
    """The column whose path begins the same; of a part as a whole, its first column."""
    path = tuple(step for step in rest if not isinstance(step, int))
    while path:
        if path in columns:
            return columns[path]
        if first := next((name for known, name in columns.items() if known[: len(path)] == path), None):
            return first
        path = path[:-1]
    return otherwise


def value_at(rows: StudyRows, row: int, column: str) -> Any:
    """What stands at a place, for a message; empty where nothing does."""
    for claim in rows.claims:
        if claim.row == row and column in claim.cells:
            return claim.cells[column]
    for cells in (rows.cells, *(preparation.cells for preparation in rows.preparations.values())):
        if (given := cells.get(column)) and given.row == row:
            return given.value
    return ""

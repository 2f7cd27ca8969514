"""Rows into documents: those of one study together, its details taken from whichever row gives them."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.conf import settings

from apps.curation.uploads.cells import BadCell, Formula, NotTaken, is_empty, taken
from apps.curation.uploads.columns import FIXED, IDENTIFIERS, Column, Heading, Part, heading
from apps.curation.uploads.problems import Problems, Unreadable
from apps.curation.uploads.tables import MOST_COLUMNS, Row

EXAMPLE = "example"


class Given(NamedTuple):
    """A value, and the row that gives it."""

    value: Any
    row: int


Cells = dict[str, Given]


@dataclass(slots=True)
class PreparationRows:
    key: str
    row: int
    cells: Cells = field(default_factory=dict)


@dataclass(slots=True)
class ClaimRow:
    row: int
    preparation: str
    cells: dict[str, Any]


@dataclass(slots=True)
class StudyRows:
    """All rows of one study."""

    row: int
    cells: Cells = field(default_factory=dict)
    preparations: dict[str, PreparationRows] = field(default_factory=dict)
    claims: list[ClaimRow] = field(default_factory=list)


@dataclass
class Table:
    """A spreadsheet as it is read: the studies in it, and what is wrong with it."""

    problems: Problems = field(default_factory=Problems)
    studies: list[StudyRows] = field(default_factory=list)
    rows: int = 0
    _by_identifier: dict[tuple[str, str], StudyRows] = field(default_factory=dict)

    def read(self, rows: Iterator[Row], progress: Callable[[int], None]) -> Table:
        """Take in all rows. Raises Unreadable where there are no headings, or too many rows."""
        first = next(rows, None)
        if first is None:
            raise Unreadable("the sheet is empty: its first row holds the names of the columns")
        columns = self.headings(first)
        if self.problems:
            return self
        for row in rows:
            self.rows += 1
            if self.rows > settings.UPLOAD_ROWS:
                raise Unreadable(f"has more than {settings.UPLOAD_ROWS:,} rows: upload it in parts", row.number)
            self.take(row, columns)
            progress(self.rows)
        if not self.rows:
            raise Unreadable("there is no row below the headings")
        return self

    def headings(self, row: Row) -> list[Heading | None]:
        """The columns of the file, in its order; unknown, doubled and missing ones are noted."""
        if len(row.cells) > MOST_COLUMNS:
            raise Unreadable(f"has more than {MOST_COLUMNS} columns", row.number)
        names = [_as_name(cell) for cell in row.cells]
        found = [heading(name) if name else None for name in names]
        for at, (name, column) in enumerate(zip(names, found, strict=True)):
            if name and column is None:
                self.problems.add(row.number, name, row.cells[at], f"is no column{_nearest(name)}")
            elif name and name in names[:at]:
                self.problems.add(row.number, name, row.cells[at], "stands twice: take one of the two columns out")
        for missing in (column.name for column in FIXED.values() if column.needed and column.name not in names):
            self.problems.add(row.number, missing, "", "is missing: add a column with this heading")
        if not set(IDENTIFIERS) & set(names):
            self.problems.add(row.number, "pmid", "", "is missing, and doi, pmcid and nct too: one of them is needed")
        return found

    def take(self, row: Row, columns: list[Heading | None]) -> None:
        """Take one row in: its cells checked one by one, then laid to those of the same study."""
        given: dict[Part, dict[str, Any]] = {part: {} for part in Part}
        for at, cell in enumerate(row.cells):
            if is_empty(cell):
                continue
            column = columns[at] if at < len(columns) else None
            if column is None:
                self.problems.add(
                    row.number, f"column {at + 1}", _shown(cell), "has no heading: give the column its name"
                )
                continue
            try:
                value = taken(cell, column.column)
            except NotTaken as problem:
                self.problems.add(row.number, column.name, _shown(cell), str(problem))
            else:
                given[column.column.part][column.name] = value
        if _is_example(given[Part.CLAIM].get("claim")):
            self.problems.add(row.number, "claim", "example", "is the example of the template: take this row out")
        self.lay(row.number, given)

    def lay(self, row: int, given: dict[Part, dict[str, Any]]) -> None:
        study = self.study_of(row, given[Part.STUDY])
        if study is None:
            return
        self.agree(study.cells, given[Part.STUDY], row, "study")
        key = str(given[Part.PREPARATION].get("preparation", ""))
        preparation = study.preparations.setdefault(key, PreparationRows(key, row))
        self.agree(preparation.cells, given[Part.PREPARATION], row, "preparation")
        study.claims.append(ClaimRow(row, key, {**given[Part.CLAIM], **given[Part.MEASURE]}))

    def study_of(self, row: int, given: dict[str, Any]) -> StudyRows | None:
        """The study that the row is about, by any of its identifiers; none where they lead to two."""
        names = [(name, str(given[name]).lower()) for name in IDENTIFIERS if name in given]
        found = {id(study): (name, study) for name in names if (study := self._by_identifier.get(name))}
        if len(found) > 1:
            said = " but ".join(f"its {name[0]} is that of row {study.row}" for name, study in found.values())
            self.problems.add(row, names[0][0], names[0][1], f"{said}: two studies, or one of them is mistyped")
            return None
        if not names:
            self.problems.add(row, "pmid", "", "is needed, or doi, pmcid or nct: which study is this row about?")
        study = next(iter(found.values()))[1] if found else StudyRows(row)
        if not found:
            self.studies.append(study)
        for name in names:
            self._by_identifier.setdefault(name, study)
        return study

    def agree(self, cells: Cells, given: dict[str, Any], row: int, what: str) -> None:
        """What several rows say of the same study or preparation must be the same; one of them may say it for all."""
        for name, value in given.items():
            before = cells.setdefault(name, Given(value, row))
            if before.value != value and not _same_identifier(name, before.value, value):
                self.problems.add(
                    row,
                    name,
                    value,
                    f"differs from row {before.row}, which is about the same {what}: make them the same, or leave it "
                    "empty here",
                )


def _same_identifier(name: str, one: Any, other: Any) -> bool:
    return name in IDENTIFIERS and str(one).lower() == str(other).lower()


def _is_example(claim: Any) -> bool:
    return isinstance(claim, str) and claim.lower() == EXAMPLE


def _as_name(cell: Any) -> str:
    return "" if is_empty(cell) else "_".join(str(cell).replace("\u00a0", " ").lower().split())


def _nearest(name: str) -> str:
    near = difflib.get_close_matches(name[:60], [*FIXED, "measure_1_name", "measure_1_value"], n=1)
    return f"; did you mean {near[0]}?" if near else ": the template has the columns that there are"


def _shown(cell: Any) -> str:
    return cell.text if isinstance(cell, Formula | BadCell) else str(cell)


# --- documents -------------------------------------------------------------------------------------------------------


def document_of(study: StudyRows) -> dict[str, Any]:
    """The rows of a study as a document has it."""
    data: dict[str, Any] = {"study": {"status": "published"}, "provenance": {}}
    if "nct" in study.cells:
        data["study"]["authors"] = []  # a register names none
    for name, given in study.cells.items():
        _put(data, FIXED[name], given.value)
    data["preparations"] = [_preparation(rows) for rows in study.preparations.values()]
    data["claims"] = [_claim(row) for row in study.claims]
    return data


def _preparation(rows: PreparationRows) -> dict[str, Any]:
    data: dict[str, Any] = {"source": {}, "vesicle": {}}
    for name, given in rows.cells.items():
        _put(data, FIXED[name], given.value)
    return data


def _claim(row: ClaimRow) -> dict[str, Any]:
    data: dict[str, Any] = {}
    if row.preparation:
        data["preparation"] = row.preparation
    for name, value in row.cells.items():
        if name in FIXED:
            _put(data, FIXED[name], value)
    measures = [measure for _, measure in measures_of(row)]
    return data | ({"measures": measures} if measures else {})


def measures_of(row: ClaimRow) -> list[tuple[int, dict[str, Any]]]:
    """The measures of a claim in the order of their numbers."""
    groups: dict[int, dict[str, Any]] = {}
    for name, value in row.cells.items():
        if (column := heading(name)) and column.group:
            groups.setdefault(column.group, {})[column.column.name] = value
    return sorted(groups.items())


def _put(data: dict[str, Any], column: Column, value: Any) -> None:
    *above, last = column.path
    for step in above:
        data = data.setdefault(str(step), {})
    data[str(last)] = value

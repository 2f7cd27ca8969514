"""The empty spreadsheet: its columns, what each means, lists to choose from, and an example that must go."""

from __future__ import annotations

import io
from functools import cache
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from apps.curation.uploads.columns import Heading, Holds, Part, headings
from apps.curation.uploads.grouping import EXAMPLE
from apps.curation.uploads.tables import SHEET

MEASURES = 3
ROWS = 5_000
WORDS = "words"
WIDE, NARROW = 40, 18
COLOURS = {Part.STUDY: "DCE9F0", Part.PREPARATION: "E6EFD9", Part.CLAIM: "F8E9CB", Part.MEASURE: "ECE4F1"}
LONG = {"title", "statement", "outcome", "authors", "read_at", "measure_1_note", "level_reason"}

# Visibly made up; whoever leaves it in is told.
EXAMPLE_ROW: dict[str, Any] = {
    "pmid": "900000000",
    "study_kind": "primary",
    "title": "EXAMPLE, take this row out: a made-up study",
    "journal": "Journal of Made-up Results",
    "year": 2020,
    "authors": "Doe J; Roe R",
    "read_at": "https://example.org/made-up",
    "depth": "abstract",
    "curated_on": "2026-11-23",
    "preparation": "p1",
    "source_name": "made-up stem cells",
    "source_category": "mesenchymal_stem_cell",
    "source_material": "primary_culture",
    "species": "Homo sapiens",
    "tissue": "bone marrow",
    "vesicle_term": "exosome",
    "engineered": "no",
    "isolation": "differential_ultracentrifugation; density_gradient",
    "markers_positive": "CD63; CD9",
    "claim": EXAMPLE,
    "cargo_kind": "miRNA",
    "cargo_name": "miR-99999",
    "aspect": "diagnosis",
    "effect": "marks",
    "outcome": "a made-up cancer",
    "edge": "benefit",
    "disease": "made-up cancer",
    "model": "patient_samples; in_vitro",
    "statement": "EXAMPLE: made-up vesicles told a made-up cancer from health.",
    "locator": "abstract",
    "measure_1_name": "AUC",
    "measure_1_value": 0.87,
    "measure_1_ci_low": 0.8,
    "measure_1_ci_high": 0.93,
    "measure_1_p": "<0.001",
    "measure_1_n_cases": 50,
    "measure_1_n_controls": 40,
}


@cache
def template() -> bytes:
    """The workbook, the same for all."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None  # noqa: S101 - a new workbook has one
    sheet.title = SHEET
    words = book.create_sheet(WORDS)
    columns = headings(MEASURES)
    for at, heading in enumerate(columns, start=1):
        _heading(sheet, at, heading)
        _format(sheet, at, heading)
    _lists(sheet, words, columns)
    sheet.append([EXAMPLE_ROW.get(heading.name) for heading in columns])
    for cell in sheet[2]:
        cell.font = Font(italic=True, color="8A3B12")
    sheet.freeze_panes = "A2"
    _help(book, columns)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _heading(sheet: Any, at: int, heading: Heading) -> None:
    cell = sheet.cell(row=1, column=at, value=heading.name)
    cell.font = Font(bold=heading.column.needed)
    cell.fill = PatternFill("solid", fgColor=COLOURS[heading.column.part])
    cell.alignment = Alignment(vertical="top")
    cell.comment = Comment(told(heading), "ExoDB", height=120, width=320)


def told(heading: Heading) -> str:
    """What a column holds, for its comment and for the sheet of help."""
    column = heading.column
    parts = [f"{column.means.rstrip('.')}.", f"Needed: {_where_needed(heading)}." if column.needed else ""]
    if column.holds is not Holds.TEXT:
        parts.append(f"Holds {column.holds.value}.")
    if column.words:
        parts.append(f"One of: {', '.join(column.words)}." if column.holds is Holds.TEXT else "")
        parts.append(f"Each one of: {', '.join(column.words)}." if column.holds is Holds.LIST else "")
    return " ".join(part for part in parts if part)


def _where_needed(heading: Heading) -> str:
    once = {Part.STUDY: "in one row of each study", Part.PREPARATION: "in one row of each preparation"}
    return "in every row" if heading.name == "preparation" else once.get(heading.column.part, "in every row")


def _format(sheet: Any, at: int, heading: Heading) -> None:
    """Text columns are text before anything is typed, so that no gene becomes a date."""
    dimension = sheet.column_dimensions[get_column_letter(at)]
    dimension.width = WIDE if heading.name in LONG else NARROW
    if heading.column.holds not in (Holds.NUMBER, Holds.COUNT):
        dimension.number_format = "@"


def _lists(sheet: Any, words: Any, columns: list[Heading]) -> None:
    """Lists to choose from stand on a sheet of their own: within a rule they may have 255 letters only."""
    lists = 0
    for at, heading in enumerate(columns, start=1):
        choices = ("yes", "no") if heading.column.holds is Holds.YES_NO else heading.column.words
        if not choices:
            continue
        lists += 1
        for row, word in enumerate((heading.name, *choices), start=1):
            words.cell(row=row, column=lists, value=word)
        letter = get_column_letter(lists)
        rule = DataValidation(
            type="list",
            formula1=f"'{WORDS}'!${letter}$2:${letter}${len(choices) + 1}",
            allow_blank=True,
            # Where several may stand in a cell, the list offers and does not forbid.
            showErrorMessage=heading.column.holds is not Holds.LIST,
            errorTitle=heading.name,
            error="Choose one of the list.",
        )
        rule.add(f"{get_column_letter(at)}2:{get_column_letter(at)}{ROWS}")
        sheet.add_data_validation(rule)


def _help(book: Workbook, columns: list[Heading]) -> None:
    sheet = book.create_sheet("help")
    sheet.append(["column", "about", "what stands there"])
    for heading in columns:
        sheet.append([heading.name, heading.column.part.value, told(heading)])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for letter, width in (("A", 28), ("B", 14), ("C", 110)):
        sheet.column_dimensions[letter].width = width
    for row in sheet.iter_rows(min_row=2, min_col=3, max_col=3):
        row[0].alignment = Alignment(wrap_text=True, vertical="top")

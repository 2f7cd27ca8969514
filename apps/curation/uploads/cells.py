"""What a cell says: a value as documents have it, or why it can't be taken and the way out.

Nothing is guessed: a number with a comma, a name that became a date and a formula are refused where they stand.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from apps.curation.uploads.columns import Column, Holds, Part

SEPARATOR = ";"
# In a list of a preparation: the study was read, and reports none. Empty says that nobody looked.
NONE = "none"
# A cell that begins so would run as a formula in a spreadsheet program.
FORMULA_SIGNS = "=+-@"
_GUARDED = re.compile(r"'+[=+\-@]")
_PIECES = re.compile(r"((?:\\[\\;]|[^;])*)(?:;|$)")
_ESCAPED = re.compile(r"\\([\\;])")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_PERCENT = re.compile(r"([+-]?\d+(?:[.,]\d+)?)\s*%")
_COMMA = re.compile(r"([<>=≤≥]*\s*[+-]?)(\d+),(\d+)")
_GROUPED = re.compile(r"[+-]?\d{1,3}([,' ]\d{3})+(\.\d+)?")
_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec"
# Days since 1900 of the years 1954 to 2064.
_SERIAL = re.compile(r"[2-5]\d{4}")
_DATE_LIKE = re.compile(
    rf"(?P<day>\d{{1,2}})-(?P<month>{_MONTHS})(-\d{{2,4}})?|(?P<month_first>{_MONTHS})-(?P<year>\d{{2,4}})"
    r"|\d{4}-\d{2}-\d{2}( 00:00:00)?|\d{1,2}/\d{1,2}/\d{2,4}",
    re.IGNORECASE,
)
_SCIENTIFIC = re.compile(r"\d(\.\d+)?E\+\d+")
_UNSEEN = frozenset(map(chr, (0x61C, 0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF)))
_YES, _NO = ("yes", "true"), ("no", "false")
# Genes that spreadsheets take for dates, by month: HGNC renamed them for this in 2020.
_GENES = {"mar": "MARCHF{}, once MARCH{}", "sep": "SEPTIN{}, once SEPT{}", "dec": "DELEC{}, once DEC{}"}


class Formula(NamedTuple):
    """A cell that computes what it shows."""

    text: str


class BadCell(NamedTuple):
    """A cell that shows an error of the spreadsheet program, such as #N/A."""

    text: str


class NotTaken(Exception):
    """A cell that can't be taken, with the reason and the way out."""


def is_empty(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def taken(cell: Any, column: Column) -> Any:
    """What the cell says, as a document would have it. Raises NotTaken."""
    if isinstance(cell, Formula):
        raise NotTaken("is a formula: paste its value instead")
    if isinstance(cell, BadCell):
        raise NotTaken("is an error of the spreadsheet: write what was meant, or leave it empty")
    if isinstance(cell, str):
        cell = _plain(cell)
    return READ[column.holds](cell, column)


def _plain(text: str) -> str:
    """The text without blanks around it, with plain blanks and line ends inside. Raises NotTaken for what is unseen."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u00a0", " ").replace("\u202f", " ").strip()
    for at, character in enumerate(text, start=1):
        hidden = unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") and character not in "\n\t"
        if hidden or character in _UNSEEN:
            name = unicodedata.name(character, "a control character")
            raise NotTaken(f"has U+{ord(character):04X} ({name}) as its character {at}, which nobody sees: take it out")
    return text


def _text(cell: Any, column: Column) -> str:
    """Text; a whole number is written out, for an identifier is often typed as one."""
    if isinstance(cell, bool):
        raise NotTaken("is TRUE or FALSE, not text: format the column as text and type it again")
    if isinstance(cell, date | datetime | time | timedelta):
        raise NotTaken(_date_for_text(cell, column))
    if isinstance(cell, float):
        if not cell.is_integer():
            raise NotTaken("is a number, not text: format the column as text and type it again")
        cell = int(cell)
    text = unguarded(str(cell))
    if column.molecules:
        _must_not_be_mangled(text)
    return text


def unguarded(text: str) -> str:
    """Text without the apostrophe that keeps a spreadsheet from computing it. Raises NotTaken where it is missing."""
    if text[:1] and text[0] in FORMULA_SIGNS:
        raise NotTaken(f"begins with {text[0]}, as a formula does: put an apostrophe before it if text is meant")
    return text[1:] if _GUARDED.match(text) else text


def guarded(text: str) -> str:
    """The same text, harmless in a spreadsheet; `unguarded` takes it back."""
    return f"'{text}" if (text[:1] and text[0] in FORMULA_SIGNS) or _GUARDED.match(text) else text


def _must_not_be_mangled(text: str) -> None:
    if found := _DATE_LIKE.fullmatch(text):
        month = (found["month"] or found["month_first"] or "").lower()[:3]
        number = found["day"] or (found["year"] or "").lstrip("0")[-2:]
        raise NotTaken(_mangled(month, number))
    if _SERIAL.fullmatch(text):
        raise NotTaken(
            "is a number such as spreadsheets make of a date, and so of a name such as 1-Mar: format the column as "
            "text and type the name again"
        )
    if _SCIENTIFIC.fullmatch(text):
        raise NotTaken("looks like a name that became a number: format the column as text and type the name again")


def _date_for_text(cell: Any, column: Column) -> str:
    if column.molecules and isinstance(cell, date):
        return _mangled(f"{cell:%b}".lower(), str(cell.day))
    return "is a date, not text: format the column as text and type it again"


def _mangled(month: str, number: str) -> str:
    gene = _GENES.get(month, "").format(number, number)
    hint = f" (was {gene}, meant?)" if gene else ""
    return f"looks like a gene that the spreadsheet made a date of{hint}: format the column as text and type it again"


def _list(cell: Any, column: Column) -> list[str]:
    r"""The entries of a list; a semicolon within one is written \;."""
    text = _text_of_list(cell, column)
    if column.part is Part.PREPARATION and text.lower() == NONE:
        return []
    return [_entry(piece, column) for piece in split(text)]


def _text_of_list(cell: Any, column: Column) -> str:
    return _text(cell, column._replace(molecules=False)) if isinstance(cell, str) else _text(cell, column)


def _entry(piece: str, column: Column) -> str:
    if column.molecules:
        _must_not_be_mangled(piece)
    return piece


def split(text: str) -> list[str]:
    """The entries in a cell; empty ones are none."""
    pieces = (_ESCAPED.sub(r"\1", found[1].strip()) for found in _PIECES.finditer(text))
    return [piece for piece in pieces if piece]


def joined(entries: list[str]) -> str:
    """The entries as one cell; `split` takes them apart."""
    return f"{SEPARATOR} ".join(entry.replace("\\", "\\\\").replace(SEPARATOR, f"\\{SEPARATOR}") for entry in entries)


def _number(cell: Any, column: Column) -> float | int:  # noqa: ARG001 - one signature for all
    if isinstance(cell, bool):
        raise NotTaken("is TRUE or FALSE, not a number")
    if isinstance(cell, int | float):
        return cell
    if not isinstance(cell, str):
        raise NotTaken("is a date, not a number: format the column as a number and type it again")
    return _number_of(_numeral(cell))


def _numeral(text: str) -> str:
    """The text of a number, with signs that mean the same; a guarded number counts."""
    text = text[1:] if _GUARDED.match(text) else text
    return text.replace("−", "-")


def _number_of(text: str) -> float | int:
    if not _NUMBER.fullmatch(text):
        raise NotTaken(_no_number(text))
    value = float(text)
    return int(text) if re.fullmatch(r"[+-]?\d{1,15}", text) else value


def _no_number(text: str) -> str:
    if found := _PERCENT.fullmatch(text):
        return f"is a percentage: write it as a share, {float(found[1].replace(',', '.')) / 100:.6g}"
    if _GROUPED.fullmatch(text):
        plain = re.sub(r"[,' ]", "", text)
        point = f", or {text.replace(',', '.')} if the comma is a decimal one" if text.count(",") == 1 else ""
        return f"has a separator of thousands: write {plain}{point}"
    if found := _COMMA.fullmatch(text):
        return f"has a decimal comma: write {found[1]}{found[2]}.{found[3]}"
    if _DATE_LIKE.fullmatch(text):
        return "is a date, not a number: format the column as a number and type it again"
    return "is not a number: write it with digits and a point, such as 0.87"


def _p(cell: Any, column: Column) -> Any:
    """A p value; its own form is checked as that of a document."""
    if not isinstance(cell, str):
        return _number(cell, column)
    text = _numeral(cell)
    if _COMMA.fullmatch(text) or _PERCENT.fullmatch(text) or _DATE_LIKE.fullmatch(text):
        raise NotTaken(_no_number(text))
    return text


def _count(cell: Any, column: Column) -> Any:
    """A whole number; what is not whole is refused as in a document."""
    value = _number(cell, column)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _yes_no(cell: Any, column: Column) -> bool:  # noqa: ARG001
    if isinstance(cell, bool):
        return cell
    word = str(cell).lower()
    if word not in (*_YES, *_NO):
        raise NotTaken("is not yes or no")
    return word in _YES


def _date(cell: Any, column: Column) -> Any:  # noqa: ARG001
    """A date; of a moment, the day."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if not isinstance(cell, str):
        raise NotTaken("is not a date: it looks like 2026-11-23")
    return cell


READ: dict[Holds, Callable[[Any, Column], Any]] = {
    Holds.TEXT: _text,
    Holds.LIST: _list,
    Holds.NUMBER: _number,
    Holds.COUNT: _count,
    Holds.P: _p,
    Holds.YES_NO: _yes_no,
    Holds.DATE: _date,
}

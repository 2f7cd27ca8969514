"""Spreadsheets as rows of cells, one after the other: XLSX, CSV and TSV. A file is never held whole."""

from __future__ import annotations

import codecs
import csv
import re
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from django.conf import settings
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from apps.curation.uploads.cells import BadCell, Formula
from apps.curation.uploads.problems import Unreadable

SHEET = "claims"
MOST_COLUMNS = 500
LONGEST_CELL = 200_000
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell [^>]*?ref="([A-Z]{1,3}[0-9]+:[A-Z]{1,3}[0-9]+)"')
_PIECE = 1 << 16
NO_TEXT = "is not UTF-8 text, so its letters can't be told: save the file as “CSV UTF-8”"
# What a spoilt workbook makes the library raise; each means that the file is not one.
_SPOILT = (
    *(zipfile.BadZipFile, InvalidFileException, ParseError, DefusedXmlException, KeyError, ValueError, TypeError),
    *(IndexError, AttributeError, OverflowError, EOFError, NotImplementedError, RuntimeError, OSError),
)


class Row(NamedTuple):
    """A row of a file, with its number as the spreadsheet program shows it."""

    number: int
    cells: list[Any]


class Kind(NamedTuple):
    """What a file is: by its content first, by its name where the content can't tell."""

    name: str
    delimiter: str = ""


XLSX, YAML = Kind("xlsx"), Kind("yaml")
BY_SUFFIX = {
    ".csv": Kind("csv", ","),
    ".tsv": Kind("tsv", "\t"),
    ".txt": Kind("tsv", "\t"),
    ".yaml": YAML,
    ".yml": YAML,
    ".xlsx": XLSX,
}


def kind_of(path: Path, name: str) -> Kind:
    """What the file is. Raises Unreadable for what can't be read here."""
    with path.open("rb") as file:
        head = file.read(4)
    if head == _OLE:
        raise Unreadable(
            "the file is protected by a password, or an old .xls: save it as an Excel workbook (.xlsx) without password"
        )
    if not head:
        raise Unreadable("the file is empty")
    if head == _ZIP:
        return XLSX
    kind = BY_SUFFIX.get(Path(name).suffix.lower())
    if kind is None:
        raise Unreadable("the name must end in .xlsx, .csv, .tsv, .yaml or .yml, for what the file is")
    if kind is XLSX:
        raise Unreadable("the file is named .xlsx and is none: save it as an Excel workbook (.xlsx)")
    return kind


@contextmanager
def opened(path: Path, kind: Kind) -> Iterator[Iterator[Row]]:
    """The rows of the file that hold anything, the first of them the headings. Raises Unreadable."""
    with _workbook(path) if kind is XLSX else _text(path, kind) as rows:
        yield (row for row in rows if any(cell is not None and cell != "" for cell in row.cells))


# --- workbooks -------------------------------------------------------------------------------------------------------


@contextmanager
def _workbook(path: Path) -> Iterator[Iterator[Row]]:
    check_archive(path)
    with path.open("rb") as file:
        with _spoilt_is_unreadable(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions that are of no matter here
            book = load_workbook(file, read_only=True, data_only=False, keep_links=False)
            sheet = _sheet(book)
            merged = _merged(path, sheet)
        if merged:
            raise Unreadable(f"{merged} are merged cells: unmerge them, and fill each row")
        yield _rows(sheet)


@contextmanager
def _spoilt_is_unreadable() -> Iterator[None]:
    try:
        yield
    except _SPOILT as problem:
        raise Unreadable("the file is not a whole Excel workbook (.xlsx): open it, and save it again") from problem


def check_archive(path: Path) -> int:
    """Refuse what is no workbook, holds macros, or would fill the memory. Return its size when unpacked."""
    with _spoilt_is_unreadable(), zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
    names = {part.filename.lower() for part in parts}
    if "xl/workbook.bin" in names:
        raise Unreadable("the file is a binary workbook (.xlsb): save it as an Excel workbook (.xlsx)")
    if any(name.endswith(("vbaproject.bin", ".xlm")) or name.startswith("xl/macrosheets") for name in names):
        raise Unreadable("the workbook holds macros: save it as an Excel workbook (.xlsx), which has none")
    if not any(name.startswith("xl/workbook") for name in names):
        raise Unreadable("the file is an archive, not an Excel workbook (.xlsx)")
    size = sum(part.file_size for part in parts)
    if size > settings.UPLOAD_UNPACKED_BYTES:
        raise Unreadable(
            f"the workbook has {size:,} bytes when unpacked; at most {settings.UPLOAD_UNPACKED_BYTES:,} are read"
        )
    return size


def _sheet(book: Any) -> Any:
    """The sheet named claims, or the only one that can be seen."""
    named = [sheet for sheet in book.worksheets if sheet.title.strip().lower() == SHEET]
    seen = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    if named and named[0].sheet_state != "visible":
        raise Unreadable(f"the sheet {SHEET!r} is hidden: show it, so that you see what is stored")
    if not named and len(seen) != 1:
        found = ", ".join(repr(sheet.title) for sheet in seen[:8])
        raise Unreadable(f"which sheet holds the claims? Name it {SHEET!r}; there are {found or 'none to see'}")
    return (named or seen)[0]


def _merged(path: Path, sheet: Any) -> str:
    """The first merged cells of the sheet, if any; the library leaves them out when it reads row by row."""
    where = sheet._worksheet_path  # noqa: SLF001 - the library names the part nowhere else
    before = b""
    with zipfile.ZipFile(path) as archive, archive.open(where) as part:
        while piece := part.read(_PIECE):
            if found := _MERGED.search(before + piece):
                return found[1].decode()
            before = piece[-200:]
    return ""


def _rows(sheet: Any) -> Iterator[Row]:
    # What a file says of its own size is not relied on.
    sheet.reset_dimensions()
    with _spoilt_is_unreadable():
        for number, cells in enumerate(sheet.iter_rows(), start=1):
            # One column more than may be, so that too many show.
            yield Row(number, [_value(cell) for cell in cells[: MOST_COLUMNS + 1]])


def _value(cell: Any) -> Any:
    match cell.data_type:
        case "f":
            return Formula(str(getattr(cell.value, "text", None) or cell.value))
        case "e":
            return BadCell(str(cell.value))
    return cell.value


# --- text ------------------------------------------------------------------------------------------------------------


@contextmanager
def _text(path: Path, kind: Kind) -> Iterator[Iterator[Row]]:
    # What is no UTF-8 is let through as surrogates, so that the row is known in which it stands.
    with path.open(encoding=_encoding(path), errors="surrogateescape", newline="") as file:
        yield _text_rows(file, kind)


def _encoding(path: Path) -> str:
    """UTF-8, or UTF-16 where the file says so itself."""
    with path.open("rb") as file:
        head = file.read(3)
    return "utf-16" if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"


def _text_rows(file: Any, kind: Kind) -> Iterator[Row]:
    lines = _lines(file)
    reader = csv.reader(lines, delimiter=kind.delimiter, strict=True)
    number = 0
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as problem:
            raise Unreadable(_csv_words(problem), number + 1) from None
        except UnicodeError:
            raise Unreadable(NO_TEXT, number + 1) from None
        number += 1
        yield Row(number, cells[: MOST_COLUMNS + 1])


def _lines(file: Any) -> Iterator[str]:
    """The lines of a text, each of a length that a row of claims may have."""
    while line := file.readline(LONGEST_CELL):
        if len(line) >= LONGEST_CELL:
            raise csv.Error("field larger than field limit")
        if not line.isascii():
            line.encode()  # raises UnicodeError for surrogates
        yield line


def _csv_words(problem: csv.Error) -> str:
    said = str(problem)
    if "limit" in said:
        return f"has a cell or a line of more than {csv.field_size_limit():,} characters: shorten it"
    if "NUL" in said:
        return "holds a NUL character: is the file text? Save it as “CSV UTF-8”"
    return f"can't be taken apart ({said}): a quotation mark is open, or stands inside a cell without being doubled"

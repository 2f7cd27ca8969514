"""What a search finds as a file: tables of claims, and the studies behind them for reference managers.

A file is written from the keys that were found at one moment. Versions of claims never change, so that it holds as many
claims as it says, whatever is accepted or withdrawn meanwhile.
"""

from __future__ import annotations

import csv
import json
import re
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import batched
from pathlib import Path
from typing import Any as Anything
from typing import Protocol

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from apps.claims.models import Claim
from apps.finding import columns
from apps.finding.answering import Answer
from apps.finding.columns import Column, Value
from apps.studies.models import Study, StudyStatus

CHUNK = 500
# So many lines of a table are sent at once.
LINES = 100
# A workbook is written whole before the first byte of it is sent.
MOST_IN_WORKBOOK = 20_000
# A cell that begins so would run as a formula in a spreadsheet program.
FORMULA_SIGNS = "=+-@\t\r"
SIGNS = frozenset(FORMULA_SIGNS)


class Asked(Protocol):
    """What was asked for, of which site, and when."""

    search: str
    site: str
    now: datetime


def about(asked: Asked, **counts: int) -> dict[str, Anything]:
    """What a file says of itself."""
    return {
        "source": f"ExoDB, {asked.site}",
        "search": asked.search,
        "found_at": asked.now.isoformat(timespec="seconds"),
        **counts,
        "license": "CC BY 4.0",
    }


def told(said: Mapping[str, Anything], held: str) -> str:
    """The same in a line."""
    return f"{said['source']}; {held}; {said['search']}; {said['found_at']}; {said['license']}"


class References(Protocol):
    """Studies that a file lists, each with the accessions of its claims."""

    @property
    def site(self) -> str: ...

    @property
    def line(self) -> str: ...

    def studies(self) -> Iterator[tuple[Study, list[str]]]: ...


class TooMany(Exception):
    """More claims than a file of this kind can hold, in a sentence."""


@dataclass
class Download:
    """The claims of an answer, and where and when they were found."""

    keys: array[int]
    # The address of the search, and the site's own address, with a slash at its end.
    search: str
    site: str
    now: datetime
    # Those that a table of them has.
    columns: tuple[str, ...] = tuple(columns.COLUMNS)

    @classmethod
    def of(cls, answer: Answer, *, search: str, site: str, now: datetime) -> Download:
        return cls(array("q", answer.every_key()), search, site, now)

    @property
    def about(self) -> dict[str, Anything]:
        """What the file says of itself."""
        return about(self, claims=len(self.keys))

    @property
    def line(self) -> str:
        return told(self.about, f"{len(self.keys)} claims")

    def rows(self) -> Iterator[tuple[Value, ...]]:
        """What the columns hold, claim by claim in order, read a chunk at a time."""
        for keys in batched(self.keys, CHUNK):
            yield from columns.rows(keys, self.columns)

    def studies(self) -> Iterator[tuple[Study, list[str]]]:
        """The studies in the order of their first claims, each with the accessions of its claims here."""
        of_study: dict[int, list[str]] = {}
        for keys in batched(self.keys, CHUNK * 10):
            rows = Claim.objects.filter(pk__in=keys).order_by().values_list("pk", "preparation__study", "accession")
            where = {key: (study, accession) for key, study, accession in rows}
            for key in keys:
                study, accession = where[key]
                of_study.setdefault(study, []).append(accession)
        for some in batched(of_study, CHUNK):
            found = Study.objects.in_bulk(some)
            yield from ((found[key], of_study[key]) for key in some)


# --- tables -----------------------------------------------------------------------------------------------------------


def as_csv(download: Download) -> Iterator[str]:
    yield from tabular(download.line, download.columns, download.rows(), ",")


def as_tsv(download: Download) -> Iterator[str]:
    yield from tabular(download.line, download.columns, download.rows(), "\t")


def separated[Record](
    line: str, columns: Mapping[str, Column[Record]], rows: Iterable[Record], sign: str
) -> Iterator[str]:
    """A line about the file, the names of the columns, then a row for each record."""
    values = (tuple(column.value(row) for column in columns.values()) for row in rows)
    yield from tabular(line, columns, values, sign)


def tabular(line: str, names: Iterable[str], rows: Iterable[tuple[Value, ...]], sign: str) -> Iterator[str]:
    """The same of values."""
    if sign == ",":
        # The mark by which spreadsheet programs know UTF-8.
        yield "\ufeff"
    writer = csv.writer(Echo(), delimiter=sign)
    yield writer.writerow([f"# {line}"])
    yield writer.writerow(names)
    for some in batched(rows, LINES):
        yield "".join([writer.writerow(cells(row)) for row in some])


class Echo:
    """A file that hands back what is written."""

    def write(self, line: str) -> str:
        return line


def cell(value: Value) -> str | int:
    """A value as one cell, harmless in a spreadsheet; several are joined by semicolons."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return value
    text = ILLEGAL_CHARACTERS_RE.sub(" ", "; ".join(value) if isinstance(value, list) else value)
    return f"'{text}" if text[:1] and text[0] in FORMULA_SIGNS else text


def cells(values: Sequence[Value]) -> list[str | int | None]:
    """Values as cells, each as `cell` has it; nearly all need no care, and get none."""
    plain = ["; ".join(each) if isinstance(each, list) else each for each in values]
    texts = [each for each in plain if isinstance(each, str)]
    if not SIGNS.isdisjoint(text[:1] for text in texts) or ILLEGAL_CHARACTERS_RE.search("".join(texts)):
        return [cell(each) for each in values]
    return [("true" if each else "false") if isinstance(each, bool) else each for each in plain]


def as_jsonl(download: Download) -> Iterator[str]:
    yield json.dumps({"about": download.about}, ensure_ascii=False) + "\n"
    for keys in batched(download.keys, CHUNK):
        yield "".join([f"{line}\n" for line in columns.lines(keys, download.site, download.columns)])


def json_lines[Record](
    said: Mapping[str, Anything], columns: Mapping[str, Column[Record]], rows: Iterable[tuple[Record, str]]
) -> Iterator[str]:
    """A line about the file, then a record a line with its address; what is not curated is null."""
    yield json.dumps({"about": said}, ensure_ascii=False) + "\n"
    for row, url in rows:
        values = {name: column.value(row) for name, column in columns.items()}
        yield json.dumps({**values, "url": url}, ensure_ascii=False) + "\n"


def write_workbook(download: Download, path: Path) -> None:
    """Write an XLSX: the claims, and a sheet about the file."""
    if len(download.keys) > MOST_IN_WORKBOOK:
        raise TooMany(
            f"These are {len(download.keys):,} claims, and a workbook holds {MOST_IN_WORKBOOK:,} here: "
            "take the CSV, or narrow the search."
        )
    book = Workbook(write_only=True)
    sheet = book.create_sheet("claims")
    sheet.append(list(download.columns))
    for row in download.rows():
        sheet.append(list(map(cell, row)))
    about = book.create_sheet("about")
    for name, value in download.about.items():
        about.append([name, cell(value)])
    book.save(path)


# --- references -------------------------------------------------------------------------------------------------------

_ONE_LINE = re.compile(r"\s+")
_SPECIAL = re.compile(r"[\\{}$&#^_%~]")
_ESCAPED = {"\\": r"\textbackslash{}", "^": r"\^{}", "~": r"\~{}"}


def as_ris(download: References) -> Iterator[str]:
    for study, claims in download.studies():
        lines: list[tuple[str, str | None]] = [
            ("TY", "JOUR"),
            ("TI", study.title),
            *(("AU", _ris_name(author)) for author in study.authors),
        ]
        lines += [("PY", str(study.year)), ("JO", study.journal)]
        lines += [("DO", study.doi), ("AN", study.pmid), ("UR", f"{download.site}{study.accession}")]
        lines += [("N1", f"{_standing(study)}ExoDB {study.accession}; {', '.join(claims)}"), ("N1", download.line)]
        yield "".join(f"{tag}  - {_ONE_LINE.sub(' ', value)}\r\n" for tag, value in lines if value) + "ER  - \r\n\r\n"


def as_bibtex(download: References) -> Iterator[str]:
    yield f"@comment{{{_bib(download.line)}}}\n\n"
    for study, claims in download.studies():
        fields = {
            "title": f"{{{_bib(study.title)}}}",
            "author": " and ".join(_bib(_ris_name(author)) for author in study.authors),
            "journal": _bib(study.journal),
            "year": str(study.year),
            "doi": study.doi or "",
            "pmid": study.pmid or "",
            "url": f"{download.site}{study.accession}",
            "note": _bib(f"{_standing(study)}ExoDB {study.accession}; {', '.join(claims)}"),
        }
        written = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items() if value)
        yield f"@article{{{study.accession},\n{written}\n}}\n\n"


def _ris_name(author: str) -> str:
    """`Smith AB` as `Smith, A. B.`, as reference managers take it."""
    family, _, initials = author.rpartition(" ")
    if not family or not initials.isupper():
        return author
    return f"{family}, {' '.join(f'{letter}.' for letter in initials if letter.isalpha())}"


def _standing(study: Study) -> str:
    """A retraction, correction or concern, before all else."""
    return "" if study.status == StudyStatus.PUBLISHED else f"{study.status.upper()}. "


def _bib(text: str) -> str:
    plain = _ONE_LINE.sub(" ", text)
    return _SPECIAL.sub(lambda sign: _ESCAPED.get(sign[0], f"\\{sign[0]}"), plain)


Writer = Callable[[Download], Iterator[str]]
# Each kind of file: its type, and what writes it; a workbook is no stream of text.
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "tsv": "text/tab-separated-values; charset=utf-8",
    "jsonl": "application/jsonl; charset=utf-8",
    "ris": "application/x-research-info-systems; charset=utf-8",
    "bib": "application/x-bibtex; charset=utf-8",
}
WRITERS: dict[str, Writer] = {"csv": as_csv, "tsv": as_tsv, "jsonl": as_jsonl, "ris": as_ris, "bib": as_bibtex}
STREAMS: dict[str, tuple[str, Writer]] = {kind: (MEDIA_TYPES[kind], writer) for kind, writer in WRITERS.items()}
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# In the order in which they are offered.
FORMATS = {
    "csv": "CSV",
    "tsv": "TSV",
    "xlsx": "XLSX",
    "jsonl": "JSON Lines",
    "ris": "RIS",
    "bib": "BibTeX",
}

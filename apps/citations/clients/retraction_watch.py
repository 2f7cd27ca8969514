"""The Retraction Watch table (Crossref's CSV, one row per notice), joined here by the paper's DOI and PMID.

It comes from a file or an address, is read as a stream, and is only believed whole: a row that can't be read is
reported, and the studies that it may be about are not known. Its quirks: dates in US order (`7/12/2023 0:00`), PMIDs
as floats (`37476288.0`), 0 and "unavailable" for none, reasons as `+One;+Another;`, and a notice that has the DOI of
its paper. Only the columns of the *original paper* are joined, so that a notice never marks itself.
"""

from __future__ import annotations

import csv
import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import TextIOWrapper
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, ClassVar

from .errors import Nonsense, Unavailable
from .interface import Answer, Gives, Ids, Nature, NoticeRecord, Outcome
from .natures import clean, doi_of, merged, pmid_of, us_day
from .service import Service, Sheet

logger = logging.getLogger(__name__)

COLUMNS = (
    "RetractionDate",
    "RetractionDOI",
    "RetractionPubMedID",
    "OriginalPaperDOI",
    "OriginalPaperPubMedID",
    "RetractionNature",
    "Reason",
)
NATURES = {
    "retraction": Nature.RETRACTION,
    "correction": Nature.CORRECTION,
    "expression of concern": Nature.CONCERN,
    "reinstatement": Nature.REINSTATEMENT,
    "withdrawal": Nature.WITHDRAWAL,
}
MOST_BYTES = 2 * 2**30
# With more broken rows than this share (and a handful), it is another table than we know.
MOST_BROKEN, HANDFUL = 0.01, 10
ANY_DOI = re.compile(r"10\.\d{4,9}/[^\s,;\"]+")
ANY_PMID = re.compile(r"\b[1-9]\d{0,8}(?=\.0\b|\b)")


@dataclass(frozen=True)
class Row:
    """One notice."""

    doi: str | None
    pmid: str | None
    notice: NoticeRecord


@dataclass
class Report:
    """What reading the table was like."""

    rows: int = 0
    malformed: list[tuple[int, str]] = field(default_factory=list)  # line, and what is wrong there
    suspects: set[str] = field(default_factory=set)  # identifiers in malformed rows
    cut: bool = False  # rows may be missing altogether


class RetractionWatch(Service):
    name = "retraction_watch"
    batch_size = 100_000
    gives = frozenset({Gives.NOTICES})
    kinds: ClassVar[tuple[str, ...]] = ("doi", "pmid")
    report = Report()

    def group(self, ids: Ids) -> str:
        return "any" if self.kind(ids) else ""

    def fetch(self, batch: Sequence[Ids]) -> list[Answer]:
        names = {ids.ref: _names(ids.doi, ids.pmid) for ids in batch}
        wanted = set().union(*names.values())
        if not wanted:
            return [self._unaskable(ids) for ids in batch]
        notices: dict[str, list[NoticeRecord]] = {}
        self.report = Report()
        for row in self._rows(self.report):
            for name in _names(row.doi, row.pmid) & wanted:
                notices.setdefault(name, []).append(row.notice)
        self._judge(self.report)
        return [self._joined(ids, names[ids.ref], notices) for ids in batch]

    def ask(self, part: Sequence[Ids]) -> Sheet:
        raise NotImplementedError("The table is joined as a whole; see fetch.")

    def _joined(self, ids: Ids, names: set[str], notices: dict[str, list[NoticeRecord]]) -> Answer:
        if not names:
            return self._unaskable(ids)
        found = merged(notice for name in sorted(names) for notice in notices.get(name, ()))
        if names & self.report.suspects:
            return self._doubtful(ids, "a row that may be about it can't be read")
        if found:
            return Answer(ids.ref, Outcome.FOUND, notices=found)
        if self.report.cut:
            return self._doubtful(ids, "the table is not whole")
        return Answer(ids.ref, Outcome.ABSENT)

    def _doubtful(self, ids: Ids, why: str) -> Answer:
        return Answer(ids.ref, Outcome.NOT_KNOWN, message=f"{self.name}: {why}")

    def _judge(self, report: Report) -> None:
        if not report.rows:
            raise self.failed("a table without rows")
        if len(report.malformed) > max(HANDFUL, MOST_BROKEN * report.rows):
            raise self.failed(f"{len(report.malformed)} of {report.rows} rows can't be read")
        if report.malformed:
            line, why = report.malformed[0]
            logger.warning(
                "%s: %d malformed rows, the first in line %d: %s", self.name, len(report.malformed), line, why
            )

    # --- reading --------------------------------------------------------------------------------------------------

    @contextmanager
    def _table(self) -> Iterator[IO[str]]:
        """The table as text, from its file, or whole from its address."""
        place = self.endpoint.base_url
        if place.startswith(("http://", "https://")):
            with TemporaryFile() as file:
                self.http.download(file, most_bytes=MOST_BYTES)
                file.seek(0)
                yield TextIOWrapper(file, encoding="utf-8-sig", errors="replace", newline="")
            return
        path = Path(place.removeprefix("file://"))
        try:
            with path.open(encoding="utf-8-sig", errors="replace", newline="") as text:
                yield text
        except OSError as error:
            raise Unavailable(f"{self.name}: the table can't be read ({error.strerror})") from error

    def _rows(self, report: Report) -> Iterator[Row]:
        with self._table() as table:
            reader = csv.reader(table)
            places = self._places(next(self._cells(reader, report), []))
            for cells in self._cells(reader, report):
                report.rows += 1
                row = self._row(cells, places, report, reader.line_num)
                report.cut = row is None  # for a last row that is broken, the table may end too early
                if row:
                    yield row
        report.cut = report.cut or any(why.startswith("csv") for _, why in report.malformed)

    def _places(self, header: Sequence[str]) -> dict[str, int]:
        if missing := [name for name in COLUMNS if name not in header]:
            raise Nonsense(f"{self.name}: not the table: it has no column {missing[0]}")
        return {"": len(header)} | {name: header.index(name) for name in COLUMNS}

    @staticmethod
    def _cells(reader: Iterator[list[str]], report: Report) -> Iterator[list[str]]:
        """Row by row; what CSV itself can't make sense of is reported and passed over."""
        while True:
            try:
                yield next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                report.malformed.append((getattr(reader, "line_num", 0), f"csv: {error}"))

    @staticmethod
    def _row(cells: Sequence[str], places: dict[str, int], report: Report, line: int) -> Row | None:
        def cell(name: str) -> str:
            return cells[places[name]]

        nature = NATURES.get(cell("RetractionNature").strip().lower()) if len(cells) == places[""] else None
        if nature is None:
            whole = len(cells) == places[""]
            why = f"nature {cell('RetractionNature')[:40]!r}" if whole else f"{len(cells)} columns"
            report.malformed.append((line, why))
            report.suspects |= _mentioned(" ".join(cells))
            return None
        reason = "; ".join(filter(None, (part.strip().lstrip("+") for part in cell("Reason").split(";"))))
        identifier = doi_of(cell("RetractionDOI")) or pmid_of(cell("RetractionPubMedID")) or ""
        notice = NoticeRecord(nature, identifier, us_day(cell("RetractionDate")), clean(reason))
        return Row(doi_of(cell("OriginalPaperDOI")), pmid_of(cell("OriginalPaperPubMedID")), notice)


def _names(doi: str | None, pmid: str | None) -> set[str]:
    found = {"doi": doi_of(doi), "pmid": pmid_of(pmid)}
    return {f"{kind}:{value}" for kind, value in found.items() if value}


def _mentioned(text: str) -> set[str]:
    """All identifiers in the text of a row that could not be read."""
    dois = {f"doi:{found.lower()}" for found in ANY_DOI.findall(text)}
    return dois | {f"pmid:{found}" for found in ANY_PMID.findall(text)}

"""Studies as files: one definition of each column, for every file of studies, and references for managers of them."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import batched
from typing import Any

from apps.claims.models import Claim
from apps.finding.columns import Column
from apps.finding.downloads import CHUNK, about, as_bibtex, as_ris, json_lines, separated, told
from apps.studies.models import Study


@dataclass(frozen=True)
class Curated:
    """A study, and the accepted claims that rest on it."""

    study: Study
    claims: list[str]


COLUMNS: dict[str, Column[Curated]] = {
    column.name: column
    for column in (
        Column[Curated]("study", "Study", lambda row: row.study.accession),
        Column[Curated]("kind", "Kind", lambda row: row.study.kind),
        Column[Curated]("title", "Title", lambda row: row.study.title),
        Column[Curated]("authors", "Authors", lambda row: list(row.study.authors)),
        Column[Curated]("journal", "Journal", lambda row: row.study.journal),
        Column[Curated]("year", "Year", lambda row: row.study.year),
        Column[Curated]("pmid", "PMID", lambda row: row.study.pmid),
        Column[Curated]("pmcid", "PMCID", lambda row: row.study.pmcid),
        Column[Curated]("doi", "DOI", lambda row: row.study.doi),
        Column[Curated]("nct", "NCT number", lambda row: row.study.nct),
        Column[Curated]("status", "Standing", lambda row: row.study.status),
        Column[Curated]("depth", "Read", lambda row: row.study.depth),
        Column[Curated]("curated_on", "Curated on", lambda row: row.study.curated_on.isoformat()),
        Column[Curated]("claim_count", "Accepted claims", lambda row: len(row.claims)),
    )
}


@dataclass
class Literature:
    """Studies that were found at one moment, by their keys in order."""

    keys: array[int]
    # The address that they were asked for at, and the site's own address, with a slash at its end.
    search: str
    site: str
    now: datetime
    # Those that a table of them has; all where none is named.
    columns: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, keys: Iterable[int], *, search: str, site: str, now: datetime, columns: tuple[str, ...] = ()
    ) -> Literature:
        return cls(array("q", keys), search, site, now, columns)

    @property
    def chosen(self) -> dict[str, Column[Curated]]:
        return {name: COLUMNS[name] for name in self.columns or COLUMNS}

    @property
    def about(self) -> dict[str, Any]:
        """What the file says of itself."""
        return about(self, studies=len(self.keys))

    @property
    def line(self) -> str:
        return told(self.about, f"{len(self.keys)} studies")

    def rows(self) -> Iterator[Curated]:
        """The studies in order, a chunk at a time."""
        for keys in batched(self.keys, CHUNK):
            found = Study.objects.in_bulk(keys)
            claims: dict[int, list[str]] = defaultdict(list)
            accepted = Claim.objects.accepted().filter(preparation__study__in=keys).order_by("accession")
            for study, accession in accepted.values_list("preparation__study", "accession"):
                claims[study].append(accession)
            # What was merged meanwhile has gone.
            yield from (Curated(found[key], claims[key]) for key in keys if key in found)

    def studies(self) -> Iterator[tuple[Study, list[str]]]:
        for row in self.rows():
            yield row.study, row.claims


def as_csv(found: Literature) -> Iterator[str]:
    yield from separated(found.line, found.chosen, found.rows(), ",")


def as_tsv(found: Literature) -> Iterator[str]:
    yield from separated(found.line, found.chosen, found.rows(), "\t")


def as_jsonl(found: Literature) -> Iterator[str]:
    rows = ((row, f"{found.site}{row.study.accession}") for row in found.rows())
    yield from json_lines(found.about, found.chosen, rows)


WRITERS: dict[str, Callable[[Literature], Iterator[str]]] = {
    "csv": as_csv,
    "tsv": as_tsv,
    "jsonl": as_jsonl,
    "ris": as_ris,
    "bib": as_bibtex,
}

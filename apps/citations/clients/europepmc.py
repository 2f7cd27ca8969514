"""Europe PMC: counts and notices of PubMed's and PMC's papers, by one search for a batch.

`resultType=core` has them (europepmc.org/RestfulWebService). A record speaks of its own notices by the types that end
in "in" ("Retraction in"); "Retraction of" makes the record itself the notice. The publication type "Retracted
Publication" is on the paper, "Retraction of Publication" on the notice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import quote_plus

from .bibliography import kind_of, plain, year_of
from .interface import Bibliography, Gives, Ids, Nature, NoticeRecord
from .natures import clean, day_in_reference, doi_of, merged, pmcid_of, pmid_of
from .reading import Count, Label, Shape, read, read_each, text_of
from .service import LONGEST_QUERY, Finding, Service, Sheet

PAGE_SIZE = 1000
MOST_PAGES = 5
RETRACTED = "retracted publication"
# PubMed's reference types, spelled as Europe PMC does. All others say nothing against the paper.
TYPES = {
    "retraction in": Nature.RETRACTION,
    "retracted and republished in": Nature.RETRACTION,
    "partial retraction in": Nature.CONCERN,
    "expression of concern in": Nature.CONCERN,
    "erratum in": Nature.CORRECTION,
    "corrected and republished in": Nature.CORRECTION,
}
SOURCES = {"MED": 0, "PMC": 1}


class Link(Shape):
    type: str
    id: Label | None = None
    source: str | None = None
    reference: str | None = None


class Links(Shape):
    commentCorrection: tuple[Link, ...] = ()  # noqa: N815 -- Europe PMC's own names, here and below


class PubTypes(Shape):
    pubType: tuple[str, ...] = ()  # noqa: N815


class Journal(Shape):
    title: str | None = None


class JournalInfo(Shape):
    journal: Journal | None = None


class Author(Shape):
    fullName: str | None = None  # noqa: N815
    collectiveName: str | None = None  # noqa: N815


class Authors(Shape):
    author: tuple[Author, ...] = ()


class Paper(Shape):
    """What a record says that the paper is; each part may be missing."""

    title: str | None = None
    journalInfo: JournalInfo | None = None  # noqa: N815
    journalTitle: str | None = None  # noqa: N815
    pubYear: Label | None = None  # noqa: N815
    authorList: Authors | None = None  # noqa: N815
    authorString: str | None = None  # noqa: N815


class Record(Shape):
    source: str = ""
    pmid: Label | None = None
    pmcid: Label | None = None
    doi: str | None = None
    citedByCount: Count | None = None  # noqa: N815
    pubTypeList: PubTypes | None = None  # noqa: N815
    commentCorrectionList: Links | None = None  # noqa: N815


class Results(Shape):
    result: tuple[Any, ...] = ()


class Search(Shape):
    hitCount: Count  # noqa: N815
    nextCursorMark: str | None = None  # noqa: N815
    resultList: Results | None = None  # noqa: N815

    @property
    def results(self) -> tuple[Any, ...]:
        return self.resultList.result if self.resultList else ()


class EuropePmc(Service):
    name = "europepmc"
    batch_size = 100
    gives = frozenset({Gives.COUNTS, Gives.NOTICES})
    kinds: ClassVar[tuple[str, ...]] = ("pmid", "pmcid", "doi")

    def group(self, ids: Ids) -> str:
        """One search asks by any identifiers."""
        return "any" if self.kind(ids) else ""

    def ask(self, part: Sequence[Ids]) -> Sheet:
        raw, whole = self._results(" OR ".join(term(self.label(ids)) for ids in part))
        records = read_each(raw, Record, raw_labels)
        sheet = Sheet(spoiled=records.spoiled, whole=whole and not records.lost)
        # PubMed's record before PMC's before a preprint's, where one identifier has several.
        for record in sorted(records.good, key=lambda record: SOURCES.get(record.source, 2), reverse=True):
            finding = Finding(record.citedByCount, notices=notices_of(record))
            sheet.found |= dict.fromkeys(labels(record), finding)
        return sheet

    def bibliography(self, ids: Ids) -> Bibliography | None:
        """What the paper is, by PubMed's record before PMC's before a preprint's."""
        label = self.label(ids)
        raw, _ = self._results(term(label))
        records = read_each(raw, Record, raw_labels)
        pairs = [(record, one) for one in raw if (record := self._meant(one, label))]
        if not pairs and (records.spoiled or records.lost):
            raise self.failed("its record can't be read")
        if not pairs:
            return None
        record, paper = min(pairs, key=lambda pair: SOURCES.get(pair[0].source, 2))
        return told_of(record, read_each([paper], Paper, raw_labels).good)

    @staticmethod
    def _meant(raw: Any, label: str) -> Record | None:
        """The record, where it is about the paper that was asked for."""
        return next((one for one in read_each([raw], Record, raw_labels).good if label in labels(one)), None)

    def _results(self, query: str) -> tuple[list[Any], bool]:
        """All records of a search, and whether they are all. A cursor that never ends is left after a few pages."""
        results: list[Any] = []
        cursor, seen = "*", {"*"}
        for _ in range(MOST_PAGES):
            search = self._page(query, cursor)
            results += search.results
            if len(results) >= search.hitCount:
                return results, True
            cursor = search.nextCursorMark or ""
            if not search.results or not cursor or cursor in seen:
                break
            seen.add(cursor)
        if not results:
            raise self.failed("hits without results")
        return results, False

    def _page(self, query: str, cursor: str) -> Search:
        params = {
            "query": query,
            "resultType": "core",
            "format": "json",
            "pageSize": str(PAGE_SIZE),
            "cursorMark": cursor,
        }
        if self.endpoint.contact_mail:
            params["email"] = self.endpoint.contact_mail
        long = len(quote_plus(query)) > LONGEST_QUERY
        page = self.http.post("/searchPOST", params) if long else self.http.get("/search", params)
        return read(page, Search, self.name)


def term(label: str) -> str:
    """One identifier in Europe PMC's query language."""
    kind, _, value = label.partition(":")
    if kind == "pmid":
        return f"(EXT_ID:{value} AND SRC:MED)"
    if kind == "pmcid":
        return f"PMCID:{value}"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'DOI:"{escaped}"'


def labels(record: Record) -> set[str]:
    return _labels(record.pmid, record.pmcid, record.doi)


def raw_labels(raw: Mapping[str, Any]) -> set[str]:
    record = dict(raw)
    return _labels(*(text_of(record, name) for name in ("pmid", "pmcid", "doi")))


def _labels(pmid: str | None, pmcid: str | None, doi: str | None) -> set[str]:
    found = {"pmid": pmid_of(pmid), "pmcid": pmcid_of(pmcid), "doi": doi_of(doi)}
    return {f"{kind}:{value}" for kind, value in found.items() if value}


def told_of(record: Record, papers: Sequence[Paper]) -> Bibliography:
    """A record as a bibliography; what can't be read of it is left empty."""
    paper = papers[0] if papers else Paper()
    journal = paper.journalInfo.journal.title if paper.journalInfo and paper.journalInfo.journal else None
    return Bibliography(
        title=plain(paper.title).removesuffix("."),
        journal=plain(journal or paper.journalTitle),
        year=year_of(paper.pubYear),
        authors=tuple(authors_of(paper)),
        pmid=pmid_of(record.pmid),
        pmcid=pmcid_of(record.pmcid),
        doi=doi_of(record.doi),
        kind=kind_of(record.pubTypeList.pubType if record.pubTypeList else ()),
        notices=notices_of(record),
    )


def authors_of(paper: Paper) -> list[str]:
    """Family Initials, as Europe PMC gives them itself."""
    names: Iterable[str | None]
    if paper.authorList and paper.authorList.author:
        names = [author.fullName or author.collectiveName for author in paper.authorList.author]
    else:
        names = (paper.authorString or "").strip().removesuffix(".").split(", ")
    return [name for each in names if (name := plain(each))]


def notices_of(record: Record) -> tuple[NoticeRecord, ...]:
    """The notices on this very paper. A notice's own record has none, for it only says "Retraction of"."""
    links = record.commentCorrectionList.commentCorrection if record.commentCorrectionList else ()
    notices = [_notice(link, TYPES[link.type.lower()]) for link in links if link.type.lower() in TYPES]
    types = record.pubTypeList.pubType if record.pubTypeList else ()
    if RETRACTED in (kind.lower() for kind in types):
        notices.append(NoticeRecord(Nature.RETRACTION, reason="Retracted Publication"))
    return merged(notices)


def _notice(link: Link, nature: Nature) -> NoticeRecord:
    reference = link.reference or ""
    pmid = pmid_of(link.id) if link.source in {None, "MED"} else None
    _, marked, tail = reference.partition("doi:")
    doi = doi_of(tail.strip().split(" ")[0].rstrip(".")) if marked else None
    return NoticeRecord(nature, pmid or doi or "", day_in_reference(reference), clean(f"{link.type}: {reference}"))

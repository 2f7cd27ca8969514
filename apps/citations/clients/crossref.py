"""Crossref: how often a DOI is cited, and the notices that update it.

A paper lists its notices in `updated-by` (deposited by publishers, or by Retraction Watch); a notice lists its papers
in `update-to`, which says nothing against the notice itself. Only where a record updates its own DOI (publishers
that put the retraction in the paper's place) is it both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Literal
from urllib.parse import quote

from pydantic import Field

from .bibliography import initials, plain, year_in_range
from .errors import Refused
from .interface import ALONE, Bibliography, Endpoint, Gives, Ids, NoticeRecord
from .natures import clean, day_of, doi_of, merged, nature_of
from .reading import Count, Shape, read, read_each, text_of
from .service import Finding, Service, Sheet, by_length
from .transport import NOT_FOUND, Acquire, Page, Patience

MOST_ROWS = 1000
FIELDS = "DOI,is-referenced-by-count,updated-by,update-to"
NOT_THERE = "Resource not found."


class Updated(Shape):
    parts: Any = Field(default=None, alias="date-parts")


class Update(Shape):
    doi: str = Field(alias="DOI")
    type: str
    label: str | None = None
    source: str | None = None
    updated: Updated | None = None


class Work(Shape):
    doi: str = Field(alias="DOI")
    cited: Count | None = Field(default=None, alias="is-referenced-by-count")
    updated_by: tuple[Update, ...] | None = Field(default=None, alias="updated-by")
    update_to: tuple[Update, ...] | None = Field(default=None, alias="update-to")


class Author(Shape):
    family: str | None = None
    given: str | None = None
    name: str | None = None  # of a group


class Institution(Shape):
    name: str | None = None


class Paper(Shape):
    """What a work says that it is; each part may be missing."""

    title: tuple[str, ...] = ()
    journal: tuple[str, ...] = Field(default=(), alias="container-title")
    author: tuple[Author, ...] = ()
    issued: Updated | None = None
    institution: Any = None  # of a preprint


class Items(Shape):
    total: Count = Field(alias="total-results")
    items: tuple[Any, ...]


class WorkList(Shape):
    status: Literal["ok"]
    kind: Literal["work-list"] = Field(alias="message-type")
    message: Items


class SingleWork(Shape):
    status: Literal["ok"]
    kind: Literal["work"] = Field(alias="message-type")
    message: dict[str, Any]


class Crossref(Service):
    name = "crossref"
    batch_size = 50
    gives = frozenset({Gives.COUNTS, Gives.NOTICES})
    kinds: ClassVar[tuple[str, ...]] = ("doi",)

    def __init__(
        self, endpoint: Endpoint, acquire: Acquire, patience: Patience | None = None, *, with_updates: bool = False
    ) -> None:
        """`with_updates` looks each batch up a second time, among the works that update it."""
        super().__init__(endpoint, acquire, patience)
        self._with_updates = with_updates
        self._selects = True

    @staticmethod
    def headers(endpoint: Endpoint) -> Mapping[str, str]:
        return {"Crossref-Plus-API-Token": f"Bearer {endpoint.key}"} if endpoint.key else {}

    def group(self, ids: Ids) -> str:
        """A comma would end the filter's value: such a DOI is asked for alone."""
        doi = doi_of(ids.doi)
        if not doi:
            return ""
        return ALONE if "," in doi else "doi"

    def parts(self, askable: Sequence[Ids]) -> Iterable[Sequence[Ids]]:
        together = [ids for ids in askable if self.group(ids) == "doi"]
        yield from by_length(together, {ids.ref: len(quote(self.label(ids))) + 1 for ids in together})
        yield from ([ids] for ids in askable if self.group(ids) == ALONE)

    def ask(self, part: Sequence[Ids]) -> Sheet:
        sheet = self._one(part[0]) if len(part) == 1 else self._several(part)
        if self._with_updates and sheet.found:
            self._add_updates(sheet)
        return sheet

    # --- one ------------------------------------------------------------------------------------------------------

    def _one(self, ids: Ids) -> Sheet:
        label = self.label(ids)
        page = self.http.get(f"/works/{quote(label.removeprefix('doi:'), safe='')}", self._polite(), missing_ok=True)
        if page.status == NOT_FOUND:
            return self._nothing(page)
        raw = read(page, SingleWork, self.name).message
        sheet = self._sheet([raw], whole=False)
        if label not in sheet.found and label not in sheet.spoiled and page.redirected:
            # An alias: the service itself led from the DOI that we know to its main one.
            sheet.alias(label)
        return sheet

    def _nothing(self, page: Page) -> Sheet:
        """Crossref says in plain text that it has no such DOI; any other 404 may be somebody in between."""
        if page.text.strip() != NOT_THERE:
            raise self.failed("a 404 that is not Crossref's own")
        return Sheet()

    def bibliography(self, ids: Ids) -> Bibliography | None:
        """What the paper is; Crossref does not say of what kind."""
        label = self.label(ids)
        page = self.http.get(f"/works/{quote(label.removeprefix('doi:'), safe='')}", self._polite(), missing_ok=True)
        if page.status == NOT_FOUND:
            self._nothing(page)
            return None
        raw = read(page, SingleWork, self.name).message
        papers = read_each([raw], Paper, raw_labels).good
        works = read_each([raw], Work, raw_labels).good
        if not papers:
            raise self.failed("its record can't be read")
        return told_of(papers[0], doi_of(label.removeprefix("doi:")), works)

    # --- several --------------------------------------------------------------------------------------------------

    def _several(self, part: Sequence[Ids]) -> Sheet:
        filters = ",".join(self.label(ids) for ids in part)
        listed = self._list({"filter": filters, "rows": str(min(MOST_ROWS, 2 * len(part)))})
        return self._sheet(listed.items, whole=len(listed.items) >= listed.total)

    def _list(self, params: Mapping[str, str]) -> Items:
        """A list of works, cut down to the fields that we need for as long as the service allows it."""
        if self._selects:
            try:
                return self._page({**params, "select": FIELDS})
            except Refused as refusal:
                if "select" not in refusal.detail:
                    raise
                self._selects = False
        return self._page(params)

    def _page(self, params: Mapping[str, str]) -> Items:
        listed = read(self.http.get("/works", {**params, **self._polite()}), WorkList, self.name).message
        if listed.total and not listed.items:
            raise self.failed("hits without results")
        return listed

    def _polite(self) -> dict[str, str]:
        return {"mailto": self.endpoint.contact_mail} if self.endpoint.contact_mail else {}

    def _sheet(self, raw: Iterable[Any], *, whole: bool) -> Sheet:
        records = read_each(raw, Work, raw_labels)
        sheet = Sheet(spoiled=records.spoiled, whole=whole and not records.lost)
        for work in records.good:
            if doi := doi_of(work.doi):
                sheet.found[f"doi:{doi}"] = Finding(work.cited, notices=notices_of(work))
        return sheet

    # --- the other way round --------------------------------------------------------------------------------------

    def _add_updates(self, sheet: Sheet) -> None:
        """Look up which works say that they update these, and add what `updated-by` does not have."""
        dois = [label.removeprefix("doi:") for label in sheet.found if "," not in label]
        for doi, notices in self.updates(dois).items():
            found = sheet.found[f"doi:{doi}"]
            sheet.found[f"doi:{doi}"] = Finding(found.citations, notices=merged([*found.notices, *notices]))

    def updates(self, dois: Sequence[str]) -> dict[str, list[NoticeRecord]]:
        """The notices on these DOIs, found among the notices: `filter=updates:{doi}`."""
        if not dois:
            return {}
        filters = ",".join(f"updates:{doi}" for doi in dois)
        listed = self._list({"filter": filters, "rows": str(MOST_ROWS)})
        records = read_each(listed.items, Work, raw_labels)
        if len(listed.items) < listed.total or records.lost or records.spoiled:
            raise self.failed("the list of updates is not whole")
        notices: dict[str, list[NoticeRecord]] = {}
        for work in records.good:
            for update in work.update_to or ():
                about = doi_of(update.doi)
                if about and about in dois and (notice := _notice(update, work.doi)):
                    notices.setdefault(about, []).append(notice)
        return notices


def told_of(paper: Paper, doi: str | None, works: Sequence[Work]) -> Bibliography:
    """A work as a bibliography."""
    host = paper.institution[0] if isinstance(paper.institution, list) and paper.institution else paper.institution
    preprint = str(host.get("name") or "") if isinstance(host, dict) else ""
    return Bibliography(
        title=plain(next(iter(paper.title), "")),
        journal=plain(next(iter(paper.journal), preprint)),
        year=year_in(paper.issued.parts if paper.issued else None),
        authors=tuple(name for author in paper.author if (name := author_name(author))),
        doi=doi,
        notices=notices_of(works[0]) if works else (),
    )


def author_name(author: Author) -> str:
    if author.family:
        return " ".join(filter(None, (plain(author.family), initials(author.given or ""))))
    return plain(author.name)


def year_in(parts: Any) -> int | None:
    """The year in `[[2010, 2, 6]]`, where there is one."""
    match parts:
        case [[int(year), *_], *_]:
            return year_in_range(year)
    return None


def raw_labels(raw: Mapping[str, Any]) -> set[str]:
    doi = doi_of(text_of(dict(raw), "DOI"))
    return {f"doi:{doi}"} if doi else set()


def notices_of(work: Work) -> tuple[NoticeRecord, ...]:
    """What updates this work: others, or itself in its own place."""
    by_others = [_notice(update, update.doi) for update in work.updated_by or ()]
    by_itself = [_notice(update, work.doi) for update in work.update_to or () if doi_of(update.doi) == doi_of(work.doi)]
    return merged(notice for notice in [*by_others, *by_itself] if notice)


def _notice(update: Update, identifier: str) -> NoticeRecord | None:
    nature = nature_of(update.type)
    if nature is None:
        return None
    day = day_of(update.updated.parts) if update.updated else None
    reason = clean(f"{update.label or update.type} ({update.source})" if update.source else update.label or update.type)
    return NoticeRecord(nature, doi_of(identifier) or "", day, reason)

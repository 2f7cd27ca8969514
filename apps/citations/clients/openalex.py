"""OpenAlex: counts, and a flag for retracted works, a hundred in one call.

The flag names no notice, so its notice has no identifier. It was seen on retraction notices themselves; a work that is
one by its type or its title is not marked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import quote

from pydantic import StrictBool

from .interface import ALONE, Gives, Ids, Nature, NoticeRecord
from .natures import doi_of, pmid_of
from .reading import Count, Shape, read, read_each, text_of
from .service import Finding, Service, Sheet, by_length
from .transport import NOT_FOUND, Page

PAGE_SIZE = 100
MOST_PAGES = 4
FIELDS = "id,doi,ids,type,title,cited_by_count,is_retracted"
# The words of OpenAlex's own 404, whatever stands around them.
NOT_THERE = "The requested URL was not found on the server"
NOTICE_TYPES = {"retraction", "erratum"}
NOTICE_TITLE = re.compile(
    r"\s*(?:retraction|retraction (?:note|notice)|(?:statement|notice) of retraction)\s*(?::|to\b|$)", re.IGNORECASE
)


class WorkIds(Shape):
    doi: str | None = None
    pmid: str | None = None


class Work(Shape):
    doi: str | None = None
    ids: WorkIds | None = None
    type: str | None = None
    title: str | None = None
    cited_by_count: Count | None = None
    is_retracted: StrictBool | None = None

    @property
    def labels(self) -> set[str]:
        return _labels(self.doi, self.ids.doi if self.ids else None, self.ids.pmid if self.ids else None)

    @property
    def is_notice(self) -> bool:
        return (self.type or "").lower() in NOTICE_TYPES or bool(NOTICE_TITLE.match(self.title or ""))


class Meta(Shape):
    count: Count


class WorkList(Shape):
    meta: Meta
    results: tuple[Any, ...]


class Anything(Shape, extra="allow"):
    pass


class OpenAlex(Service):
    name = "openalex"
    batch_size = 100
    gives = frozenset({Gives.COUNTS, Gives.NOTICES})
    kinds: ClassVar[tuple[str, ...]] = ("doi", "pmid")

    def kind(self, ids: Ids) -> str:
        """By DOI, except where it would break the filter and there is a PMID."""
        best = super().kind(ids)
        return "pmid" if best == "doi" and breaks_filter(ids) and pmid_of(ids.pmid) else best

    def group(self, ids: Ids) -> str:
        kind = self.kind(ids)
        return ALONE if kind == "doi" and breaks_filter(ids) else kind

    def parts(self, askable: Sequence[Ids]) -> Iterable[Sequence[Ids]]:
        for group in ("doi", "pmid"):
            together = [ids for ids in askable if self.group(ids) == group]
            yield from by_length(together, {ids.ref: len(quote(self.label(ids))) for ids in together})
        yield from ([ids] for ids in askable if self.group(ids) == ALONE)

    def ask(self, part: Sequence[Ids]) -> Sheet:
        return self._one(part[0]) if len(part) == 1 else self._several(part)

    def _one(self, ids: Ids) -> Sheet:
        """One work, by its own address: only so are works found that were merged into others."""
        label = self.label(ids)
        kind, _, value = label.partition(":")
        page = self.http.get(f"/works/{kind}:{quote(value, safe='')}", self._params(), missing_ok=True)
        if page.status == NOT_FOUND:
            return self._nothing(page)
        sheet = self._sheet([read(page, Anything, self.name).model_dump()], whole=False)
        if label not in sheet.found and label not in sheet.spoiled and page.redirected:
            # Merged into another work, to which the service itself led.
            sheet.alias(label)
        return sheet

    def _nothing(self, page: Page) -> Sheet:
        if NOT_THERE not in page.text:
            raise self.failed("a 404 that is not OpenAlex's own")
        return Sheet()

    def _several(self, part: Sequence[Ids]) -> Sheet:
        kind = self.kind(part[0])
        values = "|".join(self.label(ids).partition(":")[2] for ids in part)
        # The filter for PMIDs is called ids.pmid, the one for DOIs doi.
        filters = f"ids.pmid:{values}" if kind == "pmid" else f"doi:{values}"
        works: list[Any] = []
        for number in range(1, MOST_PAGES + 1):
            listed = self._page(filters, number)
            works += listed.results
            if len(works) >= listed.meta.count or not listed.results:
                break
        if listed.meta.count and not works:
            raise self.failed("hits without results")
        return self._sheet(works, whole=len(works) >= listed.meta.count)

    def _page(self, filters: str, number: int) -> WorkList:
        params = {"filter": filters, "per-page": str(PAGE_SIZE), "page": str(number), **self._params()}
        return read(self.http.get("/works", params), WorkList, self.name)

    def _params(self) -> dict[str, str]:
        params = {"select": FIELDS, "mailto": self.endpoint.contact_mail, "api_key": self.endpoint.key}
        return {name: value for name, value in params.items() if value}

    @staticmethod
    def _sheet(raw: Iterable[Any], *, whole: bool) -> Sheet:
        records = read_each(raw, Work, raw_labels)
        sheet = Sheet(spoiled=records.spoiled, whole=whole and not records.lost)
        # Of several works of one DOI or PMID the most cited is the paper; a flag on any of them counts.
        for work in sorted(records.good, key=lambda work: work.cited_by_count or 0):
            for label in work.labels:
                earlier = sheet.found.get(label)
                sheet.found[label] = Finding(
                    work.cited_by_count, notices=notices_of(work) or (earlier.notices if earlier else ())
                )
        return sheet


def breaks_filter(ids: Ids) -> bool:
    """Whether the DOI holds what separates filters (`,`) or their values (`|`)."""
    return any(sign in (doi_of(ids.doi) or "") for sign in ",|")


def raw_labels(raw: Mapping[str, Any]) -> set[str]:
    record = dict(raw)
    inner = record.get("ids")
    ids = inner if isinstance(inner, dict) else {}
    return _labels(text_of(record, "doi"), text_of(ids, "doi"), text_of(ids, "pmid"))


def _labels(doi: str | None, other_doi: str | None, pmid: str | None) -> set[str]:
    found = {f"doi:{doi_of(value)}" for value in (doi, other_doi) if doi_of(value)}
    return found | ({f"pmid:{pmid_of(pmid)}"} if pmid_of(pmid) else set())


def notices_of(work: Work) -> tuple[NoticeRecord, ...]:
    if not work.is_retracted or work.is_notice:
        return ()
    return (NoticeRecord(Nature.RETRACTION, reason="is_retracted"),)

"""NCBI's ID converter: the PMID, PMCID and DOI of papers that are in PMC, up to 200 a call.

It tells what a study lacks and never changes what it has: a record that contradicts the study is not believed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from pydantic import Field

from .errors import Refused, Unavailable
from .interface import Gives, Ids
from .natures import doi_of, pmcid_of, pmid_of
from .reading import Label, Shape, read, read_each, text_of
from .service import READERS, Finding, Service, Sheet
from .transport import Page

ABSENT = "not found in pmc"
RATE_LIMITED = b"API rate limit exceeded"


class Record(Shape):
    pmid: Label | None = None
    pmcid: Label | None = None
    doi: str | None = None
    status: str = "ok"
    errmsg: str | None = None
    requested: Label | None = Field(default=None, alias="requested-id")

    @property
    def ids(self) -> dict[str, str]:
        found = {"pmid": pmid_of(self.pmid), "pmcid": pmcid_of(self.pmcid), "doi": doi_of(self.doi)}
        return {kind: value for kind, value in found.items() if value}


class Converted(Shape):
    status: str
    message: str | None = None
    records: tuple[Any, ...] = ()


class IdConverter(Service):
    name = "idconv"
    batch_size = 200
    gives = frozenset({Gives.IDS})
    kinds: ClassVar[tuple[str, ...]] = ("pmid", "pmcid", "doi")

    def check(self, page: Page) -> None:
        """NCBI says "slow down" with 429, and at times with 200."""
        if RATE_LIMITED in page.body[:1000]:
            raise Unavailable(f"{self.name}: rate limit exceeded", status=page.status)

    def kind(self, ids: Ids) -> str:
        """A comma separates the ids: a DOI with one can't be asked for."""
        kind = super().kind(ids)
        return "" if kind == "doi" and "," in (ids.doi or "") else kind

    def ask(self, part: Sequence[Ids]) -> Sheet:
        sheet = Sheet()
        for kind in dict.fromkeys(self.kind(ids) for ids in part):
            self._ask(kind, [self.label(ids).partition(":")[2] for ids in part if self.kind(ids) == kind], sheet)
        return sheet

    def _ask(self, kind: str, values: Sequence[str], sheet: Sheet) -> None:
        """The ids of one call are of one kind."""
        params = {"ids": ",".join(values), "idtype": kind, "format": "json", "versions": "no", "tool": "exodb"}
        if self.endpoint.contact_mail:
            params["email"] = self.endpoint.contact_mail
        converted = read(self.http.get("/", params), Converted, self.name)
        if converted.status != "ok":
            raise Refused(f"{self.name}: status {converted.status[:20]}", detail=(converted.message or "")[:300])
        records = read_each(converted.records, Record, raw_labels)
        sheet.spoiled |= records.spoiled
        # It answers about every id by name: silence is no answer.
        sheet.whole = False
        for record in records.good:
            labels = {f"{kind}:{value}" for kind, value in record.ids.items()}
            if requested := READERS[kind](record.requested):
                labels.add(f"{kind}:{requested}")
            self._sort(record, labels, sheet)

    @staticmethod
    def _sort(record: Record, labels: set[str], sheet: Sheet) -> None:
        if record.status == "ok" and not record.errmsg:
            sheet.found |= dict.fromkeys(labels, Finding(ids=record.ids))
        elif ABSENT in (record.errmsg or "").lower():
            sheet.absent |= labels
        else:
            trouble = Finding(trouble=(record.errmsg or f"status {record.status}")[:200])
            sheet.found |= dict.fromkeys(labels, trouble)

    @staticmethod
    def news(ids: Ids, learned: Mapping[str, str]) -> Mapping[str, str]:
        known = {kind: READERS[kind](getattr(ids, kind)) for kind in READERS}
        if any(known[kind] not in {None, value} for kind, value in learned.items()):
            return {}
        return {kind: value for kind, value in learned.items() if known[kind] is None}


def raw_labels(raw: Mapping[str, Any]) -> set[str]:
    record = dict(raw)
    asked = text_of(record, "requested-id") or ""
    values = {kind: text_of(record, kind) or asked for kind in READERS}
    return {f"{kind}:{READERS[kind](value)}" for kind, value in values.items() if READERS[kind](value)}

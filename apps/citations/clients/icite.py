"""NIH iCite: counts within PubMed and the relative citation ratio, up to 1,000 PMIDs a call.

The ratio is citations a year against the field's, 1.0 being NIH's median (Hutchins et al. 2016,
doi 10.1371/journal.pbio.1002541); iCite leaves it out for papers too young.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from pydantic import ConfigDict

from .interface import Gives, Ids
from .natures import pmid_of
from .reading import Count, Label, Ratio, Shape, read, read_each, text_of
from .service import Finding, Service, Sheet

FIELDS = "pmid,citation_count,relative_citation_ratio"


class Paper(Shape):
    """What we read of a paper. The flags beside it are "Yes" and "No" in old answers, booleans in new ones."""

    pmid: Label
    citation_count: Count | None = None
    relative_citation_ratio: Ratio | None = None


class Papers(Shape):
    """The whole answer. Other services list their `data` beside keys of their own: such an answer is not iCite's."""

    model_config = ConfigDict(extra="forbid")

    meta: Any = None
    links: Any = None
    data: tuple[Any, ...]


class ICite(Service):
    name = "icite"
    batch_size = 1000
    gives = frozenset({Gives.COUNTS})
    kinds: ClassVar[tuple[str, ...]] = ("pmid",)

    def ask(self, part: Sequence[Ids]) -> Sheet:
        """It says nothing of what it does not know, so nothing at all may be a failure: then it is asked again."""
        raw = self._papers(part)
        if not raw and len(part) > 1:
            raise self.failed("an answer about none of many")
        records = read_each(raw or self._papers(part), Paper, raw_labels)
        sheet = Sheet(spoiled=records.spoiled, whole=not records.lost)
        for paper in records.good:
            if pmid := pmid_of(paper.pmid):
                sheet.found[f"pmid:{pmid}"] = Finding(paper.citation_count, paper.relative_citation_ratio)
        return sheet

    def _papers(self, part: Sequence[Ids]) -> tuple[Any, ...]:
        pmids = ",".join(self.label(ids).removeprefix("pmid:") for ids in part)
        return read(self.http.get("/pubs", {"pmids": pmids, "fl": FIELDS}), Papers, self.name).data


def raw_labels(raw: Mapping[str, Any]) -> set[str]:
    pmid = pmid_of(text_of(dict(raw), "pmid"))
    return {f"pmid:{pmid}"} if pmid else set()

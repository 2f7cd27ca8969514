"""How the evidence of a search came in over the years of its studies."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from apps.claims.models import ClaimQuerySet
from apps.finding.passing import BY_EDGE, counted
from apps.finding.tallies import EDGES, edges

# Years that one picture shows; what is older stands together in the first.
MOST_YEARS = 30


@dataclass(frozen=True)
class Year:
    """The claims of the studies of one year, or of all years up to it."""

    year: int
    edges: Counter[str]
    and_before: bool = False

    @property
    def total(self) -> int:
        return self.edges.total()

    @property
    def counts(self) -> list[tuple[str, int]]:
        return [(edge.value, self.edges[edge]) for edge in EDGES]

    @property
    def asks(self) -> dict[str, str]:
        return {"year": f"..{self.year}" if self.and_before else str(self.year)}


def timeline(claims: ClaimQuerySet) -> list[Year]:
    """Every year from the first to the last, also those without a claim; in one query."""
    rows = counted(claims, {"years": f"SELECT year, {BY_EDGE} FROM counting GROUP BY year"})["years"]  # noqa: S608
    counts = {row["year"]: edges(row) for row in rows}
    if not counts:
        return []
    last = max(counts)
    first = max(min(counts), last - MOST_YEARS + 1)
    before: Counter[str] = sum((each for year, each in counts.items() if year <= first), Counter())
    rest = [Year(year, counts.get(year, Counter())) for year in range(first + 1, last + 1)]
    return [Year(first, before, and_before=min(counts) < first), *rest]

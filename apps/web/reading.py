"""What pages tell in numbers: each function is a fixed number of queries over accepted claims."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from apps.claims.models import Aspect, Claim, ClaimQuerySet, Edge
from apps.studies.models import Study, StudyStatus
from apps.vesicles.models import Cargo

# How many claims a record page lists before it leads to the search.
SHOWN = 50
# Claims of one study stay in its order: one may speak of "the same vesicles" as the one before.
STRONGEST_FIRST = ("level", "-preparation__study__year", "-preparation__study", "pk")
# From the edge that harms to the one that heals, as bars and tables show them.
EDGES = (Edge.HARM, Edge.MIXED, Edge.NEUTRAL, Edge.BENEFIT)


@dataclass(frozen=True)
class Part:
    """One stretch of a bar, in hundredths of its length."""

    edge: str
    label: str
    count: int
    start: float
    width: float


@dataclass(frozen=True)
class Bar:
    """How the claims of one kind split by edge."""

    value: str
    label: str
    total: int
    parts: list[Part]


def bar(value: str, label: str, counts: Counter[str]) -> Bar:
    total = sum(counts.values())
    parts, start = [], 0.0
    for edge in EDGES:
        width = 100 * counts[edge] / total if total else 0.0
        parts.append(Part(edge.value, str(edge.label), counts[edge], round(start, 2), round(width, 2)))
        start += width
    return Bar(value, label, total, parts)


def edges_of(claims: QuerySet[Claim]) -> Bar:
    """The claims by edge; those of retracted studies are left out."""
    standing = claims.exclude(preparation__study__status=StudyStatus.RETRACTED)
    counts = Counter(dict(standing.order_by().values_list("edge").annotate(n=Count("pk"))))
    return bar("", "all", counts)


def edges_by_aspect() -> list[Bar]:
    """For each aspect, how its counting claims split by edge; the aspect with most claims first."""
    rows = Claim.objects.counting().order_by().values_list("aspect", "edge").annotate(n=Count("pk"))
    counts: dict[str, Counter[str]] = {aspect: Counter() for aspect in Aspect.values}
    for aspect, edge, number in rows:
        counts[aspect][edge] = number
    bars = [bar(aspect, str(Aspect(aspect).label), each) for aspect, each in counts.items() if each]
    return sorted(bars, key=lambda each: (-each.total, each.label))


def numbers() -> dict[str, int]:
    """What is inside."""
    counts = Claim.objects.accepted().aggregate(
        diseases=Count("disease__terms", distinct=True, filter=Q(disease__grounding="grounded")),
        retracted=Count("pk", distinct=True, filter=Q(preparation__study__status=StudyStatus.RETRACTED)),
    )
    # The join to terms repeats the claim of a disease that is two.
    counts["claims"] = Claim.objects.accepted().count()
    counts["studies"] = Study.objects.public().count()
    counts["cargos"] = Cargo.objects.public().count()
    return counts


def as_cards(claims: ClaimQuerySet) -> ClaimQuerySet:
    """The claims with what a card shows and no more: it lists neither therapies nor targets."""
    return claims.for_listing().prefetch_related(None).defer("search")


def latest(most: int) -> ClaimQuerySet:
    return as_cards(Claim.objects.accepted()).order_by("-accepted_at", "-pk")[:most]


def shown(claims: ClaimQuerySet) -> dict[str, Any]:
    """The strongest of the claims for a record page, and how they all split by edge."""
    listed = as_cards(claims).order_by(*STRONGEST_FIRST)[: SHOWN + 1]
    first = list(listed)
    return {
        "claims": first[:SHOWN],
        "more": len(first) > SHOWN,
        "total": claims.count() if len(first) > SHOWN else len(first),
        "edges": edges_of(claims),
    }

"""What pages tell in numbers: each function is a fixed number of queries over accepted claims."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from apps.claims.models import Claim, ClaimQuerySet
from apps.finding.remembering import remembered
from apps.finding.tallies import EDGES, Account, Asks, Overview, Tally, account, overview
from apps.studies.models import Study
from apps.synthesis import balance
from apps.synthesis.balance import Balance
from apps.terms.models import Term, Vocabulary
from apps.vesicles.models import Cargo
from apps.web.drawing import sides_of

# How many claims a record page lists before it leads to the search.
SHOWN = 25
# Claims of one study stay in its order: one may speak of "the same vesicles" as the one before.
STRONGEST_FIRST = ("level", "-preparation__study__year", "-preparation__study", "pk")


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

    row: Tally
    total: int
    parts: list[Part]

    @property
    def label(self) -> str:
        return self.row.label


def bar(row: Tally) -> Bar:
    total = row.total
    parts, start = [], 0.0
    for edge in EDGES:
        width = 100 * row.edges[edge] / total if total else 0.0
        parts.append(Part(edge.value, str(edge.label), row.edges[edge], round(start, 2), round(width, 2)))
        start += width
    return Bar(row, total, parts)


def inside() -> dict[str, Any]:
    """What is inside, in numbers, and how both edges stand by aspect."""
    told, records = remembered("inside", _inside)
    return {
        "numbers": {"claims": told.total, "retracted": told.retracted, **records},
        "aspects": [bar(row) for row in told.aspects],
        "sides": sides_of(told.aspects),
    }


def _inside() -> tuple[Overview, dict[str, int]]:
    records = {
        "studies": Study.objects.public().count(),
        "cargos": Cargo.objects.public().count(),
        "diseases": Term.objects.public().filter(vocabulary=Vocabulary.DISEASE).count(),
    }
    return overview(Claim.objects.accepted()), records


def as_cards(claims: ClaimQuerySet) -> ClaimQuerySet:
    """The claims with what a card shows and no more: it lists neither therapies nor targets."""
    return claims.for_listing().prefetch_related(None).defer("search")


def latest(most: int) -> list[Claim]:
    newest = Claim.objects.accepted().order_by("-accepted_at", "-pk")
    return cards_of(newest.values_list("pk", flat=True)[:most])


def cards_of(keys: Iterable[int]) -> list[Claim]:
    """The claims with these keys, in this order; without those that are public no more."""
    claims = as_cards(Claim.objects.accepted().filter(pk__in=keys)).in_bulk()
    return [claims[key] for key in keys if key in claims]


def balance_of(claims: ClaimQuerySet, limit: Asks) -> Balance:
    """The balance of the claims that searches find by the limit."""
    return remembered(f"balance {sorted(limit.items())}", lambda: balance.of(claims))


def _told(claims: ClaimQuerySet, partners: Iterable[str]) -> tuple[Account, list[int]]:
    return account(claims, partners), list(claims.order_by(*STRONGEST_FIRST).values_list("pk", flat=True)[:SHOWN])


def shown(claims: ClaimQuerySet, limit: Asks, partners: Iterable[str] = ()) -> dict[str, Any]:
    """What a page of record says of its claims: the strongest of them, and all of them in numbers.

    `limit` is how a search is held to the record.
    """
    kinds = tuple(partners)
    told, keys = remembered(f"account {sorted(limit.items())} {kinds}", lambda: _told(claims, kinds))
    first = cards_of(keys)
    return {
        "claims": first,
        "total": told.overview.total,
        "more": told.overview.total > len(first),
        "account": told,
        "edges": bar(Tally("all", {}, told.overview.edges)),
        "aspects": [bar(row) for row in told.overview.aspects],
        "limit": limit,
        # The numbers leave claims of retracted studies out, and so do the searches that they lead to.
        "counted": {**limit, "retracted": "false"},
    }

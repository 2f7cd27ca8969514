"""A contradiction as pages and API tell it: its sides as they stand at this moment."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.db.models import Q

from apps.claims.models import Claim, ClaimQuerySet
from apps.studies.models import StudyStatus
from apps.synthesis.differing import Setting, same_authors, settings
from apps.synthesis.models import Contradiction, Standing
from apps.synthesis.questions import Stance, opposed

# Of a side, so many claims are shown, the strongest first.
MOST = 50
STRONGEST_FIRST = ("claim__level", "-claim__preparation__study__year", "claim__pk")


@dataclass(frozen=True)
class Side:
    """One side: the claims that count now, the strongest first, and how many more there are."""

    stance: Stance
    claims: list[Claim]
    total: int
    groups: set[int]

    @property
    def more(self) -> int:
        return self.total - len(self.claims)


@dataclass(frozen=True)
class Shown:
    """A contradiction with its sides."""

    contradiction: Contradiction
    sides: list[Side]
    left_out: int

    @cached_property
    def stands(self) -> bool:
        """Whether opposite sides are still taken, by the claims that count now."""
        taken = [side.stance for side in self.sides]
        question = self.contradiction.question
        return any(opposed(question, one, other, same_outcome=True) for one in taken for other in taken if one != other)

    @cached_property
    def settings(self) -> list[Setting]:
        return settings([side.claims for side in self.sides])

    @cached_property
    def same_authors(self) -> bool:
        return same_authors({side.stance: side.groups for side in self.sides})


def shown(contradiction: Contradiction) -> Shown:
    """The contradiction as it stands now: what was retracted or withdrawn since it was derived is left out."""
    standings = Standing.objects.filter(contradiction=contradiction)
    counts = Q(claim__state="accepted") & ~Q(claim__preparation__study__status=StudyStatus.RETRACTED)
    standing = standings.filter(counts)
    rows = standing.values_list("stance", "claim", "claim__preparation__study__author_group__first")
    by_side: dict[str, list[tuple[int, int | None]]] = {}
    for stance, claim, group in rows.order_by("stance", *STRONGEST_FIRST):
        by_side.setdefault(stance, []).append((claim, group))
    wanted = [claim for each in by_side.values() for claim, _ in each[:MOST]]
    claims = _claims().in_bulk(wanted)
    sides = [
        Side(
            Stance(stance),
            [claims[claim] for claim, _ in each[:MOST]],
            len(each),
            {group for _, group in each if group is not None},
        )
        for stance, each in by_side.items()
    ]
    return Shown(contradiction, sides, standings.exclude(counts).count())


def _claims() -> ClaimQuerySet:
    return Claim.objects.for_listing().select_related("preparation__source__species").defer("search")


def of_claim(claim: Claim, most: int = 5) -> list[Contradiction]:
    """The strongest contradictions that the claim takes a side in."""
    return list(Contradiction.objects.filter(standings__claim=claim).ranked()[:most])

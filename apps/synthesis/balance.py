"""The balance of a set of claims: how much of it is harm, how much benefit, and how sure that is.

Counts and sums come from PostgreSQL in a fixed number of queries, whatever the size of the set.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, F, FloatField, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Abs, Coalesce

from apps.claims.models import Claim, Edge, Effect, Level, Model
from apps.studies.models import Study, StudyStatus
from apps.synthesis.index import WEIGHTS, Index, index

# In the order in which they are shown, from harm to benefit.
OUTCOMES = {
    "harm": "harm",
    "mixed": "mixed",
    "no_effect": "no effect found",
    "neutral": "neutral",
    "benefit": "benefit",
}
# Below this share of the EV-METRIC items that were curated, a preparation is poorly reported.
WELL_REPORTED = 0.5

MADE = "preparation__"
STUDY = "preparation__study"


@dataclass(frozen=True)
class Row:
    """The claims of one level, by outcome."""

    level: str
    weight: int
    counts: dict[str, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True)
class Share:
    """How many of the counting claims rest on something, with what it is."""

    title: str
    count: int
    of: int

    @property
    def share(self) -> float | None:
        return self.count / self.of if self.of else None


@dataclass(frozen=True)
class Without:
    """The balance without one study: the one whose absence moves it most."""

    study: Study
    claims: int
    index: Index
    moves: float


@dataclass(frozen=True)
class Balance:
    """What a set of accepted claims says together; claims of retracted studies stand apart."""

    rows: list[Row]
    retracted: dict[str, int]
    studies: int
    groups: int
    index: Index
    shares: dict[str, Share]
    without: Without | None

    @property
    def counts(self) -> dict[str, int]:
        return {outcome: sum(row.counts[outcome] for row in self.rows) for outcome in OUTCOMES}

    @property
    def total(self) -> int:
        return sum(row.total for row in self.rows)

    @property
    def titled(self) -> list[tuple[str, str, int]]:
        """(outcome, its title, how many claims), from harm to benefit."""
        return [(outcome, OUTCOMES[outcome], count) for outcome, count in self.counts.items()]


def outcome() -> Case:
    """Of a claim, in SQL: its edge, but that *no effect found* is told from other neutral claims."""
    none = Q(edge=Edge.NEUTRAL, effect=Effect.NO_EFFECT)
    return Case(When(none, then=Value("no_effect")), default=F("edge"))


def weight() -> Case:
    """Of a claim, in SQL: what its level weighs."""
    each = [When(level=level, then=Value(float(weighs))) for level, weighs in WEIGHTS.items()]
    return Case(*each, output_field=FloatField())


def of(claims: QuerySet[Claim]) -> Balance:
    """The balance of the accepted claims among these, in four queries."""
    chosen = Claim.objects.accepted().filter(pk__in=claims.order_by().values("pk"))
    rows, retracted = _rows(chosen)
    standing = chosen.exclude(preparation__study__status=StudyStatus.RETRACTED)
    numbers = standing.aggregate(**_numbers())
    whole = index(_weighed(rows), numbers["groups"])
    return Balance(
        rows=rows,
        retracted=retracted,
        studies=numbers["studies"],
        groups=numbers["groups"],
        index=whole,
        shares=_shares(numbers),
        without=_without(standing, rows, whole) if numbers["studies"] > 1 else None,
    )


def _rows(chosen: QuerySet[Claim]) -> tuple[list[Row], dict[str, int]]:
    """The counting claims by level and outcome, and those of retracted studies by outcome."""
    by_level: dict[str, Counter[str]] = defaultdict(Counter)
    retracted: Counter[str] = Counter()
    gone = Q(preparation__study__status=StudyStatus.RETRACTED)
    found = (
        chosen.values_list(outcome(), "level", Case(When(gone, then=True), default=False))
        .annotate(n=Count("pk"))
        .order_by()
    )
    for says, level, is_gone, number in found:
        (retracted if is_gone else by_level[level])[says] += number
    rows = [Row(level, WEIGHTS[level], {name: by_level[level][name] for name in OUTCOMES}) for level in Level.values]
    return [row for row in rows if row.total], dict(retracted)


def _numbers() -> dict[str, Any]:
    """What else is counted, in one pass."""
    poor = Q(preparation__metric_curated__gt=0) & Q(
        preparation__metric_reported__lt=F("preparation__metric_curated") * WELL_REPORTED
    )
    return {
        "claims": Count("pk"),
        "studies": Count(STUDY, distinct=True),
        "groups": Count(Coalesce(f"{STUDY}__author_group__first", STUDY), distinct=True),
        "in_vitro": Count("pk", filter=Q(models_used=[Model.IN_VITRO])),
        "curated": Count("pk", filter=Q(preparation__metric_curated__gt=0)),
        "poor": Count("pk", filter=poor),
        "concern": Count("pk", filter=Q(preparation__study__status=StudyStatus.CONCERN)),
    }


def _shares(numbers: dict[str, int]) -> dict[str, Share]:
    claims = numbers["claims"]
    return {
        "in_vitro": Share("rest on cells in culture alone", numbers["in_vitro"], claims),
        # Of those that nobody has curated, nothing is known.
        "poorly_reported": Share("rest on poorly reported preparations", numbers["poor"], numbers["curated"]),
        "concern": Share("rest on a study under concern", numbers["concern"], claims),
    }


def _weighed(rows: list[Row]) -> tuple[float, float, float]:
    """The weights of harm, of benefit, and of all."""
    harm = sum(row.weight * row.counts["harm"] for row in rows)
    benefit = sum(row.weight * row.counts["benefit"] for row in rows)
    return float(harm), float(benefit), float(sum(row.weight * row.total for row in rows))


def _without(standing: QuerySet[Claim], rows: list[Row], whole: Index) -> Without | None:
    """The study without which the weighted share moves most, and the index without it."""
    harm, benefit, every = _weighed(rows)
    weighs = weight()
    lost = (
        standing.order_by()
        .values(STUDY)
        .annotate(
            harm=Sum(weighs, filter=Q(edge=Edge.HARM), default=0.0),
            benefit=Sum(weighs, filter=Q(edge=Edge.BENEFIT), default=0.0),
            every=Sum(weighs),
            n=Count("pk"),
        )
    )
    left = Value(every) - F("every")
    rest = (Value(benefit) - F("benefit") - Value(harm) + F("harm")) / left
    moved = Case(When(every__gte=every, then=Value(0.0)), default=Abs(rest - Value((benefit - harm) / every)))
    most = lost.annotate(moved=moved).order_by("-moved", STUDY).first()
    if most is None or not most["moved"]:
        return None
    remaining = standing.exclude(preparation__study=most[STUDY])
    groups = Count(Coalesce(f"{STUDY}__author_group__first", STUDY), distinct=True)
    weighed = harm - most["harm"], benefit - most["benefit"], every - most["every"]
    rest_of_it = index(weighed, remaining.aggregate(n=groups)["n"])
    study = Study.objects.get(pk=most[STUDY])
    return Without(study, claims=most["n"], index=rest_of_it, moves=rest_of_it.mean - whole.mean)

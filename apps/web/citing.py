"""What a study's page says of its citations: the latest counts, their course over time, and who was asked when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from django.db.models import Prefetch

from apps.citations.clients import SERVICES, Gives
from apps.citations.models import Check, Feed
from apps.citations.services import name_of
from apps.studies.models import CitationCount, Study

# Counts that a page looks at, the latest first: years of weekly ones of every service.
MOST_COUNTS = 2_000
# Points of one line; more would not be told apart on its width.
MOST_POINTS = 60
# The plane of a chart, in its own units; the margins hold the words.
WIDTH, HEIGHT = 320, 120
LEFT, RIGHT, TOP, BOTTOM = 8, 312, 26, 96
TELLS = {Gives.COUNTS: "citations", Gives.NOTICES: "notices", Gives.IDS: "identifiers"}


@dataclass(frozen=True)
class Point:
    """One count, and where it stands in the chart."""

    day: date
    count: int
    x: float
    y: float


@dataclass(frozen=True)
class Course:
    """How the count of one service went: drawn where there are two days or more."""

    service: str
    name: str
    points: list[Point]
    most: int

    @property
    def first(self) -> Point:
        return self.points[0]

    @property
    def last(self) -> Point:
        return self.points[-1]

    @property
    def line(self) -> str:
        return " ".join(f"{point.x},{point.y}" for point in self.points)


@dataclass(frozen=True)
class Asked:
    """One service: what it tells of, its latest count, and how the last check of the study ended."""

    feed: Feed
    check: Check | None
    latest: CitationCount | None

    @property
    def name(self) -> str:
        return name_of(self.feed.service)

    @property
    def tells(self) -> str:
        gives = SERVICES[self.feed.service].gives
        return ", ".join(word for what, word in TELLS.items() if what in gives)

    @property
    def asked(self) -> bool:
        return self.check is not None and self.check.asked_at is not None


def citing(study: Study) -> dict[str, Any]:
    """All of it, in three queries."""
    counts = list(CitationCount.objects.filter(study=study).order_by("-day", "service")[:MOST_COUNTS])
    latest: dict[str, CitationCount] = {}
    for count in counts:
        latest.setdefault(count.service, count)
    checks = Prefetch("checks", Check.objects.filter(study=study), to_attr="of_study")
    services = [
        Asked(feed, next(iter(feed.of_study), None), latest.get(feed.service))
        for feed in Feed.objects.prefetch_related(checks)
    ]
    return {
        "services": services,
        "courses": courses(counts),
        "ratio": next((count for count in counts if count.ratio is not None), None),
    }


def courses(counts: Sequence[CitationCount]) -> list[Course]:
    """One line for each service that has counts of two days or more, oldest count first."""
    by_service = sorted(counts, key=lambda count: (count.service, count.day))
    groups = [list(group) for _, group in groupby(by_service, key=lambda count: count.service)]
    return [course(group) for group in groups if len(group) > 1]


def course(counts: list[CitationCount]) -> Course:
    shown = thinned(counts)
    most = max(count.count for count in shown)
    begin, days = shown[0].day, (shown[-1].day - shown[0].day).days
    points = [
        Point(
            count.day,
            count.count,
            round(LEFT + (RIGHT - LEFT) * (count.day - begin).days / days, 1),
            round(BOTTOM - (BOTTOM - TOP) * count.count / (most or 1), 1),
        )
        for count in shown
    ]
    return Course(shown[0].service, name_of(shown[0].service), points, most)


def thinned(counts: list[CitationCount]) -> list[CitationCount]:
    """At most MOST_POINTS of them, evenly; the first and the last are always there."""
    if len(counts) <= MOST_POINTS:
        return counts
    step = (len(counts) - 1) / (MOST_POINTS - 1)
    return [counts[round(number * step)] for number in range(MOST_POINTS)]

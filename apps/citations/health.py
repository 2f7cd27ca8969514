"""How the services have been answering, and how old the figures are: a fixed number of queries, whatever there is."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Min, Q
from django.utils import timezone

from apps.citations.models import Check, Feed, Outcome, RefreshRun, RequestCount
from apps.citations.services import name_of
from apps.studies.models import Study

log = logging.getLogger(__name__)

KNOWN = (Outcome.FOUND, Outcome.ABSENT)
# What a service is asked of that no check was planned for yet.
NOTHING = {"planned": 0, "asked": 0, "due": 0, "found": 0, "absent": 0, "not_known": 0, "oldest": None, "newest": None}


@dataclass(frozen=True)
class Health:
    """One service: how it answers, and what is known from it about how many studies."""

    feed: Feed
    studies: int
    due: int
    found: int
    absent: int
    not_known: int
    never_asked: int
    oldest: datetime | None
    newest: datetime | None
    requests_today: int
    run: RefreshRun | None

    @property
    def name(self) -> str:
        return name_of(self.feed.service)

    @property
    def resting(self) -> bool:
        """Whether it is left in peace just now."""
        return self.feed.paused_until is not None and self.feed.paused_until > timezone.now()

    @property
    def alarm(self) -> str:
        """Why somebody should look; empty while all is well."""
        return why_stale(self.feed) if self.studies and self.feed.stale else ""


def why_stale(feed: Feed) -> str:
    """What is wrong with a service that is stale, as a sentence."""
    name = name_of(feed.service)
    since = f"has not answered since {feed.last_success:%Y-%m-%d}" if feed.last_success else "has never answered"
    why = f" (on {feed.last_failure:%Y-%m-%d}: {feed.last_message})" if feed.last_failure else ""
    return f"{name} {since}{why}."


def health() -> list[Health]:
    """Every service, in five queries."""
    now = timezone.now()
    studies = Study.objects.count()
    checks = _checks(now)
    requests = dict(RequestCount.objects.filter(day=now.date()).values_list("feed", "requests"))
    runs = {run.feed_id: run for run in RefreshRun.objects.filter(state=RefreshRun.State.RUNNING)}
    return [
        _health(feed, studies, checks.get(feed.pk, NOTHING), requests.get(feed.pk, 0), runs.get(feed.pk))
        for feed in Feed.objects.all()
    ]


def _checks(now: datetime) -> dict[str, Mapping[str, Any]]:
    """What the checks of each service come to."""
    asked = Q(asked_at__isnull=False)
    rows = (
        Check.objects.order_by()
        .values("feed")
        .annotate(
            planned=Count("pk"),
            asked=Count("pk", filter=asked),
            due=Count("pk", filter=Q(due_at__lte=now)),
            found=Count("pk", filter=asked & Q(outcome=Outcome.FOUND)),
            absent=Count("pk", filter=asked & Q(outcome=Outcome.ABSENT)),
            not_known=Count("pk", filter=asked & Q(outcome=Outcome.NOT_KNOWN)),
            oldest=Min("known_at", filter=Q(outcome__in=KNOWN)),
            newest=Max("known_at"),
        )
    )
    return {row["feed"]: row for row in rows}


def _health(feed: Feed, studies: int, checks: Mapping[str, Any], requests: int, run: RefreshRun | None) -> Health:
    return Health(
        feed=feed,
        studies=studies,
        # A study that no check was planned for is due as well.
        due=checks["due"] + max(0, studies - checks["planned"]),
        found=checks["found"],
        absent=checks["absent"],
        not_known=checks["not_known"],
        never_asked=max(0, studies - checks["asked"]),
        oldest=checks["oldest"],
        newest=checks["newest"],
        requests_today=requests,
        run=run,
    )


def alarms() -> list[str]:
    """What is wrong with each service that is stale."""
    stale = [why_stale(feed) for feed in Feed.objects.filter(enabled=True) if feed.stale]
    return stale if stale and Study.objects.exists() else []


def warn() -> None:
    """One line in the log, if any service is stale."""
    if wrong := alarms():
        log.warning("Citations and notices are growing old. %s", " ".join(wrong))

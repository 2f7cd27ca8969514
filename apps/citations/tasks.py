"""Celery's way to the refresh: a tick that asks what is due, and one task for each service."""

from __future__ import annotations

import logging

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from apps.citations import health
from apps.citations.models import Feed, RefreshRun
from apps.citations.refresh import AlreadyRunning, NotNow, is_due, mark_lost, plan, refresh

log = logging.getLogger(__name__)

# Well below the task's time limit; what is left is taken up by the next tick.
SECONDS = 420


# Celery refuses to send a task whose limit lies below the soft one of the settings.
@shared_task(soft_time_limit=50, time_limit=60)
def tick() -> None:
    """Close the runs whose worker was killed, and start one for every service that has studies due and no run."""
    mark_lost()
    now = timezone.now()
    running = RefreshRun.objects.filter(state=RefreshRun.State.RUNNING).values("feed")
    for feed in Feed.objects.filter(enabled=True).exclude(pk__in=running):
        if is_due(feed, now):
            asked = {"service": feed.service, "asked_by": "schedule"}
            # The next tick asks anew for what nobody took.
            refresh_feed.apply_async(kwargs=asked, expires=settings.CITATIONS_TICK)


@shared_task(acks_late=True, soft_time_limit=540, time_limit=600)
def refresh_feed(*, service: str, asked_by: str) -> None:
    """Ask one service about all that is due. May run twice: the second finds the lock taken, or nothing due."""
    feed = Feed.objects.get(pk=service)
    if not feed.enabled or not plan(feed):
        return
    try:
        refresh(feed, asked_by=asked_by, seconds=SECONDS)
    except (AlreadyRunning, NotNow) as why:
        log.info("%s", why)


@shared_task(soft_time_limit=50, time_limit=60)
def warn_of_stale() -> None:
    """Say in the log which services have not answered for too long."""
    health.warn()

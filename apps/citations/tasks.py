"""Celery's way to the refresh: a tick that asks what is due, and one task for each service."""

from __future__ import annotations

import logging

from celery import shared_task
from django.utils import timezone

from apps.citations import health
from apps.citations.models import Feed
from apps.citations.refresh import AlreadyRunning, is_due, refresh

log = logging.getLogger(__name__)

# Well below the task's time limit; what is left is taken up by the next tick.
SECONDS = 420


@shared_task(time_limit=60)
def tick() -> None:
    """Start a refresh of every service that has studies due."""
    now = timezone.now()
    for feed in Feed.objects.filter(enabled=True):
        if is_due(feed, now):
            refresh_feed.delay(service=feed.service, asked_by="schedule")


@shared_task(acks_late=True, time_limit=600)
def refresh_feed(*, service: str, asked_by: str) -> None:
    """Ask one service about all that is due. May run twice: the second finds the lock taken, or nothing due."""
    try:
        refresh(Feed.objects.get(pk=service), asked_by=asked_by, seconds=SECONDS)
    except AlreadyRunning as busy:
        log.info("%s", busy)


@shared_task(soft_time_limit=50, time_limit=60)
def warn_of_stale() -> None:
    """Say in the log which services have not answered for too long."""
    health.warn()

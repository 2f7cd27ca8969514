"""Asking services at an editor's word, by the queue: the request that wants it waits for no service."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from django.db import transaction
from kombu.exceptions import OperationalError

from apps.citations.models import Feed
from apps.citations.refresh import ask_again
from apps.citations.services import name_of
from apps.citations.tasks import refresh_feed
from apps.citations.verdicts import NotAllowed, require_editor
from apps.people.models import User
from exodb.celery import app

AWAY = "The queue of background work can't be reached just now. All of it is noted as due, and is taken up when it can."


@dataclass(frozen=True)
class Asked:
    """What was noted as due."""

    services: list[str]
    studies: int

    def __str__(self) -> str:
        plural = "study" if self.studies == 1 else "studies"
        return f"{self.studies} {plural} will be asked about at {', '.join(map(name_of, self.services))}."


@transaction.atomic
def ask_now(
    *,
    by: User,
    unheard: Callable[[str], object],
    services: Iterable[str] | None = None,
    studies: Iterable[int] | None = None,
) -> Asked:
    """Note the studies (or all) as due at the services (or at all that are switched on), and ask after the commit.

    `unheard` is told why, if the queue can't be reached then: nothing is lost by it, for what is due stays due.
    """
    require_editor(by, "have services asked")
    feeds = _switched_on(services)
    chosen = None if studies is None else list(studies)
    most = max(ask_again(feed, chosen) for feed in feeds)
    names = [feed.service for feed in feeds]
    transaction.on_commit(partial(_queue, names, unheard))
    return Asked(names, most)


def _switched_on(services: Iterable[str] | None) -> list[Feed]:
    """The services that were named, or all; none of those named may be switched off."""
    if services is None:
        feeds = list(Feed.objects.filter(enabled=True))
        if not feeds:
            raise NotAllowed("No service is switched on: nothing would be asked.")
        return feeds
    feeds = list(Feed.objects.filter(pk__in=list(services)))
    if off := [name_of(feed.service) for feed in feeds if not feed.enabled]:
        raise NotAllowed(f"Switched off: {', '.join(off)}. Switch it on first; nothing was asked.")
    return feeds


def _queue(services: Iterable[str], unheard: Callable[[str], object]) -> None:
    """Hand over one task for each service. Waits two seconds at most for a broker that is away."""
    try:
        with app.connection_for_write() as broker:
            broker.ensure_connection(max_retries=1, interval_start=0, interval_step=0, timeout=2)
            for service in services:
                asked = {"service": service, "asked_by": "admin"}
                app.send_task(refresh_feed.name, kwargs=asked, connection=broker, retry=False)
    except (OperationalError, OSError):
        unheard(AWAY)

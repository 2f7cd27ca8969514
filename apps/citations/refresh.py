"""Which studies are due at a service, and a run over them that is safe to kill at any moment.

Each batch is stored by itself (see `runner`), so that a run whose process dies has lost one batch at most, and that one
is still due. One run at a time asks a service (see `locking`); a run that was declared lost stores nothing more.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime

from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from apps.citations.asking import client_of
from apps.citations.clients import Client, Ids
from apps.citations.locking import AlreadyRunning, only_one
from apps.citations.models import Check, Feed, RefreshRun
from apps.citations.runner import Runner, count_request
from apps.studies.models import Study

__all__ = ["AlreadyRunning", "NotNow", "ask_again", "due", "is_due", "mark_lost", "plan", "refresh", "why_not"]


class NotNow(Exception):
    """The service may not be asked now; the message says why, and what to do."""


def plan(feed: Feed) -> int:
    """Give every study a check at the service; return how many are due now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO citations_check (study_id, feed_id) SELECT id, %s FROM studies_study study WHERE NOT EXISTS "
            "(SELECT FROM citations_check WHERE study_id = study.id AND feed_id = %s) ON CONFLICT DO NOTHING",
            [feed.pk, feed.pk],
        )
    return Check.objects.filter(feed=feed).due(timezone.now()).count()


@transaction.atomic
def ask_again(feed: Feed, studies: Iterable[int] | None = None) -> int:
    """Make checks due now: those of the studies, or all. Return how many."""
    plan(feed)
    checks = Check.objects.filter(feed=feed)
    if studies is not None:
        checks = checks.filter(study__in=list(studies))
    # Locked in one order, for a run may be storing the same ones.
    locked = checks.order_by("pk").select_for_update().values("pk")
    return Check.objects.filter(pk__in=locked).update(due_at=timezone.now())


def why_not(feed: Feed, now: datetime) -> str:
    """Why the service may not be asked now, as a sentence; empty if it may."""
    if missing := feed.missing_address:
        return missing
    if feed.paused_until is not None and feed.paused_until > now:
        reason = f" ({feed.last_message})" if feed.last_message else ""
        return f"{feed} is left in peace until {feed.paused_until:%Y-%m-%d %H:%M} UTC{reason}."
    return ""


def is_due(feed: Feed, now: datetime) -> bool:
    """Whether the service may and should be asked now."""
    return feed.enabled and not why_not(feed, now) and plan(feed) > 0


def due(feed: Feed, studies: Collection[int] | None = None) -> list[Ids]:
    """The studies (all, or of these) that are due, in an order that keeps batches full."""
    rows = Study.objects.filter(checks__feed=feed, checks__due_at__lte=timezone.now())
    if studies is not None:
        rows = rows.filter(pk__in=studies)
    found = rows.order_by("checks__due_at", "pk").values_list("pk", "pmid", "pmcid", "doi")
    return [Ids(ref, pmid, pmcid, doi) for ref, pmid, pmcid, doi in found]


def mark_lost() -> int:
    """Close the runs whose process has died, whether or not anybody asks their services again. Return how many."""
    lost = 0
    for run in RefreshRun.objects.filter(state=RefreshRun.State.RUNNING):
        with suppress(AlreadyRunning), only_one(run.feed_id):
            lost += _mark_lost(run.feed_id)
    return lost


def _mark_lost(service: str) -> int:
    """Close what is still called running, by who holds the lock and so knows better."""
    return RefreshRun.objects.filter(feed=service, state=RefreshRun.State.RUNNING).update(
        state=RefreshRun.State.LOST, ended_at=timezone.now(), message="its process was killed"
    )


@contextmanager
def _closed_if_it_breaks(run: RefreshRun) -> Iterator[None]:
    """Close a run that an error, a time limit or Ctrl-C ends; what it has stored stays."""
    try:
        yield
    except BaseException as problem:
        with suppress(DatabaseError):
            RefreshRun.objects.filter(pk=run.pk, state=RefreshRun.State.RUNNING).update(
                state=RefreshRun.State.LOST,
                ended_at=timezone.now(),
                message=f"broken off: {type(problem).__name__} {problem}".strip()[:500],
            )
        raise


def refresh(
    feed: Feed,
    *,
    asked_by: str,
    seconds: float | None = None,
    studies: Collection[int] | None = None,
    despite_pause: bool = False,
    progress: Callable[[int], object] = bool,
    client: Client | None = None,
) -> RefreshRun:
    """Ask the service about all studies (or these) that are due, for at most so many seconds.

    Raises AlreadyRunning, and NotNow for a service that has no address or is left in peace; `despite_pause` asks it
    all the same. A service that does not answer ends the run as *paused*; what it was not asked stays due.
    """
    with only_one(feed.service):
        feed.refresh_from_db()
        if why := feed.missing_address if despite_pause else why_not(feed, timezone.now()):
            raise NotNow(why)
        _mark_lost(feed.service)
        plan(feed)
        wanted = due(feed, studies)
        run = RefreshRun.objects.create(feed=feed, asked_by=asked_by, wanted=len(wanted))
        with _closed_if_it_breaks(run), client or client_of(feed.service, lambda: count_request(run)) as asked:
            Runner(feed, run, asked, wanted, seconds=seconds, progress=progress, despite_pause=despite_pause).work()
    run.refresh_from_db()
    return run

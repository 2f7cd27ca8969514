"""A run over the studies that are due at one service: politely, batch by batch, and safe to kill at any moment.

Each batch is stored by itself, so that a run whose process dies has lost one batch at most, and that one is still due.
One run at a time asks a service: the lock is PostgreSQL's and goes with the connection of whoever held it.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

from django.db import DatabaseError, connection, transaction
from django.db.models import F
from django.utils import timezone

from apps.citations.asking import client_of
from apps.citations.clients import Answer, Client, Ids, Outcome, ServiceError, Unavailable, batches
from apps.citations.models import Check, Feed, RefreshRun, RequestCount
from apps.citations.storing import store
from apps.studies.models import Study

log = logging.getLogger(__name__)

# The first half of the key of an advisory lock; the second tells the service.
LOCKS = 20_261_124
# A batch is asked for so often in one run before it is given up as not known.
TRIES = 3
# The status with which a service stumbles over one bad id; others (502, 503, 504) say that it is down.
SERVER_ERROR = 500
# After so many batches in a row without an answer the service is left in peace, longer each time.
BREAKER = 5
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=5), timedelta(hours=12)


class AlreadyRunning(Exception):
    """Another process is asking this service just now."""


class OutOfBudget(Exception):
    """The service has had all the requests that it may have today."""


@contextmanager
def only_one(service: str) -> Iterator[None]:
    """Hold the lock of a service. Raises AlreadyRunning when another process has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, hashtext(%s))", [LOCKS, service])
        if not cursor.fetchone()[0]:
            raise AlreadyRunning(f"{service} is being asked by another process just now.")
    try:
        yield
    finally:
        release(service)


def release(service: str) -> None:
    """Give the lock back. A connection that broke, or a transaction that failed, has given it back or soon will."""
    with suppress(DatabaseError), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s, hashtext(%s))", [LOCKS, service])


def plan(feed: Feed) -> int:
    """Give every study a check at the service; return how many are due now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO citations_check (study_id, feed_id) SELECT id, %s FROM studies_study study WHERE NOT EXISTS "
            "(SELECT FROM citations_check WHERE study_id = study.id AND feed_id = %s) ON CONFLICT DO NOTHING",
            [feed.pk, feed.pk],
        )
    return Check.objects.filter(feed=feed).due(timezone.now()).count()


def ask_again(feed: Feed, studies: Iterable[int] | None = None) -> int:
    """Make checks due now: those of the studies, or all. Return how many."""
    plan(feed)
    checks = Check.objects.filter(feed=feed)
    if studies is not None:
        checks = checks.filter(study__in=list(studies))
    return checks.update(due_at=timezone.now())


def refresh(
    feed: Feed,
    *,
    asked_by: str,
    seconds: float | None = None,
    progress: Callable[[int], object] = bool,
    client: Client | None = None,
) -> RefreshRun:
    """Ask the service about all studies that are due, for at most so many seconds.

    Raises AlreadyRunning. A service that does not answer ends the run as *paused*; what it was not asked stays due.
    """
    with only_one(feed.service):
        feed.runs.filter(state=RefreshRun.State.RUNNING).update(
            state=RefreshRun.State.LOST, ended_at=timezone.now(), message="its process was killed"
        )
        wanted = plan(feed)
        run = RefreshRun.objects.create(feed=feed, asked_by=asked_by, wanted=wanted)
        with client or client_of(feed.service, lambda: count_request(run)) as asked:
            Runner(feed, run, asked, seconds, progress).work()
    return run


def count_request(run: RefreshRun) -> None:
    """Count one request, for the run and for the day's budget. Raises OutOfBudget."""
    today = timezone.now().date()
    with transaction.atomic():
        RequestCount.objects.bulk_create([RequestCount(feed=run.feed, day=today)], ignore_conflicts=True)
        counts = RequestCount.objects.filter(feed=run.feed, day=today)
        if run.feed.daily_budget is not None and not counts.filter(requests__lt=run.feed.daily_budget).exists():
            raise OutOfBudget(f"{run.feed}: the budget of {run.feed.daily_budget} requests a day is spent")
        counts.update(requests=F("requests") + 1)
        RefreshRun.objects.filter(pk=run.pk).update(requests=F("requests") + 1)


class Runner:
    """One run: the batches to ask for, and how often each has failed."""

    def __init__(
        self, feed: Feed, run: RefreshRun, client: Client, seconds: float | None, progress: Callable[[int], object]
    ) -> None:
        self.feed, self.run, self.client, self.progress = feed, run, client, progress
        self.deadline = time.monotonic() + seconds if seconds else None
        self.queue: deque[tuple[list[Ids], int]] = deque((batch, 0) for batch in batches(client, due(feed)))

    def work(self) -> None:
        """Ask for all batches, the failed ones again behind the others."""
        state, message = RefreshRun.State.DONE, ""
        while self.queue and not self.is_late():
            batch, tries = self.queue.popleft()
            try:
                answers = self.client.fetch(batch)
            except OutOfBudget as spent:
                state, message = RefreshRun.State.PAUSED, str(spent)
                break
            except ServiceError as problem:
                self.failed(batch, tries, problem)
                if self.feed.failures >= BREAKER:
                    state, message = RefreshRun.State.PAUSED, self.pause(problem)
                    break
            else:
                self.answered(batch, answers, tries)
        self.end(state, message or self.leftover())

    def is_late(self) -> bool:
        return self.deadline is not None and time.monotonic() > self.deadline

    def leftover(self) -> str:
        left = sum(len(batch) for batch, _ in self.queue)
        return f"{left} studies are left for the next run" if left else ""

    def answered(self, batch: Sequence[Ids], answers: Sequence[Answer], tries: int) -> None:
        """Store what is known; what is not is asked once more, as part of a smaller batch where it can be."""
        self.feed.failures, self.feed.last_success = 0, timezone.now()
        Feed.objects.filter(pk=self.feed.pk).update(failures=0, last_success=self.feed.last_success, paused_until=None)
        again = {
            answer.ref for answer in answers if answer.outcome == Outcome.NOT_KNOWN and self.client_can_ask(answer)
        }
        if again and tries + 1 < TRIES:
            self.queue.append(([ids for ids in batch if ids.ref in again], tries + 1))
            answers = [answer for answer in answers if answer.ref not in again]
        self.keep(answers)

    def client_can_ask(self, answer: Answer) -> bool:
        """Not so for a study that has no identifier that the service takes: asking again would change nothing."""
        return "to ask by" not in answer.message

    def failed(self, batch: list[Ids], tries: int, problem: ServiceError) -> None:
        """Put the batch back, in halves where one of its studies may be to blame; give up after some tries."""
        now = timezone.now()
        poisonous = not isinstance(problem, Unavailable) or problem.status == SERVER_ERROR
        self.feed.failures += not poisonous
        self.feed.last_failure, self.feed.last_message = now, str(problem)[:500]
        self.feed.save(update_fields=["failures", "last_failure", "last_message"])
        if poisonous and len(batch) > 1:
            half = len(batch) // 2
            self.queue += [(batch[:half], tries), (batch[half:], tries)]
        elif tries + 1 < TRIES:
            self.queue.append((batch, tries + 1))
        else:
            self.keep([Answer(ids.ref, Outcome.NOT_KNOWN, message=str(problem)) for ids in batch])

    def keep(self, answers: Sequence[Answer]) -> None:
        """Store the answers and count them, together."""
        tally = {outcome: sum(answer.outcome == outcome for answer in answers) for outcome in Outcome}
        with transaction.atomic():
            store(self.feed, self.client, answers, timezone.now())
            RefreshRun.objects.filter(pk=self.run.pk).update(
                found=F("found") + tally[Outcome.FOUND],
                absent=F("absent") + tally[Outcome.ABSENT],
                not_known=F("not_known") + tally[Outcome.NOT_KNOWN],
            )
        self.progress(len(answers))

    def pause(self, problem: ServiceError) -> str:
        """Leave the service in peace: as long as it asks for, else twice as long as the last time."""
        asked = getattr(problem, "retry_after", None)
        longer = FIRST_PAUSE * 2 ** max(0, self.feed.failures - BREAKER)
        pause = timedelta(seconds=asked) if asked else min(longer, LONGEST_PAUSE)
        self.feed.paused_until = timezone.now() + pause
        self.feed.save(update_fields=["paused_until"])
        return f"{problem}; not asked again before {self.feed.paused_until:%Y-%m-%d %H:%M} UTC"

    def end(self, state: str, message: str) -> None:
        """Close the run with one line in the log, however it went."""
        RefreshRun.objects.filter(pk=self.run.pk).update(state=state, ended_at=timezone.now(), message=message[:500])
        self.run.refresh_from_db()
        log.log(
            logging.INFO if state == RefreshRun.State.DONE else logging.WARNING,
            "%s: %s of %s studies: %s found, %s absent, %s not known, %s requests. %s",
            self.feed, state, self.run.wanted, self.run.found, self.run.absent, self.run.not_known,
            self.run.requests, message,
        )  # fmt: skip


def due(feed: Feed) -> list[Ids]:
    """The studies that are due, in an order that keeps batches full."""
    rows = (
        Study.objects.filter(checks__feed=feed, checks__due_at__lte=timezone.now())
        .order_by("checks__due_at", "pk")
        .values_list("pk", "pmid", "pmcid", "doi")
    )
    return [Ids(ref, pmid, pmcid, doi) for ref, pmid, pmcid, doi in rows]


def is_due(feed: Feed, now: datetime) -> bool:
    """Whether the service may and should be asked now."""
    resting = feed.paused_until is not None and feed.paused_until > now
    return feed.enabled and not resting and plan(feed) > 0

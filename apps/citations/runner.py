"""One run over studies at one service: politely, batch by batch, the failed ones again and in halves.

Three things tell a service that is down from a study that it stumbles over. A batch that fails is cut in halves, down
to the one study to blame, which alone is *not known*. After some failures in a row the service is asked about one study
that it has known before, or some of those that wait: if it answers one, it is up, and the halving goes on. If not, it
is left in peace, longer each time, and all that it was not asked about stays due.
"""

from __future__ import annotations

import logging
import random
import time
from collections import deque
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta
from datetime import time as clock
from typing import NoReturn

from django.conf import settings
from django.db import DataError, IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from apps.citations.clients import Answer, Client, Ids, Nonsense, Outcome, ServiceError, Unavailable, batches
from apps.citations.models import Check, Feed, RefreshRun, RequestCount
from apps.citations.storing import store

log = logging.getLogger(__name__)

# A batch is asked for so often in one run before it is cut in halves. One study is given up after as many times, or
# after more where each was a single request: what is unavailable was repeated by the client already.
TRIES, TRIES_ALONE = 2, 5
# The status with which a service stumbles over one bad id; others (502, 503, 504) say that it is down.
SERVER_ERROR = 500
# After so many failures in a row it is found out whether the service is there at all.
BREAKER = 5
LONGEST_PAUSE = timedelta(hours=12)
MOST_DOUBLINGS = 12
# One of so many studies that the service knew last is asked about to find out.
WELL_KNOWN = 20
# So many that it was never asked about are tried where it has known none.
GUESSES = 5

Batch = list[Ids]


class Stop(Exception):
    """The run ends here, and what is left stays due. The message says why."""


class OutOfBudget(Stop):
    """The service has had all the requests that it may have today."""


def count_request(run: RefreshRun) -> None:
    """Count one request, for the run and for the day's budget. Raises OutOfBudget, or Stop for a run that is closed."""
    today = timezone.now().date()
    with transaction.atomic():
        if not RefreshRun.objects.filter(pk=run.pk, state=RefreshRun.State.RUNNING).update(requests=F("requests") + 1):
            raise Stop("another process has taken over")
        RequestCount.objects.bulk_create([RequestCount(feed=run.feed, day=today)], ignore_conflicts=True)
        counts = RequestCount.objects.filter(feed=run.feed, day=today)
        if run.feed.daily_budget is not None:
            counts = counts.filter(requests__lt=run.feed.daily_budget)
        if not counts.update(requests=F("requests") + 1):
            raise OutOfBudget(f"{run.feed}: the budget of {run.feed.daily_budget} requests a day is spent")


class Runner:
    """One run: the batches to ask for, and how often each has failed."""

    def __init__(
        self,
        feed: Feed,
        run: RefreshRun,
        client: Client,
        wanted: Collection[Ids],
        *,
        seconds: float | None = None,
        progress: Callable[[int], object] = bool,
        despite_pause: bool = False,
    ) -> None:
        self.feed, self.run, self.client, self.progress = feed, run, client, progress
        self.deadline = time.monotonic() + seconds if seconds else None
        self.despite_pause = despite_pause
        self.unanswered: set[int] = set()
        self.queue: deque[tuple[Batch, int]] = deque((batch, 0) for batch in batches(client, wanted))

    def work(self) -> None:
        """Ask for all batches, the failed ones again behind the others."""
        state, message = RefreshRun.State.DONE, ""
        try:
            if self.feed.failures >= BREAKER:
                self.make_sure_that_it_answers()
            while self.queue and not self.is_late():
                self.heed_editors()
                self.ask(*self.queue.popleft())
        except OutOfBudget as spent:
            state, message = RefreshRun.State.PAUSED, self.rest_until_tomorrow(spent)
        except Stop as stop:
            state, message = RefreshRun.State.PAUSED, str(stop)
        self.end(state, message or self.leftover())

    def is_late(self) -> bool:
        return self.deadline is not None and time.monotonic() > self.deadline

    def leftover(self) -> str:
        left = sum(len(batch) for batch, _ in self.queue)
        return f"{left} studies are left for the next run" if left else ""

    def heed_editors(self) -> None:
        """Stop when an editor has switched the service off or paused it since the run began."""
        now = Feed.objects.get(pk=self.feed.pk)
        switched_off = self.feed.enabled and not now.enabled
        resting = now.paused_until is not None and now.paused_until > timezone.now()
        if switched_off or (resting and now.paused_until != self.feed.paused_until):
            raise Stop("it was switched off or paused meanwhile")

    # --- asking -------------------------------------------------------------------------------------------------------

    def ask(self, batch: Batch, tries: int) -> None:
        try:
            answers = self.client.fetch(batch)
        except ServiceError as problem:
            self.failed(batch, tries, problem)
        else:
            self.answered(batch, answers, tries)

    def answered(self, batch: Batch, answers: Sequence[Answer], tries: int) -> None:
        """Store what is known; what is not is asked once more, as part of a smaller batch where it can be."""
        askable = {answer.ref for answer in answers if answer.askable}
        unknown = {answer.ref: answer for answer in answers if answer.outcome == Outcome.NOT_KNOWN}
        again = [ids for ids in batch if ids.ref in unknown and ids.ref in askable]
        self.keep([answer for answer in answers if answer.ref not in {ids.ref for ids in again}])
        if again and len(again) == len(askable):
            # An answer in which nothing can be read is none.
            self.failed(again, tries, Nonsense(unknown[again[0].ref].message))
            return
        if askable:
            self.note_success()
        if again:
            self.put_back(again, tries if len(again) > 1 else 0, unknown[again[0].ref].message)

    def failed(self, batch: Batch, tries: int, problem: ServiceError) -> None:
        """Note it, find out whether the service is there at all, and put the batch back."""
        self.note_failure(problem)
        self.unanswered.update(ids.ref for ids in batch)
        if asked_pause(problem) > settings.CITATION_PATIENCE["longest"]:
            self.rest(problem, timedelta(seconds=asked_pause(problem)))
        repeated = isinstance(problem, Unavailable)
        most = TRIES if repeated else TRIES_ALONE
        if self.feed.failures >= BREAKER or (repeated and len(batch) == 1 and tries + 1 >= most):
            self.make_sure_that_it_answers(problem, batch)
        poisonous = not repeated or getattr(problem, "status", None) == SERVER_ERROR
        self.put_back(batch, tries, str(problem), in_halves=poisonous, most=most)

    def put_back(self, batch: Batch, tries: int, why: str, *, in_halves: bool = False, most: int = TRIES_ALONE) -> None:
        """Ask again: some times as it is, then (or at once) in halves; one study is given up after some tries."""
        if len(batch) > 1 and (in_halves or tries + 1 >= TRIES):
            half = len(batch) // 2
            self.queue += [(part, tries if len(part) > 1 else 0) for part in (batch[:half], batch[half:])]
        elif tries + 1 < (TRIES if len(batch) > 1 else most):
            self.queue.append((batch, tries + 1))
        else:
            self.keep([Answer(ids.ref, Outcome.NOT_KNOWN, message=why) for ids in batch])

    # --- the breaker --------------------------------------------------------------------------------------------------

    def make_sure_that_it_answers(self, problem: ServiceError | None = None, failed: Sequence[Ids] = ()) -> None:
        """Ask about a study that the service has known before. If it does not even answer that, leave it in peace.

        Where it has known none yet, some that wait are asked about, one by one: one alone might be the poisonous one.
        """
        probes = self.probes(failed)
        if not probes:
            return
        for number, one in enumerate(probes, 1):
            try:
                (answer,) = self.client.fetch([one])
                if answer.outcome == Outcome.NOT_KNOWN:
                    raise Nonsense(answer.message)
            except ServiceError as still:
                if number < len(probes) and not asked_pause(still):
                    continue
                if problem is None:
                    self.note_failure(still)
                self.rest(still, timedelta(seconds=max(asked_pause(still), self.next_pause())))
            else:
                break
        self.note_success()

    def probes(self, failed: Sequence[Ids]) -> list[Ids]:
        """One study that the service has known lately, else some of those that wait; none where none can be asked."""
        known = Check.objects.filter(feed=self.feed, known_at__isnull=False).order_by("-known_at")
        rows = known.values_list("study_id", "study__pmid", "study__pmcid", "study__doi")[:WELL_KNOWN]
        most = 1 if rows else GUESSES
        candidates = [Ids(*row) for row in rows] or [ids for batch, _ in self.queue for ids in batch] or failed
        askable = [ids for ids in candidates if self.client.group(ids)]
        return random.sample(askable, min(most, len(askable)))

    def next_pause(self) -> float:
        """Twice as long as the last time, in seconds."""
        doublings = min(max(0, self.feed.failures - BREAKER), MOST_DOUBLINGS)
        return min(float(settings.CITATION_PAUSE) * 2**doublings, LONGEST_PAUSE.total_seconds())

    def rest(self, problem: ServiceError, pause: timedelta) -> NoReturn:
        """Leave the service in peace. What it was asked in vain is not known, and due as before."""
        Check.objects.filter(feed=self.feed, study__in=self.unanswered).update(
            outcome=Outcome.NOT_KNOWN, asked_at=timezone.now(), message=str(problem)[:300]
        )
        until = self.pause_until(timezone.now() + pause)
        raise Stop(f"{problem}; not asked again before {until:%Y-%m-%d %H:%M} UTC")

    def rest_until_tomorrow(self, spent: OutOfBudget) -> str:
        """Else each tick until midnight would begin a run that may ask nothing."""
        tomorrow = timezone.now().date() + timedelta(days=1)
        self.pause_until(datetime.combine(tomorrow, clock(), UTC))
        return f"{spent}; not asked again before tomorrow"

    def pause_until(self, moment: datetime) -> datetime:
        self.feed.paused_until = moment
        self.feed.save(update_fields=["paused_until"])
        return moment

    # --- keeping ------------------------------------------------------------------------------------------------------

    def note_success(self) -> None:
        self.feed.failures, self.feed.last_success = 0, timezone.now()
        changed = ["failures", "last_success"]
        if self.despite_pause and self.feed.paused_until:
            self.feed.paused_until = None
            changed.append("paused_until")
        self.feed.save(update_fields=changed)

    def note_failure(self, problem: ServiceError) -> None:
        self.feed.failures += 1
        self.feed.last_failure, self.feed.last_message = timezone.now(), str(problem)[:500]
        self.feed.save(update_fields=["failures", "last_failure", "last_message"])

    def keep(self, answers: Sequence[Answer]) -> None:
        """Store the answers and count them, together; one that the database refuses spoils no other."""
        if not answers:
            return
        try:
            self.store(answers)
        except (DataError, IntegrityError) as refusal:
            if len(answers) > 1:
                half = len(answers) // 2
                self.keep(answers[:half])
                self.keep(answers[half:])
                return
            why = f"{self.feed}: its answer can't be stored ({type(refusal).__name__})"
            self.store([Answer(answers[0].ref, Outcome.NOT_KNOWN, message=why)])
        self.unanswered.difference_update(answer.ref for answer in answers)
        self.progress(len(answers))

    def store(self, answers: Sequence[Answer]) -> None:
        tally = {outcome: sum(answer.outcome == outcome for answer in answers) for outcome in Outcome}
        with transaction.atomic():
            kept = RefreshRun.objects.filter(pk=self.run.pk, state=RefreshRun.State.RUNNING).update(
                found=F("found") + tally[Outcome.FOUND],
                absent=F("absent") + tally[Outcome.ABSENT],
                not_known=F("not_known") + tally[Outcome.NOT_KNOWN],
            )
            if not kept:
                raise Stop("another process has taken over")
            store(self.feed, self.client, answers, timezone.now())

    def end(self, state: str, message: str) -> None:
        """Close the run with one line in the log, however it went."""
        running = RefreshRun.objects.filter(pk=self.run.pk, state=RefreshRun.State.RUNNING)
        running.update(state=state, ended_at=timezone.now(), message=message[:500])
        self.run.refresh_from_db()
        log.log(
            logging.INFO if state == RefreshRun.State.DONE else logging.WARNING,
            "%s: %s, %s studies wanted: %s found, %s absent, %s not known, %s requests. %s",
            self.feed, self.run.state, self.run.wanted, self.run.found, self.run.absent, self.run.not_known,
            self.run.requests, message,
        )  # fmt: skip


def asked_pause(problem: ServiceError) -> float:
    """The seconds of peace that the service asked for, or 0."""
    return getattr(problem, "retry_after", None) or 0.0

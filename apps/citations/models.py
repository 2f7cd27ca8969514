"""Which services are asked, when which study was asked about, and how each run went."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from apps.citations.clients import SERVICES
from apps.records.history import kept

# A study is young for two years: its counts and its standing move most then.
YOUNG_YEARS = 2
# A service is asked at the next tick after a study is due, and may need a retry: that is no reason for an alarm.
GRACE = timedelta(days=1)


class Feed(models.Model):
    """One service: whether it is asked, how often, and how it has been answering. Its address is in the settings."""

    service = models.CharField(max_length=20, primary_key=True, choices=[(name, name) for name in SERVICES])
    enabled = models.BooleanField(default=True)
    young_every = models.PositiveSmallIntegerField(
        default=7, help_text=f"days between checks of a study of the last {YOUNG_YEARS} years"
    )
    old_every = models.PositiveSmallIntegerField(default=30, help_text="days between checks of an older study")
    daily_budget = models.PositiveIntegerField(null=True, blank=True, help_text="requests a day; empty: no limit")
    failures = models.PositiveIntegerField(default=0, editable=False, help_text="batches that failed in a row")
    paused_until = models.DateTimeField(null=True, blank=True, help_text="not asked before; empty it to ask now")
    last_success = models.DateTimeField(null=True, editable=False)
    last_failure = models.DateTimeField(null=True, editable=False)
    last_message = models.CharField(max_length=500, blank=True, editable=False)

    class Meta:
        ordering = ["service"]
        constraints = [
            models.CheckConstraint(name="feed_service_known", condition=Q(service__in=list(SERVICES))),
            models.CheckConstraint(name="feed_intervals_positive", condition=Q(young_every__gt=0, old_every__gt=0)),
        ]

    def __str__(self) -> str:
        return self.service

    def clean(self) -> None:
        if self.enabled and self.missing_address:
            raise ValidationError({"enabled": self.missing_address})

    @property
    def missing_address(self) -> str:
        """What the settings lack for the service to be asked, as a sentence; empty if it has an address."""
        if settings.CITATION_SERVICES[self.service]["base_url"]:
            return ""
        return f"{self.service} is off: it has no address. Set CITATIONS_{self.service.upper()}_URL first."

    @property
    def stale(self) -> bool:
        """Whether the service has not answered for longer than its longest interval, and a day."""
        longest = timedelta(days=max(self.young_every, self.old_every)) + GRACE
        return self.enabled and (self.last_success is None or self.last_success < timezone.now() - longest)


class Outcome(models.TextChoices):
    """How a check ended. A check that failed is *not known*: it never says that a study is clean."""

    FOUND = "found"
    ABSENT = "absent", "confirmed absent"
    NOT_KNOWN = "not_known", "not known"


class CheckQuerySet(models.QuerySet["Check"]):
    def due(self, moment: datetime) -> CheckQuerySet:
        return self.filter(due_at__lte=moment).order_by("due_at", "pk")


class Check(models.Model):
    """Where the asking of one service about one study stands."""

    study = models.ForeignKey("studies.Study", models.CASCADE, related_name="checks")
    feed = models.ForeignKey(Feed, models.CASCADE, related_name="checks")
    due_at = models.DateTimeField(db_default=Now())
    outcome = models.CharField(max_length=9, choices=Outcome, default=Outcome.NOT_KNOWN, db_default=Outcome.NOT_KNOWN)
    asked_at = models.DateTimeField(null=True, help_text="when it was last asked")
    known_at = models.DateTimeField(null=True, help_text="when it last knew: found, or confirmed absent")
    message = models.CharField(max_length=300, blank=True, db_default="", help_text="why it is not known")

    objects = CheckQuerySet.as_manager()

    class Meta:
        ordering = ["study", "feed"]
        constraints = [
            models.UniqueConstraint(name="check_once", fields=["study", "feed"]),
            models.CheckConstraint(name="check_outcome_known", condition=Q(outcome__in=Outcome.values)),
            models.CheckConstraint(
                name="check_known_when_asked",
                condition=Q(known_at__isnull=True) | Q(known_at__lte=F("asked_at")),
            ),
        ]
        indexes = [models.Index(name="check_by_due", fields=["feed", "due_at"])]

    def __str__(self) -> str:
        return f"check at {self.feed_id}"


class RefreshRun(models.Model):
    """One run over the studies that were due at one service."""

    class State(models.TextChoices):
        RUNNING = "running"
        DONE = "done"
        PAUSED = "paused", "paused: the service did not answer"
        LOST = "lost", "lost: its process was killed"

    feed = models.ForeignKey(Feed, models.CASCADE, related_name="runs")
    state = models.CharField(max_length=7, choices=State, default=State.RUNNING)
    asked_by = models.CharField(max_length=20, help_text="schedule, admin or command")
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    wanted = models.PositiveIntegerField(default=0)
    found = models.PositiveIntegerField(default=0)
    absent = models.PositiveIntegerField(default=0)
    not_known = models.PositiveIntegerField(default=0)
    requests = models.PositiveIntegerField(default=0)
    message = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-started_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="run_state_known", condition=Q(state__in=["running", "done", "paused", "lost"])
            ),
            models.UniqueConstraint(name="run_one_at_a_time", fields=["feed"], condition=Q(state="running")),
        ]

    def __str__(self) -> str:
        return f"{self.feed_id} at {self.started_at:%Y-%m-%d %H:%M}"

    @property
    def answered(self) -> int:
        """The studies that it is done with."""
        return self.found + self.absent + self.not_known

    @property
    def seconds(self) -> float | None:
        return (self.ended_at - self.started_at).total_seconds() if self.ended_at else None


class RequestCount(models.Model):
    """How many requests a service had from us on one day."""

    feed = models.ForeignKey(Feed, models.CASCADE, related_name="request_counts")
    day = models.DateField()
    requests = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(name="request_count_once_a_day", fields=["feed", "day"])]

    def __str__(self) -> str:
        return f"{self.requests} on {self.day}"


class AlertQuerySet(models.QuerySet["Alert"]):
    def to_do(self) -> AlertQuerySet:
        """Alerts that no editor has looked at."""
        return self.filter(seen_at__isnull=True)


@kept()
class Alert(models.Model):
    """That a notice has come which an editor should look at."""

    notice = models.OneToOneField("studies.Notice", models.PROTECT, related_name="alert")
    raised_at = models.DateTimeField(db_default=Now(), editable=False)
    seen_at = models.DateTimeField(null=True, blank=True)
    seen_by = models.ForeignKey("people.User", models.PROTECT, null=True, blank=True, related_name="+")

    objects = AlertQuerySet.as_manager()

    class Meta:
        ordering = ["-raised_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.notice} on {self.notice.study.accession}"

"""Files that people upload, and how far each has come. The claims in them keep their own history."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.urls import reverse

from apps.people.models import User
from apps.records import triggers


class UploadState(models.TextChoices):
    WAITING = "waiting", "waiting to be checked"
    CHECKING = "checking", "being checked"
    REFUSED = "refused", "has faults; nothing was stored"
    CHECKED = "checked", "checked: waits for your word"
    CONFIRMED = "confirmed", "waiting to be stored"
    STORING = "storing", "being stored"
    STORED = "stored", "stored"
    CANCELLED = "cancelled", "cancelled; nothing was stored"
    FAILED = "failed", "could not be finished; nothing was stored"


# The only ways from state to state. Once it is being stored, nobody can cancel: it ends whole or not at all.
UPLOAD_TRANSITIONS: dict[str, tuple[str, ...]] = {
    "waiting": ("checking", "cancelled", "failed"),
    "checking": ("refused", "checked", "cancelled", "failed"),
    "checked": ("confirmed", "cancelled"),
    "confirmed": ("storing", "cancelled", "failed"),
    "storing": ("stored", "refused", "failed"),
}
AT_WORK = ("waiting", "checking", "confirmed", "storing")
LEGAL = " OR ".join(
    f"OLD.state = '{old}' AND NEW.state IN ({', '.join(repr(new) for new in to)})"
    for old, to in UPLOAD_TRANSITIONS.items()
)


class UploadQuerySet(models.QuerySet["Upload"]):
    def of(self, person: User) -> UploadQuerySet:
        return self.filter(by=person)

    def at_work(self) -> UploadQuerySet:
        """Those that a worker has to finish."""
        return self.filter(state__in=AT_WORK)


class Upload(models.Model):
    """One file that somebody uploaded: checked whole, then stored as their drafts or not at all."""

    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="uploads")
    at = models.DateTimeField(db_default=Now(), editable=False)
    name = models.CharField(max_length=200, help_text="of the file, as it was uploaded")
    size = models.PositiveIntegerField(help_text="in bytes")
    state = models.CharField(max_length=9, choices=UploadState, default=UploadState.WAITING, db_default="waiting")
    step = models.CharField(max_length=20, blank=True, help_text="what is being done")
    done = models.PositiveIntegerField(default=0, db_default=0)
    total = models.PositiveIntegerField(default=0, db_default=0, help_text="0: not known yet")
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    touched_at = models.DateTimeField(db_default=Now(), help_text="when a worker last said that it is at it")
    problems = models.JSONField(default=list, help_text="the first ones, as row, column, value, message")
    problem_count = models.PositiveIntegerField(default=0, db_default=0)
    effect = models.JSONField(null=True, help_text="what storing it does, or did")

    objects = UploadQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(name="upload_state_known", condition=Q(state__in=UploadState.values)),
            models.CheckConstraint(name="upload_has_name", condition=~Q(name="")),
            models.CheckConstraint(name="upload_has_content", condition=Q(size__gt=0)),
            models.CheckConstraint(name="upload_done_within_total", condition=Q(total=0) | Q(done__lte=F("total"))),
            models.CheckConstraint(
                name="upload_checked_says_effect",
                condition=~Q(state__in=["checked", "confirmed", "storing", "stored"]) | Q(effect__isnull=False),
            ),
            models.CheckConstraint(
                name="upload_refused_says_why", condition=~Q(state="refused") | Q(problem_count__gt=0)
            ),
        ]
        indexes = [
            models.Index(name="upload_of_person", fields=["by", "-at"]),
            models.Index(name="upload_at_work", fields=["touched_at"], condition=Q(state__in=AT_WORK)),
        ]
        triggers = [
            triggers.refuse(
                "upload_starts_waiting",
                "An upload starts by waiting to be checked.",
                on=pgtrigger.Insert,
                condition=pgtrigger.Condition("NEW.state <> 'waiting'"),
            ),
            triggers.refuse(
                "upload_state_changes_legally",
                "An upload can't go from that state to this one.",
                on=pgtrigger.Update,
                condition=pgtrigger.Condition(f"(OLD.state <> NEW.state AND NOT ({LEGAL}))"),
            ),
            triggers.not_emptied(),
            *triggers.append_only("upload", "Who uploaded what, and when, is kept.", ["by_id", "at", "name", "size"]),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("admin:upload", args=[self.pk])

    @property
    def is_at_work(self) -> bool:
        return self.state in AT_WORK

    @property
    def can_be_cancelled(self) -> bool:
        return UploadState.CANCELLED in UPLOAD_TRANSITIONS.get(self.state, ())

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total if self.total else 0


class UploadFile(models.Model):
    """The content of an upload, kept in the database for workers on other machines, until the upload has ended."""

    upload = models.OneToOneField(Upload, models.PROTECT, primary_key=True, related_name="file")
    content = models.BinaryField()

    def __str__(self) -> str:
        return str(self.upload)

"""What a program was answered, so that it may ask the same once more without doing it twice."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

LONGEST_KEY = 200
KEPT_FOR = timedelta(days=7)


class AnsweredQuerySet(models.QuerySet["Answered"]):
    def stale(self, moment: datetime) -> AnsweredQuerySet:
        """What nobody will ask again."""
        return self.filter(at__lt=moment - KEPT_FOR)


class Answered(models.Model):
    """The answer to one request that wrote, under the key that its person gave it."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="answers")
    key = models.CharField(max_length=LONGEST_KEY, help_text="the Idempotency-Key of the request")
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of what was asked")
    status = models.PositiveSmallIntegerField()
    body = models.JSONField(null=True)
    headers = models.JSONField(default=dict)
    at = models.DateTimeField(db_default=Now())

    objects = AnsweredQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="answered_once_a_key", fields=["person", "key"]),
            models.CheckConstraint(name="answered_has_key", condition=Q(key__regex=r"^[!-~]+$")),
            models.CheckConstraint(name="answered_is_digested", condition=Q(fingerprint__regex="^[0-9a-f]{64}$")),
            # Nothing was done where a request was refused, so nothing is to be remembered.
            models.CheckConstraint(name="answered_what_was_done", condition=Q(status__gte=200, status__lt=300)),
        ]
        indexes = [models.Index(name="answered_by_age", fields=["at"])]

    def __str__(self) -> str:
        return f"{self.key} of {self.person_id}"

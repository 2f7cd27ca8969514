"""Input that nobody has saved yet: kept for its person until it is saved, discarded or too old."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Cast, Now
from django.db.models.lookups import LessThanOrEqual

# A form of the desk with a hundred measures stays far below.
MOST_BYTES = 262_144
KEPT_FOR = timedelta(days=90)


class AutosaveQuerySet(models.QuerySet["Autosave"]):
    def stale(self, moment: datetime) -> AutosaveQuerySet:
        """What nobody came back for."""
        return self.filter(saved_at__lt=moment - KEPT_FOR)


class Autosave(models.Model):
    """What one person has typed into one form and not saved: names and values, in the order of the form."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="autosaves")
    form = models.CharField(max_length=200, help_text="the address of the form")
    payload = models.JSONField(help_text="the input, as pairs of name and value")
    saved_at = models.DateTimeField(db_default=Now())

    objects = AutosaveQuerySet.as_manager()

    class Meta:
        ordering = ["-saved_at", "pk"]
        constraints = [
            models.UniqueConstraint(name="autosave_once_a_form", fields=["person", "form"]),
            models.CheckConstraint(name="autosave_has_form", condition=~Q(form="")),
            models.CheckConstraint(
                name="autosave_of_sane_size",
                condition=LessThanOrEqual(
                    models.Func(
                        Cast("payload", models.TextField()),
                        function="octet_length",
                        output_field=models.IntegerField(),
                    ),
                    MOST_BYTES,
                ),
                violation_error_message="That is more input than a form of the desk holds.",
            ),
        ]
        indexes = [models.Index(name="autosave_by_age", fields=["saved_at"])]

    def __str__(self) -> str:
        return f"{self.person} in {self.form}"

"""Who was asked to review a submission."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from apps.records import triggers
from apps.records.history import kept


@kept()
class Assignment(models.Model):
    """That an editor asked somebody to review a version. A suggestion: anybody else may review it still."""

    claim = models.OneToOneField("claims.Claim", models.CASCADE, related_name="assignment")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="assignments")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="assignments_made")
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["-at", "-pk"]
        triggers = [
            triggers.check(
                "assignment_to_a_second_person",
                on=pgtrigger.Insert | pgtrigger.Update,
                sql="EXISTS (SELECT FROM claims_claim WHERE id = NEW.claim_id AND author_id = NEW.reviewer_id)",
                message="Whoever wrote a claim can't be asked to review it.",
            ),
            triggers.check(
                "assignment_by_an_editor",
                on=pgtrigger.Insert | pgtrigger.Update,
                sql="NOT EXISTS (SELECT FROM people_user WHERE id = NEW.by_id AND role IN ('editor', 'administrator'))",
                message="Editors ask for reviews.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.claim} for {self.reviewer}"

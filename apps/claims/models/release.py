"""Releases: numbered, immutable snapshots of accepted evidence."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q

from apps.records import triggers
from apps.records.text import not_blank

RELEASE_NUMBER = r"^[0-9]{4}\.[0-9]+$"


class Release(models.Model):
    """A numbered snapshot of accepted evidence, or of the starter collection that an installation began with."""

    number = models.CharField(max_length=20, unique=True, help_text="such as 2026.1")
    title = models.CharField(max_length=200)
    released_on = models.DateField()
    closed_at = models.DateTimeField(
        null=True, editable=False, help_text="since when it takes no more claims: the end of the import that made it"
    )

    class Meta:
        ordering = ["-released_on", "-number"]
        constraints = [
            models.CheckConstraint(name="release_number_well_formed", condition=Q(number__regex=RELEASE_NUMBER)),
            models.CheckConstraint(name="release_has_title", condition=not_blank("title")),
        ]
        triggers = [
            triggers.not_emptied(),
            *triggers.append_only("release", "A release is never changed.", ["number", "title", "released_on"]),
            triggers.fixed(
                "release_stays_closed",
                "A release that is closed stays closed.",
                ["closed_at"],
                when="OLD.closed_at IS NOT NULL",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class ReleaseMember(models.Model):
    """That a release holds this version of a claim."""

    release = models.ForeignKey(Release, models.PROTECT, related_name="members")
    claim = models.ForeignKey("Claim", models.PROTECT, related_name="memberships")

    class Meta:
        constraints = [models.UniqueConstraint(name="release_member_once", fields=["release", "claim"])]
        triggers = [
            triggers.not_emptied(),
            *triggers.append_only("release_member", "A release is never changed.", ["release_id", "claim_id"]),
            triggers.check(
                "release_member_before_closing",
                on=pgtrigger.Insert,
                # The lock waits for whoever closes it at this moment, and then sees that.
                first="PERFORM FROM claims_release WHERE id = NEW.release_id FOR SHARE;",
                sql="EXISTS (SELECT FROM claims_release WHERE id = NEW.release_id AND closed_at IS NOT NULL)",
                message="This release is closed: it holds what it held that day.",
            ),
            triggers.check(
                "release_member_accepted",
                on=pgtrigger.Insert,
                sql="NOT EXISTS (SELECT FROM claims_claim WHERE id = NEW.claim_id AND state = 'accepted')",
                message="A release holds accepted claims only.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.claim} in {self.release}"

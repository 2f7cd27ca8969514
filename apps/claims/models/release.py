"""Releases: numbered, immutable snapshots of accepted evidence."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q

from apps.records import triggers

RELEASE_NUMBER = r"^[0-9]{4}\.[0-9]+$"


class Release(models.Model):
    """A numbered snapshot of accepted evidence, or of the starter collection that an installation began with."""

    number = models.CharField(max_length=20, unique=True, help_text="such as 2026.1")
    title = models.CharField(max_length=200)
    released_on = models.DateField()

    class Meta:
        ordering = ["-released_on", "-number"]
        constraints = [
            models.CheckConstraint(name="release_number_well_formed", condition=Q(number__regex=RELEASE_NUMBER))
        ]
        triggers = [
            triggers.not_emptied(),
            *triggers.append_only("release", "A release is never changed.", ["number", "released_on"]),
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
                "release_member_accepted",
                on=pgtrigger.Insert,
                sql="NOT EXISTS (SELECT FROM claims_claim WHERE id = NEW.claim_id AND state = 'accepted')",
                message="A release holds accepted claims only.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.claim} in {self.release}"

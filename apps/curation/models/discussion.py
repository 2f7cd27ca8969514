"""What people say to each other about a claim, whom they name, and how far each has read."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Length, Now
from django.db.models.lookups import LessThanOrEqual, StartsWith

from apps.records import triggers
from apps.records.models import Kind

LONGEST_COMMENT = 4_000


def of_claim(related_name: str) -> models.ForeignKey[object, object]:
    """The claim by its accession: what is said of it holds for all its versions, also of a draft thrown away."""
    return models.ForeignKey("records.Accession", models.PROTECT, related_name=related_name)


class Comment(models.Model):
    """What somebody said about a claim: kept as it was said."""

    claim = of_claim("comments")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="comments")
    at = models.DateTimeField(db_default=Now(), editable=False)
    text = models.TextField()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(name="comment_says_something", condition=~Q(text="")),
            models.CheckConstraint(
                name="comment_not_too_long",
                condition=Q(LessThanOrEqual(Length("text"), Value(LONGEST_COMMENT))),
                violation_error_message=f"A comment has at most {LONGEST_COMMENT} characters.",
            ),
            models.CheckConstraint(
                name="comment_on_a_claim", condition=Q(StartsWith(F("claim"), Value(Kind.CLAIM.value)))
            ),
        ]
        indexes = [models.Index(name="comment_by_claim", fields=["claim", "id"])]
        triggers = [
            triggers.not_emptied(),
            *triggers.append_only("comment", "A comment is kept as it was said.", ["claim_id", "by_id", "at", "text"]),
        ]

    def __str__(self) -> str:
        return f"{self.by} on {self.claim_id}"


class Mention(models.Model):
    """That a comment names a person."""

    comment = models.ForeignKey(Comment, models.PROTECT, related_name="mentions")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="mentions")

    class Meta:
        constraints = [models.UniqueConstraint(name="mention_once", fields=["comment", "person"])]
        indexes = [models.Index(name="mention_of_person", fields=["person", "comment"])]
        triggers = [
            triggers.not_emptied(),
            *triggers.append_only("mention", "A comment is kept as it was said.", ["comment_id", "person_id"]),
        ]

    def __str__(self) -> str:
        return f"{self.person} in a comment on {self.comment.claim_id}"


class Reading(models.Model):
    """How far a person has read the discussion of a claim that concerns them: one row, moved on, not one a comment."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="readings")
    claim = of_claim("readings")
    up_to = models.ForeignKey(
        Comment, models.PROTECT, null=True, related_name="+", help_text="the last comment read; empty: none"
    )

    class Meta:
        constraints = [models.UniqueConstraint(name="reading_once", fields=["person", "claim"])]

    def __str__(self) -> str:
        return f"{self.person} on {self.claim_id}"

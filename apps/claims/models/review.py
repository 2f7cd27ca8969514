"""How claims were reviewed: what a reviewer declared beforehand, and what each one decided."""

from __future__ import annotations

from datetime import datetime, timedelta

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import OuterRef, Q
from django.db.models.functions import Now

from apps.claims.models.authors import Compared, compared
from apps.claims.models.claim import Claim
from apps.people.models import User
from apps.records import triggers
from apps.records.history import kept
from apps.records.text import not_blank

# How long a statement of interests holds; the trigger below says the same to PostgreSQL.
HOLDS = timedelta(days=365)


class InterestQuerySet(models.QuerySet["Interest"]):
    def holding(self, person: User, moment: datetime) -> InterestQuerySet:
        """The person's statements that hold at the moment, the newest first."""
        return self.filter(person=person, made_at__gt=moment - HOLDS, made_at__lte=moment)

    def names_author_of(self, authors: str) -> InterestQuerySet:
        """Those that give a name of the list of authors that an outer query has under this path."""
        return self.alias(own=Compared("published_as")).filter(own__overlap=Compared(OuterRef(authors)))


@kept()
class Interest(models.Model):
    """What a reviewer declared about interests of their own; it holds for a year."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="interests")
    made_at = models.DateTimeField(db_default=Now(), editable=False)
    none = models.BooleanField("no competing interests")
    interests = models.TextField(blank=True, help_text="employers, shares, patents, grants, close colleagues")
    published_as = ArrayField(
        models.CharField(max_length=200),
        default=list,
        blank=True,
        verbose_name="names as an author",
        help_text="as papers print them, Family Initials, one a line: nobody decides on a study of their own",
    )

    objects = InterestQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="interest_none_or_named",
                condition=Q(none=True, interests="") | (Q(none=False) & not_blank("interests")),
                violation_error_message="Declare that there are none, or name them.",
            ),
        ]
        triggers = triggers.append_only(
            "interest",
            "A statement of interests is kept as it was made; make a new one instead.",
            ["person_id", "made_at", "none", "interests", "published_as"],
        )

    def __str__(self) -> str:
        return f"{self.person} on {self.made_at:%Y-%m-%d}"

    @property
    def holds_until(self) -> datetime:
        return self.made_at + HOLDS


class Verdict(models.TextChoices):
    """What was decided on a version of a claim."""

    ACCEPTED = "accepted", "accepted"
    CHANGES = "changes", "changes requested"
    REJECTED = "rejected", "rejected"
    WITHDRAWN = "withdrawn", "withdrawn"


@kept()
class Decision(models.Model):
    """One decision on one version of a claim, by somebody other than who wrote it, with the reason."""

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="decisions")
    verdict = models.CharField(max_length=9, choices=Verdict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="decisions")
    at = models.DateTimeField(db_default=Now(), editable=False)
    reason = models.TextField(blank=True)
    interest = models.ForeignKey(
        Interest, models.PROTECT, related_name="decisions", help_text="the statement that held when it was made"
    )

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(name="decision_verdict_known", condition=Q(verdict__in=Verdict.values)),
            models.CheckConstraint(
                name="decision_has_reason",
                condition=Q(verdict="accepted") | not_blank("reason"),
                violation_error_message="To request changes, to reject or to withdraw takes a reason.",
            ),
        ]
        triggers = [
            *triggers.append_only(
                "decision",
                "A decision is kept as it was made.",
                ["claim_id", "verdict", "by_id", "at", "reason", "interest_id"],
            ),
            triggers.check(
                "decision_by_a_second_person",
                on=pgtrigger.Insert,
                sql="""NEW.verdict <> 'withdrawn'
                    AND EXISTS (SELECT FROM claims_claim WHERE id = NEW.claim_id AND author_id = NEW.by_id)""",
                message="Whoever wrote a claim can't decide on it.",
            ),
            triggers.check(
                "decision_on_what_waits",
                on=pgtrigger.Insert,
                # Whoever changes the state meanwhile waits, and then finds the decision.
                first="PERFORM FROM claims_claim WHERE id = NEW.claim_id FOR NO KEY UPDATE;",
                sql="""NOT EXISTS (
                    SELECT FROM claims_claim WHERE id = NEW.claim_id AND CASE NEW.verdict
                        WHEN 'withdrawn' THEN state = 'accepted' AND accepted_at <= NEW.at
                        ELSE state = 'submitted' AND submitted_at <= NEW.at END)""",
                message="Decided is on what was submitted, once it was; withdrawn is what is accepted.",
            ),
            triggers.check(
                "decision_after_statement_of_interests",
                on=pgtrigger.Insert,
                sql="""NOT EXISTS (
                    SELECT FROM claims_interest WHERE id = NEW.interest_id AND person_id = NEW.by_id
                    AND made_at > NEW.at - interval '365 days' AND made_at <= NEW.at)""",
                message="A decision takes a statement of interests of one's own that is not older than a year.",
            ),
            triggers.check(
                "decision_not_on_own_study",
                on=pgtrigger.Insert,
                sql="""EXISTS (
                    SELECT FROM claims_claim claim
                    JOIN vesicles_preparation made ON made.id = claim.preparation_id
                    JOIN studies_study study ON study.id = made.study_id
                    JOIN claims_interest stated ON stated.person_id = NEW.by_id
                    WHERE claim.id = NEW.claim_id
                    AND """
                # Whatever statement the name stands in: none is taken back by a later one that leaves it out.
                f"{compared('study.authors')} && {compared('stated.published_as')})",
                message="Nobody decides on a study of which they are an author.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_verdict_display()} by {self.by}"

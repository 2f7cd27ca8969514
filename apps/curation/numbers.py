"""How much each curator wrote and decided, and how long what they decided on had waited."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.db.models import Aggregate, Count, DurationField, ExpressionWrapper, F, FloatField, OuterRef, Q, Subquery
from django.db.models.functions import Extract

from apps.claims.history import last_submission
from apps.claims.models import Claim, Decision, Verdict
from apps.people.models import Role, User

SECONDS_A_DAY = 86_400


class Median(Aggregate):
    """The middle of the values, between the two middle ones where they are even in number."""

    function = "percentile_cont"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)%(filter)s"
    output_field = FloatField()


class Numbers(NamedTuple):
    """One person's work. `days`: the median from submission to their decision; None without a decision."""

    person: User
    drafted: int
    submitted: int
    accepted: int
    decisions: int
    days: float | None


def numbers(people: list[User] | None = None) -> list[Numbers]:
    """The work of the people, or of everybody who works here, who did most first; three queries for any number."""
    everyone = people or list(User.objects.exclude(role=Role.READER).order_by("username"))
    keys = [person.pk for person in everyone]
    written = {row["author"]: row for row in _written(keys)}
    decided = {row["by"]: row for row in _decided(keys)}
    found = [_row(person, written.get(person.pk, {}), decided.get(person.pk, {})) for person in everyone]
    return sorted(found, key=lambda row: (-row.decisions - row.drafted, row.person.username))


def _written(people: list[int]) -> Any:
    claims = Claim.objects.filter(author__in=people).order_by().values("author")
    return claims.annotate(
        drafted=Count("pk"),
        submitted=Count("pk", filter=Q(submitted_at__isnull=False)),
        # What a release brought was accepted by nobody.
        accepted=Count("pk", filter=Q(accepted_by__isnull=False)),
    )


def _decided(people: list[int]) -> Any:
    waited = ExpressionWrapper(
        F("at") - Subquery(last_submission(OuterRef("claim"), OuterRef("at"))), output_field=DurationField()
    )
    decisions = Decision.objects.filter(by__in=people).order_by().annotate(waited=Extract(waited, "epoch"))
    # A withdrawal answers no submission.
    answers = ~Q(verdict=Verdict.WITHDRAWN)
    return decisions.values("by").annotate(n=Count("pk"), seconds=Median("waited", filter=answers))


def _row(person: User, written: dict[str, Any], decided: dict[str, Any]) -> Numbers:
    seconds = decided.get("seconds")
    return Numbers(
        person,
        written.get("drafted", 0),
        written.get("submitted", 0),
        written.get("accepted", 0),
        decided.get("n", 0),
        None if seconds is None else round(seconds / SECONDS_A_DAY, 1),
    )

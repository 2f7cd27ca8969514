"""What waits for whom: the sets of claims and studies that the desk counts and lists."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import Case, CharField, F, Func, OuterRef, Q, Subquery, When
from django.utils import timezone

from apps.claims.models import Claim, ClaimQuerySet, Decision, Interest, State, Verdict
from apps.people.models import User

# How far down a queue the screen looks for the neighbours of a claim.
LOOKED_THROUGH = 5_000


class Lowered(Func):
    """A list of texts in small letters, to compare without regard to case."""

    template = "lower(%(expressions)s::text)::varchar[]"
    output_field = ArrayField(CharField())


def submitted() -> ClaimQuerySet:
    """All that waits for review, the longest first."""
    return Claim.objects.filter(state=State.SUBMITTED).order_by("submitted_at", "pk")


def waiting_for(person: User) -> ClaimQuerySet:
    """What the person may review: not their own, not of a study of theirs; what they were asked for comes first."""
    found = submitted().exclude(author=person)
    if own := _published_as(person):
        found = found.alias(wrote=Lowered(F("preparation__study__authors"))).exclude(wrote__overlap=own)
    return found.alias(asked=_asked(person)).order_by("asked", "submitted_at", "pk")


def next_for(person: User, after: int | None = None) -> Claim | None:
    """The first that waits for the person, other than the one at hand."""
    return waiting_for(person).exclude(pk=after).first() if after else waiting_for(person).first()


def around(person: User, claim_id: int) -> tuple[Claim | None, Claim | None]:
    """What stands before and behind a claim in the person's queue; what is first of all, where it is not in it."""
    keys = list(waiting_for(person).values_list("pk", flat=True)[:LOOKED_THROUGH])
    at = keys.index(claim_id) if claim_id in keys else -1
    wanted = [keys[at - 1] if at > 0 else 0, keys[at + 1] if at + 1 < len(keys) else 0]
    found = Claim.objects.only("accession", "version").in_bulk([key for key in wanted if key])
    return found.get(wanted[0]), found.get(wanted[1])


def drafts_of(person: User) -> ClaimQuerySet:
    """The person's drafts, the newest first, each with what was last decided on it (`decided`), if anything."""
    last = Decision.objects.filter(claim=OuterRef("pk")).order_by("-at", "-pk")
    drafts = Claim.objects.filter(state=State.DRAFT, author=person).order_by("-written_at", "-pk")
    return drafts.annotate(decided=Subquery(last.values("verdict")[:1]), asked_for=Subquery(last.values("reason")[:1]))


def sent_back_to(person: User) -> ClaimQuerySet:
    """Drafts on which changes were requested."""
    return drafts_of(person).filter(Q(decided=Verdict.CHANGES))


def begun_by(person: User) -> ClaimQuerySet:
    """Drafts that nobody has sent back."""
    return drafts_of(person).filter(Q(decided=None))


def handed_in_by(person: User) -> ClaimQuerySet:
    return submitted().filter(author=person)


def for_rows(claims: ClaimQuerySet) -> ClaimQuerySet:
    """All that a row of a queue shows, and no more."""
    return claims.select_related(
        "author", "cargo", "disease", "preparation__study", "preparation__source", "assignment__reviewer"
    ).defer("search")


def _asked(person: User) -> Any:
    return Case(When(Q(assignment__reviewer=person), then=0), default=1)


def _published_as(person: User) -> list[str]:
    """The person's names as an author, from their last statement of interests."""
    last = Interest.objects.filter(person=person, made_at__lte=timezone.now()).order_by("-made_at").first()
    return [name.lower() for name in last.published_as] if last else []

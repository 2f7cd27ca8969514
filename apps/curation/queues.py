"""What waits for whom: the sets of claims and studies that the desk counts and lists."""

from __future__ import annotations

from datetime import timedelta
from itertools import chain
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import Case, F, OuterRef, Q, Subquery, TextField, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from apps.claims.models import Claim, ClaimQuerySet, Decision, Interest, State, Verdict
from apps.claims.models.authors import Compared
from apps.people.models import User
from apps.studies.models import Study

# How long the author of a claim is told that it was decided against.
OF_LATE = timedelta(days=90)


def submitted() -> ClaimQuerySet:
    """All that waits for review, the longest first."""
    return Claim.objects.filter(state=State.SUBMITTED).order_by("submitted_at", "pk")


def waiting_for(person: User) -> ClaimQuerySet:
    """What the person may review: not their own, not of a study of theirs; what they were asked for comes first."""
    found = submitted().exclude(author=person)
    if own := _studies_of(person):
        found = found.exclude(preparation__study__in=own)
    return found.alias(asked=_asked(person)).order_by("asked", "submitted_at", "pk")


def _studies_of(person: User) -> list[int]:
    """The studies with claims in the queue that the person wrote, by any name that they ever stated.

    Looked up once, not for each query over the queue: to compare names takes longer than all else about it.
    """
    own = list(chain.from_iterable(Interest.objects.filter(person=person).values_list("published_as", flat=True)))
    if not own:
        return []
    names = Compared(Value(own, output_field=ArrayField(TextField())))
    studies = Study.objects.filter(pk__in=submitted().order_by().values("preparation__study"))
    return list(studies.alias(wrote=Compared("authors")).filter(wrote__overlap=names).values_list("pk", flat=True))


def next_for(person: User, after: int | None = None) -> Claim | None:
    """The first that waits for the person, other than the one at hand."""
    return waiting_for(person).exclude(pk=after).first() if after else waiting_for(person).first()


def around(person: User, claim: Claim) -> tuple[Claim | None, Claim | None]:
    """What stands before and behind a claim in the person's queue; what is first of all, where it is not in it."""
    waiting = waiting_for(person)
    queue = waiting.only("accession", "version")
    own = waiting.filter(pk=claim.pk).annotate(turn=F("asked"))
    place = own.values_list("turn", "submitted_at", "pk").first()
    if place is None:
        return None, queue.first()
    turn, submitted_at, pk = place
    later = Q(submitted_at__gt=submitted_at) | Q(submitted_at=submitted_at, pk__gt=pk)
    earlier = Q(submitted_at__lt=submitted_at) | Q(submitted_at=submitted_at, pk__lt=pk)
    before = queue.filter(Q(asked__lt=turn) | Q(asked=turn) & earlier)
    return before.reverse().first(), queue.filter(Q(asked__gt=turn) | Q(asked=turn) & later).first()


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


def decided_against(person: User) -> ClaimQuerySet:
    """The person's claims that others rejected, withdrew or overtook of late, the last first, with when (`ended`).

    What the person gave up has no decision against it, and needs no telling.
    """
    against = Decision.objects.filter(claim=OuterRef("pk"), verdict__in=[Verdict.REJECTED, Verdict.WITHDRAWN])
    ended = Coalesce(Subquery(against.order_by("-at", "-pk").values("at")[:1]), "left_at")
    overtaken = Q(state=State.SUPERSEDED, accepted_at=None)
    claims = Claim.objects.filter(overtaken | Q(state__in=[State.REJECTED, State.WITHDRAWN]), author=person)
    return claims.annotate(ended=ended).filter(ended__gte=timezone.now() - OF_LATE).order_by("-ended", "-pk")


def for_rows(claims: ClaimQuerySet) -> ClaimQuerySet:
    """All that a row of a queue shows, and no more."""
    return claims.select_related(
        "author", "cargo", "disease", "preparation__study", "preparation__source", "assignment__reviewer"
    ).defer("search")


def _asked(person: User) -> Any:
    return Case(When(Q(assignment__reviewer=person), then=0), default=1)

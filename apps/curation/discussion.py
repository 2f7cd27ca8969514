"""To comment on a claim, and to have read what others said: the verbs of the discussion."""

from __future__ import annotations

import re
from difflib import get_close_matches

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from apps.claims.acts import NotAllowed
from apps.claims.models import Claim
from apps.curation.models import LONGEST_COMMENT, Assignment, Comment, Mention, Reading
from apps.people.models import Role, User
from apps.records.models import Accession

MOST_MENTIONS = 20
# A name behind an @ that follows no letter, so that a mail address mentions nobody; the stop of a sentence is no part.
MENTION = re.compile(r"(?<![\w@.+-])@([\w.+-]*\w)")


@transaction.atomic
def comment(*, accession: str, by: User, text: str) -> Comment:
    """Say something about a claim; whoever it concerns, or whom it names as @username, finds it unread."""
    if not by.is_active or not by.at_least(Role.CONTRIBUTOR):
        raise NotAllowed(f"To comment takes the role of contributor; {by} is {by.role}.")
    if not Claim.objects.readable_by(by).filter(accession=accession).exists():
        raise NotAllowed(f"{accession} has no version that you can read.")
    said = _readable(text)
    named = _named(said)
    # One comment after the other, so that no pointer passes one that is still being written.
    claim = Accession.objects.select_for_update(no_key=True).get(pk=accession)
    made = Comment.objects.create(claim=claim, by=by, text=said)
    Mention.objects.bulk_create(Mention(comment=made, person=person) for person in named)
    concerned = _concerned(accession) | {person.pk for person in named} | {by.pk}
    Reading.objects.bulk_create(
        (Reading(person_id=person, claim=claim) for person in sorted(concerned)), ignore_conflicts=True
    )
    Reading.objects.filter(person=by, claim=claim).update(up_to=made)
    return made


def read(*, accession: str, by: User) -> None:
    """Note that the person has the discussion of a claim before them. Who is not concerned leaves no mark."""
    last = Comment.objects.filter(claim=accession).order_by("-pk").values("pk")[:1]
    behind = Reading.objects.filter(person=by, claim=accession)
    behind.filter(Q(up_to=None) | Q(up_to__lt=Subquery(last))).update(up_to=Subquery(last))


def unread(person: User) -> QuerySet[Reading]:
    """The claims with comments that the person has not read: how many (`fresh`), and whether one names them.

    Only claims that have a page for them: the comments on a draft that was discarded can't be read any more.
    """
    later = Comment.objects.filter(claim=OuterRef("claim"), pk__gt=Coalesce(OuterRef("up_to"), 0)).exclude(by=person)
    named = Mention.objects.filter(
        person=person, comment__claim=OuterRef("claim"), comment__gt=Coalesce(OuterRef("up_to"), 0)
    )
    counted = later.order_by().values("claim").annotate(n=Count("pk")).values("n")
    there = Claim.objects.readable_by(person).filter(accession=OuterRef("claim"))
    found = Reading.objects.filter(Exists(later), Exists(there), person=person)
    return found.annotate(fresh=Subquery(counted), named=Exists(named)).order_by("-named", "claim")


def up_to(accession: str, person: User) -> int:
    """The number of the last comment that the person had read; all are older for who is not concerned."""
    mark = Reading.objects.filter(claim=accession, person=person).values_list("up_to", flat=True)
    return next((number or 0 for number in mark), 2**63 - 1)


def _readable(text: str) -> str:
    said = text.replace("\r\n", "\n").strip()
    if not said:
        raise NotAllowed("Write something.")
    if len(said) > LONGEST_COMMENT:
        raise NotAllowed(f"A comment has at most {LONGEST_COMMENT:,} characters; this one has {len(said):,}.")
    if "\0" in said:
        raise NotAllowed("The comment holds a null character: take it out.")
    return said


def _named(said: str) -> list[User]:
    """The people that a comment names, every one of them somebody who works here."""
    names = list(dict.fromkeys(MENTION.findall(said)))
    if len(names) > MOST_MENTIONS:
        raise NotAllowed(f"A comment names at most {MOST_MENTIONS} people.")
    if not names:
        return []
    workers = User.objects.filter(is_active=True).exclude(role=Role.READER)
    found = {person.username: person for person in workers.filter(username__in=names)}
    if unknown := [name for name in names if name not in found]:
        near = get_close_matches(unknown[0], workers.order_by("username").values_list("username", flat=True)[:1000], 1)
        hint = f" Did you mean @{near[0]}?" if near else ""
        raise NotAllowed(f"Nobody here is called @{unknown[0]}.{hint}")
    return list(found.values())


def _concerned(accession: str) -> set[int]:
    """Who wrote a version of the claim, decided on one, or was asked to."""
    versions = Claim.objects.filter(accession=accession)
    wrote = versions.values_list("author_id", "decisions__by")
    asked = Assignment.objects.filter(claim__in=versions).values_list("reviewer_id", flat=True)
    everyone = {person for pair in wrote for person in pair} | set(asked)
    return {person for person in everyone if person is not None}

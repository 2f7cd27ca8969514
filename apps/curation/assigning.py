"""To ask somebody for a review, which leaves it open to anybody else."""

from __future__ import annotations

from collections.abc import Iterable

import pghistory
from django.db import transaction
from django.utils import timezone

from apps.claims.acts import NotAllowed, why_not
from apps.claims.models import Claim
from apps.curation.deciding import Outcome
from apps.curation.models import Assignment
from apps.people.models import Role, User


@transaction.atomic
def assign(*, claim_id: int, reviewer: User, by: User) -> Assignment:
    """Ask a person to review a submission, in place of whoever was asked before."""
    _must_be_editor(by)
    claim = Claim.objects.select_for_update(no_key=True).get(pk=claim_id)
    if refusal := why_not("accept", claim, reviewer):
        raise NotAllowed(f"{reviewer} can't be asked: {refusal}")
    with pghistory.context(user=by.pk):
        made, _ = Assignment.objects.update_or_create(
            claim=claim, defaults={"reviewer": reviewer, "by": by, "at": timezone.now()}
        )
    return made


def assign_each(claims: Iterable[Claim], *, reviewer: User, by: User) -> list[Outcome]:
    """Ask a person to review many; each is done or refused by itself."""
    return [_assigned(claim, reviewer, by) for claim in claims]


def _assigned(claim: Claim, reviewer: User, by: User) -> Outcome:
    try:
        assign(claim_id=claim.pk, reviewer=reviewer, by=by)
    except NotAllowed as refusal:
        return Outcome(claim, done=False, said=str(refusal))
    return Outcome(claim, done=True, said=f"asked of {reviewer}")


@transaction.atomic
def unassign(*, claim_id: int, by: User) -> None:
    """Ask nobody in particular any more."""
    _must_be_editor(by)
    with pghistory.context(user=by.pk):
        Assignment.objects.filter(claim=claim_id).delete()


def _must_be_editor(by: User) -> None:
    if not by.is_active or not by.at_least(Role.EDITOR):
        raise NotAllowed(f"Editors ask for reviews; {by} is {by.role}.")

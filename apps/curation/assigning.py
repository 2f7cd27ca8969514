"""To ask somebody for a review, which leaves it open to anybody else."""

from __future__ import annotations

import pghistory
from django.db import transaction
from django.utils import timezone

from apps.claims.acts import NotAllowed, why_not
from apps.claims.models import Claim
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


@transaction.atomic
def unassign(*, claim_id: int, by: User) -> None:
    """Ask nobody in particular any more."""
    _must_be_editor(by)
    with pghistory.context(user=by.pk):
        Assignment.objects.filter(claim=claim_id).delete()


def _must_be_editor(by: User) -> None:
    if not by.is_active or not by.at_least(Role.EDITOR):
        raise NotAllowed(f"Editors ask for reviews; {by} is {by.role}.")

"""Names that nobody has decided on, tried again: after a vocabulary has grown, or a decision on another spelling."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import pghistory
from django.db import transaction

from apps.claims import search
from apps.claims.acts import NotAllowed
from apps.claims.models import Claim
from apps.people.models import Role, User
from apps.terms.grounding import reground
from apps.terms.models import Name

# More than a person ticks; what they filter for can be many.
MOST = 5_000


class Outcome(NamedTuple):
    """What trying again did."""

    decided: int  # nobody asks about these any more
    undecided: int
    settled: int  # decided before, and left as they were
    claims: int  # found by other words now

    def __str__(self) -> str:
        told = [f"{self.decided:,} decided, {self.undecided:,} stay on the work list"]
        if self.settled:
            told.append(f"{self.settled:,} had been decided before and stay as they are")
        if self.claims:
            told.append(f"{self.claims:,} claims are found by their terms now")
        return "; ".join(told) + "."


@transaction.atomic
def reground_names(*, name_ids: Collection[int], by: User) -> Outcome:
    """Look the undecided of these names up in the vocabularies again; what somebody decided stays."""
    if not by.is_active or not by.at_least(Role.EDITOR):
        raise NotAllowed(f"Editors decide what names mean; {by} is {by.role}.")
    if len(name_ids) > MOST:
        raise NotAllowed(f"At most {MOST:,} names at once: narrow the list.")
    chosen = Name.objects.filter(pk__in=name_ids)
    before = list(chosen.to_do().select_for_update().order_by("pk"))
    with pghistory.context(user=by.pk, reason="looked up again"):
        decided = reground(Name.objects.filter(pk__in=[name.pk for name in before]))
        still = set(chosen.to_do().values_list("pk", flat=True))
        claims = Claim.objects.resting_on(*(name for name in before if name.pk not in still))
        found = claims.count()
        search.index(claims)
    return Outcome(decided, len(before) - decided, len(name_ids) - len(before), found)

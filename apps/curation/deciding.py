"""Decisions on many claims: each through its act, so that one that is refused leaves the others alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from django.db import transaction

from apps.claims import workflow
from apps.claims.acts import ACTS, NotAllowed, OutOfStep
from apps.claims.content import content_of
from apps.claims.models import Claim, Verdict
from apps.people.models import User

ACT_OF: dict[str, str] = {
    Verdict.ACCEPTED: "accept",
    Verdict.CHANGES: "request_changes",
    Verdict.REJECTED: "reject",
    Verdict.WITHDRAWN: "withdraw",
}
DOINGS: dict[str, Callable[..., Claim]] = {
    "submit": workflow.submit,
    "catch_up": workflow.catch_up,
    "take_back": workflow.take_back,
    "accept": workflow.accept,
    "request_changes": workflow.request_changes,
    "reject": workflow.reject,
    "withdraw": workflow.withdraw,
}
# What takes a written reason, before anything is asked of the database.
WITH_REASON = ("request_changes", "reject", "withdraw", "revise")


class Outcome(NamedTuple):
    """What became of one claim: done, or refused in a sentence."""

    claim: Claim
    done: bool
    said: str


@transaction.atomic
def do(act: str, *, claim_id: int, by: User, reason: str = "", seen: str | None = None) -> Claim:
    """Do one act of the workflow to one version of a claim.

    `seen` is the digest of what the person had before them: nobody decides on words that they have not read.
    """
    versions = Claim.objects.filter(accession__in=Claim.objects.filter(pk=claim_id).values("accession"))
    locked = {claim.pk: claim for claim in versions.select_for_update().order_by("pk")}
    if claim_id not in locked:
        raise Claim.DoesNotExist
    claim = locked[claim_id]
    if seen is not None and content_of(claim).digest != seen:
        raise OutOfStep(f"{claim} version {claim.version} was changed since you opened it: read it again, then decide.")
    if act == "revise":
        return workflow.revise(accession=claim.accession, by=by, reason=reason)
    return DOINGS[act](claim_id=claim_id, by=by, reason=reason)


def do_each(act: str, *, claims: Iterable[Claim], by: User, reason: str = "") -> list[Outcome]:
    """Do the act to each claim by itself, and say of each what became of it."""
    return [_outcome(act, claim, by, reason) for claim in claims]


def _outcome(act: str, claim: Claim, by: User, reason: str) -> Outcome:
    try:
        done = do(act, claim_id=claim.pk, by=by, reason=reason)
    except NotAllowed as refusal:
        return Outcome(claim, done=False, said=str(refusal))
    except Claim.DoesNotExist:
        return Outcome(claim, done=False, said=f"{claim} version {claim.version} is no longer there.")
    return Outcome(done, done=True, said=f"{done} version {done.version} was {ACTS[act].done}.")

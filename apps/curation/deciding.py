"""Decisions on many claims: each through its act, so that one that is refused leaves the others alone."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from django.db import transaction

from apps.claims import workflow
from apps.claims.acts import ACTS, NotAllowed, OutOfStep, may
from apps.claims.content import content_of
from apps.claims.models import Claim, ClaimQuerySet, Verdict
from apps.curation.entering import digest_of_preparation, digest_of_source, digest_of_study
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
    "give_up": workflow.give_up,
    "accept": workflow.accept,
    "request_changes": workflow.request_changes,
    "reject": workflow.reject,
    "withdraw": workflow.withdraw,
}
# What takes a written reason, before anything is asked of the database.
WITH_REASON = ("request_changes", "reject", "withdraw", "revise", "give_up")


class Outcome(NamedTuple):
    """What became of one claim: done, or refused in a sentence."""

    claim: Claim
    done: bool
    said: str


def token_of(claim: Claim) -> str:
    """Stands for all that is read of a claim before a decision: what it says, and the study and vesicles that it is of.

    The same as long as nothing of it changes; the level is part of it, since it follows from the study too.
    """
    made = claim.preparation
    parts = [
        content_of(claim).digest,
        claim.level,
        made.study.status,
        digest_of_study(made.study),
        digest_of_preparation(made),
        digest_of_source(made.source),
    ]
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()


def with_tokens(claims: ClaimQuerySet) -> ClaimQuerySet:
    """The claims with all that their tokens are made of, in a fixed number of queries."""
    related = claims.select_related("preparation__study", "preparation__source")
    return related.prefetch_related("measures", "therapy_links", "target_links")


@transaction.atomic
def do(act: str, *, claim_id: int, by: User, reason: str = "", seen: str | None = None) -> Claim:
    """Do one act of the workflow to one version of a claim.

    `seen` is the token of what the person had before them: nobody decides on words that they have not read. Only who
    sees nothing, as a command does, gives none.
    """
    versions = Claim.objects.filter(accession__in=Claim.objects.filter(pk=claim_id).values("accession"))
    locked = {claim.pk: claim for claim in versions.select_for_update().order_by("pk")}
    if claim_id not in locked:
        raise Claim.DoesNotExist
    claim = locked[claim_id]
    if seen is not None:
        _must_be_read(act, claim, by, seen)
    if act == "revise":
        return workflow.revise(accession=claim.accession, by=by, reason=reason)
    return DOINGS[act](claim_id=claim_id, by=by, reason=reason)


def _must_be_read(act: str, claim: Claim, by: User, seen: str) -> None:
    """Refuse what was not read as it is now; whether the person may at all is said before."""
    may(act, claim, by)
    if token_of(claim) != seen:
        raise OutOfStep(
            f"{claim} version {claim.version}, its study or its vesicles were changed since you opened it: "
            "read it again, then decide."
        )


def do_each(
    act: str, *, claims: Iterable[Claim], by: User, reason: str = "", seen: Mapping[int, str] | None = None
) -> list[Outcome]:
    """Do the act to each claim by itself, and say of each what became of it; `seen` holds the tokens by claim."""
    return [_outcome(act, claim, by, reason, None if seen is None else seen.get(claim.pk, "")) for claim in claims]


def _outcome(act: str, claim: Claim, by: User, reason: str, seen: str | None) -> Outcome:
    try:
        done = do(act, claim_id=claim.pk, by=by, reason=reason, seen=seen)
    except NotAllowed as refusal:
        return Outcome(claim, done=False, said=str(refusal))
    except Claim.DoesNotExist:
        return Outcome(claim, done=False, said=f"{claim} version {claim.version} is no longer there.")
    return Outcome(done, done=True, said=f"{done} version {done.version} was {ACTS[act].done}.")

"""What became of a claim: the versions that were public, what each changed and why, and what stood on a day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

from apps.claims.comparing import Difference, changes
from apps.claims.models import Claim, ClaimQuerySet, Decision, State, Verdict

# More versions than any claim will have; a page never grows without end.
MOST_VERSIONS = 50
MOST_EVENTS = 300


class Edition(NamedTuple):
    """A version that was public: what it changed, why it was begun, and what the reviewer remarked."""

    claim: Claim
    before: Claim | None
    differences: list[Difference]
    why: str
    remark: str
    releases: list[str]


class Passage(NamedTuple):
    """One step of one version from state to state; the first comes from nowhere."""

    claim_id: int
    at: datetime
    who: int | None
    left: str
    entered: str
    why: str


def editions(accession: str) -> list[Edition]:
    """The versions that the public could read, the newest first, in a fixed number of queries."""
    found = versions_once_public(accession).for_record().prefetch_related("releases").defer("search")
    claims = list(found.order_by("-accepted_at", "-version")[:MOST_VERSIONS])
    keys = [claim.pk for claim in claims]
    why = _reasons_of_revisions(keys)
    accepted = Decision.objects.filter(claim__in=keys, verdict=Verdict.ACCEPTED)
    remarks = dict(accepted.values_list("claim_id", "reason"))
    return [
        Edition(
            claim,
            before,
            changes(before, claim),
            why.get(claim.pk, "") if before else "",
            remarks.get(claim.pk, ""),
            [release.number for release in claim.releases.all()],
        )
        for claim, before in pairwise([*claims, None])
        if claim is not None
    ]


def versions_once_public(accession: str) -> ClaimQuerySet:
    return Claim.objects.filter(accession=accession, accepted_at__isnull=False)


def first_public(accession: str) -> date | None:
    """The day on which the claim first became public, in UTC; None where it never was."""
    first = versions_once_public(accession).order_by("accepted_at").values_list("accepted_at", flat=True).first()
    return first.astimezone(UTC).date() if first else None


def on_day(claims: ClaimQuerySet, day: date) -> ClaimQuerySet:
    """The versions that were public when the day ended, in UTC."""
    return claims.as_of(datetime.combine(day + timedelta(days=1), time.min, UTC) - timedelta(microseconds=1))


def passages(versions: list[int]) -> list[Passage]:
    """How the versions went from state to state, the newest first, as the database noted it."""
    table = _events()
    columns = ("pgh_obj_id", "pgh_created_at", "pgh_context", "state")
    noted = table.objects.filter(pgh_obj_id__in=versions, pgh_label__in=["insert", "update"])
    stood: dict[int, str] = {}
    found = []
    for key, at, context, state in reversed(noted.order_by("-pgh_id").values_list(*columns)[:MOST_EVENTS]):
        left = stood.get(key, "")
        stood[key] = state
        if left != state:
            given = context or {}
            found.append(Passage(key, at, given.get("user"), left, state, given.get("reason", "")))
    return found[::-1]


def last_submission(of: Any, before: Any) -> Any:
    """The time at which a version was last handed in before a moment, as a subquery's rows."""
    table = _events().objects.filter(pgh_obj_id=of, state=State.SUBMITTED, pgh_created_at__lte=before)
    return table.order_by("-pgh_id").values("pgh_created_at")[:1]


def _reasons_of_revisions(keys: list[int]) -> dict[int, str]:
    begun = _events().objects.filter(pgh_obj_id__in=keys, pgh_label="insert")
    return {key: (context or {}).get("reason", "") for key, context in begun.values_list("pgh_obj_id", "pgh_context")}


def _events() -> Any:
    return Claim.pgh_event_models["insert"]  # type: ignore[attr-defined]

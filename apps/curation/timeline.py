"""What happened to a claim and what was said about it, in one line of time for its reviewers."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from apps.claims.history import Passage, passages
from apps.claims.models import Claim, Decision, State
from apps.curation.models import Comment
from apps.people.models import User

MOST = 200


class Happening(NamedTuple):
    """One line: what was done (empty for a comment), by whom, when, on which version, with which words."""

    at: datetime
    who: str
    did: str
    version: int | None
    words: str
    number: int = 0


def timeline(accession: str) -> list[Happening]:
    """The latest MOST of each: passages from state to state, decisions and comments; the oldest first."""
    versions = dict(Claim.objects.filter(accession=accession).values_list("pk", "version"))
    decisions = list(Decision.objects.filter(claim__in=versions).select_related("by")[:MOST])
    comments = list(Comment.objects.filter(claim=accession).select_related("by")[:MOST])
    steps = passages(list(versions))
    people = _people(steps)
    decided = _moments_of_decision(list(versions))
    found = [
        *(
            _of_step(each, people, versions)
            for each in reversed(steps)
            if (each.claim_id, each.at) not in decided and _did(each)
        ),
        *(
            Happening(each.at, str(each.by), each.get_verdict_display(), versions[each.claim_id], each.reason)
            for each in decisions
        ),
        *(Happening(each.at, str(each.by), "", None, each.text, each.pk) for each in comments),
    ]
    return sorted(found, key=lambda each: (each.at, each.number))


def _moments_of_decision(versions: list[int]) -> set[tuple[int, datetime]]:
    """The transactions that decided on a version: what they did to its state is told by the decision."""
    noted: Any = Decision.pgh_event_models["insert"]  # type: ignore[attr-defined]
    return set(noted.objects.filter(claim_id__in=versions).values_list("claim_id", "pgh_created_at"))


def _did(step: Passage) -> str:
    """What a passage was, where no decision tells it already."""
    did = ""
    match step.left, step.entered:
        case "", _:
            did = "begun"
        case _, State.SUBMITTED:
            did = "submitted"
        case State.SUBMITTED, State.DRAFT:
            did = "taken back"
        case _, State.SUPERSEDED:
            did = "superseded"
        case State.DRAFT, State.ACCEPTED:
            did = "accepted with a release"
        case State.DRAFT, State.REJECTED:
            did = "given up"
    return did


def _of_step(step: Passage, people: dict[int, str], versions: dict[int, int]) -> Happening:
    who = people.get(step.who or 0, "the system")
    return Happening(step.at, who, _did(step), versions[step.claim_id], step.why)


def _people(steps: list[Passage]) -> dict[int, str]:
    wanted = {step.who for step in steps if step.who}
    return dict(User.objects.filter(pk__in=wanted).values_list("pk", "username"))

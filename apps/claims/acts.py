"""Who may do what to a claim, and when: one table, read by the acts, the buttons and the tests."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.utils import timezone

from apps.claims.content import Content
from apps.claims.models import Claim, Interest, State
from apps.people.models import Role, User


class Act(NamedTuple):
    """One act: the least role, the state that it begins from, whose it is, and what is then said to have been done."""

    least: Role
    begins: State
    whose: str  # "author": of one's own claim; "second": of somebody else's, after a statement of interests; "any"
    done: str


ACTS: dict[str, Act] = {
    "edit": Act(Role.CONTRIBUTOR, State.DRAFT, "author", "edited"),
    "discard": Act(Role.CONTRIBUTOR, State.DRAFT, "author", "discarded"),
    "catch_up": Act(Role.CONTRIBUTOR, State.DRAFT, "author", "brought up to date"),
    "submit": Act(Role.CONTRIBUTOR, State.DRAFT, "author", "submitted"),
    "take_back": Act(Role.CONTRIBUTOR, State.SUBMITTED, "author", "taken back"),
    "request_changes": Act(Role.CURATOR, State.SUBMITTED, "second", "sent back"),
    "accept": Act(Role.CURATOR, State.SUBMITTED, "second", "accepted"),
    "reject": Act(Role.CURATOR, State.SUBMITTED, "second", "rejected"),
    "withdraw": Act(Role.EDITOR, State.ACCEPTED, "impartial", "withdrawn"),
    "revise": Act(Role.CONTRIBUTOR, State.ACCEPTED, "any", "revised"),
}
# To write a new claim begins from nothing.
DRAFTERS = Role.CONTRIBUTOR


class NotAllowed(Exception):
    """An act that is refused, with the reason in a sentence; nothing was written."""


class OutOfStep(NotAllowed):
    """An act that comes too early or too late: the claim stands elsewhere by now."""


class StatementNeeded(NotAllowed):
    """A decision that takes a statement of interests first."""


class ChangedMeanwhile(NotAllowed):
    """An edit made against something that is no longer there; holds what is there now."""

    def __init__(self, message: str, current: Content) -> None:
        super().__init__(message)
        self.current = current


def statement_of(person: User, moment: datetime | None = None) -> Interest | None:
    """The person's statement of interests that holds now, or at the moment."""
    return Interest.objects.holding(person, moment or timezone.now()).first()


def why_not(act: str, claim: Claim, by: User) -> str:
    """Why the person can't do this to the claim, in a sentence; empty where they can.

    For buttons, which ask for a statement of interests when they are pressed; the acts ask again, under lock.
    """
    try:
        may(act, claim, by)
    except StatementNeeded:
        return ""
    except NotAllowed as refusal:
        return str(refusal)
    return ""


def may(act: str, claim: Claim, by: User) -> Interest | None:
    """Raise NotAllowed unless the person may do this to the claim as it stands; return the statement it rests on."""
    rule = ACTS[act]
    must_have_role(rule.least, act, by)
    if claim.state != rule.begins:
        raise OutOfStep(f"{claim} is {_standing(claim)}: only what is {rule.begins.label} can be {rule.done}.")
    match rule.whose:
        case "author" if claim.author_id != by.pk:
            raise NotAllowed(f"{claim} is {claim.author}'s: nobody else can {act.replace('_', ' ')} it.")
        case "second" if claim.author_id == by.pk:
            raise NotAllowed(f"Whoever wrote a claim can't decide on it: {claim} is yours.")
        case "second" | "impartial":
            return _impartial(claim, by)
        case _:
            return None


def must_have_role(least: Role, act: str, by: User) -> None:
    if not by.is_active or not by.at_least(least):
        raise NotAllowed(f"To {act.replace('_', ' ')} a claim takes the role of {least.value}; {by} is {by.role}.")


def _impartial(claim: Claim, by: User) -> Interest:
    """The statement of interests that holds, of somebody who is no author of the study."""
    statement = statement_of(by)
    if statement is None:
        raise StatementNeeded("Before you decide, state your interests: a statement holds for a year.")
    study = claim.preparation.study
    own = {name.lower() for name in statement.published_as}
    if names := [author for author in study.authors if author.lower() in own]:
        raise NotAllowed(f"You are an author of {study.accession} ({names[0]}): somebody else decides on it.")
    return statement


def _standing(claim: Claim) -> str:
    """Where a claim stands, with who brought it there, for somebody who came too late."""
    last = claim.decisions.select_related("by").first()
    told = f" by {last.by} on {last.at:%Y-%m-%d %H:%M} UTC" if last and claim.state == last.verdict else ""
    return f"{claim.get_state_display()}{told}"

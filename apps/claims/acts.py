"""Who may do what to a claim, and when: one table, read by the acts, the buttons and the tests."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from django.db.models import Exists
from django.utils import timezone

from apps.claims.content import Content
from apps.claims.models import Claim, Decision, Interest, State
from apps.people.models import Role, User
from apps.studies.models import Study


class Act(NamedTuple):
    """One act: the least role, the state that it begins from, whose it is, and what is then said to have been done."""

    least: Role
    begins: State
    whose: str  # "author": of one's own claim; "second": of somebody else's, after a statement of interests; "any"
    done: str


ACTS: dict[str, Act] = {
    "edit": Act(Role.CONTRIBUTOR, State.DRAFT, "author", "edited"),
    "discard": Act(Role.CONTRIBUTOR, State.DRAFT, "author", "discarded"),
    # What was decided on is kept: it is not discarded but given up, with a reason.
    "give_up": Act(Role.CONTRIBUTOR, State.DRAFT, "author", "given up"),
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
    return why_not_each([act], claim, by)[act]


def why_not_each(acts: Iterable[str], claim: Claim, by: User) -> dict[str, str]:
    """The same for several acts, which ask the database once for what they have in common."""
    facts = Facts(claim, by)
    return {act: _refusal(act, facts) for act in acts}


def _refusal(act: str, facts: Facts) -> str:
    try:
        _may(act, facts)
    except StatementNeeded:
        return ""
    except NotAllowed as refusal:
        return str(refusal)
    return ""


def may(act: str, claim: Claim, by: User) -> Interest | None:
    """Raise NotAllowed unless the person may do this to the claim as it stands; return the statement it rests on."""
    return _may(act, Facts(claim, by))


class Facts:
    """What the rules ask of the database about a claim and a person, each thing once."""

    def __init__(self, claim: Claim, by: User) -> None:
        self.claim, self.by = claim, by

    @cached_property
    def statement(self) -> Interest | None:
        return statement_of(self.by)

    @cached_property
    def is_author_of_study(self) -> bool:
        """By the names in any statement that the person ever made, as the database compares them."""
        stated = Interest.objects.filter(person=self.by).names_author_of("authors")
        return Study.objects.filter(Exists(stated), pk=self.claim.preparation.study_id).exists()

    @cached_property
    def decisions(self) -> list[Decision]:
        """The decisions on the version, the last one first."""
        return list(self.claim.decisions.all())


def _may(act: str, facts: Facts) -> Interest | None:
    rule, claim, by = ACTS[act], facts.claim, facts.by
    must_have_role(rule.least, act, by)
    if claim.state != rule.begins:
        raise OutOfStep(f"{claim} is {_standing(facts)}: only what is {rule.begins.label} can be {rule.done}.")
    match rule.whose:
        case "author":
            _must_be_own(act, facts)
        case "second" if claim.author_id == by.pk:
            raise NotAllowed(f"Whoever wrote a claim can't decide on it: {claim} is yours.")
        case "second" | "impartial":
            return _impartial(facts)
    return None


def _must_be_own(act: str, facts: Facts) -> None:
    """One's own claim; whether a draft is discarded or given up depends on what was decided on it."""
    claim = facts.claim
    if claim.author_id != facts.by.pk:
        raise NotAllowed(f"{claim} is {claim.author}'s: nobody else can {act.replace('_', ' ')} it.")
    if act == "discard" and facts.decisions:
        raise NotAllowed(f"{claim} was decided on, and that is kept: give it up instead, with a reason.")
    if act == "give_up" and not facts.decisions:
        raise NotAllowed(f"Nobody has decided on {claim}: discard it.")


def must_have_role(least: Role, act: str, by: User) -> None:
    if not by.is_active or not by.at_least(least):
        raise NotAllowed(f"To {act.replace('_', ' ')} a claim takes the role of {least.value}; {by} is {by.role}.")


def _impartial(facts: Facts) -> Interest:
    """The statement of interests that holds, of somebody who is no author of the study."""
    if facts.statement is None:
        raise StatementNeeded("Before you decide, state your interests: a statement holds for a year.")
    if facts.is_author_of_study:
        study = facts.claim.preparation.study
        raise NotAllowed(
            f"You are an author of {study.accession}, by your statements of interests: somebody else decides on it."
        )
    return facts.statement


def _standing(facts: Facts) -> str:
    """Where a claim stands, with who brought it there, for somebody who came too late."""
    last = facts.decisions[0] if facts.decisions else None
    told = f" by {last.by} on {last.at:%Y-%m-%d %H:%M} UTC" if last and facts.claim.state == last.verdict else ""
    return f"{facts.claim.get_state_display()}{told}"

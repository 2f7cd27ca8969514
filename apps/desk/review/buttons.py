"""The buttons of the review screen: each act, whether the person may do it now, and if not, why."""

from __future__ import annotations

from typing import NamedTuple

from apps.claims.acts import ACTS, why_not_each
from apps.claims.models import Claim
from apps.curation.deciding import WITH_REASON
from apps.people.models import User


class Label(NamedTuple):
    """How an act is offered, the key that opens it, and what its reason is for."""

    words: str
    key: str
    asks: str


class Button(NamedTuple):
    act: str
    label: Label
    refusal: str
    needs_reason: bool
    begins_here: bool

    @property
    def is_authors(self) -> bool:
        """Whether the author does it: to a reviewer it is no button at all."""
        return self.act in ("submit", "catch_up", "take_back", "give_up")


# In the order in which they stand. The reason of what becomes public is public with it.
LABELS = {
    "accept": Label("Accept", "a", "A remark, if any. It stands in the public history."),
    "request_changes": Label("Request changes", "c", "What to change: the author reads it."),
    "reject": Label("Reject", "r", "Why it is refused for good: the author reads it."),
    "submit": Label("Submit for review", "s", "A word to the reviewer, if any."),
    "catch_up": Label("Bring up to date", "b", "You have compared your draft with what is public now."),
    "take_back": Label("Take back", "t", "Why, if you like. It becomes your draft again."),
    "give_up": Label("Give up", "g", "Why you let go of it: it stays as rejected, with this reason."),
    "revise": Label("Revise", "v", "What is to change, and why. It stands in the public history once accepted."),
    "withdraw": Label("Withdraw", "w", "Why it is withdrawn. The claim's address will say so in public."),
}
DOABLE = tuple(LABELS)


def of(claim: Claim, by: User) -> list[Button]:
    """Every act with a button; those that begin from where the claim stands come first."""
    refusals = why_not_each(LABELS, claim, by)
    found = [
        Button(act, label, refusals[act], act in WITH_REASON, ACTS[act].begins == claim.state)
        for act, label in LABELS.items()
    ]
    return sorted(found, key=lambda button: not button.begins_here)


def done(act: str) -> str:
    return "a new version was begun" if act == "revise" else ACTS[act].done

"""What the database has of a claim, beside what a document wants it to say."""

from __future__ import annotations

from dataclasses import dataclass

from apps.claims.content import Content, content_of
from apps.claims.models import Claim, State
from apps.documents.content import merged
from apps.people.models import User


@dataclass
class Versions:
    """The versions of a claim that the database has, of every state, beside what a document wants it to say."""

    all: list[Claim]
    wanted: Content

    @property
    def accession(self) -> str:
        return self.all[0].accession

    @property
    def next(self) -> int:
        return max(claim.version for claim in self.all) + 1

    @property
    def accepted(self) -> Claim | None:
        return next((claim for claim in self.all if claim.state == State.ACCEPTED), None)

    @property
    def same(self) -> Claim | None:
        """A version that stands, or may yet, and says the same."""
        standing = (State.ACCEPTED, State.DRAFT, State.SUBMITTED)
        return next((claim for claim in self.all if claim.state in standing and self.says_it(claim)), None)

    @property
    def left_alone(self) -> str:
        """Why the claim stays as it is, whatever the document says: people decided so. Empty where they did not."""
        withdrawn = next((claim for claim in self.all if claim.state == State.WITHDRAWN), None)
        if withdrawn and not self.accepted:
            return f"was withdrawn and stays so: {withdrawn.state_reason}"
        rejected = [claim for claim in self.all if claim.state == State.REJECTED]
        if rejected and len(rejected) == len(self.all):
            return f"was rejected and stays so: {rejected[-1].state_reason}"
        refused = next((claim for claim in rejected if self.says_it(claim)), None)
        if refused and not self.same:
            return f"stays as it is, for what the document says was rejected: {refused.state_reason}"
        return ""

    def says_it(self, claim: Claim) -> bool:
        return content_of(claim) == merged(self.wanted, claim)

    def draft_of(self, author: User) -> Claim | None:
        return next((c for c in self.all if c.state == State.DRAFT and c.author_id == author.pk), None)

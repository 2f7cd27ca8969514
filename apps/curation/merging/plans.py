"""What a merge would do, for an editor to look at beforehand."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import Model

from apps.curation.merging.references import REFERENCES
from apps.records.models import Kind

# How many rows of a kind are named; the others are counted.
EXAMPLES = 10


class Moves(NamedTuple):
    """Rows that go along: how many, how many of them the other record has already, and the first of them by name."""

    called: str
    how_many: int
    doubled: int
    first: list[str]

    @property
    def more(self) -> int:
        return self.how_many - len(self.first)


class Difference(NamedTuple):
    """What the two records say differently; what the record that stays says holds."""

    called: str
    gone: str
    into: str


class Gain(NamedTuple):
    """What the record that stays takes over."""

    called: str
    value: str


@dataclass
class Plan:
    """What would move, what would change, and what stands in the way."""

    kind: Kind
    gone: Any
    into: Any
    claims: int
    public_claims: int
    moves: list[Moves]
    gains: list[Gain] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    keys: list[tuple[str, str]] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)

    @property
    def digest(self) -> str:
        """The same for the same plan: what an editor agreed to."""
        seen = [self.gone.accession, self.into.accession, self.claims, self.moves, self.gains, self.differences]
        plain = json.dumps([*seen, self.keys, self.conflicts], default=str)
        return hashlib.sha256(plain.encode()).hexdigest()


def moves(kind: str, gone: Model, into: Model) -> list[Moves]:
    """All that points at the record that goes."""
    found = []
    for reference in REFERENCES[kind]:
        pointing = reference.of(gone).order_by("pk")
        how_many = pointing.count()
        if how_many:
            named = pointing.select_related(*reference.shows) if reference.shows else pointing
            first = [str(row) for row in named[:EXAMPLES]]
            found.append(Moves(reference.called, how_many, reference.doubled(gone, into).count(), first))
    return found

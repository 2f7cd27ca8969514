"""How alike the settings of two claims are: the share of what is known of both in which they are the same."""

from __future__ import annotations

import re
from collections.abc import Iterable

from apps.synthesis.facts import Fact

WORD = re.compile(r"[a-z]{4,}")


def likeness(one: Fact, other: Fact) -> float:
    """From 0 to 1; what is not known of one of the two is not compared."""
    same = [each for each in _compared(one, other) if each is not None]
    return sum(same) / len(same)


def _compared(one: Fact, other: Fact) -> Iterable[bool | None]:
    yield one.aspect == other.aspect
    yield one.effect == other.effect or bool(_words(one.outcome) & _words(other.outcome))
    yield bool(set(one.places) & set(other.places))
    yield one.cargo == other.cargo
    yield one.category == other.category
    yield one.species == other.species
    yield one.engineered == other.engineered
    yield bool(set(one.models) & set(other.models))
    yield _same(one.tissue, other.tissue)
    yield _same(one.recipient, other.recipient)
    yield _share(one.isolation, other.isolation)
    yield _share(one.therapies, other.therapies)


def _words(text: str) -> set[str]:
    return set(WORD.findall(text.lower()))


def _same(one: int | None, other: int | None) -> bool | None:
    return None if one is None or other is None else one == other


def _share(one: Iterable | None, other: Iterable | None) -> bool | None:
    return bool(set(one) & set(other)) if one and other else None

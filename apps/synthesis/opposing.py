"""Finds, among claims on one subject and one question, the groups that say opposite things. No database in it.

A group belongs to a disease: claims on it stand against claims on it or on what is narrower, of another study. What
lies more than three steps below joins only where it stands against a claim on the disease itself: "cancer" is easily
said. A group that a wider one holds whole is not told apart. Where a study finds an effect and, beside it, none, the
second is its own comparison (the parental cells, the other drug), and takes no side.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product

from apps.synthesis.facts import Fact
from apps.synthesis.index import WEIGHTS
from apps.synthesis.likeness import likeness
from apps.synthesis.questions import Question, Stance, opposed

# For each term its ancestors, itself at 0, with the steps up.
Lineage = Mapping[int, Mapping[int, int]]
NEAR = 3
ANYWHERE = 0
# Of each side, the strongest so many are looked at for the two whose settings are most alike.
LOOKED_AT = 20

Side = tuple[Stance, str]


@dataclass(frozen=True)
class Group:
    """Claims that stand against each other: in which disease (a term, or a name turned negative), and on which side."""

    place: int
    sides: dict[Stance, list[Fact]]
    strength: float
    closeness: float

    @property
    def facts(self) -> list[Fact]:
        return [fact for side in self.sides.values() for fact in side]

    @property
    def claims(self) -> frozenset[int]:
        return frozenset(fact.claim for fact in self.facts)


def groups(question: Question, facts: Sequence[Fact], lineage: Lineage, *, anywhere: bool) -> list[Group]:
    """The groups among claims on one subject; `anywhere` compares them whatever the disease."""
    sided = _without_comparisons([fact for fact in facts if fact.stance])
    if anywhere:
        found = [_group(question, ANYWHERE, sided, sided)]
    else:
        found = [_in(question, place, sided, lineage) for place in sorted({p for fact in sided for p in fact.places})]
    return _without_the_held([group for group in found if group], lineage)


def _without_comparisons(facts: list[Fact]) -> list[Fact]:
    finding = {fact.study for fact in facts if fact.stance != Stance.NO_EFFECT}
    return [fact for fact in facts if fact.stance != Stance.NO_EFFECT or fact.study not in finding]


def _in(question: Question, place: int, facts: Iterable[Fact], lineage: Lineage) -> Group | None:
    """The group of one disease."""
    steps = {fact: distance for fact in facts if (distance := _steps(fact, place, lineage)) is not None}
    here = [fact for fact in steps if steps[fact] == 0]
    near = [fact for fact in steps if steps[fact] <= NEAR]
    far = [fact for fact in steps if steps[fact] > NEAR]
    against = [fact for fact in far if any(_against(question, fact, other) for other in here)]
    return _group(question, place, here, near + against)


def _steps(fact: Fact, place: int, lineage: Lineage) -> int | None:
    """How many steps the claim's disease lies below the place; None where it does not."""
    found = [lineage.get(each, {each: 0}).get(place) for each in fact.places]
    return min((steps for steps in found if steps is not None), default=None)


def _against(question: Question, one: Fact, other: Fact) -> bool:
    """Whether two claims of different studies contradict each other."""
    if one.study == other.study or one.stance is None or other.stance is None:
        return False
    return opposed(question, one.stance, other.stance, same_outcome=_same_outcome(one, other))


def _same_outcome(one: Fact, other: Fact) -> bool:
    return one.outcome.casefold().strip() == other.outcome.casefold().strip()


def _group(question: Question, place: int, here: Iterable[Fact], scope: Iterable[Fact]) -> Group | None:
    """The group of the claims in scope, where one that is here stands against another."""
    ours, all_sides = _sides(here), _sides(scope)
    if not any(
        _stand_against(question, one, ours[one], other, all_sides[other]) for one, other in product(ours, all_sides)
    ):
        return None
    pairs = [
        (one, other)
        for one, other in combinations(sorted(all_sides), 2)
        if _stand_against(question, one, all_sides[one], other, all_sides[other])
    ]
    members: dict[Stance, list[Fact]] = defaultdict(list)
    for side in sorted({side for pair in pairs for side in pair}):
        members[side[0]] += all_sides[side]
    strength = max(min(_strength(all_sides[one]), _strength(all_sides[other])) for one, other in pairs)
    closeness = max(_closeness(question, all_sides[one], all_sides[other]) for one, other in pairs)
    return Group(place, dict(members), strength, closeness)


def _sides(facts: Iterable[Fact]) -> dict[Side, list[Fact]]:
    """The claims by side; who raises or lowers an outcome is only compared on that outcome."""
    sides: dict[Side, list[Fact]] = defaultdict(list)
    for fact in facts:
        if fact.stance:
            aimed = fact.stance in {Stance.RAISES, Stance.LOWERS}
            sides[fact.stance, fact.outcome.casefold().strip() if aimed else ""].append(fact)
    return sides


def _stand_against(question: Question, one: Side, ones: list[Fact], other: Side, others: list[Fact]) -> bool:
    if not opposed(question, one[0], other[0], same_outcome=one[1] == other[1]):
        return False
    return len({fact.study for fact in ones} | {fact.study for fact in others}) > 1


def _strength(side: list[Fact]) -> float:
    """What the levels of a side weigh, each group of studies by its best claim alone."""
    best: dict[int, int] = defaultdict(int)
    for fact in side:
        best[fact.group] = max(best[fact.group], WEIGHTS[fact.level])
    return float(sum(best.values()))


def _closeness(question: Question, ones: list[Fact], others: list[Fact]) -> float:
    """How alike the settings of the two opposing claims are that are most alike."""
    pairs = product(_strongest(ones), _strongest(others))
    return max((likeness(one, other) for one, other in pairs if _against(question, one, other)), default=0.0)


def _strongest(side: list[Fact]) -> list[Fact]:
    return sorted(side, key=lambda fact: (fact.level, fact.claim))[:LOOKED_AT]


def _without_the_held(found: list[Group], lineage: Lineage) -> list[Group]:
    """Leave out each group all of whose claims stand in one of a wider disease."""
    return [group for group in found if not any(_holds(wider, group, lineage) for wider in found)]


def _holds(wider: Group, group: Group, lineage: Lineage) -> bool:
    above = wider.place in lineage.get(group.place, {}) and wider.place != group.place
    return above and group.claims <= wider.claims

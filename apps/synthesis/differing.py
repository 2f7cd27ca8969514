"""What differs between the sides of a contradiction: each setting of which they don't tell the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from apps.claims.models import Claim, Model
from apps.vesicles.models import Isolation

MOST = 6


@dataclass(frozen=True)
class Setting:
    """One setting, and what each side has of it, in the order of the sides."""

    title: str
    sides: list[list[str]]
    differs: bool


def _models(claim: Claim) -> list[str]:
    return [str(Model(each).label).lower() for each in claim.models_used]


def _isolation(claim: Claim) -> list[str]:
    known = claim.preparation.isolation
    return ["not curated"] if known is None else [str(Isolation(each).label) for each in known]


def _engineered(claim: Claim) -> list[str]:
    return ["engineered" if claim.preparation.engineered else "as released"]


SETTINGS: dict[str, Callable[[Claim], list[str]]] = {
    "Aspect": lambda claim: [str(claim.get_aspect_display()).lower()],
    "Cargo": lambda claim: [str(claim.cargo or "the vesicle as a whole")],
    "Disease": lambda claim: [str(claim.disease)],
    # A field of its own for the health of the donor there is none: the source's name tells it, where the study does.
    "Source": lambda claim: [claim.preparation.source.name],
    "Kind of source": lambda claim: [str(claim.preparation.source.get_category_display()).lower()],
    "Species": lambda claim: [str(claim.preparation.source.species)],
    "Engineering": _engineered,
    "Isolation": _isolation,
    "Shown in": _models,
    "Recipient": lambda claim: [str(claim.recipient or "not said")],
    "Therapy": lambda claim: [str(name) for name in claim.therapy_names] or ["none named"],
    "Level": lambda claim: [claim.level],
    "Year": lambda claim: [str(claim.preparation.study.year)],
}


def settings(sides: Sequence[Iterable[Claim]]) -> list[Setting]:
    """Each setting over the sides; those that differ first, in the order above."""
    lists = [list(side) for side in sides]
    found = [_setting(title, read, lists) for title, read in SETTINGS.items()]
    return sorted(found, key=lambda setting: not setting.differs)


def _setting(title: str, read: Callable[[Claim], list[str]], sides: list[list[Claim]]) -> Setting:
    values = [sorted({value for claim in side for value in read(claim)}) for side in sides]
    return Setting(title, [_shortened(each) for each in values], any(each != values[0] for each in values))


def _shortened(values: list[str]) -> list[str]:
    more = len(values) - MOST
    return values if more <= 0 else [*values[:MOST], f"and {more} more"]


def same_authors(groups: Mapping[str, set[int]]) -> bool:
    """Whether one group of studies stands on several sides."""
    seen = [group for each in groups.values() for group in each]
    return len(seen) != len(set(seen))

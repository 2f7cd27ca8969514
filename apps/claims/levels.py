"""The level of a claim: its strength by kind of evidence, computed from what the claim says."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from apps.claims.models import Level
from apps.claims.models.grading import GRADES


class Assessment(NamedTuple):
    """A level, and the sentence that says why."""

    level: Level
    reason: str


def assess(*, models: Collection[str], study_kind: str, validation: str) -> Assessment:
    """Assess the models that a claim was shown in, the kind of its study, and whether a second cohort confirmed it.

    The database computes the same from the same table, and refuses any other level.
    """
    grade = next(grade for grade in GRADES if grade.fits(models, study_kind, validation))
    return Assessment(grade.level, grade.reason)

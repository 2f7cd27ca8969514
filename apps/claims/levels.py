"""The level of a claim: its strength by kind of evidence, computed from what the claim says.

A (in clinical use) is never computed: no field of a claim says that a marker is approved or in a guideline, so a
curator sets it by hand, with a written reason.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from apps.claims.models import Level, Model, Shown
from apps.studies.models import StudyKind

PATIENT_DATA = frozenset({Model.PATIENT_SAMPLES, Model.CLINICAL_TRIAL})


class Assessment(NamedTuple):
    """A level, and the sentence that says why."""

    level: Level
    reason: str


def assess(*, models: Collection[str], study_kind: str, validation: str) -> Assessment:
    """Assess the models that a claim was shown in, the kind of its study, and whether a second cohort confirmed it."""
    used = set(models)
    if Model.CLINICAL_TRIAL in used:
        return Assessment(Level.B, "Shown in a clinical trial.")
    if study_kind == StudyKind.META_ANALYSIS and used & PATIENT_DATA:
        return Assessment(Level.B, "A meta-analysis of patients.")
    if Model.PATIENT_SAMPLES in used:
        return _cohort(validation)
    if used & {Model.ANIMAL, Model.EX_VIVO}:
        return Assessment(Level.D, "Shown in animals or in tissue kept alive outside the body.")
    return Assessment(Level.E, "Shown in cultured cells only.")


def _cohort(validation: str) -> Assessment:
    match validation:
        case Shown.SHOWN:
            return Assessment(Level.B, "Patient samples, confirmed in an independent validation cohort.")
        case Shown.NOT_SHOWN:
            return Assessment(Level.C, "Patient samples of one cohort; no independent validation cohort.")
        case _:
            return Assessment(
                Level.C, "Patient samples; whether an independent cohort confirmed it has not been curated."
            )

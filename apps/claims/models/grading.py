"""How the level of a claim follows from what it says: one table, read by the code and by the database."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import pgtrigger

from apps.claims.models.choices import Level, Model, Shown
from apps.records import triggers
from apps.studies.models import Study, StudyKind


class Grade(NamedTuple):
    """A level, the sentence that says why, and what it takes; what is left empty does not matter."""

    level: Level
    reason: str
    any_model: frozenset[str] = frozenset()
    study_kind: str = ""
    validation: str = ""

    def fits(self, models: Collection[str], study_kind: str, validation: str) -> bool:
        return (
            (not self.any_model or not self.any_model.isdisjoint(models))
            and self.study_kind in ("", study_kind)
            and self.validation in ("", validation)
        )

    def fits_in_sql(self, row: str, kind: str) -> str:
        """The same, as SQL over a row of claims."""
        asked = []
        if self.any_model:
            models = ", ".join(triggers.quoted(str(model)) for model in sorted(self.any_model))
            asked.append(f"{row}.models_used && ARRAY[{models}]::varchar[]")
        if self.study_kind:
            asked.append(f"{kind} = {triggers.quoted(str(self.study_kind))}")
        if self.validation:
            asked.append(f"{row}.validation = {triggers.quoted(str(self.validation))}")
        return " AND ".join(asked) or "TRUE"


PATIENTS = frozenset({Model.PATIENT_SAMPLES})
# The first that fits holds. A (in clinical use) is never computed: no field of a claim says that a marker is approved
# or in a guideline, so a curator sets it by hand, with a written reason.
GRADES = (
    Grade(Level.B, "Shown in a clinical trial.", frozenset({Model.CLINICAL_TRIAL})),
    Grade(Level.B, "A meta-analysis of patients.", PATIENTS, study_kind=StudyKind.META_ANALYSIS),
    Grade(
        Level.B,
        "Patient samples, confirmed in an independent validation cohort.",
        PATIENTS,
        validation=Shown.SHOWN,
    ),
    Grade(
        Level.C,
        "Patient samples of one cohort; no independent validation cohort.",
        PATIENTS,
        validation=Shown.NOT_SHOWN,
    ),
    Grade(Level.C, "Patient samples; whether an independent cohort confirmed it has not been curated.", PATIENTS),
    Grade(
        Level.D,
        "Shown in animals or in tissue kept alive outside the body.",
        frozenset({Model.ANIMAL, Model.EX_VIVO}),
    ),
    Grade(Level.E, "Shown in cultured cells only."),
)


def graded(row: str, kind: str) -> str:
    """SQL for (level, reason) of a row of claims, from the table above; `kind` is SQL for the kind of its study."""
    ways = (
        f"WHEN {grade.fits_in_sql(row, kind)}"
        f" THEN ARRAY[{triggers.quoted(str(grade.level))}, {triggers.quoted(grade.reason)}]"
        for grade in GRADES
    )
    return f"CASE {' '.join(ways)} END"


def as_computed() -> pgtrigger.Trigger:
    """Refuse a level, or a reason for it, that does not follow from what the claim says."""
    levels, inputs = ("level_computed", "level_reason"), ("models_used", "validation", "preparation_id")
    typed, edited = (
        " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns) for columns in (levels, inputs)
    )
    return triggers.check(
        "claim_level_as_computed",
        on=pgtrigger.Insert | pgtrigger.UpdateOf(*levels, *inputs),
        # Of what is no draft nothing that it is computed from changes, but for the kind of its study.
        sql=f"""(TG_OP = 'INSERT' OR {typed} OR (OLD.state = 'draft' AND ({edited})))
            AND ARRAY[NEW.level_computed, NEW.level_reason]::text[] IS DISTINCT FROM (
                SELECT {graded("NEW", "study.kind")}
                FROM vesicles_preparation made JOIN studies_study study ON study.id = made.study_id
                WHERE made.id = NEW.preparation_id)""",  # noqa: S608 - our own words only
        message="The level of a claim follows from its models, its validation and the kind of its study; "
        "to give another, set it by hand, with the reason.",
    )


# A study that turns out to be of another kind gives its claims another level; what has left the public keeps its own.
pgtrigger.register(
    pgtrigger.Trigger(
        name="study_kind_reaches_levels",
        when=pgtrigger.After,
        operation=pgtrigger.UpdateOf("kind"),
        condition=pgtrigger.Q(old__kind__df=pgtrigger.F("new__kind")),
        func=f"""UPDATE claims_claim SET level_computed = found.grade[1], level_reason = found.grade[2] FROM (
                SELECT claim.id, {graded("claim", "NEW.kind")} AS grade
                FROM claims_claim claim JOIN vesicles_preparation made ON made.id = claim.preparation_id
                WHERE made.study_id = NEW.id AND claim.state IN ('draft', 'submitted', 'accepted')
            ) found
            WHERE claims_claim.id = found.id
            AND ARRAY[level_computed, level_reason]::text[] IS DISTINCT FROM found.grade;
            RETURN NULL;""",  # noqa: S608 - our own words only
    )
)(Study)

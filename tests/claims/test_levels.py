from itertools import combinations, product

import pytest

from apps.claims.levels import assess
from apps.claims.models import Claim, Model, Shown
from apps.claims.models.grading import graded
from apps.studies.models import StudyKind
from tests.makers import a_claim, a_preparation, a_study
from tests.records.refusals import met, refused, run


@pytest.mark.parametrize(
    ("models", "study_kind", "validation", "level", "because"),
    [
        (["in_vitro"], "primary", "not_curated", "E", "cultured cells"),
        (["animal"], "primary", "not_curated", "D", "animals"),
        (["ex_vivo"], "primary", "not_curated", "D", "tissue"),
        (["in_vitro", "animal"], "primary", "not_curated", "D", "animals"),
        (["patient_samples"], "primary", "not_curated", "C", "has not been curated"),
        (["patient_samples"], "primary", "not_shown", "C", "no independent validation"),
        (["patient_samples"], "primary", "shown", "B", "independent validation cohort"),
        (["in_vitro", "animal", "patient_samples"], "primary", "not_shown", "C", "one cohort"),
        (["clinical_trial"], "primary", "not_curated", "B", "clinical trial"),
        (["clinical_trial", "in_vitro"], "clinical_trial", "not_curated", "B", "clinical trial"),
        (["patient_samples"], "meta_analysis", "not_curated", "B", "meta-analysis"),
        (["animal"], "meta_analysis", "not_curated", "D", "animals"),
        (["in_vitro"], "clinical_trial", "shown", "E", "cultured cells"),
    ],
)
def test_the_level_follows_from_what_the_claim_says(models, study_kind, validation, level, because):
    assessment = assess(models=models, study_kind=study_kind, validation=validation)

    assert assessment.level == level
    assert because in assessment.reason


def test_clinical_use_is_never_computed():
    for model in Model.values:
        for kind in ("primary", "clinical_trial", "meta_analysis", "review"):
            assert assess(models=[model], study_kind=kind, validation="shown").level != "A"


@pytest.mark.django_db
def test_a_level_set_by_hand_wins_and_keeps_the_computed_one():
    claim = a_claim(state="draft", level_override="A", level_override_reason="approved, as the label says")
    claim.refresh_from_db()

    assert (claim.level, claim.level_computed) == ("A", "E")


# --- the database computes the same -----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_database_computes_the_level_that_the_code_computes():
    used = [list(some) for size in range(1, 6) for some in combinations(Model.values, size)]
    cases = list(product(used, StudyKind.values, Shown.values))
    assert len(cases) == 31 * 5 * 3

    for models, kind, validation in cases:
        computed = run(
            f"SELECT {graded('claim', '%s')} FROM (SELECT %s::varchar[] AS models_used, %s AS validation) claim",
            [*[kind] * graded("claim", "%s").count("%s"), models, validation],
        )
        said = assess(models=models, study_kind=kind, validation=validation)
        assert computed == [([said.level, said.reason],)], (models, kind, validation)


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["draft", "submitted", "accepted", "withdrawn"])
@pytest.mark.parametrize("change", ["level_computed = 'B'", "level_reason = 'So it was said.'"])
def test_a_computed_level_is_not_typed_over(state, change):
    claim = a_claim(state=state)

    refused("claim_level_as_computed", f"UPDATE claims_claim SET {change} WHERE id = %s", [claim.pk])


@pytest.mark.django_db
def test_a_draft_that_says_something_else_gets_the_level_of_that():
    claim = a_claim(state="draft")

    refused("claim_level_as_computed", "UPDATE claims_claim SET models_used = '{animal}' WHERE id = %s", [claim.pk])
    run(
        """UPDATE claims_claim SET models_used = '{animal}', level_computed = 'D',
        level_reason = 'Shown in animals or in tissue kept alive outside the body.' WHERE id = %s""",
        [claim.pk],
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "level"), [("draft", "B"), ("submitted", "B"), ("accepted", "B"), ("withdrawn", "C"), ("rejected", "C")]
)
def test_a_study_that_is_of_another_kind_gives_its_claims_another_level(state, level):
    study = a_study(kind="primary")
    claim = a_claim(state=state, models_used=["patient_samples"], preparation=a_preparation(study=study))
    elsewhere = a_claim(models_used=["patient_samples"])

    run("UPDATE studies_study SET kind = 'meta_analysis' WHERE id = %s", [study.pk])
    met("study_kind_reaches_levels")

    assert Claim.objects.get(pk=claim.pk).level == level
    assert Claim.objects.get(pk=elsewhere.pk).level == "C"

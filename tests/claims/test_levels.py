import pytest

from apps.claims.levels import assess
from apps.claims.models import Model
from tests.makers import a_claim


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

"""Which numbers are pooled, which are not and why, and what they come to."""

import math

import numpy as np
import pytest

from apps.synthesis import meta
from apps.synthesis.measures import Given, Unfit, effect, hanley_mcneil
from apps.synthesis.pooling import pool
from tests.makers import a_cargo, a_claim, a_name, a_notice, a_preparation, a_source, a_study
from tests.synthesis.evidence import a_disease

SIZES = {"n_cases": 50, "n_controls": 40}


@pytest.mark.parametrize(("area", "cases", "controls"), [(0.8, 51, 58), (0.9, 20, 60)])
def test_the_variance_of_an_area_is_that_of_hanley_and_mcneil(area, cases, controls):
    """Their formula holds for exponential distributions: against the areas of 20,000 samples of them."""
    chance = np.random.default_rng(3)
    ill = chance.exponential(area / (1 - area), (20_000, cases, 1))
    well = chance.exponential(1, (20_000, 1, controls))
    areas = np.concatenate(
        [np.mean(ill[at : at + 500] > well[at : at + 500], axis=(1, 2)) for at in range(0, 20_000, 500)]
    )

    assert np.mean(areas) == pytest.approx(area, abs=0.002)
    assert hanley_mcneil(area, cases, controls) == pytest.approx(np.var(areas), rel=0.05)


def test_an_area_goes_on_logits_by_its_interval_before_the_group_sizes():
    found = effect(Given("AUC", 0.8, 0.7, 0.88, 50, 40))

    assert found.value == pytest.approx(math.log(4))
    assert math.sqrt(found.variance) == pytest.approx(
        (math.log(0.88 / 0.12) - math.log(0.7 / 0.3)) / 2 / 1.96, rel=0.001
    )


def test_without_an_interval_the_group_sizes_tell():
    found = effect(Given("AUC", 0.8, n_cases=50, n_controls=40))

    assert found.variance == pytest.approx(hanley_mcneil(0.8, 50, 40) / 0.16**2)
    assert effect(Given("AUC", 0.8, 0.7, 1.0, 50, 40)) == found, "an end at 1 has no logit"


def test_a_ratio_goes_on_logs():
    found = effect(Given("HR", 2.0, 1.0, 4.0))

    assert (found.value, math.sqrt(found.variance)) == (
        pytest.approx(math.log(2)),
        pytest.approx(math.log(2) / 1.96, rel=0.001),
    )


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (Given("AUC", None, 0.7, 0.9), "The estimate itself is not given"),
        (Given("AUC", 0.8), "Neither an interval nor the sizes"),
        (Given("AUC", 0.8, n_cases=50), "Neither an interval nor the sizes"),
        (Given("AUC", 1.0, 1.0, 1.0, 50, 40), "exactly 0 or 1 has no logit"),
        (Given("HR", 2.0), "No interval"),
        (Given("HR", 2.0, 1.5), "No interval"),
        (Given("HR", 2.0, 2.0, 2.0), "has no width"),
        (Given("HR", 1.78, 1.78, 2.44), "one of the two is misprinted"),
    ],
)
def test_what_is_not_given_is_not_made_up(given, why):
    with pytest.raises(Unfit, match=why):
        effect(given)


@pytest.mark.parametrize(
    ("outcome", "against"),
    [
        ("synthetic cancer against healthy volunteers", "health"),
        ("separation of synthetic cancer from benign disease", "another disease"),
        ("synthetic cancer against health and pancreatitis", "health and another disease"),
        ("synthetic cancer", "not told"),
    ],
)
def test_whom_cases_were_told_from(outcome, against):
    assert meta.comparison(outcome) == against


@pytest.mark.parametrize(
    ("tissue", "kind"),
    [
        ("blood plasma", "blood"),
        ("serum", "blood"),
        ("urine and blood", "blood and urine"),
        ("", "not told"),
        ("liver", "liver"),
    ],
)
def test_plasma_and_serum_are_blood(tissue, kind):
    assert meta.fluid(tissue) == kind


# --- in the database -------------------------------------------------------------------------------------------------

pytestmark = pytest.mark.django_db


def a_number(*measures, study=None, tissue="plasma", outcome="synthetic carcinoma against health", **fields):
    made = a_preparation(
        study=study or a_study(authors=[]), source=a_source(tissue=a_name("tissue", tissue), category="biofluid")
    )
    return a_claim(
        preparation=made,
        measures=measures,
        outcome=outcome,
        **{"cargo": a_cargo("miR-21"), "disease": a_disease(), "aspect": "diagnosis", "effect": "marks", **fields},
    )


def auc(value=0.8, **fields):
    return {"name": "AUC", "value": value, **fields}


def only():
    (found,) = meta.analyses()
    return found


def reasons(analysis):
    return [refused.reason for refused in analysis.refused]


def test_numbers_of_independent_studies_on_one_question_are_pooled():
    for value in (0.7, 0.8, 0.9):
        a_number(auc(value, **SIZES), tissue="serum" if value > 0.8 else "plasma")

    found = only()

    effects = [effect(Given("AUC", value, **SIZES)) for value in (0.7, 0.8, 0.9)]
    assert found.pooled == pool([each.value for each in effects], [each.variance for each in effects])
    assert [entry.number.study for entry, _ in found.without] == [entry.number.study for entry in found.entries]
    assert found.egger is None


@pytest.mark.parametrize(
    "other",
    [
        {"tissue": "urine"},
        {"outcome": "synthetic carcinoma against benign disease"},
        {"outcome": "synthetic carcinoma"},
        {"cargo": "miR-155"},
        {"disease": "other carcinoma"},
    ],
)
def test_nothing_is_pooled_across_fluids_comparisons_markers_and_diseases(other):
    a_number(auc(**SIZES))
    made = {"cargo": a_cargo, "disease": a_disease}
    a_number(auc(**SIZES), **{name: made[name](value) if name in made else value for name, value in other.items()})

    assert [len(each.entries) for each in meta.analyses()] == [1, 1]
    assert not any(each.pooled for each in meta.analyses())


def test_ratios_are_pooled_by_end_point_which_the_note_tells():
    for note in ("overall survival", "death within two years", "relapse", ""):
        a_number(
            {"name": "HR", "value": 2, "ci_low": 1, "ci_high": 4, "note": note}, outcome="shorter overall survival"
        )

    assert {each.question.comparison: len(each.entries) for each in meta.analyses()} == {
        "overall survival": 3,
        "recurrence": 1,
    }


def test_of_one_study_one_number_is_taken_that_of_the_validation_cohort():
    study = a_study(authors=[])
    a_number(auc(0.9, note="training set", **SIZES), auc(0.7, note="independent validation", **SIZES), study=study)
    a_number(auc(0.6, **SIZES), study=study)

    found = only()

    assert [entry.number.measures[0].value for entry in found.entries] == [0.7]
    assert reasons(found) == [meta.TWICE] * 2


def test_what_can_not_be_pooled_stands_beside_with_its_reason():
    a_number(auc(note="with CA 19-9 added", **SIZES))
    a_number(auc(), study=a_study(kind="meta_analysis", authors=[]))
    a_number(auc(**SIZES), study=a_study(status="retracted", authors=[]))
    a_number(auc())

    found = only()

    assert found.entries == []
    assert sorted(reason.split(":")[0].split(",")[0] for reason in reasons(found)) == [
        "It is not the number of this marker alone",
        "Neither an interval nor the sizes of both groups are given",
        "The publication pools or reviews studies itself",
        "The study is retracted.",
    ]


def test_a_retraction_tells_at_once_and_so_does_the_verdict():
    for value in (0.7, 0.8):
        claim = a_number(auc(value, **SIZES))
    before = only().pooled
    notice = a_notice(study=claim.preparation.study)
    assert only().pooled is None

    type(notice).objects.filter(pk=notice.pk).update(
        overruled_at=notice.changed_at, overruled_by=claim.author, overruled_reason="another paper"
    )
    assert only().pooled == before


def a_pair(sensitivity, specificity, **sizes):
    return ({"name": "sensitivity", "value": sensitivity, **sizes}, {"name": "specificity", "value": specificity})


def test_sensitivity_goes_with_specificity_and_takes_four_studies():
    for value in (0.8, 0.85, 0.9):
        a_number(*a_pair(value, 0.9, **SIZES))
    assert only().accuracy is None
    a_number(*a_pair(0.7, 0.95, **SIZES))

    found = only()

    assert found.accuracy.k == 4
    assert found.accuracy.sensitivity[1] < found.accuracy.sensitivity[0] < found.accuracy.sensitivity[2]
    assert {(entry.cases, entry.controls) for entry in found.entries} == {(50, 40)}


def test_one_of_the_two_alone_says_nothing():
    a_number({"name": "sensitivity", "value": 0.9, **SIZES})
    a_number(*a_pair(0.9, 0.9))

    assert [reason.partition(" given")[0] for reason in reasons(only())] == [
        "Of sensitivity and specificity only one is",
        "The sizes of both groups are not",
    ]


def test_group_sizes_of_another_number_of_the_claim_serve():
    a_number(*a_pair(0.9, 0.8), auc(note="with CEA", **SIZES))

    found = {each.question.measure: each for each in meta.analyses()}

    assert [(entry.cases, entry.controls) for entry in found[meta.BOTH].entries] == [(50, 40)]


def test_drafts_are_not_pooled():
    a_number(auc(**SIZES), state="draft")

    assert meta.analyses() == []


@pytest.mark.parametrize("claims", [1, 15])
def test_the_number_of_queries_does_not_grow(claims, django_assert_num_queries):
    for _ in range(claims):
        a_number(auc(**SIZES))

    with django_assert_num_queries(3):
        meta.analyses()

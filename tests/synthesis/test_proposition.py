"""How strong a proposition is: which steps are there, by which claims, and which are missing."""

import pytest

from apps.synthesis import proposition
from apps.synthesis.choosing import chosen
from apps.synthesis.contradicting import take_in
from apps.synthesis.proposition import can_be_asked, propositions
from tests.makers import a_claim, a_notice, a_source, a_study
from tests.synthesis.evidence import a_disease, of_cargo, says

pytestmark = pytest.mark.django_db


def of(**asked):
    return propositions(chosen({"cargo": "miR-21", "disease": "synthetic carcinoma", **asked}))


def steps(found):
    return {step.key: (step.stands.value, step.count, step.claims) for step in found.steps}


def test_each_step_is_there_by_the_claims_that_show_it():
    first = of_cargo("harm", transfer_shown="shown", lost_on_removal="not_shown")
    second = of_cargo("harm", models_used=["animal"], transfer_shown="shown")

    (found,) = of()

    told = steps(found)
    assert (found.question, found.says, found.count, found.groups) == ("progression", "harm", 2, 2)
    # The animal is level D and stands before the cells.
    assert told["transfer_shown"] == ("there", 2, [second.accession, first.accession])
    assert told["animal"] == ("there", 1, [second.accession])
    assert told["patients"] == ("missing", 0, [])
    assert told["lost_on_removal"] == ("not_shown", 1, [])
    assert told["vesicle_free_control"] == ("not_curated", 2, [])
    assert told["independence"] == ("there", 2, [])
    assert told["consistency"] == ("there", 2, [])
    assert told["reporting"] == ("not_curated", 2, [])


def test_a_study_alone_is_no_independence_and_nobody_has_confirmed_it():
    of_cargo("harm")

    told = steps(of()[0])
    assert told["independence"][:2] == ("missing", 1)
    assert told["consistency"][:2] == ("missing", 0)


def test_what_other_studies_say_against_it_is_named():
    harm, benefit = of_cargo("harm"), of_cargo("benefit")
    take_in()

    told = {found.says: steps(found)["consistency"] for found in of()}

    assert told == {
        "harm": ("against", 1, [harm.accession]),
        "benefit": ("against", 1, [benefit.accession]),
    }


def test_every_claim_says_exactly_one_thing():
    of_cargo("harm")
    of_cargo("benefit", effect="suppresses")
    of_cargo("mixed")
    of_cargo("harm", effect="marks")
    of_cargo("harm", effect="no_effect")

    assert {found.says: found.count for found in of()} == {
        "harm": 1,
        "benefit": 1,
        "unclear": 1,
        "marks": 1,
        "no_effect": 1,
    }


def test_a_marker_is_asked_for_a_second_cohort_and_not_for_transfer():
    of_cargo("benefit", effect="marks", aspect="diagnosis", models_used=["patient_samples"], validation="shown")

    told = steps(of()[0])
    assert told["validation"][0] == told["patients"][0] == "there"
    assert "transfer_shown" not in told


def test_what_is_narrower_counts_and_what_is_retracted_or_no_more_public_does_not():
    a_disease()
    of_cargo("harm", disease=a_disease("narrower carcinoma", "synthetic carcinoma"))
    of_cargo("harm", disease=a_disease("another disease"))
    of_cargo("harm", state="withdrawn")
    a_notice(study=of_cargo("harm").preparation.study)

    assert [found.count for found in of()] == [1]


def test_of_a_source_only_what_vesicles_do_as_released_counts():
    source = {"category": "mesenchymal_stem_cell"}
    says("harm", source=source)
    says("harm", source=source, engineered=True)
    says("harm", source=source, effect="marks")
    says("harm", source=source, models_used=["patient_samples"])

    found = propositions(chosen({"source_category": "mesenchymal_stem_cell", "disease": "synthetic carcinoma"}))

    assert [(each.says, each.count) for each in found] == [("harm", 1)]
    assert "cargo_observed" not in steps(found[0])


@pytest.mark.parametrize(
    ("asked", "can"),
    [
        ({"cargo": "miR-21", "disease": "synthetic carcinoma"}, True),
        ({"source_category": "biofluid", "disease": "synthetic carcinoma"}, True),
        ({"cargo": "miR-21"}, False),
        ({"disease": "synthetic carcinoma"}, False),
        ({"cargo": "miR-21", "source_category": "biofluid", "disease": "synthetic carcinoma"}, False),
        ({"cargo": "miR-22", "disease": "synthetic carcinoma"}, False),
        ({"cargo": "miR-21", "disease": "synthetic carcinoma", "aspect": "diagnosis"}, False),
    ],
)
def test_one_subject_and_one_disease_are_asked(asked, can):
    of_cargo("harm")

    assert can_be_asked(chosen(asked)) is can


def test_the_proposition_of_a_claim_is_the_one_that_holds_it():
    claim = of_cargo("harm", aspect="metastasis")
    of_cargo("harm")
    of_cargo("benefit")

    asks, found = proposition.of_claim(claim)

    assert asks["question"] == "progression"
    assert (found.says, found.count) == ("harm", 2)


def test_a_claim_about_no_one_thing_has_none():
    fluid = a_claim(disease=a_disease(), preparation=None, cargo=None)
    fluid.preparation.source = a_source(category="biofluid")
    retracted = of_cargo("harm", study=a_study(status="retracted"))
    as_written = says("harm", disease="a disease without a term")

    assert [proposition.of_claim(claim)[1] for claim in (fluid, retracted, as_written)] == [None, None, None]


def test_it_takes_two_queries_for_any_number_of_claims(django_assert_num_queries):
    for _ in range(3):
        of_cargo("harm")
        of_cargo("benefit")
    asked = chosen({"cargo": "miR-21", "disease": "synthetic carcinoma"})

    with django_assert_num_queries(2):
        assert len(propositions(asked)) == 2

"""The numbers of a set of claims: each is what a count by hand gives, and one query gives them all."""

import pytest

from apps.claims.models import Claim
from apps.finding.passing import counted
from apps.finding.tallies import PARTNERS, account, overview
from tests.makers import a_cargo, a_claim, a_name, a_preparation, a_source, a_study, a_term

pytestmark = pytest.mark.django_db


@pytest.fixture
def colon():
    colorectal = a_term("DOID:9256", "colorectal cancer")
    return a_name("disease", "colon cancer", (a_term("DOID:219", "colon cancer", parents=(colorectal,)),))


def test_claims_are_counted_by_aspect_level_and_edge_without_the_retracted():
    a_claim(aspect="metastasis", edge="harm")
    a_claim(aspect="metastasis", edge="benefit", models_used=["animal"])
    a_claim(aspect="safety", edge="benefit")
    a_claim(aspect="safety", edge="harm", preparation=a_preparation(study=a_study(status="retracted")))

    found = overview(Claim.objects.accepted())

    assert [(row.label, row.total, row.best) for row in found.aspects] == [("Metastasis", 2, "D"), ("Safety", 1, "E")]
    assert {row.best: dict(row.edges) for row in found.levels} == {"D": {"benefit": 1}, "E": {"harm": 1, "benefit": 1}}
    assert (found.counting, found.retracted, found.total) == (3, 1, 4)


def test_partners_are_counted_with_what_is_narrower_as_a_search_counts_them(colon):
    above = a_name("disease", "bowel cancer", (colon.terms.get().parents.get(),))
    for disease in (colon, colon, above):
        a_claim(disease=disease, cargo=a_cargo("miR-21"))
    a_claim(disease=a_name("disease", "quaggaoma"), cargo=None)

    found = account(Claim.objects.accepted(), PARTNERS)

    rows = {kind.title: [(row.label, row.total) for row in kind.rows] for kind in found.partners}
    assert rows["Diseases"] == [("colorectal cancer", 3), ("colon cancer", 2)]
    assert rows["Cargos"] == [("miR-21", 3)]
    assert rows["Vesicles of"] == [("mesenchymal stem cell", 4)]


def test_a_name_that_means_two_terms_and_two_names_of_one_term_count_a_claim_once():
    term, other = a_term("CHEBI:1", "synthetic drug", "therapy"), a_term("CHEBI:2", "another", "therapy")
    both, alone = a_name("therapy", "drug and another", (term, other)), a_name("therapy", "the drug", (term,))
    a_claim(therapies=(both.text, alone.text))

    found = account(Claim.objects.accepted(), ["therapy"])

    assert sorted((row.label, row.total) for row in found.partners[0].rows) == [("another", 1), ("synthetic drug", 1)]


def test_contradictions_are_named_with_their_claims(colon):
    harm = a_claim(disease=colon, cargo=a_cargo("miR-21"), edge="harm")
    benefit = a_claim(disease=colon, cargo=a_cargo("miR-21"), edge="benefit", effect="suppresses")
    a_claim(disease=colon, cargo=a_cargo("miR-96"), edge="harm")
    retracted = a_preparation(study=a_study(status="retracted"))
    a_claim(disease=colon, cargo=a_cargo("miR-96"), edge="benefit", preparation=retracted)

    (found,) = account(Claim.objects.accepted()).contradictions

    assert (found.what, found.disease, found.aspect) == ("miR-21", "colon cancer", "tumour growth")
    assert found.sides == [(1, [harm.accession]), (1, [benefit.accession]), (0, [])]
    assert found.asks == {"cargo": harm.cargo.accession, "disease": "DOID:219", "aspect": "tumour_growth"}


def test_a_marker_that_failed_elsewhere_contradicts_one_that_worked(colon):
    for edge, effect in (("benefit", "marks"), ("neutral", "no_effect"), ("neutral", "marks")):
        a_claim(disease=colon, cargo=a_cargo("GPC1", "protein"), aspect="diagnosis", edge=edge, effect=effect)

    (found,) = account(Claim.objects.accepted()).contradictions

    assert [count for count, _ in found.sides] == [0, 1, 1]


def test_claims_on_the_vesicle_as_a_whole_contradict_within_one_kind_of_source_and_one_name():
    for edge, category in (("harm", "milk"), ("benefit", "milk"), ("harm", "plant")):
        a_claim(
            cargo=None,
            edge=edge,
            disease=a_name("disease", "quaggaoma"),
            preparation=a_preparation(source=a_source(category=category)),
        )

    (found,) = account(Claim.objects.accepted()).contradictions

    assert (found.what, found.disease) == ("Milk: the vesicle as a whole", "quaggaoma")
    assert found.asks["source_category"] == "milk"


def test_what_is_missing_is_counted():
    a_claim(models_used=["animal", "patient_samples"], measures=({"name": "AUC", "value": 0.9},))
    a_claim(preparation=a_preparation(metric_ev_density="reported", study=a_study(depth="full_text")))

    found = {wish.label: (wish.count, wish.total) for wish in account(Claim.objects.accepted()).wishes}

    assert found["shown in patients or their samples"] == (1, 2)
    assert found["shown in animals"] == (1, 2)
    assert found["with numbers"] == (1, 2)
    assert found["on vesicles with a reporting score"] == (1, 2)
    assert found["read in full text, not the abstract alone"] == (1, 2)
    assert found["confirmed in an independent cohort"] == (0, 2)


@pytest.mark.parametrize("claims", [0, 20])
def test_all_of_it_is_one_query(django_assert_num_queries, colon, claims):
    for number in range(claims):
        a_claim(disease=colon, cargo=a_cargo(f"miR-{number}"), edge=("harm", "benefit")[number % 2])

    with django_assert_num_queries(1):
        account(Claim.objects.accepted(), PARTNERS)


def test_no_claims_are_counted_as_none():
    found = account(Claim.objects.none(), PARTNERS)

    assert (found.overview.total, found.studies, found.partners, found.contradictions) == (0, 0, [], [])


def test_a_search_for_percent_signs_and_braces_is_counted_like_any_other():
    a_claim(statement="Raised by 50 % {in all}.")

    assert counted(Claim.objects.accepted().filter(statement__contains="50 % {in"), {"n": "SELECT 1 FROM counting"})

"""Gaps: found where they are, gone where somebody closed them."""

import pytest
from django.test import Client

from apps.synthesis.unknown import Gap, gaps
from tests.api.asking import found as listed
from tests.api.asking import get, problem
from tests.makers import a_cargo, a_name, a_notice, a_term
from tests.synthesis.evidence import a_disease, of_cargo, says

pytestmark = pytest.mark.django_db


def found(kind):
    return [(gap.subject, gap.disease, gap.claims, gap.studies) for gap in gaps(Gap(kind))]


def test_one_claim_only_is_a_gap_until_there_is_another_there_or_below():
    wider = a_disease()
    of_cargo("harm", disease=wider)
    assert found("single") == [("miR-21", "synthetic carcinoma", 1, 1)]

    of_cargo("harm", disease=a_disease("narrower carcinoma", "synthetic carcinoma"))

    # The wider one holds two now; the narrower one its own.
    assert found("single") == [("miR-21", "narrower carcinoma", 1, 1)]


def test_claims_of_retracted_studies_close_no_gap():
    of_cargo("harm")
    a_notice(study=of_cargo("harm").preparation.study)

    assert found("single") == [("miR-21", "synthetic carcinoma", 1, 1)]


def test_resistance_without_a_reversal():
    cisplatin = a_name("therapy", "cisplatin", (a_term("drugbank:DB00515", "cisplatin", vocabulary="therapy"),))
    made = {"aspect": "drug_resistance", "therapies": (cisplatin,)}
    of_cargo("harm", **made)
    of_cargo("harm", **made)
    assert found("no_reversal") == [("cisplatin", "synthetic carcinoma", 2, 2)]

    of_cargo("benefit", cargo="miR-96", **made)

    assert found("no_reversal") == []


def test_many_studies_on_cells_alone():
    for _ in range(2):
        of_cargo("harm")
    assert found("cells_only") == []
    of_cargo("benefit")
    assert found("cells_only") == [("miR-21", "synthetic carcinoma", 3, 3)]

    of_cargo("harm", models_used=["in_vitro", "animal"])

    assert found("cells_only") == []


def test_a_marker_without_a_second_cohort():
    made = {"aspect": "diagnosis", "effect": "marks", "models_used": ["patient_samples"]}
    of_cargo("benefit", **made)
    of_cargo("harm")
    assert found("not_validated") == [("miR-21", "synthetic carcinoma", 1, 1)]

    of_cargo("benefit", **made, validation="shown")

    assert found("not_validated") == []


def test_what_heals_and_was_never_checked():
    cell = a_name("cell_type", "hepatocyte", (a_term("CL:0000182", "hepatocyte", vocabulary="cell_type"),))
    source = {"category": "hepatocyte", "cell_type": cell}
    says("benefit", source=source, aspect="regeneration")
    assert found("not_checked") == [("hepatocyte", "", 1, 1)]

    says("neutral", source=source, effect="no_effect", aspect="tumour_growth")

    assert found("not_checked") == []


def evidence():
    """A gap of each kind."""
    drug = a_name("therapy", "cisplatin", (a_term("drugbank:DB00515", "cisplatin", vocabulary="therapy"),))
    of_cargo("harm", aspect="drug_resistance", therapies=(drug,))
    for _ in range(3):
        of_cargo("harm", cargo="miR-96")
    of_cargo("benefit", cargo="GPC1", aspect="diagnosis", effect="marks", models_used=["patient_samples"])
    cell = a_name("cell_type", "hepatocyte", (a_term("CL:0000182", "hepatocyte", vocabulary="cell_type"),))
    says("benefit", source={"category": "hepatocyte", "cell_type": cell}, aspect="regeneration")


@pytest.mark.parametrize("kind", Gap.values)
def test_the_search_behind_a_gap_finds_the_claims_that_it_counts(kind):
    evidence()

    rows = get("gaps/", kind=kind)["results"]

    assert rows
    for row in rows:
        answer = Client().get(row["address"])
        assert answer.status_code == 200, answer.content
        assert answer.json()["count"] == row["claims"]


def test_the_page_has_every_kind_with_its_count_and_the_searches():
    evidence()

    text = Client().get("/synthesis/gaps/?kind=cells_only").content.decode()

    assert '<a href="?kind=cells_only" aria-current="true">' in text
    assert "miR-96" in text
    accession = a_cargo("miR-96").accession
    assert f"/search/?cargo={accession}&amp;disease=DOID" in text
    assert Client().get("/synthesis/gaps/?kind=nonsense&page=x").status_code == 200


def test_an_unknown_kind_is_refused():
    assert problem("gaps/", 400, kind="weather")["errors"][0]["field"] == "kind"
    assert listed("claims/") == []


@pytest.mark.parametrize("kind", Gap.values)
def test_a_kind_is_one_query(kind, django_assert_num_queries):
    evidence()

    with django_assert_num_queries(1):
        gaps(Gap(kind))

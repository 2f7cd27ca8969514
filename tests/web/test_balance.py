"""Balances on pages: on those of records, and on the page that weighs any set."""

import pytest
from django.test import Client

from tests.makers import a_cargo, a_claim, a_name, a_notice, a_preparation, a_source, a_study, a_term
from tests.web.evidence import some_evidence

pytestmark = pytest.mark.django_db


def page(address, **asked):
    answer = Client().get(address, asked)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("record", ["cargo", "source", "term"])
def test_the_page_of_a_record_weighs_its_claims(record):
    text = page(getattr(some_evidence(), record).get_absolute_url())

    assert '<h2 id="balance-head">' in text
    assert "1 claim, 1 study, 1 independent group" in text
    assert "It could lean either way." in text


def test_the_page_of_a_therapy_weighs_the_claims_that_concern_it():
    drug = a_term("drugbank:DB00515", "cisplatin", vocabulary="therapy")
    a_claim(therapies=(a_name("therapy", "cisplatin", (drug,)),))

    assert "1 claim, 1 study, 1 independent group" in page(drug.get_absolute_url())


@pytest.fixture
def gastric():
    """Of miR-21 in gastric cancer: two studies on harm, one on benefit."""
    stomach = a_term("DOID:10534", "stomach cancer")
    narrower = a_term("DOID:5517", "stomach carcinoma", parents=(stomach,))
    disease = a_name("disease", "gastric carcinoma", (narrower,))
    made = {"cargo": a_cargo("miR-21"), "disease": disease, "therapies": ("cisplatin",)}
    for edge in ("harm", "harm", "benefit"):
        a_claim(edge=edge, preparation=a_preparation(study=a_study(authors=[])), **made)
    a_claim(cargo=a_cargo("miR-155"), disease=disease)
    return made


@pytest.mark.parametrize(
    "asked",
    [
        {"cargo": "miR-21"},
        {"cargo": "miR-21", "disease": "stomach cancer"},
        {"cargo": "miR-21", "disease": "DOID:10534", "aspect": "tumour_growth"},
        {"cargo": "miR-21", "source_category": "mesenchymal_stem_cell"},
    ],
)
def test_a_set_is_named_by_cargo_disease_source_and_aspect(gastric, asked):
    text = page("/synthesis/balance/", **asked)

    assert "3 claims, 3 studies, 3 independent groups" in text
    assert text.count('<article class="card') == 3, "every claim behind the number"


def test_the_pages_set_is_the_apis(gastric):
    for asked in ({"cargo": "miR-21"}, {"disease": "DOID:10534"}, {"aspect": "metastasis"}):
        told = Client().get("/api/v1/balance/", asked).json()
        text = page("/synthesis/balance/", **asked)
        assert f'<h2 id="claims-head">The claims <span class="count">{told["count"]}</span>' in text


def test_what_is_not_known_is_named_and_nothing_is_weighed(gastric):
    text = page("/synthesis/balance/", cargo="miR-21", disease="<b>no such disease</b>")

    assert "No disease is known here as “&lt;b&gt;no such disease&lt;/b&gt;”" in text
    assert "balance-head" not in text


def test_a_source_is_named_by_its_accession(gastric):
    source = a_source()
    a_claim(preparation=a_preparation(source=source))

    assert "1 claim, 1 study" in page("/synthesis/balance/", source=source.accession.lower())


@pytest.mark.parametrize(
    "asked", [{}, {"cargo": "\0"}, {"page": "99"}, {"aspect": "nonsense"}, {"disease": "x" * 5000}]
)
def test_whatever_is_asked_there_is_a_page(asked):
    page("/synthesis/balance/", **asked)


def test_without_javascript_the_form_asks_by_its_address(gastric):
    text = page("/synthesis/balance/", cargo="miR-21", aspect="tumour_growth")

    assert 'name="cargo" value="miR-21"' in text
    assert '<option value="tumour_growth" selected>' in text


def test_claims_of_retracted_studies_are_named_as_left_out(gastric):
    study = a_study(authors=[])
    a_claim(edge="benefit", preparation=a_preparation(study=study), cargo=gastric["cargo"])
    a_notice(study=study)

    text = page("/synthesis/balance/", cargo="miR-21")

    assert "3 claims, 3 studies" in text
    assert "Left out: 1 benefit, of retracted studies." in text


@pytest.mark.parametrize("claims", [1, 12])
def test_the_page_costs_the_same_for_one_claim_and_for_many(claims, django_assert_max_num_queries):
    for _ in range(claims):
        a_claim(cargo=a_cargo("miR-21"), preparation=a_preparation(study=a_study(authors=[])))

    with django_assert_max_num_queries(9):
        page("/synthesis/balance/", cargo="miR-21")

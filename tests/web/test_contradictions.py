"""Contradictions on pages and in the API: the list, each with its sides, and at once what a retraction does."""

import pytest
from django.test import Client

from apps.synthesis.contradicting import take_in
from apps.synthesis.models import Contradiction
from tests.api.asking import get, problem
from tests.makers import a_notice
from tests.synthesis.evidence import of_cargo

pytestmark = pytest.mark.django_db


@pytest.fixture
def sides():
    """miR-21: harm and benefit, each of one study."""
    found = of_cargo("harm"), of_cargo("benefit", models_used=["animal"])
    take_in()
    return found


def page(address):
    answer = Client().get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_list_names_each_and_leads_to_its_page(sides):
    text = page("/synthesis/contradictions/")

    each = Contradiction.objects.get()
    assert f'<a href="{each.get_absolute_url()}">miR-21 in synthetic carcinoma: tumour progression</a>' in text
    assert "<span>1 harm</span><span>1 benefit</span>" in text
    assert "2 claims of 2 independent groups" in text


def test_its_page_has_both_sides_and_what_differs(sides):
    text = page(Contradiction.objects.get().get_absolute_url())

    for claim in sides:
        assert claim.get_absolute_url() in text
    assert text.count('<section aria-labelledby="side-') == 2
    assert "<td>cells in culture</td>" in text
    assert '<tr class="the-same"><th scope="row">Cargo' in text


def test_the_page_of_a_claim_names_what_stands_against_it(sides):
    text = page(sides[0].get_absolute_url())

    assert Contradiction.objects.get().get_absolute_url() in text
    assert "Other studies say the opposite" in text


def test_a_retraction_is_told_at_once_and_then_it_is_gone(sides):
    each = Contradiction.objects.get()
    a_notice(study=sides[0].preparation.study)

    assert "changed a moment ago" in page("/synthesis/contradictions/")
    text = page(each.get_absolute_url())
    assert "This no longer stands" in text
    assert sides[0].get_absolute_url() not in text
    told = get(f"contradictions/{each.slug}/")
    assert (told["stale"], told["stands"], [side["stance"] for side in told["sides"]]) == (True, False, ["benefit"])

    take_in()
    assert "No such contradiction is known" in page("/synthesis/contradictions/")
    assert Client().get(each.get_absolute_url()).status_code == 404
    assert get("contradictions/")["count"] == 0


def test_the_list_is_narrowed_by_question_and_subject(sides):
    assert "miR-21 in" in page("/synthesis/contradictions/?question=progression&subject=cargo")
    assert "No such contradiction" in page("/synthesis/contradictions/?question=safety")
    assert "miR-21 in" in page("/synthesis/contradictions/?question=nonsense&page=99")


def test_the_api_tells_what_the_page_tells(sides):
    (row,) = get("contradictions/")["results"]

    whole = get(row["url"].removeprefix("http://testserver/api/v1/"))
    assert {name: value for name, value in whole.items() if name in row} == row
    assert {side["stance"]: side["claims"] for side in whole["sides"]} == {
        "harm": [sides[0].accession],
        "benefit": [sides[1].accession],
    }
    assert whole["stands"]
    assert {"title": "Shown in", "sides": [["animal"], ["cells in culture"]], "differs": True} in whole["settings"]


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({"cargo": "miR-21"}, 1),
        ({"cargo": "miR-155"}, 0),
        ({"question": "progression,safety"}, 1),
        ({"subject_kind": "category"}, 0),
        ({"disease": "DOID:1"}, 0),
    ],
)
def test_the_api_is_filtered(sides, asked, count):
    assert get("contradictions/", **asked)["count"] == count


def test_the_api_finds_those_of_a_claim_and_of_a_disease(sides):
    assert get("contradictions/", claim=sides[0].accession)["count"] == 1
    assert get("contradictions/", disease=Contradiction.objects.get().curie)["count"] == 1


@pytest.mark.parametrize("slug", ["no-such", "a%00b"])
def test_what_is_not_known_is_404(slug):
    problem(f"contradictions/{slug}/", 404)
    assert Client().get(f"/synthesis/contradictions/{slug}/").status_code == 404


@pytest.mark.parametrize("claims", [2, 20])
def test_pages_cost_the_same_for_few_claims_and_for_many(claims, django_assert_max_num_queries):
    for number in range(claims):
        of_cargo("benefit" if number % 2 else "harm")
    take_in()
    each = Contradiction.objects.get()

    with django_assert_max_num_queries(2):
        page("/synthesis/contradictions/")
    with django_assert_max_num_queries(6):
        page(each.get_absolute_url())

"""Pages hold all records, each once."""

import pytest
from django.test import Client

from tests.api.asking import found, get, pages, problem
from tests.makers import a_cargo, a_claim, a_preparation, a_source

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", ["claims", "studies", "sources", "preparations", "cargos"])
def test_the_pages_together_hold_each_record_once(kind):
    source = a_source()
    for number in range(11):
        a_claim(preparation=a_preparation(source=source if number % 2 else None), cargo=a_cargo(f"miR-{number}"))

    walked = list(pages(f"{kind}/", page_size=3))

    rows = [row["accession"] for page in walked for row in page["results"]]
    assert len(rows) == len(set(rows)) == walked[0]["count"]
    assert rows == found(f"{kind}/")
    assert {page["count"] for page in walked} == {len(rows)}


@pytest.mark.parametrize("ordering", ["year", "-year", "level", "accepted", "-accession"])
def test_an_order_with_ties_is_total(ordering):
    claims = {a_claim().accession for _ in range(7)}

    rows = [row["accession"] for page in pages("claims/", page_size=2, ordering=ordering) for row in page["results"]]

    assert len(rows) == 7
    assert set(rows) == claims


def test_links_lead_forth_and_back_and_keep_the_filters():
    for _ in range(3):
        a_claim(edge="harm")

    first = get("claims/", edge="harm", page_size=2)
    second = Client().get(first["next"]).json()

    assert first["previous"] is None
    assert second["next"] is None
    assert "edge=harm" in first["next"]
    assert Client().get(second["previous"]).json()["results"] == first["results"]


def test_an_empty_list_has_one_empty_page():
    assert get("claims/") == {"count": 0, "next": None, "previous": None, "results": []}


def test_a_page_beyond_the_last_is_not_found_and_says_which_is_the_last():
    a_claim()

    body = problem("claims/", 404, page=2)

    assert "Page 2 is beyond the last" in body["detail"]
    assert body["errors"] == [{"field": "page", "value": "2", "message": "The last page is 1."}]


@pytest.mark.parametrize("page", ["0", "-1", "one", "1.5", "", "9" * 5000, "\u0661"])
def test_a_page_that_is_no_number_is_refused(page):
    assert problem("claims/", 400, page=page)["errors"][0]["field"] == "page"


@pytest.mark.parametrize("size", ["0", "201", "all", ""])
def test_a_page_size_that_can_not_be_had_is_refused(size):
    assert problem("claims/", 400, page_size=size)["errors"][0]["field"] == "page_size"


def test_the_largest_page_is_200():
    assert get("claims/", page_size=200)["results"] == []

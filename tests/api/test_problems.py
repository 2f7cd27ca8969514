"""Every error is a problem document, and no input makes one of ours."""

from itertools import product
from unittest import mock
from urllib.parse import quote

import pytest
from django.test import Client

from apps.api import filtersets, stats
from tests.api.asking import PROBLEM, problem
from tests.makers import a_cargo, a_claim

pytestmark = pytest.mark.django_db

SETS = {
    "claims": filtersets.ClaimFilters,
    "studies": filtersets.StudyFilters,
    "sources": filtersets.SourceFilters,
    "preparations": filtersets.PreparationFilters,
    "cargos": filtersets.CargoFilters,
    "terms": filtersets.TermFilters,
    "releases": filtersets.ReleaseFilters,
}
HOSTILE = [
    "",
    " ",
    ",",
    "\0",
    "a\0b",
    "x" * 10_000,
    "9" * 400,
    "-1",
    "1e400",
    "NaN",
    "'; DROP TABLE claims_claim; --",
    "%",
    "%s%d",
    "\\",
    "\\u0000",
    "((((((",
    "a & | ! b",
    '"',
    "*",
    "{}",
    "[]",
    "[[:alpha:]](",
    "\u202e\ufeff",
    "\U0001f9a0",
    "İıſß",
    "-",
    "--",
    "–",
    "DOID:",
    ":",
    "DOID:1,DOID:2",
    "DOID:" + "1" * 500,
    "10.1000/",
    "EXCL0000001",
    "excl0000001",
    "\u0661\u0662",
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "1" + ",1" * 500,
]
NO_RECORDS = [
    "EXCL0000001",
    "EXST9999999",
    "EXCL00000011",
    "x",
    "x" * 5_000,
    "\0",
    "a\0b",
    "%00",
    "..;",
    "1'1",
    "DOID:\0",
    "\U0001f9a0",
    "\u0661",
]


@pytest.mark.parametrize("kind", list(SETS))
def test_no_value_of_any_filter_makes_an_error_of_ours(kind):
    a_claim(cargo=a_cargo())

    for name, text in product((*SETS[kind].base_filters, "page", "page_size"), HOSTILE):
        answer = Client().get(f"/api/v1/{kind}/", {name: text})
        assert answer.status_code in {200, 400, 404}, (name, text, answer.content)
        if answer.status_code != 200:
            assert answer.headers["Content-Type"] == PROBLEM
            assert len(answer.content) < 20_000


@pytest.mark.parametrize("kind", list(SETS))
def test_a_record_that_is_not_there_is_not_found(kind):
    for name in NO_RECORDS:
        answer = Client().get(f"/api/v1/{kind}/{quote(name, safe='')}/")

        assert answer.status_code == 404, name
        assert answer.headers["Content-Type"] == PROBLEM


@pytest.mark.parametrize(
    "path", ["v1/nothing/", "v1/nothing", "v2/claims/", "v1/claims/EXCL0000001/x/", "v1/claims//", "%00"]
)
def test_an_unknown_address_is_a_problem_too(path):
    for method in ("GET", "POST", "DELETE"):
        answer = Client().generic(method, f"/api/{path}")
        assert answer.status_code == 404
        assert answer.headers["Content-Type"] == PROBLEM


def test_an_address_without_its_last_slash_leads_to_it():
    answer = Client().get("/api/v1/claims?edge=harm")

    assert answer.status_code == 301
    assert answer.headers["Location"] == "/api/v1/claims/?edge=harm"


def test_an_unknown_parameter_is_named_with_the_nearest_known():
    body = problem("claims/", 400, desease="gastric cancer")

    assert body["errors"] == [
        {"field": "desease", "message": "There is no parameter 'desease' here. Did you mean disease?"}
    ]


@pytest.mark.parametrize("path", ["", "stats/", "openapi.json"])
def test_an_address_that_takes_no_parameters_refuses_them(path):
    assert problem(path, 400, expand="study")["errors"][0]["field"] == "expand"


def test_a_record_takes_no_parameters():
    problem(f"claims/{a_claim().accession}/", 400, edge="harm")


def test_a_bad_value_is_named_with_what_is_allowed():
    body = problem("claims/", 400, edge="good")

    assert body["title"] == "Bad Request"
    assert body["errors"] == [
        {"field": "edge", "value": "good", "message": "edge: 'good' is none of harm, benefit, mixed, neutral."}
    ]


@pytest.mark.parametrize(
    ("year", "why"),
    [("0000", "is not a year from 1946 to 2100"), ("2020..2018", "ends before it begins"), ("1800..", "is not a year")],
)
def test_a_year_that_none_is_of_is_refused_with_the_reason(year, why):
    for path in ("claims/", "balance/"):
        (fault,) = problem(path, 400, year=year)["errors"]
        assert fault["field"] == "year"
        assert why in fault["message"]


def test_all_faults_are_named_at_once():
    body = problem("claims/", 400, edge="good,bad", year_min="soon")

    assert [(error["field"], error["value"]) for error in body["errors"]] == [
        ("edge", "good"),
        ("edge", "bad"),
        ("year_min", "soon"),
    ]


def test_an_answer_that_can_not_be_had_in_that_form_is_a_problem():
    answer = Client().get("/api/v1/claims/", headers={"Accept": "application/xml"})

    assert answer.status_code == 406
    assert answer.headers["Content-Type"] == PROBLEM


def test_too_many_parameters_are_refused():
    answer = Client().get("/api/v1/claims/?" + "&".join(["edge=harm"] * 2_000))

    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == PROBLEM


def test_a_defect_of_ours_is_a_problem_that_tells_nothing(caplog):
    client = Client(raise_request_exception=False)
    with mock.patch.object(stats, "current", side_effect=RuntimeError("secret")):
        answer = client.get("/api/v1/stats/")

    assert answer.status_code == 500
    assert answer.headers["Content-Type"] == PROBLEM
    assert b"secret" not in answer.content
    assert "secret" in caplog.text


def test_head_answers_as_get_without_a_body():
    a_claim()

    answer = Client().head("/api/v1/claims/")

    assert (answer.status_code, answer.content) == (200, b"")


def test_scripts_of_any_site_may_read_but_bring_no_cookies():
    answer = Client().get("/api/v1/stats/", headers={"Origin": "https://notebook.example"})

    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_a_preflight_allows_reading_only():
    answer = Client().options(
        "/api/v1/claims/", headers={"Origin": "https://notebook.example", "Access-Control-Request-Method": "GET"}
    )

    assert answer.headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"


def test_pages_are_not_open_to_other_sites():
    answer = Client().get("/admin/login/", headers={"Origin": "https://notebook.example"})

    assert "Access-Control-Allow-Origin" not in answer.headers

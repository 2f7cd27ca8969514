"""Neighbours in full, and the columns of files: both are chosen by name, and no unknown name is passed over."""

import csv
import io
import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.api.schema import document
from tests.api.asking import get, pages, problem
from tests.api.test_budgets import a_full_claim
from tests.api.test_forms import fetch, table
from tests.makers import a_claim

pytestmark = pytest.mark.django_db
ROOT = "http://testserver/api/v1/"
NEIGHBOURS = {"study": "studies", "preparation": "preparations", "source": "sources", "cargo": "cargos"}


@pytest.mark.parametrize(("name", "kind"), NEIGHBOURS.items())
def test_a_neighbour_in_full_is_what_its_own_address_says_and_what_was_there_in_short(name, kind):
    a_full_claim()
    (short,) = get("claims/")["results"]

    (row,) = get("claims/", expand=name)["results"]
    record = get(f"claims/{row['accession']}/", expand=name)

    assert row == record == {**short, name: {**short[name], **get(f"{kind}/{short[name]['accession']}/")}}


def test_all_neighbours_are_had_at_once_and_a_claim_without_cargo_stays_so():
    a_claim(cargo=None)

    (row,) = get("claims/", expand=",".join(NEIGHBOURS))["results"]

    assert row["cargo"] is None
    assert row["study"]["authors"]
    assert row["preparation"]["ev_metric"]
    assert row["source"]["species"]


def test_a_preparation_holds_its_study_and_source_in_full():
    a_full_claim()

    (row,) = get("preparations/", expand="study,source")["results"]

    assert row["study"]["claim_count"] == row["source"]["claim_count"] == 1


def test_a_list_in_full_costs_the_same_for_one_row_and_for_twenty():
    def cost():
        with CaptureQueriesContext(connection) as queries:
            get("claims/", expand=",".join(NEIGHBOURS))
        return len(queries)

    a_full_claim()
    one = cost()
    for _ in range(19):
        a_full_claim()

    assert cost() == one


def test_pages_in_full_go_on_in_full():
    for _ in range(3):
        a_claim()
    first, second = pages("claims/", expand="study", page_size=2)

    assert all(row["study"]["authors"] for page in (first, second) for row in page["results"])
    # A place is the same in full and in short.
    assert get(second["previous"].replace("expand=study&", "").removeprefix(ROOT))["count"] == 3


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"expand": "studdy"}, "Did you mean study?"),
        ({"expand": "zzz"}, "There are: study, preparation, source, cargo."),
        ({"expand": ""}, "'' is not known here"),
        ({"expand": "study", "format": "csv"}, "csv has no neighbours"),
        ({"fields": "claim"}, "json has no columns"),
        ({"fields": "claim", "format": "ris"}, "ris has no columns"),
        ({"fields": "clam", "format": "csv"}, "Did you mean claim?"),
        ({"fields": "statement,edges", "format": "jsonl"}, "Did you mean edge?"),
    ],
)
def test_a_name_that_is_not_known_is_refused_with_the_nearest(asked, says):
    a_claim()

    assert says in problem("claims/", 400, **asked)["detail"]


def test_a_record_without_neighbours_knows_no_expand():
    assert "no parameter 'expand'" in problem("cargos/", 400, expand="study")["detail"]


@pytest.mark.parametrize(("kind", "fields"), [("claims", "year,claim,targets"), ("studies", "title,study")])
def test_a_file_has_the_columns_that_were_named_in_their_order(kind, fields):
    a_full_claim()
    _, whole = fetch(f"{kind}/?format=csv")
    _, text = fetch(f"{kind}/?format=csv&fields={fields}")
    _, lines = fetch(f"{kind}/?format=jsonl&fields={fields}")
    names = fields.split(",")

    (row,), (all_of_it,) = table(text)[1], table(whole)[1]

    assert row == {name: all_of_it[name] for name in names}
    assert next(csv.reader(io.StringIO(text.splitlines()[1]))) == names
    assert list(json.loads(lines.splitlines()[1])) == [*names, "url"]


def test_the_reference_names_both():
    described = document()["paths"]
    claims = {each["name"]: each for each in described["/api/v1/claims/"]["get"]["parameters"]}
    record = {each["name"] for each in described["/api/v1/claims/{accession}/"]["get"]["parameters"]}

    assert claims["expand"]["schema"]["items"]["enum"] == sorted(NEIGHBOURS)
    assert "statement" in claims["fields"]["schema"]["items"]["enum"]
    assert "expand" in record
    assert "fields" not in record


def test_the_root_leads_to_the_drafts():
    assert get("")["drafts"] == "http://testserver/api/v1/drafts/"

"""The OpenAPI document is clean, and true of what the API answers."""

import io

import jsonschema
import pytest
from django.core.management import call_command

from apps.api import schema
from apps.api.paging import PARAMETERS
from tests.api.asking import get, problem
from tests.api.test_budgets import a_full_claim
from tests.makers import a_claim

KINDS = ["claims", "studies", "notices", "sources", "preparations", "cargos", "terms", "releases"]


def fits(value, reference):
    """Check a value against a component of the document, all of whose objects are closed for the check."""
    components = schema.document()["components"]
    jsonschema.Draft202012Validator({"$ref": f"#/components/schemas/{reference}", "components": components}).validate(
        value
    )


def test_the_document_is_made_without_a_warning():
    call_command("spectacular", "--fail-on-warn", "--validate", stdout=io.StringIO())


def test_the_document_is_served_as_openapi_3_1():
    document = get("openapi.json")

    assert document["openapi"].startswith("3.1")
    assert {f"/api/v1/{kind}/" for kind in KINDS} <= set(document["paths"])


@pytest.mark.django_db
@pytest.mark.parametrize("kind", KINDS)
def test_answers_fit_the_document(kind):
    a_full_claim()
    a_claim()
    operation = schema.document()["paths"][f"/api/v1/{kind}/"]["get"]
    reference = operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]

    page = get(f"{kind}/")

    fits(page, reference)
    component = schema.document()["components"]["schemas"][reference]["properties"]["results"]["items"]["$ref"]
    shown = schema.document()["components"]["schemas"][component.rpartition("/")[2]]["properties"]
    assert set(page["results"][0]) == set(shown)


@pytest.mark.django_db
def test_the_citations_of_a_study_fit_the_document():
    a_full_claim()
    study = get("studies/")["results"][0]
    path = "/api/v1/studies/{accession}/citations/"
    operation = schema.document()["paths"][path]["get"]
    reference = operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]

    page = get(f"studies/{study['accession']}/citations/")

    fits(page, reference)
    assert page["count"] == 1
    assert operation["operationId"] == "listCitations"
    assert set(operation["responses"]) == {"200", "301", "400", "404"}
    described = {each["name"] for each in operation["parameters"]}
    assert described == {"accession", "service", "day_min", "day_max", "ordering", "page", "page_size", "cursor"}


@pytest.mark.django_db
def test_problems_fit_the_document():
    fits(problem("claims/", 400, edge="good", colour="red"), "Problem")
    fits(problem("claims/EXCL0000009/", 404), "Problem")
    fits(problem(f"claims/{a_claim(state='withdrawn').accession}/", 410), "Withdrawn")


@pytest.mark.parametrize("kind", KINDS)
def test_each_parameter_that_a_list_knows_is_described(kind):
    described = {each["name"] for each in schema.document()["paths"][f"/api/v1/{kind}/"]["get"]["parameters"]}

    known = set(problem_hint(kind))

    assert described == known


def problem_hint(kind):
    """The parameters that a list itself says it knows."""
    from apps.api import views

    view = getattr(views, kind.title())
    has = {"format": "list_forms", "fields": "columns", "expand": "neighbours"}
    more = [name for name, what in has.items() if getattr(view, what, ())]
    return [*view.filterset_class.base_filters, *PARAMETERS, *more]


def test_the_page_size_stands_in_the_document():
    parameters = schema.document()["paths"]["/api/v1/claims/"]["get"]["parameters"]
    (size,) = (each["schema"] for each in parameters if each["name"] == "page_size")

    assert (size["default"], size["maximum"]) == (50, 200)

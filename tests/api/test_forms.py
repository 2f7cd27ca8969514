"""Lists as files and records in further forms: the same evidence, in the same columns as the pages have."""

import csv
import io
import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.claims.models import Claim
from apps.finding import columns, literature
from apps.studies.models import Study
from tests.api.asking import PROBLEM, found, get, problem
from tests.api.test_budgets import a_full_claim
from tests.makers import a_claim, a_notice, a_study

pytestmark = pytest.mark.django_db


def fetch(path, **headers):
    answer = Client().get(f"/api/v1/{path}", headers=headers)
    assert answer.status_code == 200, answer.content
    text = b"".join(answer) if answer.streaming else answer.content
    return answer, text.decode()


def table(text, sign=","):
    lines = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=sign))
    return lines[0][0], [dict(zip(lines[1], line, strict=True)) for line in lines[2:]]


@pytest.mark.parametrize("kind", ["claims", "studies"])
@pytest.mark.parametrize(
    ("form", "accept"),
    [
        ("csv", "text/csv"),
        ("tsv", "text/tab-separated-values"),
        ("jsonl", "application/jsonl"),
        ("ris", "application/x-research-info-systems"),
        ("bib", "application/x-bibtex"),
    ],
)
def test_a_form_is_had_by_parameter_or_by_accept(kind, form, accept):
    a_claim()
    by_name, text = fetch(f"{kind}/?format={form}")
    by_type, _ = fetch(f"{kind}/", Accept=accept)

    assert by_name.headers["Content-Type"] == by_type.headers["Content-Type"] == f"{accept}; charset=utf-8"
    assert by_name.headers["Content-Disposition"].endswith(f'.{form}"')
    assert {"Accept"} <= set(by_name.headers["Vary"].split(", "))
    assert text


def test_the_file_of_a_list_holds_what_its_pages_hold_in_their_order():
    for number in range(3):
        a_claim(edge="harm" if number else "benefit")
    a_full_claim()
    asked = "edge=harm&ordering=accession"

    _, text = fetch(f"claims/?{asked}&format=csv")
    about, rows = table(text)

    assert [row["claim"] for row in rows] == found("claims/", edge="harm", ordering="accession")
    assert list(rows[0]) == list(columns.COLUMNS)
    assert f"{len(rows)} claims; http://testserver/api/v1/claims/?{asked}" in about


@pytest.mark.parametrize("form", ["csv", "tsv", "jsonl", "ris", "bib"])
def test_the_api_and_the_page_give_the_same_file(form):
    a_full_claim()
    a_claim(edge="harm")

    _, ours = fetch(f"claims/?format={form}&edge=harm")
    answer = Client().get(f"/search/download/?format={form}&edge=harm")
    pages = b"".join(answer).decode()

    def evidence(text):
        """Without the lines that say how and when it was asked for."""
        return [line for line in text.splitlines() if "found_at" not in line and "CC BY 4.0" not in line]

    assert evidence(ours) == evidence(pages)
    assert len(evidence(ours)) > 0


def test_studies_come_with_their_claims():
    claim = a_claim()
    a_claim(preparation=claim.preparation)
    a_notice(study=claim.preparation.study)
    a_study(title="Synthetic study without claims")

    _, text = fetch("studies/?format=tsv")
    (row,) = table(text, "\t")[1]

    assert list(row) == list(literature.COLUMNS)
    assert (row["study"], row["status"], row["claim_count"]) == (claim.preparation.study.accession, "retracted", "2")
    _, lines = fetch("studies/?format=jsonl")
    said, shown = map(json.loads, lines.splitlines())
    assert said["about"]["studies"] == 1
    assert shown["doi"] is None or shown["doi"] == row["doi"]
    assert shown["url"] == f"http://testserver/{row['study']}"


def test_the_references_of_one_study():
    study = a_claim().preparation.study
    _, ris = fetch(f"studies/{study.accession}/?format=ris")
    _, bib = fetch(f"studies/{study.accession}/", Accept="application/x-bibtex")

    assert ris.count("TY  - JOUR") == ris.count("ER  - ") == 1
    assert f"@article{{{study.accession}," in bib


def test_a_file_costs_the_same_for_any_number_of_claims():
    def cost(kind):
        with CaptureQueriesContext(connection) as queries:
            fetch(f"{kind}/?format=csv")
        return len(queries)

    a_full_claim()
    one = [cost("claims"), cost("studies")]
    for _ in range(10):
        a_full_claim()

    assert [cost("claims"), cost("studies")] == one


def test_a_file_is_not_made_before_it_is_sent():
    for _ in range(3):
        a_claim()

    answer = Client().get("/api/v1/claims/?format=csv")
    stream = iter(answer)

    assert b"3 claims" in next(stream) + next(stream)
    answer.close()


def test_the_head_of_a_file_has_no_body_and_reads_no_evidence(django_assert_max_num_queries):
    a_claim()
    with django_assert_max_num_queries(1):
        answer = Client().head("/api/v1/claims/?format=csv")
        assert b"".join(answer) == b""
    assert answer.headers["Content-Type"].startswith("text/csv")


@pytest.mark.parametrize("parameter", ["page=1", "page_size=10"])
def test_a_file_has_no_pages(parameter):
    answer = Client().get(f"/api/v1/claims/?format=csv&{parameter}")

    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == PROBLEM
    assert answer.json()["errors"][0]["field"] == parameter.partition("=")[0]


def test_what_a_file_can_not_be_asked_for_is_a_problem():
    body = problem("claims/", 400, format="xml")
    assert body["errors"] == [
        {
            "field": "format",
            "value": "xml",
            "message": "format: 'xml' is none of json, csv, tsv, jsonl, ris, bib.",
        }
    ]
    assert problem("claims/", 400, format="csv", edge="good")["errors"][0]["field"] == "edge"
    assert problem("cargos/", 400, format="csv")["errors"][0]["field"] == "format"
    assert problem("studies/EXST0000001/", 404, format="ris")
    assert problem("claims/EXCL0000001/", 404, format="jsonld")


def test_an_unknown_form_leaves_the_list_as_it_is():
    a_claim()

    assert Client().get("/api/v1/claims/", headers={"Accept": "application/xml"}).status_code == 406
    assert get("claims/", format="json") == {**get("claims/"), **get("claims/", format="json")}


def test_a_claim_as_linked_data_says_what_the_record_says():
    claim = a_full_claim() or Claim.objects.get()
    answer, text = fetch(f"claims/{claim.accession}/?format=jsonld")
    said, shown = json.loads(text), get(f"claims/{claim.accession}/")

    assert answer.headers["Content-Type"] == "application/ld+json"
    assert (said["@context"], said["@type"]) == ("https://schema.org/", "Claim")
    assert (said["@id"], said["identifier"], said["text"]) == (shown["page"], claim.accession, shown["statement"])
    assert said["appearance"]["name"] == shown["study"]["title"]
    named = {about.get("name") for about in said["about"]}
    assert {shown["disease"]["terms"][0]["label"], shown["cargo"]["name"]} <= named


def test_a_study_as_linked_data_says_where_it_stands():
    study = a_claim().preparation.study
    a_notice(study=study)
    _, text = fetch(f"studies/{study.accession}/", Accept="application/ld+json")
    said = json.loads(text)

    assert (said["@type"], said["creativeWorkStatus"]) == ("ScholarlyArticle", "retracted")
    assert {"@type": "PropertyValue", "propertyID": "exodb", "value": study.accession} in said["identifier"]
    assert [author["name"] for author in said["author"]] == study.authors


@pytest.mark.django_db(transaction=True)
def test_a_file_is_not_sent_again_while_nothing_was_written():
    claim = a_claim()
    first, _ = fetch("claims/?format=jsonl")
    tag = first.headers["ETag"]

    assert Client().get("/api/v1/claims/?format=jsonl", headers={"If-None-Match": tag}).status_code == 304
    assert Client().get("/api/v1/claims/?format=csv", headers={"If-None-Match": tag}).status_code == 200
    Study.objects.filter(pk=claim.preparation.study_id).update(
        curated_on=claim.preparation.study.curated_on - timedelta(1)
    )
    assert Client().get("/api/v1/claims/?format=jsonl", headers={"If-None-Match": tag}).status_code == 200

"""Thousands of identifiers and names at once: each is answered in its place."""

import json

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.vesicles.models import CargoMember, CargoSynonym, CargoXref
from tests.api.asking import PROBLEM
from tests.api.test_schema import fits
from tests.makers import a_cargo, a_claim, a_merge, a_notice, a_preparation, a_study

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/lookup/"


def ask(body, **headers):
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    return Client().post(ADDRESS, text, content_type="application/json", headers=headers)


def look_up(*ids):
    answer = ask({"ids": ids})
    assert answer.status_code == 200, answer.content
    return answer.json()


def outcome(text):
    (found,) = look_up(text)["results"]
    return found


def a_public_study(**fields):
    study = a_study(**fields)
    return study, a_claim(preparation=a_preparation(study=study))


def test_each_way_to_name_a_study_finds_it():
    study, _ = a_public_study(pmid="90000001", pmcid="PMC9000001", doi="10.1000/synthetic.1", nct="NCT90000001")

    found = look_up(
        *("90000001", 90000001, "PMID:90000001", "PMC9000001", "pmc9000001", "10.1000/SYNTHETIC.1"),
        *("https://doi.org/10.1000/synthetic.1", "nct90000001", study.accession, study.accession.lower(), " 90000001 "),
    )

    assert {each["outcome"] for each in found["results"]} == {"known"}
    assert {each["records"][0]["accession"] for each in found["results"]} == {study.accession}
    assert found["outcomes"] == {"known": 11, "ambiguous": 0, "unknown": 0, "withdrawn": 0, "malformed": 0}
    assert [each["read_as"] for each in found["results"][:4]] == ["pmid", "pmid", "pmid", "pmcid"]


def test_a_retracted_study_says_so_with_its_claims():
    study, claim = a_public_study(pmid="90000002")
    a_claim(preparation=claim.preparation)
    a_notice(study=study)

    (record,) = outcome("90000002")["records"]

    assert record["status"] == "retracted"
    assert record["claim_count"] == 2
    assert Client().get(record["url"]).json()["claim_count"] == 2
    assert Client().get(record["page"]).status_code == 200
    assert outcome(claim.accession)["records"][0]["status"] == "retracted"


def test_every_kind_of_record_is_found_by_its_accession():
    claim = a_claim(cargo=a_cargo())
    made = claim.preparation
    for record in (claim, made, made.source, made.study, claim.cargo):
        found = outcome(record.accession)
        assert found["outcome"] == "known"
        (shown,) = found["records"]
        assert (shown["accession"], shown["claim_count"]) == (record.accession, 1)
        assert Client().get(shown["url"]).status_code == Client().get(shown["page"]).status_code == 200


def test_a_cargo_is_found_by_name_synonym_and_cross_reference_however_spelt():
    cargo = a_cargo("miR-21")
    CargoSynonym.objects.create(cargo=cargo, text="Synthetic Mir Twentyone")
    CargoXref.objects.create(cargo=cargo, curie="mirbase:MI9000021")
    a_claim(cargo=cargo)

    found = look_up("miR-21", "MIR 21", "mir‑21", "synthetic mir TWENTYONE", "mirbase:MI9000021")

    assert [each["outcome"] for each in found["results"]] == ["known"] * 5
    assert [each["read_as"] for each in found["results"]] == ["cargo_name"] * 4 + ["xref"]


def test_a_name_of_two_cargos_is_ambiguous_and_names_both():
    first, second = a_cargo("synthetic 7", "miRNA"), a_cargo("synthetic 7", "protein")
    for cargo in (first, second):
        a_claim(cargo=cargo)

    found = outcome("Synthetic 7")

    assert found["outcome"] == "ambiguous"
    assert [each["accession"] for each in found["records"]] == sorted([first.accession, second.accession])


def test_a_member_of_a_panel_is_known_though_no_claim_is_on_it_alone():
    panel, member = a_cargo("synthetic panel"), a_cargo("synthetic member")
    CargoMember.objects.create(panel=panel, member=member)
    a_claim(cargo=panel)

    assert outcome("synthetic member")["records"][0]["claim_count"] == 0


def test_what_is_not_public_is_unknown():
    draft = a_claim(state="draft", cargo=a_cargo("synthetic secret"))

    for text in ("synthetic secret", draft.accession, draft.preparation.study.accession, draft.cargo.accession):
        assert outcome(text) == {
            "id": text,
            "outcome": "unknown",
            "records": [],
            "message": None,
            "read_as": "cargo_name" if " " in text else "accession",
        }


def test_a_withdrawn_claim_says_when_and_why():
    claim = a_claim(state="withdrawn")
    claim.refresh_from_db()

    found = outcome(claim.accession)

    assert (found["outcome"], found["records"]) == ("withdrawn", [])
    assert found["message"] == f"{claim.accession} was withdrawn on {claim.left_at:%Y-%m-%d}: {claim.state_reason}"


def test_a_merged_record_leads_to_the_last_one():
    last, middle, first = a_cargo("miR-21"), a_cargo("microRNA 21"), a_cargo("micro RNA 21")
    a_claim(cargo=last)
    gone = a_merge(first, middle).gone_id
    a_merge(middle, last)

    found = outcome(gone)

    assert found["records"][0]["accession"] == last.accession
    assert found["message"] == f"{gone} was merged into {last.accession}."


@pytest.mark.parametrize(
    "text",
    [
        *("", "  ", "x" * 501, "a\0b", "EXST1", "EXCL00000011", "PMC", "NCT123", "0", "9" * 30, "10.1/x", "doi:"),
        *("pmid:x", "https://example.org/paper"),
    ],
)
def test_what_wants_to_be_an_identifier_and_is_none_is_malformed(text):
    found = outcome(text)

    assert (found["outcome"], found["read_as"], found["records"]) == ("malformed", None, [])
    assert found["message"].startswith("It is") or found["message"].startswith("It holds")


def test_it_costs_the_same_for_one_and_for_a_thousand():
    a_public_study(pmid="90000003")
    a_claim(cargo=a_cargo("synthetic 1"))
    with CaptureQueriesContext(connection) as few:
        look_up("90000003", "synthetic 1", "EXCL0000001")
    many = [*(str(n) for n in range(90_000_000, 90_000_500)), *(f"synthetic {n}" for n in range(500))]
    with CaptureQueriesContext(connection) as thousand:
        found = look_up(*many, "EXCL0000001")

    assert len(thousand) == len(few) <= 16
    assert found["outcomes"]["known"] == 2


def test_ten_thousand_are_taken_and_one_more_is_refused():
    assert look_up(*map(str, range(1, 10_001)))["count"] == 10_000

    answer = ask({"ids": ["1"] * 10_001})
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"field": "ids", "message": "ids: takes at most 10,000, and these are 10,001."}]


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ("{", 400, None),
        (b"\xff", 400, None),
        ('{"ids": [NaN]}', 400, None),
        ('{"ids": ["\\ud800"]}', 400, None),
        ("[" * 100_000, 400, None),
        ([], 422, ""),
        ("null", 422, ""),
        ({}, 422, "ids"),
        ("", 422, "ids"),
        ({"ids": "90000001"}, 422, "ids"),
        ({"ids": {}}, 422, "ids"),
        ({"ids": ["1", None]}, 422, "ids/1"),
        ({"ids": [True]}, 422, "ids/0"),
        ({"ids": [1.5]}, 422, "ids/0"),
        ({"ids": [["1"]]}, 422, "ids/0"),
        ({"ids": [], "kind": "study"}, 422, "kind"),
    ],
)
def test_a_body_that_can_not_be_taken_is_a_problem_that_names_the_place(body, status, field):
    answer = ask(body)

    assert answer.status_code == status, answer.content
    assert answer.headers["Content-Type"] == PROBLEM
    assert [each["field"] for each in answer.json()["errors"]] == ([] if field is None else [field])


def test_a_body_that_is_too_large_is_not_read():
    answer = ask(json.dumps({"ids": ["x" * 3_000_000]}))

    assert answer.status_code == 413
    assert answer.headers["Content-Type"] == PROBLEM


def test_a_form_is_refused():
    answer = Client().post(ADDRESS, {"ids": "1"})

    assert answer.status_code == 415
    assert Client().get(ADDRESS).status_code == 405
    assert Client().post(f"{ADDRESS}?format=csv", "{}", content_type="application/json").status_code == 400


def test_answers_and_refusals_fit_the_document():
    a_public_study(pmid="90000004")
    fits(look_up("90000004", "x", "EXST1"), "Lookup")
    fits(ask({}).json(), "Problem")


def test_scripts_of_any_site_may_look_up():
    asked = {"Origin": "https://notebook.example", "Access-Control-Request-Method": "POST"}
    answer = Client().options(ADDRESS, headers=asked)

    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Access-Control-Allow-Methods"] == "POST, OPTIONS"

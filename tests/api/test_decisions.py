"""Decisions by the API: who may, what is refused how, and that the document says so."""

import json

import pytest
from django.test import Client

from apps.api import schema
from apps.claims import workflow
from apps.claims.models import Claim, Decision
from apps.curation.deciding import token_of
from apps.people.models import Role
from tests import makers
from tests.api.asking import PROBLEM
from tests.api.test_schema import fits
from tests.makers import a_claim, a_user, an_interest

pytestmark = pytest.mark.django_db

# What `decide` sends as the token of the claim as it is.
READ = "read"
ACCEPT = {"version": 1, "verdict": "accepted", "seen": READ}


def signed_in(person, **options):
    client = Client(**options)
    return makers.signed_in(client, person)


@pytest.fixture
def bob():
    bob = a_user("bob")
    an_interest(bob)
    return bob


@pytest.fixture
def claim():
    made = a_claim(state="submitted", author=a_user("alice"))
    made.refresh_from_db()
    return made


def decide(client, claim, body, **headers):
    if isinstance(body, dict) and body.get("seen") == READ:
        version = Claim.objects.filter(accession=claim, version=1) if isinstance(claim, str) else [claim]
        body = {**body, "seen": next((token_of(each) for each in version), "none")}
    said = body if isinstance(body, str) else json.dumps(body)
    accession = claim if isinstance(claim, str) else claim.accession
    return client.post(f"/api/v1/claims/{accession}/decisions/", said, content_type="application/json", headers=headers)


def read(client, claim, version=1):
    return client.get(f"/api/v1/claims/{claim.accession}/decisions/", {"version": version})


def refused(answer, status):
    assert answer.status_code == status, answer.content
    assert answer.headers["Content-Type"] == PROBLEM
    fits(answer.json(), "Problem")
    assert not Decision.objects.exists()
    return answer.json()


def test_a_decision_is_made_and_told(bob, claim):
    answer = decide(signed_in(bob), claim, {**ACCEPT, "reason": "Checked figure 2."})

    assert answer.status_code == 201
    body = answer.json()
    fits(body, "Decision")
    expected = {"accession": claim.accession, "version": 1, "state": "accepted", "verdict": "accepted", "by": "bob"}
    assert expected.items() <= body.items()
    assert body["reason"] == "Checked figure 2."
    assert Claim.objects.accepted().get() == claim


@pytest.mark.parametrize(("verdict", "state"), [("changes", "draft"), ("rejected", "rejected")])
def test_the_other_verdicts_take_a_reason(bob, claim, verdict, state):
    client = signed_in(bob)
    body = refused(decide(client, claim, {**ACCEPT, "verdict": verdict}), 422)
    assert body["errors"] == [{"field": "reason", "message": f"reason: Write why: {verdict} takes a reason."}]

    assert decide(client, claim, {**ACCEPT, "verdict": verdict, "reason": "why"}).json()["state"] == state


def test_a_stranger_is_asked_to_sign_in(claim):
    answer = decide(Client(), claim, ACCEPT)

    assert "Sign in" in refused(answer, 401)["detail"]
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="ExoDB", Session'


def test_a_password_alone_decides_on_nothing(bob, claim):
    client = Client()
    client.force_login(bob)

    assert "second factor" in refused(decide(client, claim, ACCEPT), 401)["detail"]


def test_no_decision_without_the_token_against_forged_requests(bob, claim):
    client = signed_in(bob, enforce_csrf_checks=True)

    assert "CSRF" in refused(decide(client, claim, ACCEPT), 403)["detail"]
    client.get("/admin/")
    client.get(f"/admin/review/{claim.accession}/1/")
    token = client.cookies["csrftoken"].value
    assert decide(client, claim, ACCEPT, **{"X-CSRFToken": token}).status_code == 201


def test_who_may_not_is_told_why(claim):
    carol = a_user("carol", role=Role.CONTRIBUTOR)
    assert "role of curator" in refused(decide(signed_in(carol), claim, ACCEPT), 403)["detail"]
    dora = a_user("dora")
    assert "state your interests" in refused(decide(signed_in(dora), claim, ACCEPT), 403)["detail"]


def test_who_comes_too_late_meets_a_conflict(bob):
    draft, public = a_claim(state="draft", author=a_user("alice")), a_claim(author=a_user("zoe"))
    draft.refresh_from_db(), public.refresh_from_db()
    client = signed_in(bob)

    answer = decide(client, draft, ACCEPT)
    assert answer.status_code == 409
    assert "only what is submitted can be accepted" in answer.json()["detail"]
    late = workflow.revise(accession=public.accession, by=a_user("alice"), reason="why")
    workflow.submit(claim_id=late.pk, by=late.author)
    rival = workflow.revise(accession=public.accession, by=a_user("carol"), reason="why")
    workflow.submit(claim_id=rival.pk, by=rival.author)
    assert decide(client, rival, {**ACCEPT, "version": 3}).status_code == 201
    answer = decide(client, late, {**ACCEPT, "version": 2})
    assert answer.status_code == 409
    assert "superseded" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ("{", 400, "read as JSON"),
        ("[]", 422, "an object with version, verdict, seen, reason"),
        ({}, 422, "version: This field is required"),
        ({**ACCEPT, "verdict": "good"}, 422, '"good" is not a valid choice'),
        ({**ACCEPT, "version": "one"}, 422, "valid integer"),
        ({**ACCEPT, "version": 0}, 422, "greater than or equal to 1"),
        ({**ACCEPT, "force": True}, 422, "There is no field 'force' here"),
        ({**ACCEPT, "reason": "x" * 2001}, 422, "no more than 2000 characters"),
        ({**ACCEPT, "reason": "a\0b"}, 422, "ull characters"),
        ({"version": 1, "verdict": "accepted"}, 422, "seen: This field is required"),
        ({**ACCEPT, "version": 9}, 404, "There is no version 9"),
    ],
)
def test_a_bad_body_names_what_is_wrong(bob, claim, body, status, said):
    assert said in refused(decide(signed_in(bob), claim, body), status)["detail"]


@pytest.mark.parametrize("name", ["EXCL7777777", "EXST0000001", "nonsense"])
def test_no_such_claim(bob, claim, name):
    refused(decide(signed_in(bob), name, ACCEPT), 404)


def test_other_methods_and_parameters_are_refused(bob, claim):
    client = signed_in(bob)
    address = f"/api/v1/claims/{claim.accession}/decisions/"

    refused(client.put(address), 405)
    refused(client.post(f"{address}?force=1", "{}", content_type="application/json"), 400)


def test_what_is_decided_on_is_read_with_the_token_that_the_decision_takes(bob, claim):
    client = signed_in(bob)

    answer = read(client, claim)

    assert answer.status_code == 200
    body = answer.json()
    fits(body, "ToDecide")
    assert {"name": "Statement", "said": [claim.statement]} in body["says"]
    assert decide(client, claim, {**ACCEPT, "seen": body["seen"]}).status_code == 201


def test_words_that_changed_since_they_were_read_are_not_accepted(bob, claim):
    client = signed_in(bob)
    seen = read(client, claim).json()["seen"]
    workflow.take_back(claim_id=claim.pk, by=claim.author)
    Claim.objects.filter(pk=claim.pk).update(statement="Synthetic vesicles did something else.")
    workflow.submit(claim_id=claim.pk, by=claim.author)

    assert "read it again" in refused(decide(client, claim, {**ACCEPT, "seen": seen}), 409)["detail"]
    assert decide(client, claim, {**ACCEPT, "seen": read(client, claim).json()["seen"]}).status_code == 201


def test_who_decides_on_nothing_reads_nothing_here(bob, claim):
    refused(read(Client(), claim), 401)
    refused(read(signed_in(a_user("cy", role=Role.CONTRIBUTOR)), claim), 403)
    client = signed_in(bob)
    refused(read(client, claim, version=9), 404)
    refused(read(client, claim, version="9" * 12), 404)
    assert "number of the version" in refused(read(client, claim, version="one"), 400)["detail"]


def test_the_document_describes_it_with_its_refusals():
    operation = schema.document()["paths"]["/api/v1/claims/{accession}/decisions/"]["post"]

    assert operation["operationId"] == "decideClaim"
    assert set(operation["responses"]) == {"201", "400", "401", "403", "404", "409", "413", "415", "422"}
    assert operation["security"] == [{"token": []}, {"session": []}]


def test_another_site_may_not_decide():
    answer = Client().options(
        "/api/v1/claims/EXCL0000001/decisions/",
        headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"},
    )

    assert "POST" not in answer.headers.get("Access-Control-Allow-Methods", "")
    assert "Access-Control-Allow-Credentials" not in answer.headers

"""Two programs and two people: from a document to public evidence, without a browser."""

import pytest

from apps.claims.models import Claim
from apps.people.models import ApiToken, Role
from tests.api.asking import get, problem
from tests.api.writing import Program, a_document, a_token, refused
from tests.makers import a_user, an_interest

pytestmark = pytest.mark.django_db


def test_a_document_becomes_public_evidence_by_two_tokens():
    carol, bob = a_user("carol", role=Role.CONTRIBUTOR), a_user("bob")
    an_interest(bob)
    writer = Program(a_token(carol, "read", "draft", "submit", "comment"))
    reviewer = Program(a_token(bob, "read", "comment", "decide"))

    first, second = writer.drafts(a_document(), Idempotency_Key="synthetic-1")
    problem(f"claims/{first['accession']}/", 404)

    mended = writer(
        "PATCH",
        first["url"],
        {"claim": {"statement": "Made-up vesicles marked a made-up cancer, twice."}},
        If_Match=first["etag"],
    )
    submitted = writer("POST", f"{first['url']}submission/", If_Match=mended.headers["ETag"])
    assert submitted.json()["state"] == "submitted"

    decisions = f"claims/{first['accession']}/decisions/"
    read = reviewer("GET", f"{decisions}?version=1").json()
    assert ["Made-up vesicles marked a made-up cancer, twice."] in [field["said"] for field in read["says"]]
    verdict = {"version": 1, "verdict": "accepted", "seen": read["seen"], "reason": "Checked figure 2."}
    assert writer("POST", decisions, verdict).status_code == 403
    decided = reviewer("POST", decisions, verdict)
    assert (decided.status_code, decided.json()["state"], decided.json()["by"]) == (201, "accepted", "bob")
    assert reviewer("POST", decisions, verdict).status_code == 409

    public = get(f"claims/{first['accession']}/")
    assert public["statement"] == "Made-up vesicles marked a made-up cancer, twice."
    problem(f"claims/{second['accession']}/", 404)
    mine = writer("GET", first["url"]).json()
    assert (mine["state"], mine["decisions"][0]["reason"]) == ("accepted", "Checked figure 2.")
    refused(writer("PATCH", first["url"], {"claim": {"outcome": "x"}}, If_Match=mine["etag"]), 409)

    contexts = [e.pgh_context for e in Claim.objects.get(accession=first["accession"]).events.order_by("pgh_id")]
    tokens = {token.person_id: token.pk for token in ApiToken.objects.all()}
    assert {(context["user"], context["token"]) for context in contexts} == set(tokens.items())

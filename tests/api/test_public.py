"""Only accepted evidence is public: nothing else shows, in no list, count, nested record or filter."""

import json

import pytest
from django.test import Client

from apps.claims import workflow
from apps.claims.models import Claim
from apps.vesicles.models import CargoMember
from tests.api.asking import PROBLEM, found, get, problem
from tests.makers import a_cargo, a_claim, a_merge, a_preparation, a_source, a_study, a_term, a_user, an_interest

pytestmark = pytest.mark.django_db

NOT_PUBLIC = ["draft", "submitted", "rejected", "withdrawn"]
LISTS = ["claims", "studies", "sources", "preparations", "cargos"]


@pytest.mark.parametrize("state", NOT_PUBLIC)
def test_what_is_not_accepted_shows_nowhere(state):
    claim = a_claim(state=state, cargo=a_cargo("hidden cargo"), statement="hidden statement")
    preparation = claim.preparation
    records = {
        "studies": preparation.study.accession,
        "sources": preparation.source.accession,
        "preparations": preparation.accession,
        "cargos": claim.cargo.accession,
    }

    for kind in LISTS:
        assert get(f"{kind}/")["count"] == 0
    for kind, accession in records.items():
        problem(f"{kind}/{accession}/", 404)
    problem(f"claims/{claim.accession}/", 410 if state == "withdrawn" else 404)
    counts = get("stats/")["counts"]
    assert {kind: counts[kind] for kind in LISTS} == dict.fromkeys(LISTS, 0)


@pytest.mark.parametrize("state", NOT_PUBLIC)
def test_what_is_not_accepted_does_not_come_along_with_what_is(state):
    study, cargo = a_study(), a_cargo("miR-21")
    source = a_source()
    public = a_claim(preparation=a_preparation(study=study, source=source), cargo=cargo)
    hidden = a_claim(
        state=state,
        preparation=a_preparation(study=study, source=source, term="hidden preparation"),
        cargo=cargo,
        statement="hidden statement",
    )

    for kind in LISTS:
        text = json.dumps(get(f"{kind}/"))
        assert hidden.accession not in text
        assert hidden.preparation.accession not in text
        assert "hidden" not in text
    for path in (f"studies/{study.accession}", f"sources/{source.accession}", f"cargos/{cargo.accession}"):
        shown = get(f"{path}/")
        assert shown["claim_count"] == 1
        assert Client().get(shown["links"]["claims"]).json()["count"] == 1
    assert [each["accession"] for each in get(f"studies/{study.accession}/")["preparations"]] == [
        public.preparation.accession
    ]
    assert found("preparations/", study=study.accession) == [public.preparation.accession]


def test_a_revision_is_not_public_before_it_is_accepted_and_replaces_the_old_one_then():
    old = a_claim(statement="the old words")
    revision = a_claim(
        state="draft",
        accession=old.accession,
        version=2,
        key=old.key,
        preparation=old.preparation,
        statement="the new words",
    )
    assert get(f"claims/{old.accession}/")["statement"] == "the old words"

    an_interest(a_user("bob"))
    Claim.objects.filter(pk=revision.pk).update(basis=old)
    workflow.submit(claim_id=revision.pk, by=revision.author)
    workflow.accept(claim_id=revision.pk, by=a_user("bob"))

    shown = get("claims/")
    assert shown["count"] == 1
    assert (shown["results"][0]["statement"], shown["results"][0]["version"]) == ("the new words", 2)
    assert get(f"claims/{old.accession}/")["version"] == 2


def test_a_withdrawn_claim_says_that_it_is_gone_and_why():
    claim = a_claim(state="withdrawn")

    body = problem(f"claims/{claim.accession}/", 410)

    assert body["reason"] == "synthetic reason"
    assert body["accession"] == claim.accession
    assert "withdrawn" in body["detail"]
    assert claim.statement not in json.dumps(body)


def test_a_merged_record_leads_to_the_one_that_it_went_into():
    kept, gone = a_cargo("miR-21"), a_cargo("microRNA 21")
    a_claim(cargo=kept)
    accession = a_merge(gone, kept).gone_id

    answer = Client().get(f"/api/v1/cargos/{accession}/")

    assert answer.status_code == 301
    assert answer.headers["Location"] == f"http://testserver/api/v1/cargos/{kept.accession}/"
    assert answer.headers["Content-Type"] == PROBLEM


def test_a_curie_that_was_given_up_leads_to_its_term():
    term = a_term("DOID:10534", "gastric cancer")
    term.alternative_ids.create(curie="DOID:5516")

    answer = Client().get("/api/v1/terms/DOID:5516/")

    assert answer.status_code == 301
    assert answer.headers["Location"] == "http://testserver/api/v1/terms/DOID:10534/"


def test_members_of_a_public_panel_are_public_but_not_the_panels_of_drafts():
    member, public, hidden = a_cargo("miR-21"), a_cargo("public panel"), a_cargo("hidden panel")
    for panel in (public, hidden):
        CargoMember.objects.create(panel=panel, member=member)
    a_claim(cargo=public)
    a_claim(cargo=hidden, state="draft")

    assert set(found("cargos/")) == {member.accession, public.accession}
    assert [each["name"] for each in get(f"cargos/{member.accession}/")["panels"]] == ["public panel"]


def test_claims_of_a_retracted_study_stay_and_are_marked():
    claim = a_claim(preparation=a_preparation(study=a_study(status="retracted")))

    assert get(f"claims/{claim.accession}/")["study"]["status"] == "retracted"


def test_nobody_can_write():
    a_claim()
    client = Client()

    for method in (client.post, client.put, client.patch, client.delete):
        answer = method("/api/v1/claims/", b"{}", content_type="application/json")
        assert answer.status_code == 405
        assert answer.headers["Content-Type"] == PROBLEM
        assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"
    assert Claim.objects.count() == 1

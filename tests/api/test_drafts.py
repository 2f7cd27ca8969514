"""Drafts by the API: one's own and nobody else's, all or nothing, and never over what was not read."""

import json

import pytest

from apps.claims import workflow
from apps.claims.models import Claim, State
from apps.desk.history import history
from apps.people.models import ApiToken, Role
from apps.studies.models import Study
from tests.api.test_schema import fits
from tests.api.writing import Program, a_document, a_token, refused
from tests.makers import a_claim, a_user, an_interest

pytestmark = pytest.mark.django_db


@pytest.fixture
def carol():
    return a_user("carol", role=Role.CONTRIBUTOR)


@pytest.fixture
def program(carol):
    return Program(a_token(carol))


# --- writing ----------------------------------------------------------------------------------------------------------


def test_documents_become_drafts_of_the_person(program, carol):
    made = program.drafts(a_document(), a_document(900_000_002))

    assert [(each["document"], each["id"], each["state"], each["made"]) for each in made] == [
        (0, "c1", "draft", True),
        (0, "c2", "draft", True),
        (1, "c1", "draft", True),
        (1, "c2", "draft", True),
    ]
    assert {claim.author for claim in Claim.objects.all()} == {carol}
    one = program("GET", made[0]["url"])
    fits(one.json(), "Draft")
    assert one.headers["ETag"] == one.json()["etag"] == made[0]["etag"]
    claim = one.json()["claim"]
    assert claim["measures"][0] | {"p": "<0.001", "n_cases": 50} == claim["measures"][0]
    assert claim["therapy"] == ["cisplatin", "synthetic therapy"]


def test_history_names_the_person_and_the_token(program, carol):
    accession = program.drafts()[0]["accession"]

    claim = Claim.objects.get(accession=accession)
    token = ApiToken.objects.get()
    context = claim.events.order_by("pgh_id").first().pgh_context
    assert (context["user"], context["token"]) == (carol.pk, token.pk)
    study = Study.objects.get().events.order_by("pgh_id").first().pgh_context
    assert (study["user"], study["token"]) == (carol.pk, token.pk)
    assert history(claim)[0].who == "carol, by the token “synthetic notebook”"


def test_one_fault_keeps_all_out_and_each_has_its_pointer(program):
    bad = a_document(900_000_002)
    bad["claims"][1]["edge"] = "good"
    bad["claims"][0]["measures"][0]["value"] = 87
    bad["claims"][0]["a/b~c"] = 1
    answer = program("POST", "drafts/", {"documents": [a_document(), bad]})

    errors = refused(answer, 422)["errors"]
    assert {error["pointer"] for error in errors} == {
        "/documents/1/claims/1/edge",
        "/documents/1/claims/0/a~1b~0c",
    }
    assert "'good' is not one of harm, benefit, mixed, neutral" in str(errors)
    assert not Study.objects.exists()


def test_faults_between_the_parts_have_pointers_too(program):
    bad = a_document()
    bad["claims"][0]["measures"][0]["value"] = 87
    bad["claims"][1]["preparation"] = "p9"

    errors = refused(program("POST", "drafts/", {"documents": [bad, a_document()]}), 422)["errors"]

    pointers = {error["pointer"] for error in errors}
    assert {"/documents/0/claims/0/measures/0", "/documents/0/claims/1/preparation"} <= pointers
    assert "/documents/1/study/pmid" in pointers
    assert not Study.objects.exists()


def test_what_is_asked_twice_stays_as_it_is(program):
    first = program.drafts()

    again = program.drafts()

    assert [each["made"] for each in again] == [False, False]
    assert [each["accession"] for each in again] == [each["accession"] for each in first]


def test_a_draft_is_not_written_over_by_a_document(program):
    made = program.drafts()
    changed = a_document()
    changed["claims"][0]["statement"] = "Something else."

    (error,) = refused(program("POST", "drafts/", {"documents": [changed]}), 422)["errors"]

    assert error["pointer"] == "/documents/0/claims/0/id"
    assert f"your draft {made[0]['accession']}, version 1" in error["message"]
    assert not Claim.objects.filter(statement="Something else.").exists()


def test_what_public_claims_rest_on_is_an_editors(program):
    program.drafts()
    Claim.objects.filter(key="c1").update(state=State.SUBMITTED)
    claim = Claim.objects.get(key="c1")
    bob = a_user("bob")
    an_interest(bob)
    workflow.accept(claim_id=claim.pk, by=bob)
    changed = a_document()
    changed["study"]["title"] = "Another title"

    errors = refused(program("POST", "drafts/", {"documents": [changed]}), 422)["errors"]

    assert {error["pointer"] for error in errors} == {"/documents/0/study"}
    assert "an editor does that" in errors[0]["message"]
    assert not Study.objects.filter(title="Another title").exists()


def test_a_reader_writes_nothing():
    reader = a_user("rita", role=Role.CONTRIBUTOR)
    program = Program(a_token(reader))
    reader.role = Role.READER
    reader.save()

    assert (
        "takes the role of contributor"
        in refused(program("POST", "drafts/", {"documents": [a_document()]}), 403)["detail"]
    )
    assert not Study.objects.exists()


# --- changing ---------------------------------------------------------------------------------------------------------


def test_a_draft_is_changed_against_what_was_read(program):
    draft = program.drafts()[0]

    answer = program(
        "PATCH", draft["url"], {"claim": {"statement": "Mended."}, "reason": "typing"}, If_Match=draft["etag"]
    )

    assert answer.status_code == 200, answer.content
    fits(answer.json(), "Draft")
    now = answer.json()["claim"]
    assert now["statement"] == "Mended."
    assert now["measures"][0]["value"] == 0.87
    assert answer.headers["ETag"] != draft["etag"]
    claim = Claim.objects.get(accession=draft["accession"])
    assert claim.events.order_by("pgh_id").last().pgh_context["reason"] == "typing"


def test_every_field_comes_back_as_it_was_sent(program):
    draft = program.drafts()[0]
    said = program("GET", draft["url"]).json()["claim"]

    answer = program("PATCH", draft["url"], {"claim": said}, If_Match=draft["etag"])

    assert answer.headers["ETag"] == draft["etag"]
    full = {
        **said,
        "cargo": None,
        "recipient": None,
        "therapy": [],
        "targets": None,
        "measures": [{"name": "HR", "value": 1.5, "p": 0.03}],
        "ladder": {"cargo_observed": "shown"},
        "validation": "shown",
        "level": {"level": "E", "reason": "synthetic"},
        "preparation": "p2",
    }
    now = program("PATCH", draft["url"], {"claim": full}, If_Match=draft["etag"]).json()["claim"]
    assert (now["cargo"], now["recipient"], now["therapy"], now["targets"]) == (None, None, [], [])
    assert now["measures"][0]["p"] == 0.03
    assert now["ladder"]["cargo_observed"] == "shown"
    assert now["ladder"]["transfer_shown"] == "not_curated"
    assert (now["validation"], now["level"], now["preparation"]) == ("shown", full["level"], "p2")


@pytest.mark.parametrize("tag", ["", '"draft-another"', "nonsense"])
def test_a_change_without_the_tag_of_now_is_refused(program, tag):
    draft = program.drafts()[0]
    sent = {"If_Match": tag} if tag else {}

    body = refused(program("PATCH", draft["url"], {"claim": {"statement": "Mine."}}, **sent), 412 if tag else 428)

    assert body["etag"] == draft["etag"]
    if tag:
        fits(body, "Stale")
        assert body["differs"] == ["statement"]
        assert body["current"]["statement"] == "Made-up vesicles marked a made-up cancer."
    assert not Claim.objects.filter(statement="Mine.").exists()


def test_a_stale_change_learns_what_is_there_and_goes_through_then(program):
    draft = program.drafts()[0]
    program("PATCH", draft["url"], {"claim": {"statement": "First."}}, If_Match=draft["etag"])

    late = refused(program("PATCH", draft["url"], {"claim": {"statement": "Second."}}, If_Match=draft["etag"]), 412)

    assert late["current"]["statement"] == "First."
    assert program("PATCH", draft["url"], {"claim": {"statement": "Second."}}, If_Match=late["etag"]).status_code == 200


def test_a_proxy_may_have_weakened_the_tag(program):
    draft = program.drafts()[0]

    assert program("PATCH", draft["url"], {"claim": {"outcome": "x"}}, If_Match=f"W/{draft['etag']}").status_code == 200


@pytest.mark.parametrize(
    ("change", "pointer", "said"),
    [
        ({"edge": "good"}, "/claim/edge", "is not one of"),
        ({"statment": "x"}, "/claim/statment", "did you mean 'statement'"),
        ({"preparation": "p9"}, "/claim/preparation", "no preparation 'p9'"),
        ({"id": "c9"}, "/claim/id", "keeps its id"),
        ({"accession": "EXCL0000001"}, "/claim/accession", "keeps its accession"),
        ({"measures": [{"name": "AUC", "value": 87}]}, "/claim/measures/0", "between 0 and 1"),
        ({"statement": None}, "/claim/statement", "is not text"),
        ({"statement": "a\u200bb"}, "/claim/statement", "take it out"),
        ({"therapy": ["x", "x"]}, "/claim/therapy", "stands twice"),
    ],
)
def test_a_change_that_can_not_be_points_at_its_field(program, change, pointer, said):
    draft = program.drafts()[0]

    errors = refused(program("PATCH", draft["url"], {"claim": change}, If_Match=draft["etag"]), 422)["errors"]

    assert [error["pointer"] for error in errors] == [pointer]
    assert said in errors[0]["message"]
    assert program("GET", draft["url"]).headers["ETag"] == draft["etag"]


def test_a_draft_is_discarded_by_who_read_it(program):
    draft = program.drafts()[0]
    refused(program("DELETE", draft["url"]), 428)

    assert program("DELETE", draft["url"], If_Match=draft["etag"]).status_code == 204

    refused(program("GET", draft["url"]), 404)


# --- handing in -------------------------------------------------------------------------------------------------------


def test_a_draft_is_handed_in_and_taken_back(program):
    draft = program.drafts()[0]
    submission = f"{draft['url']}submission/"

    handed_in = program("POST", submission, If_Match=draft["etag"])
    assert handed_in.json()["state"] == "submitted"
    refused(program("PATCH", draft["url"], {"claim": {"outcome": "x"}}, If_Match=handed_in.headers["ETag"]), 409)
    refused(program("POST", submission), 409)
    refused(program("POST", submission, If_Match=draft["etag"]), 412)

    assert program("DELETE", submission).json()["state"] == "draft"


def test_what_was_sent_back_says_why(program):
    draft = program.drafts()[0]
    program("POST", f"{draft['url']}submission/")
    bob = a_user("bob")
    an_interest(bob)
    claim = Claim.objects.get(accession=draft["accession"])
    workflow.request_changes(claim_id=claim.pk, by=bob, reason="Which figure?")

    (decision,) = program("GET", draft["url"]).json()["decisions"]

    assert (decision["verdict"], decision["reason"], decision["by"]) == ("changes", "Which figure?", "bob")


# --- others' ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("role", [Role.CONTRIBUTOR, Role.CURATOR])
def test_of_what_others_wrote_nothing_is_said(state, role):
    claim = a_claim(state=state, author=a_user("alice"))
    claim.refresh_from_db()
    program = Program(a_token(a_user("mallory", role=role)))
    theirs, none = f"drafts/{claim.accession}/1/", "drafts/EXCL9999999/1/"

    for method, below, body in (
        ("GET", "", None),
        ("PATCH", "", {"claim": {"statement": "x"}}),
        ("DELETE", "", None),
        ("POST", "submission/", None),
        ("DELETE", "submission/", None),
    ):
        there = refused(program(method, theirs + below, body, If_Match="*"), 404)
        absent = refused(program(method, none + below, body, If_Match="*"), 404)
        assert there["detail"].replace(claim.accession, "") == absent["detail"].replace("EXCL9999999", "")
    assert program("GET", "drafts/").json()["count"] == 0


def test_an_id_that_a_hidden_draft_has_tells_no_more_than_that(program):
    program.drafts()
    dave = Program(a_token(a_user("dave", role=Role.CONTRIBUTOR)))

    body = refused(dave("POST", "drafts/", {"documents": [a_document()]}), 422)

    assert {error["pointer"] for error in body["errors"]} == {"/documents/0/claims/0/id", "/documents/0/claims/1/id"}
    assert "EXCL" not in json.dumps(body)
    assert "carol" not in json.dumps(body)


@pytest.mark.parametrize("path", ["EXCL0000001/99999999999999999999/", "x%00/1/", "EXCL0000001/0/"])
def test_addresses_that_can_not_be_are_not_there(program, path):
    refused(program("GET", f"drafts/{path}"), 404)


# --- the list ---------------------------------------------------------------------------------------------------------


def test_the_list_has_ones_own_by_state_in_pages(program):
    made = program.drafts(a_document(), a_document(900_000_002))
    program("POST", f"{made[0]['url']}submission/")

    assert program("GET", "drafts/").json()["count"] == 4
    (handed_in,) = program("GET", "drafts/?state=submitted").json()["results"]
    assert handed_in["accession"] == made[0]["accession"]
    assert program("GET", "drafts/?state=draft,submitted&page_size=1").json()["next"]
    fits(program("GET", "drafts/").json(), "DraftPage")
    assert "'gone' is none of" in refused(program("GET", "drafts/?state=gone"), 400)["detail"]
    refused(program("GET", "drafts/?stat=draft"), 400)


def test_the_list_asks_the_same_for_one_and_for_many(program, django_assert_max_num_queries):
    for at in range(6):
        program.drafts(a_document(900_000_001 + at))
    program("GET", "drafts/")

    with django_assert_max_num_queries(10):
        assert len(program("GET", "drafts/").json()["results"]) == 12

"""The door that tokens open: who comes in, who does not and why, and what comes in a body."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event
from uuid import uuid4

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from apps.claims.models import Claim
from apps.curation import answering, drafting
from apps.curation.models import Answered, Comment
from apps.curation.tasks import purge_answers
from apps.documents.storing import LOCK
from apps.people import tokens
from apps.people.models import ApiToken, Role
from apps.studies.models import Study
from tests.api.asking import PROBLEM
from tests.api.test_schema import fits
from tests.api.writing import Program, a_document, a_token, refused
from tests.makers import a_claim, a_user
from tests.records.refusals import refused as refused_by
from tests.records.refusals import run

pytestmark = pytest.mark.django_db


@pytest.fixture
def carol():
    return a_user("carol", role=Role.CONTRIBUTOR)


@pytest.fixture
def program(carol):
    return Program(a_token(carol))


def challenged(answer):
    """The way in, as a 401 tells it."""
    body = refused(answer, 401)
    assert "/account/tokens/" in body["detail"]
    return body["detail"], answer.headers["WWW-Authenticate"]


# --- who --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("header", [{}, {"Authorization": "Basic Y2Fyb2w6eA=="}, {"Authorization": ""}])
def test_without_a_token_nobody_comes_in(header):
    detail, challenge = challenged(Client().get("/api/v1/drafts/", headers=header))

    assert "takes a token" in detail
    assert challenge == 'Bearer realm="ExoDB"'


@pytest.mark.parametrize("sent", ["nonsense", "", "exodb_" + "a" * 46, "exodb_" + "é" * 46, "a" * 60_000])
def test_what_is_no_token_opens_nothing(sent):
    detail, challenge = challenged(Program(sent)("GET", "drafts/"))

    assert "no token of ExoDB" in detail
    assert challenge == 'Bearer realm="ExoDB", error="invalid_token"'
    assert not sent or sent not in detail


def test_an_expired_token_says_so(carol, monkeypatch):
    program = Program(a_token(carol))
    later = timezone.now() + timedelta(days=8)
    monkeypatch.setattr("apps.api.bearer.timezone.now", lambda: later)

    detail, challenge = challenged(program("GET", "drafts/"))

    assert "This token expired on" in detail
    assert "invalid_token" in challenge


def test_a_revoked_token_says_so(carol, program):
    tokens.revoke(token_id=ApiToken.objects.get().pk, person=carol)

    assert "was revoked on" in challenged(program("GET", "drafts/"))[0]


def test_a_closed_account_has_no_tokens(carol, program):
    carol.is_active = False
    carol.save()

    assert "the account was closed" in challenged(program("GET", "drafts/"))[0]


def test_a_token_without_the_second_factor_opens_no_desk():
    alice = a_user("alice")
    program = Program(tokens.make(person=alice, name="synthetic", scopes=["read"], days=7)[0])

    assert "made without the second factor" in challenged(program("GET", "drafts/"))[0]
    with_it = Program(a_token(alice))
    assert with_it("GET", "drafts/").status_code == 200
    Authenticator.objects.filter(user=alice).delete()
    assert "made without the second factor" in challenged(with_it("GET", "drafts/"))[0]


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "drafts/", "read"),
        ("POST", "drafts/", "draft"),
        ("GET", "drafts/EXCL0000001/1/", "read"),
        ("PATCH", "drafts/EXCL0000001/1/", "draft"),
        ("DELETE", "drafts/EXCL0000001/1/", "draft"),
        ("POST", "drafts/EXCL0000001/1/submission/", "submit"),
        ("DELETE", "drafts/EXCL0000001/1/submission/", "submit"),
        ("GET", "claims/EXCL0000001/comments/", "read"),
        ("POST", "claims/EXCL0000001/comments/", "comment"),
        ("GET", "claims/EXCL0000001/decisions/?version=1", "decide"),
        ("POST", "claims/EXCL0000001/decisions/", "decide"),
    ],
)
def test_a_token_does_what_it_was_made_for_and_no_more(method, path, scope):
    alice = a_user("alice")
    others = [each for each in ("read", "draft", "submit", "comment", "decide") if each != scope]

    answer = Program(a_token(alice, *others))(method, path, {})

    assert answer.status_code == 403, answer.content
    assert f"the scope {scope}" in answer.json()["detail"]
    assert f'error="insufficient_scope", scope="{scope}"' in answer.headers["WWW-Authenticate"]
    assert Program(a_token(alice, scope))(method, path, {}).status_code not in (401, 403)


def test_reading_takes_no_token_and_minds_none(program):
    program.token = "nonsense"

    assert program("GET", "claims/").status_code == 200


def test_a_use_is_shown_to_the_person(program):
    assert ApiToken.objects.get().last_used_at is None

    program("GET", "drafts/")

    assert ApiToken.objects.get().last_used_at is not None


def test_the_session_of_the_desk_is_no_token(client, carol):
    client.force_login(carol)

    challenged(client.get("/api/v1/drafts/"))


# --- asked twice ------------------------------------------------------------------------------------------------------


def test_the_same_request_again_is_answered_again_and_done_once(program):
    key = {"Idempotency_Key": str(uuid4())}
    first = program("POST", "drafts/", {"documents": [a_document()]}, **key)

    again = program("POST", "drafts/", {"documents": [a_document()]}, **key)

    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert Claim.objects.count() == 2
    assert Answered.objects.count() == 1


def test_a_key_is_of_one_request(program):
    key = {"Idempotency_Key": "one"}
    program.drafts(**key)

    other = refused(program("POST", "drafts/", {"documents": [a_document(900_000_002)]}, **key), 422)

    assert "given to another request" in other["detail"]
    assert Study.objects.count() == 1


def test_what_was_refused_is_not_remembered(program):
    bad = a_document()
    bad["claims"][0]["preparation"] = "p9"
    refused(program("POST", "drafts/", {"documents": [bad]}, Idempotency_Key="one"), 422)

    program.drafts(Idempotency_Key="one")


def test_keys_of_two_people_are_two(program):
    dave = Program(a_token(a_user("dave", role=Role.CONTRIBUTOR)))
    program.drafts(a_document(), Idempotency_Key="one")

    assert dave.drafts(a_document(900_000_002), Idempotency_Key="one")[0]["made"]


@pytest.mark.parametrize("key", ["", "two words", "x" * 201, "é"])
def test_a_key_that_can_not_be_is_refused(program, key):
    refused(program("POST", "drafts/", {"documents": [a_document()]}, Idempotency_Key=key), 400)


def test_a_change_asked_twice_is_done_once(program):
    draft = program.drafts()[0]
    change = {"claim": {"statement": "Mended."}}
    asked = {"If_Match": draft["etag"], "Idempotency_Key": "one"}
    first = program("PATCH", draft["url"], change, **asked)

    again = program("PATCH", draft["url"], change, **asked)

    assert (again.status_code, again.json(), again.headers["ETag"]) == (200, first.json(), first.headers["ETag"])


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_is_done(monkeypatch):
    program = Program(a_token(a_user("carol", role=Role.CONTRIBUTOR)))
    both, real = Barrier(2), answering._alone

    def together(name):
        """Both ask before either ends."""
        alone = real(name)
        both.wait(10)
        return alone

    monkeypatch.setattr(answering, "_alone", together)

    def ask(_):
        try:
            return program("POST", "drafts/", {"documents": [a_document()]}, Idempotency_Key="one")
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(ask, range(2)), key=lambda answer: answer.status_code)

    assert answers[0].status_code == 201, answers[0].content
    assert "being done right now" in refused(answers[1], 409)["detail"]
    assert answers[1].headers["Retry-After"] == "1"
    assert Study.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_program_does_not_wait_for_a_large_import(monkeypatch):
    program = Program(a_token(a_user("carol", role=Role.CONTRIBUTOR)))
    monkeypatch.setattr(drafting, "LONGEST_WAIT", "50ms")
    importing, done = Event(), Event()

    def imports():
        try:
            with transaction.atomic():
                run("SELECT pg_advisory_xact_lock(%s)", [LOCK])
                importing.set()
                done.wait(30)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(imports)
        importing.wait(30)
        body = refused(program("POST", "drafts/", {"documents": [a_document()]}), 409)
        done.set()

    assert "A large import is being stored" in body["detail"]
    assert program.drafts()[0]["made"]


def test_answers_are_forgotten_after_a_week(program):
    program.drafts(Idempotency_Key="old")
    Answered.objects.update(at=timezone.now() - timedelta(days=7, minutes=1))
    program.drafts(a_document(900_000_002), Idempotency_Key="new")

    purge_answers()

    assert [each.key for each in Answered.objects.all()] == ["new"]


@pytest.mark.parametrize(
    ("rule", "wrong"),
    [
        ("answered_has_key", {"key": "two words"}),
        ("answered_has_key", {"key": ""}),
        ("answered_is_digested", {"fingerprint": "plain"}),
        ("answered_what_was_done", {"status": 422}),
    ],
)
def test_what_an_answer_can_not_be_is_refused(rule, wrong, carol):
    row = {"key": "one", "fingerprint": "a" * 64, "status": 201, **wrong}
    refused_by(
        rule,
        "INSERT INTO curation_answered (person_id, key, fingerprint, status, headers) VALUES (%s, %s, %s, %s, '{}')",
        [carol.pk, *row.values()],
    )


def test_a_person_is_answered_once_a_key(carol):
    made = Answered.objects.create(person=carol, key="one", fingerprint="a" * 64, status=201)

    refused_by(
        "answered_once_a_key",
        """INSERT INTO curation_answered (person_id, key, fingerprint, status, headers)
        SELECT person_id, key, fingerprint, status, headers FROM curation_answered WHERE id = %s""",
        [made.pk],
    )


# --- bodies -----------------------------------------------------------------------------------------------------------

DEEP = "[" * 100_000 + "]" * 100_000


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (" ", "can't be read as JSON"),
        ("{", "can't be read as JSON"),
        ("[]", "must be an object"),
        ('{"documents": NaN}', "NaN is no number"),
        ('{"documents": [], "documents": []}', "'documents' stands twice"),
        (f'{{"documents": {DEEP}}}', "nested"),
        (f'{{"documents": {"[" * 30}{"]" * 30}}}', "nested deeper than 20"),
        (f'{{"documents": [{",".join(["0"] * 20_001)}]}}', "more than 20,000 parts"),
        ('{"documents": "\\ud800"}', "half a character"),
        (b'{"documents": "\xff"}', "not UTF-8"),
        (f'{{"documents": {"1" * 5_000}}}', "can't be read as JSON"),
    ],
)
def test_a_body_that_can_not_be_read_is_refused(program, body, said):
    assert said in refused(program("POST", "drafts/", body), 400)["detail"]


@pytest.mark.parametrize("body", ['{"\\ud800": 1}', '{"version": "\\ud800"}', DEEP, '{"a": 1, "a": 2}'])
def test_a_decision_is_read_as_strictly(body):
    program = Program(a_token(a_user("alice"), "decide"))

    answer = program("POST", "claims/EXCL0000001/decisions/", body)

    assert answer.status_code == 400
    assert "can't be read as JSON" in answer.json()["detail"]


def test_a_body_that_is_too_large_is_not_read(program):
    answer = program("POST", "drafts/", json.dumps({"documents": ["x" * 1_000_001]}))

    assert "at most 1,000,000" in refused(answer, 413)["detail"]


def test_a_body_that_is_said_to_be_something_else_is_refused(program, carol):
    sent = {"Authorization": f"Bearer {program.token}"}
    answer = Client().post("/api/v1/drafts/", {"documents": "x"}, headers=sent)

    assert "Content-Type says multipart/form-data" in refused(answer, 415)["detail"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"documents": []},
        {"documents": {}},
        {"documents": [1]},
        {"documents": [{}]},
        {"documents": [a_document()], "author": "alice"},
        {"documents": [a_document()] * 101},
    ],
)
def test_a_body_of_another_shape_is_refused_with_its_faults(program, body):
    errors = refused(program("POST", "drafts/", body), 422)["errors"]

    assert all(error["pointer"].startswith(("/documents", "/author")) for error in errors)
    assert not Study.objects.exists()


def test_thousands_of_faults_are_counted_and_some_are_told(program):
    body = refused(program("POST", "drafts/", {"documents": [0] * 5_000}), 422)
    assert len(body["errors"]) <= 100

    many = a_document(claims=[{"x": 1}] * 500)
    body = refused(program("POST", "drafts/", {"documents": [many]}), 422)
    assert len(body["errors"]) == 100
    assert "faults; the first:" in body["detail"]


@pytest.mark.parametrize("path", ["drafts/?x=1", "drafts/EXCL0000001/1/?x=1", "claims/EXCL0000001/comments/?x=1"])
def test_unknown_parameters_are_refused(program, path):
    assert "no parameter 'x'" in refused(program("GET", path), 400)["detail"]


# --- comments ---------------------------------------------------------------------------------------------------------


def test_a_comment_is_said_and_read(program, carol):
    accession = program.drafts()[0]["accession"]
    a_user("alice")

    answer = program("POST", f"claims/{accession}/comments/", {"text": "@alice: is it figure 2?"})

    assert answer.status_code == 201, answer.content
    fits(answer.json(), "Comment")
    page = program("GET", f"claims/{accession}/comments/").json()
    fits(page, "CommentPage")
    assert page["results"] == [answer.json()]
    assert Comment.objects.get().by == carol


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is blank"),
        ("x" * 4_001, "at most 4,000"),
        ("@nobody: see", "Nobody here is called"),
        ("a\0b", "take it out"),
    ],
)
def test_a_comment_that_can_not_be_is_refused(program, text, said):
    accession = program.drafts()[0]["accession"]

    errors = refused(program("POST", f"claims/{accession}/comments/", {"text": text}), 422)["errors"]

    assert [error["pointer"] for error in errors] == ["/text"]
    assert said in errors[0]["message"]
    assert not Comment.objects.exists()


def test_on_a_draft_of_others_nothing_is_read_or_said(program):
    claim = a_claim(state="draft", author=a_user("alice"))
    claim.refresh_from_db()
    there, absent = (f"claims/{accession}/comments/" for accession in (claim.accession, "EXCL9999999"))

    for method, body in (("GET", None), ("POST", {"text": "x"})):
        one, other = (refused(program(method, path, body), 404)["detail"] for path in (there, absent))
        assert one.replace(claim.accession, "") == other.replace("EXCL9999999", "")
    assert not Comment.objects.exists()


# --- decisions --------------------------------------------------------------------------------------------------------


def test_a_token_that_may_not_widens_no_role(carol, program):
    """A role that was taken away is gone for the tokens, too."""
    bob = a_user("bob")
    decider = Program(a_token(bob, "decide"))
    bob.role = Role.CONTRIBUTOR
    bob.save()

    answer = decider("GET", "claims/EXCL0000001/decisions/?version=1")

    assert answer.status_code == 403
    assert answer.headers["Content-Type"] == PROBLEM
    assert "role of curator" in answer.json()["detail"]

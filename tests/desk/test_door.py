"""What comes in by the door of the desk: absurd addresses and input get an answer, and what was typed is kept."""

import json
import re

import pytest
from django.test import Client

from apps.curation.models import Comment
from apps.people.models import Role
from tests.makers import a_claim, a_study, a_user, an_interest, signed_in

pytestmark = pytest.mark.django_db
LONG = "9" * 5_000


@pytest.fixture
def erin(client):
    erin = a_user("erin", role=Role.EDITOR)
    an_interest(erin)
    signed_in(client, erin)
    return erin


@pytest.mark.parametrize(
    "address",
    [
        "/admin/review/%00/",
        "/admin/review/%00/compare/",
        "/admin/entry/%00/",
        "/admin/entry/EXST1000001/preparations/%00/",
        "/admin/entry/EXST1000001/claims/%00/1/",
        "/admin/claims/claim/%00/history/",
        "/admin/claims/claim/abc/history/",
        f"/admin/curation/merge/{LONG}/change/",
        f"/admin/claims/claim/{LONG}/change/",
    ],
)
def test_an_absurd_address_leads_nowhere(client, erin, address):
    assert client.get(address).status_code in {302, 404}


@pytest.mark.parametrize(
    "address",
    [
        "/admin/claims/claim/claims.csv?state=%00",
        "/admin/claims/claim/?state__exact=%00",
        "/admin/claims/claim/?q=%00",
        "/admin/autocomplete/?app_label=studies&model_name=notice&field_name=study&term=%00",
        "/admin/studies/notice/add/?study=abc",
        "/admin/studies/notice/add/?study=" + LONG,
        "/admin/curation/sample/grade/?drawn=" + LONG,
        "/admin/review/next/?after=" + LONG,
    ],
)
def test_an_absurd_question_gets_an_answer(client, erin, address):
    assert client.get(address).status_code < 500


def test_absurd_forms_get_an_answer(client, erin):
    study = a_study()
    study.refresh_from_db()
    made = f"/admin/entry/{study.accession}/"
    forms = [
        (f"{made}claims/add/?like={LONG}", {}),
        (f"{made}claims/add/", {"cargo-kind": "bogus", "cargo": "", "statement": "half a claim"}),
        (f"{made}claims/add/", {"disease": "stomach\0 cancer", "cargo": "miR\0-21", "began": "[" * 100_000}),
        ("/admin/entry/", {"identifier": "10.1234/" + "x" * 5_000}),
        ("/admin/entry/add/", {"title": "A\0 title", "journal": "\0"}),
        ("/admin/entry/discard/", {"form": "/admin/\0"}),
        ("/admin/review/alike/", {"pair": LONG}),
        ("/admin/curation/sample/grade/", {"drawn": LONG}),
        ("/admin/claims/claim/", {"action": "accept_selected", "_selected_action": "x"}),
        ("/admin/studies/notice/add/", {"study": "x", "nature": "\0", "seen": "[" * 100_000}),
    ]
    for address, form in forms:
        assert client.post(address, form).status_code < 500, (address, form)


@pytest.mark.parametrize("body", ["[" * 100_000, '{"form": "/admin/", "pairs": [["a", "\\ud800"]]}', "\0", "3"])
def test_absurd_input_of_a_script_is_refused(client, erin, body):
    answer = client.post("/admin/entry/autosave/", body, content_type="application/json")

    assert answer.status_code == 400
    assert json.loads(answer.content)["said"]


# --- what was typed ---------------------------------------------------------------------------------------------------


def test_a_comment_outlives_the_session(client, erin):
    claim = a_claim(state="submitted", author=a_user("alice"))
    claim.refresh_from_db()
    address = f"/admin/review/{claim.accession}/1/comment/"
    client.logout()

    answer = client.post(address, {"text": "Which <b>figure</b>?"})

    page = answer.content.decode()
    assert answer.status_code == 401
    assert 'name="text" value="Which &lt;b&gt;figure&lt;/b&gt;?"' in page
    assert not Comment.objects.exists()


@pytest.fixture
def strict():
    return Client(enforce_csrf_checks=True)


def test_a_form_from_before_the_sign_in_is_shown_and_sent_again(strict):
    claim = a_claim(state="submitted", author=a_user("alice"))
    claim.refresh_from_db()
    address = f"/admin/review/{claim.accession}/1/comment/"
    signed_in(strict, a_user("bob"))
    strict.get("/account/")

    shown = strict.post(address, {"text": "Which?", "csrfmiddlewaretoken": "x" * 64}, headers={"Origin": HERE})
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', shown.content.decode())[1]
    again = strict.post(address, {"text": "Which?", "csrfmiddlewaretoken": token}, headers={"Origin": HERE})

    assert (shown.status_code, again.status_code) == (403, 302)
    assert 'name="text" value="Which?"' in shown.content.decode()
    assert Comment.objects.get().text == "Which?"


HERE = "http://testserver"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", None])
def test_what_another_site_sends_is_refused_and_not_offered(strict, origin):
    claim = a_claim(state="submitted", author=a_user("alice"))
    claim.refresh_from_db()
    signed_in(strict, a_user("bob"))
    headers = {"Origin": origin} if origin else {}

    answer = strict.post(f"/admin/review/{claim.accession}/1/comment/", {"text": "Buy!"}, headers=headers)

    assert answer.status_code == 403
    assert "Buy!" not in answer.content.decode()


def test_who_has_no_business_at_the_desk_is_told_so(client):
    signed_in(client, a_user("rita", role=Role.READER))

    answer = client.post("/admin/review/interests/", {"text": "half a word"})

    assert "half a word" not in answer.content.decode()
    assert answer.status_code in {302, 403}

"""Two people: whoever wrote a claim can't accept it, by whatever door they come.

The admin's screen, its bulk action, the API, the command, the workflow itself, and SQL behind the back of all of them.
"""

import json

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from apps.claims import workflow
from apps.claims.acts import NotAllowed
from apps.claims.models import Claim, Decision, Interest
from apps.curation import deciding
from tests.makers import a_claim, a_user, an_interest, signed_in
from tests.records.refusals import refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(client):
    alice = a_user("alice")
    an_interest(alice)
    signed_in(client, alice)
    return alice


@pytest.fixture
def own(alice):
    """A submission of alice's own."""
    claim = a_claim(state="submitted", author=alice)
    claim.refresh_from_db()
    return claim


@pytest.fixture(autouse=True)
def _nothing_happened(own):
    """Whatever the door: the claim still waits, and nobody decided."""
    yield
    own.refresh_from_db()
    assert (own.state, own.accepted_by) == ("submitted", None)
    assert not Decision.objects.exists()
    assert not Claim.objects.accepted().exists()


WORDS = "Whoever wrote a claim can't decide on it"


def told(answer):
    return answer.content.decode().replace("&#x27;", "'").replace("&quot;", '"')


def test_on_the_review_screen_the_button_is_off_and_says_why(client, own):
    page = told(client.get(reverse("admin:review_version", args=[own.accession, 1])))

    assert WORDS in page
    assert reverse("admin:review_act", args=[own.accession, 1, "accept"]) not in page
    assert reverse("admin:review_act", args=[own.accession, 1, "take_back"]) in page


def test_in_the_admin_though_the_form_is_forged(client, own):
    answer = client.post(reverse("admin:review_act", args=[own.accession, 1, "accept"]), {"reason": ""})

    assert answer.status_code == 409
    assert WORDS in told(answer)


def test_in_bulk_the_others_are_accepted_and_ones_own_is_named(client, own, alice):
    page = client.post(
        reverse("admin:claims_claim_changelist"),
        {"action": "accept_selected", "_selected_action": [own.pk], "decide": "1", "reason": ""},
    )

    assert WORDS in told(page)
    assert "0</strong> of 1 done" in told(page)


def test_by_the_api(client, own):
    answer = client.post(
        f"/api/v1/claims/{own.accession}/decisions/",
        json.dumps({"version": 1, "verdict": "accepted", "seen": deciding.token_of(own)}),
        content_type="application/json",
    )

    assert answer.status_code == 403
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert WORDS in answer.json()["detail"]


def test_by_the_command(own, capsys):
    with pytest.raises(CommandError, match="1 of 1 refused") as met:
        call_command("review", "accept", own.accession, "--as", "alice")

    assert met.value.returncode == 1
    assert WORDS in capsys.readouterr().err


def test_by_the_act_itself(own, alice):
    with pytest.raises(NotAllowed, match=WORDS):
        workflow.accept(claim_id=own.pk, by=alice)


def test_by_raw_sql_on_the_claim(own, alice):
    said = refused(
        "claim_two_people",
        "UPDATE claims_claim SET state = 'accepted', accepted_at = now(), accepted_by_id = %s WHERE id = %s",
        [alice.pk, own.pk],
    )

    assert "claim_two_people" in said


def test_by_raw_sql_with_a_decision_of_ones_own(own, alice):
    refused(
        "decision_by_a_second_person",
        "INSERT INTO claims_decision (claim_id, verdict, by_id, reason, interest_id) "
        "VALUES (%s, 'accepted', %s, '', %s)",
        [own.pk, alice.pk, Interest.objects.get().pk],
    )


def test_by_raw_sql_in_the_name_of_another_who_did_not_decide(own):
    from django.db import connection

    bob = a_user("bob")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    refused(
        "claim_accepted_by_decision",
        "UPDATE claims_claim SET state = 'accepted', accepted_at = now(), accepted_by_id = %s WHERE id = %s",
        [bob.pk, own.pk],
    )

"""One person is asked for the review of many claims."""

import pytest

from apps.curation.models import Assignment
from apps.people.models import Role
from tests.makers import a_claim, a_user, an_interest, signed_in

pytestmark = pytest.mark.django_db
LIST = "/admin/claims/claim/"


def act(client, claims, **fields):
    chosen = {"action": "assign_selected", "_selected_action": [claim.pk for claim in claims]}
    return client.post(LIST, chosen | fields, follow=True).content.decode()


@pytest.fixture
def bob():
    an_interest(bob := a_user("bob", role=Role.CURATOR))
    return bob


def test_the_editor_says_whom_and_each_claim_says_what_became_of_it(client, bob):
    signed_in(client, a_user("eve", role=Role.EDITOR))
    one, own, draft = a_claim(state="submitted"), a_claim(state="submitted", author=bob), a_claim(state="draft")

    page = act(client, [one, own, draft])
    assert '<option value="bob">' in page
    assert not Assignment.objects.exists()

    page = act(client, [one, own, draft], assign="1", reviewer="bob")

    assert "<strong>1</strong> of 3 done" in page
    assert page.count("bob can&#x27;t be asked") == 2
    assert [(asked.claim, asked.reviewer) for asked in Assignment.objects.all()] == [(one, bob)]


@pytest.mark.parametrize("name", ["", "nobody", "rita", "x\0"])
def test_whom_nobody_can_ask_is_not_asked(client, bob, name):
    signed_in(client, a_user("eve", role=Role.EDITOR))
    a_user("rita", role=Role.READER)

    assert "Choose whom to ask." in act(client, [a_claim(state="submitted")], assign="1", reviewer=name)
    assert not Assignment.objects.exists()


def test_only_editors_are_offered_it(client, bob):
    claim = a_claim(state="submitted")
    signed_in(client, a_user("charlie", role=Role.CURATOR))

    assert "assign_selected" not in client.get(LIST).content.decode()
    act(client, [claim], assign="1", reviewer="bob")

    assert not Assignment.objects.exists()


def test_more_than_can_be_asked_for_at_once_is_said(client, bob, monkeypatch):
    monkeypatch.setattr("apps.desk.review.asking.MOST", 1)
    signed_in(client, a_user("eve", role=Role.EDITOR))

    assert "At most 1 claims at once" in act(client, [a_claim(state="submitted"), a_claim(state="submitted")])

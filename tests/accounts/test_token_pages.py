"""The pages where a person makes, sees and revokes tokens."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from apps.people import tokens
from apps.people.models import ApiToken, Role
from tests.accounts.entering import a_person, comes_in, types_password
from tests.makers import a_user, signed_in

pytestmark = pytest.mark.django_db
ASKED = {"name": "lab notebook", "scopes": ["read", "draft"], "days": "90"}


def made_by(client, **changed):
    return client.post("/account/tokens/new/", ASKED | changed)


def test_a_token_is_made_and_shown_once(client):
    a_person(app=True)
    comes_in(client)

    page = made_by(client)

    secret = re.search(r"exodb_[0-9A-Za-z]{46}", page.text)[0]
    token = tokens.known(secret)
    assert (token.name, token.scopes, token.person.username) == ("lab notebook", ["read", "draft"], "alice")
    assert timedelta(days=89) < token.expires_at - timezone.now() <= timedelta(days=90)
    assert not tokens.lacks_factor(token)
    assert "no-store" in page["Cache-Control"]
    listed = client.get("/account/tokens/").text
    assert token.begins in listed
    assert secret not in listed


def test_to_make_one_takes_a_fresh_proof_that_it_is_them(client):
    signed_in(client, a_user("alice"))
    session = client.session
    session["account_authentication_methods"] = [
        {**each, "at": each["at"] - 3600} for each in session["account_authentication_methods"]
    ]
    session.save()
    from allauth.mfa.models import Authenticator

    Authenticator.objects.update(created_at=timezone.now() - timedelta(hours=2))

    answer = made_by(client)

    assert answer.status_code == 302
    assert answer["Location"].startswith("/account/confirm")
    assert not ApiToken.objects.exists()


def test_who_must_have_a_second_factor_sets_it_up_first(client):
    a_person()
    types_password(client)

    answer = made_by(client)

    assert answer["Location"] == "/account/second-factor/set-up/"
    assert not ApiToken.objects.exists()


def test_a_contributor_without_one_may(client):
    a_person(role=Role.CONTRIBUTOR)
    types_password(client)

    assert "shown this once" in made_by(client).text


def test_a_role_is_offered_what_is_of_use_to_it(client):
    a_person(role=Role.READER)
    types_password(client)

    assert 'value="draft"' not in client.get("/account/tokens/new/").text
    page = made_by(client)
    assert "not one of the available choices" in page.text
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize(
    "wrong", [{"name": " "}, {"scopes": []}, {"days": "366"}, {"days": "soon"}, {"name": "x" * 61}]
)
def test_what_can_not_be_is_said_at_the_field(client, wrong):
    a_person(app=True)
    comes_in(client)

    page = made_by(client, **wrong)

    assert page.status_code == 200
    assert "errorlist" in page.text
    assert not ApiToken.objects.exists()


def test_a_token_is_revoked_by_its_person_and_nobody_else(client):
    alice, bob = a_user("alice"), a_user("bob")
    (_, own), (_, other) = (
        tokens.make(person=person, name=f"of {person}", scopes=["read"], days=7) for person in (alice, bob)
    )
    signed_in(client, alice)
    assert "of bob" not in client.get("/account/tokens/").text

    for token in (own, other):
        client.post("/account/tokens/", {"token": token.pk})

    own.refresh_from_db(), other.refresh_from_db()
    assert own.revoked_at
    assert other.revoked_at is None
    assert "its person revoked it" in client.get("/account/tokens/").text


@pytest.mark.parametrize("sent", ["", "x", "999999999999999999999", "\0"])
def test_a_token_that_is_none_is_said(client, sent):
    signed_in(client, a_user("alice"))

    assert "You have no such token." in client.post("/account/tokens/", {"token": sent}, follow=True).text


def test_a_stranger_sees_nothing():
    for address in ("/account/tokens/", "/account/tokens/new/"):
        assert Client().get(address)["Location"].startswith("/account/login/")


def test_the_list_asks_the_same_for_one_and_for_many(client, django_assert_max_num_queries):
    alice = a_user("alice")
    signed_in(client, alice)
    for at in range(15):
        _, token = tokens.make(person=alice, name=f"no. {at}", scopes=["read"], days=7)
        if at % 2:
            tokens.revoke(token_id=token.pk, person=alice)

    with django_assert_max_num_queries(6):
        assert client.get("/account/tokens/").status_code == 200

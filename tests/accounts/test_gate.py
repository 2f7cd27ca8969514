"""Every way to the desk that leaves out the second factor is closed."""

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib import admin
from django.test import Client
from django.urls import URLPattern

from apps.people import second_factor
from apps.people.models import Role
from tests.accounts.entering import a_person, comes_in, sets_up, types_code, types_password
from tests.makers import SECRET, a_code, a_user, signed_in

pytestmark = pytest.mark.django_db


def addresses_of_the_desk(patterns=None, before="/admin/"):
    """All of them, with a number for each part that varies."""
    for pattern in patterns or admin.site.urls[0]:
        route = before + str(pattern.pattern).replace("^", "").replace("$", "").replace(r"\Z", "")
        if isinstance(pattern, URLPattern):
            yield route
        else:
            yield from addresses_of_the_desk(pattern.url_patterns, route)


def filled(route):
    return re.sub(r"<[^>]+>|\(\?P.*\)", "1", route)


def test_all_addresses_of_the_desk_are_known_here():
    routes = set(map(filled, addresses_of_the_desk()))

    assert {"/admin/", "/admin/autocomplete/", "/admin/claims/claim/", "/admin/people/user/1/second-factor/"} <= routes
    assert len(routes) > 70


@pytest.mark.parametrize("role", [Role.CURATOR, Role.EDITOR, Role.ADMINISTRATOR])
def test_a_password_alone_opens_no_address_of_the_desk(client, role):
    a_person(role=role)
    types_password(client)
    assert client.get("/account/").status_code == 200

    for address in map(filled, addresses_of_the_desk()):
        for ask in (client.get, client.post):
            answer = ask(address)
            if address == "/admin/logout/":
                continue  # whoever wants to leave may
            leads = answer.status_code in {301, 302} and answer["Location"].startswith(
                ("/admin/login/?next=", "/account/second-factor/set-up/?next=")
            )
            # Entry hands input back that came without a session, and tells scripts so; neither opens anything.
            handed_back = answer.status_code == 401 and address.startswith(("/admin/entry/", "/admin/guide/"))
            assert leads or handed_back, (address, answer.status_code, answer.get("Location"))


def test_a_session_from_before_the_second_factor_has_to_show_it(client):
    alice = a_person()
    types_password(client)
    TOTP.activate(alice, SECRET)

    assert client.get("/admin/", follow=True).redirect_chain[-1] == ("/account/confirm/code/?next=%2Fadmin%2F", 302)
    answer = client.post("/account/confirm/code/", {"code": a_code(), "next": "/admin/"})
    assert answer["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_a_factor_shown_before_it_was_reset_opens_nothing(client):
    alice = a_person(app=True)
    comes_in(client)
    key = client.session.session_key
    assert client.get("/admin/").status_code == 200
    mark = dict(client.session.items())

    second_factor.reset(username="alice", reason="phone lost, called back")
    assert client.get("/admin/").status_code == 302
    assert not client.session.exists(key)

    # Even a session that somebody put back does not count: the new app was never shown in it.
    other = Client()
    other.force_login(alice)
    session = other.session
    session.update({name: value for name, value in mark.items() if not name.startswith("_auth")})
    session.save()
    TOTP.activate(alice, SECRET)
    assert other.get("/admin/").status_code == 302


def test_the_mark_of_another_person_opens_nothing(client):
    alice, bob = a_user("alice"), a_user("bob", role=Role.EDITOR)
    signed_in(client, alice)
    mark = client.session["account_authentication_methods"]
    TOTP.activate(bob, SECRET)

    client.logout()
    client.force_login(bob)
    session = client.session
    session["account_authentication_methods"] = mark
    session["account_authentication_methods_user"] = str(alice.pk)
    session.save()

    assert client.get("/admin/").status_code == 302


def test_with_the_password_half_done_nobody_is_signed_in(client):
    a_person(app=True)

    assert types_password(client, onward="/admin/claims/claim/")["Location"] == "/account/code/"

    assert "_auth_user_id" not in client.session
    for address in (
        "/admin/",
        "/account/",
        "/account/password/",
        "/account/second-factor/remove/",
        "/account/sessions/",
    ):
        assert client.get(address).status_code == 302, address


def test_password_and_code_open_the_page_that_was_asked_for(client):
    a_person(app=True)
    asked = client.get("/admin/claims/claim/", follow=True)
    assert asked.redirect_chain[-1][0] == "/account/login/?next=%2Fadmin%2Fclaims%2Fclaim%2F"

    types_password(client, onward="/admin/claims/claim/")
    answer = types_code(client, a_code())

    assert answer["Location"] == "/admin/claims/claim/"
    assert client.get("/admin/claims/claim/").status_code == 200


@pytest.mark.parametrize("onward", ["https://evil.example/", "//evil.example/admin/", "javascript:alert(1)"])
def test_nobody_is_led_elsewhere(client, onward):
    a_person(app=True)

    types_password(client, onward=onward)
    answer = types_code(client, a_code())

    assert answer["Location"] == "/admin/"
    assert client.get("/admin/login/", {"next": onward})["Location"] == "/admin/"


def test_the_login_of_the_admin_itself_takes_no_password(client):
    a_person(app=True)

    answer = client.post("/admin/login/", {"username": "alice", "password": "correct horse battery"})

    assert answer["Location"].startswith("/account/login/")
    assert "_auth_user_id" not in client.session


def test_the_password_is_changed_in_one_place(client):
    signed_in(client, a_user())

    assert client.get("/admin/password_change/")["Location"] == "/account/password/"


def test_a_new_curator_sets_it_up_and_is_in(client):
    a_person()
    types_password(client, onward="/admin/")
    assert client.get("/admin/", follow=True).redirect_chain[-1][0].startswith("/account/second-factor/set-up/")

    assert sets_up(client)["Location"] == "/account/second-factor/recovery-codes/"

    assert client.get("/admin/").status_code == 200


def test_setting_it_up_ends_sessions_that_came_in_without(client):
    a_person()
    other = Client()
    types_password(other)
    types_password(client)

    sets_up(client)

    assert other.get("/account/").status_code == 302


def test_a_contributor_works_without_one_and_has_to_show_the_one_they_have(client):
    dora = a_person("dora", Role.CONTRIBUTOR)
    types_password(client, "dora")
    assert client.get("/admin/").status_code == 200

    TOTP.activate(dora, SECRET)
    assert client.get("/admin/").status_code == 302


def test_a_reader_is_told_and_not_sent_in_circles(client):
    a_person("charlie", Role.READER)
    types_password(client, "charlie")

    answer = client.get("/admin/", follow=True)

    assert answer.status_code == 403
    assert "whose role does not write or review evidence" in answer.content.decode()


def test_nobody_signs_up(client):
    for address in ("/account/signup/", "/accounts/signup/", "/account/login/code/", "/account/email/"):
        assert client.get(address).status_code == 404


def test_the_gate_costs_one_question_a_page(client, django_assert_num_queries):
    from django.test import RequestFactory

    from apps.accounts import gate

    request = RequestFactory().get("/admin/")
    request.user = a_user()
    Authenticator.objects.create(user=request.user, type="totp", data={})
    request.session = {
        "account_authentication_methods": [{"method": "mfa", "at": time.time()}],
        "account_authentication_methods_user": str(request.user.pk),
    }

    with django_assert_num_queries(1):
        assert gate.is_open(request)
        assert gate.is_open(request)

import time

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client

from tests.accounts.entering import PASSWORD, a_person, comes_in, signed_in_as, types_code, types_password
from tests.makers import a_code, a_user, signed_in

pytestmark = pytest.mark.django_db
NEW = "another horse battery"


def test_the_session_changes_its_key_on_the_way_in(client):
    a_person(app=True)
    client.get("/account/login/")
    types_password(client)
    half = client.session.session_key

    types_code(client, a_code())

    assert client.session.session_key != half
    assert not client.session.exists(half)


def test_a_session_ends_with_the_browser_or_when_it_was_not_used(client, settings):
    a_person(app=True)
    answer = comes_in(client)

    cookie = answer.cookies["sessionid"]
    assert cookie["max-age"] == ""
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert client.session.get_expiry_age() == settings.SESSION_COOKIE_AGE == 12 * 3600


def test_using_it_makes_it_last_and_not_each_page_writes(client, django_assert_num_queries):
    signed_in(client, a_user())
    client.get("/account/")
    row = client.session.model.objects.get()
    row.expire_date = row.expire_date.replace(year=row.expire_date.year + 1)
    row.save()

    client.get("/account/")
    assert client.session.model.objects.get().expire_date == row.expire_date, "nothing is written within minutes"

    session = client.session
    session["seen"] = int(time.time()) - 400
    session.save()
    client.get("/account/")
    assert client.session["seen"] > time.time() - 10


def test_public_pages_look_at_no_session(client):
    signed_in(client, a_user())

    answer = client.get("/about/")

    assert "Cookie" not in answer.get("Vary", "")


def test_an_expired_session_opens_nothing(client):
    signed_in(client, a_user())
    assert client.get("/admin/").status_code == 200

    client.session.model.objects.update(expire_date="2026-01-01T00:00Z")

    assert client.get("/admin/").status_code == 302


def two_sessions():
    a_person(app=True)
    here, there = Client(headers={"User-Agent": "Browser Here"}), Client(headers={"User-Agent": "Browser There"})
    comes_in(here)
    comes_in(there, later=1)
    return here, there


def test_a_person_sees_where_they_are_signed_in_and_ends_one():
    here, there = two_sessions()
    page = here.get("/account/sessions/").content.decode()
    assert "This session" in page
    assert "Browser There" in page

    here.post("/account/sessions/", {"session": UserSession.objects.get(user_agent="Browser There").pk})

    assert there.get("/account/").status_code == 302
    assert here.get("/admin/").status_code == 200


def test_all_others_can_be_ended_at_once():
    here, there = two_sessions()

    here.post("/account/sessions/", {"session": "others"})

    assert signed_in_as(here)
    assert there.get("/account/").status_code == 302


def test_nobody_ends_the_session_of_somebody_else(client):
    here, _ = two_sessions()
    signed_in(client, a_user("bob"))

    for session in UserSession.objects.filter(user__username="alice"):
        client.post("/account/sessions/", {"session": session.pk})
    client.post("/account/sessions/", {"session": "others"})
    client.post("/account/sessions/", {"session": "no number'"})

    assert here.get("/admin/").status_code == 200


def test_a_new_password_ends_all_other_sessions():
    here, there = two_sessions()

    answer = here.post("/account/password/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})

    assert answer.status_code == 302
    assert here.get("/admin/").status_code == 200
    assert there.get("/admin/").status_code == 302
    assert there.get("/account/").status_code == 302


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("wrong", NEW, "Please type your current password"),
        (PASSWORD, "short", "too short"),
        (PASSWORD, "123456789012345", "entirely numeric"),
    ],
)
def test_a_password_that_will_not_do_changes_nothing(client, old, new, said):
    alice = a_person(app=True)
    comes_in(client)

    answer = client.post("/account/password/", {"oldpassword": old, "password1": new, "password2": new})

    assert said in answer.content.decode()
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)


def test_a_closed_account_is_out_at_once(client):
    alice = a_person(app=True)
    comes_in(client)
    alice.is_active = False
    alice.save()

    assert client.get("/admin/").status_code == 302
    assert client.get("/account/").status_code == 302
    other = Client()
    comes_in(other, later=1)
    assert signed_in_as(other) is None


def test_signing_out_takes_a_click_and_is_final(client):
    a_person(app=True)
    comes_in(client)
    key = client.session.session_key

    assert client.get("/account/logout/").status_code == 200
    assert signed_in_as(client)
    client.post("/account/logout/")

    assert not client.session.exists(key)
    assert client.get("/admin/").status_code == 302

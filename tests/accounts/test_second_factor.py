import re
import time

import pghistory
import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from apps.people import second_factor
from apps.people.models import Role, SecondFactor
from tests.accounts.entering import (
    PASSWORD,
    a_person,
    comes_in,
    recovery_codes,
    sets_up,
    signed_in_as,
    types_code,
    types_password,
)
from tests.makers import SECRET, a_code, a_user, signed_in

pytestmark = pytest.mark.django_db
AGAIN = "This code is not right, or was used already"


def with_codes(client):
    alice = a_person()
    types_password(client)
    sets_up(client)
    return alice


def test_the_secret_is_shown_as_a_picture_and_as_text(client):
    a_person()
    types_password(client)

    page = client.get("/account/second-factor/set-up/")

    body = page.content.decode()
    assert 'src="data:image/svg+xml;base64,' in body
    assert client.session["mfa.totp.secret"] in body
    assert "no-store" in page["Cache-Control"]
    assert "style=" not in body


def test_a_wrong_first_code_turns_nothing_on(client):
    a_person()
    types_password(client)
    client.get("/account/second-factor/set-up/")

    answer = client.post("/account/second-factor/set-up/", {"code": "000000"})

    assert AGAIN in answer.content.decode()
    assert not SecondFactor.objects.exists()
    assert client.get("/admin/").status_code == 302


def test_recovery_codes_are_shown_once(client):
    alice = with_codes(client)

    page = client.get("/account/second-factor/recovery-codes/")
    codes = recovery_codes(alice)
    assert len(codes) == 10
    assert all(code in page.content.decode() for code in codes)
    assert "no-store" in page["Cache-Control"]

    again = client.get("/account/second-factor/recovery-codes/").content.decode()
    assert not any(code in again for code in codes)
    assert "10 of 10 are left" in again


def test_a_recovery_code_opens_once(client):
    code = recovery_codes(with_codes(client))[3]

    other = Client()
    types_password(other)
    assert types_code(other, code)["Location"] == "/admin/"
    assert other.get("/admin/").status_code == 200

    third = Client()
    types_password(third)
    assert AGAIN in types_code(third, code).content.decode()
    assert signed_in_as(third) is None


@pytest.mark.parametrize("forgotten", [False, True], ids=["same process", "another process"])
def test_a_code_of_the_app_opens_once(client, forgotten):
    a_person(app=True)
    code = a_code()
    types_password(client)
    assert types_code(client, code).status_code == 302

    if forgotten:
        cache.clear()
    other = Client()
    types_password(other)
    assert AGAIN in types_code(other, code).content.decode()
    assert signed_in_as(other) is None


def test_a_code_that_is_older_than_a_used_one_is_refused(client):
    a_person(app=True)
    comes_in(client, later=1)

    other = Client()
    types_password(other)

    assert AGAIN in types_code(other, a_code()).content.decode()


def test_the_code_that_set_the_app_up_does_not_sign_in_again(client):
    a_person()
    types_password(client)
    client.get("/account/second-factor/set-up/")
    code = a_code(client.session["mfa.totp.secret"])
    client.post("/account/second-factor/set-up/", {"code": code})

    other = Client()
    types_password(other)

    assert AGAIN in types_code(other, code).content.decode()


@pytest.mark.parametrize(("later", "opens"), [(-2, False), (-1, True), (0, True), (1, True), (3, False)])
def test_clocks_may_differ_by_half_a_minute(client, later, opens):
    a_person(app=True)
    types_password(client)
    if time.time() % 30 > 27:
        time.sleep(3)  # else the period may end between the making of the code and its reading

    types_code(client, a_code(later=later))

    assert (signed_in_as(client) is not None) == opens


@pytest.mark.parametrize("written", ["{} {}", " {}{} ", "{}-{}"])
def test_a_code_may_be_typed_as_apps_show_it(client, written):
    a_person(app=True)
    types_password(client)
    code = a_code()

    types_code(client, written.format(code[:3], code[3:]))

    assert signed_in_as(client)


@pytest.mark.parametrize(
    "code", ["", "12345", "abcdef", "\uff11\uff12\uff13\uff14\uff15\uff16", "0" * 5000, "' OR 1=1 --"]
)
def test_what_is_no_code_opens_nothing(client, code):
    a_person(app=True)
    types_password(client)

    assert types_code(client, code).status_code == 200
    assert signed_in_as(client) is None


def test_no_secret_stands_readable_in_the_database(client):
    alice = with_codes(client)
    secret = TOTP(Authenticator.objects.get(user=alice, type="totp"))

    stored = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert second_factor.decrypt(secret.instance.data["secret"]) not in stored
    assert not any(code in stored for code in recovery_codes(alice))


def test_another_secret_key_says_what_to_do(client, settings):
    a_person(app=True)
    settings.SECRET_KEY = "another key of this installation"
    types_password(client)

    answer = types_code(client, a_code())

    assert "Ask an administrator to reset it" in answer.content.decode()
    assert signed_in_as(client) is None


def test_an_older_secret_key_still_reads(client, settings):
    a_person(app=True)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key of this installation"

    comes_in(client)

    assert signed_in_as(client)


# --- changing it -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    ["/account/second-factor/remove/", "/account/second-factor/recovery-codes/new/"],
)
def test_changing_it_takes_a_code_not_just_the_password(client, address):
    alice = a_person(app=True)
    client.force_login(alice)

    answer = client.post(address)

    assert answer["Location"].startswith("/account/confirm/code/")
    assert client.get("/account/confirm/")["Location"].startswith("/account/confirm/code/")
    client.post("/account/confirm/", {"password": PASSWORD})
    assert client.post(address)["Location"].startswith("/account/confirm/code/")
    assert Authenticator.objects.filter(user=alice, type="totp").exists()


def test_who_came_in_long_ago_confirms_and_goes_on(client, monkeypatch):
    alice = a_person(app=True)
    comes_in(client)
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 3600
    session.save()
    Authenticator.objects.update(created_at="2026-01-01T00:00Z")
    assert client.get("/admin/").status_code == 200
    assert client.get("/account/second-factor/remove/")["Location"].startswith("/account/confirm/code/")

    client.post("/account/confirm/code/", {"code": a_code(later=1), "next": "/account/second-factor/remove/"})
    answer = client.post("/account/second-factor/remove/")

    assert answer["Location"] == "/account/second-factor/"
    assert not SecondFactor.objects.filter(user=alice).exists()
    assert client.get("/admin/").status_code == 302


def test_new_recovery_codes_replace_the_old(client):
    alice = with_codes(client)
    old = recovery_codes(alice)

    client.post("/account/second-factor/recovery-codes/new/")

    assert not set(old) & set(recovery_codes(alice))
    assert recovery_codes(alice)[0] in client.get("/account/second-factor/recovery-codes/").content.decode()
    assert client.get("/admin/").status_code == 200


# --- losing it -------------------------------------------------------------------------------------------------------


def events(person):
    rows = SecondFactor.pgh_event_models["insert"].objects.filter(user=person).order_by("pgh_id")
    return [(row.pgh_label, row.type, (row.pgh_context or {}).get("reason")) for row in rows]


def test_the_command_resets_with_a_reason_that_is_kept(client, capsys):
    alice = with_codes(client)

    call_command("reset_second_factor", "alice", reason="phone lost, called back")

    assert not SecondFactor.objects.exists()
    assert client.get("/account/").status_code == 302, "all sessions ended"
    why = "second factor reset: phone lost, called back"
    assert events(alice)[:2] == [("insert", "totp", None), ("insert", "recovery_codes", None)]
    assert sorted(events(alice)[2:]) == [("delete", "recovery_codes", why), ("delete", "totp", why)]
    assert "sets up a new second factor" in capsys.readouterr().out

    types_password(client)
    sets_up(client)
    assert client.get("/admin/").status_code == 200


@pytest.mark.parametrize(
    ("username", "reason", "said"),
    [
        ("nobody", "lost", "There is no account nobody"),
        ("alice", "  ", "Say why"),
        ("bob", "lost", "bob has no second factor"),
    ],
)
def test_the_command_refuses_in_a_sentence(username, reason, said):
    a_person(app=True)
    a_person("bob")

    with pytest.raises(CommandError, match=said):
        call_command("reset_second_factor", username, reason=reason)

    assert SecondFactor.objects.count() == 1


def test_an_administrator_resets_it_at_the_desk(client):
    alice = a_person(app=True)
    root = a_user("root", role=Role.ADMINISTRATOR)
    signed_in(client, root)
    address = reverse("admin:people_user_second_factor", args=[alice.pk])
    assert address in client.get(reverse("admin:people_user_change", args=[alice.pk])).content.decode()
    assert "Make sure first" in client.get(address).content.decode()

    assert "Say why" in client.post(address, {"why": " "}).content.decode()
    assert SecondFactor.objects.filter(user=alice).exists()

    answer = client.post(address, {"why": "spoke to her on the phone"})
    assert answer["Location"] == reverse("admin:people_user_change", args=[alice.pk])
    assert not SecondFactor.objects.filter(user=alice).exists()
    told = client.get(reverse("admin:people_user_history", args=[alice.pk])).content.decode()
    assert re.search(r"root\s+· second factor reset: spoke to her on the phone", told)


def test_nobody_resets_their_own_and_nobody_else_resets_at_all(client):
    root = a_user("root", role=Role.ADMINISTRATOR)
    signed_in(client, root)
    own = reverse("admin:people_user_second_factor", args=[root.pk])
    assert "changed on your account page" in client.post(own, {"why": "lost"}).content.decode()

    erin = a_user("erin", role=Role.EDITOR)
    signed_in(client, erin)
    assert client.post(own, {"why": "lost"}).status_code == 403
    assert SecondFactor.objects.filter(user=root).exists()


def test_the_secrets_are_on_no_page_of_the_desk(client):
    from django.contrib import admin

    assert not [model for model in admin.site._registry if model._meta.app_label in {"mfa", "account", "usersessions"}]


def test_history_keeps_when_a_factor_came_and_went_and_nothing_secret():
    alice = a_person(app=True)
    with pghistory.context(user=alice.pk, reason="new phone"):
        SecondFactor.objects.all().delete()

    columns = {field.name for field in SecondFactor.pgh_event_models["insert"]._meta.fields}
    assert "data" not in columns
    assert events(alice)[-1] == ("delete", "totp", "new phone")


def test_using_it_makes_no_history(client):
    alice = a_person(app=True)

    comes_in(client)

    assert len(events(alice)) == 1


def test_a_code_is_spent_only_once_even_by_two_at_a_time():
    alice = a_person(app=True)

    assert second_factor.spend(user=alice, code=a_code(SECRET))
    assert not second_factor.spend(user=alice, code=a_code(SECRET))

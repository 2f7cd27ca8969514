"""Guessing ends soon, nobody is kept out by others, and the page says when it is over."""

import re
from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.core.management import call_command
from django.db.models import F
from django.test import Client
from django.utils import timezone

from tests.accounts.entering import a_person, comes_in, signed_in_as, types_code, types_password
from tests.makers import a_code, signed_in

pytestmark = pytest.mark.django_db
LOCKED = "Too many failed attempts"


def guesses(client, times, username="alice", **headers):
    return [types_password(client, username, f"a guess {n}", **headers).status_code for n in range(times)]


def pass_by(minutes):
    AccessAttempt.objects.update(attempt_time=F("attempt_time") - timedelta(minutes=minutes))


def test_five_wrong_passwords_lock_and_the_right_one_does_not_open(client):
    a_person(app=True)

    assert guesses(client, 5) == [200, 200, 200, 200, 429]

    answer = types_password(client)
    assert answer.status_code == 429
    assert types_code(client, a_code()).status_code == 302
    assert signed_in_as(client) is None


def test_the_page_says_when_it_ends_and_keeps_its_word(client):
    a_person(app=True)
    guesses(client, 5)
    pass_by(minutes=4)

    answer = types_password(client)

    body = answer.content.decode()
    assert LOCKED in body
    assert re.search(r"in 1[01] minutes", body)
    ends = re.search(r'<time datetime="([^"]+)"', body).group(1)
    told = timezone.datetime.fromisoformat(ends) - timezone.now()
    assert timedelta(minutes=10) < told < timedelta(minutes=11, seconds=1)
    assert 600 < int(answer["Retry-After"]) < 661

    pass_by(minutes=10)
    assert types_password(client).status_code == 429
    pass_by(minutes=2)
    comes_in(client)
    assert signed_in_as(client)


def test_knocking_meanwhile_does_not_make_it_longer(client):
    a_person()
    guesses(client, 5)
    pass_by(minutes=14)
    guesses(client, 3)

    pass_by(minutes=2)

    assert types_password(client).status_code == 302


def test_an_account_that_does_not_exist_is_locked_just_the_same(client):
    assert guesses(client, 5, "nobody")[-1] == 429


def test_wrong_codes_lock_like_wrong_passwords(client):
    a_person(app=True)
    types_password(client)

    assert [types_code(client, f"00000{n}").status_code for n in range(5)] == [200, 200, 200, 200, 429]

    assert types_code(client, a_code()).status_code == 429
    assert types_password(Client()).status_code == 429
    assert signed_in_as(client) is None


def test_the_password_typed_again_does_not_reset_the_count_of_codes(client):
    a_person(app=True)
    answers = []
    for n in range(5):
        types_password(client)
        answers.append(types_code(client, f"00000{n}").status_code)
        client.session.flush()

    assert answers[-1] == 429


def test_wrong_codes_at_the_account_count_too(client):
    alice = a_person(app=True)
    signed_in(client, alice)
    session = client.session
    session["account_authentication_methods"][0]["at"] -= 3600
    session.save()

    answers = [client.post("/account/confirm/code/", {"code": f"00000{n}"}).status_code for n in range(5)]

    assert answers[-1] == 429


def test_who_fails_elsewhere_keeps_nobody_out(client):
    a_person(app=True)
    guesses(client, 7, REMOTE_ADDR="198.51.100.7")

    comes_in(client)

    assert signed_in_as(client)


def test_one_address_that_tries_many_accounts_is_locked(client):
    a_person("bob")
    for n in range(20):
        guesses(client, 1, f"account{n}", REMOTE_ADDR="198.51.100.7")

    assert types_password(client, "bob", REMOTE_ADDR="198.51.100.7").status_code == 429
    assert types_password(client, "bob").status_code == 302


def test_one_account_that_is_tried_from_many_addresses_is_locked(client):
    a_person()
    for n in range(20):
        guesses(client, 1, REMOTE_ADDR=f"198.51.100.{n}")

    assert types_password(client).status_code == 429


def test_an_own_account_does_not_clear_guesses_at_others(client):
    a_person("mallory", "contributor")
    for n in range(20):
        guesses(client, 1, f"account{n}")
        if n == 18:
            assert types_password(Client(), "mallory").status_code == 302

    assert types_password(client, "mallory").status_code == 429


def test_who_gets_in_begins_anew(client):
    a_person()
    guesses(client, 4)
    types_password(client)
    assert signed_in_as(client)

    assert guesses(Client(), 4) == [200] * 4


def test_behind_a_proxy_its_word_on_the_address_counts(client, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    a_person()
    said = {"headers": {"X-Forwarded-For": "203.0.113.9, 198.51.100.7"}}
    guesses(client, 5, **said)

    assert set(AccessAttempt.objects.values_list("ip_address", flat=True)) == {"198.51.100.7"}
    forged = {"headers": {"X-Forwarded-For": "192.0.2.1, 198.51.100.7"}}
    assert types_password(client, **forged).status_code == 429
    assert types_password(client, headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 302


def test_without_a_proxy_nobody_chooses_their_address(client):
    a_person()
    for n in range(5):
        guesses(client, 1, headers={"X-Forwarded-For": f"198.51.100.{n}"})

    assert types_password(client).status_code == 429


def test_an_operator_opens_it_earlier(client):
    a_person()
    guesses(client, 5)

    call_command("axes_reset_username", "alice")

    assert types_password(client).status_code == 302


def test_neither_passwords_nor_codes_are_noted(client):
    a_person(app=True)
    guesses(client, 2)
    types_password(client)
    types_code(client, "000000")

    noted = str(list(AccessAttempt.objects.values()))
    assert "a guess" not in noted
    assert "000000" not in noted


def test_all_of_it_works_while_redis_is_away(client, settings):
    """Nothing of it is kept in Redis: the count is in the database, as are sessions and used codes."""
    settings.REDIS_URL = settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    assert "redis" not in str(settings.CACHES).lower()
    assert settings.SESSION_ENGINE == "django.contrib.sessions.backends.db"
    a_person(app=True)

    assert guesses(client, 4) == [200] * 4
    comes_in(client)
    assert client.get("/admin/").status_code == 200
    assert guesses(Client(), 5)[-1] == 429

"""Who asks too often waits; who asks while Redis is away does not."""

from itertools import count

import pytest
from django.test import Client

from apps.api import rates
from apps.people.models import User
from tests.api.asking import PROBLEM

pytestmark = pytest.mark.django_db
numbers = count(1)
STATS = "/api/v1/stats/"


@pytest.fixture
def address():
    """An address that nobody asked from before."""
    number = next(numbers)
    return f"10.{number % 250}.{id(numbers) % 250}.{id(rates) // 16 % 250}"


@pytest.fixture(autouse=True)
def _three_a_minute(settings, monkeypatch):
    settings.API_RATE = "3/minute"
    monkeypatch.setattr(rates, "counter", rates.Counter())


def test_an_answer_says_how_often_one_may_ask(address):
    answer = Client(REMOTE_ADDR=address).get(STATS)

    assert answer.headers["RateLimit-Policy"] == '"api";q=3;w=60'
    assert answer.headers["RateLimit"].startswith('"api";r=2;t=')


def test_who_asks_too_often_is_told_when_to_ask_again(address):
    client = Client(REMOTE_ADDR=address)
    answers = [client.get(STATS) for _ in range(5)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    refusal = answers[-1]
    assert refusal.headers["Content-Type"] == PROBLEM
    assert 1 <= int(refusal.headers["Retry-After"]) <= 60
    assert refusal.headers["RateLimit"].startswith('"api";r=0;t=')
    assert refusal.headers["Retry-After"] in refusal.json()["detail"]


def test_unknown_addresses_count_too(address):
    client = Client(REMOTE_ADDR=address)

    assert [client.get("/api/v1/nothing/").status_code for _ in range(4)] == [404, 404, 404, 429]


def test_one_who_asks_too_often_takes_nothing_from_others(address):
    for _ in range(4):
        Client(REMOTE_ADDR=address).get(STATS)

    assert Client(REMOTE_ADDR=address.replace("10.", "11.", 1)).get(STATS).status_code == 200


def test_a_network_of_ipv6_counts_as_one(address):
    given = [f"2001:db8:{int(address.split('.')[1]):x}:{id(rates) // 16 % 60_000:x}::{n}" for n in range(1, 5)]

    assert [Client(REMOTE_ADDR=each).get(STATS).status_code for each in given] == [200, 200, 200, 429]


def test_pages_for_people_are_not_counted(address):
    client = Client(REMOTE_ADDR=address)

    assert {client.get("/healthz").status_code for _ in range(6)} == {200}


def test_while_redis_is_away_everybody_is_answered_and_it_is_asked_once(settings, caplog, address):
    settings.REDIS_URL = "redis+socket:///nowhere/redis.sock"
    client = Client(REMOTE_ADDR=address)

    answers = [client.get(STATS) for _ in range(6)]

    assert {answer.status_code for answer in answers} == {200}
    assert "RateLimit" not in answers[0].headers
    assert caplog.text.count("the broker is away") == 1


def test_no_rate_means_no_counting(settings, address):
    settings.API_RATE = ""
    client = Client(REMOTE_ADDR=address)

    answers = [client.get(STATS) for _ in range(5)]

    assert {answer.status_code for answer in answers} == {200}
    assert "RateLimit" not in answers[0].headers


def test_a_person_who_is_known_has_a_rate_of_their_own(settings, address):
    settings.API_RATE_USER = "2/minute"
    person = User.objects.create_user(f"alice-{address}", password="synthetic password")
    path = "/api/v1/claims/EXCL0000001/decisions/"
    client = Client(REMOTE_ADDR=address)
    client.force_login(person)

    answer = client.get(path)

    assert answer.headers["RateLimit-Policy"] == '"api";q=2;w=60'

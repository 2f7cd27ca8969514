"""What takes the database too long is given up, and said to be."""

from unittest import mock

import pytest
from django.db import DatabaseError, connection

from tests.api.asking import problem

pytestmark = pytest.mark.django_db


def sleeping(*_args, **_kwargs):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '20ms'")
        cursor.execute("SELECT pg_sleep(20)")


def test_a_page_says_that_it_took_too_long(client):
    with mock.patch("apps.web.reading.inside", sleeping):
        answer = client.get("/")

    assert answer.status_code == 503
    assert "This took too long" in answer.content.decode()


def test_the_api_says_so_in_a_problem():
    with mock.patch("apps.api.stats.current", sleeping):
        found = problem("stats/", 503)

    assert "took too long" in found["detail"]


def test_other_failures_of_the_database_are_defects(client):
    client.raise_request_exception = False
    with mock.patch("apps.web.reading.inside", side_effect=DatabaseError("made up")):
        assert client.get("/").status_code == 500

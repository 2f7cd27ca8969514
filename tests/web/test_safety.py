"""What every page promises: its policy holds, and nothing on it leaves for another host."""

import re

import pytest
from django.db import DatabaseError
from django.test import Client

from apps.web.views import operations
from tests.web.evidence import LISTINGS, TEXTS, some_evidence

pytestmark = pytest.mark.django_db


@pytest.fixture
def addresses():
    return [*some_evidence().records, *LISTINGS, *TEXTS, "/no-such-page"]


def test_the_content_policy_allows_nothing_inline(client, addresses):
    for address in addresses:
        response = client.get(address)
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        body = response.content.decode()
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?! type=.module. src=./static/)", body), address


def test_only_links_lead_to_other_hosts(client, addresses):
    for address in addresses:
        body = client.get(address).content.decode()
        without_links = re.sub(r"<a [^>]*>", "", body)
        fetched = re.findall(r"""(?:src|href|action|data|poster|xlink:href)\s*=\s*["']([^"']+)""", without_links)
        assert [where for where in fetched if re.match(r"(?:[a-z]+:)?//", where)] == [], address


def test_every_page_has_its_landmarks_and_one_head(client, addresses):
    for address in addresses:
        body = client.get(address).content.decode()
        for part in ('<html lang="en-GB">', '<main id="main"', 'href="#main"', "<header", "<footer", "<nav"):
            assert body.count(part) >= 1, (address, part)
        assert body.count("<h1") == 1, address
        # Parts of pictures have titles of their own.
        assert len(re.findall(r"<title>[^<]+</title>", body.partition("</head>")[0])) == 1, address


def test_pages_are_only_read():
    for address in (*LISTINGS, "/healthz", "/readyz"):
        assert Client().post(address).status_code == 405


def test_the_health_check_asks_no_database(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.get("/healthz")

    assert (response.status_code, response.content) == (200, b"ok\n")
    assert response.headers["Content-Type"].startswith("text/plain")


def test_ready_when_database_and_broker_answer(client, monkeypatch):
    monkeypatch.setattr(operations, "_broker", lambda: "ok")

    response = client.get("/readyz")

    assert (response.status_code, response.json()) == (200, {"ready": True, "database": "ok", "broker": "ok"})


@pytest.mark.parametrize("part", ["database", "broker"])
def test_not_ready_names_the_part_that_fails(client, monkeypatch, part):
    monkeypatch.setattr(operations, "_broker", lambda: "ok")
    monkeypatch.setattr(operations, f"_{part}", lambda: "down")

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["failing"] == [part]


def test_an_embedded_exodb_without_redis_is_ready_and_says_that_work_is_off(client, monkeypatch, settings, tmp_path):
    settings.EMBEDDED, settings.DATA_DIR = True, tmp_path
    settings.REDIS_URL = operations.places.redis_url(tmp_path)
    monkeypatch.setattr(operations.app, "connection_for_write", _no_broker)

    assert client.get("/readyz").json() == {"ready": True, "database": "ok", "broker": "off"}


def test_a_served_exodb_without_its_broker_is_not_ready(client, monkeypatch, settings):
    settings.EMBEDDED = False
    monkeypatch.setattr(operations.app, "connection_for_write", _no_broker)

    assert client.get("/readyz").status_code == 503


def _no_broker():
    raise ConnectionRefusedError


def test_a_database_that_does_not_answer_is_down(monkeypatch):
    def fails():
        raise DatabaseError

    monkeypatch.setattr(operations.connection, "cursor", fails)

    assert operations._database() == "down"


def test_robots_and_icon(client):
    assert "Disallow: /search/" in client.get("/robots.txt").content.decode()
    assert client.get("/favicon.ico")["Location"].endswith("favicon.svg")


def test_an_error_has_a_page_that_needs_nothing(client, monkeypatch):
    def breaks(*_args, **_kwargs):
        raise RuntimeError

    monkeypatch.setattr("apps.web.reading.inside", breaks)
    client.raise_request_exception = False

    response = client.get("/")

    assert response.status_code == 500
    assert "Something went wrong on our side" in response.content.decode()

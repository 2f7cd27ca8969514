"""How requests are made: politely, stubbornly, and never further than the service's own house."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from apps.citations.clients import Endpoint, Ids, Outcome, Patience, Refused, ServiceError, Unavailable, client_for
from apps.citations.clients.transport import LONGEST_RETRY_AFTER, retry_after, same_place
from tests.citations.server import Fault, Server, Store

ONE = [Ids(1, pmid="900000001", doi="10.9999/synthetic.1")]


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(Store(10)) as server:
        yield server


@pytest.fixture
def naps() -> list[float]:
    return []


@pytest.fixture
def patient(naps: list[float]) -> Patience:
    return Patience(attempts=4, first=1.0, longest=30.0, sleep=naps.append)


@pytest.mark.parametrize("kind", ["429", "503", "cut", "hang-up"])
def test_what_fails_for_a_while_only_is_asked_again(
    server: Server, patient: Patience, naps: list[float], kind: str
) -> None:
    server.misbehave(Fault(kind, times=2))
    with client_for("icite", server.endpoint("icite"), lambda: None, patient) as client:
        (found,) = client.fetch(ONE)

    assert found.outcome is Outcome.FOUND
    assert len(server.requests("icite")) == 3
    assert len(naps) == 2


def test_a_lasting_500_is_soon_the_callers_business(server: Server, patient: Patience, naps: list[float]) -> None:
    server.misbehave(Fault("500", times=1))
    with client_for("icite", server.endpoint("icite"), lambda: None, patient) as client:
        client.fetch(ONE)
        server.misbehave(Fault("500"))
        with pytest.raises(Unavailable) as caught:
            client.fetch(ONE)

    assert caught.value.status == 500
    assert len(server.requests("icite")) == 4
    assert len(naps) == 2


def test_pauses_grow_and_scatter(server: Server, patient: Patience, naps: list[float]) -> None:
    server.misbehave(Fault("503"))
    with client_for("icite", server.endpoint("icite"), lambda: None, patient) as client:
        for _ in range(20):
            with pytest.raises(Unavailable) as caught:
                client.fetch(ONE)

    assert caught.value.status == 503
    assert len(naps) == 60
    assert all(nap <= bound for nap, bound in zip(naps, [2.0, 4.0, 8.0] * 20, strict=True))
    assert len(set(naps)) == 60, "each at random, so that workers do not come back together"


@pytest.mark.parametrize("status", ["429", "503"])
def test_a_pause_that_is_asked_for_is_kept(server: Server, patient: Patience, naps: list[float], status: str) -> None:
    server.misbehave(Fault(status, retry_after="7", times=1))
    with client_for("icite", server.endpoint("icite"), lambda: None, patient) as client:
        client.fetch(ONE)

    assert 7 <= naps[0] <= 8


def test_a_long_pause_is_the_callers_business(server: Server, patient: Patience, naps: list[float]) -> None:
    server.misbehave(Fault("429", retry_after="600"))
    with (
        client_for("icite", server.endpoint("icite"), lambda: None, patient) as client,
        pytest.raises(Unavailable) as caught,
    ):
        client.fetch(ONE)

    assert (caught.value.retry_after, caught.value.status, naps) == (600.0, 429, [])
    assert len(server.requests("icite")) == 1


@pytest.mark.parametrize("kind", ["400", "404", "html", "empty"])
def test_what_would_fail_again_is_not_asked_again(server: Server, patient: Patience, kind: str) -> None:
    server.misbehave(Fault(kind, times=1))
    with client_for("icite", server.endpoint("icite"), lambda: None, patient) as client, pytest.raises(ServiceError):
        client.fetch(ONE)

    assert len(server.requests("icite")) == 1


def test_every_single_request_waits_for_its_turn(server: Server, patient: Patience) -> None:
    turns = []
    server.misbehave(Fault("503", times=2))
    with client_for("openalex", server.endpoint("openalex"), lambda: turns.append(1), patient) as client:
        client.fetch([Ids(1, doi="10.9999/synthetic.merged")])

    assert len(turns) == len(server.requests("openalex")) == 4, "two failures, a redirect, and the answer"


def test_no_turn_no_request(server: Server, patient: Patience) -> None:
    def never() -> None:
        raise Unavailable("no turn", retry_after=99)

    with client_for("icite", server.endpoint("icite"), never, patient) as client, pytest.raises(Unavailable):
        client.fetch(ONE)

    assert server.requests("icite") == []


def test_a_redirect_to_another_host_is_refused_and_named(server: Server, patient: Patience) -> None:
    server.misbehave(Fault("away"))
    with (
        client_for("crossref", server.endpoint("crossref"), lambda: None, patient) as client,
        pytest.raises(Refused, match=r"redirected away, to 127\.0\.0\.2: if it moved"),
    ):
        client.fetch(ONE)


def test_a_redirect_in_circles_ends(server: Server, patient: Patience) -> None:
    server.misbehave(Fault("loop"))
    with (
        client_for("crossref", server.endpoint("crossref"), lambda: None, patient) as client,
        pytest.raises(Refused, match="more than 5 times"),
    ):
        client.fetch(ONE)

    assert len(server.requests("crossref")) == 6


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("https://a.org/x", "https://a.org/y", True),
        ("http://a.org/x", "https://a.org/x", True),
        ("https://a.org/x", "http://a.org/x", False),
        ("https://a.org/x", "https://b.org/x", False),
        ("https://a.org/x", "https://a.org:8443/x", False),
        ("https://a.org/x", "https://a.org.evil.example/x", False),
        ("http://a.org:8080/x", "https://a.org/x", False),
        ("https://a.org/x", "file:///etc/passwd", False),
    ],
)
def test_a_redirect_stays_in_the_house(before: str, after: str, same: bool) -> None:  # noqa: FBT001
    assert same_place(httpx.URL(before), httpx.URL(after)) is same


def test_who_asks_is_said_to_each_service(server: Server) -> None:
    for service, name in {"crossref": "mailto", "openalex": "mailto", "idconv": "email", "europepmc": "email"}.items():
        with client_for(service, server.endpoint(service, key="secret"), lambda: None) as client:
            client.fetch([*ONE, Ids(2, pmid="900000002", doi="10.9999/synthetic.2")])
        (seen,) = server.requests(service)
        assert seen.agent == "ExoDB/1.0 (mailto:alice@example.org)"
        assert parse_qs(urlsplit(seen.path).query)[name] == ["alice@example.org"]


def test_a_key_is_sent_and_never_told(server: Server, caplog: pytest.LogCaptureFixture, patient: Patience) -> None:
    endpoint = server.endpoint("openalex", key="s3cret")
    server.misbehave(Fault("400"))
    with (
        caplog.at_level(logging.INFO),
        client_for("openalex", endpoint, lambda: None, patient) as client,
        pytest.raises(Refused) as caught,
    ):
        client.fetch(ONE)

    assert "s3cret" in server.requests("openalex")[0].path
    assert "s3cret" not in caplog.text + str(caught.value) + repr(endpoint)


def test_a_client_can_be_used_after_it_was_closed(server: Server) -> None:
    client = client_for("icite", server.endpoint("icite"), lambda: None)
    client.fetch(ONE)
    client.close()
    assert client.fetch(ONE)[0].outcome is Outcome.FOUND
    client.close()
    client.close()


@pytest.mark.parametrize("base", ["", "no address", "http://", "ftp://127.0.0.1/", "http://127.0.0.1:1/\x00"])
def test_a_wrong_address_is_a_service_error(base: str, patient: Patience) -> None:
    with client_for("icite", Endpoint(base), lambda: None, patient) as client, pytest.raises((Refused, Unavailable)):
        client.fetch(ONE)


def test_retry_after_is_read_in_both_forms_and_capped() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    past = format_datetime(datetime.now(UTC) - timedelta(days=3), usegmt=True)

    assert retry_after("120") == 120
    assert 85 <= (retry_after(soon) or 0) <= 90
    assert retry_after(past) == 0
    assert retry_after("9" * 40) == LONGEST_RETRY_AFTER
    assert [retry_after(value) for value in (None, "", "soon", "-5", "1.5", "٣", "Wed, 99 Foo 2026")] == [None] * 7

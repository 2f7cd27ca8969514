"""Whatever a service does, a client raises nothing but ServiceError, tells nothing false, and calls nothing absent."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.citations.clients import (
    SERVICES,
    Endpoint,
    Ids,
    Nonsense,
    Outcome,
    Patience,
    Refused,
    Service,
    ServiceError,
    Unavailable,
    client_for,
)
from apps.citations.clients.transport import Page
from tests.citations.server import Fault, Server, Store
from tests.citations.server.faults import INSTEAD, SPOILED
from tests.citations.server.recorded import Replay

BATCH = [Ids(n, str(900_000_000 + n), f"PMC{900_000_000 + n}", f"10.9999/synthetic.{n}") for n in range(2, 7)]
HASTY = Patience(attempts=2, first=0.0, sleep=lambda _seconds: None)
JSON_SERVICES = sorted(set(SERVICES) - {"retraction_watch"})
TRUE_COUNTS = {"europepmc", "crossref", "openalex", "icite"}


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(Store(200)) as server:
        yield server


def client(server: Server, service: str, **settings: Any) -> Service:
    return SERVICES[service](server.endpoint(service, **{"timeout": 1.0, **settings}), lambda: None, HASTY)


@pytest.mark.parametrize("service", sorted(SERVICES))
@pytest.mark.parametrize("kind", INSTEAD + SPOILED)
def test_no_fault_makes_a_known_study_absent_or_a_number_wrong(server: Server, service: str, kind: str) -> None:
    server.misbehave(Fault(kind, seconds=1.3))
    with client(server, service) as asking:
        try:
            answers = asking.fetch(BATCH)
        except ServiceError:
            return
    assert [answer.ref for answer in answers] == [ids.ref for ids in BATCH]
    for answer in answers:
        # Retraction Watch lists notices only.
        if service != "retraction_watch":
            assert answer.outcome is not Outcome.ABSENT
        if answer.outcome is Outcome.FOUND and service in TRUE_COUNTS:
            assert answer.citations == answer.ref
        assert bool(answer.message) is (answer.outcome is Outcome.NOT_KNOWN)


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("429", Unavailable),
        ("500", Unavailable),
        ("503", Unavailable),
        ("slow", Unavailable),
        ("hang-up", Unavailable),
        ("cut", Unavailable),
        ("400", Refused),
        ("404", Refused),
        ("away", Refused),
        ("loop", Refused),
        ("html", Nonsense),
        ("empty", Nonsense),
        ("wrong-types", Nonsense),
        ("truncated", Nonsense),
        ("broken-gzip", Nonsense),
        ("bomb", Nonsense),
        ("deep", Nonsense),
    ],
)
@pytest.mark.parametrize("service", JSON_SERVICES)
def test_each_fault_is_called_what_it_is(server: Server, service: str, kind: str, error: type[ServiceError]) -> None:
    server.misbehave(Fault(kind, seconds=1.3))
    patience = 1.0 if error is Unavailable else 20.0  # a large body takes its time on a busy machine

    with client(server, service, timeout=patience) as asking, pytest.raises(error):
        asking.fetch(BATCH)


@pytest.mark.parametrize("service", ["europepmc", "crossref", "openalex"])
def test_hits_without_results_are_nonsense(server: Server, service: str) -> None:
    server.misbehave(Fault("no-results"))

    with client(server, service) as asking, pytest.raises(Nonsense, match="hits without results"):
        asking.fetch(BATCH)


def test_icite_which_names_no_number_is_not_believed_to_know_none_of_many(server: Server) -> None:
    server.misbehave(Fault("no-results", times=1))
    with client(server, "icite") as asking, pytest.raises(Nonsense, match="none of many"):
        asking.fetch(BATCH)


@pytest.mark.parametrize("fails", [1, 2])
def test_icite_is_asked_twice_before_one_study_is_absent(server: Server, fails: int) -> None:
    server.misbehave(Fault("no-results", times=fails))
    with client(server, "icite") as asking:
        (answer,) = asking.fetch(BATCH[:1])

    assert answer.outcome is (Outcome.FOUND if fails == 1 else Outcome.ABSENT)


@pytest.mark.parametrize("service", ["europepmc", "crossref", "openalex"])
def test_an_answer_that_never_ends_is_left_and_nobody_is_absent(server: Server, service: str) -> None:
    server.misbehave(Fault("endless"))
    stranger = Ids(0, "987654321", None, "10.9999/synthetic.stranger")

    with client(server, service) as asking:
        outcomes = [answer.outcome for answer in asking.fetch([*BATCH, stranger])]

    assert outcomes == [Outcome.FOUND] * 5 + [Outcome.NOT_KNOWN]
    assert len(server.requests(service)) <= 5


@pytest.mark.parametrize("service", ["europepmc", "crossref", "openalex", "icite"])
def test_one_broken_record_spoils_no_other(server: Server, service: str) -> None:
    server.misbehave(Fault("one-wrong"))
    stranger = Ids(0, "987654321", None, "10.9999/synthetic.stranger")

    with client(server, service) as asking:
        outcomes = [answer.outcome for answer in asking.fetch([*BATCH, stranger])]

    assert sorted(outcomes) == ["absent"] + ["found"] * 4 + ["not_known"]


@pytest.mark.parametrize("service", ["europepmc", "crossref", "openalex", "icite"])
def test_an_id_left_out_of_a_whole_answer_is_absent(server: Server, service: str) -> None:
    server.misbehave(Fault("leave-out", ids=(BATCH[0].pmid or "", BATCH[0].doi or "")))

    with client(server, service) as asking:
        outcomes = [answer.outcome for answer in asking.fetch(BATCH)]

    assert outcomes == [Outcome.ABSENT] + [Outcome.FOUND] * 4


def test_an_id_that_the_converter_does_not_mention_is_not_known(server: Server) -> None:
    server.misbehave(Fault("leave-out", ids=(BATCH[0].pmid or "",)))

    with client(server, "idconv") as asking:
        outcomes = [answer.outcome for answer in asking.fetch(BATCH)]

    assert outcomes == [Outcome.NOT_KNOWN] + [Outcome.FOUND] * 4


def test_a_failure_in_part_leaves_the_rest_of_the_batch(server: Server) -> None:
    comma = Ids(9, doi="10.9999/synthetic(a,b);c<d>,e")
    server.misbehave(Fault("400", ids=(comma.doi or "",)))

    with client(server, "crossref") as asking:
        answers = asking.fetch([*BATCH, comma])

    assert [answer.outcome for answer in answers] == [Outcome.FOUND] * 5 + [Outcome.NOT_KNOWN]
    assert answers[-1].message == "crossref: HTTP 400"


def test_a_service_that_wants_its_peace_is_not_asked_for_the_rest(server: Server) -> None:
    server.misbehave(Fault("429", retry_after="3600"))
    commas = [Ids(n, doi=f"10.9999/a,{n}") for n in range(5)]

    with client(server, "crossref") as asking, pytest.raises(Unavailable) as caught:
        asking.fetch(commas)

    assert caught.value.retry_after == 3600
    assert len(server.requests("crossref")) == 1


def test_a_field_that_cannot_be_selected_is_asked_for_without_selecting(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.citations.clients.crossref.FIELDS", "DOI,updated-by,gone")

    with client(server, "crossref") as asking:
        first, second = asking.fetch(BATCH), asking.fetch(BATCH)

    assert [answer.citations for answer in first] == [2, 3, 4, 5, 6]
    assert first == second
    assert len(server.requests("crossref")) == 3, "one refusal, then never again"


def test_a_service_that_is_not_there_at_all() -> None:
    with Replay(200, b"", "text/plain") as gone:
        endpoint = gone.endpoint
    with client_for("icite", endpoint, lambda: None, HASTY) as asking, pytest.raises(Unavailable):
        asking.fetch(BATCH)


# --- hostile bodies ---------------------------------------------------------------------------------------------------

NAMES = st.sampled_from(
    [
        *("hitCount", "resultList", "result", "nextCursorMark", "pmid", "pmcid", "doi", "DOI", "citedByCount"),
        *("pubTypeList", "pubType", "commentCorrectionList", "commentCorrection", "type", "id", "source", "reference"),
        *(
            "status",
            "message",
            "message-type",
            "items",
            "total-results",
            "updated-by",
            "update-to",
            "updated",
            "errmsg",
        ),
        *("is-referenced-by-count", "date-parts", "meta", "count", "results", "ids", "cited_by_count", "is_retracted"),
        *("title", "data", "records", "citation_count", "relative_citation_ratio", "requested-id"),
    ]
)
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(
        ["ok", "work", "work-list", "MED", "900000002", "10.9999/synthetic.2", "Retraction in", "retraction"]
    ),
)
ANYTHING = st.recursive(
    VALUES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=6), max_leaves=30
)


def envelopes(record: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Anything, and anything in the outer shape of each service."""
    records = st.lists(record, max_size=3)
    return st.one_of(
        ANYTHING,
        st.fixed_dictionaries(
            {"hitCount": st.integers(0, 3), "resultList": st.fixed_dictionaries({"result": records})}
        ),
        st.fixed_dictionaries(
            {
                "status": st.just("ok"),
                "message-type": st.just("work-list"),
                "message": st.fixed_dictionaries({"total-results": st.integers(0, 3), "items": records}),
            }
        ),
        st.fixed_dictionaries({"status": st.just("ok"), "message-type": st.just("work"), "message": ANYTHING}),
        st.fixed_dictionaries({"meta": st.fixed_dictionaries({"count": st.integers(0, 3)}), "results": records}),
        st.fixed_dictionaries({"data": records}),
        st.fixed_dictionaries({"status": st.just("ok"), "records": records}),
    )


class Hostile:
    """Stands where the HTTP is and gives a body of our choice."""

    def __init__(self, body: bytes, status: int) -> None:
        self.page = Page(status, body)

    def get(self, *_args: object, **_more: object) -> Page:
        return self.page

    post = get


@pytest.mark.parametrize("service", JSON_SERVICES)
@settings(max_examples=150)
@given(
    body=envelopes(ANYTHING).map(lambda value: json.dumps(value).encode()) | st.binary(max_size=60),
    size=st.sampled_from([1, 5]),
)
def test_hostile_bodies_raise_nothing_but_service_errors(service: str, body: bytes, size: int) -> None:
    asking = SERVICES[service](Endpoint("http://127.0.0.1:9"), lambda: None, HASTY)
    asking.http = Hostile(body, 200)  # type: ignore[assignment]
    try:
        answers = asking.fetch(BATCH[:size])
    except ServiceError:
        return
    assert [answer.ref for answer in answers] == [ids.ref for ids in BATCH[:size]]
    for answer in answers:
        assert answer.citations is None or 0 <= answer.citations <= 2**31 - 1
        assert "\x00" not in "".join(notice.reason + notice.identifier for notice in answer.notices)

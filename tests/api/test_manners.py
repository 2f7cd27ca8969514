"""What a client of HTTP may count on: validators, links, names of requests, and refusals as problems."""

import gzip
import time
from itertools import count
from unittest import mock

import pytest
from django.core.cache import cache, caches
from django.test import Client

from apps.studies.models import Study
from tests.api.asking import PROBLEM, get
from tests.makers import a_claim

CLAIMS = "/api/v1/claims/"


@pytest.fixture(autouse=True)
def _nothing_remembered():
    caches["validators"].clear()
    yield
    # Tests that commit leave numbers behind that later tests would ask after.
    cache.clear()


# --- validators -------------------------------------------------------------------------------------------------------


def in_a_quiet_moment(check, tries=40):
    """Try until no test wrote meanwhile in a database beside this one: snapshots tell of all that runs there."""
    for left in reversed(range(tries)):
        try:
            return check()
        except (AssertionError, pytest.fail.Exception):
            if not left:
                raise
    raise AssertionError("no tries")


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["claims/", "studies/", "terms/", "stats/", "openapi.json", "", "suggest/?q=canc"])
def test_what_did_not_change_is_not_sent_again(path):
    a_claim()
    first = Client().get(f"/api/v1/{path}")

    again = Client().get(f"/api/v1/{path}", headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Cache-Control"] == first.headers["Cache-Control"] == "no-cache"
    assert "Content-Type" not in again.headers
    assert set(again.headers["Vary"].split(", ")) == set(first.headers["Vary"].split(", ")) >= {"Accept-Encoding"}


@pytest.mark.django_db(transaction=True)
def test_a_change_anywhere_in_the_answer_changes_its_tag():
    claim = a_claim()
    first = Client().get(CLAIMS)
    Study.objects.filter(pk=claim.preparation.study_id).update(title="Synthetic study, renamed")

    again = Client().get(CLAIMS, headers={"If-None-Match": first.headers["ETag"]})

    assert again.status_code == 200
    assert again.json()["results"][0]["study"]["title"] == "Synthetic study, renamed"
    assert again.headers["ETag"] != first.headers["ETag"]


@pytest.mark.django_db(transaction=True)
def test_while_nothing_was_written_no_evidence_is_read(django_assert_num_queries):
    a_claim()

    def spared():
        tag = Client().get(CLAIMS).headers["ETag"]
        with django_assert_num_queries(1):
            assert Client().get(CLAIMS, headers={"If-None-Match": tag}).status_code == 304
        with django_assert_num_queries(1):
            assert Client().get(CLAIMS, headers={"If-None-Match": f'"other", {tag}'}).status_code == 304

    in_a_quiet_moment(spared)


@pytest.mark.django_db(transaction=True)
def test_the_tag_of_one_address_does_not_stand_for_another():
    a_claim(edge="harm")
    tag = Client().get(f"{CLAIMS}?edge=harm").headers["ETag"]

    assert Client().get(f"{CLAIMS}?edge=benefit", headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_who_holds_what_stands_since_then_is_spared_it():
    study = Study.objects.filter(pk=a_claim().preparation.study_id)
    clock = count(int(time.time()), 2)
    times = {"now": next(clock)}

    def spared():
        study.update(title=f"Synthetic study, named at {times['now']}")
        assert "Last-Modified" not in Client().get(CLAIMS).headers, "the second is not over"
        times["now"] = next(clock)
        dated = Client().get(CLAIMS).headers.get("Last-Modified")
        assert dated
        assert Client().get(CLAIMS, headers={"If-Modified-Since": dated}).status_code == 304

        study.update(title=f"Synthetic study, renamed at {times['now']}")
        assert Client().get(CLAIMS, headers={"If-Modified-Since": dated}).status_code == 200

    with mock.patch("apps.api.validators.time.time", side_effect=lambda: times["now"] + 0.5):
        in_a_quiet_moment(spared)


@pytest.mark.django_db
def test_errors_are_not_kept():
    answer = Client().get(f"{CLAIMS}?edge=good")

    assert answer.headers["Cache-Control"] == "no-store"
    assert "ETag" not in answer.headers


@pytest.mark.django_db
def test_a_tag_that_is_none_is_met_with_the_answer():
    assert Client().get(CLAIMS, headers={"If-None-Match": 'W/"', "If-Modified-Since": "soon"}).status_code == 200


@pytest.mark.django_db
def test_what_is_asked_on_a_condition_that_fails_is_a_problem():
    answer = Client().get(CLAIMS, headers={"If-Match": '"other"'})

    assert answer.status_code == 412
    assert answer.headers["Content-Type"] == PROBLEM


# --- links, form and methods ------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_neighbours_of_a_page_stand_in_the_header_too():
    for _ in range(3):
        a_claim()
    first = Client().get(f"{CLAIMS}?page_size=2")
    body = first.json()
    second = Client().get(body["next"])

    assert first.headers["Link"] == f'<{body["next"]}>; rel="next"'
    assert second.headers["Link"] == f'<{second.json()["previous"]}>; rel="prev"'


@pytest.mark.django_db
def test_answers_are_compressed_for_who_takes_it():
    for _ in range(3):
        a_claim()

    answer = Client().get(CLAIMS, headers={"Accept-Encoding": "gzip"})

    assert answer.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert gzip.decompress(answer.content) == Client().get(CLAIMS).content


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["claims/", "stats/", "balance/", "meta-analysis/", "openapi.json"])
def test_an_address_says_which_methods_it_takes(path):
    answer = Client().options(f"/api/v1/{path}")

    assert answer.status_code == 200
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"


# --- refusals ---------------------------------------------------------------------------------------------------------


def a_problem(answer, status):
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == PROBLEM
    body = answer.json()
    assert body["status"] == status
    assert body["request_id"] == answer.headers["X-Request-ID"]
    return body


@pytest.mark.django_db
def test_refusals_from_before_the_views_are_problems_too(settings):
    a_problem(Client().post(CLAIMS), 405)
    a_problem(Client().post("/api/docs/"), 405)
    a_problem(Client(enforce_csrf_checks=True).post("/api/docs/"), 403)
    a_problem(Client().get(CLAIMS, headers={"Host": "elsewhere.example"}), 400)
    a_problem(Client().get("/api/v1/nothing/"), 404)
    settings.SECURE_SSL_REDIRECT = True
    a_problem(Client().get(CLAIMS, headers={"Host": "elsewhere.example"}), 400)


def test_a_page_for_people_that_is_not_there_stays_a_page():
    assert Client().get("/nothing-here/").headers["Content-Type"].startswith("text/html")


# --- names of requests ------------------------------------------------------------------------------------------------


def test_each_request_has_a_name_of_its_own():
    first, second = (Client().get("/healthz").headers["X-Request-ID"] for _ in range(2))

    assert len(first) == 32
    assert first != second


def test_a_name_that_is_brought_is_kept_unless_it_could_forge_lines():
    assert (
        Client().get("/healthz", headers={"X-Request-ID": "notebook-12.a"}).headers["X-Request-ID"] == "notebook-12.a"
    )
    for name in ("short", "x" * 65, "a b c d e f", "evil\u2028line\u2028evil"):
        assert Client().get("/healthz", headers={"X-Request-ID": name}).headers["X-Request-ID"] != name


@pytest.mark.django_db
def test_the_log_names_the_request(caplog):
    from apps.api import stats
    from apps.web.tracing import WithRequest

    caplog.handler.addFilter(WithRequest())
    client = Client(raise_request_exception=False)
    with mock.patch.object(stats, "current", side_effect=RuntimeError("broken")):
        answer = client.get("/api/v1/stats/", headers={"X-Request-ID": "notebook-13"})

    assert answer.json()["request_id"] == "notebook-13"
    assert {record.request_id for record in caplog.records} == {"notebook-13"}


@pytest.mark.django_db
def test_scripts_of_other_sites_can_read_what_headers_say():
    answer = Client().get("/api/v1/stats/", headers={"Origin": "https://notebook.example"})

    assert {"ETag", "Link", "RateLimit", "Retry-After", "X-Request-ID"} <= set(
        answer.headers["Access-Control-Expose-Headers"].split(", ")
    )
    assert get("stats/")

"""What `/metrics` tells, to whom, and what it costs."""

from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from apps.citations.models import Check, Feed
from apps.web import metrics
from exodb.celery import app
from tests.makers import a_claim, a_study

pytestmark = pytest.mark.django_db
TOKEN = "a synthetic token"


def told(client, **headers):
    """Every sample of a scrape, by name and labels."""
    response = client.get("/metrics", headers=headers)
    assert response.status_code == 200, response.content
    families = text_string_to_metric_families(response.content.decode())
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value for family in families for sample in family.samples
    }


def test_claims_and_studies_are_counted_by_where_they_stand(client):
    before = told(client)
    a_claim(state="draft")
    a_claim(state="accepted")

    after = told(client)

    assert {key[-1]: after[key] - before[key] for key in after if key[0] == "exodb_claims"} == {
        "draft": 1, "accepted": 1, **dict.fromkeys(("submitted", "rejected", "withdrawn", "superseded"), 0),
    }  # fmt: skip
    assert after["exodb_studies", "published"] - before["exodb_studies", "published"] == 2
    assert after["exodb_studies", "retracted"] == 0
    assert after["exodb_database_up",] == 1


def test_feeds_tell_their_age_failures_and_backlog(client):
    feed = Feed.objects.get(pk="crossref")
    Feed.objects.filter(pk="crossref").update(failures=3, last_success=timezone.now() - timedelta(hours=1))
    Feed.objects.filter(pk="icite").update(enabled=False, last_success=None)
    Check.objects.all().delete()
    Check.objects.create(study=a_study(), feed=feed, due_at=timezone.now() - timedelta(days=1))
    Check.objects.create(study=a_study(), feed=feed, due_at=timezone.now() + timedelta(days=1))

    found = told(client)

    assert found["exodb_feed_backlog", "crossref"] == 1
    assert found["exodb_feed_failures", "crossref"] == 3
    assert found["exodb_feed_seconds_since_success", "crossref"] == pytest.approx(3600, abs=60)
    assert found["exodb_feed_seconds_since_success", "icite"] == float("inf")
    assert found["exodb_feed_enabled", "icite"] == 0


def test_requests_are_counted_by_view_method_and_status_never_by_address(client):
    before = told(client)
    study = a_study()
    client.get(f"/studies/{study.accession}/")
    client.get("/no-such-page")
    client.get("/no-such-page-either")
    client.get("/static/no-such-file")
    client.generic("BREW", "/healthz")

    after = told(client)

    def more(*key):
        return after[key] - before.get(key, 0)

    assert more("exodb_requests_total", "404", "GET", "none") == 2
    assert more("exodb_requests_total", "404", "GET", "static") == 1
    assert more("exodb_requests_total", "405", "healthz", "other") == 1
    assert more("exodb_request_seconds_count", "study-detail") == 1
    assert not [key for key in after if any("no-such" in str(part) or study.accession in str(part) for part in key)]


def test_a_scrape_costs_the_same_for_any_number_of_records(client, django_assert_num_queries):
    for _ in range(3):
        a_claim()
    with django_assert_num_queries(4):
        told(client)


def test_the_queue_is_as_long_as_the_broker_says(client):
    before = told(client)["exodb_queue_length",]
    task = app.send_task("tests.nobody_does_this", expires=1)
    try:
        assert told(client)["exodb_queue_length",] == before + 1
    finally:
        with app.connection_for_write() as broker:
            broker.default_channel.client.ltrim("celery", 1, -1)
    assert task.id
    assert told(client)["exodb_queue_length",] == before


def test_without_broker_or_database_the_rest_is_told(client, monkeypatch):
    def gone(*_, **__):
        raise ConnectionRefusedError

    def away(*_, **__):
        raise DatabaseError

    monkeypatch.setattr(metrics.app, "connection_for_write", gone)
    monkeypatch.setattr(metrics, "_records", away)

    found = told(client)

    assert (found["exodb_broker_up",], found["exodb_database_up",]) == (0, 0)
    assert not any(key[0].startswith(("exodb_queue", "exodb_claims")) for key in found)


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"REMOTE_ADDR": "127.0.0.1"}, 200),
        ({"REMOTE_ADDR": "::1"}, 200),
        ({"REMOTE_ADDR": "192.0.2.7"}, 403),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "192.0.2.7"}, 403),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_FORWARDED": "for=192.0.2.7"}, 403),
        ({"REMOTE_ADDR": "192.0.2.7", "HTTP_AUTHORIZATION": f"Bearer {TOKEN}"}, 200),
        ({"REMOTE_ADDR": "192.0.2.7", "HTTP_AUTHORIZATION": "Bearer another"}, 403),
    ],
)
def test_metrics_are_for_this_machine_or_for_who_brings_the_token(client, settings, given, status):
    settings.METRICS_TOKEN = TOKEN

    assert client.get("/metrics", **given).status_code == status


def test_behind_a_proxy_only_the_token_counts(client, settings):
    settings.BEHIND_PROXY, settings.METRICS_TOKEN = True, TOKEN

    assert client.get("/metrics").status_code == 403
    assert client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200


def test_without_a_token_nothing_opens_from_elsewhere(client, settings):
    settings.METRICS_TOKEN = ""

    for brought in ("Bearer ", "Bearer", ""):
        assert client.get("/metrics", headers={"Authorization": brought}, REMOTE_ADDR="192.0.2.7").status_code == 403

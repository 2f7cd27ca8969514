"""What is counted for whoever watches over an installation: requests as they pass, holdings when asked."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Count, Model, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from kombu.exceptions import OperationalError
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from redis import RedisError

from apps.citations.models import Check, Feed
from apps.claims.models import Claim, State
from apps.studies.models import Study, StudyStatus
from exodb.celery import app

log = logging.getLogger(__name__)
REQUESTS = CollectorRegistry()
COUNT = Counter("exodb_requests", "Requests answered", ["view", "method", "status"], registry=REQUESTS)
SECONDS = Histogram(
    "exodb_request_seconds",
    "Seconds until a request was answered",
    ["view"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=REQUESTS,
)
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


class CountRequests:
    """Middleware, the outermost: counts every answer and the seconds that it took, by view, never by address."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began = time.perf_counter()
        response = self.get_response(request)
        view, method = view_name(request), request.method if request.method in METHODS else "other"
        COUNT.labels(view, method, str(response.status_code)).inc()
        SECONDS.labels(view).observe(time.perf_counter() - began)
        return response


def view_name(request: HttpRequest) -> str:
    """The name of the view that answered; there are only so many, whatever is asked for."""
    if request.resolver_match is not None:
        return request.resolver_match.view_name or "unnamed"
    return "static" if request.path.startswith(settings.STATIC_URL) else "none"


class Holdings(Collector):
    """What is in the database and in the queue, read when asked: four queries and one look at the broker."""

    def collect(self) -> Iterator[Metric]:
        try:
            found = [*_records(), *_feeds(timezone.now())]
        except DatabaseError as problem:
            log.warning("metrics without the database: %s", problem)
            found = []
        yield _gauge("exodb_database_up", "Whether the database answers", float(bool(found)))
        yield from found
        yield from _queue()


def _records() -> Iterator[Metric]:
    yield _counted("exodb_claims", "Versions of claims", "state", Claim.objects.all(), State.values)
    yield _counted("exodb_studies", "Studies", "status", Study.objects.all(), StudyStatus.values)


def _counted(name: str, text: str, field: str, records: QuerySet[Model], values: list[str]) -> Metric:
    found = dict(records.order_by().values_list(field).annotate(n=Count("pk")))
    gauge = GaugeMetricFamily(name, text, labels=[field])
    for value in values:
        gauge.add_metric([value], found.get(value, 0))
    return gauge


def _feeds(now: datetime) -> Iterator[Metric]:
    feeds = list(Feed.objects.order_by("service"))
    due = dict(Check.objects.due(now).order_by().values_list("feed").annotate(n=Count("pk")))
    columns: list[tuple[str, str, Callable[[Feed], float]]] = [
        ("enabled", "Whether the citation service is asked at all", lambda feed: feed.enabled),
        ("seconds_since_success", "Seconds since the service answered", lambda feed: _age(feed, now)),
        ("failures", "Batches that failed in a row", lambda feed: feed.failures),
        ("backlog", "Studies that are due at the service", lambda feed: due.get(feed.pk, 0)),
    ]
    for name, text, value in columns:
        gauge = GaugeMetricFamily(f"exodb_feed_{name}", text, labels=["service"])
        for feed in feeds:
            gauge.add_metric([feed.service], float(value(feed)))
        yield gauge


def _age(feed: Feed, now: datetime) -> float:
    """Infinite for a service that never answered, so that an alarm on age rings."""
    return (now - feed.last_success).total_seconds() if feed.last_success else float("inf")


def _queue() -> Iterator[Metric]:
    length: int | None = None
    try:
        with app.connection_for_write() as broker:
            broker.ensure_connection(max_retries=1, interval_start=0, interval_step=0, timeout=2)
            channel: Any = broker.default_channel  # Redis', which has a client
            length = int(channel.client.llen(app.conf.task_default_queue))
    except (OperationalError, RedisError, OSError) as problem:
        log.warning("metrics without the broker: %s", problem)
    yield _gauge("exodb_broker_up", "Whether the broker answers", float(length is not None))
    if length is not None:
        yield _gauge("exodb_queue_length", "Tasks that wait for a worker", length)


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value=value)


def everything() -> bytes:
    """All metrics in the text format of Prometheus; requests of all processes of the web server together."""
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        return generate_latest(REQUESTS) + _holdings()
    together = CollectorRegistry()
    MultiProcessCollector(together)  # type: ignore[no-untyped-call]
    return generate_latest(together) + _holdings()


def _holdings() -> bytes:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Holdings())
    return generate_latest(registry)

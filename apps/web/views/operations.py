"""Answers for machines: is it alive, is it ready, what may be crawled."""

from contextlib import suppress

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu.exceptions import OperationalError
from prometheus_client import CONTENT_TYPE_LATEST

from apps.web.metrics import everything
from exodb.celery import app
from exodb.embedded import places

LOOPBACK = {"127.0.0.1", "::1"}
SIGNS_OF_A_PROXY = ("X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Real-IP", "Forwarded", "Via")
NOT_FOR_YOU = "Metrics are for this machine itself, or for who brings the METRICS_TOKEN as bearer token.\n"
ROBOTS = "User-agent: *\nDisallow: /admin/\nDisallow: /account/\nDisallow: /search/\nDisallow: /api/\n"


@never_cache
@require_safe
def healthz(_request: HttpRequest) -> HttpResponse:
    """The process lives. Asks nothing of anybody."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def readyz(_request: HttpRequest) -> JsonResponse:
    """Whether the database and the broker answer; names the part that fails."""
    parts = {"database": _database(), "broker": _broker()}
    failing = [name for name, state in parts.items() if state == "down"]
    answer = {"ready": not failing, **parts, **({"failing": failing} if failing else {})}
    return JsonResponse(answer, status=503 if failing else 200)


def _database() -> str:
    with suppress(DatabaseError), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return "ok"
    return "down"


def _broker() -> str:
    """`off` where an embedded ExoDB runs without Redis: all but background work goes on."""
    with suppress(OperationalError, OSError), app.connection_for_write() as broker:
        broker.ensure_connection(max_retries=1, interval_start=0, interval_step=0, timeout=2)
        return "ok"
    own = places.redis_url(settings.DATA_DIR)
    return "off" if settings.EMBEDDED and own == settings.REDIS_URL else "down"


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Counts for a Prometheus: for this machine itself, or for who brings the token."""
    if not (_brings_token(request) or _from_this_machine(request)):
        return HttpResponse(NOT_FOR_YOU, content_type="text/plain", status=403)
    return HttpResponse(everything(), content_type=CONTENT_TYPE_LATEST)


def _brings_token(request: HttpRequest) -> bool:
    brought = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return bool(settings.METRICS_TOKEN) and constant_time_compare(brought, settings.METRICS_TOKEN)


def _from_this_machine(request: HttpRequest) -> bool:
    """Whether the request began here. A proxy's comes from here, too, and proves nothing."""
    proxied = settings.BEHIND_PROXY or any(name in request.headers for name in SIGNS_OF_A_PROXY)
    return not proxied and request.META.get("REMOTE_ADDR") in LOOPBACK


@require_safe
def robots(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(ROBOTS, content_type="text/plain")


@require_safe
def favicon(_request: HttpRequest) -> HttpResponse:
    return redirect(staticfiles_storage.url("img/favicon.svg"))

"""The raw limit of the API: the same bytes, made by PostgreSQL, passed on by a bare WSGI function."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exodb.settings")

import django

django.setup()

import psycopg

from apps.api import written

HOST = os.environ["RAW_HOST"]
DATABASE = os.environ["RAW_DATABASE"]
NEWEST = "ARRAY(SELECT id FROM claims_claim WHERE state = 'accepted' ORDER BY accepted_at DESC, id DESC LIMIT 50)"
PAGE = written.CLAIMS.replace("%(keys)s::bigint[]", NEWEST)
ADDRESSES = {name: f"{HOST}{path}" for name, path in written.paths("/")}
held = threading.local()


def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:  # noqa: ARG001
    with _connection().cursor() as cursor:
        cursor.execute(PAGE, ADDRESSES, prepare=True)
        body = f'{{"results":[{",".join(document for (document,) in cursor)}]}}'.encode()
    start("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


def _connection() -> psycopg.Connection[tuple[Any, ...]]:
    if not hasattr(held, "connection"):
        held.connection = psycopg.connect(DATABASE, autocommit=True)
    connection: psycopg.Connection[tuple[Any, ...]] = held.connection
    return connection

"""A page that asks the database too much is given up, with a page that says so."""

from __future__ import annotations

import logging
from collections.abc import Callable
from http import HTTPStatus

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from psycopg.errors import QueryCanceled

log = logging.getLogger(__name__)


class Patience:
    """Middleware: answers 503 where PostgreSQL gave a question up after `DATABASE_STATEMENT_SECONDS`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Only for this one: every other exception is a defect of ours."""
        if not isinstance(exception, OperationalError) or not isinstance(exception.__cause__, QueryCanceled):
            return None
        log.warning("%s took the database too long", request.get_full_path())
        return render(request, "503.html", status=HTTPStatus.SERVICE_UNAVAILABLE)

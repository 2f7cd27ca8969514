"""Each request has a name, which its answer, its errors and every line that it logs carry."""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase

HEADER = "X-Request-ID"
# What a proxy or a client may call its request; anything else could forge lines of a log.
FIT = re.compile(r"[A-Za-z0-9._-]{8,64}", re.ASCII)
_current: ContextVar[str] = ContextVar("request", default="")


class NameRequests:
    """Middleware, the outermost: takes over the name that a request brings in X-Request-ID, or gives it one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        brought = request.headers.get(HEADER, "")
        name = brought if FIT.fullmatch(brought) else uuid.uuid4().hex
        request.request_id = name  # type: ignore[attr-defined]
        token = _current.set(name)
        try:
            response = self.get_response(request)
        finally:
            _current.reset(token)
        response[HEADER] = name
        return response


class WithRequest(logging.Filter):
    """Gives each line of the log the name of the request at hand; empty where there is none."""

    def filter(self, record: logging.LogRecord) -> bool:
        # Django's own word on an error comes when all middleware is through, with the request at hand.
        name = _current.get() or getattr(getattr(record, "request", None), "request_id", "")
        record.request_id = name
        record.asked = f" [{name}]" if name else ""
        return True

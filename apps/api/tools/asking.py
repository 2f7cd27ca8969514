"""Asks the API itself, from within: what a tool answers is what the address answers, refusals and all."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus
from io import BytesIO
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest
from django.urls import resolve

# What the request brings that is of the connection and not of what it asks.
KEPT = ("SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL", "SCRIPT_NAME", "REMOTE_ADDR", "wsgi.url_scheme")
HEADERS = ("HTTP_HOST", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO")


@dataclass(frozen=True)
class Answered:
    """What an address says."""

    status: int
    document: dict[str, Any]

    @property
    def refused(self) -> bool:
        return self.status >= HTTPStatus.BAD_REQUEST


def get(outer: HttpRequest, path: str, asked: dict[str, Any] | None = None) -> Answered:
    """The document at a path below /api/v1/; where a record was merged, the one that it went into."""
    answer = _answer(outer, "GET", f"/api/v1/{path}", _query(asked or {}), b"")
    if answer.status_code != HTTPStatus.MOVED_PERMANENTLY:
        return _read(answer)
    return _read(_answer(outer, "GET", urlsplit(answer["Location"]).path, "", b""))


def post(outer: HttpRequest, path: str, body: dict[str, Any]) -> Answered:
    """The answer of a path that reads what a body asks for."""
    return _read(_answer(outer, "POST", f"/api/v1/{path}", "", json.dumps(body).encode()))


def _answer(outer: HttpRequest, method: str, path: str, query: str, body: bytes) -> Any:
    request = WSGIRequest(
        {
            **{name: outer.META[name] for name in (*KEPT, *HEADERS) if name in outer.META},
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "HTTP_ACCEPT": "application/json",
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": BytesIO(body),
        }
    )
    request.request_id = getattr(outer, "request_id", "")  # type: ignore[attr-defined]
    view = resolve(path)
    answer = view.func(request, *view.args, **view.kwargs)
    return answer.render()


def _read(answer: Any) -> Answered:
    return Answered(answer.status_code, json.loads(answer.content or b"{}"))


def _query(asked: dict[str, Any]) -> str:
    return urlencode([(name, _text(each)) for name, value in asked.items() for each in _each(value)])


def _each(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _text(value: Any) -> str:
    """A value as an address has it: to JSON truth is a word of its own."""
    return json.dumps(value) if isinstance(value, bool) else str(value)

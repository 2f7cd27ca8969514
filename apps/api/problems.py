"""Every error of the API is one kind of document: a problem as RFC 9457 has it."""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, NotRequired, TypedDict

from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.signals import got_request_exception
from django.db import OperationalError
from django.http import Http404
from psycopg.errors import QueryCanceled
from rest_framework.exceptions import APIException, Throttled
from rest_framework.response import Response
from rest_framework.views import set_rollback

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
SHOWN_CHARACTERS = 200


class Fault(TypedDict):
    """What is wrong with one parameter."""

    field: str
    pointer: NotRequired[str]
    value: NotRequired[str]
    message: str


class Problem(APIException):
    """A refusal: its status, one sentence that says why, and the parameters at fault."""

    def __init__(
        self,
        status: HTTPStatus,
        detail: str,
        *,
        errors: Sequence[Fault] = (),
        headers: dict[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(detail)
        self.status_code = int(status)
        self.headers = {"Cache-Control": "no-store", **(headers or {})}
        self.body: dict[str, Any] = {
            "type": "about:blank",
            "title": status.phrase,
            "status": int(status),
            "detail": detail,
            "errors": list(errors),
            **members,
        }

    def document(self, request_id: str) -> dict[str, Any]:
        """The body, with the name of the request, by which its lines in the log are found."""
        return {**self.body, "request_id": request_id}


def refused(faults: Sequence[Fault]) -> Problem:
    """A 400 that names each parameter at fault."""
    return Problem(HTTPStatus.BAD_REQUEST, " ".join(fault["message"] for fault in faults), errors=faults)


def missing(detail: str, **members: Any) -> Problem:
    return Problem(HTTPStatus.NOT_FOUND, detail, **members)


def shown(text: str) -> str:
    """What was given, short enough to repeat."""
    return text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + "…"


def respond(error: Exception, context: dict[str, Any]) -> Response:
    """The answer to an exception in any view of the API (REST_FRAMEWORK's EXCEPTION_HANDLER)."""
    set_rollback()
    problem = _problem(error)
    if problem is None:
        problem = _our_fault(error, context)
    body = problem.document(getattr(context["request"], "request_id", ""))
    return Response(body, problem.status_code, headers=problem.headers, content_type=MEDIA_TYPE)


def _problem(error: Exception) -> Problem | None:
    match error:
        case Problem():
            return error
        case Throttled():
            return _throttled(error)
        case APIException():
            return Problem(HTTPStatus(error.status_code), str(error.detail))
        case OperationalError(__cause__=QueryCanceled()):
            said = "The database gave up on what you ask for: it took too long. Ask for less, or again in a minute."
            return Problem(HTTPStatus.SERVICE_UNAVAILABLE, said, headers={"Retry-After": "60"})
    return next((Problem(status, detail) for kind, status, detail in OF_DJANGO if isinstance(error, kind)), None)


# What Django itself raises; the first that fits.
OF_DJANGO = (
    (Http404, HTTPStatus.NOT_FOUND, "Nothing is at this address."),
    (PermissionDenied, HTTPStatus.FORBIDDEN, "This is not allowed."),
    (RequestDataTooBig, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is too large."),
    (SuspiciousOperation, HTTPStatus.BAD_REQUEST, "The request can't be read: it is malformed or too large."),
    (BadRequest, HTTPStatus.BAD_REQUEST, "The request can't be read: it is malformed or too large."),
)


def _throttled(error: Throttled) -> Problem:
    seconds = max(1, math.ceil(getattr(error, "wait", None) or 1))
    return Problem(
        HTTPStatus.TOO_MANY_REQUESTS,
        f"You ask too often. Ask again in {seconds} s; RateLimit-Policy says how often you may.",
        headers={"Retry-After": str(seconds)},
    )


def _our_fault(error: Exception, context: dict[str, Any]) -> Problem:
    """Log a defect of ours, tell whoever listens for defects, and say no more than that outside."""
    request = context["request"]
    log.error("The API failed at %s", request.path, exc_info=error)
    got_request_exception.send(sender=type(context["view"]), request=request)
    return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "ExoDB failed to answer. The failure has been logged.")

"""What every answer below /api/, and of /mcp, has in common, whoever gave it."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from corsheaders.middleware import CorsMiddleware
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase

from apps.api import rates
from apps.api.problems import MEDIA_TYPE, Problem

BELOW = ("/api/", "/mcp")
# Why a request was refused before any view of the API saw it.
SAID = {
    HTTPStatus.BAD_REQUEST: "The request can't be read: it is malformed, or for a host that is not served here.",
    HTTPStatus.FORBIDDEN: "This is not allowed, or its token against forged requests is missing.",
    HTTPStatus.NOT_FOUND: "Nothing is at this address.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This method is not allowed here.",
    HTTPStatus.PRECONDITION_FAILED: "What is here now is not what the request takes it to be.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is too large.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "ExoDB failed to answer. The failure has been logged.",
}
# Too much is asked there for an address to hold.
READ_BY_POST = ("/api/v1/lookup/",)
KEPT = ("Allow", "Retry-After", "Vary")


class Manners:
    """Middleware: every error is a problem document, and every answer says how the caller stands with the rate."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not request.path.startswith(BELOW):
            return response
        if response.status_code >= HTTPStatus.BAD_REQUEST and response.get("Content-Type") != MEDIA_TYPE:
            response = _as_problem(request, response)
        for name, value in rates.headers_of(request).items():
            response[name] = value
        return response


def _as_problem(request: HttpRequest, response: HttpResponseBase) -> HttpResponse:
    status = HTTPStatus(response.status_code)
    problem = Problem(status, SAID.get(status, f"{status.phrase}."))
    headers = {name: response[name] for name in KEPT if name in response}
    response.close()
    body = problem.document(getattr(request, "request_id", ""))
    return JsonResponse(body, status=int(status), headers={**problem.headers, **headers}, content_type=MEDIA_TYPE)


class Cors(CorsMiddleware):
    """Scripts of any site may read; where reading takes a body, they may send one."""

    def add_response_headers(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        answered = super().add_response_headers(request, response)
        if request.path in READ_BY_POST and "Access-Control-Allow-Methods" in answered:
            answered["Access-Control-Allow-Methods"] = "POST, OPTIONS"
        return answered

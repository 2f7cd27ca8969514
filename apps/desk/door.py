"""The door of the desk: what is sent is made readable, and what was typed outlives a session that ended."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.csrf import csrf_failure

TOKEN = "csrfmiddlewaretoken"  # noqa: S105 - the name of the field


def read_json(text: str | bytes) -> Any:
    """What the JSON says. Raises ValueError, also for what is nested too deep or can't be written down as UTF-8."""
    try:
        read = json.loads(text)
        json.dumps(read, ensure_ascii=False).encode()
    except RecursionError:
        raise ValueError("nested too deep") from None
    return read


def clean(request: HttpRequest) -> None:
    """Take null characters out of what was asked and typed, which no column holds; no address has one."""
    if "\0" in request.path:
        raise Http404("No address holds a null character.")
    request.GET = _cleaned(request.GET)  # type: ignore[assignment]
    if request.method == "POST":
        request.POST = _cleaned(request.POST)  # type: ignore[assignment]


def _cleaned(given: QueryDict) -> QueryDict:
    cleaned = QueryDict(mutable=True, encoding=given.encoding)
    for name, values in given.lists():
        cleaned.setlist(name.replace("\0", ""), [value.replace("\0", "") for value in values])
    cleaned._mutable = False  # noqa: SLF001 - as Django itself closes them
    return cleaned


# --- what was typed ---------------------------------------------------------------------------------------------------


def typed(request: HttpRequest) -> list[tuple[str, str]]:
    """The input of a form, token apart."""
    return [(name, value) for name, values in request.POST.lists() for value in values if name != TOKEN]


def held(request: HttpRequest, *, signed_in: bool = False) -> HttpResponse:
    """The input of a form in the page itself, to be sent again: nobody is signed in, or somebody is anew."""
    return TemplateResponse(
        request,
        "desk/held.html",
        {
            **admin.site.each_context(request),
            "title": "You signed in meanwhile" if signed_in else "Your session has ended",
            "pairs": typed(request),
            "signed_in": signed_in,
            "login": f"{reverse('admin:login')}?next={reverse('admin:entry-signed-in')}",
            "is_nav_sidebar_enabled": False,
        },
        status=403 if signed_in else 401,
    )


def refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The answer to a form whose token is old (CSRF_FAILURE_VIEW).

    A form of the desk from before the sign-in is shown to the person, who sends it again; one that another site sent is
    refused.
    """
    own = request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"
    if (
        own
        and request.path.startswith(reverse("admin:index"))
        and admin.site.has_permission(request)
        and typed(request)
    ):
        clean(request)
        return held(request, signed_in=True)
    return csrf_failure(request, reason)

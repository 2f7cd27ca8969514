"""Who comes in to entry, by page and by script."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.middleware.csrf import CsrfViewMiddleware, get_token
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from apps.desk.door import clean, held
from apps.people.models import User

View = Callable[..., HttpResponseBase]


class _Check(CsrfViewMiddleware):
    def _reject(self, request: HttpRequest, reason: str) -> Any:  # noqa: ARG002
        return reason


class Person(HttpRequest):
    """A request of somebody who may work at the desk."""

    user: User
    # Whether the form was sent from a page of this session: else its input is shown again and nothing is written.
    trusted: bool


def at_the_desk(view: View) -> View:
    """A page of entry. A form sent without a session comes back with its input, to be sent again after signing in.

    Nothing is written unless the token of the form is right. A form from before the sign-in has an old one: that is no
    reason to lose what was typed, so it is shown again instead of being refused.
    """

    @csrf_exempt
    @never_cache
    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        clean(request)
        if not admin.site.has_permission(request):
            if request.method == "POST":
                return held(request)
            return redirect_to_login(request.get_full_path(), reverse("admin:login"))
        request.trusted = request.method != "POST" or is_from_here(request)
        return view(request, *args, **kwargs)

    return guarded


def for_scripts(view: View) -> View:
    """An address that only our own scripts ask: it answers in JSON, also that the session has ended."""

    @csrf_exempt
    @never_cache
    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        clean(request)
        if not admin.site.has_permission(request):
            return JsonResponse({"said": "Your session has ended."}, status=401)
        if request.method == "POST" and not is_from_here(request):
            return JsonResponse({"said": "You signed in meanwhile.", "token": get_token(request)}, status=403)
        return view(request, *args, **kwargs)

    return guarded


def is_from_here(request: HttpRequest) -> bool:
    check = _Check(lambda _: HttpResponse())
    check.process_request(request)
    return check.process_view(request, HttpResponse, (), {}) is None

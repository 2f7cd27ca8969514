"""The desk as a site of its own: who may come in, and by which door."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from apps.accounts import gate
from apps.desk.door import clean, held, typed
from apps.people.models import Role, User


class DeskSite(AdminSite):
    """The admin of ExoDB; readers stay outside, whatever boxes are ticked, and nobody comes in by half."""

    site_header = "ExoDB desk"
    site_title = "ExoDB desk"
    index_title = "What there is to do"

    def get_urls(self) -> list[URLPattern | URLResolver]:
        from apps.desk.entry.urls import addresses  # the models are not loaded yet when the site is made
        from apps.desk.review.urls import urls  # likewise
        from apps.desk.uploads.urls import urls as uploads

        return [*addresses(), *urls(self.admin_view), *uploads(self.admin_view), *super().get_urls()]

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:  # noqa: FBT001, FBT002 - Django's own
        """The desk's door. A form that is sent without a session comes back with its input."""
        inner = super().admin_view(view, cacheable)

        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            clean(request)
            stranger = not request.user.is_authenticated or self.works_here(request)
            if request.method == "POST" and stranger and not self.has_permission(request) and typed(request):
                return held(request)
            return inner(request, *args, **kwargs)

        return guarded

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """The dashboard: what there is to do for the person, above the records."""
        from apps.desk.review.dashboard import dashboard

        return super().index(request, {**dashboard(request), **(extra_context or {})})

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        from apps.desk.menus import Menu  # the models are not loaded yet when the site is made

        return Menu.as_view(admin_site=self)(request)  # type: ignore[return-value]

    def has_permission(self, request: HttpRequest) -> bool:
        return self.works_here(request) and gate.is_open(request)

    def works_here(self, request: HttpRequest) -> bool:
        """Whether this account belongs at the desk at all, however it signed in."""
        user = request.user
        return super().has_permission(request) and isinstance(user, User) and user.at_least(Role.CONTRIBUTOR)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # noqa: ARG002
        """There is one way to sign in, for the desk too: lead there, or to the step that is missing."""
        onward = request.GET.get("next", "")
        if not url_has_allowed_host_and_scheme(onward, {request.get_host()}, require_https=request.is_secure()):
            onward = reverse("admin:index")
        if request.user.is_authenticated and not self.works_here(request):
            return render(request, "accounts/not_for_you.html", status=403)
        step = gate.next_step(request)
        return redirect(f"{reverse(step)}?{urlencode({'next': onward})}" if step else onward)

    def logout(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:  # type: ignore[override] # noqa: ARG002
        """Likewise one way out."""
        from allauth.account.views import logout

        return logout(request)

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:  # type: ignore[override] # noqa: ARG002
        return redirect("account_change_password")

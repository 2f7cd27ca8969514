"""The desk as a site of its own: who may come in."""

from __future__ import annotations

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse

from apps.people.models import Role, User


class DeskSite(AdminSite):
    """The admin of ExoDB; readers stay outside, whatever boxes are ticked at their account."""

    site_header = "ExoDB desk"
    site_title = "ExoDB desk"
    index_title = "Records"

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        from apps.desk.menus import Menu  # the models are not loaded yet when the site is made

        return Menu.as_view(admin_site=self)(request)  # type: ignore[return-value]

    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        return super().has_permission(request) and isinstance(user, User) and user.at_least(Role.CONTRIBUTOR)

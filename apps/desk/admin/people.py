"""Accounts, and the register of accessions."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from apps.desk.admin.shared import ReadOnly
from apps.desk.history import Part
from apps.desk.kept import LONGEST_REASON, HistoryAdmin
from apps.people import second_factor
from apps.people.models import SecondFactor, User
from apps.records.models import Accession

# Roles stand in one table (apps/people/permissions.py); groups would be a second.
admin.site.unregister(Group)
# Secrets and sessions are their owner's: an administrator resets a second factor, and reads none.
for private in (Authenticator, EmailAddress, UserSession):
    admin.site.unregister(private)


@admin.register(User)
class PersonAdmin(HistoryAdmin, UserAdmin):
    list_display = ("username", "public_name", "role", "orcid", "claims", "is_active", "last_login")
    list_filter = ("role", "is_active")
    search_fields = ("username", "public_name", "email", "orcid")
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("public_name", "orcid", "first_name", "last_name", "email")}),
        ("May", {"fields": ("role", "is_active")}),
        ("When", {"fields": ("date_joined", "last_login")}),
    )
    add_fieldsets = ((None, {"fields": ("username", "role", "usable_password", "password1", "password2")}),)
    filter_horizontal = ()
    history_parts = (Part(SecondFactor, "user_id", "second factor"),)

    def get_urls(self) -> list[URLPattern]:
        reset = self.admin_site.admin_view(self.reset_second_factor)
        return [path("<int:pk>/second-factor/", reset, name="people_user_second_factor"), *super().get_urls()]

    def reset_second_factor(self, request: HttpRequest, pk: int) -> HttpResponse:
        """For somebody who lost their device: a reason is asked for, and kept."""
        person = get_object_or_404(User, pk=pk)
        if not self.has_change_permission(request, person):
            raise PermissionDenied
        refused = ""
        if request.method == "POST":
            reason = request.POST.get("why", "")[:LONGEST_REASON]
            try:
                second_factor.reset(username=person.username, reason=reason, by=request.user)  # type: ignore[arg-type]
            except second_factor.NotAllowed as refusal:
                refused = str(refusal)
            else:
                self.message_user(request, f"The second factor of {person.username} is reset.", messages.SUCCESS)
                return redirect("admin:people_user_change", person.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": "Reset the second factor",
            "opts": self.opts,
            "person": person,
            "refused": refused,
            "since": second_factor.set_up_at(person),
            "longest_reason": LONGEST_REASON,
        }
        return TemplateResponse(request, "admin/people/user/second_factor.html", context)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).annotate(claims=Count("claims_written"))

    @admin.display(description="claims written", ordering="claims")
    def claims(self, user: User) -> int:
        return int(user.claims)  # type: ignore[attr-defined]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Nobody takes away their own keys by mistake."""
        fixed = super().get_readonly_fields(request, obj)
        return (*fixed, "role", "is_active") if obj == request.user else fixed


@admin.register(Accession)
class AccessionAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("accession", "kind", "given_at", "merged_into", "removed_at")
    list_filter = ("kind",)
    search_fields = ("accession",)
    show_full_result_count = False

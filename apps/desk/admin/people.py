"""Accounts, and the register of accessions."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from apps.desk.admin.shared import ReadOnly
from apps.desk.kept import HistoryAdmin
from apps.people.models import User
from apps.records.models import Accession

# Roles stand in one table (apps/people/permissions.py); groups would be a second.
admin.site.unregister(Group)


@admin.register(User)
class PersonAdmin(HistoryAdmin, UserAdmin):
    list_display = ("username", "public_name", "role", "orcid", "claims", "is_active", "last_login")
    list_filter = ("role", "is_active")
    search_fields = ("username", "public_name", "email", "orcid")
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("public_name", "orcid", "first_name", "last_name", "email")}),
        ("May", {"fields": ("role", "is_active", "is_staff", "is_superuser")}),
        ("When", {"fields": ("date_joined", "last_login")}),
    )
    add_fieldsets = ((None, {"fields": ("username", "role", "is_staff", "usable_password", "password1", "password2")}),)
    filter_horizontal = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).annotate(claims=Count("claims_written"))

    @admin.display(description="claims written", ordering="claims")
    def claims(self, user: User) -> int:
        return int(user.claims)  # type: ignore[attr-defined]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Nobody takes away their own keys by mistake."""
        fixed = super().get_readonly_fields(request, obj)
        return (*fixed, "role", "is_active", "is_staff", "is_superuser") if obj == request.user else fixed


@admin.register(Accession)
class AccessionAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("accession", "kind", "given_at", "merged_into", "removed_at")
    list_filter = ("kind",)
    search_fields = ("accession",)
    show_full_result_count = False

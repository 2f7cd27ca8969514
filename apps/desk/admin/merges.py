"""Merging duplicates at the desk: look at what would move, merge, and undo it from the list of merges."""

from __future__ import annotations

from typing import Any

from django import forms
from django.apps import apps
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods, require_POST

from apps.claims.acts import NotAllowed
from apps.curation import merging
from apps.curation.models import Merge
from apps.desk.admin.shared import ReadOnly
from apps.people.models import User
from apps.records.text import number

LONGEST_REASON = 1_000
# What is said of the record that went; numbers of rows say nothing to a person.
SILENT = {"id", "accession"}


class Pair(forms.Form):
    """Which two records."""

    gone = forms.CharField(label="The record that goes", max_length=20, help_text="its accession, such as EXCG1000001")
    into = forms.CharField(label="The record that stays", max_length=20, help_text="both are of one kind")

    def clean_gone(self) -> str:
        return str(self.cleaned_data["gone"]).upper()

    def clean_into(self) -> str:
        return str(self.cleaned_data["into"]).upper()


@admin.register(Merge)
class MergeAdmin(ReadOnly, admin.ModelAdmin):
    """What was merged, by whom and why; each can be undone."""

    change_list_template = "desk/merges/list.html"
    list_display = ("gone", "stayed", "kind", "by", "at", "short_reason", "undone")
    list_filter = ("kind", ("undone_at", admin.EmptyFieldListFilter))
    list_select_related = ("gone", "by", "undone_by")
    search_fields = ("gone__accession", "into__accession", "reason")
    show_full_result_count = False
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[Merge]:
        return super().get_queryset(request).defer("moved")

    def get_urls(self) -> list[URLPattern]:
        open_to_all = self.admin_site.admin_view
        propose = require_http_methods(["GET", "HEAD", "POST"])(self.propose)
        return [
            path("propose/", open_to_all(propose), name="curation_merge_propose"),
            path("<int:pk>/undo/", open_to_all(require_POST(self.undo)), name="curation_merge_undo"),
            *super().get_urls(),
        ]

    @admin.display(description="stayed", ordering="into")
    def stayed(self, merge: Merge) -> SafeString:
        return format_html('<a href="/{}">{}</a>', merge.into_id, merge.into_id)

    @admin.display(description="reason")
    def short_reason(self, merge: Merge) -> str:
        return merge.reason[:120]

    @admin.display(description="undone", ordering="undone_at")
    def undone(self, merge: Merge) -> str:
        return f"{merge.undone_at:%Y-%m-%d} by {merge.undone_by}" if merge.undone_at else "–"

    def propose(self, request: HttpRequest) -> HttpResponse:
        """What merging two records would do; by POST, do it."""
        given = request.POST if request.method == "POST" else request.GET
        form = Pair(given or None)
        context: dict[str, Any] = {"form": form, "reason": given.get("reason", "")}
        if form.is_valid():
            try:
                if request.method == "POST":
                    return self._merge(request, form.cleaned_data)
                context["plan"] = merging.proposed(**form.cleaned_data)
            except NotAllowed as problem:
                context["refused"] = str(problem)
                context["plan"] = _plan_still(form.cleaned_data)
        return self._page(request, "desk/merges/propose.html", "Merge two records", context)

    def _merge(self, request: HttpRequest, pair: dict[str, str]) -> HttpResponse:
        reason = request.POST.get("reason", "")[:LONGEST_REASON]
        made = merging.merge(**pair, by=_who(request), reason=reason, seen=request.POST.get("seen", "?"))
        self.message_user(request, f"{made.gone_id} was merged into {made.into_id}.", messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:curation_merge_change", args=[made.pk]))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One merge: what moved, what the record that went said, and the way back."""
        merges = Merge.objects.select_related("by", "undone_by")
        found = get_object_or_404(merges, pk=number(object_id))
        if not self.has_view_permission(request, found):
            return super().change_view(request, object_id, form_url, extra_context)  # which refuses
        context = {
            "merge": found,
            "moved": [(_called(moved["model"]), len(moved["ids"])) for moved in found.moved["moved"]],
            "dropped": len(found.moved["dropped"]),
            "said": [(name, value) for name, value in found.moved["record"].items() if name not in SILENT and value],
            "hindrances": merging.hindrances(found),
            **(extra_context or {}),
        }
        return self._page(request, "desk/merges/merge.html", f"Merge of {found}", context)

    def undo(self, request: HttpRequest, pk: int) -> HttpResponse:
        found = get_object_or_404(Merge, pk=pk)
        try:
            merging.undo(merge_id=pk, by=_who(request), reason=request.POST.get("reason", "")[:LONGEST_REASON])
        except NotAllowed as problem:
            self.message_user(request, f"Not undone: {problem}", messages.ERROR)
        else:
            self.message_user(request, f"The merge was undone: {found.gone_id} is back.", messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:curation_merge_change", args=[pk]))

    def _page(self, request: HttpRequest, template: str, title: str, context: dict[str, Any]) -> HttpResponse:
        shared = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "may": _who(request).at_least(merging.LEAST["merge"]),
            "longest_reason": LONGEST_REASON,
        }
        return TemplateResponse(request, template, shared | context)


def _who(request: HttpRequest) -> User:
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - the desk lets nobody else in
    return user


def _plan_still(pair: dict[str, str]) -> merging.Plan | None:
    """The plan as it is now, for somebody whose merge was refused, where there is one."""
    try:
        return merging.proposed(**pair)
    except NotAllowed:
        return None


def _called(model: str) -> str:
    return str(apps.get_model(model)._meta.verbose_name_plural)  # noqa: SLF001 - documented

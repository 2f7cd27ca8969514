"""Studies, with their notices and how often they are cited."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.options import ActionLocation
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.text import Truncator

from apps.citations.verdicts import overrule, take_back
from apps.claims.models import Claim
from apps.desk.admin.citations import asked_now
from apps.desk.admin.shared import ReadOnly
from apps.desk.history import Part
from apps.desk.kept import KeptAdmin, RestedOnAdmin
from apps.studies.models import CitationCount, Notice, Study

NOTED = ("service", "nature", "identifier", "dated", "reason", "first_seen", "last_seen", "vanished_on")


class NoticeInline(admin.TabularInline):
    model = Notice
    extra = 0
    fields = NOTED
    show_change_link = True

    def has_delete_permission(self, *_: Any) -> bool:
        return False

    def has_change_permission(self, *_: Any) -> bool:
        return False


class CitationInline(ReadOnly, admin.TabularInline):
    model = CitationCount
    extra = 0
    fields = ("service", "day", "count", "ratio")


@admin.register(Study)
class StudyAdmin(RestedOnAdmin):
    list_display = ("accession", "short_title", "short_authors", "year", "kind", "status", "pmid", "doi")
    list_display_links = ("accession", "short_title")
    list_filter = ("status", "kind", "depth", "year")
    search_fields = ("accession", "title", "pmid", "pmcid", "doi", "nct", "journal")
    readonly_fields = ("status",)
    inlines = (NoticeInline, CitationInline)
    actions = ("ask_now",)
    history_parts = (Part(Notice, "study_id", "notice"),)
    fieldsets = (
        (None, {"fields": ("accession", "status", "kind", "title", "journal", "year", "authors")}),
        ("Identifiers: at least one", {"fields": (("pmid", "pmcid"), ("doi", "nct"))}),
        ("How it was read", {"fields": ("depth", "curated_on", "pages_read")}),
    )

    def why_closed(self, request: HttpRequest, obj: Study) -> str:
        """Who may add a notice does it on a page of its own."""
        notices = " A notice on it is added under Notices." if request.user.has_perm("studies.add_notice") else ""
        return super().why_closed(request, obj) + notices

    @admin.display(description="title", ordering="title")
    def short_title(self, study: Study) -> str:
        return Truncator(study.title).chars(90)

    def get_actions(
        self, request: HttpRequest, action_location: ActionLocation = ActionLocation.CHANGE_LIST
    ) -> dict[str, Any]:
        """No deleting by the dozen, here as elsewhere."""
        found = super().get_actions(request, action_location)
        return {name: action for name, action in found.items() if name != "delete_selected"}

    def has_ask_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("citations.change_feed")

    @admin.action(
        description="Ask the services about %(verbose_name_plural)s now",
        permissions=["ask"],
        location=[ActionLocation.CHANGE_LIST, ActionLocation.CHANGE_FORM],
    )
    def ask_now(self, request: HttpRequest, studies: QuerySet[Study]) -> None:
        asked_now(self, request, studies=list(studies.values_list("pk", flat=True)))


@admin.register(Notice)
class NoticeAdmin(KeptAdmin):
    """A notice stays as it was reported; an editor may overrule it, with the reason."""

    list_display = ("study", "nature", "service", "identifier", "dated", "first_seen", "overruled_at")
    list_filter = ("nature", "service", "first_seen")
    list_select_related = ("study",)
    search_fields = ("study__accession", "study__title", "identifier")
    autocomplete_fields = ("study",)
    readonly_fields = ("overruled_at", "overruled_by")
    fieldsets = (
        (None, {"fields": ("study", *NOTED)}),
        (
            "Overruled",
            {
                "fields": ("overruled_reason", "overruled_at", "overruled_by"),
                "description": "If the report is wrong, write why: the claims of the study count again at once. It "
                "holds for this notice only, and everybody can read it. Empty it to take the verdict back.",
            },
        ),
    )

    def has_delete_permission(self, *_: Any) -> bool:
        """What was reported stays on record."""
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Notice | None = None) -> Any:
        fixed = super().get_readonly_fields(request, obj)
        return (*fixed, "study", *NOTED) if obj else (*fixed, "overruled_reason")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002
        """Who overrules, and when, is filled in before the rule is asked."""
        form = super().get_form(request, obj, change, **kwargs)
        return type(form.__name__, (form,), {"clean": _overruling(form, request)})

    def save_model(self, request: HttpRequest, obj: Notice, form: Any, change: bool) -> None:  # noqa: FBT001
        """Of a notice that is there, the verdict is all that a person may change."""
        if not change:
            super().save_model(request, obj, form, change)
        elif "overruled_reason" in form.changed_data and obj.overruled_reason:
            overrule(notice_id=obj.pk, by=request.user, reason=obj.overruled_reason)  # type: ignore[arg-type]
        elif "overruled_reason" in form.changed_data:
            take_back(notice_id=obj.pk, by=request.user)  # type: ignore[arg-type]

    def response_change(self, request: HttpRequest, obj: Notice) -> HttpResponse:
        """What the verdict did to the study, at once."""
        study = Study.objects.get(pk=obj.study_id)
        claims = Claim.objects.counting().filter(preparation__study=study).count()
        plural = "claim counts" if claims == 1 else "claims count"
        said = f"{study.accession} now stands as: {study.get_status_display()}. {claims} {plural}."
        self.message_user(request, said)
        return super().response_change(request, obj)


def _overruling(form: Any, request: HttpRequest) -> Any:
    def clean(self: Any) -> Any:
        cleaned = super(form, self).clean()
        if "overruled_reason" in self.changed_data:
            stands = bool(cleaned.get("overruled_reason"))
            self.instance.overruled_at = timezone.now() if stands else None
            self.instance.overruled_by = request.user if stands else None
        return cleaned

    return clean

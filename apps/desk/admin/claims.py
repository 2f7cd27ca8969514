"""Claims and releases, to read."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.text import Truncator

from apps.claims import search
from apps.claims.acts import why_not
from apps.claims.models import LADDER, Claim, ClaimTarget, ClaimTherapy, Measure, Release, State
from apps.desk.admin.shared import ReadOnly
from apps.desk.history import Part
from apps.desk.kept import HistoryAdmin
from apps.desk.review.asking import Assigning
from apps.desk.review.bulk import ReviewActions
from apps.desk.review.screen import editing
from apps.desk.review.shared import person
from apps.desk.uploads.downloads import Downloads

CLOSED = {
    State.SUBMITTED: "It waits for review; nobody edits it meanwhile.",
    State.ACCEPTED: "It is accepted and public. A change is a new version, which passes the same review.",
    State.REJECTED: "It was rejected. What was refused is kept as it was.",
    State.WITHDRAWN: "It was withdrawn. What the public once read is kept as it was.",
    State.SUPERSEDED: "A later version took its place. What the public once read is kept as it was.",
}


class MeasureInline(ReadOnly, admin.TabularInline):
    model = Measure
    exclude = ("position",)


class TherapyInline(ReadOnly, admin.TabularInline):
    model = ClaimTherapy
    exclude = ("position",)
    verbose_name, verbose_name_plural = "therapy", "therapies"


class TargetInline(ReadOnly, admin.TabularInline):
    model = ClaimTarget
    exclude = ("position",)
    verbose_name, verbose_name_plural = "target", "targets"


@admin.register(Claim)
class ClaimAdmin(Downloads, Assigning, ReviewActions):
    """A claim, to read, to find and to decide on. It is written in the form of entry, and nowhere else."""

    list_display = ("accession", "version", "state", "aspect", "edge", "level", "short_statement", "author")
    list_display_links = ("accession", "short_statement")
    list_filter = ("state", "aspect", "edge", "effect", "level", "accepted_with")
    list_select_related = ("author",)
    # Django shows the box where there are fields; `get_search_results` looks in the index that the public search has.
    search_fields = ("accession",)
    search_help_text = "words as in the public search, a PMID, DOI or accession"
    readonly_fields = (
        *("version", "state", "state_reason", "level", "level_computed", "level_reason", "author", "written_at"),
        *("accepted_by", "accepted_with", "accepted_at", "left_at"),
    )
    inlines = (MeasureInline, TherapyInline, TargetInline)
    history_parts = (
        Part(Measure, "claim_id", "measure"),
        Part(ClaimTherapy, "claim_id", "therapy"),
        Part(ClaimTarget, "claim_id", "target"),
    )
    fieldsets = (
        ("What was shown", {"fields": ("preparation", "key", "cargo", "aspect", "effect", "outcome", "edge")}),
        ("In what", {"fields": ("disease", "recipient", "models_used", "statement", "locator")}),
        ("How far the vesicle was shown to be the cause", {"fields": tuple(LADDER)}),
        ("How strong", {"fields": ("validation", "level", "level_reason", "level_override", "level_override_reason")}),
        (
            "Where it stands",
            {
                "fields": (
                    ("accession", "version", "state", "state_reason"),
                    ("author", "written_at"),
                    ("accepted_by", "accepted_with", "accepted_at", "left_at"),
                ),
            },
        ),
    )

    def get_search_results(
        self,
        request: HttpRequest,  # noqa: ARG002 - Django's own signature
        queryset: QuerySet[Claim],
        search_term: str,
    ) -> tuple[QuerySet[Claim], bool]:
        """Claims in any state by their words; `LIKE` over six tables would read them all."""
        return search.among(queryset, search_term), False

    @admin.display(description="statement", ordering="statement")
    def short_statement(self, claim: Claim) -> str:
        return Truncator(claim.statement).chars(90)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Claim]:
        """What the person may read: in the list, its downloads, the pages and their histories."""
        claims: Any = super().get_queryset(request)
        return claims.readable_by(person(request))

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:  # noqa: ARG002
        """A claim is written beside its study."""
        messages.info(request, "A claim is written on the screen of its study: which one is it?")
        return redirect("admin:entry")

    def has_change_permission(self, request: HttpRequest, obj: Claim | None = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Claim | None = None) -> bool:  # noqa: ARG002
        return False

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        claim = kwargs.get("obj")
        if claim is not None and not why_not("edit", claim, person(request)):
            context["edit_at"] = editing(claim)
        return super().render_change_form(request, context, *args, **kwargs)

    def why_closed(self, request: HttpRequest, obj: Claim) -> str:
        own = f"It is a draft of {obj.author}'s; its author edits it."
        if obj.author_id == person(request).pk:
            own = "It is a draft of yours, edited in its form."
        return CLOSED.get(State(obj.state)) or own

    def view_on_site(self, obj: Claim) -> str | None:
        """The public page shows the accepted version, if any."""
        return obj.get_absolute_url() if Claim.objects.accepted().filter(accession=obj.accession).exists() else None


@admin.register(Release)
class ReleaseAdmin(ReadOnly, HistoryAdmin):
    list_display = ("number", "title", "released_on")
    search_fields = ("number", "title")

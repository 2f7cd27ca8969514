"""Claims, open while they are drafts; releases."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Max, Model, QuerySet
from django.http import HttpRequest
from django.utils.text import Truncator

from apps.claims import search
from apps.claims.levels import assess
from apps.claims.models import LADDER, Claim, ClaimTarget, ClaimTherapy, Measure, Release, State
from apps.desk.admin.shared import ReadOnly
from apps.desk.history import Part
from apps.desk.kept import HistoryAdmin, PartInline, RuledForm
from apps.desk.review.asking import Assigning
from apps.desk.review.bulk import ReviewActions
from apps.desk.uploads.downloads import Downloads
from apps.people.models import Role, User

CLOSED = {
    State.SUBMITTED: "It waits for review; nobody edits it meanwhile.",
    State.ACCEPTED: "It is accepted and public. A change is a new version, which passes the same review.",
    State.REJECTED: "It was rejected. What was refused is kept as it was.",
    State.WITHDRAWN: "It was withdrawn. What the public once read is kept as it was.",
    State.SUPERSEDED: "A later version took its place. What the public once read is kept as it was.",
}


class MeasureInline(PartInline):
    model = Measure
    exclude = ("position",)


class TherapyInline(PartInline):
    model = ClaimTherapy
    exclude = ("position",)
    autocomplete_fields = ("name",)
    verbose_name, verbose_name_plural = "therapy", "therapies"


class TargetInline(PartInline):
    model = ClaimTarget
    exclude = ("position",)
    autocomplete_fields = ("name",)
    verbose_name, verbose_name_plural = "target", "targets"


class ClaimForm(RuledForm):
    """A draft; author and level are filled in, not typed."""

    author: User

    class Meta:
        model = Claim
        fields = "__all__"

    def tried(self) -> Model:
        completed(self.instance, self.author)
        return super().tried()


def completed(claim: Claim, author: User) -> None:
    """Fill in who wrote a new claim, and its level with the reason."""
    if claim.author_id is None:
        claim.author = author
    assessment = assess(models=claim.models_used, study_kind=claim.preparation.study.kind, validation=claim.validation)
    claim.level_computed, claim.level_reason = assessment.level, assessment.reason


@admin.register(Claim)
class ClaimAdmin(Downloads, Assigning, ReviewActions):
    """A claim: open while it is a draft of one's own, to read ever after."""

    form = ClaimForm
    list_display = ("accession", "version", "state", "aspect", "edge", "level", "short_statement", "author")
    list_display_links = ("accession", "short_statement")
    list_filter = ("state", "aspect", "edge", "effect", "level", "accepted_with")
    list_select_related = ("author",)
    # Django shows the box where there are fields; `get_search_results` looks in the index that the public search has.
    search_fields = ("accession",)
    search_help_text = "words as in the public search, a PMID, DOI or accession"
    autocomplete_fields = ("preparation", "cargo", "disease", "recipient")
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

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002
        form = super().get_form(request, obj, change, **kwargs)
        form.author = request.user
        return form

    def has_change_permission(self, request: HttpRequest, obj: Claim | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or is_open_to(request.user, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Claim | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or is_open_to(request.user, obj))

    def why_closed(self, request: HttpRequest, obj: Claim) -> str:  # noqa: ARG002
        return CLOSED.get(State(obj.state)) or f"It is a draft of {obj.author}'s; its author edits it."

    def view_on_site(self, obj: Claim) -> str | None:
        """The public page shows the accepted version, if any."""
        return obj.get_absolute_url() if Claim.objects.accepted().filter(accession=obj.accession).exists() else None

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:  # noqa: ARG002, FBT001
        """Measures, therapies and targets keep the order in which they were entered."""
        rows = formset.save(commit=False)
        for row in formset.deleted_objects:
            row.delete()
        last = formset.queryset.aggregate(last=Max("position", default=-1))["last"]
        for row in rows:
            if row.position is None:
                row.position = last = last + 1
            row.save()

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: FBT001
        """When all parts are there, the words that the claim is found by are brought up to date."""
        super().save_related(request, form, formsets, change)
        search.index(Claim.objects.filter(pk=form.instance.pk))


def is_open_to(user: Any, claim: Claim) -> bool:
    """Only a draft can be edited, by who wrote it or by an administrator."""
    return claim.state == State.DRAFT and (claim.author_id == user.pk or user.at_least(Role.ADMINISTRATOR))


@admin.register(Release)
class ReleaseAdmin(ReadOnly, HistoryAdmin):
    list_display = ("number", "title", "released_on")
    search_fields = ("number", "title")

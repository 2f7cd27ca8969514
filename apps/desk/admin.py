"""The curators' admin: every model with search, filters, autocompletes, and its history."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.db.models import Count, Model, QuerySet
from django.http import HttpRequest

from apps.claims.levels import assess
from apps.claims.models import Claim, ClaimTarget, ClaimTherapy, Measure, Release, State
from apps.desk.kept import KeptAdmin, RuledForm
from apps.people.models import Role, User
from apps.records.models import Accession
from apps.studies.models import CitationCount, Notice, Study
from apps.terms.models import Name, Synonym, Term
from apps.vesicles.models import EV_METRIC, Cargo, CargoMember, CargoSynonym, CargoXref, Preparation, VesicleSource

admin.site.site_header = "ExoDB desk"
admin.site.site_title = "ExoDB desk"
admin.site.index_title = "What there is to do"
admin.site.unregister(Group)


class ReadOnly:
    """A page that shows, and changes nothing."""

    def has_add_permission(self, *_: Any) -> bool:
        return False

    def has_change_permission(self, *_: Any) -> bool:
        return False

    def has_delete_permission(self, *_: Any) -> bool:
        return False


# --- studies ----------------------------------------------------------------------------------------------------------


class NoticeInline(admin.TabularInline):
    model = Notice
    extra = 0
    fields = ("service", "nature", "identifier", "dated", "reason", "first_seen", "last_seen", "vanished_on")

    def has_delete_permission(self, *_: Any) -> bool:
        return False

    def has_change_permission(self, *_: Any) -> bool:
        return False


class CitationInline(ReadOnly, admin.TabularInline):
    model = CitationCount
    extra = 0
    fields = ("service", "day", "count", "ratio")


@admin.register(Study)
class StudyAdmin(KeptAdmin):
    list_display = ("accession", "title", "short_authors", "year", "kind", "status", "pmid", "doi")
    list_display_links = ("accession", "title")
    list_filter = ("status", "kind", "depth", "year")
    search_fields = ("accession", "title", "pmid", "pmcid", "doi", "nct", "journal")
    readonly_fields = ("status",)
    inlines = (NoticeInline, CitationInline)


@admin.register(Notice)
class NoticeAdmin(KeptAdmin):
    list_display = ("study", "nature", "service", "identifier", "dated", "first_seen", "overruled_at")
    list_filter = ("nature", "service", "first_seen")
    list_select_related = ("study",)
    search_fields = ("study__accession", "study__title", "identifier")
    autocomplete_fields = ("study", "overruled_by")


# --- vesicles ---------------------------------------------------------------------------------------------------------


@admin.register(VesicleSource)
class SourceAdmin(KeptAdmin):
    list_display = ("accession", "name", "category", "material", "species", "tissue", "disease")
    list_display_links = ("accession", "name")
    list_filter = ("category", "material")
    list_select_related = ("species", "tissue", "disease")
    search_fields = ("accession", "name")
    autocomplete_fields = ("species", "cell_line", "cell_type", "tissue", "disease")


@admin.register(Preparation)
class PreparationAdmin(KeptAdmin):
    list_display = ("accession", "term", "source", "study", "engineered", "metric_curated")
    list_filter = ("engineered", "vesicle_class")
    list_select_related = ("source", "study")
    search_fields = ("accession", "term", "source__name", "study__accession", "study__title")
    autocomplete_fields = ("study", "source")
    fieldsets = (
        (None, {"fields": ("accession", "study", "key", "source", "term", "vesicle_class")}),
        ("Engineering", {"fields": ("engineered", "loading", "surface")}),
        ("Methods", {"fields": ("isolation", "methods", "markers_positive", "markers_negative")}),
        ("EV-METRIC: is it reported?", {"fields": tuple(EV_METRIC)}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Preparation | None = None) -> Any:
        """A preparation stays with the study that made it."""
        fixed = super().get_readonly_fields(request, obj)
        return (*fixed, "study") if obj else fixed


class CargoSynonymInline(admin.TabularInline):
    model = CargoSynonym
    extra = 0


class XrefInline(admin.TabularInline):
    model = CargoXref
    extra = 0


class MemberInline(admin.TabularInline):
    model = CargoMember
    fk_name = "panel"
    extra = 0
    autocomplete_fields = ("member",)


class ToDo(admin.SimpleListFilter):
    """The vocabulary work list: what nobody has decided on."""

    title = "work list"
    parameter_name = "to_do"

    def lookups(self, *_: Any) -> list[tuple[str, str]]:
        return [("yes", "to do")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        return queryset.to_do() if self.value() == "yes" else queryset  # type: ignore[attr-defined]


@admin.register(Cargo)
class CargoAdmin(KeptAdmin):
    list_display = ("accession", "name", "kind", "ungrounded_reason")
    list_display_links = ("accession", "name")
    list_filter = (ToDo, "kind")
    search_fields = ("accession", "name", "synonyms__text", "xrefs__curie")
    inlines = (CargoSynonymInline, XrefInline, MemberInline)


# --- claims -----------------------------------------------------------------------------------------------------------


class MeasureInline(admin.TabularInline):
    model = Measure
    extra = 0


class TherapyInline(admin.TabularInline):
    model = ClaimTherapy
    extra = 0
    autocomplete_fields = ("name",)


class TargetInline(admin.TabularInline):
    model = ClaimTarget
    extra = 0
    autocomplete_fields = ("name",)


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
class ClaimAdmin(KeptAdmin):
    """A claim: open while it is a draft of one's own, to read ever after."""

    form = ClaimForm
    list_display = ("accession", "version", "state", "statement", "aspect", "edge", "level", "author")
    list_display_links = ("accession", "statement")
    list_filter = ("state", "aspect", "edge", "effect", "level", "accepted_with")
    list_select_related = ("author",)
    search_fields = ("accession", "statement", "outcome", "preparation__study__accession", "cargo__name")
    autocomplete_fields = ("preparation", "cargo", "disease", "recipient")
    readonly_fields = ("version", "state", "level", "level_reason", "author", "accepted_by", "accepted_with")
    inlines = (MeasureInline, TherapyInline, TargetInline)
    fieldsets = (
        (None, {"fields": ("accession", "version", "state", "author", "accepted_by", "accepted_with")}),
        ("What was shown", {"fields": ("preparation", "key", "cargo", "aspect", "effect", "outcome", "edge")}),
        ("Where", {"fields": ("disease", "recipient", "models_used", "statement", "locator")}),
        ("How strong", {"fields": ("validation", "level", "level_reason", "level_override", "level_override_reason")}),
        (
            "How far the vesicle was shown to be the cause",
            {"fields": ("cargo_observed", "transfer_shown", "vesicle_free_control", "lost_on_removal")},
        ),
    )

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002
        form = super().get_form(request, obj, change, **kwargs)
        form.author = request.user  # type: ignore[attr-defined]
        return form

    def has_change_permission(self, request: HttpRequest, obj: Claim | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or is_open_to(request.user, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Claim | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or is_open_to(request.user, obj))

    def save_model(self, request: HttpRequest, obj: Claim, form: Any, change: bool) -> None:  # noqa: FBT001
        completed(obj, request.user)  # type: ignore[arg-type]
        super().save_model(request, obj, form, change)


def is_open_to(user: Any, claim: Claim) -> bool:
    """Only a draft can be edited, by who wrote it or by an administrator."""
    return claim.state == State.DRAFT and (claim.author_id == user.pk or user.at_least(Role.ADMINISTRATOR))


@admin.register(Release)
class ReleaseAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("number", "title", "released_on")


# --- vocabularies -----------------------------------------------------------------------------------------------------


class SynonymInline(admin.TabularInline):
    model = Synonym
    extra = 0
    fields = ("text", "scope")


@admin.register(Term)
class TermAdmin(admin.ModelAdmin):
    list_display = ("curie", "label", "vocabulary", "obsolete")
    list_filter = ("vocabulary", "obsolete")
    search_fields = ("curie", "label", "synonyms__text")
    readonly_fields = ("curie", "vocabulary", "label", "obsolete")
    autocomplete_fields = ("parents",)
    inlines = (SynonymInline,)
    show_full_result_count = False

    # Vocabularies are loaded, so that all installations have the same terms.
    def has_add_permission(self, *_: Any) -> bool:
        return False

    def has_change_permission(self, *_: Any) -> bool:
        return False

    def has_delete_permission(self, *_: Any) -> bool:
        return False


@admin.register(Name)
class NameAdmin(KeptAdmin):
    """Names as studies write them: the vocabulary work list, and what was decided."""

    list_display = ("text", "kind", "grounding", "relation", "meaning", "reason")
    list_filter = (ToDo, "kind", "grounding", "relation")
    search_fields = ("text", "key", "terms__label", "terms__curie")
    autocomplete_fields = ("terms",)
    readonly_fields = ("kind", "text", "given_curie")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Name]:
        return super().get_queryset(request).prefetch_related("terms")

    @admin.display(description="means")
    def meaning(self, name: Name) -> str:
        return ", ".join(str(term) for term in name.terms.all())


# --- people and register ----------------------------------------------------------------------------------------------


@admin.register(User)
class PersonAdmin(UserAdmin):
    list_display = ("username", "public_name", "role", "orcid", "is_active", "last_login")
    list_filter = ("role", "is_active")
    search_fields = ("username", "public_name", "email", "orcid")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("public_name", "orcid", "first_name", "last_name", "email")}),
        ("May", {"fields": ("role", "is_active", "is_staff", "is_superuser")}),
    )
    add_fieldsets = ((None, {"fields": ("username", "role", "is_staff", "usable_password", "password1", "password2")}),)
    filter_horizontal = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).annotate(claims=Count("claims_written"))


@admin.register(Accession)
class AccessionAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("accession", "kind", "given_at", "merged_into", "removed_at")
    list_filter = ("kind",)
    search_fields = ("accession",)
    show_full_result_count = False

"""The vocabularies, and the names that studies write: the vocabulary work list."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import F, Func, IntegerField, Model, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest

from apps.claims.models import Claim, ClaimTarget, ClaimTherapy
from apps.curation.models import NameNote
from apps.desk.admin.shared import ReadOnly, ToDoFirst
from apps.desk.history import Part
from apps.desk.kept import RestedOnAdmin, RuledForm
from apps.desk.regrounding import Regrounding
from apps.terms.grounding import reground
from apps.terms.models import SOURCE_COLUMNS, VOCABULARIES, Name, NameTerm, Synonym, Term
from apps.terms.naming import key
from apps.vesicles.models import VesicleSource

GROUNDED = Name.Grounding.GROUNDED
MOST_NOTES = 20


class SynonymInline(ReadOnly, admin.TabularInline):
    model = Synonym
    extra = 0
    fields = ("text", "scope")


@admin.register(Term)
class TermAdmin(ReadOnly, admin.ModelAdmin):
    """Terms are loaded from the vocabularies' own files, so that all installations have the same: none is typed."""

    list_display = ("curie", "label", "vocabulary", "obsolete")
    list_display_links = ("curie", "label")
    list_filter = ("vocabulary", "obsolete")
    search_fields = ("curie", "label", "synonyms__text")
    fields = ("curie", "label", "vocabulary", "obsolete", "narrower_than", "all_above")
    readonly_fields = fields
    inlines = (SynonymInline,)
    show_full_result_count = False

    @admin.display(description="parents")
    def narrower_than(self, term: Term) -> str:
        return ", ".join(map(str, term.parents.all())) or "none"

    @admin.display(description="ancestors, nearest first")
    def all_above(self, term: Term) -> str:
        above = term.lineage.filter(distance__gt=0).select_related("ancestor").order_by("distance", "ancestor__label")
        return ", ".join(str(step.ancestor) for step in above) or "none"


class NameForm(RuledForm):
    """What a name means: decided once, for every record that writes it so."""

    class Meta:
        model = Name
        fields = "__all__"

    def clean(self) -> Any:
        cleaned = super().clean() or {}
        if self.instance.pk and "grounding" in cleaned:
            check_decision(self.instance.kind, cleaned)
        return cleaned


def check_decision(kind: str, given: dict[str, Any]) -> None:
    """Say what a decision on a name lacks, before the database refuses it."""
    terms, relation = given.get("terms"), given.get("relation")
    grounded = given["grounding"] == GROUNDED
    faults: dict[str, str] = {}
    if grounded and not terms:
        faults["terms"] = "Choose the term that the name means, or another decision."
    if grounded and not relation:
        faults["relation"] = "Say whether the term means the same or is broader."
    if not grounded and relation:
        faults["relation"] = "Only a grounded name has a relation: empty it, or choose “grounded”."
    if given["grounding"] == Name.Grounding.UNGROUNDABLE and not given.get("reason"):
        faults["reason"] = "Write why no term can be given."
    known = VOCABULARIES[kind]
    if astray := [str(term) for term in terms or () if term.vocabulary not in known]:
        faults["terms"] = f"Not a term for this kind of name: {', '.join(astray)}."
    if faults:
        raise ValidationError(faults)


def uses() -> Coalesce | Any:
    """How many sources and claims write a name, by every column that can hold it."""
    counted = [
        *((VesicleSource, column) for column in SOURCE_COLUMNS),
        *((Claim, column) for column in ("disease", "recipient")),
        *((link, "name") for link in (ClaimTherapy, ClaimTarget)),
    ]
    total: Any = Value(0)
    for model, column in counted:
        total = total + Coalesce(Subquery(_rows(model, column), output_field=IntegerField()), 0)
    return total


def _rows(model: type[Model], column: str) -> QuerySet[Any]:
    rows = model._default_manager.filter(**{column: OuterRef("pk")}).order_by()  # noqa: SLF001
    return rows.annotate(n=Func(F("pk"), function="count")).values("n")


@admin.register(Name)
class NameAdmin(Regrounding, RestedOnAdmin):
    """Names as studies write them: the work list, the most used first."""

    form = NameForm
    list_display = ("text", "kind", "uses", "decision", "meaning", "reason")
    list_filter = (ToDoFirst, "kind", "grounding", "relation")
    search_fields = ("text", "key", "terms__label", "terms__curie")
    autocomplete_fields = ("terms",)
    history_parts = (Part(NameTerm, "name_id", "meaning"),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Name]:
        return super().get_queryset(request).annotate(uses=uses()).prefetch_related("terms")

    def get_ordering(self, request: HttpRequest) -> Any:
        """The most used first, in the list; the menus of other forms ask too, and know no uses."""
        here = request.resolver_match and request.resolver_match.url_name == "terms_name_changelist"
        return (F("uses").desc(), "kind", "text", "given_curie") if here else super().get_ordering(request)

    def get_fields(self, request: HttpRequest, obj: Name | None = None) -> Any:  # noqa: ARG002
        written = ("kind", "text", "given_curie")
        return (*written, "uses", "notes", "grounding", "terms", "relation", "reason") if obj else written

    def get_readonly_fields(self, request: HttpRequest, obj: Name | None = None) -> Any:  # noqa: ARG002
        return ("kind", "text", "given_curie", "uses", "notes") if obj else ()

    @admin.display(description="notes of those who wrote it")
    def notes(self, name: Name) -> str:
        left = NameNote.objects.filter(name=name).select_related("by")[:MOST_NOTES]
        return "; ".join(f"{note.text} ({note.by}, {note.at:%Y-%m-%d})" for note in left) or "none"

    @admin.display(description="uses", ordering="uses")
    def uses(self, name: Name) -> int:
        return int(name.uses)  # type: ignore[attr-defined]

    @admin.display(description="decision", ordering="grounding")
    def decision(self, name: Name) -> str:
        """In a word, for a list: the form says what each means."""
        return " ".join(filter(None, (name.grounding, name.relation))).replace("_", " ")

    @admin.display(description="means")
    def meaning(self, name: Name) -> str:
        return ", ".join(str(term) for term in name.terms.all())

    def save_model(self, request: HttpRequest, obj: Name, form: Any, change: bool) -> None:  # noqa: FBT001
        obj.key = key(obj.text)
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: FBT001
        """A new name is looked up at once."""
        super().save_related(request, form, formsets, change)
        name: Name = form.instance
        if not change:
            reground(Name.objects.filter(pk=name.pk))
            name.refresh_from_db()

"""Sources, preparations and cargos."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.desk.admin.shared import ToDo
from apps.desk.history import Part
from apps.desk.kept import PartInline, RestedOnAdmin
from apps.vesicles.models import EV_METRIC, Cargo, CargoMember, CargoSynonym, CargoXref, Preparation, VesicleSource


@admin.register(VesicleSource)
class SourceAdmin(RestedOnAdmin):
    list_display = ("accession", "name", "category", "material", "species", "tissue", "disease")
    list_display_links = ("accession", "name")
    list_filter = ("category", "material")
    list_select_related = ("species", "tissue", "disease")
    search_fields = ("accession", "name")
    autocomplete_fields = ("species", "cell_line", "cell_type", "tissue", "disease")


@admin.register(Preparation)
class PreparationAdmin(RestedOnAdmin):
    list_display = ("accession", "term", "source", "study", "engineered", "metric")
    list_filter = ("engineered", "vesicle_class")
    list_select_related = ("source", "study")
    search_fields = ("accession", "term", "source__name", "study__accession", "study__title")
    autocomplete_fields = ("study", "source")
    fieldsets = (
        (None, {"fields": ("accession", "study", "key", "source", "term", "vesicle_class")}),
        ("Engineering", {"fields": ("engineered", "loading", "surface")}),
        ("Methods", {"fields": ("isolation", "methods", "markers_positive", "markers_negative")}),
        (
            "EV-METRIC: is it reported?",
            {
                "fields": tuple(EV_METRIC),
                "description": "Leave an item at not curated unless you have read the methods for it.",
            },
        ),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Preparation | None = None) -> Any:
        """A preparation stays with the study that made it."""
        fixed = super().get_readonly_fields(request, obj)
        return (*fixed, "study") if obj else fixed

    @admin.display(description="EV-METRIC")
    def metric(self, made: Preparation) -> str:
        return f"{made.metric_reported} of {made.metric_curated}" if made.metric_curated else "not curated"


class SynonymInline(PartInline):
    model = CargoSynonym


class XrefInline(PartInline):
    model = CargoXref


class MemberInline(PartInline):
    model = CargoMember
    fk_name = "panel"
    autocomplete_fields = ("member",)
    verbose_name = "member"
    verbose_name_plural = "members, where it is a panel measured as one"


@admin.register(Cargo)
class CargoAdmin(RestedOnAdmin):
    list_display = ("accession", "name", "kind", "references", "ungrounded_reason")
    list_display_links = ("accession", "name")
    list_filter = (ToDo, "kind")
    search_fields = ("accession", "name", "synonyms__text", "xrefs__curie")
    inlines = (XrefInline, SynonymInline, MemberInline)
    history_parts = (
        Part(CargoXref, "cargo_id", "cross-reference"),
        Part(CargoSynonym, "cargo_id", "synonym"),
        Part(CargoMember, "panel_id", "member"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Cargo]:
        return super().get_queryset(request).prefetch_related("xrefs")

    @admin.display(description="cross-references")
    def references(self, cargo: Cargo) -> str:
        return ", ".join(xref.curie for xref in cargo.xrefs.all())

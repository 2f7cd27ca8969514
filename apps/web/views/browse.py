"""Paged lists of what accepted claims rest on."""

from __future__ import annotations

from hashlib import md5
from typing import TYPE_CHECKING, Any, override

from django.core.paginator import Page, Paginator
from django.db.models import Count, QuerySet
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import cached_property
from django.views.decorators.http import require_safe

from apps.claims.models import Claim
from apps.finding.remembering import remembered
from apps.studies.models import Study
from apps.terms.models import Term, Vocabulary
from apps.vesicles.models import Cargo, CargoKind, SourceCategory, VesicleSource
from apps.web.keeping import kept

# Generic to the type checker only.
if TYPE_CHECKING:
    ManyPages = Paginator[Any]
else:
    ManyPages = Paginator

PER_PAGE = 50


class Pages(ManyPages):
    """Pages of records, each with the number of its accepted claims, counted for the page alone.

    How many records there are is counted once for each state of the evidence: of a hundred thousand studies, asking
    which are public takes a second.
    """

    def __init__(self, records: QuerySet[Any], path: str) -> None:
        super().__init__(records, PER_PAGE)
        self.records, self.path = records, path

    @cached_property
    @override
    def count(self) -> int:
        asked = md5(str(self.records.query).encode(), usedforsecurity=False).hexdigest()
        return remembered(f"records {asked}", self.records.count)

    @override
    def page(self, number: int | str) -> Page[Any]:
        page = super().page(number)
        listed = list(page.object_list)
        if self.path:
            keys = [record.pk for record in listed]
            own = Claim.objects.accepted().filter(**{f"{self.path}__in": keys}).order_by()
            counts = dict(own.values_list(self.path).annotate(n=Count("pk")))
            for record in listed:
                record.claim_count = counts.get(record.pk, 0)
        page.object_list = listed
        return page


def _page(request: HttpRequest, template: str, records: QuerySet[Any], path: str = "", **context: Any) -> HttpResponse:
    page = Pages(records, path).get_page(request.GET.get("page"))
    return render(request, template, {"page": page, **context})


def _chosen(request: HttpRequest, name: str, values: list[str]) -> str:
    asked = request.GET.get(name, "")
    return asked if asked in values else ""


@kept(seconds=60)
@require_safe
def studies(request: HttpRequest) -> HttpResponse:
    records = Study.objects.public().order_by("-year", "accession")
    return _page(request, "web/studies.html", records, "preparation__study")


@kept(seconds=60)
@require_safe
def cargos(request: HttpRequest) -> HttpResponse:
    kind = _chosen(request, "kind", CargoKind.values)
    records = Cargo.objects.public().order_by(Lower("name"), "accession")
    chosen = records.filter(kind=kind) if kind else records
    return _page(
        request,
        "web/cargos.html",
        chosen,
        "cargo",
        choices=CargoKind.choices,
        parameter="kind",
        chosen=kind,
    )


@kept(seconds=60)
@require_safe
def sources(request: HttpRequest) -> HttpResponse:
    category = _chosen(request, "category", SourceCategory.values)
    records = VesicleSource.objects.public().select_related("species", "disease").order_by(Lower("name"), "accession")
    chosen = records.filter(category=category) if category else records
    return _page(
        request,
        "web/sources.html",
        chosen,
        "preparation__source",
        choices=SourceCategory.choices,
        parameter="category",
        chosen=category,
    )


@kept(seconds=60)
@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    """Terms that some name in public evidence means; the rest of a vocabulary is reached from them."""
    vocabulary = _chosen(request, "vocabulary", Vocabulary.values) or Vocabulary.DISEASE.value
    records = Term.objects.public().filter(vocabulary=vocabulary).order_by(Lower("label"), "curie")
    choices = [(value, str(label).partition(" (")[0]) for value, label in Vocabulary.choices]
    return _page(
        request, "web/terms.html", records, choices=choices, parameter="vocabulary", chosen=vocabulary, no_all=True
    )

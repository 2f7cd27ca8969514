"""Paged lists of what accepted claims rest on."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, Lower
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.claims.models import Claim
from apps.studies.models import Study
from apps.terms.models import Term, Vocabulary
from apps.vesicles.models import Cargo, CargoKind, SourceCategory, VesicleSource

PER_PAGE = 50


def _with_claims(records: QuerySet[Any], path: str) -> QuerySet[Any]:
    """The records, each with the number of its accepted claims."""
    own = Claim.objects.accepted().filter(**{path: OuterRef("pk")}).order_by().values(path).annotate(n=Count("pk"))
    return records.annotate(claim_count=Coalesce(Subquery(own.values("n")), 0))


def _page(request: HttpRequest, template: str, records: QuerySet[Any], **context: Any) -> HttpResponse:
    page = Paginator(records, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, template, {"page": page, **context})


def _chosen(request: HttpRequest, name: str, values: list[str]) -> str:
    asked = request.GET.get(name, "")
    return asked if asked in values else ""


@require_safe
def studies(request: HttpRequest) -> HttpResponse:
    records = Study.objects.public().order_by("-year", "accession")
    return _page(request, "web/studies.html", _with_claims(records, "preparation__study"))


@require_safe
def cargos(request: HttpRequest) -> HttpResponse:
    kind = _chosen(request, "kind", CargoKind.values)
    records = Cargo.objects.public().order_by(Lower("name"), "accession")
    chosen = records.filter(kind=kind) if kind else records
    return _page(
        request,
        "web/cargos.html",
        _with_claims(chosen, "cargo"),
        choices=CargoKind.choices,
        parameter="kind",
        chosen=kind,
    )


@require_safe
def sources(request: HttpRequest) -> HttpResponse:
    category = _chosen(request, "category", SourceCategory.values)
    records = VesicleSource.objects.public().select_related("species", "disease").order_by(Lower("name"), "accession")
    chosen = records.filter(category=category) if category else records
    return _page(
        request,
        "web/sources.html",
        _with_claims(chosen, "preparation__source"),
        choices=SourceCategory.choices,
        parameter="category",
        chosen=category,
    )


@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    """Terms that some name in public evidence means; the rest of a vocabulary is reached from them."""
    vocabulary = _chosen(request, "vocabulary", Vocabulary.values) or Vocabulary.DISEASE.value
    records = Term.objects.public().filter(vocabulary=vocabulary).order_by(Lower("label"), "curie")
    choices = [(value, str(label).partition(" (")[0]) for value, label in Vocabulary.choices]
    return _page(
        request, "web/terms.html", records, choices=choices, parameter="vocabulary", chosen=vocabulary, no_all=True
    )

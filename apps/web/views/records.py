"""The pages of record: one for each claim, study, source, preparation, cargo and term."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from apps.claims.models import Claim
from apps.studies.models import Study
from apps.terms.models import AlternativeId, Name, Term, Vocabulary
from apps.vesicles.models import Cargo, CargoXref, Preparation, VesicleSource
from apps.web import reading, register
from apps.web.citing import citing
from apps.web.keeping import kept

# How many parents, children, names, preparations or panels a page lists before it says how many more there are.
LISTED = 100
# What a page names as partners, by what it is about.
PARTNERS = {
    "cargo": ("disease", "source_category", "recipient", "therapy", "target"),
    "source": ("cargo", "disease", "recipient", "target"),
    Vocabulary.DISEASE: ("cargo", "source_category", "therapy", "target"),
    Vocabulary.THERAPY: ("disease", "cargo", "source_category", "target"),
    Vocabulary.MOLECULE: ("disease", "cargo", "source_category", "therapy"),
    Vocabulary.TISSUE: ("source_category", "disease", "cargo", "recipient"),
    Vocabulary.CELL_TYPE: ("source_category", "disease", "cargo", "target"),
    Vocabulary.CELL_LINE: ("disease", "cargo", "source_category", "target"),
    Vocabulary.SPECIES: ("source_category", "disease", "cargo", "therapy"),
}


class Listed(NamedTuple):
    """The first rows of a list, and how many more there are."""

    rows: list[Any]
    more: int


def _listed(records: QuerySet[Any]) -> Listed:
    rows = list(records[: LISTED + 1])
    return Listed(rows[:LISTED], records.count() - LISTED if len(rows) > LISTED else 0)


class Missing(Exception):
    """No public record has the accession."""


View = Callable[[HttpRequest, str], HttpResponse]


def of_record(view: View) -> View:
    """A page at the canonical address of its accession; else where the register says that it leads."""

    @wraps(view)
    def shown(request: HttpRequest, accession: str) -> HttpResponse:
        canonical = accession.upper()
        if accession != canonical:
            return redirect(request.get_full_path().replace(accession, canonical, 1), permanent=True)
        try:
            return view(request, accession)
        except Missing:
            return _elsewhere(request, accession)

    return require_safe(shown)


def one(records: QuerySet[Any], accession: str) -> Any:
    record = records.filter(accession=accession).first()
    if record is None:
        raise Missing
    return record


def _elsewhere(request: HttpRequest, accession: str) -> HttpResponse:
    found = register.look_up(accession)
    if found.address and found.address != request.path:
        return _moved(found.address)
    if found.gone:
        return render(request, "410.html", {"accession": accession, "found": found}, status=410)
    raise Http404


def _moved(address: str) -> HttpResponse:
    """For good, as far as we know: a merge can be undone, so browsers ask again each time."""
    response = redirect(address, permanent=True)
    patch_cache_control(response, no_cache=True)
    return response


@require_safe
def by_accession(request: HttpRequest, accession: str) -> HttpResponse:
    """Lead an accession to its page."""
    return _elsewhere(request, accession.upper())


@of_record
def study(request: HttpRequest, accession: str) -> HttpResponse:
    record = one(Study.objects.public().prefetch_related("notices"), accession)
    context = {
        "study": record,
        "preparations": _listed(_preparations().filter(study=record)),
        **citing(record),
        **reading.shown(Claim.objects.accepted().filter(preparation__study=record), {"study": accession}),
    }
    return render(request, "web/study.html", context)


@kept(seconds=300)
@of_record
def source(request: HttpRequest, accession: str) -> HttpResponse:
    names = ("species", "cell_line", "cell_type", "tissue", "disease")
    records = VesicleSource.objects.public().select_related(*names)
    record = one(records.prefetch_related(*(f"{name}__terms" for name in names)), accession)
    claims = Claim.objects.accepted().filter(preparation__source=record)
    context = {
        "source": record,
        "preparations": _listed(_preparations().filter(source=record)),
        "balance": reading.balance_of(claims, {"source": accession}),
        **reading.shown(claims, {"source": accession}, PARTNERS["source"]),
    }
    return render(request, "web/source.html", context)


def _preparations() -> QuerySet[Preparation]:
    return Preparation.objects.public().select_related("study", "source").order_by("accession")


@of_record
def preparation(request: HttpRequest, accession: str) -> HttpResponse:
    records = Preparation.objects.public().select_related("study", "source__species", "source__disease")
    record = one(records.prefetch_related("study__notices"), accession)
    claims = Claim.objects.accepted().filter(preparation=record)
    context = {"preparation": record, "study": record.study, **reading.shown(claims, {"preparation": accession})}
    return render(request, "web/preparation.html", context)


@kept(seconds=300)
@of_record
def cargo(request: HttpRequest, accession: str) -> HttpResponse:
    record = one(Cargo.objects.public().prefetch_related("synonyms", "xrefs"), accession)
    xrefs = list(record.xrefs.all())
    labels = dict(Term.objects.filter(curie__in=[xref.curie for xref in xrefs]).values_list("curie", "label"))
    everyone = Cargo.objects.public().order_by("name", "accession")
    claims = Claim.objects.accepted().filter(cargo=record)
    context = {
        "cargo": record,
        "xrefs": [(xref, labels.get(xref.curie)) for xref in xrefs],
        "members": _listed(everyone.filter(panels=record)),
        "panels": _listed(everyone.filter(members=record)),
        "balance": reading.balance_of(claims, {"cargo": accession}),
        **reading.shown(claims, {"cargo": accession}, PARTNERS["cargo"]),
    }
    return render(request, "web/cargo.html", context)


@kept(seconds=300)
@require_safe
def term(request: HttpRequest, curie: str) -> HttpResponse:
    if "\0" in curie:
        raise Http404
    record = Term.objects.filter(curie=curie).first()
    if record is None:
        return _not_a_term(request, curie)
    claims = Claim.objects.filter(pk__in=Claim.objects.accepted().about(record).values("pk"))
    context = {
        "term": record,
        "synonyms": _listed(record.synonyms.order_by("text", "pk")),
        "parents": _listed(record.parents.order_by(Lower("label"), "curie")),
        "children": _listed(record.children.order_by(Lower("label"), "curie")),
        "names": _listed(Name.objects.public().filter(terms=record).order_by("kind", "text", "pk")),
        "cargos": _listed(Cargo.objects.public().filter(xrefs__curie=record.curie).order_by("name", "accession")),
        "balance": reading.balance_of(claims, {"term": record.curie}),
        **reading.shown(claims, {"term": record.curie}, PARTNERS[record.vocabulary]),
    }
    return render(request, "web/term.html", context)


def _not_a_term(request: HttpRequest, curie: str) -> HttpResponse:
    """An identifier that was given up leads to its successor; one that only cargos refer to lists them."""
    given_up = AlternativeId.objects.filter(curie=curie).select_related("term").first()
    if given_up:
        return redirect(given_up.term, permanent=True)
    meant = CargoXref.objects.filter(curie=curie, cargo__in=Cargo.objects.public())
    xrefs = _listed(meant.select_related("cargo").order_by("cargo__name", "pk"))
    if not xrefs.rows:
        raise Http404
    return render(request, "web/curie.html", {"curie": curie, "xrefs": xrefs})

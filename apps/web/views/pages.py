"""The home page, and the pages that explain."""

from urllib.parse import urlencode

from django.db.models import TextChoices
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.claims.models import LADDER, Aspect, Effect, Model
from apps.curation import agreement
from apps.synthesis.index import WEIGHTS
from apps.vesicles.models import EV_METRIC, SourceCategory, VesicleClass
from apps.web import reading
from apps.web.searching import WITHOUT_RETRACTED
from apps.web.templatetags.evidence import worded

LATEST = 6


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    context = {
        "numbers": reading.numbers(),
        "by_aspect": reading.edges_by_aspect(),
        "standing": urlencode({"status": WITHOUT_RETRACTED}, doseq=True),
        "latest": reading.latest(LATEST),
    }
    return render(request, "web/home.html", context)


def _words(choices: type[TextChoices]) -> list[str]:
    return [worded(str(label)) for label in choices.labels]


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    return render(request, "web/about.html")


@require_safe
def methods(request: HttpRequest) -> HttpResponse:
    context = {
        "aspects": _words(Aspect),
        "effects": _words(Effect),
        "models": _words(Model),
        "metric": EV_METRIC.values(),
        "rungs": LADDER.values(),
        "categories": _words(SourceCategory),
        "classes": _words(VesicleClass),
        "agreement": agreement.figures(),
        "enough": agreement.ENOUGH,
        "weights": WEIGHTS.items(),
    }
    return render(request, "web/methods.html", context)


@require_safe
def help_search(request: HttpRequest) -> HttpResponse:
    return render(request, "web/help_search.html")

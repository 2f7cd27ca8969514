"""The home page, and the pages that explain."""

from django.db.models import TextChoices
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.claims.models import LADDER, Aspect, Effect, Model
from apps.curation import agreement
from apps.finding.fields import FIELDS
from apps.finding.questions import ALL
from apps.studies.models import Notice
from apps.synthesis.index import WEIGHTS
from apps.vesicles.models import EV_METRIC, SourceCategory, VesicleClass
from apps.web import reading
from apps.web.templatetags.evidence import worded

LATEST, NEWEST_NOTICES = 6, 4
# Questions of the search language for its help: as typed, and what each finds.
QUESTIONS = (
    ("edge:harm aspect:drug_resistance", "claims that have both"),
    ('disease:"gastric cancer" -status:retracted', "the disease or what is narrower, without retracted studies"),
    ("(miR-21 OR miR-155) AND therapy:cisplatin", "either of the two, with the drug"),
    (
        "effect:(promotes OR marks) year:2018..2020",
        "either of the values, in these years; 2018.. leaves the end open",
    ),
    ("miR-21 NOT model:in_vitro", "the words, in claims not shown in cells"),
    ("reporting:75-100 has_measures:true level:B", "well reported, with numbers, and strong"),
)


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    context = {
        **reading.inside(),
        "questions": ALL,
        "counted": {"retracted": "false"},
        "latest": reading.latest(LATEST),
        "notices": Notice.objects.public().select_related("study").order_by("-first_seen", "-pk")[:NEWEST_NOTICES],
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
    return render(request, "web/help_search.html", {"fields": list(FIELDS.values()), "questions": QUESTIONS})

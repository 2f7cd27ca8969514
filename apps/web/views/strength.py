"""How strong propositions are: what is there, and what is missing."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.synthesis import proposition
from apps.synthesis.choosing import WORDS, chosen
from apps.synthesis.proposition import Says
from apps.synthesis.questions import Question

EXAMPLES = {"cargo": "miR-21", "disease": "gastric cancer", "source": "EXVS0000001"}
NAMES = (*EXAMPLES, "source_category")


@require_safe
def strength(request: HttpRequest) -> HttpResponse:
    """The propositions on one cargo or source and one disease, each step by step."""
    given = {name: request.GET.get(name, "") for name in NAMES}
    asked = chosen(given)
    held = {
        "question": _known(request, "question", Question.values),
        "says": _known(request, "says", Says.values),
    }
    kept = {choice.name: choice.given for choice in asked.choices}
    can_be_asked = proposition.can_be_asked(asked)
    context = {
        "asked": asked,
        "can_be_asked": can_be_asked,
        "propositions": proposition.propositions(asked, **held) if can_be_asked else [],
        "fields": [(name, {"given": kept.get(name, ""), "example": example}) for name, example in EXAMPLES.items()],
        "categories": WORDS["source_category"].choices,
        "category": kept.get("source_category", ""),
        "address": "?" + urlencode({**kept, **{name: value for name, value in held.items() if value}}),
        "all": f"?{urlencode(kept)}" if any(held.values()) else "",
        "behind": {**kept, "retracted": "false"},
    }
    return render(request, "web/synthesis/strength.html", context)


def _known(request: HttpRequest, name: str, values: list[str]) -> str:
    given = request.GET.get(name, "")
    return given if given in values else ""

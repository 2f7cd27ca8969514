"""What claims say together: balances."""

from __future__ import annotations

from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.synthesis import balance as balances
from apps.synthesis.choosing import WORDS, chosen
from apps.web import reading

PER_PAGE = 25
EXAMPLES = {"cargo": "miR-21", "disease": "gastric cancer", "therapy": "cisplatin", "source": "EXVS0000001"}
TITLES = {"source_category": "Kind of source", "aspect": "Aspect"}


@require_safe
def balance(request: HttpRequest) -> HttpResponse:
    """The balance of the claims that the address names, and all of them, the strongest first."""
    asked = chosen(request.GET.dict())
    claims = asked.claims()
    listed = reading.as_cards(claims).order_by(*reading.STRONGEST_FIRST)
    given = {choice.name: choice.given for choice in asked.choices}
    context = {
        "asked": asked,
        "balance": balances.of(claims),
        "page": Paginator(listed, PER_PAGE).get_page(request.GET.get("page")),
        "fields": [(name, {"given": given.get(name, ""), "example": example}) for name, example in EXAMPLES.items()],
        "menus": [
            (name, {"title": TITLES[name], "given": given.get(name, ""), "choices": words.choices})
            for name, words in WORDS.items()
        ],
        "address": f"?{urlencode(given)}" if given else "",
    }
    return render(request, "web/synthesis/balance.html", context)

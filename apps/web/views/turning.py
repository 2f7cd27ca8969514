"""Healing that turns, by tissue."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.synthesis.turning import ORGANS, turning


@require_safe
def turns(request: HttpRequest) -> HttpResponse:
    """What repairs a tissue, beside what the same sources and cargos do to cancer there."""
    asked = request.GET.get("tissue", "")
    organ = ORGANS.get(asked) or next(iter(ORGANS.values()))
    context = {"turning": turning(organ), "organs": ORGANS.values(), "unknown": asked if asked not in ORGANS else ""}
    return render(request, "web/synthesis/turning.html", context)

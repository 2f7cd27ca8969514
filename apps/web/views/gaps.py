"""Gaps: what nobody has shown yet."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.finding.remembering import remembered
from apps.synthesis.unknown import SAYS, Gap, Open, gaps

PER_PAGE = 50


def known(kind: Gap) -> list[Open]:
    """The gaps of the kind, read anew where the evidence has changed."""
    return remembered(f"gaps {kind}", lambda: gaps(kind))


@require_safe
def unknown(request: HttpRequest) -> HttpResponse:
    """The gaps of one kind, and how many there are of each."""
    asked = request.GET.get("kind", "")
    kind = Gap(asked) if asked in Gap.values else Gap.SINGLE
    found = {each: known(each) for each in Gap}
    context = {
        "kind": kind,
        "says": SAYS[kind],
        "kinds": [(each, len(found[each])) for each in Gap],
        "page": Paginator(found[kind], PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "web/synthesis/gaps.html", context)

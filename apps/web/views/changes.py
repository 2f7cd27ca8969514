"""What moved: balances and contradictions, dated."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.web.moves import Wanted, in_words

PER_PAGE = 50


@require_safe
def changes(request: HttpRequest) -> HttpResponse:
    """What moved, the newest first; with `as_of`, what had moved when that day ended."""
    wanted = Wanted.read(request.GET)
    page = Paginator(wanted.moves(), PER_PAGE).get_page(request.GET.get("page"))
    told = [(move, in_words(move), [said.split(" ", 1) for said in move.because]) for move in page]
    return render(request, "web/synthesis/changes.html", {"wanted": wanted, "page": page, "told": told})

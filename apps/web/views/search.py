"""The search page."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from apps.claims.search import address_of, nearest
from apps.web import register
from apps.web.searching import PER_PAGE, Search


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """The claims that words and facets find; an identifier alone leads straight to its page."""
    asked = Search.read(request.GET)
    if not asked.is_narrowed and (address := register.address_of(asked.words) or address_of(asked.words)):
        return redirect(address)
    page = Paginator(asked.claims, PER_PAGE).get_page(request.GET.get("page"))
    found = page.paginator.count
    context = {
        "search": asked,
        "words": asked.words,
        "page": page,
        "facets": asked.facets() if found or asked.chosen else [],
        "near": [] if found else nearest(asked.words),
    }
    return render(request, "web/search.html", context)

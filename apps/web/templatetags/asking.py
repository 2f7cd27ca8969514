"""Where numbers lead: to the search that holds them, and to the page of what was counted."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import template
from django.http import QueryDict
from django.urls import reverse

from apps.finding.tallies import Asks

register = template.Library()

# How the page of a record is reached by the limit that a search is held to it with.
PAGES = {"cargo": "cargo-detail", "source": "source-detail", "study": "study-detail"}
TERMS = ("disease", "recipient", "therapy", "target", "term")


@register.simple_tag
def search_of(*asked: Asks | None, **also: str) -> str:
    """The search that is held to all of these; what comes later takes the place of what it names again."""
    return reverse("search") + query_of(*asked, **also)


@register.simple_tag
def query_of(*asked: Asks | None, **also: str) -> str:
    """The query string of that search, as pictures take it, too."""
    limits: dict[str, str | list[str]] = {}
    for each in (*asked, also):
        limits.update(each or {})
    return f"?{urlencode(limits, doseq=True)}" if limits else ""


@register.filter
def words(text: str) -> list[str]:
    return text.split()


@register.simple_tag
def page_of(asks: Asks) -> str:
    """The page of what one limit names: a record, a term or the sources of a category."""
    ((limit, value),) = asks.items()
    if limit == "source_category":
        return f"{reverse('sources')}?{urlencode({'category': value})}"
    return reverse(PAGES.get(limit, "term-detail"), args=[value])


@register.simple_tag(takes_context=True)
def turned(context: dict[str, Any], part: str, page: int) -> str:
    """This address with another page of one of its tables."""
    query: QueryDict = context["request"].GET.copy()
    query[f"{part}-page"] = str(page)
    return f"?{query.urlencode()}#{part}"

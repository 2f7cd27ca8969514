"""The search page."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from apps.claims.models import Claim
from apps.claims.search import address_of
from apps.finding import columns, language
from apps.finding.answering import Page, answer, interpreted
from apps.finding.asking import SORTS, VIEWS, Search
from apps.finding.chips import chips
from apps.finding.columns import Column, with_columns
from apps.finding.downloads import FORMATS
from apps.finding.facets import Facet, facets
from apps.finding.fields import FIELDS
from apps.finding.interpreting import Interpreted, in_words, meaning, without
from apps.finding.nothing import explain
from apps.studies.models import StudyStatus
from apps.web import reading, register
from apps.web.keeping import kept
from apps.web.templatetags.evidence import worded

PER_PAGE = 25
# Characters of a faulty question that are shown before and behind the fault.
SHOWN_AROUND = 40
# Columns of fixed values, with the fields that hold their labels; edge and standing have marks of their own.
LABELLED = {
    **{name: name for name in ("aspect", "effect", "cargo_kind", "source_category", "isolation")},
    "models": "model",
}
KEY = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)
WITHOUT_RETRACTED = tuple(status for status in StudyStatus.values if status != StudyStatus.RETRACTED)
# What most readers ask of the standing of studies, in their words.
STANDINGS: dict[str, tuple[str, ...]] = {
    "without the retracted": WITHOUT_RETRACTED,
    "concern or corrected": (StudyStatus.CONCERN.value, StudyStatus.CORRECTED.value),
}


# The names that are read into words come a little later than the claims that bear them.
@kept(seconds=60)
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """The claims that words and facets find; an identifier alone leads straight to its page."""
    asked = Search.read(request.GET)
    if not asked.is_narrowed and (address := register.address_of(asked.words) or address_of(asked.words)):
        return redirect(address)
    taken = interpreted(asked)
    found = answer(asked, taken.question)
    page = found.page(PER_PAGE, after=_key(request, "after"), before=_key(request, "before"))
    listed = facets(asked, found.facets, opened=request.GET.get("more", ""))
    count = found.count
    context = {
        "search": asked,
        "words": asked.words,
        "count": count,
        "claims": _rows(asked, page.keys) if asked.view else reading.cards_of(page.keys),
        "views": [(title, view == asked.view, replace(asked, view=view).address()) for view, title in VIEWS.items()],
        "columns": columns.chosen(asked.columns),
        "every_column": [(each, each in columns.chosen(asked.columns)) for each in columns.COLUMNS.values()],
        "formats": [(title, asked.address(format=kind)) for kind, title in FORMATS.items()],
        "api_call": _api_call(request, asked, taken),
        "pages": _pages(request, asked, page, count),
        "fault": _pointed(asked.words, taken.fault),
        "read": _read(asked, taken),
        "chips": chips(asked),
        "facets": [_shown(asked, facet) for facet in listed] if count or asked.narrowed else [],
        "orders": _orders(asked),
        "clear": Search(asked.words, sort=asked.sort, view=asked.view).address(),
        "nothing": None if count else _nothing(asked),
    }
    return render(request, "web/search.html", context)


def _pointed(words: str, fault: language.Fault | None) -> dict[str, Any] | None:
    """Where words break the search language: what stands before that place, at it, and behind it."""
    if fault is None:
        return None
    around = slice(max(0, fault.at - SHOWN_AROUND), fault.at), slice(fault.at + 1, fault.at + SHOWN_AROUND)
    before, behind = (words[each] for each in around)
    return {
        "says": fault.says,
        "place": fault.place,
        "before": before,
        "at": words[fault.at : fault.at + 1],
        "behind": behind,
    }


def _nothing(asked: Search) -> dict[str, Any]:
    """Why nothing was found, with the addresses of what lies near."""
    why = explain(asked)
    return {
        "missing": why.missing,
        "near": [(each, FIELDS[each.field].title.lower(), turned.address()) for each, turned in why.near],
        "shorter": why.shorter,
        "wider": why.wider,
    }


def _read(asked: Search, taken: Interpreted) -> dict[str, Any]:
    """What was read into the words, and the way out: without a name, by one of its meanings, or as words only."""
    return {
        "names": [(name, without(asked, name).address()) for name in taken.names],
        "doubts": [
            (name, [(each, meaning(asked, name, each.field, each.value).address()) for each in name.meanings])
            for name in taken.doubts
        ],
        "given_up": taken.given_up,
        "in_words": in_words(asked).address(),
        "word_count": answer(in_words(asked)).count if taken.names else 0,
        "again": in_words(asked, only=False).address() if asked.as_words else "",
    }


def _key(request: HttpRequest, name: str) -> int | None:
    """The key of the claim that a page begins behind, or ends before."""
    given = request.GET.get(name, "")
    return int(given) if KEY.fullmatch(given) else None


def _rows(asked: Search, keys: list[int]) -> list[tuple[Claim, list[tuple[Column, Any]]]]:
    """Each claim with its cells in the columns chosen."""
    claims = with_columns(Claim.objects.filter(pk__in=keys)).in_bulk()
    chosen = columns.chosen(asked.columns)
    return [(claims[key], [(each, _told(each, claims[key])) for each in chosen]) for key in keys if key in claims]


def _told(column: Column, claim: Claim) -> Any:
    """A value as it reads: fixed ones by their labels."""
    value, field = column.value(claim), FIELDS.get(LABELLED.get(column.name, ""))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "; ".join(worded(field.label(each)) if field else each for each in value)
    return worded(field.label(str(value))) if field and value is not None else value


def _api_call(request: HttpRequest, asked: Search, taken: Interpreted) -> str:
    """The address at which the API answers the same; none where words that break the language were taken as words."""
    if taken.fault:
        return ""
    written = language.write(taken.question)
    if language.read(written).question != taken.question:
        return ""
    values = [(name, value) for name, value in asked.parameters if name not in {"q", "as"}]
    pairs = [*([("q", written)] if written else []), *values]
    return request.build_absolute_uri(f"/api/v1/claims/?{urlencode(pairs)}")


def _pages(request: HttpRequest, asked: Search, page: Page, count: int) -> dict[str, Any]:
    """The number of the page, as its address has it, and the addresses of those beside it."""
    last = max(1, -(-count // PER_PAGE))
    given = request.GET.get("page", "")
    number = min(int(given), last) if KEY.fullmatch(given) and page.before else 1
    pages: dict[str, Any] = {"number": number, "last": last}
    if page.before:
        first = number in {1, 2} or not page.keys
        pages["previous"] = asked.address() if first else asked.address(before=page.keys[0], page=number - 1)
    if page.behind:
        pages["next"] = asked.address(after=page.keys[-1], page=number + 1)
    return pages


def _orders(asked: Search) -> list[tuple[str, bool, str]]:
    """Each order as (what it is called, whether it is the present one, its address)."""
    return [
        (title, key == asked.order, asked.sorted_by(key).address())
        for key, title in SORTS.items()
        if asked.words or key != "relevance"
    ]


def _shown(asked: Search, facet: Facet) -> dict[str, Any]:
    shortcuts = []
    if facet.field.name == "status":
        now = set(asked.having("status"))
        for label, values in STANDINGS.items():
            turned = asked.narrowed_to("status", () if now == set(values) else values)
            shortcuts.append((label, now == set(values), turned.address()))
    name = facet.field.name
    return {
        "field": facet.field,
        "choices": [(choice, choice.turned.address()) for choice in facet.choices],
        "shortcuts": shortcuts,
        "more": facet.more,
        "opened": facet.opened,
        "open": asked.address(more=name) + f"#facet-{name}",
        "is_open": name in asked.narrowed or facet.opened,
    }

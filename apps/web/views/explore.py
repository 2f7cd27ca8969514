"""The questions, and the pictures of a search."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.claims.models import ClaimQuerySet
from apps.finding.asking import Search
from apps.finding.gaps import heat_map
from apps.finding.networks import network
from apps.finding.passing import counted
from apps.finding.questions import ALL, QUESTIONS, Question
from apps.finding.tallies import CATEGORIES, account, edges
from apps.finding.timelines import timeline
from apps.studies.models import StudyStatus
from apps.synthesis import balance
from apps.vesicles.models import SourceCategory
from apps.web import answers, drawing
from apps.web.answers import Given, Limits, Table
from apps.web.keeping import kept
from apps.web.reading import bar


@require_safe
def explore(request: HttpRequest) -> HttpResponse:
    return render(request, "web/explore/index.html", {"questions": ALL})


@require_safe
def question(request: HttpRequest, slug: str) -> HttpResponse:
    """One of the questions: the form, the answer in tables, the picture, and the searches behind them."""
    asked = QUESTIONS.get(slug)
    if asked is None:
        raise Http404
    told = answers.given(asked, request.GET)
    tables = answers.answered(asked, request.GET, told)
    nothing = not any(table.total for table in tables)
    context = {
        "question": asked,
        "told": told,
        "fields": answers.fields(asked, told),
        "tables": tables,
        "nothing": nothing,
        "near": answers.near(told) if nothing else [],
        "picture": asked.picture,
        **({} if nothing else PICTURES[asked.picture](asked, told, tables)),
    }
    return render(request, "web/explore/question.html", context)


# --- pictures of a question -------------------------------------------------------------------------------------------

Drawing = dict[str, Any]


def _areas(_: Question, __: Given, tables: list[Table]) -> Drawing:
    return {"areas": drawing.areas_picture(list(tables[0].page))}


def _of_search(draw: Callable[[ClaimQuerySet], Drawing]) -> Callable[[Question, Given, list[Table]], Drawing]:
    def drawn(asked: Question, told: Given, _: list[Table]) -> Drawing:
        limits = answers.as_words({**asked.pictured, **told.limits})
        return {
            "limit": limits,
            "counted": {**limits, "retracted": "false"},
            **draw(answers.claims_of(answers.search_by(limits))),
        }

    return drawn


def _map(claims: ClaimQuerySet) -> Drawing:
    return {"map": heat_map(claims)}


def _network(claims: ClaimQuerySet) -> Drawing:
    return {"network": drawing.network_picture(network(claims))}


def _timeline(claims: ClaimQuerySet) -> Drawing:
    return {"timeline": drawing.timeline_picture(timeline(claims))}


def _balance(claims: ClaimQuerySet) -> Drawing:
    told = account(claims)
    return {
        "account": told,
        "aspects": [bar(row) for row in told.overview.aspects],
        "balance": balance.of(claims),
        "sides": drawing.sides_of(told.overview.aspects),
    }


def _sides(_: Question, __: Given, tables: list[Table]) -> Drawing:
    """Of each kind of source, what heals beside what feeds cancer."""
    heals, feeds = (
        {row["key"]: edges(row) for row in counted(_claims(table), {"rows": CATEGORIES})["rows"]} for table in tables
    )
    pairs = [
        drawing.Pair(
            str(SourceCategory(key).label),
            feeds[key].total() if key in feeds else 0,
            heals[key].total(),
            {**tables[1].limits, "source_category": key},
            {**tables[0].limits, "source_category": key},
        )
        for key in heals
    ]
    return {"sides": drawing.sides(pairs), "counted": {"retracted": "false"}}


def _claims(table: Table) -> ClaimQuerySet:
    return answers.claims_of(answers.search_by(table.limits))


STANDINGS = {
    "standings": """SELECT status, count(*) AS claims, count(DISTINCT study_id) AS studies,
        count(*) FILTER (WHERE metric_curated > 0) AS scored FROM found GROUP BY status"""
}


def _standings(claims: ClaimQuerySet) -> Drawing:
    rows = {row["status"]: row for row in counted(claims, STANDINGS)["standings"]}
    return {
        "standings": [
            {"label": str(label), "asks": {"status": status}, **rows[status]}
            for status, label in StudyStatus.choices
            if status in rows
        ]
    }


PICTURES: dict[str, Callable[[Question, Given, list[Table]], Drawing]] = {
    "aucs": _areas,
    "map": _of_search(_map),
    "network": _of_search(_network),
    "balance": _of_search(_balance),
    "standings": _of_search(_standings),
    "sides": _sides,
}

# --- pictures of any search -------------------------------------------------------------------------------------------


def _picture(request: HttpRequest, kind: str, title: str, draw: Callable[[ClaimQuerySet], Drawing]) -> HttpResponse:
    search = Search.read(request.GET)
    claims = answers.claims_of(search)
    limits: Limits = {name: list(values) for name, values in search.narrowed.items()}
    if search.words:
        limits["q"] = search.words
    if search.as_words:
        limits["as"] = "words"
    context = {
        "kind": kind,
        "title": title,
        "search": search,
        "limit": limits,
        "counted": {**limits, "retracted": "false"},
        **draw(claims),
    }
    return render(request, "web/explore/picture.html", context)


@kept(seconds=60)
@require_safe
def gap_map(request: HttpRequest) -> HttpResponse:
    return _picture(request, "map", "Map: cargos and diseases", _map)


@kept(seconds=60)
@require_safe
def claim_network(request: HttpRequest) -> HttpResponse:
    return _picture(request, "network", "Network: source, cargo, recipient", _network)


@kept(seconds=60)
@require_safe
def claim_timeline(request: HttpRequest) -> HttpResponse:
    return _picture(request, "timeline", "Timeline: claims by year of the study", _timeline)

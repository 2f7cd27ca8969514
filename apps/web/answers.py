"""A question's page: what the reader added, and for each part the search, its claims and its table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import QueryDict
from django.utils.safestring import SafeString

from apps.claims.models import Aspect, Claim, ClaimQuerySet
from apps.finding.answering import FromPostgres, interpreted
from apps.finding.asking import Search
from apps.finding.fields import FIELDS
from apps.finding.questions import Part, Question, called, of_mirna
from apps.finding.suggesting import Suggestion, alike
from apps.finding.tallies import Asks
from apps.studies.models import CitationCount
from apps.web.cells import COLUMNS, Row, cells
from apps.web.reading import STRONGEST_FIRST

PER_PAGE = 25
# Pages of one table; the search goes on from there.
MOST_PAGES = 40
Limits = dict[str, str | list[str]]


def search_by(limits: Asks) -> Search:
    """The search that is held to these limits, as its address would state it."""
    asked = QueryDict(mutable=True)
    for name, value in as_words(limits).items():
        asked.setlist(name, value if isinstance(value, list) else [value])
    return Search.read(asked)


def as_words(limits: Asks) -> Limits:
    """With free words taken as the words that they are: a tissue is looked for in whatever role."""
    return {**limits, "as": "words"} if "q" in limits else dict(limits)


def claims_of(search: Search) -> ClaimQuerySet:
    """The claims of the search, in no order."""
    return FromPostgres(search, interpreted(search).question).claims


@dataclass(frozen=True)
class Given:
    """What the reader wrote in the form, as limits of a search; `fresh` where nothing was asked yet."""

    limits: Limits
    written: Mapping[str, str]
    faults: list[str]

    @property
    def fresh(self) -> bool:
        return not self.written


def given(question: Question, asked: QueryDict) -> Given:
    """Take what the fields take; what they don't is told, and nothing is searched by it."""
    written = {
        entry.name: text for entry in question.entries if (text := asked.get(entry.name, "").replace("\0", " ").strip())
    }
    limits: Limits = dict(written)
    if "cargo" in written and (cargos := _cargos(question, written["cargo"])):
        limits["cargo"] = cargos
    search = search_by(limits)
    faults = [f"{field.title}: “{value}” {why}." for field, value, why in search.unknown]
    return Given({name: value for name, value in limits.items() if _taken(search, name)}, written, faults)


def _cargos(question: Question, text: str) -> list[str]:
    """The cargos that the text means beyond those of just that name."""
    return (of_mirna(text) if question.slug == "mirna" else []) or called(text)


def _taken(search: Search, name: str) -> bool:
    return name == "q" or bool(search.having(name))


@dataclass(frozen=True)
class Table:
    """One part, answered: a page of its claims, the strongest first."""

    part: Part
    limits: Limits
    heads: list[tuple[str, str]]
    page: Page[Claim]
    rows: list[list[tuple[str, SafeString]]]

    @property
    def total(self) -> int:
        return self.page.paginator.count

    @property
    def api(self) -> Limits:
        """The same for the API, which takes words as words anyway."""
        return {name: value for name, value in self.limits.items() if name != "as"}

    @property
    def capped(self) -> bool:
        return self.page.number == MOST_PAGES and self.page.has_next()


def table(part: Part, limits: Limits, page: str | None) -> Table:
    limits = as_words(limits)
    found = _with(claims_of(search_by(limits)), part.columns).order_by(*STRONGEST_FIRST)
    number = min(int(page), MOST_PAGES) if page and page.isascii() and page.isdigit() else 1
    listed = Paginator(found, PER_PAGE).get_page(number)
    rows = [list(zip(part.columns, cells(row, part.columns), strict=True)) for row in _rows(list(listed), part.columns)]
    heads = [(name, part.heads.get(name, COLUMNS[name].title)) for name in part.columns]
    return Table(part, limits, heads, listed, rows)


PREFETCHED = {
    "measures": "measures",
    "therapies": "therapy_links__name",
    "targets": "target_links__name",
}


def _with(claims: ClaimQuerySet, columns: Iterable[str]) -> ClaimQuerySet:
    """The claims with what the columns show and no more."""
    needs = {COLUMNS[name].needs for name in columns}
    shown = claims.select_related("cargo", "disease", "recipient", "preparation__source__tissue", "preparation__study")
    return shown.defer("search").prefetch_related(*(path for need, path in PREFETCHED.items() if need in needs))


def _rows(claims: Sequence[Claim], columns: Iterable[str]) -> list[Row]:
    needs = {COLUMNS[name].needs for name in columns}
    safety = _safety(claims) if "safety" in needs else {}
    cited = _cited(claims) if "cited" in needs else {}
    return [
        Row(claim, safety.get(claim.preparation_id, []), cited.get(claim.preparation.study_id, [])) for claim in claims
    ]


# Of one preparation; more is a list of its own.
MOST_BESIDE = 200


def _safety(claims: Sequence[Claim]) -> Mapping[int, list[Claim]]:
    """What the same studies say of the safety of the same preparations."""
    of = {claim.preparation_id for claim in claims}
    found = Claim.objects.accepted().filter(preparation__in=of, aspect=Aspect.SAFETY).defer("search")
    beside: dict[int, list[Claim]] = defaultdict(list)
    for claim in found.order_by("pk")[:MOST_BESIDE]:
        beside[claim.preparation_id].append(claim)
    return beside


def _cited(claims: Sequence[Claim]) -> Mapping[int, list[CitationCount]]:
    """The latest count of each service."""
    of = {claim.preparation.study_id for claim in claims}
    latest = CitationCount.objects.filter(study__in=of).order_by("study_id", "service", "-day")
    counts: dict[int, list[CitationCount]] = defaultdict(list)
    for count in latest.distinct("study_id", "service"):
        counts[count.study_id].append(count)
    return counts


def answered(question: Question, asked: QueryDict, told: Given) -> list[Table]:
    """Every part of the question."""
    tables: list[Table] = []
    for part in question.parts:
        limits: Limits = {**part.asks, **told.limits}
        if part.same_sources:
            limits["source_category"] = _categories(tables[0])
        tables.append(table(part, limits, asked.get(f"{part.key}-page")))
    return tables


def _categories(first: Table) -> list[str]:
    """The kinds of sources that the first part found; of none, one that can't be, so that nothing is found."""
    found = claims_of(search_by(first.limits)).order_by("preparation__source__category")
    return list(found.values_list("preparation__source__category", flat=True).distinct())


# Names that are offered for each text that found nothing.
MOST_NEAR = 3


def near(told: Given) -> list[Suggestion]:
    """Names of accepted evidence that are spelled like what the reader wrote in the free fields."""
    texts = [text for name, text in told.written.items() if name == "q" or not FIELDS[name].choices]
    return [each for text in texts for each in alike(text, MOST_NEAR)]


def fields(question: Question, told: Given) -> list[dict[str, Any]]:
    """The entries of the form, each with what stands in it."""
    return [
        {
            "entry": entry,
            "value": told.written.get(entry.name, ""),
            "choices": () if entry.name == "q" else FIELDS[entry.name].choices,
        }
        for entry in question.entries
    ]

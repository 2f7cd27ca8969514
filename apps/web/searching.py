"""A search as its address states it: words, facets and limits, and the counts that each further click would give."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import Count, Q
from django.http import QueryDict

from apps.claims.models import Aspect, Claim, ClaimQuerySet, Edge, Level, Model
from apps.claims.queries import LONGEST_QUERY
from apps.claims.search import find_claims
from apps.studies.models import Study, StudyStatus
from apps.terms.models import Term
from apps.vesicles.models import Cargo, CargoKind, Preparation, SourceCategory, VesicleSource
from apps.web import reading

PER_PAGE = 25
# Of values that no facet knows, so many are named, so long.
MOST_SHOWN, LONGEST_SHOWN = 5, 40


@dataclass(frozen=True)
class Facet:
    """A way to narrow a search by one property of claims."""

    name: str
    title: str
    path: str
    choices: tuple[tuple[str, str], ...]

    def narrowed(self, claims: ClaimQuerySet, values: list[str]) -> ClaimQuerySet:
        return claims.filter(**{f"{self.path}__in": values}) if values else claims

    def counts(self, claims: ClaimQuerySet) -> dict[str, int]:
        return dict(claims.order_by().values_list(self.path).annotate(n=Count("pk")))


class ListFacet(Facet):
    """A property of which a claim has several."""

    def narrowed(self, claims: ClaimQuerySet, values: list[str]) -> ClaimQuerySet:
        return claims.filter(**{f"{self.path}__overlap": values}) if values else claims

    def counts(self, claims: ClaimQuerySet) -> dict[str, int]:
        having = {value: Count("pk", filter=Q(**{f"{self.path}__contains": [value]})) for value, _ in self.choices}
        return claims.order_by().aggregate(**having)


FACETS = (
    Facet("aspect", "Aspect", "aspect", tuple(Aspect.choices)),
    Facet("edge", "Edge", "edge", tuple(Edge.choices)),
    Facet("level", "Level", "level", tuple(Level.choices)),
    Facet("kind", "Kind of cargo", "cargo__kind", tuple(CargoKind.choices)),
    Facet("category", "Vesicle source", "preparation__source__category", tuple(SourceCategory.choices)),
    ListFacet("model", "Shown in", "models_used", tuple(Model.choices)),
    Facet("status", "Standing of the study", "preparation__study__status", tuple(StudyStatus.choices)),
)

WITHOUT_RETRACTED = tuple(status for status in StudyStatus.values if status != StudyStatus.RETRACTED)
# What most readers ask of the standing of studies, in their words.
STANDINGS: dict[str, tuple[str, ...]] = {
    "without the retracted": WITHOUT_RETRACTED,
    "concern or corrected": (StudyStatus.CONCERN.value, StudyStatus.CORRECTED.value),
}

ORDERS = {
    "": ("best match", ()),
    "level": ("strongest level", ("level", "-preparation__study__year", "-pk")),
    "year": ("newest study", ("-preparation__study__year", "level", "-pk")),
}

# Records that a search can be held to, by the name of the parameter: how to find one, and the path to it.
LIMITS: dict[str, tuple[Callable[[str], Any], str]] = {
    "cargo": (lambda value: Cargo.objects.public().filter(accession=value), "cargo"),
    "source": (lambda value: VesicleSource.objects.public().filter(accession=value), "preparation__source"),
    "preparation": (lambda value: Preparation.objects.public().filter(accession=value), "preparation"),
    "study": (lambda value: Study.objects.public().filter(accession=value), "preparation__study"),
    "term": (lambda value: Term.objects.filter(curie=value), ""),
}


@dataclass(frozen=True)
class Choice:
    """One value of a facet: how many claims it holds under the other facets, and the address that sets or clears it."""

    value: str
    label: str
    count: int
    chosen: bool
    address: str


@dataclass(frozen=True)
class Shortcut:
    """Several values of the standing at once, in plain words, and the address that sets or clears them."""

    label: str
    chosen: bool
    address: str


@dataclass(frozen=True)
class Limit:
    """A record that the search is held to, or the name of one that is not known."""

    name: str
    record: Any
    without: str


@dataclass
class Search:
    """What is asked, and what answers it."""

    words: str = ""
    chosen: dict[str, list[str]] = field(default_factory=dict)
    held: dict[str, str] = field(default_factory=dict)
    order: str = ""
    unknown: list[tuple[str, str]] = field(default_factory=list)

    @classmethod
    def read(cls, asked: QueryDict) -> Search:
        """Take what is known from the address, and remember what is not, to say so."""
        chosen = {
            facet.name: [value for value, _ in facet.choices if value in asked.getlist(facet.name)] for facet in FACETS
        }
        held = {name: asked.get(name, "").strip() for name in LIMITS}
        return cls(
            words=asked.get("q", "").replace("\0", " ").strip()[:LONGEST_QUERY],
            chosen={name: values for name, values in chosen.items() if values},
            held={name: value for name, value in held.items() if value and "\0" not in value},
            order=asked.get("sort", "") if asked.get("sort") in ORDERS else "",
            unknown=[
                (facet.title, value[:LONGEST_SHOWN])
                for facet in FACETS
                for value in asked.getlist(facet.name)[:MOST_SHOWN]
                if value and value not in dict(facet.choices)
            ],
        )

    @cached_property
    def limits(self) -> list[Limit]:
        return [
            Limit(name, LIMITS[name][0](value).first(), self.address(held=name)) for name, value in self.held.items()
        ]

    @cached_property
    def _held(self) -> ClaimQuerySet:
        """The claims of the words and limits, before any facet."""
        claims = find_claims(self.words)
        for limit in self.limits:
            if limit.record is None:
                return claims.none()
            if limit.name == "term":
                claims = claims.filter(pk__in=Claim.objects.about(limit.record).values("pk"))
            else:
                claims = claims.filter(**{LIMITS[limit.name][1]: limit.record})
        return claims

    def _narrowed(self, facets: Iterable[Facet]) -> ClaimQuerySet:
        claims = self._held
        for facet in facets:
            claims = facet.narrowed(claims, self.chosen.get(facet.name, []))
        return claims

    @property
    def claims(self) -> ClaimQuerySet:
        """The claims found, in order, with all that a card shows."""
        found = reading.as_cards(self._narrowed(FACETS))
        ordering = ORDERS[self.order][1]
        return found.order_by(*ordering) if ordering else found

    def facets(self) -> list[tuple[Facet, list[Choice]]]:
        """Each facet with its values; a value's count is what the search would hold with it alone in its facet."""
        return [(facet, self._choices(facet)) for facet in FACETS]

    def _choices(self, facet: Facet) -> list[Choice]:
        counts = facet.counts(self._narrowed(other for other in FACETS if other is not facet))
        chosen = self.chosen.get(facet.name, [])
        found = [
            Choice(value, label, counts.get(value, 0), value in chosen, self.address(toggle=(facet.name, value)))
            for value, label in facet.choices
        ]
        return [choice for choice in found if choice.count or choice.chosen]

    @property
    def shortcuts(self) -> list[Shortcut]:
        """What most readers ask of the standing of studies."""
        now = set(self.chosen.get("status", []))
        return [
            Shortcut(label, now == set(values), self.address(status=() if now == set(values) else values))
            for label, values in STANDINGS.items()
        ]

    @property
    def orders(self) -> list[tuple[str, bool, str]]:
        """Each order as (what it is called, whether it is the present one, its address)."""
        return [(title, key == self.order, self.address(order=key)) for key, (title, _) in ORDERS.items()]

    @property
    def is_narrowed(self) -> bool:
        return bool(self.chosen or self.held)

    @property
    def without_facets(self) -> str:
        return Search(self.words, order=self.order).address()

    def address(
        self,
        *,
        toggle: tuple[str, str] | None = None,
        status: Sequence[str] | None = None,
        held: str = "",
        order: str | None = None,
    ) -> str:
        """The query string of this search; a value turned over, another standing, limit lifted or order where asked."""
        query = QueryDict(mutable=True)
        if self.words:
            query["q"] = self.words
        chosen = self._turned(toggle) if status is None else {**self.chosen, "status": list(status)}
        for name, values in chosen.items():
            query.setlist(name, values)
        for name, value in self.held.items():
            if name != held:
                query[name] = value
        sort = self.order if order is None else order
        if sort:
            query["sort"] = sort
        return f"?{query.urlencode()}"

    def _turned(self, toggle: tuple[str, str] | None) -> dict[str, list[str]]:
        if toggle is None:
            return self.chosen
        name, value = toggle
        before = self.chosen.get(name, [])
        after = [each for each in before if each != value] if value in before else [*before, value]
        return {**self.chosen, name: after}

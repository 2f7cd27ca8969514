"""What answers a search. PostgreSQL can answer everything; a derived index may answer the same, sooner.

An answer is of one moment: its count, its pages and its facets are asked for one by one, but each is what PostgreSQL
holds when it is asked.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Protocol

from django.db.models import Q

from apps.claims.models import Claim, ClaimQuerySet
from apps.finding import counting, language, postgres
from apps.finding.asking import All, Node, Search, ranked_by
from apps.finding.index.answer import from_index
from apps.finding.interpreting import Interpreted, interpret
from apps.finding.paging import Page

__all__ = ["Answer", "FromPostgres", "Page", "answer", "read"]

logger = logging.getLogger(__name__)


class Answer(Protocol):
    """The claims that a search finds."""

    @property
    def count(self) -> int:
        """How many."""

    @property
    def facets(self) -> counting.Counts:
        """For each facet, its values and how many claims a search with that value alone in the facet would hold."""

    def page(self, most: int, *, after: int | None = None, before: int | None = None) -> Page:
        """So many in order: the first ones, those after the claim with that key, or those before it."""

    def every_key(self) -> Iterator[int]:
        """All, in order."""


def answer(search: Search, question: Node | None = None) -> Answer:
    """What answers the search; `question` is what its words were read as, where that is known already."""
    asked = interpreted(search).question if question is None else question
    return SoonerOrLater(from_index(search, asked), FromPostgres(search, asked))


def interpreted(search: Search) -> Interpreted:
    """What the words of the search are taken for."""
    return interpret(search, lambda question: answer(Search(), question).count > 0)


def read(words: str) -> Node:
    """The question that the words ask, where no names are read into them."""
    return language.read(words).question


class SoonerOrLater:
    """The answer of the derived index; where there is none, or it breaks, that of PostgreSQL."""

    def __init__(self, sooner: Answer | None, later: Answer) -> None:
        self._sooner, self._later = sooner, later

    def _of[Found](self, asked: Callable[[Answer], Found]) -> Found:
        if self._sooner is not None:
            try:
                return asked(self._sooner)
            except (OSError, ValueError, RuntimeError) as problem:
                logger.warning("The search index broke, and PostgreSQL answers: %s", problem)
                self._sooner = None
        return asked(self._later)

    @property
    def count(self) -> int:
        return self._of(lambda answer: answer.count)

    @property
    def facets(self) -> counting.Counts:
        return self._of(lambda answer: answer.facets)

    def page(self, most: int, *, after: int | None = None, before: int | None = None) -> Page:
        return self._of(lambda answer: answer.page(most, after=after, before=before))

    def every_key(self) -> Iterator[int]:
        return self._of(lambda answer: answer.every_key())


class FromPostgres:
    """The answer of the tables themselves."""

    def __init__(self, search: Search, question: Node) -> None:
        self.question, self.search = question, search
        self._order = postgres.steps(search.order, ranked_by(search, question))

    @cached_property
    def _base(self) -> Q:
        """All that is asked but the facets."""
        return postgres.condition(All((self.question, *self.search.narrowings(facets=False).values())))

    @cached_property
    def _narrowed(self) -> dict[str, Q]:
        """What each facet asks."""
        return {name: postgres.condition(node) for name, node in self.search.narrowings(facets=True).items()}

    @cached_property
    def _counted(self) -> tuple[int, counting.Counts]:
        return counting.counts(Claim.objects.accepted().filter(self._base), self._narrowed)

    @property
    def claims(self) -> ClaimQuerySet:
        """The claims found, in no order."""
        return Claim.objects.accepted().filter(self._base, *self._narrowed.values()).order_by()

    @cached_property
    def count(self) -> int:
        return self._counted[0] if "_counted" in self.__dict__ else self.claims.count()

    @property
    def facets(self) -> counting.Counts:
        return self._counted[1]

    def page(self, most: int, *, after: int | None = None, before: int | None = None) -> Page:
        backwards = after is None and before is not None
        place = before if backwards else after
        if place is None:
            listed = postgres.in_order(self.claims, self._order)
        else:
            listed = postgres.beyond(self.claims, self._order, place, backwards=backwards)
        keys = list(listed.values_list("pk", flat=True)[: most + 1])
        more, keys = len(keys) > most, keys[:most]
        if backwards:
            return Page(keys[::-1], before=more, behind=True)
        return Page(keys, before=place is not None, behind=more)

    def every_key(self) -> Iterator[int]:
        listed = postgres.in_order(self.claims, self._order)
        yield from listed.values_list("pk", flat=True).iterator(chunk_size=10_000)

"""The answer of the derived index: the same counts as PostgreSQL gives, and but for relevance the same order."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any as Anything

import tantivy
from cachetools import LRUCache, cached

from apps.claims.queries import tsquery
from apps.claims.search import keys_named
from apps.finding import counting
from apps.finding.asking import All, Any, Node, Not, Search, Text, ranked_by
from apps.finding.fields import FACETS
from apps.finding.index.layout import COLUMNS, ORDERS, TREES, above
from apps.finding.index.queries import Asking, Must, Query, Should, Unanswerable, either, every, lexemes
from apps.finding.index.reader import READER, Opened
from apps.finding.paging import Page
from apps.vesicles.models import Cargo

Falling, Rising = tantivy.Order.Desc, tantivy.Order.Asc
# Above what any facet holds: only then are the counts of its values exact.
EVERY = 60_000
# What a claim is about weighs as much again as all that it says; a cargo of just that name, more than any words.
ABOUT, NAMED = 2.0, 50.0
FIRST_LOOK = 10_000
# Each process keeps the counts of so many passes: a reader who pages, sorts or turns one facet asks for them again.
KEPT = 64


def from_index(search: Search, question: Node) -> FromIndex | None:
    """The answer of the index, where it shows the present and knows all that is asked."""
    typed = {*_words(question), ranked_by(search, question)}
    opened = READER.open({words: tsquery(words) for words in sorted(typed)})
    try:
        return FromIndex(search, question, opened) if opened else None
    except Unanswerable:
        return None


def _words(node: Node) -> Iterator[str]:
    match node:
        case Text():
            yield node.typed
        case Not():
            yield from _words(node.part)
        case All() | Any():
            for part in node.parts:
                yield from _words(part)


class FromIndex:
    """One answer, all of it of one moment of the index."""

    def __init__(self, search: Search, question: Node, opened: Opened) -> None:
        self.search, self.question = search, question
        self.commit, self.searcher = opened.commit, opened.searcher
        self.asking = Asking(opened.index.schema, opened.lexed)
        others = search.narrowings(facets=False).values()
        self._base = [self.asking.query(node) for node in (question, *others)]
        self._within = {name: self.asking.query(node) for name, node in search.narrowings(facets=True).items()}

    @cached_property
    def query(self) -> Query:
        return every([*self._base, *self._within.values()])

    @cached_property
    def count(self) -> int:
        return int(self.searcher.search(self.query, 1, count=True).count)

    # --- facets -------------------------------------------------------------------------------------------------------

    @cached_property
    def facets(self) -> counting.Counts:
        """All facets in one pass; each that is narrowed, in a pass over what the others leave."""
        free = [field.name for field in FACETS if field.name not in self._within]
        found = dict(self._counts(self.query, free))
        for name in self._within:
            others = [query for other, query in self._within.items() if other != name]
            found |= self._counts(every([*self._base, *others]), [name])
        return found

    @cached(
        LRUCache(KEPT),
        # A query names all that it asks, so that names which mean something else by now are counted anew.
        key=lambda self, query, names: (self.commit, repr(query), tuple(names)),
        lock=threading.Lock(),
    )
    def _counts(self, query: Query, names: list[str]) -> counting.Counts:
        """In one pass over the claims found. It is kept, so none may change it."""
        counted = [*names, *(above(name) for name in names if name in TREES)]
        terms = {
            column: {"terms": {"field": column, "size": EVERY, "segment_size": EVERY}}
            for name in counted
            for column in COLUMNS[name]
        }
        buckets = self.searcher.aggregate(query, terms)
        found = {name: _summed(buckets, COLUMNS[name]) for name in counted}
        for name in TREES:
            if name in found:
                # A term is listed where a claim names it itself, and counts those below it.
                higher = found.pop(above(name))
                found[name] = Counter({curie: number + higher[curie] for curie, number in found[name].items()})
        return {name: dict(counts) for name, counts in found.items() if counts}

    # --- order --------------------------------------------------------------------------------------------------------

    def page(self, most: int, *, after: int | None = None, before: int | None = None) -> Page:
        backwards = after is None and before is not None
        place = before if backwards else after
        keys = self._ordered(most + 1, place, backwards=backwards)
        more, keys = len(keys) > most, keys[:most]
        if backwards:
            return Page(keys[::-1], before=more, behind=True)
        return Page(keys, before=place is not None, behind=more)

    def every_key(self) -> Iterator[int]:
        return iter(self._ordered(max(1, self.count), None, backwards=False))

    def _ordered(self, most: int, place: int | None, *, backwards: bool) -> list[int]:
        match self.search.order:
            case "relevance" if ranked_by(self.search, self.question).strip():
                return self._by_relevance(most, place, backwards=backwards)
            case "level" | "year" | "citations" as order:
                return self._by_number(ORDERS[order], most, place, backwards=backwards)
            case _:
                return self._by_newest(most, place, backwards=backwards)

    def _by_number(self, field: str, most: int, place: int | None, *, backwards: bool) -> list[int]:
        """By a field of which each claim has a number of its own."""
        query = self.query
        if place is not None:
            (value,) = self._values(place, field)
            query = every([query, self._beside(field, value, backwards=backwards)])
        return self._keys(query, most, field, backwards=backwards)

    def _by_newest(self, most: int, place: int | None, *, backwards: bool) -> list[int]:
        """By the time of acceptance, and those of one moment by their keys."""
        if place is None:
            return self._by_time(self.query, most, backwards=backwards)
        moment, key = self._values(place, "accepted", "claim")
        level = [self._at(moment), self._beside("claim", key, backwards=backwards)]
        keys = self._keys(every([self.query, *level]), most, "claim", backwards=backwards)
        if len(keys) < most:
            further = every([self.query, self._beside("accepted", moment, backwards=backwards)])
            keys += self._by_time(further, most - len(keys), backwards=backwards)
        return keys

    def _by_time(self, query: Query, most: int, *, backwards: bool) -> list[int]:
        hits = self._hits(query, most, "accepted", backwards=backwards)
        timed = sorted(zip((moment for moment, _ in hits), self._claims(hits), strict=True), reverse=not backwards)
        if len(timed) < most:
            return [key for _, key in timed]
        # Of the last moment not all may be among them.
        last = timed[-1][0]
        keys = [key for moment, key in timed if moment != last]
        return keys + self._keys(every([query, self._at(last)]), most - len(keys), "claim", backwards=backwards)

    def _by_relevance(self, most: int, place: int | None, *, backwards: bool) -> list[int]:
        if place is None:
            return self._claims(self.searcher.search(self._scored, most, count=False).hits)
        look = FIRST_LOOK
        while True:
            keys = self._claims(self.searcher.search(self._scored, look, count=False).hits)
            if place in keys:
                at = keys.index(place)
                if backwards:
                    return keys[max(0, at - most) : at][::-1]
                if at + most < len(keys) or len(keys) < look:
                    return keys[at + 1 : at + 1 + most]
            elif len(keys) < look:
                return []
            look *= 10

    @cached_property
    def _scored(self) -> Query:
        """What is found, and what of it counts more: words among what a claim is about, and a cargo of that name."""
        words = ranked_by(self.search, self.question)
        about = set(lexemes(self.asking.lexed[words]))
        named = Cargo.objects.filter(key__in=keys_named(words)).values_list("accession", flat=True)
        more = [
            tantivy.Query.boost_query(tantivy.Query.term_query(self.asking.schema, "about", lexeme, "freq"), ABOUT)
            for lexeme in sorted(about)
        ]
        more += [tantivy.Query.const_score_query(self.asking.any_of("cargo", list(named)), NAMED)]
        return tantivy.Query.boolean_query([(Must, self.query), (Should, either(more))])

    # --- pieces -------------------------------------------------------------------------------------------------------

    def _hits(self, query: Query, most: int, field: str, *, backwards: bool) -> list[tuple[Anything, Anything]]:
        order = Rising if backwards else Falling
        found = self.searcher.search(query, most, count=False, order_by_field=field, order=order)
        return list(found.hits)

    def _keys(self, query: Query, most: int, field: str, *, backwards: bool) -> list[int]:
        return self._claims(self._hits(query, most, field, backwards=backwards))

    def _claims(self, hits: list[tuple[Anything, Anything]]) -> list[int]:
        return list(self.searcher.fast_field_values("claim", [address for _, address in hits]))

    def _values(self, claim: int, *fields: str) -> list[int]:
        """What the claim has in the fields."""
        hits = self.searcher.search(self.asking.any_of("claim", [claim]), 1, count=False).hits
        if not hits:
            # One that was public when the page before was read; PostgreSQL knows where it stood.
            raise ValueError(f"claim {claim} is not in the index")
        addresses = [address for _, address in hits]
        return [self.searcher.fast_field_values(field, addresses)[0] for field in fields]

    def _at(self, moment: int) -> Query:
        return tantivy.Query.term_query(self.asking.schema, "accepted", moment)

    def _beside(self, field: str, value: int, *, backwards: bool) -> Query:
        """Claims that stand behind the value in the order; or before it."""
        kind = tantivy.FieldType.Integer if field == "accepted" else tantivy.FieldType.Unsigned
        low, high = (value, None) if backwards else (None, value)
        # An open end can't be left out.
        ends = {"include_lower": low is None, "include_upper": high is None}
        return tantivy.Query.range_query(self.asking.schema, field, kind, low, high, **ends)


def _summed(buckets: Mapping[str, Anything], columns: Iterable[str]) -> Counter[str]:
    """How many claims have each value, in whichever column."""
    found: Counter[str] = Counter()
    for column in columns:
        for bucket in buckets[column]["buckets"]:
            found[bucket["key"]] += bucket["doc_count"]
    return found

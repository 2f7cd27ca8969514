"""Whether the index says what PostgreSQL says, both asked about one moment."""

from __future__ import annotations

import time
from collections.abc import Iterator

from django.db import connection, transaction

from apps.finding.answering import FromPostgres, read
from apps.finding.asking import Search
from apps.finding.index.answer import FromIndex, from_index

SECONDS_TO_CATCH_UP = 10
# So many words, from the most frequent on, and so many keys at the head of each order.
WORDS, HEAD = 5, 100
FREQUENT = """
SELECT word FROM ts_stat($$SELECT search FROM claims_claim WHERE state = 'accepted' ORDER BY id DESC LIMIT 2000$$)
WHERE word ~ '^[a-z]{4,}$' ORDER BY ndoc DESC, word LIMIT 200
"""


class NotCurrent(Exception):
    """The index does not show the present, so that there is nothing to compare."""


def check() -> tuple[list[str], int]:
    """What differs, as sentences, and how many searches were compared."""
    end = time.monotonic() + SECONDS_TO_CATCH_UP
    while True:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            searches = list(_searches())
            pairs = [(search, from_index(search, read(search.words))) for search in searches]
            if all(found for _, found in pairs):
                wrong = [line for search, found in pairs if found for line in differences(search, found)]
                return wrong, len(pairs)
        if time.monotonic() > end:
            raise NotCurrent("There is no search index here that shows the present: is `follow_search_index` running?")
        time.sleep(0.3)


def _searches() -> Iterator[Search]:
    for sort in ("newest", "level", "year", "citations"):
        yield Search(sort=sort)
    with connection.cursor() as cursor:
        cursor.execute(FREQUENT)
        words = [word for (word,) in cursor.fetchall()]
    for word in words[:: max(1, len(words) // WORDS)][:WORDS]:
        yield Search(words=word, sort="newest")
        yield Search(words=word, sort="newest", narrowed={"edge": ("benefit",), "level": ("D", "E")})


def differences(search: Search, found: FromIndex) -> Iterator[str]:
    """What the two answers differ in."""
    truth = FromPostgres(search, read(search.words))
    asked = search.address() or "all claims"
    counts = truth.facets
    if found.count != truth.count:
        yield f"{asked}: {found.count} claims, {truth.count} in PostgreSQL"
    for name in sorted(counts.keys() | found.facets.keys()):
        if counts.get(name, {}) != found.facets.get(name, {}):
            yield f"{asked}: the counts of {name} differ"
    if found.page(HEAD) != truth.page(HEAD):
        yield f"{asked}: the first {HEAD} differ, or their order"

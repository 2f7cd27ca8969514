"""What a person typed, as a query of PostgreSQL: words, "phrases", -exclusions and `or`, as web searches have them.

The query is put together from canonical words (letters and digits only), so that no input can break its syntax.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from apps.claims import words

# More than any question holds; what comes behind is left out.
LONGEST_QUERY = 2_000
MOST_WORDS = 40

_ITEM = re.compile(r'(?P<minus>(?<!\S)-)?(?:"(?P<phrase>[^"]*)(?:"|$)|(?P<text>[^\s"]+))')
_SHORT = 4


@dataclass(frozen=True)
class Item:
    """One thing to find or to exclude: the query text for it, and its word where it is a single plain one."""

    query: str
    word: str = ""
    excluded: bool = False


def tsquery(typed: str) -> str:
    """The query in the syntax of `to_tsquery`; empty where nothing is left to look for."""
    wanted = [_together(group) for group in _groups(_items(typed))]
    return " | ".join(f"({query})" for query in wanted if query)


def _items(typed: str) -> list[Item | None]:
    """The items in order, None for each `or`."""
    text = typed[:LONGEST_QUERY].replace("\0", " ")
    found: list[Item | None] = []
    for minus, phrase, plain in _split(text):
        if plain.lower() == "or" and not minus:
            found.append(None)
        elif phrase:
            found.append(Item(_phrase(phrase), excluded=minus))
        else:
            found += [Item(item.query, item.word, minus) for item in _plain(plain)]
    return [item for item in found if item is None or item.query][:MOST_WORDS]


def _split(text: str) -> list[tuple[bool, str, str]]:
    """(excluded, phrase, other text) in order; other text that stands together stays so, for names with a space."""
    parts: list[tuple[bool, str, str]] = []
    for found in _ITEM.finditer(text):
        minus, phrase, plain = bool(found["minus"]), found["phrase"] or "", found["text"] or ""
        before = parts[-1] if parts else (True, "", "")
        alone = minus or phrase or before[0] or before[1] or "or" in (plain.lower(), before[2].lower())
        if alone:
            parts.append((minus, phrase, plain))
        else:
            parts[-1] = (False, "", f"{before[2]} {plain}")
    return parts


def _plain(text: str) -> list[Item]:
    """The items of text without quotes: a microRNA by what was written of it, a compound whole or in its parts."""
    items = []
    for word, named in words.pieces(text):
        parts = words.parts(word)
        if named:
            items.append(Item(named[-1]))
        elif len(parts) == 1:
            items.append(Item(parts[0], parts[0]))
        elif parts:
            items.append(Item(_any([*words.joined(parts), " <-> ".join(parts)])))
    return items


def _phrase(text: str) -> str:
    run: list[str] = []
    for word, named in words.pieces(text):
        run += named[-1:] or words.parts(word)
    return f"({' <-> '.join(run[:MOST_WORDS])})" if run else ""


def _any(queries: list[str]) -> str:
    return f"({' | '.join(f'({query})' for query in dict.fromkeys(queries))})"


def _groups(items: list[Item | None]) -> list[list[Item]]:
    """The items between one `or` and the next."""
    groups: list[list[Item]] = [[]]
    for item in items:
        if item is None:
            groups.append([])
        else:
            groups[-1].append(item)
    return groups


def _together(group: list[Item]) -> str:
    """All of a group; a short word and its neighbour may also stand in one piece: `PD L1`, `HSP 70`."""
    queries: list[str] = []
    waiting = list(group)
    while waiting:
        item = waiting.pop(0)
        if waiting and _may_be_one(item, waiting[0]):
            other = waiting.pop(0)
            queries.append(_any([f"{item.word} & {other.word}", *words.joined((item.word, other.word))]))
        else:
            queries.append(f"!{item.query}" if item.excluded else item.query)
    return " & ".join(queries)


def _may_be_one(first: Item, second: Item) -> bool:
    if not (first.word and second.word) or first.excluded or second.excluded:
        return False
    return min(len(first.word), len(second.word)) <= _SHORT or any(map(str.isdigit, first.word + second.word))

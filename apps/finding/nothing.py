"""Why a search finds nothing, and what lies nearest."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.db.models import IntegerField, Value

from apps.claims.models import Claim
from apps.claims.search import holding
from apps.finding import language
from apps.finding.asking import Search
from apps.finding.suggesting import Suggestion, alike

# Words of which it is told whether any claim holds them, and names that are offered for each.
MOST_WORDS, MOST_NEAR, MOST_OFFERED = 12, 3, 5


@dataclass(frozen=True)
class Nothing:
    """The words that no claim holds, names spelled like them, and the searches that ask for less."""

    missing: list[str]
    near: list[tuple[Suggestion, Search]]
    # Without those words, where others are left; without what the search is narrowed to, where it is.
    shorter: Search | None
    wider: Search | None


def explain(search: Search) -> Nothing:
    """Look at each word by itself, unless the words are a question of the language."""
    plain = not language.is_question(search.words)
    words = list(dict.fromkeys(search.words.split()))[:MOST_WORDS] if plain else []
    held = _held(words)
    missing = [word for at, word in enumerate(words) if at not in held]
    left = " ".join(word for word in search.words.split() if word not in missing)
    looked_for = missing[:MOST_NEAR] if held else [search.words, *missing[:MOST_NEAR]]
    near = dict.fromkeys(each for word in looked_for for each in alike(word, MOST_NEAR))
    bare = replace(search, words=left, as_words=False)
    offered = [(each, bare.turned(each.field, each.value)) for each in near][:MOST_OFFERED]
    shorter = replace(search, words=left) if missing and left else None
    wider = replace(search, narrowed={}) if search.narrowed else None
    return Nothing(missing, offered, shorter, wider)


def _held(words: list[str]) -> set[int]:
    """The places of the words that some claim holds, in one query."""
    if not words:
        return set()
    found = [
        Claim.objects.accepted()
        .filter(holding(word))
        .order_by()
        .annotate(place=Value(at, output_field=IntegerField()))
        .values_list("place", flat=True)[:1]
        for at, word in enumerate(words)
    ]
    return set(found[0].union(*found[1:], all=True).order_by()) if len(found) > 1 else set(found[0])

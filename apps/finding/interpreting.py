"""What the words of a search are taken for: a question of the language, names among free words, or words only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from apps.finding import entities, language
from apps.finding.asking import Node, Search
from apps.finding.entities import Entity
from apps.finding.language import Fault


@dataclass(frozen=True)
class Interpreted:
    """The question that the words ask, and how they came to it."""

    question: Node
    # Where the words break the search language; they are taken as words then.
    fault: Fault | None = None
    # Names that were read, and names that may mean one thing or another, which are words until somebody says.
    names: tuple[Entity, ...] = ()
    doubts: tuple[Entity, ...] = ()
    # Names that were read, but by which nothing is found: then the words are taken as words.
    given_up: tuple[Entity, ...] = ()


def interpret(search: Search, finds: Callable[[Node], bool]) -> Interpreted:
    """Read the words, unless they are to be taken as words; `finds` says whether a question finds anything."""
    reading = language.read(search.words)
    if reading.syntax or reading.fault or search.as_words or not search.words:
        return Interpreted(reading.question, reading.fault)
    understood = entities.understand(search.words)
    if not understood.read:
        return Interpreted(reading.question, doubts=understood.asked)
    if not finds(understood.question) and finds(reading.question):
        return Interpreted(reading.question, doubts=understood.asked, given_up=understood.read)
    return Interpreted(understood.question, names=understood.read, doubts=understood.asked)


def without(search: Search, entity: Entity) -> Search:
    """The search without the words of a name."""
    return replace(search, words=entity.rest)


def meaning(search: Search, entity: Entity, field: str, value: str) -> Search:
    """The search with one meaning of a name in place of its words."""
    bare = without(search, entity)
    return bare.narrowed_to(field, dict.fromkeys((*bare.having(field), value)))


def in_words(search: Search, *, only: bool = True) -> Search:
    """The search with its words taken as words only, or read again."""
    return replace(search, as_words=only)

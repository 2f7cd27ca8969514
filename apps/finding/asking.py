"""What is asked: the syntax tree of a question, and a search as its address states it. No database is in here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from django.utils.datastructures import MultiValueDict

from apps.claims.queries import LONGEST_QUERY
from apps.finding.fields import FIELDS, Field, Kind, Unfit

# More values of one field than any person picks.
MOST_VALUES = 100
# Of values that no field takes, so many are named, so long.
MOST_SHOWN, LONGEST_SHOWN = 5, 40


# --- the syntax tree --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Text:
    """Words to find anywhere in a claim, as typed; one phrase if `phrase`."""

    words: str
    phrase: bool = False

    @property
    def typed(self) -> str:
        """As the search for words takes it."""
        return f'"{self.words}"' if self.phrase else self.words


@dataclass(frozen=True)
class Is:
    """Claims that have any of the values in the field."""

    field: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Between:
    """Claims whose value lies between the ends, these included; an end that is None is open."""

    field: str
    low: int | None
    high: int | None


@dataclass(frozen=True)
class Not:
    part: Node


@dataclass(frozen=True)
class All:
    """Every part holds; of no parts: every claim."""

    parts: tuple[Node, ...] = ()


@dataclass(frozen=True)
class Any:
    """One part or another holds; of no parts: no claim."""

    parts: tuple[Node, ...] = ()


Node = Text | Is | Between | Not | All | Any


def texts(node: Node) -> Iterator[str]:
    """The words that are looked for, and not those that are excluded."""
    if isinstance(node, Text):
        yield node.typed
    elif isinstance(node, All | Any):
        for part in node.parts:
            yield from texts(part)


# --- the search -------------------------------------------------------------------------------------------------------

# The orders of results, and what each is called.
SORTS = {
    "relevance": "best match",
    "level": "strongest level",
    "year": "newest study",
    "citations": "most cited",
    "newest": "newest here",
}
VIEWS = {"": "cards", "table": "table"}
Narrowed = Mapping[str, tuple[str, ...]]
# The parameters of an address, each any number of times, as requests have them.
Asked = MultiValueDict[str, str]


@dataclass(frozen=True)
class Search:
    """A search as an address holds it: words, the values that it is narrowed to, its order and how it is shown."""

    words: str = ""
    narrowed: Narrowed = field(default_factory=dict)
    sort: str = ""
    view: str = ""
    columns: tuple[str, ...] = ()
    # What the address asks and no field takes, as (field, value, why).
    unknown: tuple[tuple[Field, str, str], ...] = ()
    # Whether words are taken as words only, and nothing is read into them.
    as_words: bool = False

    @classmethod
    def read(cls, asked: Asked) -> Search:
        """Take what the fields take, and remember what they don't, to say so."""
        narrowed: dict[str, tuple[str, ...]] = {}
        unknown: list[tuple[Field, str, str]] = []
        for each in FIELDS.values():
            values, faults = _read(each, asked.getlist(each.name)[:MOST_VALUES])
            if values:
                narrowed[each.name] = values
            unknown += faults[:MOST_SHOWN]
        sort, view = asked.get("sort", "") or "", asked.get("view", "") or ""
        return cls(
            words=(asked.get("q", "") or "").replace("\0", " ").strip()[:LONGEST_QUERY],
            narrowed=narrowed,
            sort=sort if sort in SORTS else "",
            view=view if view in VIEWS else "",
            columns=tuple(dict.fromkeys(asked.getlist("column")[:MOST_VALUES])),
            unknown=tuple(unknown),
            as_words=asked.get("as") == "words",
        )

    @property
    def order(self) -> str:
        """The order in force: relevance needs words to go by."""
        if self.sort and not (self.sort == "relevance" and not self.words):
            return self.sort
        return "relevance" if self.words else "newest"

    @property
    def is_narrowed(self) -> bool:
        return bool(self.narrowed or self.unknown)

    def having(self, name: str) -> tuple[str, ...]:
        return self.narrowed.get(name, ())

    def narrowings(self, *, facets: bool | None = None) -> dict[str, Node]:
        """What each field asks, alone, of the fields narrowed to; facets only, or the others only, where asked."""
        return {
            name: one_of(FIELDS[name], values)
            for name, values in self.narrowed.items()
            if facets is None or FIELDS[name].facet == facets
        }

    def turned(self, name: str, value: str) -> Search:
        """With the value, or without it where it was there."""
        before = self.having(name)
        after = tuple(each for each in before if each != value) if value in before else (*before, value)
        return self.narrowed_to(name, after)

    def narrowed_to(self, name: str, values: Iterable[str]) -> Search:
        """With these values in the field, and no others."""
        return replace(self, narrowed={**self.narrowed, name: tuple(values)})

    def sorted_by(self, sort: str) -> Search:
        return replace(self, sort=sort)

    def within(self, *names: str) -> Search:
        """Narrowed in these fields only."""
        return replace(self, narrowed={name: values for name, values in self.narrowed.items() if name in names})

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """What is asked, without how it is ordered and shown."""
        words = [("q", self.words)] if self.words else []
        values = [(name, value) for name in FIELDS for value in self.having(name)]
        return [*words, *values, *([("as", "words")] if self.as_words and self.words else [])]

    def address(self, **also: str | int) -> str:
        """The query string of this search; further parameters behind it."""
        shown = [("sort", self.sort), ("view", self.view), *(("column", name) for name in self.columns)]
        pairs = [*self.parameters, *shown, *((name, str(value)) for name, value in also.items())]
        return f"?{urlencode([(name, value) for name, value in pairs if value])}"


def _read(asked: Field, texts: Sequence[str]) -> tuple[tuple[str, ...], list[tuple[Field, str, str]]]:
    values: dict[str, None] = {}
    faults = []
    for text in texts:
        if not text.strip():
            continue
        try:
            values[asked.read(text)] = None
        except Unfit as why:
            faults.append((asked, text.replace("\0", " ")[:LONGEST_SHOWN], str(why)))
    return tuple(values), faults


def one_of(asked: Field, values: Sequence[str]) -> Node:
    """The node that asks for any of the values."""
    if asked.kind is not Kind.YEAR:
        return Is(asked.name, tuple(values))
    ranges = tuple(Between(asked.name, *ends(value)) for value in values)
    return ranges[0] if len(ranges) == 1 else Any(ranges)


def ends(value: str) -> tuple[int | None, int | None]:
    """The first and the last year of a value; None where that end is open."""
    low, dots, high = value.partition("..")
    if not dots:
        return int(low), int(low)
    return int(low) if low else None, int(high) if high else None


def ranked_by(search: Search, question: Node) -> str:
    """The words that claims are ranked by: those of the question, or where all were read as names, as typed."""
    return " ".join(texts(question)) or search.words

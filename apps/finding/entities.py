"""Free words read as what they name: `miR-21 cisplatin gastric` as a cargo, a drug and a disease, the rest as words.

To read more into words than they say would lose claims without a word. So only short input without any syntax is read,
a name must be written whole, and the page says what was read and how many claims the bare words would find.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from apps.finding.asking import All, Any, Is, Node, Text
from apps.finding.fields import FIELDS
from apps.finding.models import NameKey
from apps.finding.names import key_of
from apps.terms.models import Term, TermAncestor, Vocabulary

# Longer input is a title or an abstract.
MOST_WORDS, LONGEST_NAME = 12, 6
# An abbreviation means what it stands for only in its own capitals: `ALL` is a leukaemia, `all` is a word.
LONGEST_ACRONYM = 4
# Fields whose readings of one word don't exclude each other: a drug may be the payload, a protein the target.
TOGETHER = frozenset({"cargo", "therapy", "target"})
READ = ("cargo", "disease", "therapy", "target")
_SYNTAX = re.compile(r"""["()|]|(?:^|\s)-|(?:^|\s)or(?:\s|$)""", re.IGNORECASE)


@dataclass(frozen=True)
class Meaning:
    """One thing that a name may mean."""

    field: str
    value: str
    label: str
    claims: int

    @property
    def title(self) -> str:
        return FIELDS[self.field].title.lower()


@dataclass(frozen=True)
class Entity:
    """Words that name something; where they may mean one thing or another, the reader is asked, and they stay words."""

    typed: str
    meanings: tuple[Meaning, ...]
    ambiguous: bool = False
    # What was typed without these words.
    rest: str = ""

    @property
    def question(self) -> Node:
        if self.ambiguous:
            return Text(self.typed)
        values: dict[str, list[str]] = defaultdict(list)
        for meaning in self.meanings:
            values[meaning.field].append(meaning.value)
        parts = tuple(Is(name, tuple(found)) for name, found in values.items())
        return parts[0] if len(parts) == 1 else Any(parts)

    @property
    def titles(self) -> str:
        """What it was read as: cargo; therapy or cargo."""
        return " or ".join(dict.fromkeys(meaning.title for meaning in self.meanings))

    @property
    def labels(self) -> list[str]:
        return list(dict.fromkeys(meaning.label for meaning in self.meanings))


@dataclass(frozen=True)
class Understood:
    """What words were read as: the entities in their order, and the words that are left."""

    question: Node
    entities: tuple[Entity, ...] = ()
    words: str = ""

    @property
    def read(self) -> tuple[Entity, ...]:
        return tuple(each for each in self.entities if not each.ambiguous)

    @property
    def asked(self) -> tuple[Entity, ...]:
        return tuple(each for each in self.entities if each.ambiguous)


@dataclass
class _Spans:
    """Every run of words that could be a name, by key."""

    words: Sequence[str]
    by_key: dict[str, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for start in range(len(self.words)):
            for end in range(start + 1, min(start + LONGEST_NAME, len(self.words)) + 1):
                text = self.text(start, end)
                for key in (key_of(text), key_of(f"{text} cancer")):
                    if key:
                        self.by_key[key].append((start, end))

    def text(self, start: int, end: int) -> str:
        return " ".join(self.words[start:end])


def understand(typed: str) -> Understood:
    """Read words that hold no syntax; at most three queries, whatever is typed."""
    words = typed.split()
    plain = Understood(Text(typed) if words else All(), words=typed)
    if not words or len(words) > MOST_WORDS or _SYNTAX.search(typed):
        return plain
    spans = _Spans(words)
    named = _named(spans)
    if not named:
        return plain
    taken = _longest_first(named, len(words))
    below = _below({meaning.value for span in taken for meaning in named[span]})
    entities = tuple(_entity(spans, span, named[span], below) for span in taken)
    left = _left(words, [span for span, each in zip(taken, entities, strict=True) if not each.ambiguous])
    parts = tuple(each.question for each in entities if not each.ambiguous)
    asked = (*parts, *([Text(left)] if left else []))
    question = asked[0] if len(asked) == 1 else All(asked)
    return Understood(question if parts else plain.question, entities, left)


Named = dict[tuple[int, int], list[Meaning]]


def _named(spans: _Spans) -> Named:
    """What each run of words names."""
    rows = NameKey.objects.filter(key__in=list(spans.by_key), whole=True, name__field__in=READ).select_related("name")
    found: Named = defaultdict(list)
    organs: Named = defaultdict(list)
    for row in rows.order_by("-name__claims", "name__label", "pk"):
        name = row.name
        meaning = Meaning(name.field, name.value, name.label, name.claims)
        for start, end in spans.by_key[row.key]:
            text = spans.text(start, end)
            if key_of(text) != row.key:
                if name.field == "disease":
                    organs[start, end].append(meaning)
            elif _as_written(text, row.text):
                found[start, end].append(meaning)
    return {**_cancers_of(spans, organs, found), **found}


def _as_written(typed: str, name: str) -> bool:
    """Whether a short abbreviation stands in its own capitals."""
    acronym = len(name) <= LONGEST_ACRONYM and name.isupper() and name.isalpha()
    return not acronym or typed == name


def _cancers_of(spans: _Spans, organs: Named, found: Named) -> Named:
    """`gastric` beside other names is gastric cancer; `liver` is not, for it names a tissue of its own."""
    covered = {at for start, end in found for at in range(start, end)}
    alone = {
        (start, end): meanings
        for (start, end), meanings in organs.items()
        if end - start == 1
        and start not in covered
        and {start - 1, end} & covered
        and _stands_alone(start, covered, spans)
    }
    keys = [spans.text(*span).casefold() for span in alone]
    tissues = set(Term.objects.filter(vocabulary=Vocabulary.TISSUE, key__in=keys).values_list("key", flat=True))
    return {span: meanings for span, meanings in alone.items() if spans.text(*span).casefold() not in tissues}


def _stands_alone(at: int, covered: set[int], spans: _Spans) -> bool:
    """Whether the words on both sides, if any, are parts of names: `gastric mucosa` is no cancer."""
    return all(not 0 <= near < len(spans.words) or near in covered for near in (at - 1, at + 1))


def _longest_first(named: Iterable[tuple[int, int]], most: int) -> list[tuple[int, int]]:
    """Runs that don't overlap, longer ones before shorter ones, in the order of the words."""
    free, taken = set(range(most)), []
    for start, end in sorted(named, key=lambda span: (span[0] - span[1], span)):
        here = set(range(start, end))
        if here <= free:
            free -= here
            taken.append((start, end))
    return sorted(taken)


def _entity(spans: _Spans, span: tuple[int, int], meanings: list[Meaning], below: Mapping[str, set[str]]) -> Entity:
    values = {meaning.value for meaning in meanings}
    # What stands below another meaning is found with it.
    kept = tuple(each for each in dict.fromkeys(meanings) if not below.get(each.value, set()) & values)
    fields = [meaning.field for meaning in kept]
    # Cargos of one name are one molecule, its arms and its panels; all other doubles are different things.
    several = any(fields.count(name) > 1 for name in fields if name != "cargo")
    apart = len(set(fields)) > 1 and not set(fields) <= TOGETHER
    return Entity(spans.text(*span), kept, several or apart, _left(spans.words, [span]))


def _below(values: set[str]) -> dict[str, set[str]]:
    """Of the terms among the values, those that stand below others of them, with these."""
    above: dict[str, set[str]] = defaultdict(set)
    among = TermAncestor.objects.filter(term__curie__in=values, ancestor__curie__in=values, distance__gt=0)
    for term, ancestor in among.values_list("term__curie", "ancestor__curie"):
        above[term].add(ancestor)
    return above


def _left(words: Sequence[str], spans: Iterable[tuple[int, int]]) -> str:
    taken = {at for start, end in spans for at in range(start, end)}
    return " ".join(word for at, word in enumerate(words) if at not in taken)

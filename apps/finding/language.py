"""The search language: words as ever, and for those who want them fields, AND, OR, NOT and brackets.

Most of what people type or paste holds no syntax, and is words to find, whatever signs stand in it: a title with
brackets, a DOI, `PD-L1`. It becomes a question of the language only where it names a field that there is, or joins
words by AND, OR or NOT in capitals. What can't be read then is read as words, and the reader is told where it broke.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedInput, UnexpectedToken, VisitError

from apps.claims.queries import LONGEST_QUERY
from apps.finding.asking import All, Any, Between, Is, Node, Not, Text, one_of
from apps.finding.fields import FIELDS, Unfit

DEEPEST, MOST_PARTS = 20, 60
# A text in capitals of more words than this is a title, whose AND is no operator.
LONGEST_IN_CAPITALS = 8

NAMES = "|".join(sorted(FIELDS, key=len, reverse=True))
WORD = r"""[^\s()"](?:[^\s()"]|\([^\s()"]*\))*"""
GRAMMAR = rf"""
?start: either
?either: both (OR both)*
?both: part (AND? part)*
?part: NOT part -> without
     | MINUS part -> without
     | one
?one: "(" either ")"
    | FIELD value -> field
    | PHRASE -> phrase
    | WORD+ -> words
value: WORD | PHRASE | "(" several (OR several)* ")"
several: (WORD | PHRASE)+

AND.3: /AND(?=[\s()"]|$)/
OR.3: /(?i:or)(?=[\s()"]|$)/
NOT.3: /NOT(?=[\s()"]|$)/
FIELD.2: /(?i:{NAMES}):(?=\S)/
MINUS.2: /-(?=[^\s-])/
PHRASE: /"[^"]*"/
WORD: /{WORD}/
%ignore /\s+/
"""

_FIELD = re.compile(rf"""(?:^|(?<=[\s("-]))(?i:{NAMES}):(?=\S)""")
_JOINED = re.compile(r"(?<!\S)\(?(?:NOT\s|\S+\s+(?:AND|NOT)\s)|\([^()]+\sOR\s[^()]+\)")
_QUOTED = re.compile(r'"[^"]*"')
_NEARLY = re.compile(r"(?:^|(?<=[\s(-]))([a-z_]{4,20}):(?=[^\s:/])")


@dataclass(frozen=True)
class Fault:
    """Why words can't be read as a question, and the place among them, from 0."""

    says: str
    at: int

    @property
    def place(self) -> int:
        """As people count."""
        return self.at + 1


class Unreadable(ValueError):
    """The words can't be read as a question."""

    def __init__(self, says: str, at: int) -> None:
        super().__init__(says)
        self.fault = Fault(says, at)


@dataclass(frozen=True)
class Reading:
    """What words were read as: the question, and where it broke if it did; then the question is the bare words."""

    question: Node
    fault: Fault | None = None
    # Whether the words hold syntax.
    syntax: bool = False


def read(typed: str) -> Reading:
    """Read what a person typed."""
    words = typed.replace("\0", " ").strip()[:LONGEST_QUERY]
    if not words:
        return Reading(All())
    try:
        if not is_question(words):
            return Reading(Text(words), _nearly(words))
        return Reading(parse(words), syntax=True)
    except Unreadable as why:
        return Reading(Text(words), why.fault, syntax=True)


def is_question(words: str) -> bool:
    """Whether the words hold syntax: a field that there is, or AND, OR or NOT between words."""
    if _FIELD.search(words):
        return True
    in_capitals = words == words.upper() and len(words.split()) > LONGEST_IN_CAPITALS
    return bool(_JOINED.search(words)) and not in_capitals


def parse(words: str) -> Node:
    """The question that the words ask, or `Unreadable`."""
    _brackets(words)
    if fault := _nearly(words):
        raise Unreadable(fault.says, fault.at)
    try:
        return _parser().parse(words)  # type: ignore[return-value]
    except UnexpectedInput as broke:
        raise _explained(broke, words) from broke
    except VisitError as broke:
        if isinstance(broke.orig_exc, Unreadable):
            raise broke.orig_exc from broke
        raise


@cache
def _parser() -> Lark:
    return Lark(GRAMMAR, parser="lalr", lexer="basic", transformer=_Reader())


class _Reader(Transformer[Token, Node]):
    """Puts the question together as it is read."""

    def words(self, parts: Sequence[Token]) -> Node:
        return Text(" ".join(parts))

    def phrase(self, parts: Sequence[Token]) -> Node:
        return Text(parts[0].strip('"'), phrase=True)

    def without(self, parts: Sequence[Node]) -> Node:
        part = parts[-1]
        return part.part if isinstance(part, Not) else Not(part)

    def both(self, parts: Sequence[Node]) -> Node:
        return _together(All, parts)

    def either(self, parts: Sequence[Node]) -> Node:
        return _together(Any, parts)

    def several(self, parts: Sequence[Token]) -> Token:
        text = " ".join(part.strip('"') for part in parts)
        return Token("WORD", text, start_pos=parts[0].start_pos)

    def value(self, parts: Sequence[Token]) -> list[Token]:
        return [part for part in parts if part.type != "OR"]

    def field(self, parts: tuple[Token, list[Token]]) -> Node:
        field = FIELDS[parts[0].rstrip(":").lower()]
        values = []
        for part in parts[1]:
            text = part.strip('"')
            try:
                values.append(field.read(text))
            except Unfit as why:
                raise Unreadable(f"{field.name}: {text[:40]!r} {why}", part.start_pos or 0) from why
        return one_of(field, tuple(values))


def _together(kind: type[All | Any], parts: Sequence[Node | Token]) -> Node:
    nodes = tuple(part for part in parts if not isinstance(part, Token))
    if len(nodes) > MOST_PARTS:
        raise Unreadable(f"More than {MOST_PARTS} parts stand side by side: ask for fewer", 0)
    return kind(nodes)


# --- writing ----------------------------------------------------------------------------------------------------------


def write(node: Node) -> str:
    """The question as `read` takes it: for the API, which reads no names into words."""
    match node:
        case Text():
            return node.typed
        case Is():
            return f"{node.field}:{_value(node.values)}"
        case Between():
            low, high = node.low or "", node.high or ""
            return f"{node.field}:{low}" if low == high else f"{node.field}:{low}..{high}"
        case Not():
            return f"NOT {_within(node.part)}"
        case All() | Any():
            joined = " AND " if isinstance(node, All) else " OR "
            return joined.join(_within(part) for part in node.parts)


def _within(node: Node) -> str:
    """As one part of several, in brackets where it has parts itself."""
    several = isinstance(node, All | Any) and len(node.parts) > 1
    return f"({write(node)})" if several else write(node)


def _value(values: Sequence[str]) -> str:
    written = [value if re.fullmatch(WORD, value) else f'"{value}"' for value in values]
    return written[0] if len(written) == 1 else f"({' OR '.join(written)})"


# --- what went wrong --------------------------------------------------------------------------------------------------


def _brackets(words: str) -> None:
    """Refuse brackets and quotes that don't close, and those that stand too deep."""
    if words.count('"') % 2:
        raise Unreadable("This quotation mark opens, and none closes", words.rindex('"'))
    bare = _QUOTED.sub(lambda quoted: " " * len(quoted[0]), words)
    open_at: list[int] = []
    for at, sign in enumerate(bare):
        if sign == "(":
            open_at.append(at)
        elif sign == ")" and open_at:
            open_at.pop()
        elif sign == ")":
            raise Unreadable("This bracket closes, and none is open", at)
        if len(open_at) > DEEPEST:
            raise Unreadable(f"Brackets stand more than {DEEPEST} deep", at)
    if open_at:
        raise Unreadable("This bracket opens, and none closes", open_at[-1])


def _nearly(words: str) -> Fault | None:
    """A name before a colon that is nearly that of a field: a slip, as likely as not."""
    for found in _NEARLY.finditer(words):
        name = found[1]
        near = get_close_matches(name, FIELDS, n=1, cutoff=0.75)
        if name not in FIELDS and near and words[: found.start()].count('"') % 2 == 0:
            return Fault(f"There is no field {name!r}. Did you mean {near[0]}:?", found.start(1))
    return None


def _explained(broke: UnexpectedInput, words: str) -> Unreadable:
    at = broke.pos_in_stream if broke.pos_in_stream is not None else len(words)
    if isinstance(broke, UnexpectedToken) and broke.token.type == "$END":
        return Unreadable("Something is missing at the end: a word, a field with its value, or brackets", len(words))
    sign = words[at : at + 12].split(maxsplit=1)[0] if words[at : at + 12].split() else words[at : at + 1]
    if words[at] == ")":
        return Unreadable("Nothing stands in front of this bracket that it could close", at)
    return Unreadable(f"{sign!r} stands where a word or a field is wanted", at)

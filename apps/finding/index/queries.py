"""What a question means to the index: the same claims as it means to PostgreSQL (`apps.finding.postgres`)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any as Anything

import tantivy

from apps.finding.asking import All, Any, Between, Is, Node, Not, Text
from apps.finding.fields import identifier
from apps.finding.index.layout import COLUMNS, LISTED, SINGLE
from apps.finding.meaning import cargo_is, names_meant
from apps.records.models import ACCESSION
from apps.studies.models import Study, StudyStatus
from apps.terms.models import NameKind
from apps.vesicles.models import Cargo

Query = Anything
Must, Should, MustNot = tantivy.Occur.Must, tantivy.Occur.Should, tantivy.Occur.MustNot


class Unanswerable(Exception):
    """The index can't answer this; PostgreSQL can."""


class Asking:
    """Makes queries of questions. Names are looked up in PostgreSQL, which has decided on the words, too."""

    def __init__(self, schema: Anything, lexed: Mapping[str, str]) -> None:
        self.schema, self.lexed = schema, lexed

    def query(self, node: Node) -> Query:
        match node:
            case Text():
                return self.words(node.typed)
            case Is():
                return self._is(node.field, node.values)
            case Between():
                integer = tantivy.FieldType.Integer
                return tantivy.Query.range_query(self.schema, "published", integer, node.low, node.high)
            case Not():
                return without(self.query(node.part))
            case All():
                return every([self.query(part) for part in node.parts])
            case Any():
                return either([self.query(part) for part in node.parts])

    def words(self, typed: str, field: str = "words") -> Query:
        """The claims that hold the words, as PostgreSQL understood them."""
        return Lexemes(self.schema, field).query(self.lexed[typed])

    def any_of(self, field: str, values: Sequence[str] | Sequence[int]) -> Query:
        return tantivy.Query.term_set_query(self.schema, field, list(values)) if values else nothing()

    def _is(self, field: str, values: Sequence[str]) -> Query:
        if field in _MEANS:
            return either([_MEANS[field](self, value) for value in values])
        if field in LISTED:
            return either([self.any_of(column, values) for column in COLUMNS[field]])
        if field in SINGLE or field in {"source", "preparation"}:
            return self.any_of(field, values)
        raise Unanswerable(field)

    def disease(self, text: str) -> Query:
        """Of the claim itself: its source may have another."""
        return self.any_of("disease_name", names_meant([text], NameKind.DISEASE))

    def cargo(self, text: str) -> Query:
        if ACCESSION.fullmatch(text):
            return self.any_of("cargo", [text])
        return self.any_of("cargo", list(Cargo.objects.filter(cargo_is(text)).values_list("accession", flat=True)))

    def study(self, text: str) -> Query:
        found = identifier(text)
        if not found:
            return nothing()
        field, value = found
        known = (
            [value]
            if field == "accession"
            else Study.objects.filter(**{field: value}).values_list("accession", flat=True)
        )
        return self.any_of("study", list(known))

    def retracted(self, text: str) -> Query:
        retracted = self.any_of("status", [StudyStatus.RETRACTED.value])
        return retracted if text == "true" else without(retracted)


def _named(*kinds: NameKind) -> Callable[[Asking, str], Query]:
    return lambda asking, text: asking.any_of("names", names_meant([text], *kinds))


# Fields of which each value is looked up, and what it means.
_MEANS: dict[str, Callable[[Asking, str], Query]] = {
    "cargo": Asking.cargo,
    "study": Asking.study,
    "retracted": Asking.retracted,
    "disease": Asking.disease,
    "species": _named(NameKind.SPECIES),
    "therapy": _named(NameKind.THERAPY),
    "target": _named(NameKind.TARGET),
    "recipient": _named(NameKind.RECIPIENT),
    "tissue": _named(NameKind.TISSUE, NameKind.RECIPIENT),
    "term": _named(*NameKind),
}


# --- putting queries together -----------------------------------------------------------------------------------------


def nothing() -> Query:
    return tantivy.Query.empty_query()


def every(queries: Sequence[Query]) -> Query:
    if not queries:
        return tantivy.Query.all_query()
    return queries[0] if len(queries) == 1 else tantivy.Query.boolean_query([(Must, query) for query in queries])


def either(queries: Sequence[Query]) -> Query:
    if not queries:
        return nothing()
    return queries[0] if len(queries) == 1 else tantivy.Query.boolean_query([(Should, query) for query in queries])


def without(query: Query) -> Query:
    return tantivy.Query.boolean_query([(Must, tantivy.Query.all_query()), (MustNot, query)])


# --- words ------------------------------------------------------------------------------------------------------------

TOKEN = re.compile(r"'(?P<lexeme>(?:[^']|'')*)'(?P<marks>:[*A-D]+)?|<(?P<distance>-|\d+)>|(?P<sign>[&|!()])|\s+")


class Lexemes:
    """Reads the text form of a tsquery: `!` binds most, then `<->`, `&` and `|`."""

    def __init__(self, schema: Anything, field: str) -> None:
        self.schema, self.field = schema, field

    def query(self, text: str) -> Query:
        """The query; nothing where PostgreSQL left no lexeme."""
        self.tokens = _tokens(text)
        self.next = next(self.tokens, None)
        return self._either() if self.next else nothing()

    def _take(self) -> re.Match[str]:
        taken, self.next = self.next, next(self.tokens, None)
        if taken is None:
            raise Unanswerable("a query of words that ends too soon")
        return taken

    def _sign(self) -> str:
        return (self.next["sign"] or "") if self.next else ""

    def _either(self) -> Query:
        parts = [self._both()]
        while self._sign() == "|":
            self._take()
            parts.append(self._both())
        return either(parts)

    def _both(self) -> Query:
        parts = [self._phrase()]
        while self._sign() == "&":
            self._take()
            parts.append(self._phrase())
        return every(parts)

    def _phrase(self) -> Query:
        first = self._one()
        if not (self.next and self.next["distance"]):
            return first if not isinstance(first, str) else self._lexeme(first)
        run: list[Anything] = [(0, first)]
        place = 0
        while self.next and self.next["distance"]:
            distance = self._take()["distance"]
            place += 1 if distance == "-" else int(distance)
            run.append((place, self._one()))
        if not all(isinstance(lexeme, str) for _, lexeme in run):
            raise Unanswerable("a phrase of more than words")
        return tantivy.Query.phrase_query(self.schema, self.field, run)

    def _one(self) -> Query | str:
        """A lexeme as text, or the query of what stands in brackets or is excluded."""
        token = self._take()
        if token["sign"] == "!":
            return without(self._as_query(self._one()))
        if token["sign"] == "(":
            inner = self._either()
            self._take()
            return inner
        if token["lexeme"] is None or token["marks"]:
            raise Unanswerable("a query of words that is not known")
        return token["lexeme"].replace("''", "'")

    def _as_query(self, found: Query | str) -> Query:
        return self._lexeme(found) if isinstance(found, str) else found

    def _lexeme(self, lexeme: str) -> Query:
        return tantivy.Query.term_query(self.schema, self.field, lexeme, "freq")


def _tokens(text: str) -> Iterator[re.Match[str]]:
    done = 0
    while done < len(text):
        found = TOKEN.match(text, done)
        if not found:
            raise Unanswerable("a query of words that is not known")
        done = found.end()
        if found.group().strip():
            yield found


def lexemes(text: str) -> list[str]:
    """The lexemes that a tsquery names, in whatever way."""
    return [token["lexeme"].replace("''", "'") for token in _tokens(text) if token["lexeme"] is not None]

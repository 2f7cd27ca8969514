"""What to offer while somebody types: names of accepted evidence by their beginnings, else by likeness."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from apps.finding.asking import Search
from apps.finding.names import key_of

SHORTEST, LONGEST = 2, 100
# Words of what is typed that are taken for one name, the last ones.
LONGEST_NAME = 4
# Of each group so many; alike names are offered where nothing begins so.
PER_GROUP, MOST_ALIKE = 4, 6
# From so many names with one beginning on, only those with most claims are looked at, this many.
DENSE, TAKEN = 2_000, 300
SHORTEST_ALIKE, NEAR_ENOUGH = 4, 0.4
# The groups in their order, by the fields that they hold.
GROUPS = {
    "cargos": ("cargo",),
    "diseases": ("disease",),
    "therapies": ("therapy",),
    "sources": ("source_category", "source"),
    "targets": ("target",),
    "studies": ("study",),
}
_GROUP_OF = {field: group for group, fields in GROUPS.items() for field in fields}


@dataclass(frozen=True)
class Suggestion:
    """A name that was perhaps meant, the other name by which it was found, and how many claims it finds."""

    group: str
    field: str
    value: str
    label: str
    through: str
    claims: int

    @property
    def search(self) -> Search:
        return Search(narrowed={self.field: (self.value,)})


_HOW_MANY = (
    "SELECT count(*) FROM (SELECT FROM finding_namekey WHERE key >= %(key)s AND key < %(end)s LIMIT %(dense)s) few"
)
_EVERY = "SELECT * FROM finding_namekey WHERE key >= %(key)s AND key < %(end)s"
# Of a beginning that very many names share, those with most claims, and those that are just that.
_MOST_CLAIMED = """
(SELECT * FROM finding_namekey WHERE key >= %(key)s AND key < %(end)s ORDER BY claims DESC, key LIMIT %(taken)s)
UNION (SELECT * FROM finding_namekey WHERE key = %(key)s ORDER BY claims DESC LIMIT %(taken)s)"""
_BEGINNING = """
WITH key AS ({keys}), hit AS (
    SELECT name.field, name.value, name.label, name.claims, key.text, key.whole, key.key = %(key)s AS exact,
        row_number() OVER (PARTITION BY name.id ORDER BY key.key = %(key)s DESC, key.whole DESC, length(key.key)) AS nth
    FROM key JOIN finding_knownname name ON name.id = key.name_id
), ranked AS (
    SELECT *, row_number() OVER (
        PARTITION BY CASE WHEN field = 'source_category' THEN 'source' ELSE field END
        ORDER BY exact AND whole DESC, whole DESC, claims DESC, label) AS place
    FROM hit WHERE nth = 1
)
SELECT field, value, label, text, claims FROM ranked WHERE place <= %(most)s ORDER BY place"""
_ALIKE = """
SELECT field, value, label, text, claims FROM (
    SELECT DISTINCT ON (name.id) name.field, name.value, name.label, key.text, name.claims,
        similarity(key.key, %(key)s) AS likeness
    FROM finding_namekey key JOIN finding_knownname name ON name.id = key.name_id
    WHERE key.key %% %(key)s AND similarity(key.key, %(key)s) >= %(near)s ORDER BY name.id, likeness DESC
) alike ORDER BY likeness DESC, claims DESC, label LIMIT %(most)s"""


def suggest(typed: str) -> tuple[str, list[Suggestion]]:
    """Names that begin as typed, or as its last words do, most fitting first within their groups; else those that are
    spelled most like the last word. In front of them the words that they do not stand for.
    """
    words = typed.replace("\0", " ")[:LONGEST].split()
    for at in range(max(0, len(words) - LONGEST_NAME), len(words)):
        if rows := _beginning(key_of(" ".join(words[at:]))):
            return " ".join(words[:at]), _suggestions(rows)
    for at in dict.fromkeys((0, max(0, len(words) - 1))):
        key = key_of(" ".join(words[at:]))
        if len(key) >= SHORTEST_ALIKE and (rows := _alike(key, MOST_ALIKE)):
            return " ".join(words[:at]), _suggestions(rows)
    return "", []


def _suggestions(rows: list[Row]) -> list[Suggestion]:
    found = [
        Suggestion(_GROUP_OF[field], field, value, label, _through(field, text, label), claims)
        for field, value, label, text, claims in rows
    ]
    order = list(GROUPS)
    return sorted(found, key=lambda each: order.index(each.group))


def _through(field: str, text: str, label: str) -> str:
    """The other name by which it was found, where that is not plain."""
    return "" if field == "study" or key_of(text) in key_of(label) else text


def _beginning(key: str) -> list[Row]:
    if len(key) < SHORTEST:
        return []
    asked: dict[str, str | int | float] = {
        "key": key,
        "end": key[:-1] + chr(ord(key[-1]) + 1),
        "most": PER_GROUP,
        "dense": DENSE,
        "taken": TAKEN,
    }
    with connection.cursor() as cursor:
        cursor.execute(_HOW_MANY, asked)
        (number,) = cursor.fetchone()
    if not number:
        return []
    return _asked(_BEGINNING.format(keys=_MOST_CLAIMED if number == DENSE else _EVERY), asked)


Row = tuple[str, str, str, str, int]


def alike(words: str, most: int) -> list[Suggestion]:
    """Names that are spelled most like the words."""
    key = key_of(words.replace("\0", " ")[:LONGEST])
    return _suggestions(_alike(key, most)) if len(key) >= SHORTEST_ALIKE else []


def _alike(key: str, most: int) -> list[Row]:
    return _asked(_ALIKE, {"key": key, "near": NEAR_ENOUGH, "most": most})


def _asked(sql: str, parameters: dict[str, str | int | float]) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()

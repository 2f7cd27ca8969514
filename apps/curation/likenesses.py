"""Finds records that may be one and the same: studies of like titles, cargos and sources of the same name.

Runs in the background and may run twice: it writes what it finds, and takes away what it no longer finds, but never a
pair that a person has ruled on.
"""

from __future__ import annotations

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from apps.claims.acts import NotAllowed
from apps.curation.models import Likeness
from apps.people.models import Role, User
from apps.records.models import Kind
from apps.studies.models import Study

# Titles alike by so many of their trigrams; below it, neighbours of one field are more often two papers than one.
ALIKE = 0.6
# How many studies one run compares with all others, and how many of the newest every run does.
A_RUN, NEWEST = 1_000, 200

# No offset or limit: the index on titles answers for one study at a time.
TITLES = """
SELECT least(one.accession, other.accession), greatest(one.accession, other.accession),
    max(similarity(one.title, other.title))
FROM studies_study one
JOIN studies_study other ON other.title %% one.title AND other.id <> one.id AND other.year BETWEEN one.year - 1
    AND one.year + 1
WHERE one.id = ANY(%s) GROUP BY 1, 2
"""
# Each of a name is paired with the first that has it: as many pairs as there are records to merge.
NAMES = """
SELECT first, accession, 1.0 FROM (
    SELECT accession, min(accession) OVER (PARTITION BY plain) AS first
    FROM (SELECT accession, regexp_replace(lower(name), '[[:space:][:punct:]]+', '', 'g') AS plain FROM {table}) named
    WHERE plain <> ''
) alike WHERE accession <> first
"""
TABLES = {Kind.CARGO: "vesicles_cargo", Kind.SOURCE: "vesicles_vesiclesource"}

Pair = tuple[str, str, float]


def find(*, turn: int) -> int:
    """Compare the newest studies and this turn's share of the others, and all names; return how many pairs are new."""
    keys = _studies_of(turn)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pg_trgm.similarity_threshold', %s, true)", [str(ALIKE)])
        cursor.execute(TITLES, [keys])
        new = _store(cursor.fetchall(), _of_studies(keys))
    for kind, table in TABLES.items():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(NAMES.format(table=table))
            new += _store(cursor.fetchall(), Q(one__accession__startswith=kind.value))
    return new


@transaction.atomic
def rule_out(*, likeness_id: int, by: User) -> Likeness:
    """Note that the two are not the same; they are never proposed again."""
    if not by.is_active or not by.at_least(Role.EDITOR):
        raise NotAllowed(f"Editors rule on likenesses; {by} is {by.role}.")
    pair = Likeness.objects.select_for_update().get(pk=likeness_id)
    if pair.ruled_out_at is None:
        pair.ruled_out_at, pair.ruled_out_by = timezone.now(), by
        pair.save(update_fields=["ruled_out_at", "ruled_out_by"])
    return pair


def _studies_of(turn: int) -> list[int]:
    keys = list(Study.objects.order_by("pk").values_list("pk", flat=True))
    turns = max(1, -(-len(keys) // A_RUN))
    start = turn % turns * A_RUN
    return sorted({*keys[start : start + A_RUN], *keys[-NEWEST:]})


def _of_studies(keys: list[int]) -> Q:
    accessions = list(Study.objects.filter(pk__in=keys).values_list("accession", flat=True))
    return Q(one__in=accessions) | Q(other__in=accessions)


def _store(pairs: list[Pair], looked_at: Q) -> int:
    """Write the pairs that are not known yet; forget those that were looked at and are no longer alike."""
    known = {(pair.one_id, pair.other_id): pair for pair in Likeness.objects.filter(looked_at)}
    found = {(one, other) for one, other, _ in pairs}
    gone = [pair.pk for key, pair in known.items() if key not in found and pair.ruled_out_at is None]
    Likeness.objects.filter(pk__in=gone).delete()
    new = [
        Likeness(one_id=one, other_id=other, score=score) for one, other, score in pairs if (one, other) not in known
    ]
    Likeness.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)

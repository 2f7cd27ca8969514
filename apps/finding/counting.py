"""How many claims each value of each facet would leave: all facets in one query.

A facet's counts are those that a click in it would give: over what the other facets leave, not over what it leaves
itself. So each claim is marked with the one facet that it fails, if it fails one only.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any as Anything

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Case, CharField, F, Q, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce

from apps.claims.models import ClaimQuerySet
from apps.finding.fields import NOT_CURATED
from apps.finding.postgres import MEASURED, REPORTING, SOURCE, STUDY

Counts = dict[str, dict[str, int]]


def _yes(condition: Q) -> Combinable:
    return Case(When(condition, then=Value("true")), default=Value("false"))


def _text(path: str) -> Combinable:
    return Cast(path, CharField())


# Facets of which a claim has one value or none.
SINGLE: dict[str, Combinable] = {
    "aspect": F("aspect"),
    "edge": F("edge"),
    "effect": F("effect"),
    "level": F("level"),
    "cargo": F("cargo__accession"),
    "cargo_kind": F("cargo__kind"),
    "source_category": F(f"{SOURCE}category"),
    "engineered": _yes(Q(preparation__engineered=True)),
    "reporting": Case(*(When(condition, then=Value(band)) for band, condition in REPORTING.items())),
    "year": _text(f"{STUDY}year"),
    "status": F(f"{STUDY}status"),
    "has_measures": _yes(MEASURED),
}
# Facets whose values a claim lists.
LISTED: dict[str, Combinable] = {
    "model": F("models_used"),
    "isolation": Coalesce("preparation__isolation", Value([NOT_CURATED], output_field=ArrayField(CharField()))),
}
# Facets of terms: the one name that a claim or its source writes, or the table that lists its names.
WRITTEN: dict[str, Combinable] = {"disease": F("disease_id"), "species": F(f"{SOURCE}species_id")}
LINKED = {"therapy": "claims_claimtherapy", "target": "claims_claimtarget"}

# A term is counted where a claim found names it or one below it, and is listed where a claim found names it itself:
# else every list of diseases would begin with "disease".
# Each step is fenced: where the planner takes a vocabulary for empty, as just after its load, it would else begin
# with the whole of it, and do that again for every term.
_STEPS = """
    means AS MATERIALIZED (SELECT named.*, term_id FROM named JOIN terms_name_terms USING (name_id)),
    direct AS MATERIALIZED (SELECT DISTINCT term_id FROM means WHERE missed IN ('', '{facet}')),
    up AS MATERIALIZED (
        SELECT term_id, ancestor_id FROM terms_termancestor
        WHERE term_id IN (SELECT term_id FROM means) AND ancestor_id IN (SELECT term_id FROM direct)),"""
_WRITTEN = """(
    WITH named AS MATERIALIZED (SELECT "{facet}" AS name_id, missed, count(*) AS n FROM asked GROUP BY 1, 2), {steps}
    counted AS MATERIALIZED (
        SELECT ancestor_id, missed, sum(n)::bigint AS n
        FROM (SELECT DISTINCT name_id, missed, n, ancestor_id FROM means JOIN up USING (term_id)) each GROUP BY 1, 2)
    SELECT '{facet}', term.curie, missed, n FROM counted JOIN terms_term term ON term.id = ancestor_id)"""
_LINKED = """(
    WITH named AS MATERIALIZED (
        SELECT asked.id, missed, link.name_id FROM asked JOIN {table} link ON link.claim_id = asked.id), {steps}
    counted AS MATERIALIZED (
        SELECT ancestor_id, missed, count(*) AS n
        FROM (SELECT DISTINCT id, missed, ancestor_id FROM means JOIN up USING (term_id)) each GROUP BY 1, 2)
    SELECT '{facet}', term.curie, missed, n FROM counted JOIN terms_term term ON term.id = ancestor_id)"""
_SINGLE = """(
    SELECT CASE {which} END, coalesce({values}), missed, count(*) FROM asked
    GROUP BY GROUPING SETS ((missed), {sets}))"""
_COUNTED = """
WITH found ({names}) AS ({found}), marked AS (SELECT *, {missed} AS missed FROM found),
asked AS MATERIALIZED (SELECT * FROM marked WHERE strpos(missed, ',') = 0)
{parts}"""
_LISTED = """(SELECT '{facet}', value, missed, count(*) FROM asked, unnest("{facet}") AS value GROUP BY 2, 3)"""


def counts(claims: ClaimQuerySet, narrowed: Mapping[str, Q]) -> tuple[int, Counts]:
    """How many of the claims stand within all that facets narrow to, and for each facet how many with each value.

    `claims` are narrowed by no facet yet; `narrowed` holds the condition of each that is.
    """
    try:
        sql, parameters = _marked(claims, narrowed)
    except EmptyResultSet:
        # Django sees that nothing can be found.
        return 0, {}
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows = cursor.fetchall()
    total, found = 0, defaultdict[str, Counter[str]](Counter)
    for facet, value, missed, number in rows:
        if facet is None:
            total += number if not missed else 0
        elif value is not None and missed in {"", facet}:
            found[facet][value] += number
    return total, {facet: dict(values) for facet, values in found.items()}


def _marked(claims: ClaimQuerySet, narrowed: Mapping[str, Q]) -> tuple[str, tuple[Anything, ...]]:
    columns = {**SINGLE, **LISTED, **WRITTEN}
    within = {f"in_{name}": Case(When(each, then=Value(True)), default=Value(False)) for name, each in narrowed.items()}
    having = claims.order_by().values_list(
        "pk", *({f"has_{name}": value for name, value in columns.items()} | within).values()
    )
    sql, parameters = having.query.sql_with_params()
    names = ", ".join(f'"{name}"' for name in ("id", *columns, *within))
    misses = [f"CASE WHEN \"in_{name}\" THEN NULL ELSE '{name}' END" for name in narrowed]
    missed = f"concat_ws(',', {', '.join(misses)})" if misses else "''"
    counted = _COUNTED.format(names=names, found=sql, missed=missed, parts=" UNION ALL ".join(_parts()))
    return counted, parameters


def _parts() -> list[str]:
    """The counts of each kind of facet, as rows of (facet, value, missed, number); the total's facet is null."""
    quoted = [f'"{name}"' for name in SINGLE]
    which = " ".join(f"WHEN GROUPING({column}) = 0 THEN '{column.strip(chr(34))}'" for column in quoted)
    sets = ", ".join(f"(missed, {column})" for column in quoted)
    return [
        _SINGLE.format(which=which, values=", ".join(quoted), sets=sets),
        *(_LISTED.format(facet=facet) for facet in LISTED),
        *(_WRITTEN.format(facet=facet, steps=_STEPS.format(facet=facet)) for facet in WRITTEN),
        *(
            _LINKED.format(facet=facet, table=table, steps=_STEPS.format(facet=facet))
            for facet, table in LINKED.items()
        ),
    ]

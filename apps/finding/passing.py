"""One pass over the claims of a search: they are found once, in PostgreSQL, and counted there in every way asked for.

A way to count is a SELECT over `found` (every claim) or `counting` (all but those of retracted studies).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections

from apps.claims.models import ClaimQuerySet

Rows = list[dict[str, Any]]

FOUND = """
WITH found AS MATERIALIZED (
    SELECT claim.id, claim.accession, claim.cargo_id, claim.aspect, claim.effect, claim.edge, claim.level,
        claim.disease_id, claim.recipient_id, claim.models_used, claim.validation, claim.transfer_shown,
        claim.vesicle_free_control, claim.lost_on_removal, source.category, made.metric_curated,
        made.study_id, study.year, study.depth, study.status, study.status = 'retracted' AS retracted
    FROM claims_claim claim
    JOIN vesicles_preparation made ON made.id = claim.preparation_id
    JOIN vesicles_vesiclesource source ON source.id = made.source_id
    JOIN studies_study study ON study.id = made.study_id
    WHERE claim.id IN ({claims})
), counting AS (SELECT * FROM found WHERE NOT retracted)
"""
# What each group of claims is told by.
BY_EDGE = """count(*) AS total, min(level) AS best, count(*) FILTER (WHERE edge = 'harm') AS harm,
    count(*) FILTER (WHERE edge = 'mixed') AS mixed, count(*) FILTER (WHERE edge = 'neutral') AS neutral,
    count(*) FILTER (WHERE edge = 'benefit') AS benefit"""
ONE = "SELECT '{name}', coalesce(jsonb_agg(to_jsonb(part)), '[]') FROM ({way}) part"


def counted(claims: ClaimQuerySet, ways: Mapping[str, str]) -> dict[str, Rows]:
    """The rows of each way to count the claims, from one query. The ways are our own words, never a reader's."""
    try:
        found, parameters = claims.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        found, parameters = "NULL", ()
    counting = " UNION ALL ".join(ONE.format(name=name, way=way) for name, way in ways.items())
    with connections[claims.db].cursor() as cursor:
        cursor.execute(f"{FOUND.format(claims=found)} {counting}", parameters)
        return {name: json.loads(rows) for name, rows in cursor.fetchall()}

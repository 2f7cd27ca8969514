"""Gaps: what accepted evidence leaves open, by kinds that can be counted. Each names the search that it was read from.

Claims of retracted studies close no gap. A disease counts what is narrower, as a search does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection, models

from apps.claims.models import Aspect

# So many studies on cells alone, and nobody has gone on to animals or patients.
MANY = 3
CANCER = ("tumour_growth", "metastasis", "angiogenesis", "cancer_stemness", "drug_resistance", "safety")


class Gap(models.TextChoices):
    """A kind of gap."""

    SINGLE = "single", "one claim only"
    NO_REVERSAL = "no_reversal", "resistance without a reversal"
    CELLS_ONLY = "cells_only", f"{MANY} or more studies, cells in culture alone"
    NOT_VALIDATED = "not_validated", "marker without a second cohort"
    NOT_CHECKED = "not_checked", "heals, and was never checked for feeding tumours"


SAYS = {
    Gap.SINGLE: "A cargo on which, in this disease or what is narrower, one claim was curated and no more.",
    Gap.NO_REVERSAL: "Vesicles make this disease resist this drug; no claim says what restores sensitivity.",
    Gap.CELLS_ONLY: "A cargo on which several studies worked in this disease, all with cells in culture alone.",
    Gap.NOT_VALIDATED: "A cargo that marks this disease or its course, and no claim with a second, independent cohort.",
    Gap.NOT_CHECKED: "A cell type whose vesicles repair tissue; no claim says whether they feed tumours or are safe.",
}
COUNTING = """counting AS MATERIALIZED (
    SELECT claim.id, claim.cargo_id, claim.aspect, claim.effect, claim.edge, claim.models_used, claim.validation,
        claim.disease_id, made.study_id, source.category, source.cell_type_id
    FROM claims_claim claim
    JOIN vesicles_preparation made ON made.id = claim.preparation_id
    JOIN vesicles_vesiclesource source ON source.id = made.source_id
    JOIN studies_study study ON study.id = made.study_id
    WHERE claim.state = 'accepted' AND study.status <> 'retracted')"""
# Every cargo with every disease that a claim on it names, and all claims on it there or on what is narrower.
PAIRS = """named AS (
    SELECT DISTINCT cargo_id, meant.term_id FROM counting JOIN terms_name_terms meant ON meant.name_id = disease_id
    WHERE cargo_id IS NOT NULL
), pairs AS (
    SELECT DISTINCT named.cargo_id, named.term_id, counting.id, aspect, effect, models_used, validation, study_id
    FROM counting JOIN terms_name_terms meant ON meant.name_id = disease_id
    JOIN terms_termancestor above ON above.term_id = meant.term_id
    JOIN named ON named.cargo_id = counting.cargo_id AND named.term_id = above.ancestor_id)"""
ON_CARGO = """SELECT cargo.name AS subject, cargo.accession AS subject_key, term.label AS disease, term.curie AS curie,
        claims, studies, alike.n AS weight
    FROM (SELECT cargo_id, term_id, count(*) AS claims, count(DISTINCT study_id) AS studies FROM pairs
        {of} GROUP BY cargo_id, term_id HAVING {gap}) found
    JOIN (SELECT cargo_id, count(*) AS n FROM counting GROUP BY cargo_id) alike USING (cargo_id)
    JOIN vesicles_cargo cargo ON cargo.id = cargo_id JOIN terms_term term ON term.id = found.term_id"""
MARKERS = "WHERE effect = 'marks' AND aspect IN ('diagnosis', 'prognosis')"
RESISTING = """SELECT drug.label AS subject, drug.curie AS subject_key, term.label AS disease, term.curie AS curie,
        claims, studies, claims AS weight
    FROM (SELECT drug_id, term_id, count(DISTINCT id) AS claims, count(DISTINCT study_id) AS studies
        FROM treated WHERE edge = 'harm' AND stated GROUP BY drug_id, term_id
        HAVING NOT EXISTS (SELECT FROM treated other WHERE other.drug_id = treated.drug_id
            AND other.term_id = treated.term_id AND other.edge = 'benefit')) found
    JOIN terms_term drug ON drug.id = drug_id JOIN terms_term term ON term.id = term_id"""
TREATED = """treated AS MATERIALIZED (
    SELECT DISTINCT counting.id, counting.study_id, counting.edge, given.term_id AS drug_id,
        above.ancestor_id AS term_id, above.distance = 0 AS stated
    FROM counting JOIN claims_claimtherapy therapy ON therapy.claim_id = counting.id
    JOIN terms_name_terms given ON given.name_id = therapy.name_id
    JOIN terms_name_terms meant ON meant.name_id = disease_id
    JOIN terms_termancestor above ON above.term_id = meant.term_id
    WHERE aspect = 'drug_resistance')"""
HEALING = """SELECT term.label AS subject, term.curie AS subject_key, '' AS disease, '' AS curie, claims, studies,
        claims AS weight
    FROM (SELECT meant.term_id, count(DISTINCT counting.id) AS claims, count(DISTINCT study_id) AS studies
        FROM counting JOIN terms_name_terms meant ON meant.name_id = cell_type_id
        WHERE aspect = 'regeneration' AND edge = 'benefit' GROUP BY meant.term_id) found
    JOIN terms_term term ON term.id = found.term_id
    WHERE NOT EXISTS (SELECT FROM counting JOIN terms_name_terms meant ON meant.name_id = cell_type_id
        JOIN terms_termancestor above ON above.term_id = meant.term_id
        WHERE above.ancestor_id = found.term_id AND aspect = ANY(%(cancer)s))"""
WAYS: dict[Gap, tuple[tuple[str, ...], str]] = {
    Gap.SINGLE: ((COUNTING, PAIRS), ON_CARGO.format(of="", gap="count(*) = 1")),
    Gap.NO_REVERSAL: ((COUNTING, TREATED), RESISTING),
    Gap.CELLS_ONLY: (
        (COUNTING, PAIRS),
        ON_CARGO.format(
            of="", gap=f"count(DISTINCT study_id) >= {MANY} AND bool_and(models_used = ARRAY['in_vitro']::varchar[])"
        ),
    ),
    Gap.NOT_VALIDATED: ((COUNTING, PAIRS), ON_CARGO.format(of=MARKERS, gap="bool_and(validation <> 'shown')")),
    Gap.NOT_CHECKED: ((COUNTING,), HEALING),
}


@dataclass(frozen=True)
class Open:
    """One gap: what is known of what, in how many claims of how many studies."""

    kind: Gap
    subject: str
    subject_key: str
    disease: str
    curie: str
    claims: int
    studies: int

    @property
    def asks(self) -> dict[str, str | list[str]]:
        """How a search is held to the claims that were found."""
        where: dict[str, str | list[str]] = {"disease": self.curie} if self.curie else {}
        return {**ASKED[self.kind](self.subject_key), **where, "retracted": "false"}


def _of_cargo(key: str) -> dict[str, str | list[str]]:
    return {"cargo": key}


ASKED: dict[Gap, Any] = {
    Gap.SINGLE: _of_cargo,
    Gap.CELLS_ONLY: _of_cargo,
    Gap.NOT_VALIDATED: lambda key: {
        "cargo": key,
        "effect": "marks",
        "aspect": [Aspect.DIAGNOSIS.value, Aspect.PROGNOSIS.value],
    },
    Gap.NO_REVERSAL: lambda key: {"therapy": key, "aspect": Aspect.DRUG_RESISTANCE.value, "edge": "harm"},
    Gap.NOT_CHECKED: lambda key: {"term": key, "aspect": Aspect.REGENERATION.value, "edge": "benefit"},
}


def gaps(kind: Gap) -> list[Open]:
    """All gaps of the kind, those on what is studied most first; in one query."""
    tables, rows = WAYS[kind]
    order = "ORDER BY studies DESC, weight DESC, subject, disease, subject_key, curie"
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {', '.join(tables)} {rows} {order}", {"cancer": list(CANCER)})
        return [Open(kind, *row[:6]) for row in cursor.fetchall()]

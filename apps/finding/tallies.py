"""The numbers behind pages of record: one query each, however many claims a record has.

A row says by which limits of a search its claims are found (`asks`), so that every number can lead to them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F

from apps.claims.models import Aspect, ClaimQuerySet, Edge, Level, Model
from apps.finding.passing import BY_EDGE, Rows, counted
from apps.studies.models import StudyStatus
from apps.vesicles.models import CargoKind, SourceCategory

Asks = Mapping[str, str | list[str]]
# From the edge that harms to the one that heals, as bars and tables show them.
EDGES = (Edge.HARM, Edge.MIXED, Edge.NEUTRAL, Edge.BENEFIT)


@dataclass(frozen=True)
class Tally:
    """The claims that share something: how many of each edge, and the strongest level among them."""

    label: str
    asks: Asks
    edges: Counter[str]
    best: str = ""
    aside: str = ""

    @property
    def total(self) -> int:
        return self.edges.total()

    @property
    def edge_counts(self) -> list[tuple[str, int]]:
        return [(edge.value, self.edges[edge]) for edge in EDGES]


@dataclass(frozen=True)
class Overview:
    """How a set of claims splits; claims of retracted studies are only in `retracted`."""

    edges: Counter[str]
    aspects: list[Tally]
    levels: list[Tally]
    retracted: int

    @property
    def counting(self) -> int:
        return self.edges.total()

    @property
    def total(self) -> int:
        return self.counting + self.retracted


@dataclass(frozen=True)
class Partners:
    """What the claims have most often in common, of one kind."""

    title: str
    rows: list[Tally]


@dataclass(frozen=True)
class Contradiction:
    """Claims of one cargo (or kind of source), one disease and one aspect that point opposite ways.

    Each side is how many there are, and the strongest of them by accession.
    """

    what: str
    disease: str
    aspect: str
    sides: list[tuple[int, list[str]]]
    asks: Asks


@dataclass(frozen=True)
class Wish:
    """How many of the claims have what a reader would like to see behind them."""

    label: str
    count: int
    total: int
    asks: Asks


@dataclass(frozen=True)
class Account:
    """All that a page of record tells in numbers."""

    studies: int
    overview: Overview
    partners: list[Partners]
    contradictions: list[Contradiction]
    wishes: list[Wish]


def account(claims: ClaimQuerySet, partners: Iterable[str] = ()) -> Account:
    """All of it from one query; `partners` are names of `PARTNERS`."""
    kinds = list(partners)
    rows = counted(claims, {**ALWAYS, **{kind: PARTNERS[kind][1] for kind in kinds}})
    read = [Partners(PARTNERS[kind][0], [_partner(kind, row) for row in rows[kind]]) for kind in kinds]
    return Account(
        rows["studies"][0]["n"],
        _overview(rows["kinds"]),
        [each for each in read if each.rows],
        [_contradiction(row) for row in rows["contradictions"]],
        _wishes(rows["wishes"]),
    )


def overview(claims: ClaimQuerySet) -> Overview:
    """The splits alone, from one query that keeps nothing but the groups."""
    groups = claims.order_by().values("aspect", "edge", "level", status=F("preparation__study__status"))
    rows = [{**row, "retracted": row["status"] == StudyStatus.RETRACTED} for row in groups.annotate(n=Count("pk"))]
    return _overview(rows)


# --- ways to count ----------------------------------------------------------------------------------------------------

# How many partners of a kind a page names, and how many contradictions with how many claims of each side.
MOST, MOST_CONTRADICTIONS, NAMED = 8, 8, 3

KINDS = "SELECT aspect, edge, level, retracted, count(*) AS n FROM found GROUP BY aspect, edge, level, retracted"

CARGOS = f"""SELECT cargo.accession AS key, cargo.name AS label, cargo.kind AS kind, each.*
    FROM (SELECT cargo_id, {BY_EDGE} FROM counting WHERE cargo_id IS NOT NULL GROUP BY cargo_id) each
    JOIN vesicles_cargo cargo ON cargo.id = cargo_id
    ORDER BY total DESC, label, key LIMIT {MOST}"""  # noqa: S608 - put together from constants, as is all below

CATEGORIES = f"SELECT category AS key, {BY_EDGE} FROM counting GROUP BY category ORDER BY total DESC, key LIMIT {MOST}"  # noqa: S608


def _terms(names: str, most: int = MOST) -> str:
    """The terms named most often, each counted with all that is narrower, as a search for it does.

    `names` is SQL that gives each claim (`id`, `edge`, `level`) with its names (`name_id`).
    """
    return f"""WITH links AS MATERIALIZED (
            SELECT DISTINCT named.id, named.edge, named.level, meant.term_id
            FROM ({names}) named JOIN terms_name_terms meant ON meant.name_id = named.name_id
        ), often AS (
            SELECT term_id FROM links GROUP BY term_id ORDER BY count(*) DESC, term_id LIMIT {most}
        )
        SELECT term.curie AS key, term.label, each.* FROM (
            SELECT ancestor_id, {BY_EDGE} FROM (
                SELECT DISTINCT links.id, links.edge, links.level, above.ancestor_id
                FROM links JOIN terms_termancestor above ON above.term_id = links.term_id
                WHERE above.ancestor_id IN (SELECT term_id FROM often)
            ) under GROUP BY ancestor_id
        ) each JOIN terms_term term ON term.id = ancestor_id ORDER BY total DESC, label, key"""  # noqa: S608


def _linked(table: str) -> str:
    return (
        f"SELECT counting.id, edge, level, link.name_id FROM counting JOIN {table} link ON link.claim_id = counting.id"  # noqa: S608
    )


PARTNERS = {
    "cargo": ("Cargos", CARGOS),
    "source_category": ("Vesicles of", CATEGORIES),
    "disease": ("Diseases", _terms("SELECT id, edge, level, disease_id AS name_id FROM counting")),
    "recipient": ("Recipients", _terms("SELECT id, edge, level, recipient_id AS name_id FROM counting")),
    "therapy": ("Therapies", _terms(_linked("claims_claimtherapy"))),
    "target": ("Targets", _terms(_linked("claims_claimtarget"))),
}


# The ways that claims can point. Nothing found, and nothing following from it, speaks against either edge.
SIDES = {
    "harm": "edge = 'harm'",
    "benefit": "edge = 'benefit'",
    "none": "(edge = 'neutral' AND effect = 'no_effect')",
}


def _side(name: str, having: str) -> str:
    """How many claims are on the side, and which are the strongest."""
    every = f"array_agg(accession ORDER BY level, accession) FILTER (WHERE {having})"
    return f"count(*) FILTER (WHERE {having}) AS {name}, ({every})[1:{NAMED}] AS {name}_strongest"


CONTRADICTIONS = f"""SELECT cargo.accession AS cargo, cargo.name AS cargo_name, term.curie, term.label,
        name.text, each.*
    FROM (
        SELECT cargo_id, CASE WHEN cargo_id IS NULL THEN category END AS category, aspect, meant.term_id,
            CASE WHEN meant.term_id IS NULL THEN disease_id END AS name_id,
            {", ".join(_side(name, having) for name, having in SIDES.items())}
        FROM counting LEFT JOIN terms_name_terms meant ON meant.name_id = disease_id
        WHERE {" OR ".join(SIDES.values())} GROUP BY 1, 2, 3, 4, 5
        HAVING {" + ".join(f"bool_or({having})::int" for having in SIDES.values())} > 1
    ) each
    LEFT JOIN vesicles_cargo cargo ON cargo.id = cargo_id LEFT JOIN terms_term term ON term.id = term_id
    LEFT JOIN terms_name name ON name.id = name_id
    ORDER BY harm + benefit + none - greatest(harm, benefit, none) DESC, harm + benefit + none DESC,
        cargo_name, category, aspect, label, text
    LIMIT {MOST_CONTRADICTIONS}"""  # noqa: S608

PATIENTS = [Model.PATIENT_SAMPLES.value, Model.CLINICAL_TRIAL.value]
# What a reader would like to see behind claims: what it is, how it is counted, and how a search finds it.
WISHES: dict[str, tuple[str, str, Asks]] = {
    "patients": (
        "shown in patients or their samples",
        f"models_used && ARRAY['{PATIENTS[0]}', '{PATIENTS[1]}']::varchar[]",
        {"model": PATIENTS},
    ),
    "animals": ("shown in animals", "'animal' = ANY(models_used)", {"model": "animal"}),
    "measured": (
        "with numbers",
        "EXISTS (SELECT FROM claims_measure WHERE claim_id = counting.id)",
        {"has_measures": "true"},
    ),
    "validated": ("confirmed in an independent cohort", "validation = 'shown'", {}),
    "transfer": ("transfer to the recipient shown", "transfer_shown = 'shown'", {}),
    "control": ("effect shown against a vesicle-free control", "vesicle_free_control = 'shown'", {}),
    "removal": ("effect lost when cargo, release or uptake is removed", "lost_on_removal = 'shown'", {}),
    "scored": ("on vesicles with a reporting score", "metric_curated > 0", {}),
    "read": ("read in full text, not the abstract alone", "depth = 'full_text'", {}),
}
WISHED = "SELECT count(*) AS total, {} FROM counting".format(  # noqa: S608
    ", ".join(f"count(*) FILTER (WHERE {having}) AS {name}" for name, (_, having, _) in WISHES.items())
)
STUDIES = "SELECT count(DISTINCT study_id) AS n FROM counting"
ALWAYS = {"studies": STUDIES, "kinds": KINDS, "contradictions": CONTRADICTIONS, "wishes": WISHED}

# --- rows, read -------------------------------------------------------------------------------------------------------


def edges(row: Mapping[str, Any]) -> Counter[str]:
    return Counter({edge.value: row[edge.value] for edge in EDGES if row[edge.value]})


def _overview(rows: Rows) -> Overview:
    counting = [row for row in rows if not row["retracted"]]
    aspects: dict[str, list[dict[str, Any]]] = {aspect: [] for aspect in Aspect.values}
    levels: dict[str, list[dict[str, Any]]] = {level: [] for level in Level.values}
    for row in counting:
        aspects[row["aspect"]].append(row)
        levels[row["level"]].append(row)
    by_aspect = [
        Tally(str(Aspect(aspect).label), {"aspect": aspect}, _summed(each), min(row["level"] for row in each))
        for aspect, each in aspects.items()
        if each
    ]
    by_level = [
        Tally(str(Level(level).label), {"level": level}, _summed(each), level) for level, each in levels.items() if each
    ]
    retracted = sum(row["n"] for row in rows if row["retracted"])
    return Overview(_summed(counting), sorted(by_aspect, key=lambda row: (-row.total, row.label)), by_level, retracted)


def _summed(rows: Rows) -> Counter[str]:
    counts: Counter[str] = Counter()
    for row in rows:
        counts[row["edge"]] += row["n"]
    return counts


def _partner(kind: str, row: Mapping[str, Any]) -> Tally:
    label = str(SourceCategory(row["key"]).label) if kind == "source_category" else row["label"]
    aside = str(CargoKind(row["kind"]).label) if kind == "cargo" else ""
    return Tally(label, {kind: row["key"]}, edges(row), row["best"], aside)


def _contradiction(row: Mapping[str, Any]) -> Contradiction:
    about = {"cargo": row["cargo"]} if row["cargo"] else {"source_category": row["category"]}
    return Contradiction(
        row["cargo_name"] or f"{SourceCategory(row['category']).label}: the vesicle as a whole",
        row["label"] or row["text"],
        str(Aspect(row["aspect"]).label),
        [(row[side], row[f"{side}_strongest"] or []) for side in SIDES],
        {**about, "disease": row["curie"] or row["text"], "aspect": row["aspect"]},
    )


def _wishes(rows: Rows) -> list[Wish]:
    counts = rows[0]
    return [Wish(label, counts[name], counts["total"], asks) for name, (label, _, asks) in WISHES.items()]

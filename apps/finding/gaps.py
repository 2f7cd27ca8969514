"""The heat map of a search: its cargos against its diseases, by edge and strength, with what nobody has curated empty.

A cell counts what a search for its cargo and its disease holds: a disease counts all that is narrower.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from apps.claims.models import ClaimQuerySet, Edge
from apps.finding.passing import BY_EDGE, Rows, counted
from apps.finding.tallies import EDGES, Asks, edges

MOST_ROWS, MOST_COLUMNS = 25, 16
MANY_STUDIES = 3

# Claims that name a cargo, on a disease that means a term.
LINKS = f"""links AS MATERIALIZED (
    SELECT DISTINCT counting.id, counting.cargo_id, counting.edge, counting.level, counting.study_id,
        counting.models_used, meant.term_id
    FROM counting JOIN terms_name_terms meant ON meant.name_id = disease_id WHERE cargo_id IS NOT NULL
), often AS MATERIALIZED (
    SELECT term_id, count(*) AS n FROM links GROUP BY term_id ORDER BY n DESC, term_id LIMIT {MOST_COLUMNS})"""  # noqa: S608
ROWS = (
    f"SELECT cargo_id, count(DISTINCT id) AS n FROM links GROUP BY cargo_id ORDER BY n DESC, cargo_id LIMIT {MOST_ROWS}"  # noqa: S608
)
# The diseases that are named most themselves, without those so broad that they hold most of the others.
COLUMNS = """SELECT term_id, n FROM often WHERE (
        SELECT count(*) FROM terms_termancestor above WHERE above.ancestor_id = often.term_id
        AND above.term_id IN (SELECT term_id FROM often)) <= greatest(2, (SELECT count(*) FROM often) / 2)"""
WAYS = {
    "totals": """SELECT count(*) AS total, count(DISTINCT cargo_id) AS cargos,
        count(*) FILTER (WHERE cargo_id IS NULL) AS whole, count(*) FILTER (WHERE NOT EXISTS (
            SELECT FROM terms_name_terms WHERE name_id = disease_id)) AS ungrounded,
        (SELECT count(*) FROM found WHERE retracted) AS retracted FROM counting""",
    "rows": f"""WITH {LINKS} SELECT cargo.accession AS key, cargo.name AS label, n
        FROM ({ROWS}) each JOIN vesicles_cargo cargo ON cargo.id = cargo_id ORDER BY n DESC, label, key""",  # noqa: S608
    "columns": f"""WITH {LINKS} SELECT term.curie AS key, term.label, n
        FROM ({COLUMNS}) each JOIN terms_term term ON term.id = term_id ORDER BY n DESC, label, key""",  # noqa: S608
    "cells": f"""WITH {LINKS} SELECT cargo.accession AS cargo, term.curie AS disease, each.* FROM (
            SELECT cargo_id, ancestor_id, count(DISTINCT study_id) AS studies,
                bool_and(models_used = ARRAY['in_vitro']::varchar[]) AS cells_alone, {BY_EDGE} FROM (
                SELECT DISTINCT links.id, links.cargo_id, links.edge, links.level, links.study_id,
                    links.models_used, above.ancestor_id
                FROM links JOIN terms_termancestor above ON above.term_id = links.term_id
                WHERE links.cargo_id IN (SELECT cargo_id FROM ({ROWS}) chosen)
                AND above.ancestor_id IN (SELECT term_id FROM ({COLUMNS}) chosen)
            ) under GROUP BY cargo_id, ancestor_id
        ) each JOIN vesicles_cargo cargo ON cargo.id = cargo_id JOIN terms_term term ON term.id = ancestor_id""",  # noqa: S608
}


@dataclass(frozen=True)
class Cell:
    """The claims of one cargo on one disease."""

    asks: Asks
    edges: Counter[str]
    best: str
    studies: int
    cells_alone: bool

    @property
    def gap(self) -> str:
        """What is missing here: a second claim, or anything but cells in culture."""
        if self.total == 1:
            return "one claim only"
        return "cells in culture alone" if self.cells_alone and self.studies >= MANY_STUDIES else ""

    @property
    def total(self) -> int:
        return self.edges.total()

    @property
    def edge(self) -> str:
        """Which way they point: mixed where harm and benefit stand against each other, else what most of them say."""
        if self.edges[Edge.HARM] and self.edges[Edge.BENEFIT]:
            return Edge.MIXED.value
        return max(EDGES, key=lambda edge: self.edges[edge]).value

    @property
    def says(self) -> list[tuple[str, int]]:
        return [(str(edge.label), self.edges[edge]) for edge in EDGES if self.edges[edge]]


@dataclass(frozen=True)
class Head:
    """A cargo or a disease at the side of the map, and how many claims name it."""

    label: str
    key: str
    count: int
    asks: Asks


@dataclass(frozen=True)
class HeatMap:
    """Rows of cargos and columns of diseases; how much of the search it leaves out."""

    columns: list[Head]
    rows: list[tuple[Head, list[Cell | None]]]
    total: int
    cargos: int
    whole: int
    ungrounded: int
    retracted: int

    @property
    def empty(self) -> int:
        return sum(cell is None for _, cells in self.rows for cell in cells)


def heat_map(claims: ClaimQuerySet) -> HeatMap:
    """The cargos and the diseases of most claims, and where they meet; in one query."""
    found = counted(claims, WAYS)
    columns, rows = _heads("disease", found["columns"]), _heads("cargo", found["rows"])
    cells = {
        (row["cargo"], row["disease"]): Cell(
            {"cargo": row["cargo"], "disease": row["disease"]},
            edges(row),
            row["best"],
            row["studies"],
            row["cells_alone"],
        )
        for row in found["cells"]
    }
    laid_out = [(row, [cells.get((row.key, column.key)) for column in columns]) for row in rows]
    return HeatMap(columns, laid_out, **found["totals"][0])


def _heads(limit: str, rows: Rows) -> list[Head]:
    return [Head(row["label"], row["key"], row["n"], {limit: row["key"]}) for row in rows]

"""The network of a search: which kinds of sources send which cargos to which recipients."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import igraph

from apps.claims.models import ClaimQuerySet, Edge
from apps.finding.passing import BY_EDGE, counted
from apps.finding.tallies import EDGES, Asks, edges
from apps.vesicles.models import SourceCategory

# More would not be told apart.
MOST_WAYS, MOST_IN_A_COLUMN = 60, 22
WHOLE = "the vesicle as a whole"
COLUMNS = ("source", "cargo", "recipient")


@dataclass(frozen=True)
class Node:
    """A kind of source, a cargo or a recipient, and how many of the claims drawn pass through it."""

    column: int
    label: str
    asks: Asks
    count: int = 0
    place: float = 0.0


@dataclass(frozen=True)
class Line:
    """The claims that lead from one node to the next, by edge."""

    start: int
    end: int
    edges: Counter[str]

    @property
    def total(self) -> int:
        return self.edges.total()

    @property
    def edge(self) -> str:
        """Which way they point; mixed where harm and benefit stand against each other."""
        if self.edges[Edge.HARM] and self.edges[Edge.BENEFIT]:
            return Edge.MIXED.value
        return next(edge.value for edge in (Edge.HARM, Edge.BENEFIT, Edge.MIXED, Edge.NEUTRAL) if self.edges[edge])


@dataclass(frozen=True)
class Way:
    """One row behind the picture: all claims from one kind of source by one cargo to one recipient."""

    source: int
    cargo: int
    recipient: int
    edges: Counter[str]

    @property
    def total(self) -> int:
        return self.edges.total()

    @property
    def says(self) -> list[tuple[str, int]]:
        return [(str(edge.label), self.edges[edge]) for edge in EDGES if self.edges[edge]]


@dataclass(frozen=True)
class Network:
    """What is drawn, and how much of the search that is."""

    nodes: list[Node]
    ways: list[Way]
    total: int
    stated: int

    @property
    def drawn(self) -> int:
        return sum(way.total for way in self.ways)

    @cached_property
    def lines(self) -> list[Line]:
        merged: dict[tuple[int, int], Counter[str]] = {}
        for way in self.ways:
            for ends in ((way.source, way.cargo), (way.cargo, way.recipient)):
                merged.setdefault(ends, Counter()).update(way.edges)
        return [Line(start, end, edges) for (start, end), edges in merged.items()]

    @property
    def tallest(self) -> int:
        """Nodes in the fullest column."""
        return max(Counter(node.column for node in self.nodes).values(), default=0)


WAYS = {
    "totals": "SELECT count(*) AS total, count(recipient_id) AS stated FROM counting",
    "ways": f"""SELECT category, cargo.accession AS cargo, cargo.name, recipient.text AS recipient, each.* FROM (
            SELECT category, cargo_id, recipient_id, {BY_EDGE} FROM counting
            WHERE recipient_id IS NOT NULL GROUP BY category, cargo_id, recipient_id
            ORDER BY total DESC, best, category, cargo_id, recipient_id LIMIT {MOST_WAYS}
        ) each
        LEFT JOIN vesicles_cargo cargo ON cargo.id = cargo_id
        JOIN terms_name recipient ON recipient.id = recipient_id
        ORDER BY total DESC, best, category, name, recipient""",  # noqa: S608 - put together from constants
}


def network(claims: ClaimQuerySet) -> Network:
    """The ways that most claims took, laid out so that few lines cross; in one query."""
    found = counted(claims, WAYS)
    builder = _Builder()
    for row in found["ways"]:
        builder.add(row)
    return Network(builder.placed(), builder.ways, **found["totals"][0])


class _Builder:
    """Collects ways, and the nodes that they pass; a column that is full takes no new node."""

    def __init__(self) -> None:
        self.index: dict[tuple[int, str], int] = {}
        self.nodes: list[Node] = []
        self.counts: Counter[int] = Counter()
        self.ways: list[Way] = []

    def add(self, row: dict[str, Any]) -> None:
        category, cargo, recipient = keys = (row["category"], row["cargo"], row["recipient"])
        wanted = (
            Node(0, str(SourceCategory(category).label), {"source_category": category}),
            Node(1, row["name"] or WHOLE, {"cargo": cargo} if cargo else {}),
            Node(2, recipient, {"recipient": recipient}),
        )
        places = [(node.column, key or "") for node, key in zip(wanted, keys, strict=True)]
        if not all(place in self.index or self._has_room(place[0]) for place in places):
            return
        for place, node in zip(places, wanted, strict=True):
            if place not in self.index:
                self.index[place] = len(self.nodes)
                self.nodes.append(node)
        start, through, end = (self.index[place] for place in places)
        way = Way(start, through, end, edges(row))
        self.ways.append(way)
        for node_at in (way.source, way.cargo, way.recipient):
            self.counts[node_at] += way.total

    def _has_room(self, column: int) -> bool:
        return sum(node.column == column for node in self.nodes) < MOST_IN_A_COLUMN

    def placed(self) -> list[Node]:
        """The nodes, each with its place in its column, by the layered layout of Sugiyama."""
        order = _order(
            self.nodes,
            {(way.source, way.cargo) for way in self.ways} | {(way.cargo, way.recipient) for way in self.ways},
        )
        return [
            Node(node.column, node.label, node.asks, self.counts[at], order[at]) for at, node in enumerate(self.nodes)
        ]


def _order(nodes: list[Node], lines: Iterable[tuple[int, int]]) -> list[float]:
    """Where each node stands in its column, from 0 to 1: in the order in which lines cross least."""
    if not nodes:
        return []
    graph = igraph.Graph(n=len(nodes), edges=sorted(lines), directed=True)
    across = [x for x, _ in graph.layout_sugiyama(layers=[node.column for node in nodes]).coords[: len(nodes)]]
    places = [0.0] * len(nodes)
    for column in range(len(COLUMNS)):
        members = sorted((at for at, node in enumerate(nodes) if node.column == column), key=lambda at: across[at])
        for rank, at in enumerate(members):
            places[at] = (rank + 0.5) / len(members)
    return places

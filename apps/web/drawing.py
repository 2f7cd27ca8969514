"""Where things stand in a picture: numbers for the SVG templates, which only write them down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log2, sqrt
from typing import NamedTuple

from apps.claims.models import Claim, Edge
from apps.finding.networks import Line, Network, Node, Way
from apps.finding.tallies import EDGES, Asks, Tally
from apps.finding.timelines import Year
from apps.web.templatetags.evidence import worded

# --- network ----------------------------------------------------------------------------------------------------------

WIDTH, ROW = 1000, 27
# Where lines leave and reach the three columns, and where their words begin.
LEAVES, REACHES = (262, 600), (400, 738)
LONGEST = (34, 24, 34)
MOST_STROKE = 7.0


@dataclass(frozen=True)
class Drawn:
    """A node with its place, and its words as far as there is room."""

    node: Node
    x: float
    y: float
    anchor: str
    text: str


@dataclass(frozen=True)
class Curve:
    line: Line
    path: str
    stroke: float
    says: str


@dataclass(frozen=True)
class NetworkPicture:
    network: Network
    height: int
    nodes: list[Drawn]
    curves: list[Curve]

    @property
    def rows(self) -> list[tuple[str, str, str, Way]]:
        """What the picture shows, as rows of a table: the three names, and the claims."""
        names = [node.label for node in self.network.nodes]
        return [(names[way.source], names[way.cargo], names[way.recipient], way) for way in self.network.ways]


def network_picture(network: Network) -> NetworkPicture:
    height = max(network.tallest, 2) * ROW
    nodes = [_drawn(node, height) for node in network.nodes]
    return NetworkPicture(network, height, nodes, [_curve(line, nodes) for line in network.lines])


def _drawn(node: Node, height: int) -> Drawn:
    x, anchor = ((LEAVES[0] - 12, "end"), (WIDTH / 2, "middle"), (REACHES[1] + 12, "start"))[node.column]
    return Drawn(node, x, round(node.place * height, 1), anchor, _short(worded(node.label), LONGEST[node.column]))


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def _curve(line: Line, nodes: Sequence[Drawn]) -> Curve:
    start, end = nodes[line.start], nodes[line.end]
    x, to = LEAVES[start.node.column], REACHES[start.node.column]
    middle = (x + to) / 2
    path = f"M{x} {start.y} C{middle:g} {start.y} {middle:g} {end.y} {to} {end.y}"
    told = ", ".join(f"{line.edges[edge]} {edge.label}" for edge in EDGES if line.edges[edge])
    stroke = min(MOST_STROKE, 1.4 + log2(line.total))
    return Curve(line, path, round(stroke, 1), f"{start.node.label} → {end.node.label}: {told}")


# --- timeline ---------------------------------------------------------------------------------------------------------

FIRST_COLUMN, COLUMN, BAND = 96, 36, 50
LARGEST, SMALLEST = 15.0, 3.0


@dataclass(frozen=True)
class Dot:
    """The claims of one edge from one year."""

    year: Year
    edge: str
    label: str
    count: int
    x: int
    y: int
    radius: float


@dataclass(frozen=True)
class Band:
    edge: str
    label: str
    y: int


@dataclass(frozen=True)
class TimelinePicture:
    years: list[tuple[Year, int]]
    bands: list[Band]
    dots: list[Dot]
    width: int
    height: int
    total: int


def timeline_picture(years: Sequence[Year]) -> TimelinePicture:
    most = max((year.edges[edge] for year in years for edge in EDGES), default=1) or 1
    placed = [(year, FIRST_COLUMN + COLUMN * number + COLUMN // 2) for number, year in enumerate(years)]
    bands = [Band(edge.value, str(edge.label), BAND * number + BAND // 2) for number, edge in enumerate(EDGES)]
    dots = [
        Dot(year, band.edge, band.label, count, x, band.y, _radius(count, most))
        for year, x in placed
        for band in bands
        if (count := year.edges[band.edge])
    ]
    width = FIRST_COLUMN + COLUMN * max(len(years), 8)
    return TimelinePicture(placed, bands, dots, width, BAND * len(EDGES) + 24, sum(year.total for year in years))


def _radius(count: int, most: int) -> float:
    return round(SMALLEST + (LARGEST - SMALLEST) * sqrt(count / most), 1)


# --- AUC --------------------------------------------------------------------------------------------------------------

CHANCE = 0.5
AXIS_FROM, AXIS_TO, LINE, LONGEST_MARKER = 300, 780, 26, 42


@dataclass(frozen=True)
class Area:
    """One AUC of one claim, with its interval where the study gives one."""

    claim: Claim
    label: str
    value: float
    y: int
    x: float
    low: float | None
    high: float | None
    says: str


@dataclass(frozen=True)
class AreasPicture:
    areas: list[Area]
    ticks: list[tuple[float, float]]
    height: int


def areas_picture(claims: Sequence[Claim]) -> AreasPicture | None:
    """The AUCs that the claims give, in their order; None where they give none."""
    found = [
        (claim, measure, measure.value)
        for claim in claims
        for measure in claim.measures.all()
        if measure.name == "AUC" and measure.value is not None
    ]
    if not found:
        return None
    least = min(value if measure.ci_low is None else measure.ci_low for _, measure, value in found)
    start = CHANCE if least >= CHANCE else 0.0

    def x(value: float) -> float:
        return round(AXIS_FROM + (AXIS_TO - AXIS_FROM) * (value - start) / (1 - start), 1)

    areas = [
        Area(
            claim,
            _short(f"{claim.cargo or 'vesicles as a whole'}: {claim.disease}", LONGEST_MARKER),
            value,
            LINE * number + LINE // 2,
            x(value),
            None if measure.ci_low is None else x(measure.ci_low),
            None if measure.ci_high is None else x(measure.ci_high),
            measure.note,
        )
        for number, (claim, measure, value) in enumerate(found)
    ]
    tenths = range(5, 11) if start else range(0, 11, 2)
    return AreasPicture(areas, [(each / 10, x(each / 10)) for each in tenths], LINE * len(areas) + 30)


# --- the two sides of the sword ---------------------------------------------------------------------------------------

# Bars grow from the words in the middle to both sides, and a number stands at the end of each.
LEFT, RIGHT, LONGEST_BAR, STEP = 168, 392, 128, 30


class Pair(NamedTuple):
    """One row: what it is called, what harms and what helps, and how a search finds either."""

    label: str
    harm: int
    benefit: int
    harm_asks: Asks
    benefit_asks: Asks


@dataclass(frozen=True)
class Side:
    pair: Pair
    y: int
    left: float
    right: float

    @property
    def left_end(self) -> float:
        return LEFT - self.left

    @property
    def right_end(self) -> float:
        return RIGHT + self.right


@dataclass(frozen=True)
class Sides:
    rows: list[Side]
    height: int


def sides(pairs: Sequence[Pair]) -> Sides:
    """The rows, drawn to one scale."""
    most = max((max(pair.harm, pair.benefit) for pair in pairs), default=1) or 1

    def length(count: int) -> float:
        return round(LONGEST_BAR * count / most, 1)

    rows = [Side(pair, STEP * number, length(pair.harm), length(pair.benefit)) for number, pair in enumerate(pairs)]
    return Sides(rows, STEP * len(rows) + 4)


def sides_of(rows: Sequence[Tally]) -> Sides:
    """Harm and benefit of each row."""
    harm, benefit = Edge.HARM.value, Edge.BENEFIT.value
    return sides(
        [
            Pair(
                row.label,
                row.edges[harm],
                row.edges[benefit],
                {**row.asks, "edge": harm},
                {**row.asks, "edge": benefit},
            )
            for row in rows
        ]
    )

"""A funnel plot and a summary ROC plot as numbers for templates: points, lines and regions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from apps.claims.models import RATIOS
from apps.synthesis.accuracy import Accuracy
from apps.synthesis.measures import Z
from apps.synthesis.meta import Analysis, Entry
from apps.synthesis.pooling import FEWEST_FOR_EGGER

LEFT, TOP, SIDE = 60.0, 14.0, 300.0
STEPS = 40
# Of a false-positive rate, the curve is drawn only where studies lie.
LEAST, MOST = 0.001, 0.999


@dataclass(frozen=True)
class Point:
    """One study: where it lies, and what it found, in words."""

    entry: Entry
    x: float
    y: float
    text: str


@dataclass(frozen=True)
class Funnel:
    """The studies by their effect and their standard error, and the funnel around the pooled number."""

    points: list[Point]
    middle: float
    sides: str
    across: list[tuple[float, str]]
    down: list[tuple[float, str]]


def funnel(analysis: Analysis) -> Funnel | None:
    """The funnel, where there are so many studies that its shape says something."""
    pooled = analysis.pooled
    if pooled is None or len(analysis.entries) < FEWEST_FOR_EGGER:
        return None
    found = [
        (entry, entry.effect.value, math.sqrt(entry.effect.variance)) for entry in analysis.entries if entry.effect
    ]
    deepest = max(error for _, _, error in found) * 1.05
    reach = max(Z * deepest, *(abs(value - pooled.estimate) for _, value, _ in found)) * 1.05

    def across(value: float) -> float:
        return round(LEFT + SIDE * (value - pooled.estimate + reach) / (2 * reach), 1)

    def down(error: float) -> float:
        return round(TOP + SIDE * error / deepest, 1)

    ratio = analysis.question.measure in RATIOS
    ends = [across(pooled.estimate + sign * Z * deepest) for sign in (-1, 1)]
    return Funnel(
        points=[
            Point(entry, across(value), down(error), f"{_back(value, ratio=ratio)}, standard error {error:.2f}")
            for entry, value, error in found
        ],
        middle=across(pooled.estimate),
        sides=f"{ends[0]},{down(deepest)} {across(pooled.estimate)},{down(0)} {ends[1]},{down(deepest)}",
        across=[
            (across(value), _back(value, ratio=ratio))
            for value in (pooled.estimate + reach * part for part in (-0.8, -0.4, 0, 0.4, 0.8))
        ],
        down=[(down(deepest * part / 4), f"{deepest * part / 4:.2f}") for part in range(5)],
    )


def _back(value: float, *, ratio: bool) -> str:
    """A logarithm or a logit as the number that it is of."""
    return f"{math.exp(value) if ratio else 1 / (1 + math.exp(-value)):.2f}"


@dataclass(frozen=True)
class Roc:
    """The studies by false-positive rate and sensitivity; the summary curve, the mean and the regions around it."""

    points: list[Point]
    mean: tuple[float, float]
    curve: str
    confidence: str
    prediction: str
    across: list[tuple[float, str]]
    down: list[tuple[float, str]]


def roc(analysis: Analysis) -> Roc | None:
    """The summary ROC, where sensitivity and specificity were pooled."""
    both = analysis.accuracy
    if both is None:
        return None
    tables = [(entry, entry.table) for entry in analysis.entries if entry.table]
    seen = [(entry, table.fp / (table.fp + table.tn), table.tp / (table.tp + table.fn)) for entry, table in tables]
    specificity, sensitivity = both.specificity[0], both.sensitivity[0]
    return Roc(
        points=[
            Point(entry, *_place(rate, found), f"sensitivity {found:.2f}, specificity {1 - rate:.2f}")
            for entry, rate, found in seen
        ],
        mean=_place(1 - specificity, sensitivity),
        curve=_path(_curve(both, [rate for _, rate, _ in seen])),
        confidence=_path(both.confidence()),
        prediction=_path(both.prediction()),
        across=[(_place(part / 4, 0)[0], f"{part / 4:g}") for part in range(5)],
        down=[(_place(0, part / 4)[1], f"{part / 4:g}") for part in range(5)],
    )


def _curve(both: Accuracy, rates: Sequence[float]) -> list[tuple[float, float]]:
    """The summary curve over the false-positive rates that studies have."""
    low, high = max(LEAST, min(rates)), min(MOST, max(rates))
    return [(rate, both.curve(rate)) for rate in (low + (high - low) * step / STEPS for step in range(STEPS + 1))]


def _place(rate: float, found: float) -> tuple[float, float]:
    return round(LEFT + SIDE * rate, 1), round(TOP + SIDE * (1 - found), 1)


def _path(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x},{y}" for x, y in (_place(*point) for point in points))

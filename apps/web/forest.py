"""A forest plot as numbers for a template: every study on a line, what they come to below."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from apps.claims.models import RATIOS
from apps.synthesis.measures import Effect, Z
from apps.synthesis.meta import Analysis, Entry
from apps.synthesis.pooling import Pooled

LEFT, WIDTH, LINE, TOP = 200.0, 300.0, 26.0, 14.0
SMALLEST, LARGEST = 3.0, 9.0
LONGEST = 28


@dataclass(frozen=True)
class Line:
    """One study: where its square and the ends of its interval lie, and what it found."""

    entry: Entry
    label: str
    y: float
    x: float
    low: float
    high: float
    half: float
    text: str
    weight: float

    @property
    def corner(self) -> tuple[float, float]:
        return round(self.x - self.half, 1), round(self.y - self.half, 1)

    @property
    def side(self) -> float:
        return round(2 * self.half, 1)


@dataclass(frozen=True)
class Forest:
    """The picture, its height, its axis and the diamond of the pooled number."""

    lines: list[Line]
    ticks: list[tuple[float, str]]
    nothing: float | None
    diamond: str
    prediction: tuple[float, float] | None
    text: str
    predicted: str
    height: float

    @property
    def axis_y(self) -> float:
        return self.height - 24

    @property
    def pooled_y(self) -> float:
        return self.height - 44


def forest(analysis: Analysis) -> Forest | None:
    """The plot of one number a study; None where there is none."""
    if analysis.is_pair or not analysis.entries:
        return None
    is_ratio = analysis.question.measure in RATIOS
    ends = [_ends(entry.effect) for entry in analysis.entries if entry.effect]
    place, ticks = _scale_of_ratios(ends) if is_ratio else _scale_of_shares()
    back = math.exp if is_ratio else _share
    weights = analysis.pooled.weights if analysis.pooled else (1.0,) * len(ends)
    lines = [
        _line(number, entry, weight, place, back)
        for number, (entry, weight) in enumerate(zip(analysis.entries, weights, strict=True))
    ]
    height = TOP + LINE * (len(lines) + (2 if analysis.pooled else 1)) + 24
    pooled = analysis.pooled
    return Forest(
        lines=lines,
        ticks=ticks,
        nothing=place(0.0),
        diamond=_diamond(pooled.low, pooled.estimate, pooled.high, height - 44, place) if pooled else "",
        prediction=(place(pooled.prediction[0]), place(pooled.prediction[1])) if pooled and pooled.prediction else None,
        text=_text(pooled.estimate, pooled.low, pooled.high, back) if pooled else "",
        predicted=_span(*pooled.prediction, back) if pooled and pooled.prediction else "",
        height=height,
    )


def pooled_text(pooled: Pooled, measure: str) -> str:
    """A pooled number with its interval, on the scale of the measure."""
    return _text(pooled.estimate, pooled.low, pooled.high, math.exp if measure in RATIOS else _share)


def _ends(found: Effect) -> tuple[float, float]:
    reach = Z * math.sqrt(found.variance)
    return found.value - reach, found.value + reach


def _line(
    number: int, entry: Entry, weight: float, place: Callable[[float], float], back: Callable[[float], float]
) -> Line:
    assert entry.effect is not None  # noqa: S101 - entries of single numbers have one
    low, high = _ends(entry.effect)
    study = str(entry.number.study)
    return Line(
        entry=entry,
        label=study if len(study) <= LONGEST else f"{study[: LONGEST - 1]}…",
        y=TOP + LINE * number + 6,
        x=place(entry.effect.value),
        low=place(low),
        high=place(high),
        half=round(SMALLEST + (LARGEST - SMALLEST) * math.sqrt(weight), 1),
        text=_text(entry.effect.value, low, high, back),
        weight=weight,
    )


def _text(value: float, low: float, high: float, back: Callable[[float], float]) -> str:
    return f"{back(value):.2f} ({_span(low, high, back)})"


def _span(low: float, high: float, back: Callable[[float], float]) -> str:
    return f"{back(low):.2f} to {back(high):.2f}"


def _share(logit: float) -> float:
    return 1 / (1 + math.exp(-max(-700.0, min(700.0, logit))))


def _diamond(low: float, middle: float, high: float, y: float, place: Callable[[float], float]) -> str:
    points = ((place(low), y), (place(middle), y - 7), (place(high), y), (place(middle), y + 7))
    return " ".join(f"{x:.1f},{at:.1f}" for x, at in points)


def _scale_of_shares() -> tuple[Callable[[float], float], list[tuple[float, str]]]:
    """From 0 to 1; the place of a logit."""

    def place(logit: float) -> float:
        return round(LEFT + WIDTH * _share(logit), 1)

    return place, [(LEFT + WIDTH * tick / 4, f"{tick / 4:g}") for tick in range(5)]


def _scale_of_ratios(ends: list[tuple[float, float]]) -> tuple[Callable[[float], float], list[tuple[float, str]]]:
    """Logarithmic, to the same factor on both sides of 1, at least to 4 and at most to 64."""
    widest = max(abs(each) for pair in ends for each in pair)
    steps = min(6, max(2, math.ceil(widest / math.log(2))))
    reach = steps * math.log(2)

    def place(log: float) -> float:
        return round(LEFT + WIDTH * (min(reach, max(-reach, log)) + reach) / (2 * reach), 1)

    marks = range(-steps, steps + 1, max(1, steps // 2))
    return place, [(place(each * math.log(2)), f"{2.0**each:.3g}") for each in marks]

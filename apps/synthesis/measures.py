"""Numbers of studies made ready to be pooled: the effect on a scale on which it is about normal, and its variance.

What a study does not give is not made up: a number without an interval or group sizes is listed with the reason.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy import stats

Z = float(stats.norm.ppf(0.975))
# Ends of an interval as printed: this much apart from the estimate, on the scale, they can't belong to it.
LOPSIDED = 0.25


class Unfit(ValueError):
    """Why a number can't be pooled, as a sentence."""


@dataclass(frozen=True)
class Effect:
    """A number on its scale, with the variance of its sampling."""

    value: float
    variance: float


@dataclass(frozen=True)
class Given:
    """What a study gives of a measure."""

    name: str
    value: float | None
    low: float | None = None
    high: float | None = None
    n_cases: int | None = None
    n_controls: int | None = None


def effect(given: Given) -> Effect:
    """The effect behind a measure; raises `Unfit` with the reason where there is none."""
    if given.value is None:
        raise Unfit("The estimate itself is not given.")
    return _auc(given) if given.name == "AUC" else _ratio(given)


def _ratio(given: Given) -> Effect:
    """HR, OR and RR on logs."""
    if given.low is None or given.high is None:
        raise Unfit("No interval is given, so nothing tells how sure it is.")
    return _from_interval(
        math.log(_above_0(given.value)), math.log(_above_0(given.low)), math.log(_above_0(given.high))
    )


def _above_0(value: float | None) -> float:
    if not value or value <= 0:
        raise Unfit("A ratio or an end of its interval is 0.")
    return value


def _auc(given: Given) -> Effect:
    """On logits: from its interval, else after Hanley and McNeil from the sizes of the two groups."""
    value = given.value or 0.0
    if not 0 < value < 1:
        raise Unfit(
            "An area of exactly 0 or 1 has no logit: it says that nobody was sorted wrongly, not how sure that is."
        )
    if given.low is not None and given.high is not None and 0 < given.low < given.high < 1:
        return _from_interval(_logit(value), _logit(given.low), _logit(given.high))
    if given.n_cases and given.n_controls:
        return Effect(_logit(value), hanley_mcneil(value, given.n_cases, given.n_controls) / (value * (1 - value)) ** 2)
    raise Unfit("Neither an interval nor the sizes of both groups are given, so nothing tells how sure it is.")


def _logit(share: float) -> float:
    return math.log(share / (1 - share))


def hanley_mcneil(area: float, n_cases: int, n_controls: int) -> float:
    """The variance of an area under the curve (Hanley, McNeil 1982, doi 10.1148/radiology.143.1.7063747)."""
    two_cases, two_controls = area / (2 - area), 2 * area**2 / (1 + area)
    spread = area * (1 - area) + (n_cases - 1) * (two_cases - area**2) + (n_controls - 1) * (two_controls - area**2)
    return spread / (n_cases * n_controls)


def _from_interval(value: float, low: float, high: float) -> Effect:
    """A 95 % interval reaches as far to both sides; one that does not was misprinted, or is another's."""
    reach = (high - low) / 2
    if reach <= 0:
        raise Unfit("The interval has no width.")
    if abs((high + low) / 2 - value) > LOPSIDED * (high - low):
        raise Unfit("The interval does not lie around the estimate, so one of the two is misprinted.")
    return Effect(value, (reach / Z) ** 2)

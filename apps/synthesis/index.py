"""The index of a balance, from −1 (all harm) to +1 (all benefit), and how little a few studies say.

The shares of harm, of benefit and of neither are taken from a Dirichlet distribution. Before any evidence it is flat
(one imaginary group of studies for each of the three); evidence adds the level-weighted share of each times the number
of independent groups of studies. So ten claims of one laboratory weigh as one, and three groups never look like thirty.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize, special

from apps.claims.models import Level

# What a claim weighs by its level. Ranks, not measurements: nothing here was fitted to outcomes.
WEIGHTS: dict[str, int] = {Level.A: 5, Level.B: 4, Level.C: 3, Level.D: 2, Level.E: 1}
PRIOR = 1.0
COVERED = 0.95
# Points at which the distribution of "harm or benefit at all" is looked at; the interval is good to three digits.
POINTS = 200


@dataclass(frozen=True)
class Index:
    """`mean` is the index, `low` and `high` its interval; `as_counted` the bare difference of weighted shares."""

    mean: float
    low: float
    high: float
    as_counted: float | None
    groups: int

    @property
    def leans(self) -> str:
        """Which way it points, where the interval says so."""
        if self.low > 0:
            return "benefit"
        return "harm" if self.high < 0 else ""


def index(weighed: tuple[float, float, float], groups: int) -> Index:
    """The index of claims whose harm, benefit and total weigh so much, from so many independent groups of studies."""
    harm, benefit, every = weighed
    low, high = _interval(*_parameters(weighed, groups))
    return Index(mean(weighed, groups), low, high, (benefit - harm) / every if every else None, groups)


def mean(weighed: tuple[float, float, float], groups: int) -> float:
    """The index alone, without its interval, which takes longer."""
    harms, helps, neither = _parameters(weighed, groups)
    return (helps - harms) / (harms + helps + neither)


def _parameters(weighed: tuple[float, float, float], groups: int) -> tuple[float, float, float]:
    """What the distribution of harm, benefit and neither rests on: the prior and the evidence."""
    harm, benefit, every = weighed
    if not every:
        return PRIOR, PRIOR, PRIOR
    shares = harm / every, benefit / every
    return PRIOR + groups * shares[0], PRIOR + groups * shares[1], PRIOR + groups * (1 - sum(shares))


def _interval(harms: float, helps: float, neither: float) -> tuple[float, float]:
    """The equal-tailed interval of benefit minus harm, where the three are Dirichlet.

    The two together are a beta variable, and so is the part of benefit in them, independently of it.
    """
    together = special.betaincinv(harms + helps, neither, (np.arange(POINTS) + 0.5) / POINTS)

    def below(at: float) -> float:
        return float(np.mean(special.betainc(helps, harms, np.clip((1 + at / together) / 2, 0, 1))))

    tail = (1 - COVERED) / 2
    low, high = (float(optimize.brentq(lambda at, p=p: below(at) - p, -1, 1, xtol=1e-5)) for p in (tail, 1 - tail))
    return low, high

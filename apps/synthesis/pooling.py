"""Random-effects meta-analysis of one number a study, on a scale on which it is about normal (logit AUC, log HR, …).

statsmodels has the estimators of DerSimonian and Laird and of Paule and Mandel, but not REML; that is the one estimator
here of our own. Numbers agree with those that the R package metafor prints for the BCG trials (tests/synthesis).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

Floats = NDArray[np.float64]
LEVEL = 0.95
# Below this, a test for asymmetry of the funnel says nothing (Sterne and others, BMJ 2011, doi 10.1136/bmj.d4002).
FEWEST_FOR_EGGER = 10
# Without one of two there is one: nothing is pooled.
FEWEST_TO_LEAVE_OUT = 3


@dataclass(frozen=True)
class Egger:
    """Egger's regression test: whether small studies find more. `t` has `df` degrees of freedom."""

    t: float
    df: int
    p: float


@dataclass(frozen=True)
class Pooled:
    """The mean of the true effects, and how far they scatter.

    `tau2` is the variance between studies (REML); `i2` the share, 0 to 1, of the total variance that lies between them;
    `low` and `high` bound the mean, `prediction` the true effect of one more study like these; both at 95 %. With a
    single study there is nothing to pool: no interval of prediction, and the interval is the study's own.
    """

    k: int
    estimate: float
    se: float
    low: float
    high: float
    prediction: tuple[float, float] | None
    tau2: float
    i2: float
    q: float
    q_p: float
    weights: tuple[float, ...]


def pool(effects: Sequence[float], variances: Sequence[float]) -> Pooled:
    """Pool effects with their sampling variances: REML, interval after Hartung and Knapp, prediction by t with k - 1.

    Source: Viechtbauer 2005 (doi 10.3102/10769986030003261) for REML; Knapp and Hartung 2003 (doi 10.1002/sim.1482) for
    the interval; Higgins and Thompson 2002 (doi 10.1002/sim.1186) for I². Raises ValueError where there is no study, or
    a variance that is not above 0.
    """
    y, v = np.asarray(effects, dtype=float), np.asarray(variances, dtype=float)
    if len(y) == 0 or len(y) != len(v) or not (np.all(np.isfinite(y)) and np.all(np.isfinite(v)) and np.all(v > 0)):
        raise ValueError("Pooling takes effects, each with a variance above 0.")
    k = len(y)
    if k == 1:
        se = float(np.sqrt(v[0]))
        reach = float(stats.norm.ppf((1 + LEVEL) / 2)) * se
        return Pooled(1, float(y[0]), se, float(y[0]) - reach, float(y[0]) + reach, None, 0.0, 0.0, 0.0, 1.0, (1.0,))
    tau2 = _tau2(y, v)
    weights = 1 / (v + tau2)
    mean = float(np.sum(weights * y) / np.sum(weights))
    se = float(np.sqrt(np.sum(weights * (y - mean) ** 2) / ((k - 1) * np.sum(weights))))
    reach = float(stats.t.ppf((1 + LEVEL) / 2, k - 1))
    far = reach * float(np.sqrt(tau2 + se**2))
    q = _q(y, v)
    return Pooled(
        k=k,
        estimate=mean,
        se=se,
        low=mean - reach * se,
        high=mean + reach * se,
        prediction=(mean - far, mean + far),
        tau2=tau2,
        i2=tau2 / (tau2 + _typical_variance(v)),
        q=q,
        q_p=float(stats.chi2.sf(q, k - 1)),
        weights=tuple(float(each) for each in weights / np.sum(weights)),
    )


def without_each(effects: Sequence[float], variances: Sequence[float]) -> list[Pooled]:
    """The pooled effect without the first study, without the second, and so on; empty below three studies."""
    every = range(len(effects))
    if len(effects) < FEWEST_TO_LEAVE_OUT:
        return []
    return [
        pool([effects[i] for i in every if i != left], [variances[i] for i in every if i != left]) for left in every
    ]


def egger(effects: Sequence[float], variances: Sequence[float]) -> Egger | None:
    """Egger's test (doi 10.1136/bmj.315.7109.629); None below ten studies or where all are equally precise."""
    se = np.sqrt(np.asarray(variances, dtype=float))
    if len(se) < FEWEST_FOR_EGGER or np.ptp(se) == 0:
        return None
    fit = stats.linregress(1 / se, np.asarray(effects, dtype=float) / se)
    t, df = float(fit.intercept / fit.intercept_stderr), len(se) - 2
    return Egger(t, df, float(2 * stats.t.sf(abs(t), df)))


def _tau2(y: Floats, v: Floats) -> float:
    """The variance between studies that maximises the restricted likelihood."""

    def unlikely(tau2: float) -> float:
        w = 1 / (v + tau2)
        mean = np.sum(w * y) / np.sum(w)
        return float(0.5 * (np.sum(np.log(v + tau2)) + np.log(np.sum(w)) + np.sum(w * (y - mean) ** 2)))

    highest = 10 * float(np.var(y, ddof=1)) + 1e-9
    found = optimize.minimize_scalar(unlikely, bounds=(0, highest), method="bounded", options={"xatol": 1e-10})
    # The bounded search never tries the bound itself.
    return float(found.x) if found.fun < unlikely(0) else 0.0


def _q(y: Floats, v: Floats) -> float:
    """Cochran's Q."""
    mean = np.sum(y / v) / np.sum(1 / v)
    return float(np.sum((y - mean) ** 2 / v))


def _typical_variance(v: Floats) -> float:
    w = 1 / v
    return float((len(v) - 1) * np.sum(w) / (np.sum(w) ** 2 - np.sum(w**2)))

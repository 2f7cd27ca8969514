"""Sensitivity and specificity pooled together: the bivariate random-effects model and its summary ROC curve.

Reitsma and others, J Clin Epidemiol 2005 (doi 10.1016/j.jclinepi.2005.02.022), fitted by REML on logits, as the R
package mada does, whose printed numbers for the AUDIT-C studies the tests compare with. No kept Python library has it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import integrate, linalg, optimize, special, stats

Floats = NDArray[np.float64]
# Five parameters are fitted; with fewer studies their variances say nothing.
FEWEST = 4
CORRECTION = 0.5
POINTS = 60


@dataclass(frozen=True)
class Table:
    """One study's counts: true positives, false negatives, false positives, true negatives."""

    tp: float
    fn: float
    fp: float
    tn: float

    @classmethod
    def of_shares(cls, sensitivity: float, specificity: float, n_cases: int, n_controls: int) -> Table:
        """The counts behind two shares and the group sizes, to the nearest person."""
        tp, tn = round(sensitivity * n_cases), round(specificity * n_controls)
        return cls(tp, n_cases - tp, n_controls - tn, tn)

    @property
    def cells(self) -> tuple[float, float, float, float]:
        return self.tp, self.fn, self.fp, self.tn


@dataclass(frozen=True)
class Accuracy:
    """Mean logits of sensitivity and false-positive rate, with their covariance and that between studies."""

    k: int
    mean: Floats
    covariance: Floats
    between: Floats

    @property
    def sensitivity(self) -> tuple[float, float, float]:
        """(estimate, low, high) at 95 %."""
        return self._share(0)

    @property
    def specificity(self) -> tuple[float, float, float]:
        """(estimate, low, high) at 95 %."""
        estimate, low, high = self._share(1)
        return 1 - estimate, 1 - high, 1 - low

    def _share(self, at: int) -> tuple[float, float, float]:
        reach = float(stats.norm.ppf(0.975)) * float(np.sqrt(self.covariance[at, at]))
        ends = self.mean[at], self.mean[at] - reach, self.mean[at] + reach
        estimate, low, high = (float(special.expit(each)) for each in ends)
        return estimate, low, high

    @property
    def correlation(self) -> float:
        """Between the logits of sensitivity and false-positive rate; positive where studies differ by threshold."""
        spread = float(np.sqrt(self.between[0, 0] * self.between[1, 1]))
        return float(self.between[0, 1] / spread) if spread else 0.0

    def confidence(self) -> list[tuple[float, float]]:
        """The 95 % region of the mean, as points (false-positive rate, sensitivity)."""
        return self._region(self.covariance)

    def prediction(self) -> list[tuple[float, float]]:
        """The 95 % region of one more study like these."""
        return self._region(self.covariance + self.between)

    def _region(self, spread: Floats) -> list[tuple[float, float]]:
        root = linalg.sqrtm(spread).real * np.sqrt(stats.chi2.ppf(0.95, 2))
        angles = np.linspace(0, 2 * np.pi, POINTS, endpoint=False)
        logits = self.mean[:, None] + root @ np.vstack([np.cos(angles), np.sin(angles)])
        shares = special.expit(logits)
        return [(float(rate), float(found)) for found, rate in shares.T]

    def curve(self, rate: float) -> float:
        """Sensitivity at a false-positive rate, on the summary curve of Rutter and Gatsonis (2001)."""
        slope, start = self._line
        return float(special.expit(start + slope * special.logit(rate)))

    @property
    def area(self) -> float:
        """The area under the summary curve, over all false-positive rates, most of which no study has seen."""
        found, _ = integrate.quad(self.curve, 0, 1)
        return float(found)

    @cached_property
    def _line(self) -> tuple[float, float]:
        """Slope and start of the summary curve in logits."""
        sens, rate = np.sqrt(np.diag(self.between))
        slope = float(sens / rate) if sens > 0 and rate > 0 else 1.0
        return slope, float(self.mean[0] - slope * self.mean[1])


def pool(studies: Sequence[Table]) -> Accuracy:
    """Pool the studies. Half a person is added to every cell of all of them where any cell is empty.

    Raises ValueError with fewer than four studies, with a group of nobody, or where the fit does not settle.
    """
    if len(studies) < FEWEST:
        raise ValueError(f"The bivariate model takes at least {FEWEST} studies.")
    cells = np.array([study.cells for study in studies], dtype=float)
    if np.any(cells < 0) or np.any(cells[:, :2].sum(axis=1) == 0) or np.any(cells[:, 2:].sum(axis=1) == 0):
        raise ValueError("Each study has cases and controls, and no count below 0.")
    if np.any(cells == 0):
        cells += CORRECTION
    tp, fn, fp, tn = cells.T
    logits = np.column_stack([np.log(tp / fn), np.log(fp / tn)])
    within = np.column_stack([1 / tp + 1 / fn, 1 / fp + 1 / tn])
    spreads = np.maximum(logits.std(axis=0, ddof=1), 0.05)
    begin: Floats = np.append(np.log(spreads), 0.0)

    def unlikely(at: Floats) -> float:
        return _unlikely(_between(at), logits, within)

    fit = optimize.minimize(
        unlikely,
        begin,
        method="Nelder-Mead",
        options={"xatol": 1e-9, "fatol": 1e-10, "maxiter": 20_000, "maxfev": 20_000},
    )
    if not fit.success:
        raise ValueError("The bivariate model did not settle on an answer for these studies.")
    between = _between(fit.x)
    inverse = _inverse(between, within)
    covariance = np.linalg.inv(inverse.sum(axis=0))
    mean = covariance @ np.einsum("kij,kj->i", inverse, logits)
    return Accuracy(len(studies), mean, covariance, between)


def _between(at: Floats) -> Floats:
    """A covariance matrix of two logarithms of standard deviations and Fisher's z of their correlation."""
    one, other = np.exp(np.clip(at[:2], -12, 4))
    together = np.tanh(at[2]) * one * other
    return np.array([[one**2, together], [together, other**2]])


def _inverse(between: Floats, within: Floats) -> Floats:
    """The inverse of each study's covariance, as (studies, 2, 2)."""
    return np.linalg.inv(between + np.einsum("ki,ij->kij", within, np.eye(2)))


def _unlikely(between: Floats, logits: Floats, within: Floats) -> float:
    """Minus the restricted log-likelihood, constants left out."""
    inverse = _inverse(between, within)
    precision = inverse.sum(axis=0)
    mean = np.linalg.solve(precision, np.einsum("kij,kj->i", inverse, logits))
    rest = logits - mean
    squares = float(np.einsum("ki,kij,kj->", rest, inverse, rest))
    logs = -float(np.linalg.slogdet(inverse)[1].sum())
    return 0.5 * (squares + logs + float(np.linalg.slogdet(precision)[1]))

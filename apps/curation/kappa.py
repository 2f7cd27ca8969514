"""Cohen's kappa of two raters, with its interval, by statsmodels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Figures(NamedTuple):
    """How far two raters agree; kappa and its 95 % interval are None where one of them only ever says one thing."""

    n: int
    agreed: int
    kappa: float | None
    low: float | None
    high: float | None


def of_pairs(pairs: Iterable[tuple[str, str]], classes: Sequence[str]) -> Figures:
    """The agreement of pairs of ratings."""
    counted = Counter(pairs)
    used = [each for each in classes if any(each in pair for pair in counted)]
    table = [[counted[one, other] for other in used] for one in used]
    n, agreed = counted.total(), sum(number for (one, other), number in counted.items() if one == other)
    if min(len(set(side)) for side in zip(*counted, strict=True)) < 2:  # noqa: PLR2004
        # They agree as often as by chance, whatever they say: kappa would be 0 within 0 to 0, as if that were known.
        return Figures(n, agreed, None, None, None)
    # Takes a second and pandas with it: only whoever computes waits for it.
    from statsmodels.stats.inter_rater import cohens_kappa

    found = cohens_kappa(table)
    low, high = (min(max(float(end), -1.0), 1.0) for end in (found.kappa_low, found.kappa_upp))
    return Figures(n, agreed, float(found.kappa), low, high)

"""Pooled numbers are those that the R package metafor prints for the BCG trials, and what must hold for any numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.synthesis.pooling import egger, pool, without_each

# Tuberculosis and none among the vaccinated, tuberculosis and none among the others (Colditz and others, JAMA 1994).
BCG = [
    (4, 119, 11, 128),
    (6, 300, 29, 274),
    (3, 228, 11, 209),
    (62, 13536, 248, 12619),
    (33, 5036, 47, 5761),
    (180, 1361, 372, 1079),
    (8, 2537, 10, 619),
    (505, 87886, 499, 87892),
    (29, 7470, 45, 7232),
    (17, 1699, 65, 1600),
    (186, 50448, 141, 27197),
    (5, 2493, 3, 2338),
    (27, 16886, 29, 17825),
]
RISKS = [np.log(a / (a + b)) - np.log(c / (c + d)) for a, b, c, d in BCG]
VARIANCES = [1 / a - 1 / (a + b) + 1 / c - 1 / (c + d) for a, b, c, d in BCG]


def test_the_bcg_trials_come_out_as_printed():
    """metafor: rma(yi, vi, data=dat.bcg, test="knha")."""
    found = pool(RISKS, VARIANCES)

    assert (found.k, round(found.tau2, 4), round(100 * found.i2, 2)) == (13, 0.3132, 92.22)
    assert (round(found.estimate, 4), round(found.se, 4)) == (-0.7145, 0.1808)
    assert (round(found.low, 4), round(found.high, 4)) == (-1.1084, -0.3206)
    assert round(found.q, 4) == 152.2330
    assert found.q_p < 0.0001
    assert [round(float(np.exp(end)), 2) for end in found.prediction] == [0.14, 1.76]
    assert [round(float(np.exp(end)), 2) for end in (found.estimate, found.low, found.high)] == [0.49, 0.33, 0.73]


def test_eggers_test_of_the_bcg_trials_comes_out_as_printed():
    """metafor: regtest(yi, vi, data=dat.bcg, model="lm")."""
    found = egger(RISKS, VARIANCES)

    assert (round(found.t, 4), found.df, round(found.p, 4)) == (-1.4013, 11, 0.1887)


def test_one_study_is_its_own_interval_and_none_is_refused():
    found = pool([1.0], [0.25])

    assert (found.k, found.estimate, found.prediction) == (1, 1.0, None)
    assert (round(found.low, 2), round(found.high, 2)) == (0.02, 1.98)
    with pytest.raises(ValueError, match="above 0"):
        pool([], [])
    with pytest.raises(ValueError, match="above 0"):
        pool([1.0, 2.0], [0.1, 0.0])


def test_studies_that_agree_have_no_variance_between_them():
    found = pool([0.5, 0.5, 0.5], [0.1, 0.2, 0.3])

    assert (found.tau2, found.i2, round(found.estimate, 12)) == (0.0, 0.0, 0.5)


def test_no_test_of_the_funnel_below_ten_studies():
    assert egger(RISKS[:9], VARIANCES[:9]) is None
    assert egger(RISKS[:10], [0.1] * 10) is None


def test_each_study_is_left_out_in_turn():
    left = without_each(RISKS, VARIANCES)

    assert [each.k for each in left] == [12] * 13
    assert left[3] == pool(RISKS[:3] + RISKS[4:], VARIANCES[:3] + VARIANCES[4:])
    assert without_each(RISKS[:2], VARIANCES[:2]) == []


effect, variance = st.floats(-5, 5), st.floats(0.001, 5)


@given(st.lists(st.tuples(effect, variance), min_size=2, max_size=12), st.randoms())
def test_neither_the_order_nor_a_shift_matters(studies, random):
    y, v = [each for each, _ in studies], [each for _, each in studies]
    found = pool(y, v)
    shuffled = list(studies)
    random.shuffle(shuffled)
    again = pool([each for each, _ in shuffled], [each for _, each in shuffled])
    moved = pool([each + 3 for each in y], v)

    assert again.estimate == pytest.approx(found.estimate, abs=1e-4)
    assert moved.estimate == pytest.approx(found.estimate + 3, abs=1e-4)
    assert min(y) - 1e-9 <= found.estimate <= max(y) + 1e-9
    assert found.prediction[0] <= found.low <= found.estimate <= found.high <= found.prediction[1]
    assert sum(found.weights) == pytest.approx(1)

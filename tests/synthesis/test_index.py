"""The index and its interval: what the distribution says, and what must hold for any numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.synthesis.index import WEIGHTS, index


@pytest.mark.parametrize(
    ("weighed", "groups"),
    [((0, 3, 3), 1), ((0, 30, 30), 10), ((10, 5, 20), 7), ((1, 0, 50), 25), ((400, 350, 900), 200)],
)
def test_the_interval_is_that_of_the_dirichlet_distribution(weighed, groups):
    """Against a million draws from it."""
    harm, benefit, every = weighed
    shares = np.array([harm, benefit, every - harm - benefit]) / every
    drawn = np.random.default_rng(1).dirichlet(1 + groups * shares, 1_000_000)
    low, high = np.quantile(drawn[:, 1] - drawn[:, 0], [0.025, 0.975])

    found = index(weighed, groups)

    assert (found.low, found.high) == pytest.approx((low, high), abs=0.005)
    assert found.mean == pytest.approx(float(np.mean(drawn[:, 1] - drawn[:, 0])), abs=0.002)


def test_three_groups_never_look_like_thirty():
    three, thirty = index((0, 9, 9), 3), index((0, 90, 90), 30)

    assert three.as_counted == thirty.as_counted == 1
    assert three.mean == 0.5
    assert three.mean < thirty.mean < 1
    assert three.high - three.low > 2 * (thirty.high - thirty.low)


def test_many_claims_of_one_group_say_no_more_than_one():
    assert index((50, 0, 50), 1) == index((1, 0, 1), 1)


def test_without_claims_nothing_is_known():
    nothing = index((0, 0, 0), 0)

    assert (nothing.mean, nothing.as_counted, nothing.leans) == (0, None, "")
    assert nothing.low == pytest.approx(-nothing.high, abs=0.002)
    assert nothing.high > 0.7


def test_it_leans_only_where_the_interval_says_so():
    assert index((0, 1, 1), 1).leans == ""
    assert index((0, 9, 9), 9).leans == "benefit"
    assert index((9, 0, 9), 9).leans == "harm"


def test_a_stronger_level_weighs_more():
    assert list(WEIGHTS.values()) == sorted(WEIGHTS.values(), reverse=True)
    assert set(WEIGHTS) == set("ABCDE")


weights = st.floats(0, 1000)


@given(weights, weights, weights, st.integers(0, 500))
def test_whatever_the_numbers_the_index_lies_within_its_interval_and_turns_with_the_edges(harm, benefit, rest, groups):
    one, turned = (index((a, b, harm + benefit + rest), groups) for a, b in ((harm, benefit), (benefit, harm)))

    assert -1 <= one.low <= one.mean <= one.high <= 1
    assert one.mean == pytest.approx(-turned.mean, abs=1e-9)
    assert one.low == pytest.approx(-turned.high, abs=0.01)

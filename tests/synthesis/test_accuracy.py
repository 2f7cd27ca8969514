"""The bivariate model agrees with what the R package mada prints for the AUDIT-C studies."""

import pytest

from apps.synthesis.accuracy import Table, pool

# True positives, false negatives, false positives, true negatives (Kriston and others, Ann Intern Med 2008).
AUDIT_C = [
    (47, 9, 101, 738),
    (126, 51, 272, 1543),
    (19, 10, 12, 192),
    (36, 3, 78, 276),
    (130, 19, 211, 959),
    (84, 2, 68, 89),
    (68, 0, 112, 423),
    (752, 0, 3226, 2977),
    (59, 5, 55, 136),
    (142, 50, 571, 2788),
    (137, 24, 107, 358),
    (57, 3, 103, 437),
    (34, 1, 21, 56),
    (152, 51, 88, 264),
]


@pytest.fixture(scope="module")
def found():
    return pool([Table(*row) for row in AUDIT_C])


def test_the_audit_c_studies_come_out_as_printed(found):
    """mada: summary(reitsma(AuditC))."""
    assert [round(float(each), 3) for each in found.mean] == [2.100, -1.264]
    assert [round(float(found.covariance[i, i] ** 0.5), 3) for i in (0, 1)] == [0.338, 0.174]
    assert [round(each, 3) for each in found.sensitivity] == [0.891, 0.808, 0.941]
    assert [round(1 - each, 3) for each in found.specificity] == [0.220, 0.285, 0.167]
    assert round(found.correlation, 3) == 0.854
    # mada prints 0.887, by trapezoids over a grid; this is the integral.
    assert found.area == pytest.approx(0.887, abs=0.002)


def test_regions_lie_around_the_mean_one_within_the_other(found):
    rates, shares = zip(*found.confidence(), strict=True)
    wider_rates, wider_shares = zip(*found.prediction(), strict=True)

    assert min(rates) < 1 - found.specificity[0] < max(rates)
    assert min(shares) < found.sensitivity[0] < max(shares)
    assert min(wider_rates) < min(rates) < max(rates) < max(wider_rates)
    assert min(wider_shares) < min(shares) < max(shares) < max(wider_shares)


def test_the_curve_rises_through_the_mean(found):
    assert found.curve(1 - found.specificity[0]) == pytest.approx(found.sensitivity[0])
    assert [found.curve(rate) for rate in (0.1, 0.3, 0.9)] == sorted(found.curve(rate) for rate in (0.1, 0.3, 0.9))


def test_counts_come_from_shares_and_group_sizes():
    assert Table.of_shares(0.87, 0.75, 40, 38) == Table(35, 5, 10, 28)


@pytest.mark.parametrize(
    ("rows", "why"), [(AUDIT_C[:3], "at least 4"), ([(0, 0, 1, 2), *AUDIT_C], "cases and controls"), ([], "at least")]
)
def test_what_can_not_be_pooled_is_refused(rows, why):
    with pytest.raises(ValueError, match=why):
        pool([Table(*row) for row in rows])


def test_studies_that_hardly_differ_settle(found):
    same = pool([Table(80, 20, 10, 90)] * 5)

    assert same.sensitivity[0] == pytest.approx(0.8, abs=1e-3)
    assert same.specificity[0] == pytest.approx(0.9, abs=1e-3)

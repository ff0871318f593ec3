"""Dispersion of the change between two spans: worked by hand, exact by enumeration, and what must not move it."""

import itertools
import math

import numpy as np
import pytest

from toolkit.numerics.dispersion import Contrast

LATE = np.array([False, True])


def contrast(y, exposure=None, weight=None, late=LATE) -> Contrast:
    y = np.asarray(y, dtype=float)
    weight = np.ones_like(y) if weight is None else weight
    return Contrast.of(y, weight, exposure, late)


def test_by_hand() -> None:
    """Totals 10, 10 and 20, of which half fall later: gaps -3, 1 and 2; variances 2.5, 2.5 and 5.

    phi = (9 + 1 + 4) / (10 - (6.25 + 6.25 + 25) / 10) = 14 / 6.25.
    """
    found = contrast([[8, 2], [4, 6], [8, 12]])
    assert found.later.tolist() == [2, 6, 12] and found.share == pytest.approx([0.5] * 3)
    assert found.phi() == pytest.approx(14 / 6.25)
    assert found.alike


def test_the_dispersion_period_by_period_is_pearsons() -> None:
    """With two periods the model has three areas + one share: 6 cells less 4. Means are 5, 5, 5, 5, 10, 10."""
    assert contrast([[8, 2], [4, 6], [8, 12]]).by_period == pytest.approx(
        (2 * 9 / 5 + 2 / 5 + 2 * 4 / 10) / 2
    )


def test_at_chance_is_the_exact_distribution() -> None:
    """Totals 2, 3 and 2 of which 3 fall later: all ways to choose 3 of the 7 incidents, each as likely."""
    found = contrast([[1, 1], [1, 2], [2, 0]])
    owner = [0, 0, 1, 1, 1, 2, 2]
    v, base = found.variance, found.total * 3 / 7
    ways = [
        np.bincount([owner[i] for i in picked], minlength=3) for picked in itertools.combinations(range(7), 3)
    ]
    phis = np.array([((way - base) ** 2).sum() / (v.sum() - (v**2).sum() / v.sum()) for way in ways])
    drawn = found.at_chance(40_000, np.random.default_rng(0))
    for cut in np.unique(phis.round(9)):
        share = (phis >= cut - 1e-9).mean()
        assert (drawn >= cut - 1e-9).mean() == pytest.approx(share, abs=4 * math.sqrt(0.25 / 40_000))
    # Its mean under the exact distribution is n / (n - 1), which tends to 1.
    assert phis.mean() == pytest.approx(7 / 6)


def test_where_shares_differ_chance_gives_one_on_average() -> None:
    rng = np.random.default_rng(1)
    exposure = np.column_stack([np.ones(30), rng.uniform(0.5, 2, 30)])
    y = rng.poisson(40 * exposure)
    found = contrast(y, exposure)
    assert not found.alike
    assert found.at_chance(20_000, rng).mean() == pytest.approx(1, abs=0.02)


def test_an_exposure_that_explains_the_change_leaves_none() -> None:
    """Counts in proportion to exposures: every gap is zero."""
    exposure = np.array([[1.0, 2.0], [1.0, 0.5], [2.0, 2.0]])
    assert contrast(24 * exposure, exposure).phi() == pytest.approx(0, abs=1e-12)


def test_a_common_change_and_the_length_of_spans_leave_it_alone() -> None:
    """Twelve months a side added up give what the two sums give."""
    y = np.random.default_rng(2).poisson(5, (20, 24)).astype(float)
    late = np.arange(24) >= 12
    sums = np.column_stack([y[:, ~late].sum(1), y[:, late].sum(1)])
    assert contrast(y, late=late).phi() == pytest.approx(contrast(sums).phi(), rel=1e-9)


def test_gaps_are_not_zeros() -> None:
    """Months that were not published are expected to hold nothing, so areas that lose half a span have not fallen."""
    y = np.full((8, 24), 6.0)
    weight = np.ones_like(y)
    weight[:4, 18:] = 0
    late = np.arange(24) >= 12
    found = contrast(y, weight=weight, late=late)
    assert found.phi() == pytest.approx(0, abs=1e-12)
    assert found.share[[0, 7]] == pytest.approx([1 / 3, 1 / 2])


def test_units_that_are_in_one_span_only_are_left_out() -> None:
    y = np.array([[8.0, 2], [4, 6], [8, 12], [0, 0], [5, 5]])
    weight = np.ones_like(y)
    weight[4, 1] = 0
    assert contrast(y, weight=weight).phi() == pytest.approx(14 / 6.25)


def test_the_interval_is_a_chi_square_of_as_many_degrees_where_all_are_alike_and_large() -> None:
    """50 areas of one size without excess: w = v, so 49 degrees, but for the fourth moment of the binomial."""
    rng = np.random.default_rng(3)
    later = rng.permutation(np.repeat([9_950, 10_050], 25)).astype(float)
    found = contrast(np.column_stack([20_000 - later, later]))
    low, high = found.interval(0.95)
    # phi = 2500 x 50 / (5000 x 49); 31.55 and 70.22 are the 2.5% and 97.5% points of chi-square with 49 degrees.
    assert found.phi() == pytest.approx(2500 / 5000 * 50 / 49)
    assert (low, high) == pytest.approx((found.phi() * 49 / 70.22, found.phi() * 49 / 31.55), rel=1e-3)


def test_order_does_not_matter() -> None:
    rng = np.random.default_rng(4)
    y = rng.poisson(rng.uniform(2, 60, (25, 1)), (25, 2)).astype(float)
    order = rng.permutation(25)
    one, two = contrast(y), contrast(y[order])
    assert two.phi() == pytest.approx(one.phi(), rel=1e-12)
    assert two.interval(0.9) == pytest.approx(one.interval(0.9), rel=1e-12)

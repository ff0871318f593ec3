"""Standardised sizes: noncentral t and rank-biserial by their definitions."""

import math

import numpy as np
import pytest
from scipy import stats

from toolkit.numerics import effect_sizes


@pytest.mark.parametrize("df", [2, 5, 40, 500])
def test_hedges_factor_is_the_gamma_ratio(df: int) -> None:
    exact = (
        math.gamma(df / 2) / (math.sqrt(df / 2) * math.gamma((df - 1) / 2))
        if df < 300
        else 1 - 3 / (4 * df - 1)
    )
    assert effect_sizes.hedges(df) == pytest.approx(exact, rel=1e-5)


@pytest.mark.parametrize("t", [-3.0, -0.4, 0.0, 1.9, 12.0])
@pytest.mark.parametrize("df", [4, 30, 139])
def test_noncentral_ends_leave_the_tails(t: float, df: int) -> None:
    low, high = effect_sizes.noncentral(t, df, 0.9)
    assert stats.nct.sf(t, df, low) == pytest.approx(0.05, abs=1e-6)
    assert stats.nct.cdf(t, df, high) == pytest.approx(0.05, abs=1e-6)
    assert effect_sizes.noncentral(-t, df, 0.9) == pytest.approx((-high, -low), abs=1e-8)


@pytest.mark.parametrize("seed", range(5))
def test_rank_biserial_is_the_share_of_ranks(seed: int) -> None:
    changes = np.round(np.random.default_rng(seed).normal(0.5, 1.5, 25))
    moved = changes[changes != 0]
    rank = stats.rankdata(np.abs(moved))
    told = (rank[moved > 0].sum() - rank[moved < 0].sum()) / rank.sum()
    value, low, high = effect_sizes.rank_biserial(changes, 0.95)
    assert value == pytest.approx(told, rel=1e-12, abs=1e-12)
    assert low < value < high


def test_rank_biserial_variance_is_the_jackknifes() -> None:
    """Leave out each change in turn, by the definition."""
    changes = np.array([1.0, 2.0, -1.5, 3.0, -0.5, 2.5])

    def mean_sign(x: np.ndarray) -> float:
        first, second = np.triu_indices(len(x))
        return float(np.sign(x[first] + x[second]).mean())

    n, r = 6, mean_sign(changes)
    left = np.array([mean_sign(np.delete(changes, i)) for i in range(n)])
    # A pair of one with itself counts too, so leaving one out takes n of the n (n + 1) / 2 away.
    spread = (n - 1) / n * ((left - left.mean()) ** 2).sum() / (1 - r**2)
    chance = 2 * (2 * n + 1) / (3 * n * (n + 1))
    v = (n * spread + 5 * chance) / (n + 5)
    value, low, high = effect_sizes.rank_biserial(changes, 0.95)
    for end in (low, high):
        assert (value - end) ** 2 == pytest.approx(1.959963984540054**2 * v * (1 - end**2), rel=1e-9)


def test_all_one_way_has_an_interval() -> None:
    """With r = 1, v is that of chance: the lower end is (1 - z^2 v) / (1 + z^2 v)."""
    k = 1.959963984540054**2 * 2 * 17 / (3 * 8 * 9)
    value, low, high = effect_sizes.rank_biserial(np.arange(1.0, 9.0), 0.95)
    assert (value, high) == (1.0, 1.0)
    assert low == pytest.approx((1 - k) / (1 + k), rel=1e-12)

"""Signed ranks: against all ways to sign them, brute force over shifts, and SciPy where it is exact."""

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from toolkit.numerics import signed_rank

CHANGES = {
    "no ties": np.array([1.2, -0.4, 2.2, 0.9, -1.7, 3.1, 0.3]),
    "ties": np.array([1.0, -1.0, 2.0, 2.0, 2.0, -3.0, 1.0, 4.0]),
    "ties and zeros": np.array([0.0, 0.0, 1.0, -1.0, 2.0, 2.0, 3.0, 0.0, 1.0]),
    "all up": np.array([1.0, 2.0, 2.0, 3.0, 5.0, 7.0, 7.0]),
}


def counted(changes: np.ndarray) -> float:
    """The upper tail by going through all 2^m ways to sign the ranks of those who changed."""
    rank, sign = signed_rank.ranks(changes)
    seen = rank[sign > 0].sum()
    sums = [rank[np.array(ups, dtype=bool)].sum() for ups in itertools.product([0, 1], repeat=len(rank))]
    return float(np.mean(np.array(sums) >= seen - 1e-9))


@pytest.mark.parametrize("name", CHANGES)
def test_the_exact_tail_counts_every_way(name: str) -> None:
    assert signed_rank.upper_tail(CHANGES[name], exact=True) == pytest.approx(
        counted(CHANGES[name]), rel=1e-12
    )


def test_scipy_agrees_where_there_are_no_ties() -> None:
    told = stats.wilcoxon(CHANGES["no ties"], method="exact").pvalue
    assert signed_rank.two_sided(CHANGES["no ties"], exact=True) == pytest.approx(told, rel=1e-12)


def test_scipy_agrees_with_the_normal_approximation_and_pratts_zeros() -> None:
    changes = np.round(np.random.default_rng(0).normal(0.3, 1.5, 80))
    told = stats.wilcoxon(changes, zero_method="pratt", correction=True, method="asymptotic").pvalue
    assert signed_rank.two_sided(changes, exact=False) == pytest.approx(told, rel=1e-10)


def test_zeros_are_ranked_and_set_aside() -> None:
    """Of 0, 1, -2 the ranks are 1, 2 and 3, and the 1 goes."""
    rank, sign = signed_rank.ranks(np.array([0.0, 1.0, -2.0]))
    assert (list(rank), list(sign)) == ([2.0, 3.0], [1.0, -1.0])


def test_no_change_at_all_has_p_of_one() -> None:
    assert signed_rank.two_sided(np.zeros(4), exact=True) == 1.0


def test_pairwise_means_by_hand() -> None:
    assert list(signed_rank.pairwise_means(np.array([4.0, 0.0, 1.0]))) == [0.0, 0.5, 1.0, 2.0, 2.5, 4.0]


@pytest.mark.parametrize("level", [0.8, 0.9, 0.95])
@pytest.mark.parametrize("name", CHANGES)
def test_the_interval_holds_the_shifts_that_are_not_ruled_out(name: str, level: float) -> None:
    """By asking the test at a fine grid of shifts, ends and steps included."""
    changes = CHANGES[name]
    means = signed_rank.pairwise_means(changes)
    low, high = signed_rank.interval(changes, means, level, exact=True)
    # Between neighbouring means and beyond them: nothing outside the interval is kept, but for steps left out.
    grid = np.linspace(means[0] - 1, means[-1] + 1, 2003) + 1e-7
    kept = [shift for shift in grid if signed_rank.two_sided(changes - shift, exact=True) > 1 - level]
    ends, times = np.unique(means, return_counts=True)
    step = np.diff(ends).max() if (times > 1).any() else 0.0
    assert (low == -math.inf or low - step - 0.01 <= min(kept) <= low + 0.01) or min(kept) < means[0]
    assert (high == math.inf or high - 0.01 <= max(kept) <= high + step + 0.01) or max(kept) > means[-1]
    zero = signed_rank.two_sided(changes, exact=True) > 1 - level
    assert zero == (low <= 0 <= high)


def test_six_pairs_without_ties_reach_from_the_smallest_to_the_largest() -> None:
    """Of 64 ways to sign six ranks, one has all up: 2 / 64 is below 5%, so the interval is the range."""
    changes = np.array([1.2, -0.4, 2.2, 0.9, -1.7, 3.1])
    means = signed_rank.pairwise_means(changes)
    assert signed_rank.interval(changes, means, 0.95, exact=True) == (-1.7, 3.1)


def test_five_pairs_cannot_rule_anything_out() -> None:
    changes = np.array([1.2, 0.4, 2.2, 0.9, 1.7])
    means = signed_rank.pairwise_means(changes)
    assert signed_rank.interval(changes, means, 0.95, exact=True) == (-math.inf, math.inf)


def test_an_end_on_a_step_that_the_test_rules_out_is_left_out() -> None:
    """Six of ten fall by one step and four stay: p is 2 / 2^6, yet the shifts just below 0 are not ruled out."""
    changes = np.array([-1.0] * 6 + [0.0] * 4)
    means = signed_rank.pairwise_means(changes)
    assert signed_rank.two_sided(changes, exact=True) == pytest.approx(2 / 64)
    assert signed_rank.two_sided(changes + 0.01, exact=True) > 0.05
    assert signed_rank.interval(changes, means, 0.95, exact=True)[1] < 0

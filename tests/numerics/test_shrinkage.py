"""Gamma-Poisson shrinkage: moments worked by hand, the posterior of a gamma, and what is left without a cluster."""

import numpy as np
import pytest

from toolkit.numerics import shrinkage

COUNT = np.array([12.0, 6, 6, 6, 6, 2, 2, 0, 0, 0])
ONES, ALONE = np.ones(10), np.arange(10)


def test_moments_by_hand() -> None:
    """Mean 4, squares about it 136; (136 x 10/9 - 40) / (16 x 10) = 25/36."""
    spread = shrinkage.Spread.of(COUNT, ONES, ALONE)
    assert spread.mean[0] == pytest.approx(4)
    assert spread.alpha[0] == pytest.approx(25 / 36)


def test_the_rate_is_the_mean_of_the_gamma_given_the_count() -> None:
    """Prior gamma with shape r and mean m: given y over e it is gamma with shape r + y and rate r/m + e."""
    r, m = 1.44, 4.0
    y, e = np.array([0.0, 3, 12]), np.array([1.0, 2, 0.5])
    assert shrinkage.shrunk(y, e, m, 1 / r) == pytest.approx((r + y) / (r / m + e))


def test_the_weight_of_the_own_count() -> None:
    alpha, m, e = 0.3, 5.0, 2.0
    weight = alpha * m * e / (1 + alpha * m * e)
    told = shrinkage.shrunk(np.array([14.0]), np.array([e]), m, alpha)[0]
    assert told == pytest.approx(weight * 14 / e + (1 - weight) * m)


def test_no_more_spread_than_chance_is_no_spread() -> None:
    spread = shrinkage.Spread.of(np.array([4.0, 5, 4, 5]), np.ones(4), np.arange(4))
    assert spread.alpha[0] == 0
    assert shrinkage.shrunk(np.array([4.0, 5]), np.ones(2), 4.5, 0.0) == pytest.approx([4.5, 4.5])


def test_the_moments_of_many_negative_binomial_counts() -> None:
    rng = np.random.default_rng(0)
    e = rng.uniform(0.5, 3, 200_000)
    y = rng.poisson(e * rng.gamma(2.0, 3.0, len(e))).astype(float)
    spread = shrinkage.Spread.of(y, e, np.zeros(len(e), dtype=int))
    assert spread.mean[0] == pytest.approx(6, rel=0.01)
    assert spread.alpha[0] == pytest.approx(0.5, rel=0.02)


@pytest.mark.parametrize("cluster", [ALONE, np.array([0, 0, 1, 1, 2, 2, 3, 3, 4, 4])])
def test_without_a_cluster_is_the_rest_alone(cluster: np.ndarray) -> None:
    e, later = np.linspace(1, 2, 10), np.linspace(2, 3, 10)
    spread = shrinkage.Spread.of(COUNT, e, cluster)
    totals = spread.expected(COUNT, e, later, cluster)
    for code in range(int(cluster.max()) + 1):
        keep = cluster != code
        rest = np.unique(cluster[keep], return_inverse=True)[1]
        alone = shrinkage.Spread.of(COUNT[keep], e[keep], rest)
        assert spread.mean[1 + code] == pytest.approx(alone.mean[0])
        assert spread.alpha[1 + code] == pytest.approx(alone.alpha[0])
        assert totals[1 + code] == pytest.approx(alone.expected(COUNT[keep], e[keep], later[keep], rest)[0])


def test_with_one_exposure_nothing_is_lost_or_made() -> None:
    spread = shrinkage.Spread.of(COUNT, ONES, ALONE)
    assert spread.expected(COUNT, ONES, ONES, ALONE)[0] == pytest.approx(COUNT.sum())

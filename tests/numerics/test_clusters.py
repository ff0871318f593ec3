"""The regression with clustered errors against statsmodels on dummies; singletons."""

import math

import numpy as np
import pytest
import statsmodels.api as sm

from toolkit.numerics import clusters

from . import oracle


def test_singletons_go_until_none_is_left() -> None:
    """The last cell of unit 2 is alone in its unit; without it period 2 has one cell left, and so on."""
    used = np.array([[1, 1, 0], [1, 1, 1], [0, 0, 1]], dtype=bool)
    np.testing.assert_array_equal(
        clusters.without_singletons(used), np.array([[1, 1, 0], [1, 1, 0], [0, 0, 0]], dtype=bool)
    )
    assert used[2, 2]  # the caller's array is as it was
    assert not clusters.without_singletons(np.eye(3, dtype=bool)).any()


@pytest.mark.parametrize("seed", range(3))
def test_least_squares_error_is_the_stata_one_on_all_dummies(seed: int) -> None:
    drawn = oracle.panel(seed, n=12, t=8)
    y, weight = np.nan_to_num(drawn["y"]), drawn["weight"]
    treated = (np.arange(12) < 5)[:, None] & (np.arange(8) >= 4)
    x = np.concatenate([treated[..., None].astype(float), drawn["x"]], axis=-1)
    group = np.repeat(np.arange(6), 2)
    ours = clusters.two_way(y, weight, None, x, group, ratio=False, count_units=True)
    full = oracle.design(y.shape, x)[:, 1:]
    used = weight.ravel() > 0
    fit = sm.WLS(y.ravel()[used], full[used], weights=weight.ravel()[used]).fit(
        cov_type="cluster", cov_kwds={"groups": np.repeat(group, 8)[used]}
    )
    at = full.shape[1] - 3
    assert ours.coef == pytest.approx(fit.params[at], rel=1e-8)
    assert ours.std_error == pytest.approx(fit.bse[at], rel=1e-8)
    assert (ours.rows, ours.clusters, ours.parameters) == (used.sum(), 6, full.shape[1])


@pytest.mark.parametrize("seed", range(3))
def test_poisson_error_is_the_sandwich_on_all_dummies(seed: int) -> None:
    drawn = oracle.panel(seed, n=12, t=8)
    y, weight, exposure = np.nan_to_num(drawn["y"]), (drawn["weight"] > 0).astype(float), drawn["exposure"]
    x = ((np.arange(12) < 5)[:, None] & (np.arange(8) >= 4))[..., None].astype(float)
    ours = clusters.two_way(y, weight, exposure, x, np.arange(12), ratio=True, count_units=True)
    full, used = oracle.design(y.shape, x)[:, 1:], weight.ravel() > 0
    fit = sm.GLM(
        y.ravel()[used], full[used], sm.families.Poisson(), offset=np.log(exposure).ravel()[used]
    ).fit(cov_type="cluster", cov_kwds={"groups": np.repeat(np.arange(12), 8)[used]}, tol=1e-13)
    assert ours.coef == pytest.approx(fit.params[-1], rel=1e-8)
    assert ours.std_error == pytest.approx(fit.bse[-1], rel=1e-7)


def test_what_fixest_counts_leaves_the_units_out() -> None:
    """Same sandwich; the factor has K = 1 + 8 periods instead of 1 + 8 + 11."""
    drawn = oracle.panel(0, n=12, t=8, gaps=0.0)
    y, weight = drawn["y"], np.ones((12, 8))
    x = ((np.arange(12) < 5)[:, None] & (np.arange(8) >= 4))[..., None].astype(float)
    both = [
        clusters.two_way(y, weight, None, x, np.arange(12), ratio=False, count_units=count)
        for count in (False, True)
    ]
    assert [one.parameters for one in both] == [9, 20]
    assert both[1].std_error / both[0].std_error == pytest.approx(math.sqrt((96 - 9) / (96 - 20)), rel=1e-12)


def test_units_and_periods_of_zeros_carry_no_information() -> None:
    """Adding a unit of zeros and a period of zeros changes neither the estimate nor the count of rows."""
    draw = np.random.default_rng(4)
    y = draw.poisson(6, (8, 6)) + 1.0
    treated = (np.arange(8) < 4)[:, None] & (np.arange(6) >= 3)
    larger, on = np.zeros((9, 7)), np.zeros((9, 7), dtype=bool)
    larger[:8, 1:], on[:8, 1:] = y, treated
    small = clusters.two_way(
        y, np.ones((8, 6)), None, treated[..., None] * 1.0, np.arange(8), ratio=True, count_units=False
    )
    large = clusters.two_way(
        larger, np.ones((9, 7)), None, on[..., None] * 1.0, np.arange(9), ratio=True, count_units=False
    )
    assert (large.coef, large.std_error) == pytest.approx((small.coef, small.std_error), rel=1e-9)
    assert (large.rows, large.clusters) == (48, 8)

"""Two-way fixed effects against dense dummies, and which cells can be predicted at all."""

import numpy as np
import pytest

from toolkit.numerics import fixed_effects

from . import oracle

GAP = np.nan


def weights(y: np.ndarray) -> np.ndarray:
    """One at observed cells, zero at gaps."""
    return (~np.isnan(y)).astype(float)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("shape", [(9, 7), (6, 12)])
@pytest.mark.parametrize("covariates", [False, True])
def test_least_squares_is_the_regression_on_dummies(
    seed: int, shape: tuple[int, int], covariates: bool
) -> None:
    cells = oracle.panel(seed, *shape)
    y, weight, x = cells["y"], cells["weight"], cells["x"] if covariates else None
    ours = fixed_effects.least_squares(y, weight, x).additive(x)
    np.testing.assert_allclose(ours, oracle.least_squares(y, weight, x), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("shape", [(9, 7), (6, 12)])
@pytest.mark.parametrize("covariates", [False, True])
def test_poisson_is_the_regression_on_dummies(seed: int, shape: tuple[int, int], covariates: bool) -> None:
    cells = oracle.panel(seed, *shape)
    y, weight, exposure = cells["y"], cells["weight"], cells["exposure"]
    x = cells["x"] if covariates else None
    ours = fixed_effects.poisson(y, weight, exposure, x).multiplicative(exposure, x)
    np.testing.assert_allclose(ours, oracle.poisson(y, weight, exposure, x), rtol=1e-8)


def test_poisson_margins_are_fitted_exactly() -> None:
    """The likelihood equations: observed and fitted totals agree in every unit and period."""
    cells = oracle.panel(11)
    y, weight, exposure = np.nan_to_num(cells["y"]), cells["weight"], cells["exposure"]
    fitted = fixed_effects.poisson(y, weight, exposure).multiplicative(exposure)
    for axis in (0, 1):
        np.testing.assert_allclose((weight * fitted).sum(axis), (weight * y).sum(axis), rtol=1e-9)


def test_balanced_poisson_is_margins_over_total() -> None:
    """Without gaps or exposure: row total x column total / grand total."""
    y = np.array([[4.0, 9.0, 2.0], [1.0, 0.0, 5.0]])
    ours = fixed_effects.poisson(y, np.ones_like(y)).multiplicative()
    np.testing.assert_allclose(ours, np.outer(y.sum(1), y.sum(0)) / y.sum(), rtol=1e-10)


@pytest.mark.parametrize("size", [1e-6, 1.0, 1e3, 1e6])
def test_units_of_a_covariate_do_not_matter(size: float) -> None:
    """A covariate in pence or in millions: the coefficient moves, the predictions cannot."""
    cells = oracle.panel(5)
    y, weight, x = cells["y"], cells["weight"], cells["x"]
    linear = fixed_effects.least_squares(y, weight, x).additive(x)
    ratio = fixed_effects.poisson(y, weight, None, x).multiplicative(None, x)
    scaled = x * size
    np.testing.assert_allclose(
        fixed_effects.least_squares(y, weight, scaled).additive(scaled), linear, rtol=1e-8
    )
    np.testing.assert_allclose(
        fixed_effects.poisson(y, weight, None, scaled).multiplicative(None, scaled), ratio, rtol=1e-8
    )


@pytest.mark.parametrize("shift", [100.0, 1e5])
def test_a_constant_added_to_a_covariate_does_not_matter(shift: float) -> None:
    """The unit effects take it up, as with a calendar year or a population that hardly moves."""
    cells = oracle.panel(6)
    y, weight, x = cells["y"], cells["weight"], cells["x"]
    moved = x + shift
    linear = fixed_effects.least_squares(y, weight, x).additive(x)
    ratio = fixed_effects.poisson(y, weight, None, x).multiplicative(None, x)
    np.testing.assert_allclose(
        fixed_effects.least_squares(y, weight, moved).additive(moved), linear, rtol=1e-7
    )
    np.testing.assert_allclose(
        fixed_effects.poisson(y, weight, None, moved).multiplicative(None, moved), ratio, rtol=1e-7
    )


@pytest.mark.parametrize("size", [1.0, 1e6])
def test_a_covariate_that_never_changes_within_a_unit_says_nothing(size: float) -> None:
    """It is the unit effect again (deprivation, population at one census), so predictions stay as without it."""
    cells = oracle.panel(7)
    y, weight = cells["y"], cells["weight"]
    x = np.repeat(np.arange(1.0, 10)[:, None], 7, axis=1)[..., None] * size
    np.testing.assert_allclose(
        fixed_effects.least_squares(y, weight, x).additive(x),
        fixed_effects.least_squares(y, weight).additive(),
        rtol=1e-7,
    )
    np.testing.assert_allclose(
        fixed_effects.poisson(y, weight, None, x).multiplicative(None, x),
        fixed_effects.poisson(y, weight).multiplicative(),
        rtol=1e-7,
    )


def test_unused_cells_may_hold_anything() -> None:
    y = np.array([[4.0, 9.0, 2.0], [1.0, 3.0, 5.0], [2.0, 2.0, 7.0]])
    weight = np.ones_like(y)
    weight[1, 2] = 0
    other = y.copy()
    other[1, 2] = GAP
    for fit in (fixed_effects.least_squares, fixed_effects.poisson):
        np.testing.assert_array_equal(fit(y, weight).unit, fit(other, weight).unit)


def test_a_unit_of_zeros_is_expected_to_stay_at_zero() -> None:
    """By hand: the others are rank one (2 to 3), the unit of zeros has effect 0, gap or not."""
    y = np.array([[2.0, 3.0], [4.0, 6.0], [0.0, GAP]])
    ours = fixed_effects.poisson(y, weights(y)).multiplicative()
    np.testing.assert_allclose(ours, [[2, 3], [4, 6], [0, 0]], rtol=1e-9)


def test_a_period_of_zeros_is_expected_to_be_zero_for_everybody() -> None:
    y = np.array([[2.0, 0.0, 3.0], [4.0, GAP, 6.0]])
    ours = fixed_effects.poisson(y, weights(y)).multiplicative()
    np.testing.assert_allclose(ours, [[2, 0, 3], [4, 0, 6]], rtol=1e-9)


def test_a_period_nobody_was_seen_in_cannot_be_predicted() -> None:
    y = np.array([[2.0, GAP, 3.0], [4.0, GAP, 6.0]])
    ours = fixed_effects.poisson(y, weights(y)).multiplicative()
    assert np.isnan(ours[:, 1]).all() and not np.isnan(ours[:, [0, 2]]).any()


def test_two_islands_are_not_connected() -> None:
    """Units 0 and 1 are seen in periods 0 and 1 only, the others in 2 and 3: nothing says how 0 would do in 2."""
    y = np.array([[2.0, 3, GAP, GAP], [4, 6, GAP, GAP], [GAP, GAP, 5, 5], [GAP, GAP, 1, 1]])
    for fit in (fixed_effects.least_squares, fixed_effects.poisson):
        predictable = fit(y, weights(y)).predictable
        expected = np.kron(np.eye(2), np.ones((2, 2))).astype(bool)
        np.testing.assert_array_equal(predictable, expected)


def test_islands_joined_only_by_a_zero_have_no_poisson_maximum() -> None:
    """By hand: unit effects a, b and period effects p, q with counts ap = 5, bq = 7, and aq = 0.

    Sending a/b to zero (and p/q up to keep ap and bq) raises the likelihood for ever, so bp, which is unobserved,
    would be infinite: it cannot be predicted. The cells seen are fitted as they are.
    """
    y = np.array([[5.0, 0.0], [GAP, 7.0]])
    fit = fixed_effects.poisson(y, weights(y))
    ours = fit.multiplicative()
    assert ours[0, 0] == pytest.approx(5) and ours[1, 1] == pytest.approx(7)
    assert np.isnan(ours[1, 0])
    assert not fit.predictable[1, 0]


def test_a_zero_inside_a_cycle_of_counts_is_an_ordinary_cell() -> None:
    """With the fourth cell positive the zero lies on a cycle, so the maximum is the margins formula."""
    y = np.array([[5.0, 0.0], [3.0, 7.0]])
    ours = fixed_effects.poisson(y, np.ones_like(y)).multiplicative()
    np.testing.assert_allclose(ours, np.outer(y.sum(1), y.sum(0)) / y.sum(), rtol=1e-10)


def test_least_squares_keeps_a_cell_joined_by_a_zero() -> None:
    """A zero is a number like any other to least squares: b + p = 7 - 0 + 5."""
    y = np.array([[5.0, 0.0], [GAP, 7.0]])
    assert fixed_effects.least_squares(y, weights(y)).additive()[1, 0] == pytest.approx(12)


def test_cross_products_are_the_swept_normal_equations() -> None:
    cells = oracle.panel(2)
    mass, x = cells["weight"], cells["x"]
    full = oracle.design(mass.shape, x)
    n = mass.shape[0]
    units, rest = full[:, :n], full[:, n:]
    root = np.sqrt(mass.ravel())[:, None]
    swept = rest * root - units * root @ np.linalg.lstsq(units * root, rest * root, rcond=None)[0]
    np.testing.assert_allclose(fixed_effects.cross_products(mass, x), swept.T @ swept, atol=1e-10)

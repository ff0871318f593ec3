"""Fits without each cluster against fits from scratch, where the short way holds and where it must step aside."""

from dataclasses import replace

import numpy as np
import pytest

from toolkit.numerics import imputation, left_out
from toolkit.numerics.imputation import Cells
from toolkit.numerics.left_out import Fits

from .test_imputation import cells

CLUSTER = np.repeat(np.arange(6), 2)


def compare(one: Cells, cluster: np.ndarray) -> Fits:
    """Every fit predicts what a fit from scratch predicts."""
    fits = Fits.of(one, cluster)
    for keep, fit in fits.each():
        left = one.units(keep)
        np.testing.assert_allclose(
            imputation.predicted(left, fit), imputation.expected(left), rtol=1e-8, atol=1e-9
        )
    return fits


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("ratio", [True, False])
@pytest.mark.parametrize("covariates", [True, False])
@pytest.mark.parametrize("cluster", [np.arange(12), CLUSTER], ids=["units", "pairs"])
def test_is_a_fit_from_scratch(seed: int, ratio: bool, covariates: bool, cluster: np.ndarray) -> None:
    fits = compare(cells(seed, ratio=ratio, covariates=covariates), cluster)
    assert fits.quick.sum() >= len(fits.quick) - 1  # unit 0 may be all that holds its periods together


@pytest.mark.parametrize("ratio", [True, False])
def test_coefficients_are_those_of_a_fit_from_scratch(ratio: bool) -> None:
    one = cells(1, ratio=ratio, covariates=True)
    fits = Fits.of(one, np.arange(12))
    told = [imputation.fit(one.units(np.arange(12) != g)).coef for g in range(12)]
    np.testing.assert_allclose(fits.coef[fits.quick], np.array(told)[fits.quick], rtol=1e-8)


@pytest.mark.parametrize("ratio", [True, False])
def test_a_cluster_that_holds_the_panel_together_is_fitted_from_scratch(ratio: bool) -> None:
    """Only unit 0 is seen on both sides of period 3: without it the treated cells have nothing to say what they are."""
    one = cells(2, ratio=ratio)
    weight = one.weight.copy()
    weight[1:6, :3] = 0.0
    weight[6:, 3:] = 0.0
    broken = replace(one, weight=weight, treated=one.treated & (weight > 0))
    fits = compare(broken, np.arange(12))
    assert not fits.quick[0] and fits.quick[7]


@pytest.mark.parametrize("ratio", [True, False])
def test_a_covariate_that_speaks_through_one_cluster_alone(ratio: bool) -> None:
    one = cells(3, ratio=ratio)
    x = np.zeros((12, 8, 1))
    x[7, :, 0] = np.arange(8) % 3
    fits = compare(replace(one, x=x), np.arange(12))
    assert not fits.quick[7] and fits.quick.sum() >= 10


@pytest.mark.parametrize("zeros", ["unit", "period", "period but for one unit"])
def test_nothing_but_zeros(zeros: str) -> None:
    one = cells(4, ratio=True)
    y = one.y.copy()
    if zeros == "unit":
        y[8] = 0.0
    else:
        y[:, 2] = 0.0
    if zeros == "period but for one unit":
        y[9, 2] = 6.0
    fits = compare(replace(one, y=y), np.arange(12))
    assert fits.quick[9] == (zeros != "period but for one unit") and fits.quick.sum() >= 9


def test_a_period_that_only_one_cluster_saw_and_saw_empty() -> None:
    """Nothing but a zero of unit 9 is known of period 2: without it, what was expected there is not known either."""
    one = cells(5, ratio=True)
    y, weight = one.y.copy(), one.weight.copy()
    weight[:, 2] = 0.0
    weight[9, 2], y[9, 2] = 1.0, 0.0
    fits = compare(replace(one, y=y, weight=weight, treated=one.treated & (weight > 0)), np.arange(12))
    assert not fits.quick[9]


def test_batches_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    one = cells(1, ratio=True)
    whole = Fits.of(one, np.arange(12)).theta
    monkeypatch.setattr(left_out, "ROOM", 200)
    np.testing.assert_allclose(Fits.of(one, np.arange(12)).theta, whole, rtol=1e-9, atol=1e-10)


def test_the_units_of_counts_do_not_matter() -> None:
    one = cells(2, ratio=True)
    large = replace(one, y=one.y * 1e6)
    for (_, small), (_, big) in zip(
        Fits.of(one, CLUSTER).each(), Fits.of(large, CLUSTER).each(), strict=True
    ):
        np.testing.assert_allclose(big.unit, 1e6 * small.unit * (small.period / big.period)[0], rtol=1e-8)


def test_clusters_by_hand() -> None:
    np.testing.assert_array_equal(left_out.indicator(np.array([0, 1, 0])).toarray(), [[1, 0, 1], [0, 1, 0]])

"""Observed and expected by period: the imputation after, the baseline spread by the comparison before."""

import numpy as np
import pytest

from toolkit.numerics import imputation, series
from toolkit.numerics.imputation import Cells

from . import oracle

START = np.array([5, 5, 6, 6, 6, 99, 99, 99, 99, 99, 99, 99])
NEVER = START == 99


def cells(seed: int, ratio: bool) -> Cells:
    drawn = oracle.panel(seed, n=12, t=8)
    weight = (drawn["weight"] > 0).astype(float)
    treated = (np.arange(8) >= START[:, None]) & (weight > 0)
    return Cells(
        np.nan_to_num(drawn["y"]), weight, treated, drawn["exposure"] if ratio else None, None, ratio
    )


@pytest.mark.parametrize("ratio", [True, False])
def test_after_it_is_the_imputation(ratio: bool) -> None:
    one = cells(0, ratio)
    np.testing.assert_array_equal(
        series.filled(one, NEVER)[one.treated], imputation.expected(one)[one.treated]
    )


@pytest.mark.parametrize("ratio", [True, False])
def test_before_it_adds_up_to_each_units_own_baseline(ratio: bool) -> None:
    """The baseline is spread, so nothing is gained or lost: expected and observed have one total per unit."""
    one = cells(1, ratio)
    would_be = series.filled(one, NEVER)
    for unit in np.flatnonzero(~NEVER):
        before = one.untreated_weight[unit] > 0
        assert would_be[unit, before].sum() == pytest.approx(one.y[unit, before].sum(), rel=1e-9)


def test_comparison_units_are_not_in_the_series() -> None:
    assert np.isnan(series.filled(cells(1, True), NEVER)[NEVER]).all()


def test_by_hand() -> None:
    """Treated 10, 20 then 15; comparison 30, 60 then 45: the baseline of 30 is spread 1 to 2, then 30 x 45 / 90."""
    y = np.array([[12.0, 18, 15], [30, 60, 45]])
    treated = np.array([[False, False, True], [False] * 3])
    one = Cells(y, np.ones_like(y), treated, None, None, True)
    seen, base, number = series.by_period(one, np.array([False, True]))
    np.testing.assert_allclose(seen, [12, 18, 15])
    np.testing.assert_allclose(base, [10, 20, 15], rtol=1e-9)
    assert list(number) == [1, 1, 1]
    np.testing.assert_allclose(series.relative(one, np.array([False, True])), [1.2, 0.9, 1.0], rtol=1e-9)


@pytest.mark.parametrize("ratio", [True, False])
@pytest.mark.parametrize("exposure", [None, "factors"])
def test_leaving_out_clusters_in_closed_form_is_the_loop(ratio: bool, exposure: str | None) -> None:
    """One start and no gaps: the sums over units give what fitting again without each cluster gives."""
    draw = np.random.default_rng(4)
    y = draw.poisson(9, (12, 8)).astype(float)
    treated = (np.arange(8) >= 5) & (np.arange(12) < 4)[:, None]
    never = ~treated.any(axis=1)
    people = np.outer(draw.uniform(1, 3, 12), draw.uniform(1, 2, 8)) if exposure and ratio else None
    one = Cells(y, np.ones_like(y), treated, people, None, ratio)
    cluster = np.repeat(np.arange(6), 2)
    loop = np.array([series.relative(one.units(cluster != g), never[cluster != g]) for g in range(6)])
    np.testing.assert_allclose(series.relative_without(one, never, cluster), loop, rtol=1e-9, atol=1e-9)

"""The imputation estimate and its jackknife against dense dummies refitted from scratch."""

from dataclasses import replace

import numpy as np
import pytest

from toolkit.numerics import deleted, imputation
from toolkit.numerics.imputation import Cells

from . import oracle


def cells(seed: int, *, ratio: bool, covariates: bool = False, staggered: bool = True) -> Cells:
    """Three cohorts of a small panel with gaps; the rest is never treated."""
    drawn = oracle.panel(seed, n=12, t=8)
    start = np.array([4, 4, 5, 5, 6, 6] + [99] * 6) if staggered else np.array([5] * 6 + [99] * 6)
    treated = (np.arange(8) >= start[:, None]) & (drawn["weight"] > 0)
    x = drawn["x"] if covariates else None
    return Cells(
        np.nan_to_num(drawn["y"]), drawn["weight"], treated, drawn["exposure"] if ratio else None, x, ratio
    )


def slow(one: Cells) -> float:
    """The definition, on a fit with a dummy for every unit and period."""
    if one.ratio:
        would_be = oracle.poisson(one.y, one.untreated_weight, one.exposure, one.x)
    else:
        would_be = oracle.least_squares(one.y, one.untreated_weight, one.x)
    weight = np.where(one.treated, one.weight, 0.0)
    seen, base = (weight * one.y).sum(), (weight * would_be).sum()
    return float(np.log(seen / base)) if one.ratio else float((seen - base) / weight.sum())


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("ratio", [True, False])
@pytest.mark.parametrize("covariates", [True, False])
def test_effect_and_each_unit_left_out(seed: int, ratio: bool, covariates: bool) -> None:
    one = cells(seed, ratio=ratio, covariates=covariates)
    assert imputation.effect(one) == pytest.approx(slow(one), rel=1e-8, abs=1e-10)
    without = deleted.effect(one, np.arange(12))
    rows = np.arange(12)
    by_hand = [slow(one.units(rows != gone)) for gone in rows]
    np.testing.assert_allclose(without, by_hand, rtol=1e-7, atol=1e-9)


def test_clusters_of_units_are_left_out_together() -> None:
    one, cluster = cells(1, ratio=False), np.repeat(np.arange(4), 3)
    without = deleted.effect(one, cluster)
    np.testing.assert_allclose(without, [slow(one.units(cluster != g)) for g in range(4)], rtol=1e-8)


@pytest.mark.parametrize("ratio", [True, False])
def test_closed_form_is_the_general_path(ratio: bool) -> None:
    """Balanced with one start: refitting without each unit gives what the unit sums give."""
    draw = np.random.default_rng(3)
    y = draw.poisson(8, (10, 9)).astype(float)
    treated = (np.arange(10) < 4)[:, None] & (np.arange(9) >= 6)
    exposure = np.outer(draw.uniform(1, 5, 10), draw.uniform(1, 2, 9)) if ratio else None
    one = Cells(y, np.ones_like(y), treated, exposure, None, ratio)
    assert imputation.before_and_after(one) is not None
    rows = np.arange(10)
    general = [imputation.effect(one.units(rows != gone)) for gone in rows]
    np.testing.assert_allclose(deleted.effect(one, rows), general, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("what", ["two starts", "a gap", "weights", "covariates", "exposure"])
def test_halves_are_refused_where_they_would_lose_something(what: str) -> None:
    y = np.arange(1.0, 13).reshape(3, 4)
    treated = np.array([[0, 0, 1, 1], [0, 0, 0, 0], [0, 0, 0, 0]], dtype=bool)
    plain = Cells(y, np.ones_like(y), treated, None, None, True)
    assert imputation.before_and_after(plain) is not None
    other = treated.copy()
    other[1, 3] = True
    gap = np.ones_like(y)
    gap[2, 0] = 0
    uneven = np.ones_like(y)
    uneven[0, 0] = 2
    changed = {
        "two starts": replace(plain, treated=other),
        "a gap": replace(plain, weight=gap),
        "weights": replace(plain, weight=uneven),
        "covariates": replace(plain, x=y[..., None]),
        "exposure": replace(plain, exposure=y),
    }
    assert imputation.before_and_after(changed[what]) is None


def test_by_hand() -> None:
    """Treated 10, 6; comparison 20, 18: expected 9, so the log of 6 / 9; or 10 - 2, so 6 - 8."""
    y = np.array([[10.0, 6.0], [20.0, 18.0]])
    treated = np.array([[False, True], [False, False]])
    one = Cells(y, np.ones((2, 2)), treated, None, None, True)
    assert imputation.effect(one) == pytest.approx(np.log(6 / 9), rel=1e-10)
    assert imputation.effect(replace(one, ratio=False)) == pytest.approx(-2, rel=1e-10)


def test_nothing_observed_after_is_a_log_of_minus_infinity_and_no_comparison_is_nan() -> None:
    y = np.array([[10.0, 0.0], [20.0, 18.0]])
    treated = np.array([[False, True], [False, False]])
    one = Cells(y, np.ones((2, 2)), treated, None, None, True)
    assert imputation.effect(one) == -np.inf
    assert np.isnan(imputation.effect(one.units(np.array([True, False]))))

"""The imputation estimate against dense dummies, and when a panel can be added up into halves."""

from dataclasses import replace

import numpy as np
import pytest

from toolkit.numerics import imputation
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
def test_effect(seed: int, ratio: bool, covariates: bool) -> None:
    one = cells(seed, ratio=ratio, covariates=covariates)
    assert imputation.effect(one) == pytest.approx(slow(one), rel=1e-8, abs=1e-10)


@pytest.mark.parametrize("ratio", [True, False])
def test_effects_by_group(ratio: bool) -> None:
    """A group by itself is the effect with the other treated cells taken out after the fit; an empty one is NaN."""
    one = cells(1, ratio=ratio)
    group = np.where(one.treated, np.arange(12)[:, None] // 2, -1)  # three cohorts of two units
    would_be = imputation.expected(one)
    ours = imputation.by_group(one, would_be, group, 4)
    for cohort in range(3):
        rows = np.arange(12) // 2 == cohort
        weight = np.where(one.treated, one.weight, 0.0)[rows]
        seen, base = (weight * one.y[rows]).sum(), (weight * would_be[rows]).sum()
        told = np.log(seen / base) if ratio else (seen - base) / weight.sum()
        assert ours[cohort] == pytest.approx(told, rel=1e-10)
    assert np.isnan(ours[3])


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

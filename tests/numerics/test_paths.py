"""Effects by cohort and event time against the saturated regression with a dummy for everything."""

import numpy as np
import pytest
import statsmodels.api as sm

from toolkit.numerics import paths
from toolkit.numerics.imputation import Cells

from . import oracle

TIMES = np.arange(-4, 4)
START = np.array([4.0] * 4 + [5.0] * 4 + [np.inf] * 4)


def cells(seed: int, ratio: bool, covariates: bool = False) -> Cells:
    drawn = oracle.panel(seed, n=12, t=8)
    weight = drawn["weight"] if not ratio else (drawn["weight"] > 0).astype(float)
    treated = (np.arange(8) >= START[:, None]) & (weight > 0)
    return Cells(
        np.nan_to_num(drawn["y"]), weight, treated, drawn["exposure"] if ratio else None,
        drawn["x"] if covariates else None, ratio,
    )  # fmt: skip


def saturated(one: Cells, ratio: bool) -> dict[tuple[float, int], float]:
    """Coefficients of every cohort x event time but -1, with unit and period dummies, all in one regression."""
    event = np.arange(8) - START[:, None]
    known = [
        (g, e)
        for g in (4.0, 5.0)
        for e in range(-5, 4)
        if e != -1 and ((g == START)[:, None] & (event == e)).any()
    ]
    effects = np.stack([((g == START)[:, None] & (event == e)).ravel() for g, e in known], axis=1).astype(
        float
    )
    extra = [] if one.x is None else [one.x.reshape(96, -1)]
    full = np.column_stack([oracle.dummies(12, 8)[:, 1:], *extra, effects])
    used = one.weight.ravel() > 0
    y, weight = one.y.ravel()[used], one.weight.ravel()[used]
    if ratio:
        offset = np.log(one.exposure).ravel()[used]
        fit = sm.GLM(y, full[used], sm.families.Poisson(), offset=offset).fit(tol=1e-13)
    else:
        fit = sm.WLS(y, full[used], weights=weight).fit()
    return dict(zip(known, fit.params[-len(known) :], strict=True))


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("ratio", [True, False])
@pytest.mark.parametrize("cohort", [4.0, 5.0])
def test_a_cohort_on_its_own_is_its_part_of_the_saturated_regression(
    seed: int, ratio: bool, cohort: float
) -> None:
    one = cells(seed, ratio)
    told = saturated(one, ratio)
    keep = (cohort == START) | np.isinf(START)
    ours, units = paths.Staggered(one.units(keep), START[keep], np.arange(8.0), TIMES).effects()
    for time, value, number in zip(TIMES, ours, units, strict=True):
        if time == -1:
            assert value == pytest.approx(0, abs=1e-12)
        elif (cohort, time) in told:
            assert value == pytest.approx(told[cohort, time], rel=1e-7, abs=1e-8)
            assert number == (one.weight[cohort == START, int(cohort + time)] > 0).sum()
        else:
            assert np.isnan(value)


@pytest.mark.parametrize("covariates", [True, False])
def test_cohorts_are_averaged_by_weight_for_differences(covariates: bool) -> None:
    """Coefficients of covariates are those of the one regression with everything in it."""
    one = cells(0, ratio=False, covariates=covariates)
    told = saturated(one, ratio=False)
    ours, _ = paths.Staggered(one, START, np.arange(8.0), TIMES).effects()
    for time, value in zip(TIMES, ours, strict=True):
        parts = [
            (one.weight[g == START, int(g + time)].sum(), told[g, time])
            for g in (4.0, 5.0)
            if (g, time) in told
        ]
        if parts:
            size, effect = np.array(parts).T
            assert value == pytest.approx(size @ effect / size.sum(), rel=1e-8, abs=1e-9)


@pytest.mark.parametrize("covariates", [True, False])
def test_cohorts_are_added_up_for_ratios(covariates: bool) -> None:
    """exp(value) x what was expected of the cohorts together is what they recorded together."""
    one = cells(1, ratio=True, covariates=covariates)
    told = saturated(one, ratio=True)
    ours, _ = paths.Staggered(one, START, np.arange(8.0), TIMES).effects()
    for time, value in zip(TIMES, ours, strict=True):
        known = [g for g in (4.0, 5.0) if (g, time) in told]
        if known:
            seen = [(one.y * one.weight)[g == START, int(g + time)].sum() for g in known]
            base = [s / np.exp(told[g, time]) for s, g in zip(seen, known, strict=True)]
            assert np.exp(value) == pytest.approx(sum(seen) / sum(base), rel=1e-7)


@pytest.mark.parametrize("ratio", [True, False])
@pytest.mark.parametrize("covariates", [True, False])
def test_without_each_unit_is_a_fresh_fit(ratio: bool, covariates: bool) -> None:
    one = cells(3, ratio, covariates)
    left = paths.Staggered(one, START, np.arange(8.0), TIMES).without(np.arange(12))
    for gone in (0, 5, 11):
        keep = np.arange(12) != gone
        fresh, _ = paths.Staggered(one.units(keep), START[keep], np.arange(8.0), TIMES).effects()
        np.testing.assert_allclose(left[gone], fresh, rtol=1e-9, atol=1e-10)


def test_by_hand() -> None:
    """Treated 10, 20, 15; comparison 30, 45, 60; start in the last: 15 / (20 x 60 / 45), and 10 / (20 x 30 / 45)."""
    y = np.array([[10.0, 20, 15], [30, 45, 60]])
    treated = np.array([[False, False, True], [False] * 3])
    one = Cells(y, np.ones_like(y), treated, None, None, True)
    ours, units = paths.Staggered(
        one, np.array([2, np.inf]), np.arange(3.0), np.array([-2, -1, 0, 1])
    ).effects()
    np.testing.assert_allclose(np.exp(ours[:3]), [10 / (20 * 30 / 45), 1, 15 / (20 * 60 / 45)], rtol=1e-9)
    assert np.isnan(ours[3]) and list(units) == [1, 1, 1, 0]


@pytest.mark.parametrize("ratio", [True, False])
def test_side_by_side_without_covariates_is_each_group_by_itself(ratio: bool) -> None:
    one = cells(2, ratio)
    design = paths.Staggered(one, START, np.arange(8.0), TIMES)
    for group, alone in paths.paths(one, design.groups).items():
        together = paths._together(one, design.groups)[group]
        linked = alone.part >= 0
        gap = together.level / alone.level if ratio else together.level - alone.level
        np.testing.assert_allclose(gap[linked], gap[linked][0], rtol=1e-8, atol=1e-12)
        ours, told = (p.size * p.level if ratio else p.size for p in (together, alone))
        np.testing.assert_allclose(ours[linked], told[linked], rtol=1e-8)


def test_a_cohort_with_nothing_in_its_base_counts_what_it_recorded_and_expects_nothing() -> None:
    """Cohorts 0, 4 and 10, 6 against a level comparison: together (4 + 6) / (0 + 10)."""
    y = np.array([[5.0, 0, 4], [8, 10, 6], [20, 20, 20]])
    start = np.array([2.0, 2.0, np.inf])
    treated = np.arange(3) >= start[:, None]
    apart = np.array([[5.0, 0, 4, 4], [8, 8, 10, 6], [20, 20, 20, 20]])
    late = np.array([2.0, 3.0, np.inf])
    one = Cells(apart, np.ones_like(apart), np.arange(4) >= late[:, None], None, None, True)
    ours, _ = paths.Staggered(one, late, np.arange(4.0), np.array([-1, 0])).effects()
    np.testing.assert_allclose(np.exp(ours), [1.0, 1.0], rtol=1e-9)
    same = Cells(y, np.ones_like(y), treated, None, None, True)
    ours, _ = paths.Staggered(same, start, np.arange(3.0), np.array([-1, 0])).effects()
    np.testing.assert_allclose(np.exp(ours), [1.0, 1.0], rtol=1e-9)

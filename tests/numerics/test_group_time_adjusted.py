"""Adjusted group-time cells beside statsmodels, refits and numerical derivatives."""

import numpy as np
import pytest
import statsmodels.api as sm

from toolkit import DesignError
from toolkit.numerics import group_time, group_time_adjusted
from toolkit.numerics.group_time import Effects, Plan
from toolkit.numerics.group_time_adjusted import adjusted
from toolkit.numerics.imputation import Cells

N, T = 60, 6
ORDINALS = np.arange(float(T))
HOW = ("regression", "weighting", "doubly_robust")
every_way = pytest.mark.parametrize("how", HOW)


def drawn(seed: int = 0, *, constant: bool = True) -> tuple[Cells, np.ndarray]:
    draw = np.random.default_rng(seed)
    x = draw.normal(size=(N, 1, 2)) + (0.0 if constant else 0.3 * draw.normal(size=(N, T, 2)))
    x = np.broadcast_to(x, (N, T, 2)).copy()
    start = np.where(draw.random(N) < 1 / (1 + np.exp(-0.5 * x[:, 0, 0])), draw.choice([2.0, 4.0], N), np.inf)
    y = draw.normal(size=(N, T)) + x[..., 0] * ORDINALS + draw.normal(size=(N, 1))
    return Cells(
        y, draw.uniform(0.5, 2, (N, 1)) * np.ones((1, T)), start[:, None] <= ORDINALS, None, x, False
    ), start


def planned(start: np.ndarray, *, never: bool = True) -> Plan:
    return group_time.plan_of(start, ORDINALS, anticipation=0, universal=False, never=never)


def found(one: Cells, start: np.ndarray, how: str, *, influence: bool = False, never: bool = True,
          cluster: np.ndarray | None = None) -> Effects:  # fmt: skip
    codes = np.arange(len(start)) if cluster is None else cluster
    return adjusted(one, start, planned(start, never=never), codes, adjust=how, influence=influence)


def by_statsmodels(one: Cells, start: np.ndarray, plan: Plan, k: int, how: str) -> float:
    """One cell by weighted least squares and a logit."""
    own, other = plan.own(start)[:, k], plan.compared(start)[:, k]
    used = own | other
    base = plan.base[k]
    change, w, d = (one.y[:, plan.column[k]] - one.y[:, base])[used], one.weight[used, base], own[used]
    x = sm.add_constant(one.x[used, base])
    line = sm.WLS(change[~d], x[~d], weights=w[~d]).fit()
    left = change - x @ line.params
    score = sm.GLM(d.astype(float), x, family=sm.families.Binomial(), freq_weights=w).fit(tol=1e-12).predict()
    odds = w * score / (1 - score)
    if how == "regression":
        return np.average(left[d], weights=w[d])
    values = left if how == "doubly_robust" else change
    return np.average(values[d], weights=w[d]) - np.average(values[~d], weights=odds[~d])


@every_way
@pytest.mark.parametrize("never", [True, False])
@pytest.mark.parametrize("constant", [True, False])
def test_every_cell_by_statsmodels(how: str, never: bool, constant: bool) -> None:
    one, start = drawn(constant=constant)
    whole = found(one, start, how, never=never)
    values = whole.combine(np.eye(len(whole.units)))[0]
    told = [by_statsmodels(one, start, whole.plan, k, how) for k in range(len(values))]
    np.testing.assert_allclose(values, told, rtol=1e-8)


@every_way
def test_without_each_cluster_is_the_same_fitted_again(how: str) -> None:
    one, start = drawn(1)
    cluster = np.arange(N) // 3
    whole = found(one, start, how, cluster=cluster)
    weights = np.stack([np.eye(len(whole.units))[3], (whole.plan.event_time >= 0) * 1.0], axis=1)
    values, gaps, _ = whole.combine(weights)
    for code in (0, 7, 19):
        keep = cluster != code
        again = found(one.units(keep), start[keep], how)
        np.testing.assert_allclose(values + gaps[code], again.combine(weights)[0], rtol=1e-7)


@every_way
def test_influence_is_the_derivative_by_a_units_weight(how: str) -> None:
    one, start = drawn(2)
    whole = found(one, start, how, influence=True)
    weights = np.stack([np.eye(len(whole.units))[3], (whole.plan.event_time >= 0) * 1.0], axis=1)
    gaps = whole.combine(weights)[1]
    for unit in range(0, N, 7):
        ends = []
        for step in (1e-4, -1e-4):
            weight = one.weight.copy()
            weight[unit] *= 1 + step
            moved = Cells(one.y, weight, one.treated, None, one.x, False)
            ends.append(found(moved, start, how).combine(weights)[0])
        np.testing.assert_allclose(gaps[unit], (ends[0] - ends[1]) / 2e-4, rtol=1e-4, atol=1e-7)


@every_way
def test_a_change_that_the_covariates_explain_is_no_effect(how: str) -> None:
    """Changes are an exact line in the covariates: regression and both at once find none, weighting finds some."""
    one, start = drawn(3)
    exact = Cells(one.x[..., 0] * ORDINALS + 2 * ORDINALS, one.weight, one.treated, None, one.x, False)
    values = found(exact, start, how).combine(np.eye(10))[0]
    if how == "weighting":
        assert np.abs(values).max() > 0.01
    else:
        np.testing.assert_allclose(values, 0, atol=1e-10)


def test_covariates_that_tell_the_arms_apart_leave_no_cell_by_weighting() -> None:
    one, start = drawn(4)
    x = np.broadcast_to(np.isfinite(start)[:, None, None] + 0.01 * one.x[..., :1], (N, T, 1)).copy()
    apart = Cells(one.y, one.weight, one.treated, None, x, False)
    for how in ("weighting", "doubly_robust"):
        assert not found(apart, start, how).known.any()
    assert found(apart, start, "regression").known.all()


def test_fewer_to_compare_with_than_covariates() -> None:
    one, start = drawn(5)
    few = np.isfinite(start)
    few[np.flatnonzero(~few)[:2]] = True
    assert not found(one.units(few), start[few], "regression").known.any()


def test_without_covariates_there_is_nothing_to_adjust_for() -> None:
    one, start = drawn()
    bare = Cells(one.y, one.weight, one.treated, None, None, False)
    with pytest.raises(DesignError, match="no covariates"):
        found(bare, start, "regression")


def test_a_comparison_unit_that_is_almost_sure_to_be_treated_does_not_count() -> None:
    """Odds above 199 (a probability of 0.995) are set to zero, as in DRDID."""
    group = next(iter(_groups()))
    theta = np.zeros((1, 3))
    theta[0, 0] = 6.0
    assert (group.odds(theta) == 0).all()
    theta[0, 0] = 5.0
    assert group.odds(theta) == pytest.approx(np.exp(5.0))


def _groups() -> list[group_time_adjusted.Group]:
    one, start = drawn()
    plan = planned(start)
    pairs = group_time.Pairs.of(one, start, plan)
    return list(group_time_adjusted.groups(one, pairs, plan, np.arange(N), "weighting"))


def test_one_fit_serves_the_cells_that_share_units_and_covariates() -> None:
    assert len(_groups()) == 2  # one for each cohort, whose covariates do not change

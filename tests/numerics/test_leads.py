"""Leads against a regression of statsmodels on untreated cells with all dummies written out."""

import numpy as np
import pytest
import statsmodels.api as sm

from toolkit.numerics import leads
from toolkit.numerics.imputation import Cells

from . import oracle
from .test_imputation import cells

UNITS = np.arange(12)
START = np.array([4, 4, 5, 5, 6, 6] + [99] * 6)
WANTED = np.array([-3, -2, -1])


def lead_of(one: Cells, wanted: np.ndarray = WANTED) -> np.ndarray:
    event_time = np.arange(8) - START[:, None]
    place = np.where(np.isin(event_time, wanted) & (one.untreated_weight > 0), event_time - wanted[0], -1)
    return place.astype(int)


def slow(one: Cells, group: np.ndarray) -> np.ndarray:
    """Coefficients of the leads with a dummy for each unit and period."""
    used = one.untreated_weight.ravel() > 0
    count = int(group.max()) + 1
    own = (group[..., None] == np.arange(count)).reshape(len(used), count).astype(float)
    extra = own if one.x is None else np.column_stack([own, one.x.reshape(len(used), -1)])
    full = np.column_stack([oracle.dummies(*one.y.shape)[:, 1:], extra])[used]
    y, weight = one.y.ravel()[used], one.weight.ravel()[used]
    if one.ratio:
        assert one.exposure is not None
        offset = np.log(one.exposure).ravel()[used]
        model = sm.GLM(y, full, sm.families.Poisson(), offset=offset, var_weights=weight)
        params = model.fit(tol=1e-14, maxiter=200, tol_criterion="params").params
    else:
        params = sm.WLS(y, full, weights=weight).fit().params
    return params[-extra.shape[1] :][:count]


@pytest.mark.filterwarnings("ignore::UserWarning")  # statsmodels speaks of df where weights are not counts
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("ratio", [True, False])
@pytest.mark.parametrize("covariates", [True, False])
def test_coefficients_and_each_unit_left_out(seed: int, ratio: bool, covariates: bool) -> None:
    one = cells(seed, ratio=ratio, covariates=covariates)
    group = lead_of(one)
    np.testing.assert_allclose(leads.effects(one, group, 3), slow(one, group), rtol=1e-8, atol=1e-9)
    without = leads.without(one, group, 3, UNITS)
    for gone in (0, 3, 5, 8):
        keep = gone != UNITS
        np.testing.assert_allclose(without[gone], slow(one.units(keep), group[keep]), rtol=1e-7, atol=1e-9)


def test_by_hand() -> None:
    """Treated 10, 15 (lead) and comparison 20, 20: a ratio of 15 / 10, and a difference of 5."""
    y, group = np.array([[10.0, 15], [20, 20]]), np.array([[-1, 0], [-1, -1]])
    one = Cells(y, np.ones((2, 2)), np.zeros((2, 2), dtype=bool), None, None, True)
    np.testing.assert_allclose(np.exp(leads.effects(one, group, 1)), [1.5], rtol=1e-9)
    other = Cells(y, np.ones((2, 2)), np.zeros((2, 2), dtype=bool), None, None, False)
    np.testing.assert_allclose(leads.effects(other, group, 1), [5.0], rtol=1e-9)


def test_a_lead_with_nothing_recorded_is_a_ratio_of_zero_and_the_others_stay() -> None:
    """The likelihood has its maximum at minus infinity; the cells of that lead then say nothing of the others."""
    one = cells(1, ratio=True)
    group, y = lead_of(one), one.y.copy()
    y[group == 1] = 0.0
    empty = Cells(y, one.weight, one.treated, one.exposure, None, True)
    without = Cells(y, np.where(group == 1, 0.0, one.weight), one.treated, one.exposure, None, True)
    two = np.select([group == 0, group == 2], [0, 1], -1)
    ours, told = leads.effects(empty, group, 3), slow(without, two)
    assert ours[1] == -np.inf
    np.testing.assert_allclose(ours[[0, 2]], told, rtol=1e-6)


def test_a_lead_that_nobody_is_seen_in_is_not_a_number() -> None:
    one = cells(0, ratio=False)
    group = lead_of(one)
    assert np.isnan(leads.effects(one, np.where(group == 2, -1, group), 3)[2])


def test_what_can_be_told_apart() -> None:
    """With every period before the start a lead, the first of them is what the others are against."""
    y = np.arange(12.0).reshape(2, 6)
    treated = np.array([[False] * 4 + [True] * 2, [False] * 6])
    one = Cells(y, np.ones((2, 6)), treated, None, None, False)
    group = np.array([[0, 1, 2, 3, -1, -1], [-1] * 6])
    assert list(leads.told_apart(one, group, 4)) == [False, True, True, True]
    later = np.where(group == 0, -1, group - 1)
    assert list(leads.told_apart(one, np.maximum(later, -1), 3)) == [True, True, True]

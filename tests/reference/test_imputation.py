"""The imputation estimate, its jackknife and its permutation test against R."""

import math

import numpy as np
import pandas as pd
import pytest

from toolkit import Panel, before_after, did
from toolkit.arms import Arms
from toolkit.numerics import imputation

from .reading import areas_panel, expected, schools_panel, staggered, staggered_panel

CLOSE = 1e-8


@pytest.mark.parametrize("which", ["b", "c"])
def test_imputation_by_least_squares(which: str) -> None:
    """R's fit alternates between units and months and stops at 1e-6 (fixest's fixef.tol), so no closer than that.

    tests/numerics holds ours to a dense solution of the same equations, to 1e-9.
    """
    told = expected(f"{which}.bjs.static")
    plain = did.att(staggered_panel(which, "rate"), scale="difference")
    weighted = did.att(staggered_panel(which, "rate", weight="population"), scale="difference")
    assert plain.value == pytest.approx(told["att"], rel=1e-6)
    assert weighted.value == pytest.approx(told["w_att"], rel=1e-6)


@pytest.mark.parametrize("which", ["b", "c"])
def test_two_stages_are_the_imputation(which: str) -> None:
    ours = did.att(staggered_panel(which, "rate"), scale="difference")
    assert ours.value == pytest.approx(expected(f"{which}.did2s")["att"], rel=1e-6)


@pytest.mark.parametrize("which", ["b", "c"])
@pytest.mark.parametrize("weight", [None, "population"])
def test_analytic_error_of_borusyak_jaravel_and_spiess(which: str, weight: str | None) -> None:
    """Their equations 6 to 8 on our residuals give R's error, so our imputation is theirs row by row.

    It is no option of ours: with few areas it is too small. The jackknife is larger, as did2s's error is.
    """
    told = expected(f"{which}.bjs.static")
    rows = staggered(which)
    size = rows[weight].to_numpy() if weight else np.ones(len(rows))
    now = (rows["month"] >= rows["cohort"]).to_numpy()
    z = np.column_stack([pd.get_dummies(rows[name]).to_numpy(float) for name in ("area_id", "month")])
    share = np.where(now, size / size[now].sum(), 0.0)
    bread = np.linalg.pinv(z[~now].T @ (size[~now, None] * z[~now]))
    v = np.where(now, share, -size * (z @ bread @ z[now].T @ share[now]))
    columns = {"weight": weight} if weight else {}
    residual = rows["rate"].to_numpy() - _untreated(staggered_panel(which, "rate", **columns), rows)
    key = rows["cohort"].astype(str) + " " + (rows["month"] - rows["cohort"]).astype(str)
    top, bottom = (
        pd.Series(part).groupby(key.to_numpy()).transform("sum") for part in (v**2 * residual, v**2)
    )
    scores = (
        pd.Series(v * (residual - np.where(now, top / bottom, 0.0))).groupby(rows["area_id"].to_numpy()).sum()
    )
    error = math.sqrt((scores**2).sum())
    assert error == pytest.approx(told["w_se_formula" if weight else "se"], rel=1e-6)
    ours = did.att(staggered_panel(which, "rate", **columns), scale="difference").std_error
    assert error < ours < 1.35 * error
    if not weight:
        assert error < expected(f"{which}.did2s")["se"] < ours


def _untreated(panel: Panel, rows: pd.DataFrame) -> np.ndarray:
    """What each row would have been untreated, by our fit."""
    would_be = imputation.expected(Arms.of(panel, ratio=False).cells)
    place = pd.Index(panel.units).get_indexer(pd.Index(rows["area_id"]))
    return would_be[place, pd.Index(panel.periods).get_indexer(pd.Index(rows["month"]))]


def test_weights_of_two_periods_are_the_weighted_regressions() -> None:
    ours = did.att(areas_panel("rate", weight="population"), scale="difference", inference="cluster")
    assert ours.value == pytest.approx(expected("a.wls.HC1_CR1")["estimate"], rel=CLOSE)


def test_clubsandwichs_cr3_is_ours_without_its_factor() -> None:
    """ClubSandwich leaves (G - 1) / G out of CR3; summclust's jackknife and ours have it."""
    ours = did.att(areas_panel("rate"), scale="difference", inference="cluster").std_error
    assert ours == pytest.approx(expected("a.ols.cluster_CR")["CR3.se"] * math.sqrt(23 / 24), rel=CLOSE)


def test_one_start_is_the_two_sample_comparison_of_changes() -> None:
    ours = did.att(areas_panel("rate"), scale="difference", inference="cluster")
    assert ours.value == pytest.approx(expected("a.fd.equal")["est"], rel=1e-10)
    assert ours.std_error == pytest.approx(expected("a.ols.CR3J")["se"], rel=1e-10)


def test_each_area_left_out() -> None:
    panel, told = areas_panel("rate"), expected("a.ols.CR3J")
    left = [
        did.att(panel.where(panel.frame["unit"] != unit), scale="difference", inference="cluster").value
        for unit in panel.units
    ]
    assert (min(left), max(left)) == pytest.approx((told["loo_min"], told["loo_max"]), rel=1e-10)


def test_jackknife_over_schools() -> None:
    panel, told = schools_panel("incidents_per_1000"), expected("k.CR3J")
    ours = did.att(panel, scale="difference", inference="cluster")
    assert ours.std_error == pytest.approx(told["se"], rel=1e-10)
    for school in panel.units:
        left = did.att(panel.where(panel.frame["unit"] != school), scale="difference", inference="cluster")
        assert left.value == pytest.approx(told[f"loo{school}"], rel=1e-10)


def test_permutation_over_all_792_ways_to_choose_five_schools() -> None:
    ours = did.att(schools_panel("incidents_per_1000"), scale="difference", inference="permutation")
    told = expected("k.collapsed")
    assert ours.value == pytest.approx(told["diff"], rel=1e-10)
    assert ours.p_value == pytest.approx(told["perm_p"], abs=1e-12)
    assert f"all {told['n_perm']:.0f} assignments" in ours.method


def test_ratio_of_ratios_with_exposure_is_fixests_poisson_coefficient() -> None:
    ours = did.att(areas_panel("count", exposure="reach"), inference="cluster")
    assert math.log(ours.value) == pytest.approx(expected("a.fepois")["coef"], rel=CLOSE)


def test_before_and_after_is_the_ratio_of_pooled_rates() -> None:
    ours = before_after.rate_ratio(areas_panel("count", exposure="months"))
    assert ours.value == pytest.approx(expected("a.ba.pois")["rr"], rel=1e-10)

"""The imputation estimate, its jackknife and its permutation test against R."""

import math

import pytest

from toolkit import before_after, did

from .reading import areas_panel, expected, schools_panel, staggered_panel

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

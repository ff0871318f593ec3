"""The fixed-effects regression by name against fixest, and its errors under both conventions."""

import math
from typing import Any

import pytest

from toolkit import did

from .reading import areas_panel, expected, schools_panel, staggered_panel

# R's iterations stop at 1e-6 to 1e-11 of the coefficient, so agreement to 1e-8 is as close as they allow.
CLOSE = 1e-8


@pytest.mark.parametrize("which", ["b", "c"])
def test_least_squares_and_its_clustered_error(which: str) -> None:
    told, ours = (
        expected(f"{which}.twfe.ols"),
        did.two_way(staggered_panel(which, "rate"), scale="difference"),
    )
    assert ours.value == pytest.approx(told["coef"], rel=CLOSE)
    assert ours.std_error == pytest.approx(told["se_cluster"], rel=CLOSE)
    assert ours.p_value == pytest.approx(told["p"], rel=1e-7)
    assert (ours.low, ours.high) == pytest.approx((told["lo"], told["hi"]), rel=CLOSE)


@pytest.mark.parametrize("which", ["b", "c"])
def test_counting_all_dummies(which: str) -> None:
    panel = staggered_panel(which, "rate")
    ours = did.two_way(panel, scale="difference", correction="all_dummies").std_error
    assert ours == pytest.approx(expected(f"{which}.twfe.ols.ssc")["full"], rel=CLOSE)
    assert ours == pytest.approx(expected(f"{which}.twfe.lm_dummies")["CR1_full"], rel=CLOSE)
    default = did.two_way(panel, scale="difference").std_error
    assert default == pytest.approx(expected(f"{which}.twfe.ols.ssc")["nonnested"], rel=CLOSE)


@pytest.mark.parametrize("which", ["b", "c"])
def test_poisson_with_population_as_exposure(which: str) -> None:
    panel, told = staggered_panel(which, "count", exposure="population"), expected(f"{which}.pois.fe")
    ours = did.two_way(panel)
    assert math.log(ours.value) == pytest.approx(told["coef"], rel=CLOSE)
    assert ours.std_error == pytest.approx(told["se_cluster"], rel=CLOSE)
    assert ours.p_value == pytest.approx(told["p"], rel=1e-7)
    assert (ours.low, ours.high) == pytest.approx((told["ratio_lo"], told["ratio_hi"]), rel=CLOSE)
    full = did.two_way(panel, correction="all_dummies").std_error
    assert full == pytest.approx(told["se_cluster_full"], rel=CLOSE)


@pytest.mark.parametrize("which", ["b", "c"])
@pytest.mark.parametrize(
    ("columns", "names"),
    [
        ({"weight": "population"}, ("w_coef", "w_se")),
        ({"covariates": ["log_hours"]}, ("cov_treated", "cov_treated_se")),
    ],
)
def test_weights_and_covariates(which: str, columns: dict[str, Any], names: tuple[str, str]) -> None:
    told = expected(f"{which}.twfe.weighted_cov")
    ours = did.two_way(staggered_panel(which, "rate", **columns), scale="difference")
    assert (ours.value, ours.std_error) == pytest.approx([told[name] for name in names], rel=CLOSE)


@pytest.mark.parametrize("which", ["b", "c"])
@pytest.mark.parametrize(
    ("columns", "names"),
    [
        ({"exposure": "patrol_hours"}, ("coef", "se")),
        ({"exposure": "population", "covariates": ["log_hours"]}, ("cov_coef", "cov_se")),
    ],
)
def test_poisson_exposure_that_does_not_factor(
    which: str, columns: dict[str, Any], names: tuple[str, str]
) -> None:
    told = expected(f"{which}.pois.exposure2")
    ours = did.two_way(staggered_panel(which, "count", **columns))
    assert (math.log(ours.value), ours.std_error) == pytest.approx([told[name] for name in names], rel=CLOSE)


def test_two_periods() -> None:
    told, panel = expected("a.feols.fe"), areas_panel("rate")
    ours = did.two_way(panel, scale="difference")
    assert (ours.value, ours.std_error) == pytest.approx((told["coef"], told["se_default"]), rel=CLOSE)
    assert (ours.p_value, ours.low, ours.high) == pytest.approx(
        (told["p_default"], told["lo"], told["hi"]), rel=CLOSE
    )
    full = did.two_way(panel, scale="difference", correction="all_dummies").std_error
    assert full == pytest.approx(told["se_full"], rel=CLOSE)


def test_two_periods_poisson() -> None:
    told, ours = expected("a.fepois"), did.two_way(areas_panel("count", exposure="reach"))
    assert (math.log(ours.value), ours.std_error) == pytest.approx(
        (told["coef"], told["se_cluster_default"]), rel=CLOSE
    )
    assert ours.p_value == pytest.approx(told["p_cluster"], rel=CLOSE)


def test_few_clusters() -> None:
    told, panel = expected("k.twfe"), schools_panel("incidents_per_1000")
    ours = did.two_way(panel, scale="difference")
    assert (ours.value, ours.std_error, ours.p_value, ours.low, ours.high) == pytest.approx(
        [told[name] for name in ("coef", "se", "p", "lo", "hi")], rel=CLOSE
    )
    full = did.two_way(panel, scale="difference", correction="all_dummies").std_error
    assert full == pytest.approx(told["CR1_full"], rel=CLOSE)


def test_few_clusters_poisson() -> None:
    told, ours = expected("k.pois"), did.two_way(schools_panel("exclusions", exposure="pupils"))
    assert (math.log(ours.value), ours.std_error, ours.p_value) == pytest.approx(
        [told[name] for name in ("coef", "se", "p")], rel=CLOSE
    )

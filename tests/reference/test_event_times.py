"""Event studies against Sun and Abraham's regression in fixest, and the checks before treatment."""

import math

import numpy as np
import pandas as pd
import pytest

from toolkit import Panel, did, placebo, trends

from .reading import expected, staggered, staggered_panel

COHORTS = (13, 19, 25, 31)


def by_event_time(name: str) -> dict[int, float]:
    """Fixest's coefficients by event time."""
    told = expected(name)
    return {int(key[1:-2]): value for key, value in told.items() if key.startswith("e")}


@pytest.mark.parametrize("which", ["b", "c"])
def test_sun_and_abraham_by_least_squares(which: str) -> None:
    told = by_event_time(f"{which}.sunab.ols")
    study = did.event_study(staggered_panel(which, "rate"), leads=30, lags=35, scale="difference")
    ours = study.effects.set_index("event_time")["estimate"]
    assert set(told) == set(ours.index) - {-1}
    assert [ours[e] for e in told] == pytest.approx(list(told.values()), rel=1e-7, abs=1e-9)


@pytest.mark.parametrize("which", ["b", "c"])
def test_sun_and_abraham_over_all_and_by_cohort(which: str) -> None:
    """Averages over event times from the start on, each event time counting by its treated rows."""
    told, panel = expected(f"{which}.sunab.ols"), staggered_panel(which, "rate")
    assert _over_lags(panel) == pytest.approx(told["att"], rel=1e-7)
    frame = panel.frame
    for cohort in COHORTS:
        one = panel.where((frame["treated_from"] == cohort) | ~frame["ever_treated"])
        assert _over_lags(one) == pytest.approx(told[f"g{cohort}.b"], rel=1e-7)


def _over_lags(panel: Panel) -> float:
    study = did.event_study(panel, leads=1, lags=35, scale="difference")
    size = study.effects["n_units"].where(study.effects["event_time"] >= 0, 0).to_numpy(dtype=float)
    return study.combine(size / size.sum(), "average").value


def test_borusyak_jaravel_and_spiess_by_event_time() -> None:
    """Didimputation's lags are the imputation, its "pretrends" a regression on untreated rows: ours too."""
    told = {int(k[1:-2]): value for k, value in expected("b.bjs.event").items() if k.endswith(".b")}
    study = did.event_study(
        staggered_panel("b", "rate"), leads=6, lags=35, base="all_before", scale="difference"
    )
    ours = study.effects.set_index("event_time")["estimate"]
    assert set(told) == set(ours.index)
    assert [ours[e] for e in told] == pytest.approx(list(told.values()), rel=1e-6, abs=1e-7)


@pytest.mark.parametrize("which", ["b", "c"])
def test_gardners_two_stages_by_event_time(which: str) -> None:
    """did2s bins at 12, so that event times 0 to 11 are the imputation's; its leads are residuals."""
    told = {int(k[1:-2]): value for k, value in expected(f"{which}.did2s").items() if k.endswith(".b")}
    study = did.event_study(
        staggered_panel(which, "rate"), leads=1, lags=11, base="all_before", scale="difference"
    )
    ours = study.effects.set_index("event_time")["estimate"]
    assert [ours[e] for e in told] == pytest.approx(list(told.values()), rel=1e-6, abs=1e-7)


def test_a_placebo_start_by_the_regression_and_its_clustered_error() -> None:
    """One start, no gaps: the regression's coefficient is the imputation's effect, and its error is fixest's CR1."""
    told = expected("b.pretrend")
    linear = did.two_way(before("rate").before_treatment().treated_earlier(6), scale="difference")
    assert (linear.value, linear.std_error, linear.p_value) == pytest.approx(
        (told["placebo"], told["placebo_se"], told["placebo_p"]), rel=1e-7
    )
    ratio = did.two_way(before("count", exposure="population").before_treatment().treated_earlier(6))
    assert (math.log(ratio.value), ratio.std_error) == pytest.approx(
        (told["pplacebo"], told["pplacebo_se"]), rel=1e-7
    )


def test_sun_and_abraham_by_poisson_cohort_by_cohort() -> None:
    """Fixest averages the cohorts' log ratios by rows; ours adds up incidents, so cohorts are compared one by one."""
    rows = staggered("c")
    told = by_event_time("c.sunab.pois")
    panel = staggered_panel("c", "count", exposure="population")
    logs = pd.DataFrame({g: _one_cohort(panel, g) for g in COHORTS}).reindex(list(told))
    event_time = rows["month"] - rows["cohort"]
    size = pd.crosstab(event_time, rows["cohort"]).reindex(index=list(told), columns=list(COHORTS))
    size = size.where(logs.notna(), 0)
    average = (logs.fillna(0) * size).sum(axis=1) / size.sum(axis=1)
    assert average.to_list() == pytest.approx(list(told.values()), rel=1e-6, abs=1e-8)
    late = (average * size.sum(axis=1))[lambda row: row.index >= 0].sum() / size.loc[0:].sum().sum()
    assert late == pytest.approx(expected("c.sunab.pois")["att"], rel=1e-6)


def _one_cohort(panel: Panel, cohort: int) -> pd.Series:
    frame = panel.frame
    one = panel.where((frame["treated_from"] == cohort) | ~frame["ever_treated"])
    effects = did.event_study(one, leads=30, lags=35).effects.set_index("event_time")["estimate"]
    return np.log(effects)


def before(outcome: str, **columns: str) -> Panel:
    """The areas up to month 13, as if all that are ever treated had started then: their first start."""
    rows = staggered("b")
    rows = rows[rows["month"] <= 13].assign(
        start=lambda table: table["cohort"].where(table["cohort"].isna(), 13)
    )
    return Panel.of(rows, unit="area_id", period="month", outcome=outcome, treated_from="start", **columns)


def test_slope_before_treatment() -> None:
    """Balanced, least squares: the slope of the effects is the coefficient of ever treated x month."""
    study = did.event_study(before("rate"), leads=12, lags=0, scale="difference")
    answer = trends.test(study)
    assert answer.estimate is not None
    assert answer.estimate.value == pytest.approx(expected("b.pretrend")["slope"], rel=1e-7)


def test_placebo_in_time() -> None:
    told = expected("b.pretrend")

    def difference(panel: Panel):
        return did.att(panel, scale="difference")

    linear = placebo.in_time(before("rate"), difference, shifts=[6])
    assert linear.loc[0, "value"] == pytest.approx(told["placebo"], rel=1e-7)
    ratio = placebo.in_time(before("count", exposure="population"), did.att, shifts=[6])
    assert math.log(ratio.loc[0, "value"]) == pytest.approx(told["pplacebo"], rel=1e-7)

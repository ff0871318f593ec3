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

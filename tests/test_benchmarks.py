"""The fast paths that the benchmarks run on give what the toolkit gives, series by series and draw by draw."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scripts import load

from toolkit import Panel, comparison, did, interrupted, simulate
from toolkit.estimate import Estimate


@pytest.mark.parametrize("scale", ["ratio", "difference"])
def test_batch_and_toolkit_agree(scale: str) -> None:
    batched, bench = load("benchmarks/batched_series.py"), load("benchmarks/interrupted.py")
    problem = bench.problem(scale, 48, 24, 0.4, draws=2, seed=0)
    found = {name: (inside, reach) for name, inside, reach in batched.held(problem)}
    months, how = pd.period_range("2016-01", periods=48, freq="M"), bench.course(scale, 0.4)
    kind, changes = (
        ("count", {"level_change": 0.85, "slope_change": 0.997})
        if scale == "ratio"
        else ("measure", {"level_change": -4, "slope_change": -0.1})
    )
    truth = simulate.series(how, kind=kind, periods=48, first="2016-01", start="2018-01", **changes)[1]
    line = truth.expected["with_programme"].to_numpy()
    series = bench.drawn(how, line, 2, np.random.default_rng(0), count=scale == "ratio")
    for i, values in enumerate(series):
        for name, errors in ((batched.OURS, "autocorrelated"), ("as if independent", "independent")):
            told = interrupted.segmented(
                pd.Series(values, index=months), start="2018-01", scale=scale, errors=errors
            )
            parts = told.level_change, told.slope_change
            reach = [part.std_error * stats.t.ppf(0.975, 40) for part in parts]
            assert found[name][1][i][:2] == pytest.approx(reach, rel=1e-6)
            truths = truth.level_change, truth.slope_change
            inside = [part.low <= value <= part.high for part, value in zip(parts, truths, strict=True)]
            assert found[name][0][i][:2].tolist() == inside


@pytest.fixture(scope="module")
def chosen() -> dict[str, object]:
    """Made-up wards, 50 draws of them, and what the fast path says: nothing of the real records."""
    bench = load("benchmarks/same_rule.py")
    bench.WARDS, bench.ELIGIBLE = 40, 12
    made, _ = simulate.panel(simulate.VIOLENCE_WARD, units=80, periods=60, first="2012-01", treated=0, seed=3)
    count = made.pivot(index="unit", columns="period", values="count")
    return {"bench": bench, "count": count}


@pytest.mark.parametrize(
    ("rule", "baseline"), [("percent_rise", 12), ("rise", 12), ("level", 12), ("percent_rise", 36)]
)
def test_chosen_wards_by_array_and_by_panel(chosen: dict, rule: str, baseline: int) -> None:
    """Every draw, comparison and test of the table is what Panel, comparison.same_rule and did give, to 1e-8."""
    bench = chosen["bench"]
    setting = bench.Setting(
        start="2015-04",
        rule=rule,
        baseline=baseline,
        draws=50 if (rule, baseline) == ("percent_rise", 12) else 8,
    )
    drawn = bench.draw(chosen["count"], setting)
    for name, keep, months in bench.designs(drawn):
        fast = bench.closed_form(drawn, keep, months)
        for which in range(len(drawn.y)):
            panel = like_with_like(bench, drawn, which, name, rule)
            assert set(panel.units) == set(np.flatnonzero(keep[which]))
            usual, effect = did.two_way(panel), did.att(panel, inference="cluster")
            assert fast.log_ratio[which] == pytest.approx(np.log(usual.value), abs=1e-8)
            assert fast.log_ratio[which] == pytest.approx(np.log(effect.value), abs=1e-8)
            assert fast.two_way[which] == pytest.approx(usual.p_value, abs=1e-8)
            assert fast.jackknife[which] == pytest.approx(effect.p_value, abs=1e-8)
            assert fast.poisson[which] == pytest.approx(four_totals(panel).p_value, abs=1e-8)
            said = any("Chance alone does up to" in caution for caution in effect.cautions)
            assert bench.cautioned(drawn, which, keep, months) == said


def test_chosen_wards_by_the_same_randomisation(chosen: dict) -> None:
    bench = chosen["bench"]
    drawn = bench.draw(chosen["count"], bench.Setting(start="2015-04", draws=4))
    for name, keep, months in bench.designs(drawn):
        for which in range(len(drawn.y)):
            panel = like_with_like(bench, drawn, which, name, "percent_rise")
            told = did.att(panel, inference="permutation", draws=bench.ASSIGNMENTS)
            assert bench.randomised(drawn, which, keep, months) == pytest.approx(told.p_value, abs=1e-8)


def like_with_like(bench: ModuleType, drawn: Any, which: int, name: str, rule: str) -> Panel:
    """One draw as an evaluator would have it: wards numbered, months from 0, and the comparison made by the toolkit."""
    wards, months = drawn.y.shape[1:]
    frame = pd.DataFrame(
        {"ward": np.repeat(np.arange(wards), months), "month": np.tile(np.arange(months), wards)}
    )
    frame["count"] = drawn.y[which].astype(int).ravel()
    frame["from"] = np.where(np.repeat(drawn.treated[which], months), float(drawn.baseline), np.nan)
    panel = Panel.of(frame, unit="ward", period="month", outcome="count", treated_from="from")
    start = drawn.baseline
    if name == bench.DROPPED:
        return panel.where(lambda f: ~f["period"].between(start - 3, start - 1))
    if name == bench.PEAK:
        return panel.where(lambda f: f["period"] >= start - 3)
    if name == bench.OTHERS:
        return panel
    against = None if rule == "level" else (start - 12, start - 4)
    return comparison.same_rule(
        panel, first=start - 3, last=start - 1, measure=rule, against=against, top=bench.ELIGIBLE
    )


def four_totals(panel: Panel) -> Estimate:
    """The ratio of ratios of a panel with one start, from its totals."""
    frame = panel.frame
    late = frame["period"] >= next(iter(panel.cohorts))
    totals = frame.groupby([frame["ever_treated"].to_numpy(), late.to_numpy()])["outcome"].sum()
    return did.two_by_two(
        treated_before=totals[True, False],
        treated_after=totals[True, True],
        comparison_before=totals[False, False],
        comparison_after=totals[False, True],
    )


@pytest.mark.parametrize(
    ("rule", "others", "alike"), [("percent_rise", (0.85, 1), (0, 0.12)), ("random", (0, 0.12), (0, 0.12))]
)
def test_the_caution_speaks_of_chosen_wards_and_neither_of_drawn_ones_nor_of_like_with_like(
    chosen: dict, rule: str, others: tuple[float, float], alike: tuple[float, float]
) -> None:
    bench = chosen["bench"]
    drawn = bench.draw(chosen["count"], bench.Setting(start="2015-04", rule=rule, draws=200))
    kept = {name: (keep, months) for name, keep, months in bench.designs(drawn)}
    for name, (low, high) in ((bench.OTHERS, others), (bench.SAME, alike)):
        said = np.mean([bench.cautioned(drawn, which, *kept[name]) for which in range(200)])
        assert low <= said <= high, name

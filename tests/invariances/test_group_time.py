"""Group-time effects: what must not, or must exactly, move them."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
import pytest

from toolkit import Panel, staggered
from toolkit.numerics import student

from .panels import after, panel, rows

SHAPES = {"balanced": {"starts": (6, 8)}, "gaps": {"starts": (6, 8), "gaps": True}}
every_shape = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
both_comparisons = pytest.mark.parametrize("comparison", ["never_treated", "not_yet_treated"])
Ask = Callable[[Panel], pd.DataFrame]
NUMBERS = ("estimate", "low", "high", "std_error", "band_low", "band_high")


def averages(one: Panel, by: str, **options) -> pd.DataFrame:
    """The averages by event time, cohort or period."""
    answer = staggered.aggregate(staggered.att_gt(one, draws=199, **options), by=by)
    return answer if isinstance(answer, pd.DataFrame) else answer.effects


def cells(one: Panel, **options) -> pd.DataFrame:
    """The effects by cohort and period."""
    return staggered.att_gt(one, draws=199, **options).effects


ASKS: dict[str, Callable[..., pd.DataFrame]] = {
    "cells": cells,
    "cells, universal": partial(cells, base="universal"),
    "cells, analytic": partial(cells, inference="analytic"),
    "cells, multiplier": partial(cells, inference="multiplier"),
    "event time": partial(averages, by="event_time"),
    "cohort": partial(averages, by="cohort"),
    "period": partial(averages, by="period"),
}
every_ask = pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS)


def same(one: pd.DataFrame, other: pd.DataFrame, times: np.ndarray | float = 1.0, rel: float = 1e-7) -> None:
    """Equal, but for estimates, ends and bands that are ``times`` as large; errors stay."""
    for name in NUMBERS:
        factor = 1.0 if name == "std_error" else times
        np.testing.assert_allclose(other[name], one[name] * factor, rtol=rel, atol=1e-8)


@every_ask
@both_comparisons
@pytest.mark.parametrize("scale", ["ratio", "difference"])
def test_row_order_and_names(ask: Ask, comparison: str, scale: str) -> None:
    """Draws are ordered by the data, so that the bands stay as well."""
    table = rows(starts=(6, 8), gaps=True)
    areas = table["area"].unique()
    new = dict(zip(areas, np.random.default_rng(2).permutation(len(areas)), strict=True))
    shuffled = table.assign(area=table["area"].map(new)).sample(frac=1, random_state=1)
    asked = partial(ask, comparison=comparison, scale=scale)
    same(asked(panel(table)), asked(panel(shuffled)), rel=1e-8)


@every_shape
@every_ask
@both_comparisons
@pytest.mark.parametrize("by", ["area", "month"])
def test_a_constant_per_unit_or_period_leaves_differences(
    shape: dict, ask: Ask, comparison: str, by: str
) -> None:
    table = rows(**shape)
    moved = table.assign(crimes=table["crimes"] + np.array([0.0, 31.5, 7.25])[pd.factorize(table[by])[0] % 3])
    asked = partial(ask, comparison=comparison)
    same(asked(panel(table)), asked(panel(moved)))


@every_ask
def test_all_outcomes_times_a_constant_multiply_differences(ask: Ask) -> None:
    table = rows(starts=(6, 8))
    one, other = (ask(panel(t)) for t in (table, table.assign(crimes=table["crimes"] * 12)))
    for name in NUMBERS:
        np.testing.assert_allclose(other[name], 12 * one[name], rtol=1e-8, atol=1e-8)


@every_shape
@every_ask
@both_comparisons
def test_all_outcomes_times_a_constant_leave_ratios(shape: dict, ask: Ask, comparison: str) -> None:
    table = rows(**shape)
    asked = partial(ask, scale="ratio", comparison=comparison)
    same(asked(panel(table)), asked(panel(table.assign(crimes=table["crimes"] * 12))))


@every_shape
@every_ask
@pytest.mark.parametrize("by", ["area", "month"])
def test_a_units_or_periods_exposure_times_a_constant_leaves_ratios(shape: dict, ask: Ask, by: str) -> None:
    table = rows(**shape)
    moved = table.assign(people=table["people"] * np.array([1.0, 2.5, 0.4])[pd.factorize(table[by])[0] % 3])
    asked = partial(ask, scale="ratio")
    same(asked(panel(table, exposure="people")), asked(panel(moved, exposure="people")))


@every_ask
def test_weights_times_a_constant_leave_everything(ask: Ask) -> None:
    table = rows(starts=(6, 8))
    table["w"] = np.random.default_rng(1).uniform(1, 2, table["area"].nunique())[
        pd.factorize(table["area"])[0]
    ]
    for scale in ("ratio", "difference"):
        asked = partial(ask, scale=scale)
        same(asked(panel(table, weight="w")), asked(panel(table.assign(w=7 * table["w"]), weight="w")))


def late(table: pd.DataFrame) -> np.ndarray:
    """Rows from the start on."""
    return table["event_time"].to_numpy() >= 0 if "event_time" in table else np.ones(len(table), dtype=bool)


@every_shape
@every_ask
@both_comparisons
def test_a_planted_difference_comes_back_exactly(shape: dict, ask: Ask, comparison: str) -> None:
    table = rows(**shape)
    planted = table.assign(crimes=np.where(after(table), table["crimes"] - 3.25, table["crimes"]))
    one, other = (ask(panel(t), comparison=comparison) for t in (table, planted))
    for name in ("estimate", "low", "high", "band_low", "band_high"):
        np.testing.assert_allclose(other[name], one[name] + np.where(late(one), -3.25, 0.0), atol=1e-8)


@every_shape
@every_ask
@both_comparisons
def test_a_planted_ratio_comes_back_exactly(shape: dict, ask: Ask, comparison: str) -> None:
    table = rows(**shape)
    planted = table.assign(crimes=np.where(after(table), table["crimes"] * 0.7, table["crimes"]))
    one, other = (ask(panel(t), comparison=comparison, scale="ratio") for t in (table, planted))
    same(one, other, np.where(late(one), 0.7, 1.0))


@pytest.mark.parametrize("adjust", ["regression", "weighting", "doubly_robust"])
def test_the_units_of_a_covariate_do_not_matter(adjust: str) -> None:
    table = rows(starts=(6, 8), treated=12, others=16)
    codes = pd.factorize(table["area"])[0]
    table["income"] = np.random.default_rng(2).normal(size=codes.max() + 1)[codes]
    other = table.assign(income=32 + 1800 * table["income"])
    one, moved = (cells(panel(t, covariates=["income"]), adjust=adjust) for t in (table, other))
    same(one, moved, rel=1e-6)


@pytest.mark.parametrize("adjust", ["regression", "weighting", "doubly_robust"])
def test_a_constant_per_unit_or_period_leaves_adjusted_differences(adjust: str) -> None:
    table = rows(starts=(6, 8), treated=12, others=16)
    codes = pd.factorize(table["area"])[0]
    table["income"] = np.random.default_rng(2).normal(size=codes.max() + 1)[codes]
    moved = table.assign(crimes=table["crimes"] + 5.0 * codes + 3.0 * table["month"])
    one, other = (cells(panel(t, covariates=["income"]), adjust=adjust) for t in (table, moved))
    same(one, other, rel=1e-6)


def test_clusters_of_one_unit_are_units() -> None:
    table = rows(starts=(6, 8)).assign(team=lambda t: "team " + t["area"])
    same(cells(panel(table)), cells(panel(table, cluster="team")), rel=1e-10)


@pytest.mark.parametrize("scale", ["ratio", "difference"])
@pytest.mark.parametrize("level", [0.9, 0.95])
def test_the_p_value_of_a_null_at_an_end_is_one_less_the_level(scale: str, level: float) -> None:
    overall = staggered.aggregate(staggered.att_gt(panel(rows(starts=(6, 8))), scale=scale, level=level))
    df = float(
        overall.method.split("t with ")[1].split()[0]
    )  # printed to one digit: near enough for the shape
    value, low = (np.log(x) if scale == "ratio" else x for x in (overall.value, overall.low))
    assert student.two_sided(value - low, overall.std_error, df) == pytest.approx(1 - level, rel=0.02)
    assert (overall.p_value < 1 - level) == (not overall.low <= overall.null <= overall.high)


def test_the_callers_table_is_left_as_it_was() -> None:
    table = rows(starts=(6, 8))
    before = table.copy(deep=True)
    answer = staggered.att_gt(panel(table))
    kept = answer.effects.copy()
    for by in ("overall", "event_time", "cohort", "period"):
        staggered.aggregate(answer, by=by)
    pd.testing.assert_frame_equal(table, before)
    pd.testing.assert_frame_equal(answer.effects, kept)

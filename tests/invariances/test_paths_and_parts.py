"""Event studies, effects by cohort and period, and both scales: what must not, or must exactly, move them."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
import pytest

from toolkit import Panel, did

from .panels import after, panel, rows

SHAPES = {"staggered": {"starts": (6, 8)}, "staggered, gaps": {"starts": (6, 8), "gaps": True}}
every_shape = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
Table = Callable[[Panel], pd.DataFrame]


def path(one: Panel, **options) -> pd.DataFrame:
    """The effects by event time, from four before to three after."""
    return did.event_study(one, leads=4, lags=3, **options).effects


METHODS: dict[str, Callable[..., pd.DataFrame]] = {
    "last_before": partial(path, base="last_before"),
    "all_before": partial(path, base="all_before"),
    "by cohort": partial(did.effects, by="cohort"),
    "by period": partial(did.effects, by="period"),
}
every_method = pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)


def same(one: pd.DataFrame, other: pd.DataFrame, times: np.ndarray | float = 1.0, rel: float = 1e-7) -> None:
    """Equal, but for estimates and ends that are ``times`` as large; errors stay."""
    for name in ("estimate", "low", "high"):
        np.testing.assert_allclose(other[name], one[name] * times, rtol=rel, atol=1e-8)
    np.testing.assert_allclose(other["std_error"], one["std_error"], rtol=rel, atol=1e-8)


@every_shape
@every_method
@pytest.mark.parametrize("by", ["area", "month"])
def test_a_constant_per_unit_or_period_leaves_differences(shape: dict, method: Table, by: str) -> None:
    table = rows(**shape)
    moved = table.assign(crimes=table["crimes"] + np.array([0.0, 31.5, 7.25])[pd.factorize(table[by])[0] % 3])
    ask = partial(method, scale="difference")
    same(ask(panel(table)), ask(panel(moved)))


@every_shape
@every_method
def test_all_outcomes_times_a_constant_leave_ratios(shape: dict, method: Table) -> None:
    table = rows(**shape)
    same(method(panel(table)), method(panel(table.assign(crimes=table["crimes"] * 12))))


@every_shape
@every_method
@pytest.mark.parametrize("by", ["area", "month"])
def test_a_units_or_periods_exposure_times_a_constant_leaves_ratios(
    shape: dict, method: Table, by: str
) -> None:
    """The unit (or period) effect takes it up."""
    table = rows(**shape)
    moved = table.assign(people=table["people"] * np.array([1.0, 2.5, 0.4])[pd.factorize(table[by])[0] % 3])
    same(method(panel(table, exposure="people")), method(panel(moved, exposure="people")))


@pytest.mark.parametrize(
    ("shape", "name"),
    [
        (shape, name)
        for shape in SHAPES
        for name in METHODS
        # A cohort's own path is fitted to its treated cells too, and with gaps a Poisson fit of them leans on each
        # unit's total over both sides: r comes back exactly where no cell is missing.
        if (shape, name) != ("staggered, gaps", "last_before")
    ],
)
def test_a_planted_ratio_comes_back_exactly_in_every_row_from_the_start_on(shape: str, name: str) -> None:
    """Treated cells times r: what was expected stays, so every ratio is r times itself and every lead stays."""
    method = METHODS[name]
    table = rows(**SHAPES[shape])
    planted = table.assign(crimes=np.where(after(table), table["crimes"] * 0.7, table["crimes"]))
    one, other = method(panel(table)), method(panel(planted))
    late = one["event_time"] >= 0 if "event_time" in one else np.ones(len(one), dtype=bool)
    same(one, other, np.where(late, 0.7, 1.0))


@every_shape
@every_method
def test_a_planted_difference_comes_back_exactly_in_every_row_from_the_start_on(
    shape: dict, method: Table
) -> None:
    table = rows(**shape)
    planted = table.assign(crimes=np.where(after(table), table["crimes"] - 3.25, table["crimes"]))
    ask = partial(method, scale="difference")
    one, other = ask(panel(table)), ask(panel(planted))
    late = one["event_time"] >= 0 if "event_time" in one else np.ones(len(one), dtype=bool)
    for name in ("estimate", "low", "high"):
        np.testing.assert_allclose(other[name] - one[name], np.where(late, -3.25, 0.0), atol=1e-8)


@every_method
@pytest.mark.parametrize("scale", ["ratio", "difference"])
def test_the_units_of_a_covariate_do_not_matter(method: Table, scale: str) -> None:
    table = rows(starts=(6, 8))
    table["rain"] = np.random.default_rng(2).normal(size=len(table))
    other = table.assign(rain=32 + 1800 * table["rain"])
    ask = partial(method, scale=scale)
    same(ask(panel(table, covariates=["rain"])), ask(panel(other, covariates=["rain"])), rel=1e-6)


@every_method
def test_row_order_and_names(method: Table) -> None:
    table = rows(starts=(6, 8), gaps=True)
    areas = table["area"].unique()
    new = dict(zip(areas, np.random.default_rng(2).permutation(len(areas)), strict=True))
    shuffled = table.assign(area=table["area"].map(new)).sample(frac=1, random_state=1)
    same(method(panel(table)), method(panel(shuffled)), rel=1e-9)


@every_method
def test_the_callers_table_is_left_as_it_was(method: Table) -> None:
    table = rows(starts=(6, 8))
    before = table.copy(deep=True)
    method(panel(table))
    did.both_scales(panel(table), inference="cluster")
    pd.testing.assert_frame_equal(table, before)


def test_both_scales_in_another_order_under_other_names() -> None:
    table = rows(starts=(6, 8), gaps=True)
    other = table.assign(area="x" + table["area"].str[::-1]).sample(frac=1, random_state=1)
    one, moved = (did.both_scales(panel(t), inference="cluster") for t in (table, other))
    numbers = one.select_dtypes("number")
    np.testing.assert_allclose(moved[numbers.columns], numbers, rtol=1e-8)


def test_both_scales_with_outcomes_times_a_constant() -> None:
    """Percentages stay, incidents are multiplied."""
    table = rows(starts=(6, 8))
    one, other = (
        did.both_scales(panel(t), inference="cluster")
        for t in (table, table.assign(crimes=table["crimes"] * 4))
    )
    per_cent = ["percent", "percent_low", "percent_high"]
    saved = ["prevented", "prevented_low", "prevented_high"]
    np.testing.assert_allclose(other[per_cent], one[per_cent], rtol=1e-7)
    np.testing.assert_allclose(other[saved], 4 * one[saved], rtol=1e-7)

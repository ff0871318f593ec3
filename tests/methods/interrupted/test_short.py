"""The caution of short series: its figures are those of the simulation that is kept."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from made_series import COUNT, OTHER, START

from toolkit import interrupted
from toolkit.methods.interrupted import short

TABLE = Path(__file__).parents[3] / "data" / "derived" / "benchmark_interrupted.csv"
OURS = "averaged over autocorrelation"


@pytest.mark.parametrize("scale", ["ratio", "difference"])
def test_the_figures_are_the_lowest_and_highest_that_were_simulated(scale: str) -> None:
    table = pd.read_csv(TABLE)
    ours = table[(table["method"] == OURS) & (table["scale"] == scale) & (table["periods"] < short.LONG)]
    ends = ours.groupby("periods")["coverage"].agg(["min", "max"]).round(2)
    assert {n: (row["min"], row["max"]) for n, row in ends.iterrows()} == short.COVERED[scale]


@pytest.mark.parametrize("scale", ["ratio", "difference"])
def test_from_48_months_on_effect_and_level_are_where_they_should_be(scale: str) -> None:
    """93.5% to 96.5%, give or take half a point of Monte Carlo error (1.5 errors of 4,000 draws)."""
    table = pd.read_csv(TABLE)
    long = table[(table["method"] == OURS) & (table["scale"] == scale) & (table["periods"] >= short.LONG)]
    parts = long[long["quantity"] != "slope change"]
    assert parts["coverage"].between(0.93, 0.97).all()
    assert (long["coverage"] >= 0.93).all()


def test_no_other_method_that_was_compared_does_as_well_where_neighbours_are_alike() -> None:
    table = pd.read_csv(TABLE)
    worst = table[table["periods"] >= 24].groupby("method")["coverage"].min()
    assert worst.idxmax() == OURS


def test_the_docstring_claims_the_best_worst_case_and_no_more() -> None:
    worst = pd.read_csv(TABLE).groupby("method")["coverage"].min().sort_values(ascending=False)
    assert worst.index[0] == OURS
    ours, second = (f"at least {100 * share:.1f}%" for share in worst.iloc[:2])
    words = " ".join((interrupted.segmented.__doc__ or "").split())
    assert f"held the truth in {ours} of series, those of the next best method in {second}." in words


def test_the_figures_of_a_late_start_are_those_that_were_simulated() -> None:
    table = pd.read_csv(TABLE)
    late = table[
        (table["method"] == OURS)
        & (table["scale"] == "ratio")
        & (table["periods"] >= short.LONG)
        & (table["quantity"] == "slope change")
        & (3 * table["start"] == 2 * table["periods"])
    ]["coverage"]
    assert set(table.loc[late.index, "periods"]) == {48, 96}
    assert (round(late.min(), 2), round(late.max(), 2)) == short.LATE


def test_a_late_start_is_told_of_the_slope_change_of_counts_alone() -> None:
    assert short.late(31, 16) == short.late(31, 15) == ()
    (said,) = short.late(32, 16)
    assert "held it in 96% to 97% of them, so this one is a little wider than need be" in said
    assert short.late(40, 20) == (said,)
    counts = interrupted.segmented(COUNT, start="2021-05")
    assert said in counts.slope_change.cautions
    assert said not in counts.effect.cautions + counts.level_change.cautions
    assert said not in interrupted.segmented(COUNT, start="2021-05", scale="difference").slope_change.cautions
    assert said not in interrupted.segmented(COUNT, start="2021-05", comparison=OTHER).slope_change.cautions
    assert said not in interrupted.segmented(COUNT, start=START).slope_change.cautions


@pytest.mark.parametrize(
    ("fitted", "nearest"), [(11, 12), (12, 12), (23, 12), (24, 24), (35, 24), (36, 36), (47, 36)]
)
def test_the_nearest_shorter_series_is_told(fitted: int, nearest: int) -> None:
    (said,) = short.caution(fitted, "ratio", "month")
    low, high = short.COVERED["ratio"][nearest]
    assert f"only {fitted} months. In simulated series of {nearest}," in said
    assert said.endswith(f"held it in {100 * low:.0f}% to {100 * high:.0f}% of them")


def test_long_series_carry_no_such_caution() -> None:
    assert short.caution(48, "ratio", "month") == ()

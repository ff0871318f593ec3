"""The caution of short series: its figures are those of the simulation that is kept."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

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

"""The caution of a series alone: its figures are those of the real series without a programme that are kept."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from made_series import COUNT, OTHER, START

from toolkit import interrupted
from toolkit.methods.interrupted import alone

TABLE = Path(__file__).parents[3] / "data" / "derived" / "placebo_interrupted.csv"
NAMES = {
    "autocorrelated": "averaged over autocorrelation",
    "newey_west": "Newey-West",
    "independent": "as if independent",
}


@pytest.mark.parametrize("errors", NAMES)
def test_the_figures_are_the_lowest_and_highest_of_the_kinds_of_crime(errors: str) -> None:
    table = pd.read_csv(TABLE)
    ours = table[(table["method"] == NAMES[errors]) & (table["quantity"] == "effect")]
    ends = ours.groupby("periods")["false_alarms"].agg(["min", "max"])
    assert {n: (row["min"], row["max"]) for n, row in ends.iterrows()} == alone.ALARMS[errors]


@pytest.mark.parametrize(("fitted", "months"), [(16, 48), (48, 48), (83, 48), (84, 84), (200, 84)])
def test_the_longest_that_is_no_longer_is_told(fitted: int, months: int) -> None:
    low, high = alone.ALARMS["autocorrelated"][months]
    said = alone.caution(fitted, "autocorrelated")
    assert f"of {months} months in which nothing was done, {100 * low:.0f}% to {100 * high:.0f}%, by" in said


def test_it_is_on_the_answer_of_a_series_alone_and_not_beside_a_comparison() -> None:
    said = alone.caution(60, "autocorrelated")
    found = interrupted.segmented(COUNT, start=START)
    for part in (found.effect, found.level_change, found.slope_change, found.prevented):
        assert said in part.cautions
    beside = interrupted.segmented(COUNT, start=START, comparison=OTHER).effect
    assert not any("No comparison series" in caution for caution in beside.cautions)
    rough = interrupted.segmented(COUNT, start=START, errors="newey_west").effect
    assert alone.caution(60, "newey_west") in rough.cautions


def test_the_docstring_tells_what_a_comparison_did() -> None:
    table = pd.read_csv(TABLE).query("quantity == 'effect'")
    beside = table[table["method"].str.startswith("the same, beside")].groupby("periods")["false_alarms"]
    ends = [
        f"{100 * low:.0f}% to {100 * high:.0f}%" for low, high in zip(beside.min(), beside.max(), strict=True)
    ]
    words = " ".join(interrupted.segmented.__doc__.split())
    assert f"beside the rest of their borough {ends[0]} of 48 months and {ends[1]} of 84." in words

"""Tables of answers: one row each, in words, whatever the scales and levels."""

import math

import pandas as pd
import pytest

from toolkit import DesignError, tables
from toolkit.estimate import Counterfactual, Estimate

FALL = Estimate(0.82, 0.74, 0.91, 0.05, 0.0004, "ATT", "jackknife over 60 wards", "ratio", 0.95, 1060, 12)
SPANS = Estimate(
    -1.2, -2.9, 0.4, math.nan, 0.14, "ATT", "permutation", "difference", 0.95, 60, 12, ("Only 4 areas",)
)
NINETY = Estimate(0.9, 0.8, 1.01, 0.05, math.nan, "ATT", "permutation", "ratio", 0.9, 60, 12)


def test_one_row_per_answer_in_the_order_given():
    table = tables.estimates({"Like with like": FALL, "All other wards": FALL})
    assert list(table.index) == ["Like with like", "All other wards"]
    assert list(table.columns) == ["Estimate", "95% interval", "p", "Units (treated)", "Method"]
    assert list(table.iloc[0]) == [
        "18% lower",
        "9% to 26% lower",
        "<0.001",
        "1,060 (12)",
        "jackknife over 60 wards",
    ]


def test_scales_stand_side_by_side_and_cautions_show():
    table = tables.estimates({"ratio": FALL, "difference": SPANS})
    assert list(table["Estimate"]) == ["18% lower", "1.2 lower"]
    assert table.loc["difference", "95% interval"] == "2.9 lower to 0.4 higher"
    assert list(table["Cautions"]) == ["", "Only 4 areas."]


def test_levels_that_differ_are_said_row_by_row():
    table = tables.estimates({"a": FALL, "b": NINETY})
    assert list(table["Interval"]) == ["95%: 9% to 26% lower", "90%: 20% lower to 1% higher"]
    assert "95% interval" not in table.columns
    assert table.loc["b", "p"] == "not available"


def test_a_counterfactual_shows_its_effect_and_its_own_cautions():
    whole = Counterfactual(pd.DataFrame({"period": []}), FALL, SPANS, cautions=("One month is missing.",))
    table = tables.estimates({"whole": whole})
    assert table.loc["whole", "Estimate"] == "18% lower"
    assert table.loc["whole", "Cautions"] == "One month is missing."


@pytest.mark.parametrize(("wrong", "said"), [({}, "an empty one"), ([FALL], "a list"), (FALL, "an Estimate")])
def test_what_is_no_dict_of_answers_is_refused(wrong, said):
    with pytest.raises(DesignError, match=f"tables.estimates needs a dict of names to estimates, not {said}"):
        tables.estimates(wrong)


def test_what_is_no_answer_is_refused_by_name():
    with pytest.raises(DesignError, match="tables.estimates, at 'guess', needs an Estimate"):
        tables.estimates({"fall": FALL, "guess": 0.8})


def test_a_difference_of_shares_is_told_in_points_once():
    share = Estimate(-0.0412, -0.0813, -0.0009, 0.02, 0.045, "", "", "difference", unit="percentage points")
    row = tables.estimates({"diverted": share}).iloc[0]
    assert (row["Estimate"], row["95% interval"]) == ("4.1 percentage points lower", "0.1 to 8.1 lower")
    assert share.to_frame().loc[0, "value"] == -0.0412

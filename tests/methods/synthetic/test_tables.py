"""Weights and gaps as tidy rows."""

from __future__ import annotations

import numpy as np
import pytest

from toolkit import DesignError, synthetic

from .made import panel, table


def test_weights_make_the_path():
    frame = table()
    one = panel(frame)
    found = synthetic.weights(one)
    assert list(found.columns) == ["unit", "weight", "cohort"] and set(found["cohort"]) == {13}
    assert found["weight"].is_monotonic_decreasing and len(found) == 20
    wide = frame.pivot(index="month", columns="ward", values="crimes")
    path = wide[found["unit"]].to_numpy() @ found["weight"].to_numpy()
    assert path == pytest.approx(synthetic.counterfactual(one).series["expected"].to_numpy())


def test_period_weights_come_in_order_of_time():
    one = panel(table())
    found = synthetic.weights(one, kind="synthetic_did", of="period")
    assert list(found["period"]) == list(range(1, 13)) and found["weight"].sum() == pytest.approx(1)
    assert synthetic.weights(one, of="period")["weight"].to_numpy() == pytest.approx(np.full(12, 1 / 12))


def test_each_cohort_has_weights_of_its_own():
    frame = table(treated=2)
    frame.loc[frame["ward"] == "t1", "began"] = 16.0
    found = synthetic.weights(panel(frame), scale="ratio").groupby("cohort")["weight"]
    assert found.sum().to_dict() == pytest.approx({13: 1.0, 16: 1.0}) and found.size().to_dict() == {
        13: 20,
        16: 20,
    }


def test_of_what():
    with pytest.raises(DesignError, match="of='month' is not known. Use 'unit' or 'period'."):
        synthetic.weights(panel(table()), of="month")


@pytest.mark.parametrize("scale", ["ratio", "difference"])
@pytest.mark.parametrize("treated", [1, 2])
def test_gaps_are_those_of_the_series_and_lots_make_the_p_value(scale, treated):
    one = panel(table(treated=treated))
    rows = synthetic.gaps(one, scale=scale)
    answer = synthetic.counterfactual(one, scale=scale)
    own = rows[rows["treated"]]
    series = answer.series
    gap = (
        series["observed"] / series["expected"]
        if scale == "ratio"
        else series["observed"] - series["expected"]
    )
    assert own["gap"].to_numpy() == pytest.approx(gap.to_numpy())
    assert list(own["after"]) == [False] * 12 + [True] * 6
    lots = rows.drop_duplicates("unit").set_index("unit")
    assert len(lots) == 1 + {1: 20, 2: 230}[treated]
    assert (lots["far"] >= lots["far"].iloc[0]).mean() == pytest.approx(answer.effect.p_value)
    assert lots.index[0] == {1: "t0", 2: "t0, t1"}[treated]
    assert set(rows["scale"]) == {scale}


def test_a_placebo_is_what_the_method_says_without_the_treated():
    """The ward c05 called treated, with the other comparison wards: the same gap."""
    frame = table()
    one = panel(frame)
    rows = synthetic.gaps(one).query("unit == 'c05'")
    rest = panel(frame[frame["ward"] != "t0"]).treated_as({"c05": 13})
    series = synthetic.counterfactual(rest).series
    assert rows["gap"].to_numpy() == pytest.approx((series["observed"] - series["expected"]).to_numpy())

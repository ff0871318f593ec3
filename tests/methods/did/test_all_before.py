"""Event studies against all time before treatment: by hand, piece by piece, and what they say of what is left out."""

import math

import numpy as np
import pandas as pd
import pytest
from made_wards import many, panel, wards

from toolkit import DesignError, did, trends


def study(one, **options):
    return did.event_study(one, **({"leads": 2, "lags": 1, "base": "all_before"} | options))


def test_by_hand() -> None:
    """Treated 10, 20, 30, 12; comparison 40, 40, 40, 60; start in month 4, one lead.

    The lead is 30 against the mean of 10 and 20, as the comparison is level: 30 / 15. The lag is 12 against 60 times
    60 / 120: 12 / 30.
    """
    table = wards({"A": [4, 8, 12, 5], "B": [6, 12, 18, 7], "C": [22, 22, 22, 33], "D": [18, 18, 18, 27]},
                  {"A": 4, "B": 4})  # fmt: skip
    effects = study(panel(table), leads=1, lags=0).effects.set_index("event_time")
    np.testing.assert_allclose(effects["estimate"], [2.0, 0.4], rtol=1e-8)
    assert list(effects["n_units"]) == [2, 2]


@pytest.mark.parametrize("scale", ["ratio", "difference"])
def test_with_one_start_the_lags_add_up_to_the_effect(scale: str) -> None:
    """Expected = observed / ratio, or observed less difference, event time by event time."""
    table = many(6, 7)
    one = panel(table)
    effects = study(one, lags=2, scale=scale).effects.set_index("event_time").loc[0:, "estimate"]
    after = table[(table["began"] == 4) & (table["month"] >= 4)].groupby("month")["asb"].sum().to_numpy()
    whole = did.att(one, scale=scale, inference="cluster").value
    if scale == "ratio":
        assert after.sum() / (after / effects).sum() == pytest.approx(whole, rel=1e-9)
    else:
        assert effects.mean() == pytest.approx(whole, rel=1e-9)


def test_the_jackknife_is_of_the_whole_path() -> None:
    """The covariance is (G - 1) / G times the summed products of what leaving out each ward changes."""
    table = many(4, 5, seed=1)
    whole = study(panel(table))
    wards_there = table["ward"].unique()
    gaps = np.array([study(panel(table[table["ward"] != w])).points - whole.points for w in wards_there])
    np.testing.assert_allclose(whole.covariance, 8 / 9 * gaps.T @ gaps, rtol=1e-7, atol=1e-12)
    assert whole.base == "all_before" and "CR3" in whole.method


def test_leads_that_reach_the_first_period_leave_it_out_and_say_so() -> None:
    answer = study(panel(many(5, 5)), leads=3)  # the start is month 4
    assert list(answer.effects["event_time"]) == [-2, -1, 0, 1]
    assert any(c.startswith("Event time -3 has no earlier untreated time") for c in answer.cautions)
    further = study(panel(many(5, 5)), leads=5)
    assert list(further.effects["event_time"]) == [-2, -1, 0, 1]
    assert any("at event times -5 and -4" in caution for caution in further.cautions)


def test_with_no_lead_left_there_are_lags_alone() -> None:
    table = many(5, 5)
    table = table[table["month"] >= 3]  # one period before
    assert list(study(panel(table), leads=1).effects["event_time"]) == [0, 1]


def test_everybody_treated_in_the_end_needs_no_cut() -> None:
    """The last cohort's untreated time is the comparison; its own lags have nothing to be set against."""
    table = many(8, 0)
    table.loc[table["ward"] > "w03", "began"] = 6
    answer = study(panel(table), lags=2)
    assert list(answer.effects["event_time"]) == [-2, -1, 0, 1]
    assert list(answer.effects["n_units"]) == [8, 8, 4, 4]
    assert any("at event times 2" in caution for caution in answer.cautions)


def test_covariates_are_heeded() -> None:
    """A covariate that made all of the change leaves none: counts are 10 x 2^x by ward, exactly."""
    table = many(4, 5)
    draw = np.random.default_rng(5)
    table["x"] = draw.integers(0, 3, len(table)).astype(float)
    table["asb"] = 10.0 * 2 ** table["x"] * (1 + table["ward"].str[1:].astype(int))
    for base in ("all_before", "last_before"):
        effects = study(panel(table, covariates=["x"]), base=base).effects["estimate"]
        np.testing.assert_allclose(effects, 1.0, rtol=1e-8)


def test_trends_takes_its_leads_as_they_are() -> None:
    """The slope is over all leads, -1 among them; the joint test too, where the study has no base of its own."""
    table = many(12, 12)
    table["month"] += 4
    earlier = many(12, 12, seed=3).assign(began=lambda t: t["began"] + 4)
    earlier = earlier[earlier["month"] <= 4]
    table["began"] += 4
    both = did.event_study(panel(pd.concat([earlier, table])), leads=3, lags=1, base="all_before")
    points = np.log(both.effects.set_index("event_time").loc[-3:-1, "estimate"])
    answer = trends.test(both)
    assert answer.estimate is not None
    assert math.log(answer.estimate.value) == pytest.approx(np.polyfit([-3, -2, -1], points, 1)[0], rel=1e-8)
    assert trends.test(both, joint=True).df == 3


def test_words_say_what_it_is_against() -> None:
    answer = study(panel(many(5, 6)))
    assert answer.average(0, 1).estimand.endswith("event times 0 to 1, against all time before treatment")
    other = study(panel(many(5, 6)), base="last_before")
    assert other.average(0, 1).estimand.endswith("against event time -1")


def test_nothing_to_estimate_is_refused() -> None:
    table = many(4, 4)
    early, late = ["w04", "w05"], ["w06", "w07"]  # the comparison of each side is not seen on the other
    before = table["month"] < 4
    table = table[~(table["ward"].isin(late) & before) & ~(table["ward"].isin(early) & ~before)]
    with pytest.raises(
        DesignError, match="No treated ward can be estimated at any of the event times from 0 to 1"
    ):
        study(panel(table))

"""Averages of group-time effects: by hand, by what counts alike, and as studies that the checks take or refuse."""

import numpy as np
import pytest
from made_wards import many, panel

from toolkit import DesignError, did, plots, staggered, tables, trends, words
from toolkit.estimate import Estimate, EventStudy, GroupTime

from .test_effects import BY_HAND, waves


def made(**options) -> GroupTime:
    return staggered.att_gt(panel(waves(second=3)), **options)


def cells(answer: GroupTime) -> "tuple[np.ndarray, ...]":
    """Estimate, cohort, period and size of the rows from the start on."""
    after = answer.effects.query("event_time >= 0")
    return tuple(after[name].to_numpy(dtype=float) for name in ("estimate", "cohort", "period", "n_units"))


@pytest.mark.parametrize("comparison", ["never_treated", "not_yet_treated"])
def test_averages_by_what_counts_alike(comparison: str) -> None:
    """Five wards from month 4 and three from month 6, weighted as each average says."""
    answer = made(comparison=comparison)
    value, cohort, period, n = cells(answer)
    by_cohort = {g: value[cohort == g].mean() for g in (4, 6)}
    by_period = [np.average(value[period == t], weights=n[period == t]) for t in np.unique(period)]
    lag = period - cohort
    by_lag = [np.average(value[lag == e], weights=n[lag == e]) for e in np.unique(lag)]
    told = {
        "cells": np.average(value, weights=n),
        "cohorts": (5 * by_cohort[4] + 3 * by_cohort[6]) / 8,
        "periods": np.mean(by_period),
        "event_times": np.mean(by_lag),
    }
    for name, expected in told.items():
        assert staggered.aggregate(answer, average_of=name).value == pytest.approx(expected, rel=1e-10)
    table = staggered.aggregate(answer, by="cohort")
    assert list(table["cohort"]) == [4, 6] and list(table["n_units"]) == [5, 3]
    np.testing.assert_allclose(table["estimate"], list(by_cohort.values()), rtol=1e-10)
    np.testing.assert_allclose(staggered.aggregate(answer, by="period")["estimate"], by_period, rtol=1e-10)
    study = staggered.aggregate(answer, by="event_time", first=0)
    np.testing.assert_allclose(study.effects["estimate"], by_lag, rtol=1e-10)


def test_ratios_add_up_observed_and_expected() -> None:
    """Month 3: A and A2 40 against 60 x 45/41. Month 4: A 30 against 60 x 51/41 and B 50 against 70 x 51/45."""
    answer = staggered.att_gt(panel(BY_HAND), scale="ratio")
    expected = np.array([60 * 45 / 41, 60 * 51 / 41, 70 * 51 / 45])
    assert staggered.aggregate(answer).value == pytest.approx(120 / expected.sum(), rel=1e-10)
    by_cohort = staggered.aggregate(answer, by="cohort")["estimate"]
    np.testing.assert_allclose(by_cohort, [70 / expected[:2].sum(), 50 / expected[2]], rtol=1e-10)
    by_period = staggered.aggregate(answer, by="period")["estimate"]
    np.testing.assert_allclose(by_period, [40 / expected[0], 80 / expected[1:].sum()], rtol=1e-10)


def test_the_chance_of_cohort_shares_is_in_the_error() -> None:
    """Cohorts that never scatter but differ: the average still moves with who happened to be in which."""
    flat = BY_HAND[BY_HAND["ward"] != "none"].copy()
    overall = staggered.aggregate(staggered.att_gt(panel(flat), inference="analytic"))
    assert overall.std_error > 0.1  # every ward of a cohort changed by the same amounts, and so did C and D
    rows = staggered.aggregate(staggered.att_gt(panel(flat), inference="analytic"), by="cohort")
    np.testing.assert_allclose(rows["std_error"], 0, atol=1e-12)


def test_one_start_is_the_same_however_counted() -> None:
    answer = staggered.att_gt(panel(many(10, 10)))
    told = [staggered.aggregate(answer, average_of=a) for a in ("cells", "cohorts", "event_times", "periods")]
    for other in told[1:]:
        for name in ("value", "low", "high", "std_error", "p_value"):
            assert getattr(other, name) == pytest.approx(getattr(told[0], name), rel=1e-9)


def test_event_times_cohorts_and_balance() -> None:
    answer = made(base="universal")
    study = staggered.aggregate(answer, by="event_time", first=-2, last=1)
    assert isinstance(study, EventStudy) and list(study.effects["event_time"]) == [-2, -1, 0, 1]
    assert list(study.effects) == ["event_time", "estimate", "low", "high", "std_error", "n_units", "band_low",
                                   "band_high"]  # fmt: skip
    longest = int(answer.effects["event_time"].max())
    balanced = staggered.aggregate(answer, by="event_time", balance=longest)
    assert set(balanced.effects["n_units"]) == {5} and balanced.effects["event_time"].max() == longest
    with pytest.raises(DesignError, match=f"No cohort is observed for {longest + 1} periods after its start"):
        staggered.aggregate(answer, by="event_time", balance=longest + 1)
    overall = staggered.aggregate(answer, last=0)
    rows = answer.effects.query("event_time == 0")
    assert overall.value == pytest.approx(np.average(rows["estimate"], weights=rows["n_units"]), rel=1e-10)


def test_a_study_says_what_it_is_against() -> None:
    study = staggered.aggregate(made(base="universal"), by="event_time")
    assert study.base == "last_before"
    row = study.effects.set_index("event_time").loc[-1]
    assert (row[["estimate", "low", "high", "std_error", "band_low", "band_high"]] == 0).all()
    assert study.average(0, 1).value == pytest.approx(
        study.effects.query("0 <= event_time <= 1")["estimate"].mean()
    )
    assert trends.test(study).p_value == pytest.approx(trends.test(study).p_value)
    varying = staggered.aggregate(made(), by="event_time")
    assert varying.base == "period_before"
    with pytest.raises(DesignError, match="no path to find a slope in"):
        trends.test(varying)
    early = staggered.aggregate(made(base="universal", anticipation=1), by="event_time")
    assert (
        early.base == "before_anticipation"
        and early.effects.set_index("event_time").loc[-2, "std_error"] == 0
    )
    with pytest.raises(DesignError, match="anticipation=0"):
        trends.test(early)


@pytest.mark.parametrize("inference", ["cluster", "analytic", "multiplier"])
def test_the_base_by_itself_is_no_effect(inference: str) -> None:
    study = staggered.aggregate(
        made(base="universal", inference=inference), by="event_time", first=-1, last=-1
    )
    assert study.effects[["estimate", "band_low", "band_high", "std_error"]].to_numpy().tolist() == [
        [0, 0, 0, 0]
    ]


def test_the_path_of_one_cohort_is_that_of_the_event_study() -> None:
    table = many(10, 10)
    ours = staggered.aggregate(staggered.att_gt(panel(table), base="universal"), by="event_time", last=2)
    usual = did.event_study(panel(table), leads=3, lags=2, scale="difference")
    np.testing.assert_allclose(ours.effects["estimate"], usual.effects["estimate"], atol=1e-9)
    # 9/10 against 19/20 of the squares
    np.testing.assert_allclose(
        ours.effects["std_error"], usual.effects["std_error"] * np.sqrt(18 / 19), rtol=1e-6
    )
    assert trends.test(ours).estimate.value == pytest.approx(trends.test(usual).estimate.value, abs=1e-9)


def test_averages_of_a_study_have_the_errors_of_the_whole() -> None:
    """The mean over lags by the study's own covariance, and by the clusters: the same number."""
    answer = made()
    study = staggered.aggregate(answer, by="event_time")
    longest = int(study.effects["event_time"].max())
    one, other = study.average(0, longest), staggered.aggregate(answer, average_of="event_times")
    assert (one.value, one.std_error) == pytest.approx((other.value, other.std_error), rel=1e-9)


def test_an_overall_estimate_is_told_and_drawn() -> None:
    overall = staggered.aggregate(made(scale="ratio"))
    assert isinstance(overall, Estimate) and overall.n_units == 14 and overall.n_treated == 8
    assert "degrees of freedom" in overall.method
    assert words.effect(overall, outcome="Incidents", where="the wards")
    assert len(tables.estimates({"group-time": overall})) == 1


@pytest.mark.parametrize("options", [{}, {"base": "universal"}, {"base": "universal", "anticipation": 1}])
@pytest.mark.parametrize("scale", ["ratio", "difference"])
def test_a_study_is_drawn_with_its_band(options: dict, scale: str) -> None:
    study = staggered.aggregate(made(scale=scale, **options), by="event_time")
    ax = plots.event_study(study)
    band, interval = ax.collections[:2]
    widths = [np.ptp([line[:, 1] for line in bars.get_segments()], axis=1) for bars in (band, interval)]
    assert (widths[0] >= widths[1] - 1e-12).all()
    marked = [text.get_text() for text in ax.texts]
    assert ("base" in marked) == ("base" in options)
    assert ax.get_ylabel().startswith("Change against the")


def test_what_cannot_be_averaged() -> None:
    answer = made()
    with pytest.raises(DesignError, match="aggregate needs a GroupTime, not"):
        staggered.aggregate(answer.effects)
    with pytest.raises(DesignError, match="average_of='cohorts' is for by='overall'"):
        staggered.aggregate(answer, by="cohort", average_of="cohorts")
    with pytest.raises(DesignError, match="balance=2 is for by='event_time'"):
        staggered.aggregate(answer, balance=2)
    with pytest.raises(DesignError, match="first="):
        staggered.aggregate(answer, first=-1)
    with pytest.raises(DesignError, match="No cohort has effects at event times 40 to 41"):
        staggered.aggregate(answer, first=40, last=41)
    for name in ("by", "average_of"):
        with pytest.raises(DesignError, match=r" is not known\. Use '"):
            staggered.aggregate(answer, **{name: "calendar"})

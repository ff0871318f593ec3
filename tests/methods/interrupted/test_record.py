"""A series read in every form that it may have, and refused in every form that it may not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from made_series import COUNT, MONTHS, OTHER, PEOPLE, START

from toolkit import DesignError, Panel, interrupted


def said(series: object = COUNT, **options: object) -> str:
    """What the error says."""
    with pytest.raises(DesignError) as caught:
        interrupted.segmented(series, **({"start": START} | options))
    return str(caught.value)


def panel(units: int = 1, **columns: str) -> Panel:
    rows = pd.DataFrame(
        {"ward": "Bede", "month": MONTHS, "asb": COUNT.to_numpy(), "people": PEOPLE.to_numpy()}
    )
    rows = pd.concat([rows.assign(ward=f"ward {i}") for i in range(units)], ignore_index=True)
    return Panel.of(rows, unit="ward", period="month", outcome="asb", **columns)


EXPECTED = interrupted.segmented(COUNT, start=START).effect


@pytest.mark.parametrize(
    "index",
    [MONTHS, MONTHS.astype(str), MONTHS.to_timestamp(), MONTHS.to_timestamp(how="end").normalize()],
    ids=["periods", "text", "datetimes", "month ends"],
)
@pytest.mark.parametrize(
    "start", ["2021-01", pd.Period("2021-01", "M"), pd.Timestamp("2021-01-15"), "2021-01-31"]
)
def test_every_form_of_month_and_start(index: pd.Index, start: object) -> None:
    assert (
        interrupted.segmented(pd.Series(COUNT.to_numpy(), index=index, name="asb"), start=start).effect
        == EXPECTED
    )


def test_a_panel_of_one_unit_is_its_series() -> None:
    assert interrupted.segmented(panel(), start=START).effect == EXPECTED
    rated = interrupted.segmented(panel(exposure="people"), start=START)
    assert rated.effect == interrupted.segmented(COUNT, start=START, exposure=PEOPLE).effect
    assert interrupted.segmented(COUNT, start=START, exposure=list(PEOPLE)).effect == rated.effect


def test_integers_are_periods_too() -> None:
    numbered = pd.Series(COUNT.to_numpy(), index=range(60))
    found = interrupted.segmented(numbered, start=36)
    assert found.effect.value == interrupted.segmented(COUNT, start=START, season="none").effect.value
    assert "over 24 periods" in found.effect.estimand


def test_the_callers_series_is_not_changed() -> None:
    before = COUNT.copy()
    interrupted.segmented(COUNT, start=START, exclude=["2020-03"])
    pd.testing.assert_series_equal(COUNT, before)


def test_what_is_no_series() -> None:
    assert said([1, 2, 3]) == "series must be a pandas Series on periods, or a Panel of one unit, not a list."
    assert said(COUNT.to_frame()).startswith("series must be a pandas Series on periods")
    assert said(COUNT[:0]) == "The series is empty."
    assert said(panel(3)).startswith(
        "The Panel has 3 wards, and a series is of one: choose one with panel.where"
    )
    assert said(panel(weight="people")).startswith("A single series has no use for weights")
    assert said(pd.Series(range(60), index=[f"a{i}" for i in range(60)])).startswith(
        "The index of series is 'a0'"
    )


def test_indexes_and_exposures_of_other_shapes() -> None:
    levels = pd.Series(COUNT.to_numpy(), index=pd.MultiIndex.from_product([["Bede"], MONTHS]), name="asb")
    assert said(levels) == "The index of asb has 2 levels: give one series on its periods alone."
    for pairs in (np.ones((60, 2)), [[1, 2]] * 60):
        assert said(exposure=pairs) == "exposure holds several numbers for a period: give one for each."
    slip = pd.Series(COUNT.to_numpy(), index=[*range(59), 10**12], name="asb")
    assert said(slip, start=36).startswith(
        "The series runs from 0 to 1000000000000, over more than 100,000 periods"
    )


def test_gaps_and_pairs() -> None:
    gappy = COUNT.drop(COUNT["2020-03":"2020-04"].index)
    assert said(gappy).startswith(
        "The series has a gap: no 2020-03 and 2020-04. Write 0 where nothing happened; where nothing was "
        "recorded, leave the period out by exclude=['2020-03', ...]."
    )
    assert said(pd.concat([COUNT, COUNT["2020-03":"2020-04"]])) == (
        "asb has two rows for 2020-03 (and 1 more such pair): add them up first."
    )


@pytest.mark.parametrize("start", ["2018-01", "2017-12", "2023-01", "2030-01"])
def test_a_start_outside_the_series(start: str) -> None:
    assert said(start=start) == (
        f"start={start} is outside the series, which runs from 2018-01 to 2022-12: it must lie after the first period."
    )


def test_a_start_that_is_no_start() -> None:
    assert said(start=None).startswith("start is missing: give the first period with the programme")
    assert said(start=36).startswith("start holds 36, but the periods are dates such as 2018-01")
    assert said(start="soon").startswith("start is 'soon', not a period")


def test_too_little_before() -> None:
    assert said(start="2018-08").startswith(
        "Only 7 months before the start can be used, and a trend needs at least 8."
    )
    assert said(start="2018-12", exclude=("2018-02", "2018-05")).startswith("Only 7 months before the start")


def test_too_little_after() -> None:
    assert said(start="2022-11").startswith(
        "Only 2 months with the programme, and a change of slope needs at least 3"
    )
    assert interrupted.segmented(COUNT, start="2022-12", slope=False).effect.value > 0
    assert said(phase_in=24) == (
        "No month with the programme is left once the phase-in and the excluded ones are out."
    )


def test_too_many_terms() -> None:
    assert said(COUNT["2018-01":"2019-03"], start="2018-10", season="calendar").startswith(
        "A season cannot be told"
    )
    short = COUNT["2020-01":"2021-03"].reset_index(drop=True)
    assert said(short[:8], start=7).startswith("Only 7 periods before the start")
    quarters = pd.Series(range(9), index=pd.period_range("2018Q1", periods=9, freq="Q"))
    assert said(quarters, start="2020Q1", season="calendar", slope=False).startswith(
        "9 quarters cannot bear 6 terms"
    )
    assert said(
        COUNT["2020-08":"2022-07"], start="2021-10", season=5, exclude=("2021-02", "2021-03")
    ).startswith("A season cannot be told from 1 whole year")


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_missing_or_infinite(wrong: float) -> None:
    spoilt = COUNT.astype(float)
    spoilt["2020-03"] = wrong
    word = "missing" if np.isnan(wrong) else "infinite"
    assert said(spoilt).startswith(f"asb is {word} at 2020-03")
    assert "or leave it out by exclude=" in said(spoilt) and "drop the row" not in said(spoilt)


@pytest.mark.parametrize("wrong", [np.nan, np.inf, 1e31, "n/a", [1]])
def test_what_the_message_advises_helps(wrong: object) -> None:
    spoilt = COUNT.astype(object)
    spoilt.iloc[26] = wrong
    assert "exclude=" in said(spoilt)
    left_out = interrupted.segmented(spoilt, start=START, exclude="2020-03")
    assert left_out.effect == interrupted.segmented(COUNT, start=START, exclude="2020-03").effect


def test_an_exposure_of_none_is_left_out_with_its_month() -> None:
    closed = PEOPLE.copy()
    closed["2020-03"] = 0
    words = "An exposure must be above zero to be divided by: leave those periods out by exclude=, or leave exposure="
    assert words in said(exposure=closed)
    # A count cannot be expected without an exposure, and a rate cannot be observed without one.
    for scale, unknown in (("ratio", "expected"), ("difference", "observed")):
        found = interrupted.segmented(COUNT, start=START, scale=scale, exposure=closed, exclude="2020-03")
        full = interrupted.segmented(COUNT, start=START, scale=scale, exposure=PEOPLE, exclude="2020-03")
        assert found.effect == full.effect and found.prevented == full.prevented
        assert np.flatnonzero(found.series[unknown].isna()).tolist() == [26]


def test_text_for_numbers() -> None:
    spoilt = COUNT.astype(object)
    spoilt["2020-03"] = "n/a"
    assert said(spoilt).startswith("asb is 'n/a' at 2020-03, not a number.")


def test_counts_below_zero_and_no_counts() -> None:
    spoilt = COUNT.copy()
    spoilt["2020-03"] = -1
    assert said(spoilt).startswith(
        "asb is -1 at 2020-03. A ratio is of counts or rates: use scale='difference'."
    )
    assert interrupted.segmented(spoilt, start=START, scale="difference").effect.n_units == 1
    left_out = interrupted.segmented(spoilt, start=START, exclude="2020-03")
    assert left_out.effect == interrupted.segmented(COUNT, start=START, exclude="2020-03").effect
    before, after = COUNT.copy(), COUNT.copy()
    before[: MONTHS[35]], after[MONTHS[36] :] = 0, 0
    assert said(before).startswith("asb has no incidents before the start, so no ratio can be formed.")
    assert said(after).startswith("asb has no incidents from the start on, so no ratio can be formed.")


def test_exposures_that_do_not_fit() -> None:
    assert said(exposure=PEOPLE[:-1]).startswith("The exposure of asb lacks 2022-12")
    assert (
        said(exposure=list(PEOPLE[:-1]))
        == "exposure holds 59 numbers and the series 60: one for each period."
    )
    assert said(exposure="people").startswith(
        "exposure must be a pandas Series on the same periods, not a str"
    )
    assert said(exposure=PEOPLE * 0).startswith("exposure is 0 at 2018-01 (and 59 more such rows)")
    assert said(panel(exposure="people"), exposure=PEOPLE).startswith("The Panel has an exposure already")


def test_comparisons_that_do_not_fit() -> None:
    assert said(comparison=OTHER[1:]).startswith("asb elsewhere lacks 2018-01, which the series has")
    late = pd.Series(1, index=pd.period_range("2018-02", periods=60, freq="M"), name="late")
    assert said(comparison=late).startswith("late holds 2023-01, which the series does not")
    assert said(comparison=[1, 2]).startswith(
        "comparison must be a pandas Series on periods, or a Panel of one unit"
    )
    assert said(comparison=OTHER, exposure=PEOPLE).startswith(
        "One of the series and its comparison has an exposure"
    )
    assert said(comparison=OTHER * 0).startswith("asb elsewhere has no incidents before the start")


def test_a_series_without_scatter() -> None:
    for scale in ("difference", "ratio"):
        assert said(COUNT * 0 + 5, scale=scale).startswith("The series lies exactly on its line")
    assert said(COUNT * 1e-200, scale="difference").startswith("The series lies exactly on its line")


def test_words_that_are_not_known() -> None:
    assert said(scale="log").startswith("scale='log' is not known")
    assert said(errors="hac").startswith("errors='hac' is not known")
    assert said(phase_in=-1).startswith("phase_in=-1 must be a whole number")
    assert said(lags=1.5, errors="newey_west").startswith("lags=1.5 must be a whole number")
    assert said(slope="no") == "slope='no' must be True or False."
    assert said(slope=1) == "slope=1 must be True or False."
    assert (
        said(lags=4)
        == "lags= is for errors='newey_west', and errors='autocorrelated' has none: leave it out."
    )
    assert said(lags=4, errors="independent").startswith("lags= is for errors='newey_west'")
    assert said(lags=60, errors="newey_west") == "lags=60 must be fewer than the 60 periods that are fitted."
    assert said(exclude="2031-03") == (
        "exclude holds 2031-03, which is outside the series: it runs from 2018-01 to 2022-12."
    )
    assert said(level=95).startswith("level=95 must be between 0 and 1")

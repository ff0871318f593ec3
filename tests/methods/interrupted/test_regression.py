"""The segmented regression: what it recovers exactly, what it says, and what its answer holds."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from made_series import AFTER, COUNT, MEASURE, MONTHS, OTHER, PEOPLE, START

from toolkit import Panel, interrupted
from toolkit.estimate import Counterfactual, Estimate, Segmented


def answer(series: pd.Series = COUNT, **options) -> Segmented:
    return interrupted.segmented(series, start=START, **options)


def test_a_planted_step_and_bend_are_found() -> None:
    """Noise of a thousandth: level -4 at the start, 0.3 a month further on, mean -4 + 0.3 x 11.5 over 24 months."""
    noise = 1e-3 * np.random.default_rng(1).standard_normal(60)
    since = np.arange(60) - 36
    bent = 20 + 0.1 * since + np.where(AFTER, -4 + 0.3 * since, 0) + noise
    found = answer(pd.Series(bent, index=MONTHS), scale="difference", season="none")
    assert found.level_change.value == pytest.approx(-4, abs=2e-3)
    assert found.slope_change.value == pytest.approx(0.3, abs=2e-4)
    assert found.effect.value == pytest.approx(-4 + 0.3 * 11.5, abs=3e-3)
    assert found.prevented.value == pytest.approx(24 * (4 - 0.3 * 11.5), abs=0.1)


def test_without_slope_and_season_independent_errors_are_a_known_regression() -> None:
    """Poisson with a step alone and no trend would be a ratio of means; with a trend, statsmodels says."""
    import statsmodels.api as sm

    x = np.column_stack([np.ones(60), np.arange(60), AFTER])
    theirs = sm.GLM(COUNT.to_numpy(), x, sm.families.Poisson()).fit(scale="X2", use_t=True, tol=1e-14)
    ours = answer(slope=False, season="none", errors="independent")
    assert math.log(ours.level_change.value) == pytest.approx(theirs.params[2], rel=1e-8)
    assert ours.level_change.std_error == pytest.approx(theirs.bse[2], rel=1e-8)
    assert ours.level_change.p_value == pytest.approx(theirs.pvalues[2], rel=1e-8)
    assert np.log([ours.level_change.low, ours.level_change.high]) == pytest.approx(
        theirs.conf_int()[2], rel=1e-8
    )
    assert ours.dispersion == pytest.approx(theirs.scale, rel=1e-8)


def test_with_a_constant_change_every_ratio_is_the_step() -> None:
    found = answer(slope=False)
    numbers = [getattr(found.effect, name) for name in ("value", "low", "high", "p_value")]
    assert numbers == pytest.approx(
        [getattr(found.level_change, name) for name in ("value", "low", "high", "p_value")]
    )
    rows = found.series[AFTER]
    assert rows["expected"].min() > 0


def test_no_slope_asked_for_is_no_slope_estimated() -> None:
    for scale, ends in (("ratio", (0, math.inf)), ("difference", (-math.inf, math.inf))):
        slope = answer(scale=scale, slope=False).slope_change
        assert math.isnan(slope.value) and math.isnan(slope.std_error) and math.isnan(slope.p_value)
        assert (slope.low, slope.high) == ends
        assert any("slope=False" in caution for caution in slope.cautions)


def test_the_ratio_and_its_prevented_incidents_are_one_answer() -> None:
    found = answer()
    seen = COUNT[AFTER].sum()
    assert found.prevented.value == pytest.approx(seen * (1 / found.effect.value - 1))
    assert found.prevented.low == pytest.approx(seen * (1 / found.effect.high - 1))
    assert found.prevented.high == pytest.approx(seen * (1 / found.effect.low - 1))
    assert (found.prevented.low > 0) == (found.effect.high < 1)


def test_with_independent_errors_the_modelled_sum_is_the_observed_one() -> None:
    """The score equations of Poisson: fitted and observed counts add up to the same after the start."""
    found = answer(errors="independent")
    assert found.effect.value == pytest.approx(
        COUNT[AFTER].sum() / found.series["expected"][AFTER].sum(), rel=1e-9
    )


def test_differences_in_a_rate_are_turned_into_incidents_by_the_exposure() -> None:
    """With a constant change per head, prevented is that change times the people in those months."""
    found = answer(scale="difference", exposure=PEOPLE, slope=False)
    assert found.prevented.value == pytest.approx(-found.effect.value * PEOPLE[AFTER].sum())
    assert found.series["observed"].to_numpy() == pytest.approx((COUNT / PEOPLE).to_numpy())
    assert found.measure == "asb per exposure"


def test_a_difference_in_a_rate_whose_exposure_grows_is_per_exposure_of_the_whole_time() -> None:
    """A rise of 30% in its first year alone, the exposure growing twentyfold: the later, larger months count for more.

    (with - without) x exposure, summed over the months and over the exposure, is the mean per exposure.
    """
    since = np.arange(60) - 30
    exposure = np.linspace(10, 200, 60)
    count = np.random.default_rng(17).poisson(exposure * (1 + 0.3 * ((since >= 0) & (since < 12))))
    series = pd.Series(count, index=MONTHS, name="asb")
    found = interrupted.segmented(series, start="2020-07", scale="difference", exposure=exposure)
    later = since >= 0
    gap = found.level_change.value + found.slope_change.value * since[later]
    total = gap @ exposure[later]
    assert found.effect.value == pytest.approx(total / exposure[later].sum(), rel=1e-10)
    assert found.prevented.value == pytest.approx(-total, rel=1e-10)
    ends = [found.prevented.low, found.prevented.high]
    assert ends == pytest.approx(
        [-total / found.effect.value * e for e in (found.effect.high, found.effect.low)]
    )
    assert (found.effect.low > 0) == (found.prevented.high < 0)
    assert found.effect.p_value == found.prevented.p_value


def test_the_line_before_the_start_is_the_fit_and_after_it_has_no_change_in_it() -> None:
    found = answer(MEASURE, scale="difference", season="none", errors="independent")
    before = found.series[~AFTER]
    x = np.arange(36)
    straight = np.polyval(np.polyfit(x, MEASURE[~AFTER], 1), np.arange(60))
    assert before["expected"].to_numpy() == pytest.approx(straight[:36], rel=1e-9)
    assert found.series["expected"].to_numpy() == pytest.approx(straight, rel=1e-9)
    assert (found.series["low"] < found.series["expected"]).all()
    assert (found.series["expected"] < found.series["high"]).all()


def test_with_a_comparison_expected_follows_it() -> None:
    """Counts: the comparison times a smooth ratio, here with a trend alone. Measures: the comparison plus a line."""
    found = answer(comparison=OTHER, season="none").series
    steps = np.diff(np.log(found["expected"].to_numpy() / OTHER.to_numpy()))
    assert steps == pytest.approx(np.full(59, steps[0]))
    found = answer(scale="difference", comparison=OTHER, season="none").series
    steps = np.diff(found["expected"].to_numpy() - OTHER.to_numpy())
    assert steps == pytest.approx(np.full(59, steps[0]))


def test_where_the_comparison_has_none_or_no_record_expected_has_none_or_is_not_known() -> None:
    gappy = OTHER.astype(float)
    gappy["2022-05"] = 0
    gappy["2022-06"] = np.nan
    rows = answer(comparison=gappy, exclude=["2022-06"]).series.set_index("period")
    assert rows.loc["2022-05", ["expected", "low", "high"]].tolist() == [0, 0, 0]
    assert rows.loc["2022-06", ["expected", "low", "high"]].isna().all()
    assert rows.drop(pd.Period("2022-06", "M")).notna().all(axis=None)


def test_with_a_comparison_the_ratio_is_that_of_the_interacted_poisson_model() -> None:
    """Group, group x time, group x post, group x post x time and an effect for every month (statsmodels)."""
    import statsmodels.api as sm

    since = np.arange(60) - 36
    own = np.column_stack([np.ones(60), since, AFTER, AFTER * since])
    x = np.block([[np.eye(60), own], [np.eye(60), np.zeros((60, 4))]])
    both = np.concatenate([COUNT.to_numpy(), OTHER.to_numpy()])
    theirs = sm.GLM(both, x, sm.families.Poisson()).fit(tol=1e-14)
    ours = answer(comparison=OTHER, season="none", errors="independent")
    assert math.log(ours.level_change.value) == pytest.approx(theirs.params[62], rel=1e-7)
    assert math.log(ours.slope_change.value) == pytest.approx(theirs.params[63], rel=1e-6)


def test_a_comparison_with_an_exposure_of_its_own() -> None:
    """Exposures that stay in proportion change nothing but the level of the odds."""

    def panel(series: pd.Series, people: pd.Series) -> Panel:
        rows = pd.DataFrame(
            {"unit": "one", "month": MONTHS, "n": series.to_numpy(), "people": people.to_numpy()}
        )
        return Panel.of(rows, unit="unit", period="month", outcome="n", exposure="people")

    plain = answer(comparison=OTHER)
    scaled = answer(panel(COUNT, PEOPLE), comparison=panel(OTHER, 3 * PEOPLE))
    assert scaled.effect.value == pytest.approx(plain.effect.value, rel=1e-9)
    assert scaled.series["expected"].to_numpy() == pytest.approx(
        plain.series["expected"].to_numpy(), rel=1e-9
    )


def test_what_is_left_out_is_drawn_and_not_fitted() -> None:
    spoilt = COUNT.copy()
    spoilt["2020-03":"2020-06"] = 9999
    spoilt["2021-01":"2021-02"] = 9999
    found = answer(spoilt, phase_in=2, exclude=("2020-03", "2020-06"))
    other = answer(COUNT, phase_in=2, exclude=[("2020-03", "2020-05"), "2020-06"])
    assert found.effect == other.effect
    assert found.gaps == ((MONTHS[26], MONTHS[29]), (MONTHS[36], MONTHS[37]))
    assert found.series["observed"].max() == 9999 and len(found.series) == 60
    assert "over 22 months" in found.effect.estimand and "6 months left out" in found.effect.method


def test_what_is_left_out_may_be_missing() -> None:
    short = COUNT.drop(COUNT["2020-03":"2020-06"].index)
    found = answer(short, exclude=("2020-03", "2020-06"))
    assert found.effect == answer(exclude=("2020-03", "2020-06")).effect
    assert found.series["observed"].isna().sum() == 4
    empty = COUNT.astype(float)
    empty["2020-03":"2020-06"] = np.nan
    assert answer(empty, exclude=("2020-03", "2020-06")).effect == found.effect


def test_it_is_a_counterfactual_whose_parts_are_estimates() -> None:
    found = answer()
    assert isinstance(found, Counterfactual)
    assert list(found.series.columns) == ["period", "observed", "expected", "low", "high"]
    assert all(isinstance(part, Estimate) for part in (found.effect, found.level_change, found.slope_change))
    assert found.treated_from == (pd.Period(START, "M"),)
    assert -1 < found.autocorrelation < 1 and found.measure == "asb"
    assert "level change: ratio" in str(found) and "slope change per period: ratio" in str(found)
    assert (found.effect.n_units, answer(comparison=OTHER).effect.n_units) == (1, 2)


def test_errors_for_reproducing_others_are_cautioned() -> None:
    for errors in ("newey_west", "independent"):
        found = answer(errors=errors)
        assert any("too small" in caution for caution in found.effect.cautions)
        assert math.isnan(found.autocorrelation)


def test_a_trend_carried_further_than_it_was_seen_is_cautioned() -> None:
    late = interrupted.segmented(COUNT, start="2019-07")
    assert any("trend of 18 months is carried forward over 42" in caution for caution in late.effect.cautions)


def test_a_short_series_says_what_was_simulated() -> None:
    short = interrupted.segmented(COUNT["2019-07":"2022-06"], start=START)
    assert any("only 36 months. In simulated series of 36" in caution for caution in short.effect.cautions)
    assert not any("short series" in caution for caution in answer().effect.cautions)


def test_a_measure_is_not_incidents() -> None:
    found = answer(MEASURE, scale="difference")
    assert (
        "fear is not a count, so what was prevented is in its own units, added up over periods"
        in found.prevented.cautions
    )
    assert math.isnan(found.dispersion)


def test_level_is_of_the_interval() -> None:
    wide, narrow = answer(level=0.99).effect, answer(level=0.8).effect
    assert wide.low < narrow.low < narrow.value == wide.value < narrow.high < wide.high


def test_autocorrelation_is_felt() -> None:
    """The same noise in order and shuffled: in order it carries over, and the interval is wider."""
    draw = np.random.default_rng(5)
    path = draw.standard_normal(60)
    for t in range(1, 60):
        path[t] += 0.7 * path[t - 1]
    smooth = answer(pd.Series(path, index=MONTHS), scale="difference", season="none")
    shuffled = answer(pd.Series(draw.permutation(path), index=MONTHS), scale="difference", season="none")
    assert smooth.autocorrelation > shuffled.autocorrelation + 0.3
    assert smooth.effect.std_error > 1.5 * shuffled.effect.std_error

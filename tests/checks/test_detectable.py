"""The trend that could have been missed, and what it would leave: by the definitions, and by drawing studies."""

import math
from dataclasses import replace

import numpy as np
import pytest
from made_wards import many, panel, wards
from scipy import stats

from toolkit import DesignError, did, trends
from toolkit.numerics import pretest


def study(scale: str = "ratio", *, leads: int = 4, lags: int = 1, seed: int = 0):
    return did.event_study(panel(many(8, 9, seed, start=5)), leads=leads, lags=lags, scale=scale)


def logs(values, scale: str):
    return np.log(np.asarray(values, dtype=float)) if scale == "ratio" else np.asarray(values, dtype=float)


@pytest.mark.parametrize("scale", ["ratio", "difference"])
@pytest.mark.parametrize("power", [0.5, 0.8])
def test_the_test_finds_that_slope_that_often(scale: str, power: float) -> None:
    """The noncentral t: slope over its error is the noncentrality at which the test rejects with that power."""
    one = study(scale)
    before, found = trends.test(one), trends.detectable(one, power=power)
    shift = abs(logs(found.slope, scale)) / before.estimate.std_error
    edge = stats.t.ppf(0.975, before.df)
    got = 1 - stats.nct.cdf(edge, before.df, shift) + stats.nct.cdf(-edge, before.df, shift)
    assert got == pytest.approx(power, abs=1e-7)
    assert found.test.p_value == before.p_value and found.power == power


@pytest.mark.parametrize("scale", ["ratio", "difference"])
def test_what_it_leaves_without_looking_at_the_test(scale: str) -> None:
    """A line through no effect at event time -1; over event times 0 and 1 its mean is 1.5 slopes, and 3 slopes above
    the middle of event times -4 to -1.
    """
    found = trends.detectable(study(scale))
    slope = float(logs(found.slope, scale))
    assert logs(found.path["trend"], scale) == pytest.approx(slope * np.array([-3, -2, -1, 0, 1, 2]))
    assert logs(found.bias["bias"], scale) == pytest.approx([1.5 * slope, 3 * slope])
    assert list(found.bias["against"]) == ["event time -1", "event times -4 to -1"]


@pytest.mark.parametrize("scale", ["ratio", "difference"])
def test_what_it_leaves_where_the_test_passes(scale: str) -> None:
    """Regression of each effect on the slope, times what passing takes from the slope, written out anew."""
    one = study(scale)
    found, before = trends.detectable(one), trends.test(one)
    slope, error = float(logs(found.slope, scale)), before.estimate.std_error
    weights = np.array([-1.5, -0.5, 0.5, 1.5, 0, 0]) / 5
    spread = one.covariance.to_numpy()
    left = math.copysign(error, slope) * pretest.passing(abs(slope) / error, before.df, 0.95).mean
    given = slope * np.array([-3, -2, -1, 0, 1, 2]) + spread @ weights / error**2 * (left - slope)
    assert logs(found.path["given_passing"], scale) == pytest.approx(given, abs=1e-10)
    means = [given[4:].mean(), given[4:].mean() - given[:4].mean()]
    assert logs(found.bias["bias_given_passing"], scale) == pytest.approx(means, abs=1e-10)
    # The slope of the path to be expected is what passing leaves of the slope.
    assert weights @ given == pytest.approx(left, abs=1e-10)


def test_by_drawing_studies_that_pass() -> None:
    """Studies drawn around the trend with this covariance, tested with an error of as many degrees of freedom."""
    one = study("difference")
    found, before = trends.detectable(one), trends.test(one)
    rng, free = np.random.default_rng(1), [0, 1, 2, 4, 5]  # the base is no effect without error
    spread = one.covariance.to_numpy()[np.ix_(free, free)]
    drawn = rng.multivariate_normal(found.path["trend"].to_numpy()[free], spread, size=200_000)
    slopes = drawn[:, :3] @ np.array([-1.5, -0.5, 0.5]) / 5  # the base is 0, and weighs nothing
    error = before.estimate.std_error * np.sqrt(rng.chisquare(before.df, len(slopes)) / before.df)
    passed = drawn[np.abs(slopes / error) <= stats.t.ppf(0.975, before.df)]
    assert len(passed) / len(drawn) == pytest.approx(0.2, abs=0.005)
    told = found.path["given_passing"].to_numpy()[free]
    assert passed.mean(axis=0) == pytest.approx(
        told, abs=float(4.5 * (passed.std(axis=0) / math.sqrt(len(passed))).max())
    )


def test_the_direction_is_that_of_the_effect() -> None:
    """The treated fall to a third from the start on: a missed trend that looks like it goes down."""
    table = many(8, 9, start=5)
    down = table["began"].notna() & (table["month"] >= 5)
    for factor, way in ((1 / 3, -1), (3.0, 1)):
        moved = panel(table.assign(asb=table["asb"] * np.where(down, factor, 1.0)))
        found = trends.detectable(did.event_study(moved, leads=4, lags=1))
        assert math.copysign(1, math.log(found.slope)) == way
        assert found.bias.loc[0, "estimate"] == pytest.approx(
            did.event_study(moved, leads=4, lags=1).average(0, 1).value
        )


def test_more_power_takes_a_steeper_trend() -> None:
    one = study("difference")
    slopes = [abs(trends.detectable(one, power=power).slope) for power in (0.2, 0.5, 0.8, 0.99)]
    assert slopes == sorted(slopes) and slopes[0] < slopes[-1] / 2


def test_it_prints() -> None:
    found = trends.detectable(study())
    assert "is found with a probability of 0.8 (slope over 4 event times before treatment" in str(found)
    assert found._repr_html_().startswith("<p>a ratio of ")
    assert found.to_frame().equals(found.bias) and found.to_frame() is not found.bias


def test_what_it_refuses() -> None:
    one = study()
    with pytest.raises(DesignError, match="base='all_before': make it with .*base='last_before'"):
        trends.detectable(replace(one, base="all_before"))
    for power in (0.05, 0.01, 1, 0, -1, "0.8", None, True, float("nan")):
        with pytest.raises(DesignError, match=r"^power=.* must be above 0.05"):
            trends.detectable(one, power=power)
    with pytest.raises(DesignError, match="trends.detectable needs an EventStudy, not a list"):
        trends.detectable([1])
    with pytest.raises(DesignError, match="the study has 2: use more leads"):
        trends.detectable(study(leads=2))


def test_paths_without_any_noise_have_no_error_to_judge_by() -> None:
    table = wards({f"w{i}": [4.0 * (i + 1)] * 6 for i in range(8)}, {f"w{i}": 5 for i in range(4)})
    level = did.event_study(panel(table), leads=4, lags=1, scale="difference")
    with pytest.raises(DesignError, match="no error to judge a slope by"):
        trends.detectable(level)


def test_leads_that_rest_on_one_area_are_refused_by_name() -> None:
    """Month 2 has incidents in one treated ward alone, and month 3 in none: no slope of logs."""
    quiet = {f"w{i}": [5.0, 4 if i == 0 or i > 2 else 0, 0 if i <= 2 else 5, 6, 5, 6] for i in range(8)}
    table = wards(quiet, dict.fromkeys(["w0", "w1", "w2"], 5))
    one = did.event_study(panel(table), leads=4, lags=1)
    for check in (trends.test, trends.detectable):
        with pytest.raises(
            DesignError, match=r"event times -3 and -2 rest on no incidents, or on those of one area"
        ):
            check(one)
    trends.test(did.event_study(panel(table), leads=4, lags=1, scale="difference"))


def test_a_lag_without_incidents_leaves_the_leads_alone() -> None:
    table = many(6, 6, start=5)
    gone = table["began"].notna() & (table["month"] == 6)
    found = trends.detectable(
        did.event_study(panel(table.assign(asb=table["asb"].where(~gone, 0))), leads=4, lags=1)
    )
    assert np.isfinite(found.path.loc[found.path["event_time"] < 1, "given_passing"]).all()

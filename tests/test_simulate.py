"""Simulated panels: what was planted is what the truth says, and the counts behave as the setting says."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from toolkit import DesignError, simulate

FLAT = simulate.Setting(mean=10, spread=0, season=(1,) * 12, drift=0, persistence=0, dispersion=0)


def matrix(frame: pd.DataFrame, column: str) -> np.ndarray:
    """Units by periods."""
    return frame[column].to_numpy().reshape(frame["unit"].nunique(), -1)


def test_one_row_per_unit_and_period():
    frame, _ = simulate.panel(units=7, periods=5, first="2019-11", treated=2)
    assert list(frame.columns) == ["unit", "period", "count", "treated_from"]
    assert len(frame) == 35
    assert not frame.duplicated(["unit", "period"]).any()
    assert list(frame["period"].unique()) == ["2019-11", "2019-12", "2020-01", "2020-02", "2020-03"]
    assert frame["unit"].iloc[0] == "area 01"


def test_same_input_same_bits():
    first, _ = simulate.panel(seed=7)
    again, _ = simulate.panel(seed=7)
    pd.testing.assert_frame_equal(first, again)
    pd.testing.assert_frame_equal(simulate.panel()[0], simulate.panel(seed=0)[0])
    pd.testing.assert_frame_equal(simulate.panel(seed=np.random.default_rng(7))[0], first)
    assert not first["count"].equals(simulate.panel(seed=8)[0]["count"])


def test_a_generator_moves_on():
    rng = np.random.default_rng(7)
    assert not simulate.panel(seed=rng)[0]["count"].equals(simulate.panel(seed=rng)[0]["count"])


@pytest.mark.parametrize("rate_ratio", [0, 0.5, 1.7])
def test_the_effect_leaves_untreated_cells_alone(rate_ratio):
    without, _ = simulate.panel(rate_ratio=1, seed=3)
    with_programme, _ = simulate.panel(rate_ratio=rate_ratio, seed=3)
    treated = (without["period"] >= without["treated_from"]).to_numpy()
    assert treated.sum() == 10 * 24
    assert with_programme["treated_from"].equals(without["treated_from"])
    difference = (with_programme["count"] - without["count"]).to_numpy()
    assert (difference[~treated] == 0).all()
    assert (np.sign(difference[treated]).sum() < 0) == (rate_ratio < 1)
    assert not (difference[treated] * (rate_ratio - 1) < 0).any()


def test_a_rate_ratio_of_zero_leaves_nothing():
    frame, truth = simulate.panel(rate_ratio=0)
    assert frame.loc[frame["period"] >= frame["treated_from"], "count"].sum() == 0
    assert truth.rate_ratio == 0


def test_poisson_mean_and_variance():
    # 48,000 Poisson counts of mean 10: standard error of the mean sqrt(10 / 48,000) = 0.0144,
    # of the variance sqrt((10 + 2 x 100) / 48,000) = 0.066. Four of each.
    count = simulate.panel(FLAT, units=400, periods=120, treated=0)[0]["count"]
    assert abs(count.mean() - 10) < 4 * 0.0144
    assert abs(count.var() - 10) < 4 * 0.066


def test_dispersion_is_nb2():
    # Variance 10 + 0.2 x 10^2 = 30. Excess kurtosis 6 / 5 + 1 / 30, so its standard error is
    # 30 x sqrt((2 + 1.233) / 48,000) = 0.246.
    count = simulate.panel(replace(FLAT, dispersion=0.2), units=400, periods=120, treated=0)[0]["count"]
    assert abs(count.mean() - 10) < 4 * np.sqrt(30 / 48_000)
    assert abs(count.var() - 30) < 4 * 0.246


def test_an_effect_keeps_the_dispersion():
    # Thinned to half: mean 5, NB2 variance 5 + 0.2 x 5^2 = 10; excess kurtosis 6 / 5 + 1 / 10, so the
    # standard errors are sqrt(10 / 48,000) = 0.0144 and 10 x sqrt(3.3 / 48,000) = 0.083.
    frame, _ = simulate.panel(
        replace(FLAT, dispersion=0.2), units=400, periods=240, treated=400, rate_ratio=0.5
    )
    after = frame.loc[frame["period"] >= frame["treated_from"], "count"]
    assert len(after) == 48_000
    assert abs(after.mean() - 5) < 4 * 0.0144
    assert abs(after.var() - 10) < 4 * 0.083


def test_season_and_trend_are_those_of_the_setting():
    setting = replace(FLAT, season=(2,) + (1,) * 11, trend=-0.5)
    _, truth = simulate.panel(setting, units=1, periods=25, first="2021-01", treated=0)
    without = truth.expected["without"].to_numpy()
    # The seasons average 13 / 12, so January is 24 / 13 of the mean; a year later it is half of that.
    assert without[0] == pytest.approx(10 * 24 / 13)
    assert without[12] == pytest.approx(10 * 12 / 13)
    assert without[24] == pytest.approx(10 * 6 / 13)
    assert without[1] == pytest.approx(10 * 12 / 13 * 0.5 ** (1 / 12))


def test_spread_keeps_the_mean():
    # exp(0.5 z - 0.125) has mean 1 and variance e^0.25 - 1 = 0.284: standard error 10 x sqrt(0.284 / 4,000).
    _, truth = simulate.panel(replace(FLAT, spread=0.5), units=4_000, periods=2, treated=0)
    level = matrix(truth.expected, "without")
    assert (level[:, 0] == level[:, 1]).all()
    assert abs(level[:, 0].mean() - 10) < 4 * 0.0843
    assert abs(np.log(level[:, 0]).std() - 0.5) < 4 * 0.5 / np.sqrt(2 * 4_000)


def test_drift_is_a_stationary_ar1():
    _, truth = simulate.panel(
        replace(FLAT, drift=0.3, persistence=0.8), units=4_000, periods=13, treated=0, seed=2
    )
    drift = np.log(matrix(truth.expected, "without"))
    # Over 4,000 areas: standard error of an SD 0.3 / sqrt(8,000), of a correlation r (1 - r^2) / sqrt(4,000).
    for month in (0, 12):
        assert abs(drift[:, month].std() - 0.3) < 4 * 0.3 / np.sqrt(8_000)
    for lag in (1, 3, 12):
        wanted = 0.8**lag
        found = np.corrcoef(drift[:, 0], drift[:, lag])[0, 1]
        assert abs(found - wanted) < 4 * (1 - wanted**2) / np.sqrt(4_000)


def test_truth_is_expected_with_over_expected_without():
    _, truth = simulate.panel(units=12, periods=24, treated=4, rate_ratio=simulate.ramp(0.6, over=4), seed=5)
    treated = truth.expected["unit"].isin(truth.treated) & (truth.expected["period"] >= "2022-01")
    cells = truth.expected[treated]
    assert len(cells) == 4 * 12
    assert truth.rate_ratio == pytest.approx(cells["with_programme"].sum() / cells["without"].sum())
    assert truth.prevented == pytest.approx((cells["without"] - cells["with_programme"]).sum())
    untouched = truth.expected[~treated]
    assert (untouched["without"] == untouched["with_programme"]).all()
    assert list(truth.effects["rate_ratio"].round(12)) == [0.9, 0.8, 0.7] + [0.6] * 9
    assert list(truth.effects["event_time"]) == list(range(12))
    assert truth.effects["prevented"].sum() == pytest.approx(truth.prevented)


def test_counts_in_treated_cells_match_the_planted_fall():
    # Poisson with mean 7 in 400 x 60 cells: standard error of the total relative to its mean 1 / sqrt(168,000).
    frame, truth = simulate.panel(FLAT, units=800, periods=120, treated=400, rate_ratio=0.7)
    after = frame["period"] >= frame["treated_from"]
    assert truth.rate_ratio == pytest.approx(0.7)
    assert abs(frame.loc[after, "count"].sum() / 168_000 - 1) < 4 / np.sqrt(168_000)


def test_starts_are_shared_evenly():
    frame, truth = simulate.panel(
        units=30, periods=36, treated=9, treated_from=["2022-01", "2022-07", "2023-01"]
    )
    starts = frame.drop_duplicates("unit")["treated_from"]
    assert starts.value_counts().to_dict() == {"2022-01": 3, "2022-07": 3, "2023-01": 3}
    assert starts.isna().sum() == 21
    assert list(truth.effects["n_units"]) == [9] * 12 + [6] * 6 + [3] * 6
    assert truth.effects["event_time"].max() == 23
    assert set(frame.loc[frame["treated_from"].notna(), "unit"]) == set(truth.treated)


def test_no_programme():
    frame, truth = simulate.panel(treated=0)
    assert frame["treated_from"].isna().all()
    assert truth.treated == ()
    assert truth.prevented == 0
    assert np.isnan(truth.rate_ratio)
    assert truth.effects.empty


@pytest.mark.parametrize(("gap", "window"), [(0, slice(9, 12)), (2, slice(7, 10))])
def test_worst_are_the_highest_counts_in_the_window(gap, window):
    rule = simulate.Worst(n=4, on=3, gap=gap, eligible=8)
    frame, truth = simulate.panel(units=20, periods=24, treated=rule, treated_from="2022-01", seed=4)
    total = matrix(frame, "count")[:, window].sum(axis=1)
    chosen = np.isin(frame["unit"].unique(), truth.eligible)
    assert chosen.sum() == 8
    assert total[chosen].min() >= total[~chosen].max()
    assert len(truth.treated) == 4
    assert set(truth.treated) < set(truth.eligible)


def test_all_of_the_worst_are_treated_unless_more_are_eligible():
    _, truth = simulate.panel(treated=simulate.Worst(n=6, on=2))
    assert truth.treated == truth.eligible


def test_areas_chosen_for_one_bad_month_cool_by_themselves():
    # Areas alike, Poisson, mean 10: the worst tenth of 1,000 averaged well above 10 in that month and 10 after it.
    rule = simulate.Worst(n=100, on=1)
    frame, truth = simulate.panel(FLAT, units=1_000, periods=24, treated=rule, rate_ratio=1)
    count = matrix(frame, "count")[np.isin(frame["unit"].unique(), truth.treated)]
    assert count[:, 11].mean() > 15
    assert abs(count[:, 12:].mean() - 10) < 4 * np.sqrt(10 / 1_200)


def test_population_is_an_exposure():
    frame, truth = simulate.panel(replace(FLAT, population=(1_000, 3_000)), units=50, periods=3, treated=0)
    people = matrix(frame, "population")
    assert people.min() >= 1_000
    assert people.max() <= 3_000
    assert (people == people[:, :1]).all()
    assert np.allclose(matrix(truth.expected, "without") / people, 10 / 2_000)


def test_ramp_grows_to_the_full_effect():
    assert simulate.ramp(0.7, over=3) == (0.9, 0.8, 0.7)
    assert simulate.ramp(1.2, over=1) == (1.2,)
    with pytest.raises(DesignError, match="over=0 must be a whole number of at least 1"):
        simulate.ramp(0.7, over=0)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"units": 5, "treated": 6}, "treated=6 areas, but there are only 5"),
        ({"units": 0}, "units=0 must be a whole number of at least 1"),
        ({"periods": 2.5}, "periods=2.5 must be a whole number"),
        ({"treated": -1}, "treated=-1 must be a whole number"),
        ({"treated_from": "2025-01"}, "treated_from=2025-01 is outside the months 2021-01 to 2024-12"),
        ({"treated_from": ["2022-01", "2019-01"]}, "treated_from=2019-01 is outside"),
        ({"treated_from": "spring"}, "treated_from holds 'spring', which is not a month"),
        ({"treated_from": []}, "treated_from is empty"),
        ({"treated": 1, "treated_from": ["2022-01", "2022-02"]}, "cannot be shared over 2 starts"),
        ({"first": 202101}, "first holds 202101, which is not a month"),
        ({"rate_ratio": -0.2}, "rate_ratio=-0.2 must be a number of at least 0"),
        ({"rate_ratio": [0.9, np.nan]}, "rate_ratio=nan must be a number"),
        ({"rate_ratio": []}, "rate_ratio must be one number, or one for each month"),
        (
            {"treated": simulate.Worst(n=2, on=12), "treated_from": "2021-06"},
            "only 5 months before the start",
        ),
        (
            {"treated": simulate.Worst(n=2, on=3, eligible=50)},
            "The rule takes 50 areas, but there are only 40",
        ),
        ({"seed": "lucky"}, "seed='lucky' must be a whole number"),
    ],
)
def test_bad_input_is_a_design_error(given, message):
    with pytest.raises(DesignError, match=message):
        simulate.panel(**given)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"mean": 0}, "mean=0 must be above zero"),
        ({"spread": -1}, "spread=-1 must be zero or more"),
        ({"drift": float("nan")}, "drift=nan must be zero or more"),
        ({"persistence": 1}, "persistence=1 must be at least 0 and below 1"),
        ({"trend": -1}, "trend=-1 must be above -1"),
        ({"season": (1,) * 11}, "season must hold 12 numbers above zero"),
        ({"season": (0,) + (1,) * 11}, "season must hold 12 numbers above zero"),
        ({"population": (3_000, 1_000)}, "population=.* must be .smallest, largest."),
    ],
)
def test_an_impossible_setting_is_a_design_error(change, message):
    with pytest.raises(DesignError, match=message):
        replace(FLAT, **change)


@pytest.mark.parametrize("wrong", [{"n": 0, "on": 3}, {"n": 2, "on": 0}, {"n": 4, "on": 3, "eligible": 3}])
def test_an_impossible_rule_is_a_design_error(wrong):
    with pytest.raises(DesignError, match="must be a whole number of at least"):
        simulate.Worst(**wrong)

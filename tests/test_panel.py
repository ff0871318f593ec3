"""The Panel: what it makes of the user's columns."""

import copy
import dataclasses
import pickle

import numpy as np
import pandas as pd
import pytest
from made_counts import NAMES, rows

from toolkit import DesignError, Panel


@pytest.fixture
def panel() -> Panel:
    """A starts in April and B in May; C and D never do."""
    return Panel.of(rows(A="2023-04", B="2023-05"), **NAMES)


def test_the_columns_under_our_names(panel):
    frame = panel.frame
    expected = ["unit", "period", "outcome", "treated_from", "ever_treated", "treated_now", "event_time"]
    assert list(frame.columns) == expected
    own = frame[frame["unit"] == "A"]
    assert own["event_time"].tolist() == [-3, -2, -1, 0, 1, 2]
    assert own["treated_now"].tolist() == [False, False, False, True, True, True]
    assert frame.loc[frame["unit"] == "C", "event_time"].isna().all()
    assert frame.groupby("unit")["ever_treated"].first().tolist() == [True, True, False, False]
    assert panel.labels == NAMES
    assert panel.cautions == ()


def test_units_periods_cohorts_and_balance(panel):
    assert list(panel.units) == ["A", "B", "C", "D"]
    assert panel.units.name == "ward"
    assert [str(period) for period in panel.periods] == [
        "2023-01",
        "2023-02",
        "2023-03",
        "2023-04",
        "2023-05",
        "2023-06",
    ]
    assert panel.cohorts == {pd.Period("2023-04"): ("A",), pd.Period("2023-05"): ("B",)}
    assert panel.balanced
    assert (
        repr(panel)
        == "Panel of 4 wards by 6 months (2023-01 to 2023-06): 2 treated, 2 never treated; balanced"
    )


def test_gaps_stay_gaps():
    panel = Panel.of(rows(A="2023-04").drop(index=[7, 20]), **NAMES)
    assert not panel.balanced
    assert repr(panel).endswith("2 gaps")
    assert np.argwhere(~panel.grid.observed).tolist() == [[1, 1], [3, 2]]
    assert np.isnan(panel.grid.outcome[1, 1])


def test_the_grid_is_the_frame_as_matrices(panel):
    grid = panel.grid
    assert grid.outcome.tolist() == [list(range(i, i + 6)) for i in (1, 7, 13, 19)]
    assert (np.diff(grid.ordinals) == 1).all()
    assert (grid.start - grid.ordinals[0]).tolist() == [3, 4, np.inf, np.inf]
    assert grid.treated.sum(axis=1).tolist() == [3, 2, 0, 0]
    assert grid.cluster.tolist() == [0, 1, 2, 3]
    assert grid.exposure is None and grid.weight is None and grid.covariates is None


def test_row_order_does_not_matter_to_the_grid(panel):
    shuffled = Panel.of(rows(A="2023-04", B="2023-05").sample(frac=1, random_state=3), **NAMES)
    assert np.array_equal(shuffled.grid.outcome, panel.grid.outcome)
    assert np.array_equal(shuffled.grid.start, panel.grid.start)
    assert list(shuffled.units) == list(panel.units)


def test_further_columns_reach_the_grid():
    frame = rows(A="2023-04").assign(pop=lambda f: 100.0 + f["asb"], wt=2, hot=lambda f: f["asb"] % 3)
    frame["area"] = frame["ward"].map({"A": "x", "B": "y", "C": "x", "D": "y"})
    panel = Panel.of(frame, **NAMES, exposure="pop", weight="wt", covariates=["hot"], cluster="area")
    assert panel.grid.exposure[0, 0] == 101
    assert (panel.grid.weight == 2).all()
    assert panel.grid.covariates.shape == (4, 6, 1)
    assert panel.grid.cluster.tolist() == [0, 1, 0, 1]
    assert panel.covariates == ("hot",)


def test_one_covariate_may_be_given_without_a_list():
    assert Panel.of(rows().assign(hot=1.5), **NAMES, covariates="hot").covariates == ("hot",)


def test_weights_may_be_the_exposure_and_clusters_the_units():
    panel = Panel.of(rows().assign(pop=5), **NAMES, exposure="pop", weight="pop", cluster="ward")
    assert panel.grid.cluster.tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("kind", [int, bool, float, "boolean", "Int64", str])
def test_treated_now_says_the_same_as_treated_from(panel, kind):
    frame = rows(A="2023-04", B="2023-05")
    now = (frame["month"] >= frame["began"].fillna("9999")).astype(int)
    given = Panel.of(
        frame.assign(now=now.astype(kind)), unit="ward", period="month", outcome="asb", treated="now"
    )
    assert given.cohorts == panel.cohorts
    assert np.array_equal(given.grid.start, panel.grid.start)


@pytest.mark.parametrize("kind", ["float64", "Int64", object, "category"])
def test_integer_periods_come_back_as_integers(kind):
    frame = rows().assign(month=lambda f: f["month"].str[-2:].astype(int))
    frame["began"] = pd.Series([4 if ward == "A" else None for ward in frame["ward"]], dtype=object).astype(
        kind
    )
    panel = Panel.of(frame, **NAMES)
    assert panel.cohorts == {4: ("A",)}
    assert type(next(iter(panel.cohorts))) is int
    assert panel.periods.tolist() == [1, 2, 3, 4, 5, 6]
    assert panel.between(2, 4).periods.tolist() == [2, 3, 4]
    assert panel.treated_earlier(2).cohorts == {2: ("A",)}


@pytest.mark.parametrize(
    "change",
    [
        lambda f: f.astype({"ward": "category", "month": "category", "began": "category"}),
        lambda f: f.astype({"ward": "string", "month": "string", "began": "string"}),
        lambda f: f.assign(month=pd.PeriodIndex(f["month"], freq="M")),
        lambda f: f.assign(month=pd.to_datetime(f["month"]), began=pd.to_datetime(f["began"])),
        lambda f: f.assign(month=pd.to_datetime(f["month"]).dt.tz_localize("Europe/London")),
        lambda f: f.set_index(["ward", "month"], drop=False),
        lambda f: f.set_axis([0] * len(f)),
        lambda f: f[::-1],
        lambda f: f.assign(asb=f["asb"].astype("Int64")),
        lambda f: f.assign(asb=f["asb"].astype(str)),
        lambda f: f.assign(notes=[[1]] * len(f)),
    ],
)
def test_however_the_frame_is_typed_or_indexed(panel, change):
    given = Panel.of(change(rows(A="2023-04", B="2023-05")), **NAMES)
    assert given.cohorts == panel.cohorts
    assert np.array_equal(given.grid.outcome, panel.grid.outcome)


def test_staggered_starts_given_as_first_days_beside_months():
    """Two first days of a year are not years: the months they stand beside say what they are."""
    frame = rows(first="2022-01", months=24).assign(month=lambda f: pd.to_datetime(f["month"]))
    frame["began"] = frame["ward"].map({"A": pd.Timestamp("2023-01-01"), "B": pd.Timestamp("2022-07-01")})
    assert list(Panel.of(frame, **NAMES).cohorts) == [pd.Period("2022-07"), pd.Period("2023-01")]


@pytest.mark.parametrize(
    ("names", "units"),
    [
        ([3, 1, 2, 10], [1, 2, 3, 10]),
        ([3, "1", 2, "x"], ["1", "2", "3", "x"]),
        ([1.5, 1.0, 2.0, 3.0], [1.0, 1.5, 2.0, 3.0]),
        (["Ünïcode ward", "b" * 500, "a\nb", ""], ["", "a\nb", "b" * 500, "Ünïcode ward"]),
    ],
)
def test_units_may_be_numbers_text_or_both(names, units):
    frame = rows(A="2023-04").assign(ward=lambda f: f["ward"].map(dict(zip("ABCD", names, strict=True))))
    assert list(Panel.of(frame, **NAMES).units) == units


@pytest.mark.parametrize(
    ("first", "step", "freq", "start"),
    [
        ("2023-01-02", "7D", "W-SUN", "2023-02-06"),
        ("2023-01-02", "D", "D", "2023-01-07"),
        ("2022-01-01", "QS", "Q-DEC", "2023-04-01"),
        ("2015-01-01", "YS", "Y-DEC", "2020-01-01"),
    ],
)
def test_weeks_days_quarters_and_years(first, step, freq, start):
    dates = pd.date_range(first, periods=8, freq=step)
    frame = pd.DataFrame([(ward, date, 5 + i) for ward in "ABC" for i, date in enumerate(dates)])
    frame = frame.set_axis(["ward", "month", "asb"], axis=1)
    frame["began"] = frame["ward"].map({"A": pd.Timestamp(start)})
    panel = Panel.of(frame, **NAMES)
    assert panel.periods.freqstr == freq
    assert (np.diff(panel.grid.ordinals) == 1).all()
    assert panel.frame.loc[panel.frame["unit"] == "A", "event_time"].tolist() == [-5, -4, -3, -2, -1, 0, 1, 2]


def test_a_frequency_may_be_said():
    frame = rows().assign(month=lambda f: pd.to_datetime(f["month"]) + pd.Timedelta(days=14, hours=9))
    assert Panel.of(frame, **NAMES, freq="M").periods.freqstr == "M"
    with pytest.raises(DesignError, match=r"month has times of day, such as 2023-01-15 09:00:00"):
        Panel.of(frame, **NAMES)


def test_the_frame_returned_is_a_copy(panel):
    before = copy.deepcopy(panel.frame)
    frame = panel.frame
    frame["outcome"] = 0.0
    frame.loc[:, "unit"] = "Z"
    del frame["period"]
    other = panel.frame
    other.iloc[0, 2] = 999.0
    pd.testing.assert_frame_equal(panel.frame, before)
    assert panel.grid.outcome[0, 0] == 1


def test_the_panel_is_frozen_and_its_caller_keeps_the_data(panel):
    with pytest.raises(dataclasses.FrozenInstanceError):
        panel.cautions = ("x",)
    frame = rows(A="2023-04", B="2023-05")
    mine = Panel.of(frame, **NAMES)
    frame["asb"] = 0
    frame.loc[:, "ward"] = "Z"
    assert np.array_equal(mine.grid.outcome, panel.grid.outcome)
    assert list(mine.units) == list(panel.units)


def test_a_panel_can_be_sent_to_another_process(panel):
    again = pickle.loads(pickle.dumps(panel))
    assert repr(again) == repr(panel)
    pd.testing.assert_frame_equal(again.frame, panel.frame)


def test_the_frame_keeps_the_rows_in_the_callers_order_and_index():
    frame = rows(A="2023-04").sample(frac=1, random_state=1).set_index("asb", drop=False)
    assert Panel.of(frame, **NAMES).frame.index.tolist() == frame["asb"].tolist()
    assert Panel.of(frame, **NAMES).frame["outcome"].tolist() == frame["asb"].tolist()

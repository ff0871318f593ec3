"""Periods from text, dates, pandas Periods and integers, and what cannot be one."""

import datetime

import numpy as np
import pandas as pd
import pytest

from toolkit import DesignError, periods

MONTHS = pd.PeriodIndex(["2023-01", "2023-02", "2023-03"], freq="M")
MIDNIGHTS = pd.to_datetime(["2023-01-01", "2023-02-01", "2023-03-01"])


def parse(values, freq=None):
    return periods.parse(pd.Series(values), "month", freq)


@pytest.mark.parametrize(
    "values",
    [
        ["2023-01", "2023-02", "2023-03"],
        [" 2023-01", "2023-02 ", "2023-03"],
        ["2023-01-01", "2023-02-01", "2023-03-01"],
        ["2023-01-31", "2023-02-28", "2023-03-31"],
        ["2023-01-01 00:00:00", "2023-02-01 00:00:00", "2023-03-01 00:00:00"],
        ["2023-01-01 00:00:00", "2023-02-01", "2023-03-01"],
        pd.array(["2023-01", "2023-02", "2023-03"], dtype="string"),
        pd.Categorical(["2023-01", "2023-02", "2023-03"]),
        MIDNIGHTS,
        pd.Categorical(MIDNIGHTS),
        MIDNIGHTS.tz_localize("Europe/London"),
        MIDNIGHTS.astype(object),
        [datetime.date(2023, month, 1) for month in (1, 2, 3)],
        [pd.Timestamp(2023, month, 1, tz="Europe/London") for month in (1, 2, 3)],
        MONTHS,
        MONTHS.astype(object),
        pd.Categorical(MONTHS),
    ],
)
def test_months_however_they_are_written(values):
    index = parse(values)
    assert isinstance(index, pd.PeriodIndex)
    assert index.equals(MONTHS)


def test_local_midnight_either_side_of_a_change_of_clocks():
    local = pd.Series(pd.to_datetime(["2023-03-01", "2023-04-01"])).dt.tz_localize("Europe/London")
    for values in (local, local.astype(object)):
        assert [str(period) for period in parse(values)] == ["2023-03", "2023-04"]


@pytest.mark.parametrize(
    ("first", "freq", "step"),
    [
        ("2023-01-02", "W-SUN", 7),
        ("2023-01-01", "W-SAT", 7),
        ("2023-01-04", "W-TUE", 7),
        ("2023-01-02", "D", 1),
        ("2023-01-03", "D", 5),
    ],
)
def test_weeks_start_on_the_weekday_given_and_other_spacings_are_days(first, freq, step):
    dates = pd.Timestamp(first) + pd.to_timedelta(np.arange(6) * step, unit="D")
    for values in (dates, dates.strftime("%Y-%m-%d")):
        index = parse(values)
        assert index.freqstr == freq
        assert (index.start_time == dates).all()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (["2023-Q1", "2023-Q2"], ["2023Q1", "2023Q2"]),
        (["2023Q1", "2023Q2"], ["2023Q1", "2023Q2"]),
        (["2023-01-01", "2023-04-01"], ["2023Q1", "2023Q2"]),
        (["2023-03-31", "2023-06-30"], ["2023Q1", "2023Q2"]),
        (["2022", "2023"], ["2022", "2023"]),
        (["2022-01-01", "2023-01-01"], ["2022", "2023"]),
        (["2022-12-31", "2023-12-31"], ["2022", "2023"]),
        (["2023-01-01"], ["2023-01"]),
        (["2023-01-15"], ["2023-01-15"]),
        (["2023-01-01", "2023-01-15"], ["2023-01-01/2023-01-07", "2023-01-15/2023-01-21"]),
    ],
)
def test_the_longest_period_that_fits_every_date(values, words):
    assert [str(period) for period in parse(values)] == words


@pytest.mark.parametrize("kind", ["int64", "Int64", "float64", object, "category", "uint8"])
def test_integers_stay_integers(kind):
    index = parse(pd.Series([3, 1, 2]).astype(kind))
    assert index.tolist() == [3, 1, 2]
    assert index.dtype == np.int64


def test_missing_periods_are_kept_for_the_caller_to_count():
    assert parse(["2023-01", None]).isna().tolist() == [False, True]
    assert parse([1, None]).isna().tolist() == [False, True]
    assert parse(pd.array([1, None], dtype="Int64")).isna().tolist() == [False, True]
    assert parse(pd.Series(["2023-01-01", None], index=[5, 5])).isna().tolist() == [False, True]
    assert parse([None, None]).isna().all()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (["2023-01", "spring"], "month is 'spring', not a period. Write periods as 2023-04,"),
        (["01/04/2023", "01/05/2023"], "month is '01/04/2023' (and 1 more such row), not a period."),
        (["2023-13"], "month is '2023-13', not a period."),
        (["2023-02-28", "2023-02-31"], "month is '2023-02-31', not a period."),
        (["0000-01"], "month is '0000-01', not a period."),
        (["202304"], "month is '202304', not a period."),
        (["2023-01", ""], "month is '', not a period."),
        (
            [202304, 202305],
            "month holds 202304, a date written as an integer. Use 2023-04 (text) or a datetime.",
        ),
        ([202304.0, np.nan], "month holds 202304, a date written as an integer. Use 2023-04"),
        ([20230401, 20230501], "month holds 20230401, a date written as an integer. Use 2023-04-01"),
        (pd.Series([202304], dtype=object), "month holds 202304, a date written as an integer."),
        ([1, 2.5], "month holds 2.5, which is not a whole number of periods."),
        ([1, 1e300], "month holds 1e+300, which is not a whole number of periods."),
        ([1, np.inf], "month holds an infinite value."),
        ([1j, 2], "month holds complex numbers, not periods."),
        ([True, False], "month holds true and false, not periods."),
        (
            ["2023-01", 4],
            "month mixes types: number (4), text ('2023-01'). Give every period in the same form.",
        ),
        (["2023-01", pd.Timestamp("2023-02-01")], "month mixes types: date (2023-02-01), text ('2023-01')."),
        ([pd.Period("2023-01"), pd.Period("2023")], "month mixes types: period of frequency M (2023-01),"),
        (
            [pd.Timestamp("2023-01-01"), pd.Timestamp("2023-02-01", tz="UTC")],
            "month mixes types: date (2023-01-01)",
        ),
        (
            ["2023-01", "2023-02-01"],
            "month mixes 2023-01 and 2023-02-01. Give every period in the same form.",
        ),
        (["2023", "2023-01"], "month mixes 2023-01 and 2023."),
        ([[1], [2]], "month holds [1], which is not a period."),
        (pd.to_timedelta([1, 2], unit="D"), "month holds 1 days 00:00:00, which is not a period."),
        (
            pd.to_datetime(["2023-01-01 09:30"]),
            "month has times of day, such as 2023-01-01 09:30:00. Say what",
        ),
        (pd.PeriodIndex(["2023-01"], freq="2M"), "'2M' is not a frequency of periods."),
    ],
)
def test_what_is_not_a_period_is_refused(values, message):
    with pytest.raises(DesignError) as caught:
        parse(values)
    assert str(caught.value).startswith(message)
    assert "Timestamp(" not in str(caught.value)


@pytest.mark.parametrize(
    ("values", "freq", "words"),
    [
        (pd.to_datetime(["2023-01-01 09:30"]), "M", "2023-01"),
        (["2023-02-14"], "Q-DEC", "2023Q1"),
        (["2023-02"], "Y-DEC", "2023"),
        (pd.PeriodIndex(["2023-02"], freq="M"), "Q-DEC", "2023Q1"),
        (["2023-04-01"], "Y-MAR", "2024"),
    ],
)
def test_a_frequency_takes_each_date_to_the_period_that_holds_it(values, freq, words):
    assert str(parse(values, freq)[0]) == words


@pytest.mark.parametrize(
    ("values", "freq", "message"),
    [
        (
            ["2023-02"],
            "D",
            "month holds 2023-02, which spans several periods such as 2023-02-01: name a single one.",
        ),
        (["2023"], "M", "month holds 2023, which spans several periods such as 2023-01"),
        (pd.PeriodIndex(["2023-02"], freq="M"), "W-SUN", "month holds 2023-02, which spans several periods"),
    ],
)
def test_a_frequency_finer_than_the_periods_is_refused(values, freq, message):
    with pytest.raises(DesignError) as caught:
        parse(values, freq)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("given", "full"), [("M", "M"), ("W", "W-SUN"), ("W-SAT", "W-SAT"), ("Q", "Q-DEC"), ("D", "D")]
)
def test_a_frequency_is_given_in_full(given, full):
    assert periods.frequency(given) == full


@pytest.mark.parametrize(
    "freq", ["banana", "MS", "ME", "QS", "2M", "B", "W-XYZ", "Y-FOO", 3, None, ["M"], ""]
)
def test_what_is_not_a_frequency_of_periods_is_refused(freq):
    with pytest.raises(DesignError, match=r" is not a frequency of periods\. Use 'D', 'W', 'M', 'Q' or 'Y'"):
        periods.frequency(freq)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (["2023-02", None], "2023-02"),
        (["2023-02-14", None], "2023-02"),
        (pd.to_datetime(["2023-02-14 09:30", None]), "2023-02"),
        (pd.to_datetime(["2023-01-01", "2022-01-01"]), "2023-01"),
        (pd.to_datetime(["2023-07-01", "2023-01-01"]), "2023-07"),
        (["2023-07-01", "2023-01-01"], "2023-07"),
        ([datetime.date(2023, 2, 14), None], "2023-02"),
        (pd.PeriodIndex(["2023-02-14", None], freq="D"), "2023-02"),
    ],
)
def test_match_takes_dates_to_the_periods_they_stand_beside(values, words):
    index = periods.match(pd.Series(values), "began", MONTHS)
    assert index.freqstr == "M"
    assert str(index[0]) == words


def test_match_keeps_integers_beside_integers():
    like = pd.Index([1, 2, 3])
    assert periods.match(pd.Series([2.0, np.nan]), "began", like).tolist()[0] == 2
    assert periods.match(pd.Series([2, None], dtype=object), "began", like).tolist()[0] == 2


@pytest.mark.parametrize("like", [MONTHS, pd.Index([1, 2, 3])])
@pytest.mark.parametrize("values", [[None, None], [np.nan, np.nan], [pd.NaT, pd.NaT]])
def test_match_of_nothing_is_nothing_of_the_same_kind(like, values):
    index = periods.match(pd.Series(values), "began", like)
    assert isinstance(index, pd.PeriodIndex) == isinstance(like, pd.PeriodIndex)
    assert np.isinf(periods.ordinals(index)).all()


@pytest.mark.parametrize(
    ("values", "like", "message"),
    [
        (
            [5],
            MONTHS,
            "began holds 5, but the periods are dates such as 2023-01. Give both in the same form.",
        ),
        (["2023-02"], pd.Index([1, 2]), "began holds '2023-02', but the periods are integers."),
        (["5"], pd.Index([1, 2]), "began holds '5', but the periods are integers."),
        ([True], pd.Index([0, 1]), "began holds True, but the periods are integers."),
        (
            ["2023"],
            MONTHS,
            "began holds 2023, which spans several periods such as 2023-01: name a single one.",
        ),
        (["2023-Q1"], MONTHS, "began holds 2023Q1, which spans several periods"),
        (["never"], MONTHS, "began is 'never', not a period."),
        ([2.5], pd.Index([1, 2]), "began holds 2.5, which is not a whole number"),
    ],
)
def test_match_refuses_another_kind(values, like, message):
    with pytest.raises(DesignError) as caught:
        periods.match(pd.Series(values), "began", like)
    assert str(caught.value).startswith(message)


def test_ordinals_count_up_by_one_and_missing_is_never():
    assert np.diff(periods.ordinals(pd.period_range("2022-11", "2023-02", freq="M"))).tolist() == [1, 1, 1]
    assert np.diff(periods.ordinals(pd.period_range("2023-01-02", periods=3, freq="W"))).tolist() == [1, 1]
    assert periods.ordinals(pd.Index([4, 7])).tolist() == [4, 7]
    assert periods.ordinals(pd.PeriodIndex(["2023-01", None], freq="M"))[1] == np.inf
    assert periods.ordinals(pd.Index([4.0, np.nan])).tolist() == [4, np.inf]


def test_the_column_is_not_changed():
    for values in (["2023-01 ", None], pd.Categorical(["2023-01"]), [3, None]):
        column = pd.Series(values)
        before = column.copy(deep=True)
        periods.parse(column, "month")
        pd.testing.assert_series_equal(column, before)


def test_many_first_days_of_january_are_years_and_not_months_the_wrong_way_round():
    years = pd.Series(pd.date_range("2001-01-01", periods=24, freq="YS"))
    assert list(periods.parse(years, "year")) == list(pd.period_range("2001", periods=24, freq="Y"))
    months = [f"{year}-{month:02d}-01" for year in (2020, 2021) for month in range(1, 13)]
    wrong = pd.Series(pd.to_datetime(months, format="%Y-%d-%m"))
    with pytest.raises(DesignError, match=r"^month holds only days of January, .*swapped"):
        periods.parse(wrong, "month")

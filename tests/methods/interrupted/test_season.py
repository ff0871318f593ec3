"""The rule for seasonal terms, which goes by whole years and nothing else, and their columns."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from toolkit import DesignError
from toolkit.methods.interrupted.season import terms


def asked(periods: int, season: object = "auto", freq: str = "M", first: str = "2015-01") -> object:
    index = pd.period_range(first, periods=periods, freq=freq)
    return terms(index, np.ones(periods, dtype=bool), season)


@pytest.mark.parametrize(
    ("months", "number", "words"),
    [
        (23, 0, ""), (24, 2, "1 pair of harmonics"), (35, 2, "1 pair of harmonics"), (36, 4, "2 pairs of harmonics"),
        (95, 4, "2 pairs of harmonics"), (96, 11, "a term for each calendar month"),
    ],
)  # fmt: skip
def test_months_by_whole_years(months: int, number: int, words: str) -> None:
    found = asked(months)
    assert (found.columns.shape, found.words) == ((months, number), words)


def test_whole_years_are_counted_over_what_is_fitted() -> None:
    """36 months without one March have two of them, so one pair."""
    index, fitted = pd.period_range("2015-01", periods=36, freq="M"), np.ones(36, dtype=bool)
    fitted[2] = False
    assert terms(index, fitted, "auto").words == "1 pair of harmonics"


@pytest.mark.parametrize(
    ("freq", "periods", "number"),
    [
        ("Q", 11, 0),
        ("Q", 12, 3),
        ("Y", 30, 0),
        ("W", 103, 0),
        ("W", 105, 2),
        ("W", 158, 4),
        ("D", 731, 2),
        ("D", 1096, 4),
    ],
)
def test_other_periods(freq: str, periods: int, number: int) -> None:
    assert asked(periods, freq=freq).columns.shape[1] == number


def test_integers_have_no_season() -> None:
    index = pd.Index(range(40))
    assert not terms(index, np.ones(40, dtype=bool), "auto").possible
    with pytest.raises(DesignError, match=r"^season=2 needs months, quarters, weeks or days"):
        terms(index, np.ones(40, dtype=bool), 2)


def test_pairs_of_harmonics_repeat_every_year_and_add_up_to_nothing() -> None:
    columns = asked(48, 2).columns
    assert columns[:36] == pytest.approx(columns[12:], abs=1e-12)
    assert columns[:12].sum(axis=0) == pytest.approx(np.zeros(4), abs=1e-12)


def test_all_harmonics_of_quarters_and_the_quarters_say_the_same() -> None:
    """Three dummies span what one pair (and the constant) leaves one short of: the pair lies within them."""
    pair, dummies = asked(16, 1, freq="Q").columns, asked(16, "calendar", freq="Q").columns
    one = np.ones((16, 1))
    assert np.linalg.matrix_rank(np.hstack([one, dummies, pair])) == 4


@pytest.mark.parametrize(
    ("season", "message"),
    [
        ("monthly", r"^season='monthly' is not known"),
        (True, r"^season=True is not known"),
        (6, r"^season=6 must be a number of pairs of harmonics from 0 to 5"),
        (-1, r"^season=-1 must be a number"),
    ],
)
def test_what_is_no_season(season: object, message: str) -> None:
    with pytest.raises(DesignError, match=message):
        asked(48, season)


@pytest.mark.parametrize("season", ["harmonics", "calendar", 1])
def test_a_season_cannot_be_told_from_less_than_two_years(season: object) -> None:
    with pytest.raises(DesignError, match=r"^A season cannot be told from 1 whole year of the series"):
        asked(23, season)


def test_weeks_have_no_calendar_terms() -> None:
    with pytest.raises(DesignError, match=r"^season='calendar' is for months and quarters"):
        asked(200, "calendar", freq="W")

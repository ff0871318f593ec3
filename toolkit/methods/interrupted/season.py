"""Season: which terms a series can bear, by a rule that never looks at the outcome, and their columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from toolkit.validate import DesignError, one_of

WORDS = ("auto", "none", "harmonics", "calendar")
_PER_YEAR = {"M": 12, "Q": 4}
_FOR_CALENDAR, _FOR_TWO_PAIRS, _FOR_ONE_PAIR = 8, 3, 2  # whole years of months
_QUARTER_YEARS = 3


@dataclass(frozen=True, eq=False)
class Season:
    """Columns of seasonal terms, and what they are called.

    Attributes
    ----------
    columns : ndarray, shape (n, s)
    words : str
        Empty where there are none.
    possible : bool
        Whether the periods have a season at all: months, quarters, weeks or days.
    """

    columns: np.ndarray
    words: str
    possible: bool


def terms(periods: pd.Index, fitted: np.ndarray, asked: Any) -> Season:
    """The seasonal terms asked for, or those that the rule allows.

    The rule counts whole years: how often the calendar month (or quarter) that is fitted least often is fitted.
    Months: eight years bear a term for every calendar month, three years two pairs of harmonics, two years one pair.
    Quarters: three years bear a term for every quarter. Weeks and days: as months, by the years that are covered.
    """
    frequency = periods.freqstr[0] if isinstance(periods, pd.PeriodIndex) else ""
    pairs = asked if isinstance(asked, (int, np.integer)) and not isinstance(asked, bool) else None
    if pairs is None:
        one_of(asked, "season", WORDS)
    if frequency in ("", "Y"):
        return _no_season(periods, asked)
    years = _years(periods, fitted, frequency)
    kind = int(pairs) if pairs is not None else _kind(asked, frequency, years)
    _can_bear(kind, years, frequency)
    if isinstance(kind, str):
        return Season(_calendar(periods, frequency), _calendar_words(frequency), possible=True)
    if kind == 0:
        return Season(np.empty((len(periods), 0)), "", possible=True)
    words = f"{kind} pair{'s' if kind > 1 else ''} of harmonics"
    return Season(_harmonics(periods, kind), words, possible=True)


def _no_season(periods: pd.Index, asked: Any) -> Season:
    if asked not in ("auto", "none", 0):
        raise DesignError(
            f"season={asked!r} needs months, quarters, weeks or days, and the series holds {periods[0]}. "
            "Give dates as 2023-04, or use season='none'."
        )
    return Season(np.empty((len(periods), 0)), "", possible=False)


def _years(periods: pd.Index, fitted: np.ndarray, frequency: str) -> int:
    """Whole years that are fitted."""
    if frequency not in _PER_YEAR:
        used = pd.PeriodIndex(periods)[fitted].to_timestamp()
        return int((used[-1] - used[0]).days // 365 + (1 if (used[-1] - used[0]).days % 365 > 350 else 0))
    return int(np.bincount(_place(periods, frequency)[fitted], minlength=_PER_YEAR[frequency]).min())


def _kind(asked: str, frequency: str, years: int) -> str | int:
    if asked == "none":
        return 0
    if asked == "calendar":
        return "calendar"
    if frequency == "Q":
        return "calendar" if years >= _QUARTER_YEARS or asked == "harmonics" else 0
    if asked == "auto" and frequency == "M" and years >= _FOR_CALENDAR:
        return "calendar"
    if years >= _FOR_TWO_PAIRS:
        return 2
    return 1 if years >= _FOR_ONE_PAIR or asked == "harmonics" else 0


def _can_bear(kind: str | int, years: int, frequency: str) -> None:
    """Raise where the season asked for has less than two whole years to go by."""
    if kind == 0:
        return
    if years < _FOR_ONE_PAIR:
        raise DesignError(
            f"A season cannot be told from {years} whole year{'s' if years != 1 else ''} of the series: at least "
            "2 are needed. Add earlier periods, or use season='none'."
        )
    if kind == "calendar" and frequency not in _PER_YEAR:
        raise DesignError("season='calendar' is for months and quarters. Use season='harmonics'.")
    most = {"M": 5, "Q": 1}.get(frequency, 12)
    if not isinstance(kind, str) and not 0 < kind <= most:
        raise DesignError(f"season={kind} must be a number of pairs of harmonics from 0 to {most}.")


def _place(periods: pd.Index, frequency: str) -> np.ndarray:
    """The place of each period in its year, from 0."""
    index = pd.PeriodIndex(periods)
    return np.asarray(index.month if frequency == "M" else index.quarter) - 1


def _calendar(periods: pd.Index, frequency: str) -> np.ndarray:
    place = _place(periods, frequency)
    return (place[:, None] == np.arange(1, _PER_YEAR[frequency])).astype(float)


def _calendar_words(frequency: str) -> str:
    return "a term for each calendar month" if frequency == "M" else "a term for each quarter"


def _harmonics(periods: pd.Index, pairs: int) -> np.ndarray:
    index = pd.PeriodIndex(periods)
    frequency = index.freqstr[0]
    turn = (
        _place(periods, frequency) / _PER_YEAR[frequency]
        if frequency in _PER_YEAR
        else np.asarray(index.to_timestamp().day_of_year) / 365.25
    )
    angles = 2 * np.pi * np.outer(turn, np.arange(1, pairs + 1))
    return np.column_stack([np.sin(angles), np.cos(angles)])

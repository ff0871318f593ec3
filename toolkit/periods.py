"""Periods from what users have: text such as 2023-04, datetimes, pandas Periods or plain integers."""

from __future__ import annotations

import datetime
import re
from typing import Any

import numpy as np
import pandas as pd

from toolkit.validate import DesignError, and_more, shown

# The text forms we read, and the frequency each implies; a full date implies none until all are seen.
_FORMS = {
    re.compile(r"\d{4}-(0[1-9]|1[0-2])"): "M",
    re.compile(r"\d{4}-?Q[1-4]"): "Q",
    re.compile(r"\d{4}"): "Y",
    re.compile(r"\d{4}-\d{2}-\d{2}( 00:00:00)?"): None,
}
_ADVICE = (
    "Write periods as 2023-04, 2023-Q2, 2023 or 2023-04-17, or give datetimes, pandas Periods or integers."
)


def parse(values: pd.Series, name: str, freq: str | None = None) -> pd.Index:
    """The column as a PeriodIndex, or as an integer Index where it holds plain integers.

    Missing values are kept (as NaT, or as a float Index with NaN). Raises DesignError for text that is not
    a date, integers that are dates, and columns that mix types.
    """
    present = values.dropna()
    if isinstance(values.dtype, pd.PeriodDtype):
        index = pd.PeriodIndex(values)
        return index.asfreq(freq) if freq else index
    if pd.api.types.is_bool_dtype(values.dtype):
        raise DesignError(f"{name} holds true and false, not periods. {_ADVICE}")
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return _from_dates(values, name, freq)
    if pd.api.types.is_numeric_dtype(values.dtype):
        return _from_integers(values, name)
    return _from_objects(values, present, name, freq)


def match(values: pd.Series, name: str, like: pd.Index) -> pd.Index:
    """The column read as periods of the same kind as ``like``; a date becomes the period that holds it."""
    if values.isna().all():
        return (
            pd.Index([pd.NaT] * len(values))
            if isinstance(like, pd.PeriodIndex)
            else pd.Index([np.nan] * len(values))
        )
    integers = not isinstance(like, pd.PeriodIndex)
    parsed = parse(values, name)
    if integers == isinstance(parsed, pd.PeriodIndex):
        wanted = "integers" if integers else f"dates such as {shown(like[0])}"
        first = shown(values.dropna().iloc[0])
        raise DesignError(f"{name} holds {first}, but the periods are {wanted}. Give both in the same form.")
    if isinstance(like, pd.PeriodIndex) and isinstance(parsed, pd.PeriodIndex):
        return _same_freq(parsed, name, like)
    return parsed


def ordinals(index: pd.Index) -> np.ndarray:
    """Periods as floats that count up by one a period; missing becomes infinity, which is never."""
    if isinstance(index, pd.PeriodIndex):
        return np.where(index.isna(), np.inf, index.asi8.astype(float))
    numbers = pd.to_numeric(pd.Series(index)).to_numpy(dtype=float, na_value=np.nan)
    return np.where(np.isnan(numbers), np.inf, numbers)


def _same_freq(parsed: pd.PeriodIndex, name: str, like: pd.PeriodIndex) -> pd.PeriodIndex:
    """A date inside a month becomes that month; a month beside days cannot be placed."""
    if parsed.freqstr == like.freqstr:
        return parsed
    start, end = parsed.asfreq(like.freqstr, "S"), parsed.asfreq(like.freqstr, "E")
    known = np.asarray(parsed.notna())
    if (start[known] != end[known]).any():
        first = parsed[known][0]
        raise DesignError(
            f"{name} holds {first}, which is longer than one period ({like[0]}): give the first one treated."
        )
    return start


def _from_integers(values: pd.Series, name: str) -> pd.Index:
    numbers = values.to_numpy(dtype=float, na_value=np.nan)
    known = numbers[~np.isnan(numbers)]
    if np.isinf(known).any():
        raise DesignError(f"{name} holds an infinite value. Leave it missing where there is no period.")
    if (known != np.round(known)).any():
        raise DesignError(
            f"{name} holds {shown(known[known != np.round(known)][0])}, not a whole number. {_ADVICE}"
        )
    _refuse_date_integers(known, name)
    return pd.Index(numbers if np.isnan(numbers).any() else numbers.astype(np.int64))


def _refuse_date_integers(known: np.ndarray, name: str) -> None:
    """202304 counts up to 202312 and then jumps to 202401: as an integer it would put gaps in every year."""
    if not known.size:
        return
    months = np.where(known >= 10_000_000, known // 100, known)
    dates = (months >= 180001) & (months <= 220012) & (months % 100 >= 1) & (months % 100 <= 12)
    if dates.any():
        text = f"{int(known[dates][0])}"
        wanted = f"{text[:4]}-{text[4:6]}" + (f"-{text[6:]}" if len(text) == 8 else "")
        raise DesignError(
            f"{name} holds {text}, a date written as an integer. Use {wanted} (text) or a datetime."
        )


def _from_objects(values: pd.Series, present: pd.Series, name: str, freq: str | None) -> pd.Index:
    kinds = {_kind(value) for value in present}
    if len(kinds) > 1:
        one = {kind: shown(next(v for v in present if _kind(v) == kind)) for kind in sorted(kinds)}
        found = ", ".join(f"{kind} ({value})" for kind, value in one.items())
        raise DesignError(f"{name} mixes types: {found}. Give every period in the same form.")
    only = kinds.pop() if kinds else "text"
    if only == "text":
        return _from_text(values, present, name, freq)
    if only == "period":
        return pd.PeriodIndex(values, freq=freq)
    if only == "date":
        return _from_dates(pd.to_datetime(values), name, freq)
    if only == "number":
        return _from_integers(pd.to_numeric(values), name)
    raise DesignError(f"{name} holds {shown(present.iloc[0])}, which is not a period. {_ADVICE}")


def _kind(value: Any) -> str:
    if isinstance(value, str):
        return "text"
    if isinstance(value, pd.Period):
        return "period"
    if isinstance(value, (datetime.date, np.datetime64)):
        return "date"
    return "number" if isinstance(value, (int, float, np.number)) and not isinstance(value, bool) else "other"


def _from_text(values: pd.Series, present: pd.Series, name: str, freq: str | None) -> pd.PeriodIndex:
    text = present.str.strip()
    forms = {form: text.map(lambda t, form=form: bool(form.fullmatch(t))).astype(bool) for form in _FORMS}
    readable = np.logical_or.reduce([mask.to_numpy() for mask in forms.values()])
    if not readable.all():
        wrong = present[~readable]
        raise DesignError(
            f"{name} is {wrong.iloc[0]!r}{and_more(len(wrong), 'row')}, not a period. {_ADVICE}"
        )
    used = [form for form, mask in forms.items() if mask.any()]
    if len(used) > 1:
        examples = " and ".join(text[forms[form]].iloc[0] for form in used)
        raise DesignError(f"{name} mixes {examples}. Give every period in the same form.")
    stripped = values.where(values.isna(), values.astype("string").str.strip()).astype("string")
    found = _FORMS[used[0]] if used else "M"
    try:
        if found is None:
            return _from_dates(pd.to_datetime(stripped.astype(object)), name, freq)
        return pd.PeriodIndex(stripped.astype(object).where(stripped.notna(), None), freq=freq or found)
    except (ValueError, TypeError) as error:
        raise DesignError(f"{name} holds text that is not a date: {error}. {_ADVICE}") from error


def _from_dates(values: pd.Series, name: str, freq: str | None) -> pd.PeriodIndex:
    index = pd.DatetimeIndex(values)
    index = index.tz_localize(None) if index.tz is not None else index
    return index.to_period(freq or _infer(index.dropna().unique().sort_values(), name))


def _infer(dates: pd.DatetimeIndex, name: str) -> str:
    """Days, weeks, months, quarters or years: the longest period that puts every date at its start or end."""
    if (dates != dates.normalize()).any():
        raise DesignError(
            f"{name} has times of day, such as {dates[dates != dates.normalize()][0]}. Say freq='D' or 'h'."
        )
    if (dates.is_month_start.all() or dates.is_month_end.all()) and len(dates):
        if dates.is_year_start.all() and len(dates) > 1:
            return "Y"
        return "Q" if dates.is_quarter_start.all() and len(dates) > 1 else "M"
    if len(dates) > 1 and dates.dayofweek.nunique() == 1:
        return "W-" + (dates[0] - pd.Timedelta(days=1)).strftime("%a").upper()
    return "D"

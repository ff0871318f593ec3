"""Periods from what users have: text such as 2023-04, datetimes, pandas Periods or plain integers."""

from __future__ import annotations

import datetime
import re
from typing import Any

import numpy as np
import pandas as pd

from toolkit.validate import DesignError, and_more, quoted, shown

# The text forms we read, and the frequency each implies; a full date implies none until all are seen.
_FORMS = {
    re.compile(r"(?!0000)\d{4}-(0[1-9]|1[0-2])"): "M",
    re.compile(r"(?!0000)\d{4}-?Q[1-4]"): "Q",
    re.compile(r"(?!0000)\d{4}"): "Y",
    re.compile(r"(?!0000)\d{4}-\d{2}-\d{2}( 00:00:00)?"): None,
}
_ADVICE = (
    "Write periods as 2023-04, 2023-Q2, 2023 or 2023-04-17, or give datetimes, pandas Periods or integers."
)
_FREQUENCY = re.compile(r"h|D|M|W(-[A-Z]{3})?|[QY](-[A-Z]{3})?")
# The last day of a week that starts on Monday, Tuesday, ...
_WEEK_ENDS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_LARGEST = 2**53  # floats count up by one as far as this


def parse(values: pd.Series, name: str, freq: str | None = None) -> pd.Index:
    """The column as a PeriodIndex, or as an integer Index where it holds plain integers.

    Missing values are kept (as NaT, or as a float Index with NaN). With ``freq``, a date becomes the period
    of that frequency that holds it. Raises DesignError for text that is not a date, integers that are dates,
    periods that span several of ``freq``, and columns that mix types.
    """
    if isinstance(values.dtype, pd.PeriodDtype):
        return _whole_periods(pd.PeriodIndex(values), name, freq)
    if pd.api.types.is_bool_dtype(values.dtype):
        raise DesignError(f"{name} holds true and false, not periods. {_ADVICE}")
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return _from_dates(values, name, freq)
    if pd.api.types.is_numeric_dtype(values.dtype):
        return _from_integers(values, name)
    return _from_objects(values, values.dropna(), name, freq)


def match(values: pd.Series, name: str, like: pd.Index) -> pd.Index:
    """The column read as periods of the same kind as ``like``; a date becomes the period that holds it."""
    freq = like.freqstr if isinstance(like, pd.PeriodIndex) else None
    present, integers = values.dropna(), freq is None
    if present.empty:
        empty = [None] * len(values)
        return pd.Index(empty, dtype=float) if integers else pd.PeriodIndex(empty, freq=freq)
    if integers != (_kind(present.iloc[0]) == "number"):
        wanted = "integers" if integers else f"dates such as {shown(like[0])}"
        first = quoted(present.iloc[0])
        raise DesignError(f"{name} holds {first}, but the periods are {wanted}. Give both in the same form.")
    return parse(values, name, freq)


def frequency(freq: Any) -> str:
    """A pandas frequency of periods, such as M, Q or W-SUN; raise for any other."""
    try:
        if isinstance(freq, str) and _FREQUENCY.fullmatch(freq):
            return pd.PeriodIndex([], freq=freq).freqstr
    except ValueError:  # a weekday or a month that there is not
        pass
    raise DesignError(
        f"{quoted(freq)} is not a frequency of periods. Use 'D', 'W', 'M', 'Q' or 'Y' (or one such as 'W-SAT')."
    )


def ordinals(index: pd.Index) -> np.ndarray:
    """Periods as floats that count up by one a period; missing becomes infinity, which is never."""
    if isinstance(index, pd.PeriodIndex):
        return np.where(index.isna(), np.inf, index.asi8.astype(float))
    numbers = pd.to_numeric(pd.Series(index)).to_numpy(dtype=float, na_value=np.nan)
    return np.where(np.isnan(numbers), np.inf, numbers)


def _whole_periods(index: pd.PeriodIndex, name: str, freq: str | None) -> pd.PeriodIndex:
    """Each period as the one of ``freq`` that holds it: a day becomes its month; a year beside months cannot."""
    frequency(index.freqstr)
    if freq is None or index.freqstr == freq:
        return index
    start, end = index.asfreq(freq, "S"), index.asfreq(freq, "E")
    wide = np.asarray(index.notna() & (start != end))
    if wide.any():
        raise DesignError(
            f"{name} holds {index[wide][0]}, which spans several periods such as {start[wide][0]}: name a single one."
        )
    return start


def _from_integers(values: pd.Series, name: str) -> pd.Index:
    if pd.api.types.is_complex_dtype(values.dtype):
        raise DesignError(f"{name} holds complex numbers, not periods. {_ADVICE}")
    numbers = values.to_numpy(dtype=float, na_value=np.nan)
    known = numbers[~np.isnan(numbers)]
    if np.isinf(known).any():
        raise DesignError(f"{name} holds an infinite value. Leave it missing where there is no period.")
    odd = known[(known != np.round(known)) | (np.abs(known) > _LARGEST)]
    if odd.size:
        raise DesignError(f"{name} holds {shown(odd[0])}, which is not a whole number of periods. {_ADVICE}")
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
    text = isinstance(values.dtype, pd.StringDtype)
    kinds = {"text"} if text else {_kind(value) for value in present}
    if len(kinds) > 1:
        one = {kind: quoted(next(v for v in present if _kind(v) == kind)) for kind in sorted(kinds)}
        found = ", ".join(f"{kind} ({value})" for kind, value in one.items())
        raise DesignError(f"{name} mixes types: {found}. Give every period in the same form.")
    only = kinds.pop() if kinds else "text"
    if only == "text":
        return _from_text(values, present, name, freq)
    if only.startswith("period"):
        return _whole_periods(pd.PeriodIndex(values), name, freq)
    if only.startswith("date"):
        local = present.map(lambda v: v.replace(tzinfo=None) if getattr(v, "tzinfo", None) else v)
        return _from_dates(_as_long_as(values, pd.to_datetime(local)), name, freq)
    if only == "number":
        return _from_integers(pd.to_numeric(values.astype(object)), name)
    raise DesignError(f"{name} holds {quoted(present.iloc[0])}, which is not a period. {_ADVICE}")


def _kind(value: Any) -> str:
    if isinstance(value, str):
        return "text"
    if isinstance(value, pd.Period):
        return f"period of frequency {value.freqstr}"
    if isinstance(value, (datetime.date, np.datetime64)):
        return "date with a time zone" if getattr(value, "tzinfo", None) else "date"
    number = isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
    return "number" if number else "neither date nor number"


def _from_text(values: pd.Series, present: pd.Series, name: str, freq: str | None) -> pd.PeriodIndex:
    text = present.astype(object).str.strip()
    which, once = pd.factorize(text)  # a panel names each of its periods many times
    forms = {form: np.array([bool(form.fullmatch(t)) for t in once], dtype=bool) for form in _FORMS}
    readable = np.logical_or.reduce(list(forms.values()))
    _refuse_text(present, ~readable[which], name)
    used = [form for form, mask in forms.items() if mask.any()]
    if len(used) > 1:
        examples = " and ".join(once[forms[form]][0] for form in used)
        raise DesignError(f"{name} mixes {examples}. Give every period in the same form.")
    found = _FORMS[used[0]] if used else "M"
    if found is not None:
        places, once = pd.factorize(_as_long_as(values, text))
        index = pd.PeriodIndex([*once, None], freq=found)[places]  # missing ones are the last
        return _whole_periods(index, name, freq)
    dates = pd.to_datetime(text.str[:10], format="%Y-%m-%d", errors="coerce")
    _refuse_text(present, dates.isna().to_numpy(), name)
    return _from_dates(_as_long_as(values, dates), name, freq)


def _refuse_text(present: pd.Series, bad: np.ndarray, name: str) -> None:
    if bad.any():
        wrong = present[bad]
        raise DesignError(
            f"{name} is {quoted(wrong.iloc[0])}{and_more(len(wrong), 'row')}, not a period. {_ADVICE}"
        )


def _as_long_as(values: pd.Series, present: pd.Series) -> pd.Series:
    """The values read, in their places, with the missing ones back; labels may repeat."""
    places = pd.Series(present.to_numpy(), index=np.flatnonzero(values.notna()))
    return places.reindex(range(len(values)))


def _from_dates(values: pd.Series, name: str, freq: str | None) -> pd.PeriodIndex:
    index = pd.DatetimeIndex(values)
    index = index.tz_localize(None) if index.tz is not None else index
    return index.to_period(freq or _infer(index.dropna().unique().sort_values(), name))


def _infer(dates: pd.DatetimeIndex, name: str) -> str:
    """Days, weeks, months, quarters or years: the longest period that puts every date at its start or end."""
    if (dates != dates.normalize()).any():
        raise DesignError(
            f"{name} has times of day, such as {shown(dates[dates != dates.normalize()][0])}. Say what a period is: "
            "freq='D', 'W', 'M', 'Q' or 'Y'."
        )
    days_of_january = len(dates) > 12 and (dates.month == 1).all() and dates.day.max() <= 12
    if days_of_january and dates.day.nunique() > 1:  # first days alone are years
        raise DesignError(
            f"{name} holds only days of January, such as {shown(dates[1])}: day and month seem to "
            "be swapped. Read the "
            "dates with pd.to_datetime(..., dayfirst=True)."
        )
    for edge in ("start", "end"):
        if len(dates) and getattr(dates, f"is_month_{edge}").all():
            longer = (unit for unit in ("year", "quarter") if getattr(dates, f"is_{unit}_{edge}").all())
            return {"year": "Y", "quarter": "Q"}.get(next(longer, "") if len(dates) > 1 else "", "M")
    if len(dates) > 1 and dates.day_of_week.nunique() == 1:
        return f"W-{_WEEK_ENDS[dates[0].day_of_week]}"
    return "D"

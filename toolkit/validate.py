"""The error that says what to fix, and the checks on data and designs that raise it."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

_LONGEST = 80  # characters of a name that a message repeats
_COLUMNS_LISTED = 30
_LARGEST = 1e30  # beyond this, squares of squares leave the range of floating point


class DesignError(ValueError):
    """The data or the design cannot answer the question asked.

    The message says what is wrong, where it is first and how often, and what to do about it, in the
    user's own column names.

    Examples
    --------
    >>> from toolkit import DesignError, Panel
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"ward": ["Bede", "Bede"], "month": ["2020-04", "2020-04"], "asb": [3, 4]})
    >>> try:
    ...     Panel.of(rows, unit="ward", period="month", outcome="asb")
    ... except DesignError as error:
    ...     print(error)
    ward Bede has two rows for month 2020-04. A Panel holds one row per unit and period: add them up first.
    """


def shown(value: Any) -> str:
    """A value as a reader would write it: no ``np.int64(0)``, no trailing ``.0``, no midnight, no essay."""
    if isinstance(value, (np.datetime64, datetime.datetime)):
        value = pd.Timestamp(value)
        return str(value.date() if value == value.normalize() else value)
    if isinstance(value, np.generic):
        value = value.item()
    text = f"{value:.10g}" if isinstance(value, float) else str(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."


def quoted(value: Any) -> str:
    """A value as :func:`shown`, with quotes around text: ``'n/a'`` but ``202304``."""
    return repr(shown(value)) if isinstance(value, str) else shown(value)


def listed(values: Iterable[Any], most: int = 4) -> str:
    """``a, b, c and 5 more``: the first few of a list, and how many are left."""
    names = [shown(value) for value in values]
    if len(names) <= most:
        return ", ".join(names[:-1]) + " and " + names[-1] if len(names) > 1 else "".join(names)
    return ", ".join(names[:most]) + f" and {len(names) - most} more"


def counted(number: int, noun: str) -> str:
    """``1 ward`` or ``4 wards``."""
    return f"{number:,} {noun if number == 1 else plural(noun)}"


def plural(noun: str) -> str:
    """The plural of a column name used as a noun: ``wards``, ``cities``, ``clusters of wards``."""
    head, of, rest = noun.partition(" of ")
    if of:
        return plural(head) + of + rest
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + ("es" if noun.endswith(("s", "x", "ch", "sh")) else "s")


_ACRONYMS = {"lsoa", "msoa", "oa", "lad", "bcu", "csp", "pfa", "icb"}


def noun(labels: Mapping[str, str], name: str) -> str:
    """The user's column name where it reads as a word (``ward``, ``LSOA``), or else ours (``unit``, ``period``)."""
    label = labels[name].strip()
    if label.lower() in _ACRONYMS:
        return label.upper()
    plain = label.isalpha() and len(label) <= 15 and (label[1:].islower() or label.isupper())
    return (label if label.isupper() else label.lower()) if plain else name


def and_more(number: int, noun: str) -> str:
    """`` (and 3 more such rows)``, or nothing when there is only one."""
    return f" (and {number - 1:,} more such {plural(noun) if number > 2 else noun})" if number > 1 else ""


def require_columns(frame: Any, names: Sequence[str]) -> None:
    """Raise unless ``frame`` is a non-empty table that has every named column, once."""
    if not isinstance(frame, pd.DataFrame):
        raise DesignError(
            f"The data must be a pandas DataFrame with one row per unit and period, not {kind(frame)}."
        )
    for name in names:
        if not isinstance(name, str):
            raise DesignError(f"{shown(name)} is not the name of a column: name each column as text.")
        if name not in frame.columns:
            raise DesignError(f"No column {name!r} in the data. {_columns_of(frame)}")
        if isinstance(frame[name], pd.DataFrame):
            raise DesignError(
                f"The data have more than one column named {name!r}: rename or drop all but one."
            )
    if frame.empty:
        raise DesignError("The data have no rows. Check the filter or the file that made them.")


def _columns_of(frame: pd.DataFrame) -> str:
    """``The columns are: ward, month, asb.``, as many as a person would read."""
    have = [shown(name) for name in frame.columns]
    if not have:
        return "There are no columns: check the file that the data came from."
    more = len(have) - _COLUMNS_LISTED
    rest = f" and {more} more" if more > 0 else ""
    return f"The columns are: {', '.join(have[:_COLUMNS_LISTED])}{rest}."


def kind(value: Any) -> str:
    """What a value is, for messages: ``a list``, ``an int``, ``None``."""
    name = type(value).__name__
    return "None" if value is None else f"{article(name)} {name}"


def article(noun: str) -> str:
    """``an`` before a vowel, as in an exposure, else ``a``."""
    return "an" if noun[:1] in tuple("aeiouAEIOU") else "a"


def finite_numbers(column: pd.Series, name: str, where: pd.Series, drop: str = "drop the row") -> np.ndarray:
    """The column as floats; raise at the first missing, infinite or non-numeric value, saying where.

    ``drop`` is how to do without a value that cannot be mended.
    """
    types = pd.api.types
    if not types.is_numeric_dtype(column) and not types.is_bool_dtype(column):
        return _as_numbers(column, name, where, drop)
    if types.is_complex_dtype(column):
        raise DesignError(f"{name} holds complex numbers, such as {shown(column.iloc[0])}. Give plain ones.")
    numbers = column.to_numpy(dtype=float, na_value=np.nan)
    advice = f"Fill it in from the source, or {drop}: gaps stay gaps."
    _refuse(np.isnan(numbers), name, "is missing", where, advice)
    _refuse(np.isinf(numbers), name, "is infinite", where, f"Correct it, or {drop}.")
    advice = f"That is too large to be a measurement: correct it, or {drop}."
    _refuse(np.abs(numbers) > _LARGEST, name, lambda i: f"is {shown(numbers[i])}", where, advice)
    return numbers


def positive(numbers: np.ndarray, name: str, where: pd.Series, drop: str = "drop those rows") -> None:
    """Raise at the first number that is not above zero, saying where."""
    noun = f"{article(name).capitalize()} {name}"
    advice = f"{noun} must be above zero to be divided by: {drop}, or leave exposure= out."
    _refuse(numbers <= 0, name, lambda i: f"is {shown(numbers[i])}", where, advice)


def not_negative(numbers: np.ndarray, name: str, where: pd.Series, advice: str) -> None:
    """Raise at the first negative number, saying where."""
    _refuse(numbers < 0, name, lambda i: f"is {shown(numbers[i])}", where, advice)


def one_of(value: Any, name: str, allowed: Sequence[str]) -> None:
    """Raise unless ``value`` is one of the ``allowed`` words."""
    if not isinstance(value, str) or value not in allowed:
        choices = " or ".join(repr(word) for word in allowed)
        raise DesignError(f"{name}={quoted(value)} is not known. Use {choices}.")


def level_between(level: Any) -> float:
    """The confidence level as a float strictly between 0 and 1."""
    if not isinstance(level, (int, float, np.floating)) or not 0 < float(level) < 1:
        raise DesignError(f"level={quoted(level)} must be between 0 and 1, such as 0.95 for a 95% interval.")
    return float(level)


def whole(value: Any, name: str, least: int = 0) -> int:
    """The value as an int of at least ``least``."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)) or value < least:
        raise DesignError(f"{name}={quoted(value)} must be a whole number of at least {least}.")
    return int(value)


def yes_no(value: Any, name: str) -> bool:
    """The value as a bool: text, numbers and missing values are refused, because most of them would count as yes."""
    if not isinstance(value, (bool, np.bool_)):
        raise DesignError(f"{name}={quoted(value)} must be True or False.")
    return bool(value)


def text(value: Any, name: str, such_as: str, or_else: str = "") -> None:
    """Raise unless ``value`` is text, with an example of what it might be."""
    if not isinstance(value, str):
        more = f"; {or_else}" if or_else else ""
        raise DesignError(f"{name}={shown(value)} must be text, such as {such_as}{more}.")


def one_per_row(weights: Any, rows: int) -> np.ndarray:
    """One finite weight for each row, not all zero, as floats."""
    given = np.asarray(weights)
    numbers = given.shape == (rows,) and given.dtype.kind in "biuf"
    if not numbers or not np.isfinite(given).all() or not given.any():
        raise DesignError(f"weights must be {rows} numbers, one for each row of effects, and not all zero.")
    return given.astype(float)


def random_generator(seed: Any) -> np.random.Generator:
    """A generator from a seed: None is the fixed seed 0, never the clock; a Generator is used as it is."""
    if isinstance(seed, np.random.Generator):
        return seed
    return np.random.default_rng(0 if seed is None else whole(seed, "seed"))


def needs(panel: Any, *, comparison: bool = False, before: bool = True, after: bool = True) -> None:
    """Raise a DesignError unless the panel can answer the question.

    Parameters
    ----------
    panel : Panel
        The panel a method was given.
    comparison : bool
        The question needs units that are never treated, or not yet.
    before, after : bool
        The question needs treated units that are observed before, or after, their treatment began.

    Examples
    --------
    >>> from toolkit import simulate, validate, Panel
    >>> frame, truth = simulate.panel(units=6, periods=8, treated=2, treated_from="2021-05", first="2021-01")
    >>> panel = Panel.of(frame, unit="unit", period="period", outcome="count", treated_from="treated_from")
    >>> validate.needs(panel, comparison=True)
    """
    require_panel(panel)
    grid, unit, period = panel.grid, noun(panel.labels, "unit"), noun(panel.labels, "period")
    if len(grid.periods) < 2:
        only = shown(grid.periods[0])
        raise DesignError(
            f"There is only one {period} ({only}): a change needs at least two, before and after."
        )
    ever = np.isfinite(grid.start) & (grid.start <= grid.ordinals[-1])
    if not ever.any():
        raise DesignError(_nobody_treated(panel))
    has_before = (grid.observed & ~grid.treated)[ever].any()
    if before and not has_before:
        flag = panel.labels.get("treated")
        group = f" If {flag!r} marks the group and not the time, give treated_from= instead." if flag else ""
        raise DesignError(
            f"No treated {unit} is observed before its treatment began, so there is no {period} before treatment. "
            f"Add earlier {plural(period)}.{group}"
        )
    if after and not grid.treated.any():
        raise DesignError(f"No treated {unit} is observed from its treatment on. Add later {plural(period)}.")
    if comparison and not _has_comparison(grid):
        raise DesignError(_nobody_to_compare(panel))


def require_panel(panel: Any) -> None:
    """Raise unless a method was given a Panel."""
    if not hasattr(panel, "grid"):
        raise DesignError(
            f"This takes a Panel, not {kind(panel)}: make one with Panel.of(data, unit=..., ...)."
        )


def _has_comparison(grid: Any) -> bool:
    """Is some treated cell's period also seen in a unit untreated at the time?"""
    with_treated = grid.treated.any(axis=0)
    return bool((grid.observed & ~grid.treated)[:, with_treated].any())


def _nobody_to_compare(panel: Any) -> str:
    grid, unit, period = panel.grid, noun(panel.labels, "unit"), noun(panel.labels, "period")
    if grid.treated.any(axis=1).all():
        return (
            f"Every {unit} is treated, so there is no comparison group. Use before_after, "
            f"or add {plural(unit)} that were never treated."
        )
    return (
        f"No untreated {unit} is observed in a {period} in which others are treated, so there is nothing to "
        f"compare with. Add those {plural(period)} for the untreated {plural(unit)}, or use before_after."
    )


def _nobody_treated(panel: Any) -> str:
    unit, period, labels = panel.labels["unit"], panel.labels["period"], panel.labels
    if "treated" in labels:
        return f"No {unit} is treated: {labels['treated']!r} is 0 in every row."
    if "treated_from" not in labels:
        return "The Panel does not say who was treated: give Panel.of treated_from= or treated=."
    name = labels["treated_from"]
    return f"No {unit} is treated within the {plural(period)} of the data: {name!r} is missing or later throughout."


def _as_numbers(column: pd.Series, name: str, where: pd.Series, drop: str) -> np.ndarray:
    """Text, categories and objects as floats; dates and spans of time are not numbers."""
    numbers = column.astype(object).map(_as_float)
    bad = (numbers.isna() & column.notna()).to_numpy()
    if bad.any():
        first = int(np.flatnonzero(bad)[0])
        raise DesignError(
            f"{name} is {quoted(column.iloc[first])} at {where.iloc[first]}{and_more(int(bad.sum()), 'row')}, "
            f"not a number. {_advice(column.iloc[first], drop)}"
        )
    return finite_numbers(numbers.astype(float), name, where, drop)


def _advice(value: Any, drop: str) -> str:
    """What to do about text that is not a number."""
    if isinstance(value, str) and value.replace(",", "").strip().isdigit():
        return "Take out the thousands commas: pd.read_csv(..., thousands=',')."
    return f"Correct it at the source, or {drop}."


def _as_float(value: Any) -> float:
    """The value as a float; NaN where it is not a number."""
    if not isinstance(value, (str, Real, Decimal, np.bool_)):
        return math.nan
    try:
        return float(value)
    except OverflowError:
        return math.inf
    except ValueError:
        return math.nan


def _refuse(bad: np.ndarray, name: str, says: Any, where: pd.Series, advice: str) -> None:
    if not bad.any():
        return
    first = int(np.flatnonzero(bad)[0])
    words = says if isinstance(says, str) else says(first)
    raise DesignError(f"{name} {words} at {where.iloc[first]}{and_more(int(bad.sum()), 'row')}. {advice}")

"""What Panel.of checks beyond single columns: keys, signs, treatment that stays on, coarser cells."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from toolkit import periods as calendar
from toolkit.validate import (
    DesignError,
    and_more,
    counted,
    finite_numbers,
    not_negative,
    noun,
    plural,
    quoted,
    shown,
)

# Names that Panel.frame uses itself.
RESERVED = ("unit", "period", "outcome", "exposure", "weight", "cluster", "treated_from", "ever_treated",
            "treated_now", "event_time")  # fmt: skip
_MAY_BE_ONE = ({"unit", "cluster"}, {"exposure", "weight"})
_FINE_TO_COARSE = "hDWMQY"
_FREQUENCIES = {"quarter": "Q", "year": "Y", "month": "M", "week": "W"}


def row_names(frame: pd.DataFrame, labels: Mapping[str, str]) -> pd.Series:
    """``ward Bede, month 2020-04`` for each row, made only when a message asks for it."""
    return _RowNames(frame, labels)  # type: ignore[return-value]


class _RowNames:
    """Stands in for a Series of row descriptions: a million strings would cost more than the checks."""

    def __init__(self, frame: pd.DataFrame, labels: Mapping[str, str]) -> None:
        self._frame, self._labels = frame, labels

    @property
    def iloc(self) -> _RowNames:
        return self

    def __getitem__(self, i: int) -> str:
        unit, period = self._frame["unit"].iloc[i], self._frame["period"].iloc[i]
        return f"{self._labels['unit']} {shown(unit)}, {self._labels['period']} {shown(period)}"


def check_keys(frame: pd.DataFrame, labels: Mapping[str, str]) -> None:
    """Raise where a unit has two rows for a period."""
    again = frame.duplicated(["unit", "period"], keep="first").to_numpy()
    if again.any():
        first = frame[again].iloc[0]
        same = int(((frame["unit"] == first["unit"]) & (frame["period"] == first["period"])).sum())
        pairs = len(frame[again].drop_duplicates(["unit", "period"]))
        more = f" (and {pairs - 1:,} more such pair{'s' if pairs > 2 else ''})" if pairs > 1 else ""
        number = {2: "two", 3: "three"}.get(same, str(same))
        raise DesignError(
            f"{labels['unit']} {shown(first['unit'])} has {number} rows for {labels['period']} "
            f"{shown(first['period'])}{more}. A Panel holds one row per unit and period: add them up first."
        )


def check_outcome(column: pd.Series, name: str, where: pd.Series) -> np.ndarray:
    """The outcome as floats: finite, not all zero, and not negative where every value is whole (a count)."""
    numbers = finite_numbers(column, name, where)
    negative = numbers < 0
    if negative.any() and (numbers == np.round(numbers)).all():
        first = int(np.flatnonzero(negative)[0])
        raise DesignError(
            f"{name} is {shown(numbers[first])} at {where.iloc[first]}{and_more(int(negative.sum()), 'row')}. "
            "Whole numbers are taken for counts, and a count cannot be negative: correct it at the source. "
            "(If it is a score, add a constant to every row: differences stay the same.)"
        )
    if not numbers.any():
        raise DesignError(
            f"{name} is zero in every row: there is nothing to compare. Check the filter that made the data."
        )
    return numbers


def constant_in_unit(frame: pd.DataFrame, name: str, labels: Mapping[str, str]) -> None:
    """Raise where a column that belongs to the unit changes, or is missing, within one."""
    column = labels[name]
    if frame[name].isna().any():
        unit = frame.loc[frame[name].isna(), "unit"].iloc[0]
        raise DesignError(
            f"{column} is missing for {labels['unit']} {shown(unit)}. Fill it in for every row."
        )
    many = frame.groupby("unit", sort=True)[name].nunique()
    if (many > 1).any():
        unit = many.index[many > 1][0]
        values = " and ".join(shown(v) for v in frame.loc[frame["unit"] == unit, name].unique()[:2])
        more = and_more(int((many > 1).sum()), labels["unit"])
        raise DesignError(
            f"{column} changes within {labels['unit']} {shown(unit)} ({values}){more}. It must be constant."
        )


def check_first_treated(frame: pd.DataFrame, name: str, labels: Mapping[str, str]) -> None:
    """Raise where a unit has two first treated periods, or where 0 seems to mean never."""
    many = frame.groupby("unit", sort=True)["treated_from"].nunique(dropna=False)
    if (many > 1).any():
        unit = many.index[many > 1][0]
        values = frame.loc[frame["unit"] == unit, "treated_from"].unique()[:2]
        said = " and ".join("missing" if pd.isna(v) else shown(v) for v in values)
        more = and_more(int((many > 1).sum()), labels["unit"])
        raise DesignError(
            f"{name} changes within {labels['unit']} {shown(unit)} ({said}){more}. "
            "Give each unit one first treated period, the same in all its rows."
        )
    starts, order = frame["treated_from"], calendar.ordinals(pd.Index(frame["period"]))
    if not isinstance(starts.dtype, pd.PeriodDtype) and (starts == 0).any() and order.min() > 0:
        number = counted(frame.loc[starts == 0, "unit"].nunique(), labels["unit"])
        raise DesignError(
            f"{name} is 0 for {number}, before the first {labels['period']} ({shown(order.min())}). "
            "If 0 stands for never treated, make it missing (NaN or None)."
        )


def zero_or_one(column: pd.Series, name: str, where: pd.Series, otherwise: str) -> np.ndarray:
    """Where a 0/1 column is 1; raise at text, and at the first number that is neither, saying where."""
    words = column.map(lambda value: isinstance(value, str) and not value.strip().isdigit()).astype(bool)
    if words.any():
        said = quoted(column[words].iloc[0])
        raise DesignError(
            f"{name} holds {said}: it must be 0 or 1, or True or False, such as data[{name!r}] == {said}."
        )
    now = finite_numbers(column, name, where)
    odd = (now != 0) & (now != 1)
    if odd.any():
        first = int(np.flatnonzero(odd)[0])
        raise DesignError(
            f"{name} is {shown(now[first])} at {where.iloc[first]}{and_more(int(odd.sum()), 'row')}: "
            f"it must be 0 or 1. {otherwise}"
        )
    return now == 1


def first_treated_of(frame: pd.DataFrame, name: str, labels: Mapping[str, str]) -> pd.Series:
    """Each row's first treated period from a 0/1 column ``now``; raise where treatment goes back to 0."""
    where = row_names(frame, labels)
    advice = "For a share of the period, use the first wholly treated one."
    now = zero_or_one(frame["now"], name, where, advice)
    order = calendar.ordinals(pd.Index(frame["period"]))
    codes, _ = pd.factorize(frame["unit"])
    start = np.full(codes.max() + 1, np.inf)
    np.minimum.at(start, codes[now], order[now])
    off = ~now & (order > start[codes])
    if off.any():
        first = int(np.flatnonzero(off)[0])
        raise DesignError(
            f"{name} goes back to 0 at {where.iloc[first]}{and_more(int(off.sum()), 'row')}: the "
            "treatment switches off. "
            "The methods here take a treatment that stays on. End the data where it stops, or give treated_from."
        )
    return _at(start[codes], frame["period"])


def _at(start: np.ndarray, periods: pd.Series) -> pd.Series:
    """Ordinals back to periods, missing where infinite."""
    known = np.isfinite(start)
    if isinstance(periods.dtype, pd.PeriodDtype):
        whole = np.where(known, start, 0).astype(np.int64)
        dates = pd.PeriodIndex.from_ordinals(whole, freq=periods.dtype.freq)  # type: ignore[attr-defined]
        return pd.Series(dates, index=periods.index).where(known)
    return pd.Series(np.where(known, start, np.nan), index=periods.index)


def as_names(covariates: Any) -> tuple[str, ...]:
    """One name or several as a tuple."""
    if isinstance(covariates, str):
        return (covariates,)
    if not isinstance(covariates, Iterable):
        raise DesignError(f"covariates={shown(covariates)} must be a list of column names.")
    return tuple(covariates)


def check_roles(labels: Mapping[str, str], covariates: Sequence[str]) -> None:
    """Raise where one column is named in two roles that cannot be one, or a covariate takes our own name."""
    if "treated_from" in labels and "treated" in labels:
        raise DesignError(
            f"Give treated_from={labels['treated_from']!r} or treated={labels['treated']!r}, not both."
        )
    for name in covariates:
        if name in labels.values():
            raise DesignError(
                f"{name!r} is named as a covariate and as something else. Name each column once."
            )
        if name in RESERVED:
            raise DesignError(
                f"A covariate may not be called {name!r}, which the Panel uses itself: rename the column."
            )
    if len(set(covariates)) < len(covariates):
        raise DesignError(f"A covariate is named twice: {', '.join(covariates)}.")
    for one, other in itertools.combinations(labels, 2):
        if labels[one] == labels[other] and {one, other} not in _MAY_BE_ONE:
            raise DesignError(
                f"{labels[one]!r} is named as the {one} and as the {other}. Name a column for each."
            )


def check_labels(column: pd.Series, name: str) -> None:
    """Raise where a column that names units or clusters holds lists or the like, which cannot name anything."""
    if column.dtype == object:
        bad = column.map(pd.api.types.is_list_like).to_numpy(dtype=bool)
        if bad.any():
            more = and_more(int(bad.sum()), "row")
            raise DesignError(f"{name} holds {shown(column[bad].iloc[0])}{more}: names are text or numbers.")


def check_spelling(units: pd.Series, name: str) -> None:
    """Raise where two names differ only by spaces or capitals: one area would be split in two."""
    names = pd.Series(units.unique())
    if not names.map(lambda unit: isinstance(unit, str)).all():
        return
    plain = names.str.split().str.join(" ").str.casefold()
    twice = plain.duplicated(keep=False)
    if twice.any():
        alike = names[plain == plain[twice].iloc[0]]
        raise DesignError(
            f"{name} has {' and '.join(repr(str(unit)) for unit in alike)}, which differ only by spaces or capitals. "
            f"Write each {name} one way: data[{name!r}].str.strip() takes off spaces."
        )


def quiet_rows_missing(frame: pd.DataFrame, labels: Mapping[str, str]) -> tuple[str, ...]:
    """A caution where counts have gaps and no zeros: a list of events has no row for a quiet period."""
    gaps = frame["unit"].nunique() * frame["period"].nunique() - len(frame)
    outcome = frame["outcome"]
    if not gaps or outcome.min() < 1 or not (outcome == outcome.round()).all():
        return ()
    pairs = counted(gaps, f"{noun(labels, 'unit')}-{noun(labels, 'period')} pair")
    return (
        f"{pairs} {'has' if gaps == 1 else 'have'} no row, and no row is 0: where nothing happened there must be a row "
        "with 0, or the quiet ones are lost.",
    )


def one_type(units: pd.Series) -> pd.Series:
    """The names as they are, or all as text where they mix types, so that they can be sorted."""
    return units.astype(str) if units.map(type).nunique() > 1 else units


def check_weight(column: pd.Series, name: str, where: pd.Series) -> np.ndarray:
    """The weights as floats: none negative, not all zero."""
    numbers = finite_numbers(column, name, where)
    not_negative(numbers, name, where, "A weight is zero or more.")
    if not numbers.any():
        raise DesignError(f"{name} is zero in every row, so no row would count. Leave weight= out.")
    return numbers


def coarser(frame: pd.DataFrame, labels: Mapping[str, str], by: Any) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Sums over coarser cells, and a caution that counts the incomplete ones left out."""
    if "weight" in frame or not set(frame.columns) <= {*RESERVED}:
        raise DesignError(
            "A Panel with weights or covariates cannot be added up: collapse it first, then name them."
        )
    of_periods = isinstance(by, str)
    keys = _coarse_periods(frame, labels, by) if of_periods else _coarse_units(frame, labels, by)
    per_cell = frame.assign(**keys).groupby(["unit", "period"], sort=True)
    cells = per_cell[[name for name in ("outcome", "exposure") if name in frame]].sum()
    same = [name for name in ("treated_from", "cluster") if name in frame]
    cells[same] = per_cell[same].first()
    size = per_cell.size()
    expected = _periods_within(frame, size) if of_periods else size.groupby(level="unit").transform("max")
    complete = (size == expected).to_numpy()
    if not complete.any():
        raise DesignError(f"No {by} is complete: every one lacks some of its {plural(labels['period'])}.")
    left = int((~complete).sum())
    noun = "cell" if left == 1 else "cells"
    caution = (f"{left} incomplete coarser {noun} left out when the panel was added up.",) if left else ()
    return cells[complete].reset_index(), caution


def _periods_within(frame: pd.DataFrame, size: pd.Series) -> pd.Series:
    """How many of the panel's own periods each coarser one holds by the calendar, for each cell."""
    fine, coarse = _freq(frame), pd.PeriodIndex(size.index.get_level_values("period"))
    first, last = coarse.min().asfreq(fine, "start"), coarse.max().asfreq(fine, "end")
    whole = pd.period_range(first, last, freq=fine).asfreq(coarse.freqstr).value_counts()
    return pd.Series(whole.reindex(coarse).to_numpy(), index=size.index)


def _freq(frame: pd.DataFrame) -> Any:
    return frame["period"].dtype.freq  # type: ignore[union-attr]


def _coarse_periods(frame: pd.DataFrame, labels: Mapping[str, str], by: str) -> dict[str, Any]:
    if not isinstance(frame["period"].dtype, pd.PeriodDtype):
        raise DesignError(
            f"{labels['period']} holds integers, which have no quarters or years: give dates to Panel.of."
        )
    fine, freq = _freq(frame), calendar.frequency(_FREQUENCIES.get(by, by))
    if _FINE_TO_COARSE.index(freq[0]) <= _FINE_TO_COARSE.index(fine.freqstr[0]):
        raise DesignError(f"by={by!r} is no coarser than the panel's own {plural(labels['period'])}.")
    starts = frame["treated_from"].dropna()
    inside = starts.dt.asfreq(freq).dt.asfreq(fine, "start") != starts
    if inside.any():
        wrong = starts[inside].iloc[0]
        raise DesignError(
            f"A treatment starts in {wrong}, inside {wrong.asfreq(freq)}, which would be part treated. "
            f"Leave it out with where(), or keep the finer {plural(labels['period'])}."
        )
    return {"period": frame["period"].dt.asfreq(freq), "treated_from": frame["treated_from"].dt.asfreq(freq)}


def _coarse_units(frame: pd.DataFrame, labels: Mapping[str, str], by: Any) -> dict[str, Any]:
    if not isinstance(by, (Mapping, pd.Series)) and not isinstance(by, Callable):  # type: ignore[arg-type]
        raise DesignError(
            "by= is a frequency such as 'quarter', or a mapping or function from each unit to a coarser one."
        )
    unit = frame["unit"].map(by)
    check_labels(unit, "by=")
    if unit.isna().any():
        lost = frame.loc[unit.isna(), "unit"].iloc[0]
        raise DesignError(f"by= says nothing of {labels['unit']} {shown(lost)}. Map every unit.")
    unit = one_type(unit)
    differ = {"treated_from": "start at different times", "cluster": "lie in different clusters"}
    for name in (column for column in differ if column in frame):
        many = frame[name].groupby(unit).nunique(dropna=False) > 1
        if many.any():
            one = shown(many.index[many][0])
            raise DesignError(f"{one} would join units that {differ[name]}. Keep them apart.")
    return {"unit": unit}

"""What Panel.of checks beyond single columns: keys, signs, treatment that stays on, coarser cells."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from toolkit import periods as calendar
from toolkit.validate import DesignError, and_more, counted, finite_numbers, plural, shown

# Names that Panel.frame uses itself.
RESERVED = ("unit", "period", "outcome", "exposure", "weight", "cluster", "treated_from", "ever_treated",
            "treated_now", "event_time")  # fmt: skip
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


def first_treated_of(frame: pd.DataFrame, name: str, labels: Mapping[str, str]) -> pd.Series:
    """Each row's first treated period from a 0/1 column ``now``; raise where treatment goes back to 0."""
    where = row_names(frame, labels)
    now = finite_numbers(frame["now"], name, where)
    odd = (now != 0) & (now != 1)
    if odd.any():
        first = int(np.flatnonzero(odd)[0])
        raise DesignError(
            f"{name} is {shown(now[first])} at {where.iloc[first]}{and_more(int(odd.sum()), 'row')}: "
            "it must be 0 or 1. For a share of the period, use the first wholly treated one."
        )
    order = calendar.ordinals(pd.Index(frame["period"]))
    codes, _ = pd.factorize(frame["unit"])
    start = np.full(codes.max() + 1, np.inf)
    np.minimum.at(start, codes[now == 1], order[now == 1])
    off = (now == 0) & (order > start[codes])
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


def check_covariates(covariates: Sequence[str], others: Sequence[str]) -> None:
    """Raise where a covariate has a name that the panel uses, or is another column again."""
    for name in covariates:
        if name in others:
            raise DesignError(
                f"{name!r} is named as a covariate and as something else. Name each column once."
            )
        if name in RESERVED:
            raise DesignError(
                f"A covariate may not be called {name!r}, which the Panel uses itself: rename the column."
            )
    if len(set(covariates)) < len(covariates):
        raise DesignError(f"A covariate is named twice: {', '.join(covariates)}.")


def coarser(frame: pd.DataFrame, labels: Mapping[str, str], by: Any) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Sums over coarser cells, and a caution that counts the incomplete ones left out."""
    if "weight" in frame or not set(frame.columns) <= {*RESERVED}:
        raise DesignError(
            "A Panel with weights or covariates cannot be added up: collapse it first, then name them."
        )
    keys = _coarse_periods(frame, labels, by) if isinstance(by, str) else _coarse_units(frame, labels, by)
    whole = frame.assign(**keys)
    per_cell = whole.groupby(["unit", "period"], sort=True)
    sums = [name for name in ("outcome", "exposure") if name in frame]
    cells = per_cell[sums].sum()
    cells[["treated_from"]] = per_cell[["treated_from"]].first()
    if "cluster" in frame and isinstance(by, str):
        cells["cluster"] = per_cell["cluster"].first()
    size = per_cell.size()
    expected = size.groupby(level="period" if isinstance(by, str) else "unit").transform("max")
    complete = (size == expected).to_numpy()
    left = int((~complete).sum())
    noun = "cell" if left == 1 else "cells"
    caution = (f"{left} incomplete coarser {noun} left out when the panel was added up.",) if left else ()
    return cells[complete].reset_index(), caution


def _coarse_periods(frame: pd.DataFrame, labels: Mapping[str, str], by: str) -> dict[str, Any]:
    if not isinstance(frame["period"].dtype, pd.PeriodDtype):
        raise DesignError(
            f"{labels['period']} holds integers, which have no quarters or years: give dates to Panel.of."
        )
    freq = _FREQUENCIES.get(by, by)
    period = frame["period"].dt.asfreq(freq)
    starts = frame["treated_from"].dropna()
    first = starts.dt.asfreq(freq).dt.asfreq(frame["period"].dtype.freq, "start")
    if len(starts) and (first != starts).any():
        wrong = starts[first != starts].iloc[0]
        raise DesignError(
            f"A treatment starts in {wrong}, inside {wrong.asfreq(freq)}: that {by} would be part treated. "
            f"Leave it out with where(), or keep the finer {plural(labels['period'])}."
        )
    return {"period": period, "treated_from": frame["treated_from"].dt.asfreq(freq)}


def _coarse_units(frame: pd.DataFrame, labels: Mapping[str, str], by: Any) -> dict[str, Any]:
    if not isinstance(by, (Mapping, pd.Series)) and not isinstance(by, Callable):  # type: ignore[arg-type]
        raise DesignError(
            "by= is a frequency such as 'quarter', or a mapping or function from each unit to a coarser one."
        )
    unit = frame["unit"].map(by)
    if unit.isna().any():
        lost = frame.loc[unit.isna(), "unit"].iloc[0]
        raise DesignError(f"by= says nothing of {labels['unit']} {shown(lost)}. Map every unit.")
    many = frame["treated_from"].groupby(unit).nunique(dropna=False)
    if (many > 1).any():
        raise DesignError(
            f"{shown(many.index[many > 1][0])} would join units that start at different times. Keep them apart."
        )
    return {"unit": unit}

"""One series read and checked: its periods in order, what was seen in them, and which of them the model may use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from toolkit import periods as calendar
from toolkit.methods.interrupted.spans import left_out, runs
from toolkit.panel import Panel
from toolkit.validate import (
    DesignError,
    and_more,
    counted,
    finite_numbers,
    kind,
    listed,
    not_negative,
    positive,
    shown,
)

_NOUNS = {"M": "month", "Q": "quarter", "Y": "year", "W": "week", "D": "day"}
_LEAST_BEFORE = 8
_MOST = 100_000


@dataclass(frozen=True, eq=False)
class Record:
    """A series over every period from its first to its last.

    Attributes
    ----------
    periods : Index
        Periods or integers, without a gap.
    outcome, exposure, compared, compared_exposure : ndarray, shape (n,), or None
        NaN in excluded periods that were not recorded.
    start : int
        The place of the programme's first period.
    phase_in : int
    excluded : ndarray of bool, shape (n,)
    name, compared_name : str
        What was counted or measured.
    cautions : tuple of str
    """

    periods: pd.Index
    outcome: np.ndarray
    exposure: np.ndarray | None
    compared: np.ndarray | None
    compared_exposure: np.ndarray | None
    start: int
    phase_in: int
    excluded: np.ndarray
    name: str
    compared_name: str
    cautions: tuple[str, ...] = ()

    @property
    def since(self) -> np.ndarray:
        """Periods since the start: 0 in the first one with the programme."""
        return np.arange(len(self.periods), dtype=float) - self.start

    @property
    def fitted(self) -> np.ndarray:
        """The periods that the model is fitted to: not excluded and not phasing in."""
        return ~self.excluded & ((self.since < 0) | (self.since >= self.phase_in))

    @property
    def before(self) -> np.ndarray:
        """The fitted periods before the start."""
        return self.fitted & (self.since < 0)

    @property
    def after(self) -> np.ndarray:
        """The fitted periods with the programme: what the effect is over."""
        return self.fitted & (self.since >= 0)

    @property
    def noun(self) -> str:
        """What a period is called: month, quarter, week, or period."""
        frequency = self.periods.freqstr[0] if isinstance(self.periods, pd.PeriodIndex) else ""
        return _NOUNS.get(frequency, "period")

    @property
    def gaps(self) -> tuple[tuple[Any, Any], ...]:
        """First and last period of each run that the model does not use, for the picture."""
        return tuple((self.periods[a], self.periods[b]) for a, b in runs(~self.fitted))


def read(series: Any, *, start: Any, exposure: Any, comparison: Any, phase_in: int, exclude: Any) -> Record:
    """The series with all that goes with it, checked."""
    column = _column(series, "series")
    if column.exposure is not None and exposure is not None:
        raise DesignError("The Panel has an exposure already: leave exposure= out.")
    reach = _exposure(exposure, column) if exposure is not None else column.exposure
    index = column.numbers.index
    out = left_out(exclude, index)
    full = _every(index, out)
    place = _start(start, full)
    excluded = np.isin(calendar.ordinals(full), out)
    other = None if comparison is None else _column(comparison, "comparison")
    if other is not None and (other.exposure is None) != (reach is None):
        raise DesignError(
            "One of the series and its comparison has an exposure and the other has none: give both, the "
            "comparison's as a one-unit Panel, or neither."
        )
    on = _Onto(full, excluded)
    record = Record(
        full, on(column.numbers, column.name), on.exposure(reach, column.name),
        None if other is None else on(other.numbers, other.name),
        None if other is None else on.exposure(other.exposure, other.name),
        place, phase_in, excluded, column.name, other.name if other else "",
        column.cautions + (other.cautions if other else ()),
    )  # fmt: skip
    _enough(record)
    return record


@dataclass(frozen=True, eq=False)
class _Column:
    """Numbers, not yet checked, by period in order."""

    numbers: pd.Series
    exposure: pd.Series | None
    name: str
    order: np.ndarray
    cautions: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class _Onto:
    """Lays a series over the full run of periods."""

    full: pd.Index
    excluded: np.ndarray

    def __call__(self, values: pd.Series, name: str) -> np.ndarray:
        """The checked numbers, NaN in excluded periods without one."""
        strangers = values.index.difference(self.full)
        laid = values.reindex(self.full)
        absent = ~np.isin(calendar.ordinals(self.full), calendar.ordinals(values.index)) & ~self.excluded
        if len(strangers) or absent.any():
            which = (
                f"holds {shown(strangers[0])}" if len(strangers) else f"lacks {shown(self.full[absent][0])}"
            )
            raise DesignError(
                f"{name} {which}, which the series {'does not' if len(strangers) else 'has'}: "
                "give both for the same periods."
            )
        used = ~self.excluded
        where = pd.Series(self.full.astype(str)[used])
        known = finite_numbers(laid[used], name, where, "leave it out by exclude=")
        numbers = pd.to_numeric(laid, errors="coerce").to_numpy(dtype=float, na_value=np.nan, copy=True)
        numbers[~np.isfinite(numbers)] = np.nan
        numbers[used] = known
        return numbers

    def exposure(self, values: pd.Series | None, name: str) -> np.ndarray | None:
        """The checked exposure, NaN in excluded periods without one."""
        if values is None:
            return None
        numbers = self(values, f"The exposure of {name}")
        numbers[self.excluded & (numbers <= 0)] = np.nan
        known = ~np.isnan(numbers)
        where = pd.Series(self.full.astype(str)[known])
        positive(numbers[known], "exposure", where, "leave those periods out by exclude=")
        return numbers


def _column(given: Any, role: str) -> _Column:
    """A Series or a one-unit Panel as numbers by period in order."""
    if isinstance(given, Panel):
        return _of_panel(given)
    if not isinstance(given, pd.Series):
        raise DesignError(
            f"{role} must be a pandas Series on periods, or a Panel of one unit, not {kind(given)}."
        )
    if given.empty:
        raise DesignError(f"The {role} is empty.")
    name = shown(given.name) if given.name is not None else role
    if given.index.nlevels > 1:
        raise DesignError(
            f"The index of {name} has {given.index.nlevels} levels: give one series on its periods alone."
        )
    index = calendar.parse(pd.Series(given.index), f"The index of {name}")
    order = _in_order(index, name)
    return _Column(pd.Series(given.to_numpy()[order], index=index[order]), None, name, order)


def _of_panel(panel: Panel) -> _Column:
    unit = panel.labels["unit"]
    if len(panel.units) != 1:
        raise DesignError(
            f"The Panel has {counted(len(panel.units), unit)}, and a series is of one: choose one with "
            "panel.where(...), or add them up with panel.collapse(by=...)."
        )
    if "weight" in panel.labels:
        raise DesignError("A single series has no use for weights: make the Panel without weight=.")
    frame = panel.frame
    index = pd.Index(frame["period"])
    order = _in_order(index, panel.labels["outcome"])
    columns = {
        name: pd.Series(frame[name].to_numpy()[order], index=index[order])
        for name in ("outcome", "exposure")
        if name in frame
    }
    name = panel.labels["outcome"]
    return _Column(columns["outcome"], columns.get("exposure"), name, order, panel.cautions)


def _in_order(index: pd.Index, name: str) -> np.ndarray:
    """The places of the periods in order; raise where one is missing or comes twice."""
    if index.isna().any():
        raise DesignError(
            f"The index of {name} has {counted(int(np.asarray(index.isna()).sum()), 'missing period')}."
        )
    if index.has_duplicates:
        twice = index[index.duplicated()]
        raise DesignError(
            f"{name} has two rows for {shown(twice[0])}{and_more(len(twice), 'pair')}: add them up first."
        )
    return np.asarray(index.argsort())


def _exposure(given: Any, column: _Column) -> pd.Series:
    """An exposure as long as the series, or a Series with the same periods."""
    if isinstance(given, pd.Series):
        return _column(given, "exposure").numbers
    if not isinstance(given, (Sequence, np.ndarray)) or isinstance(given, str):
        raise DesignError(f"exposure must be a pandas Series on the same periods, not {kind(given)}.")
    if len(given) != len(column.numbers):
        raise DesignError(
            f"exposure holds {len(given)} numbers and the series {len(column.numbers)}: one for each period."
        )
    numbers = np.asarray(given, dtype=None if isinstance(given, np.ndarray) else object)
    if numbers.ndim > 1:
        raise DesignError("exposure holds several numbers for a period: give one for each.")
    return pd.Series(numbers[column.order], index=column.numbers.index)


def _every(index: pd.Index, out: np.ndarray) -> pd.Index:
    """Every period from the first to the last; raise where one is missing and not excluded."""
    numbers = calendar.ordinals(index)
    if numbers[-1] - numbers[0] >= _MOST:
        raise DesignError(
            f"The series runs from {shown(index[0])} to {shown(index[-1])}, over more than {_MOST:,} periods: is the "
            "first or the last of them a slip?"
        )
    run = np.arange(numbers[0], numbers[-1] + 1)
    full = (
        pd.period_range(index[0], index[-1], freq=index.freqstr)
        if isinstance(index, pd.PeriodIndex)
        else pd.Index(run.astype(np.int64))
    )
    missing = full[~np.isin(run, numbers) & ~np.isin(run, out)]
    if len(missing):
        raise DesignError(
            f"The series has a gap: no {listed(missing)}. Write 0 where nothing happened; where nothing was recorded, "
            f"leave the period out by exclude=[{', '.join(repr(shown(p)) for p in missing[:1])}, ...]."
        )
    return full


def _start(start: Any, full: pd.Index) -> int:
    """The place of the programme's first period."""
    given = pd.Series([start])
    if given.isna().any():
        raise DesignError(
            f"start is missing: give the first period with the programme, such as {shown(full[-1])}."
        )
    place = calendar.ordinals(calendar.match(given, "start", full))[0] - calendar.ordinals(full)[0]
    if not 0 < place < len(full):
        raise DesignError(
            f"start={shown(start)} is outside the series, which runs from {full[0]} to {full[-1]}: "
            "it must lie after the first period."
        )
    return int(place)


def _enough(record: Record) -> None:
    """Raise unless there are enough periods before and after the start."""
    before = int(record.before.sum())
    if before < _LEAST_BEFORE:
        raise DesignError(
            f"Only {counted(before, record.noun)} before the start can be used, and a trend needs at least "
            f"{_LEAST_BEFORE}. Add earlier ones, or compare before and after with before_after."
        )
    if not record.after.any():
        raise DesignError(
            f"No {record.noun} with the programme is left once the phase-in and the excluded ones are out."
        )


def counts(record: Record) -> None:
    """Raise unless the series can be on the ratio scale: nothing negative, something before and something after."""
    for values, name in ((record.outcome, record.name), (record.compared, record.compared_name)):
        if values is None:
            continue
        where = pd.Series(record.periods.astype(str)[record.fitted])
        not_negative(
            values[record.fitted], name, where, "A ratio is of counts or rates: use scale='difference'."
        )
        for part, words in (
            (record.fitted & ~record.after, "before the start"),
            (record.after, "from the start on"),
        ):
            if not values[part].sum() > 0:
                raise DesignError(
                    f"{name} has no incidents {words}, so no ratio can be formed. Use scale='difference', or "
                    "before_after.poisson_test on the totals."
                )

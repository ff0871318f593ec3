"""Averages of group-time effects: over all, by event time, by cohort and by calendar period."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from toolkit.estimate import Estimate, EventStudy, GroupTime, back, merged
from toolkit.numerics.judging import Rows
from toolkit.validate import DesignError, kind, one_of, whole

_AVERAGES = {
    "cells": "each treated unit and period counting alike",
    "cohorts": "each treated unit counting alike, by the mean over its cohort's periods",
    "event_times": "each event time counting alike",
    "periods": "each period counting alike",
}
_BASES = {
    "period_before": "against the last period before the start; before it, each period against the one before",
    "last_before": "against event time -1",
    "before_anticipation": "against the last period before the start and its anticipation",
}


def aggregate(group_time: GroupTime, *, by: str = "overall", average_of: str = "cells", first: int | None = None,
              last: int | None = None, balance: int | None = None) -> Estimate | EventStudy | pd.DataFrame:  # fmt: skip
    """Average effect on the treated over all cohorts and periods, by event time, by cohort, or by calendar period.

    Parameters
    ----------
    group_time : GroupTime
        From :func:`att_gt`; scale, level and inference are its own.
    by : {"overall", "event_time", "cohort", "period"}
    average_of : {"cells", "cohorts", "event_times", "periods"}
        What counts alike in the overall average. ``"cells"``: each treated unit in each treated period, as in
        ``did.att`` (R's ``type="simple"``), so that early cohorts, which are treated for longer, count for more.
        ``"cohorts"``: the mean over each cohort's periods, by its size (``type="group"``, which Callaway and Sant'Anna
        recommend). ``"event_times"`` (``type="dynamic"``) and ``"periods"`` (``type="calendar"``): the mean of the
        rows that ``by`` would give.
    first, last : int, optional
        Event times to take; from 0 on unless ``by="event_time"``.
    balance : int, optional
        Only cohorts observed for at least so many periods after their start, and event times up to it, so that the same
        units stand behind each event time from 0 on (R's ``balance_e``). With ``by="event_time"``.

    Returns
    -------
    Estimate, EventStudy or DataFrame
        Overall an Estimate; by event time an EventStudy whose effects have ``band_low band_high``, the band that holds
        all of them at once; by cohort or period a frame like that of ``did.effects``, with the band.

    Raises
    ------
    DesignError
        No GroupTime; event times that no cohort has.

    Notes
    -----
    Cells are averaged by the weight of their units, whose chance is in the standard error, as in R. On the ratio scale
    they are added up by observed and expected; averages of event times or periods are of logs.

    The EventStudy of ``base="universal"`` is one path against event time -1 and goes to ``trends.test``; that of
    ``base="varying"`` shows one-period changes before the start, which have no slope to test. Different cohorts stand
    behind different event times: part of the shape may be who is counted (``balance``).

    **Assumes** what :func:`att_gt` assumes.

    References
    ----------
    Callaway and Sant'Anna (2021), Journal of Econometrics 225, section 3.1.

    Examples
    --------
    >>> from toolkit import Panel, simulate, staggered
    >>> frame, truth = simulate.panel(units=40, periods=12, treated=20, first="2022-01",
    ...                               treated_from=["2022-06", "2022-09"], seed=1)
    >>> panel = Panel.of(frame, unit="unit", period="period", outcome="count", treated_from="treated_from")
    >>> cells = staggered.att_gt(panel, base="universal")
    >>> study = staggered.aggregate(cells, by="event_time", first=-4, last=3)
    >>> list(study.effects["event_time"])
    [-4, -3, -2, -1, 0, 1, 2, 3]
    >>> staggered.aggregate(cells, by="cohort")[["cohort", "n_units"]]
        cohort  n_units
    0  2022-06       10
    1  2022-09       10
    """
    if not isinstance(group_time, GroupTime):
        raise DesignError(f"aggregate needs a GroupTime, not {kind(group_time)}: staggered.att_gt makes one.")
    one_of(by, "by", ("overall", "event_time", "cohort", "period"))
    one_of(average_of, "average_of", tuple(_AVERAGES))
    if average_of != "cells" and by != "overall":
        raise DesignError(f"average_of={average_of!r} is for by='overall': leave it out with by={by!r}.")
    if balance is not None and by != "event_time":
        raise DesignError(f"balance={balance!r} is for by='event_time': leave it out with by={by!r}.")
    chosen = _chosen(group_time, by, first, last, balance)
    if by == "event_time":
        return _study(group_time, chosen)
    if by == "overall":
        return _overall(group_time, chosen, average_of)
    return _frame(group_time, chosen, by)


def _chosen(
    group_time: GroupTime, by: str, first: int | None, last: int | None, balance: int | None
) -> np.ndarray:
    """The cells that are averaged; bool, shape (K,)."""
    times = group_time.cells.plan.event_time
    low = int(times.min()) if by == "event_time" else 0
    least = low if first is None else whole(first, "first", low)
    most = int(times.max()) if last is None else whole(last, "last", least)
    chosen = (times >= least) & (times <= most)
    if balance is not None:
        chosen &= _balanced(group_time, whole(balance, "balance"))
    if not chosen.any():
        raise DesignError(
            f"No cohort has effects at event times {least} to {most}: they run from {times.min()} to {times.max()}."
        )
    return chosen


def _balanced(group_time: GroupTime, balance: int) -> np.ndarray:
    """Cells up to an event time, of cohorts that have it."""
    plan = group_time.cells.plan
    reach = {start: plan.event_time[plan.start == start].max() for start in np.unique(plan.start)}
    longest = max(reach.values())
    if balance > longest:
        raise DesignError(
            f"No cohort is observed for {balance} periods after its start: balance= at most {longest}."
        )
    return (plan.event_time <= balance) & np.array([reach[start] >= balance for start in plan.start])


def _rows(
    group_time: GroupTime, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Averages of cells, how clusters move them, which take part, and the cohorts they are effects on."""
    cells, starts = group_time.cells, group_time.judge.strata.starts
    effect = (weights != 0) & (cells.plan.column != cells.plan.base)[:, None]
    cohorts = ((starts[:, None] == cells.plan.start).astype(float) @ effect) > 0
    return (*cells.combine(weights), cohorts)


def _overall(group_time: GroupTime, chosen: np.ndarray, average_of: str) -> Estimate:
    plan, scale = group_time.cells.plan, group_time.scale
    key = {"event_times": plan.event_time, "periods": plan.ordinal}.get(average_of)
    weights = chosen[:, None] * 1.0 if key is None else _one_each(key, chosen)[1]
    if average_of == "cohorts":
        weights = weights / np.array([chosen[plan.start == start].sum() for start in plan.start])[:, None]
    values, gaps, part, cohorts = _rows(group_time, weights)
    whole = (values.mean(keepdims=True), gaps.mean(axis=1, keepdims=True))
    taking = [np.asarray(one.any(axis=1, keepdims=True)) for one in (part, cohorts)]
    row = group_time.judge.rows(*whole, *taking)
    value, low, high = (back(float(end[0]), scale) for end in (row.points, row.low, row.high))
    treated = _units(group_time, chosen)
    return Estimate(
        value, low, high, float(row.std_error[0]), float(row.p_value[0]),
        f"average effect on the treated over cohorts and periods, {_AVERAGES[average_of]}", _method(group_time, row),
        scale, group_time.level, group_time.n_units, treated, group_time.cautions,
    )  # fmt: skip


def _one_each(key: np.ndarray, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The values of a key, and a column of weights for each."""
    names = np.unique(key[chosen])
    return names, ((key[:, None] == names) & chosen[:, None]).astype(float)


def _units(group_time: GroupTime, chosen: np.ndarray) -> int:
    """Treated units behind some cells: of each cohort the most that stand behind one of them."""
    units, start = group_time.cells.units[chosen], group_time.cells.plan.start[chosen]
    return int(sum(units[start == one].max() for one in np.unique(start)))


def _method(group_time: GroupTime, row: Rows) -> str:
    df = float(row.df[0])
    return f"{group_time.method}, t with {df:.1f} degrees of freedom" if df > 0 else group_time.method


def _table(group_time: GroupTime, row: Rows) -> dict[str, Any]:
    """The columns that every average has."""
    ends = {name: [back(float(end), group_time.scale) for end in getattr(row, name)]
            for name in ("low", "high", "band_low", "band_high")}  # fmt: skip
    values = [back(float(value), group_time.scale) for value in row.points]
    return {"estimate": values, "std_error": row.std_error, "p_value": row.p_value, **ends}


def _frame(group_time: GroupTime, chosen: np.ndarray, by: str) -> pd.DataFrame:
    plan = group_time.cells.plan
    _, weights = _one_each(plan.start if by == "cohort" else plan.ordinal, chosen)
    columns = _table(group_time, group_time.judge.rows(*_rows(group_time, weights)))
    names = group_time.effects[by][[int(np.flatnonzero(column)[0]) for column in weights.T]]
    table = pd.DataFrame({by: names.reset_index(drop=True), **columns})
    table["n_units"] = [_units(group_time, column > 0) for column in weights.T]
    order = [by, "estimate", "low", "high", "std_error", "p_value", "band_low", "band_high", "n_units"]
    said = " ".join(group_time.cautions)
    return table[order].assign(scale=group_time.scale, level=group_time.level, cautions=said)


def _study(group_time: GroupTime, chosen: np.ndarray) -> EventStudy:
    times, weights = _one_each(group_time.cells.plan.event_time, chosen)
    row = group_time.judge.rows(*_rows(group_time, weights))
    columns = _table(group_time, row)
    units = np.array([_units(group_time, column > 0) for column in weights.T])
    names = ("estimate", "low", "high", "std_error")
    bands = {name: columns[name] for name in ("band_low", "band_high")}
    table = pd.DataFrame(
        {"event_time": times, **{name: columns[name] for name in names}, "n_units": units, **bands}
    )
    split, behind = group_time.judge.strata.parts(row.scaled, row.part)
    base = _base(group_time)
    return EventStudy(
        table, pd.DataFrame(row.covariance, index=times, columns=times), group_time.scale, group_time.level, base,
        group_time.method, f"effects on the treated by event time, {_BASES[base]}", group_time.n_units,
        int(units.max()), split, merged(group_time.cautions, _mix_said(units)), behind,
    )  # fmt: skip


def _base(group_time: GroupTime) -> str:
    if group_time.base == "varying":
        return "period_before"
    return "before_anticipation" if group_time.anticipation else "last_before"


def _mix_said(units: np.ndarray) -> tuple[str, ...]:
    if (units == units[0]).all():
        return ()
    return (
        "Different units stand behind different event times (see n_units): part of the shape is a change of who is "
        "counted.",
    )

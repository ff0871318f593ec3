"""Placebos: the method applied where there was no programme, which should find nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pandas as pd

from toolkit.estimate import Estimate
from toolkit.panel import Panel
from toolkit.validate import DesignError, quoted, require_panel, whole


def in_time(panel: Panel, method: Callable[[Panel], Estimate], *, shifts: Iterable[int]) -> pd.DataFrame:
    """The method on the time before treatment only, as if treatment had begun earlier.

    Parameters
    ----------
    panel : Panel
    method : callable
        From a Panel to an Estimate, such as ``did.att``; set its options with ``functools.partial``.
    shifts : iterable of int
        How many periods earlier to pretend; the placebo effect is over that many periods.

    Returns
    -------
    DataFrame
        One row per shift: ``shift``, then the columns of ``Estimate.to_frame``.

    Raises
    ------
    DesignError
        A shift that leaves no time before the pretended start.

    Notes
    -----
    **Assumes** nothing beyond the method. An effect before there was a programme is a sign that the
    comparison does not hold; several shifts overlap, so their answers are not independent.

    Examples
    --------
    >>> from toolkit import Panel, did, placebo, simulate
    >>> frame, truth = simulate.panel(units=40, periods=24, treated=15, first="2022-01", treated_from="2023-01", seed=1)
    >>> panel = Panel.of(frame, unit="unit", period="period", outcome="count", treated_from="treated_from")
    >>> list(placebo.in_time(panel, did.att, shifts=[3, 6])["shift"])
    [3, 6]
    """
    require_panel(panel)
    if not callable(method):
        raise DesignError(
            f"method={quoted(method)} must be a function from a Panel to an Estimate, such as did.att."
        )
    wanted = [whole(shift, "each shift", least=1) for shift in _several(shifts)]
    if not wanted:
        raise DesignError("shifts= is empty: name how many periods earlier to pretend, such as [6, 12].")
    before = panel.before_treatment()
    return pd.concat([_one(before, method, shift) for shift in wanted], ignore_index=True)


def _several(shifts: Iterable[int]) -> Iterable[int]:
    if isinstance(shifts, str) or not isinstance(shifts, Iterable):
        raise DesignError(f"shifts={quoted(shifts)} must be a list of whole numbers, such as [6, 12].")
    return shifts


def _one(before: Panel, method: Callable[[Panel], Estimate], shift: int) -> pd.DataFrame:
    try:
        answer = method(before.treated_earlier(shift))
    except DesignError as error:
        raise DesignError(f"With treatment moved {shift} periods earlier: {error}") from error
    row = answer.to_frame()
    row.insert(0, "shift", shift)
    return row

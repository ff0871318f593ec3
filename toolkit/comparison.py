"""Like with like: comparison units that met the rule by which the treated ones were chosen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from toolkit.panel import Panel
from toolkit.validate import DesignError, counted, listed, one_of, plural, quoted, require_panel, shown


def same_rule(panel: Panel, *, first: Any, last: Any, measure: str = "level", top: int | float) -> Panel:
    """The units that met the selection rule: the ``top`` ones on the periods that the choice was made on.

    Areas are treated for a reason, usually a bad spell, and bad spells pass by themselves. Comparison areas
    that had the same bad spell fall back in the same way, so that what is left is the programme.

    Parameters
    ----------
    panel : Panel
        Treated and untreated units; units that were never candidates (buffers) should be left out first.
    first, last : period
        The periods that the choice was made on, inclusive, in any form that the panel's periods take.
    measure : {"level", "rise"}
        ``"level"``: the mean outcome (per exposure, where there is one) from ``first`` to ``last``.
        ``"rise"``: that mean less the mean of all periods of the panel before ``first``.
    top : int or float
        How many units the rule picks, or, below 1, which share of them. Ties with the last one are kept.

    Returns
    -------
    Panel
        The units that met the rule, treated or not, with all their periods. Treated units that did not meet
        it are left out, with a caution on the panel that every answer repeats.

    Raises
    ------
    DesignError
        Periods outside the panel or after treatment began, no treated unit that met the rule, or no other one.

    Notes
    -----
    **Assumes** that the rule given is the rule used, and that among the units that met it those treated
    were not chosen for how they were about to change.

    Examples
    --------
    >>> from toolkit import Panel, comparison, simulate
    >>> frame, truth = simulate.panel(units=40, periods=24, treated=6, first="2022-01", treated_from="2023-01", seed=1)
    >>> panel = Panel.of(frame, unit="unit", period="period", outcome="count", treated_from="treated_from")
    >>> like = comparison.same_rule(panel, first="2022-10", last="2022-12", top=10)
    >>> len(like.units)
    10
    """
    require_panel(panel)
    one_of(measure, "measure", ("level", "rise"))
    frame = panel.frame
    start, end = panel.ordinal(first), panel.ordinal(last)
    _check_window(panel, first, last, start, end)
    score = _score(panel, start, end, measure)
    number = _number(top, len(score))
    met = score.index[score >= score.sort_values(ascending=False).iloc[number - 1]]
    treated = pd.Index(frame.loc[frame["ever_treated"], "unit"].unique())
    _check_arms(panel, met, treated)
    lost = treated.difference(met)
    chosen = replace(panel.where(frame["unit"].isin(met).to_numpy()), met_rule=True)
    if lost.empty:
        return chosen
    noun = panel.labels["unit"]
    verb = "is" if len(lost) == 1 else "are"
    how_many = counted(len(lost), "treated " + noun)
    said = f"{how_many} did not meet the selection rule and {verb} left out: {listed(lost)}."
    return replace(chosen, cautions=chosen.cautions + (said,))


def _check_window(panel: Panel, first: Any, last: Any, start: float, end: float) -> None:
    grid, name = panel.grid, panel.labels["period"]
    if start > end:
        raise DesignError(f"first={shown(first)} is after last={shown(last)}.")
    if not ((grid.ordinals >= start) & (grid.ordinals <= end)).any():
        raise DesignError(f"No {name} of the data lies between {shown(first)} and {shown(last)}.")
    if np.isfinite(grid.start).any() and end >= grid.start.min():
        starts = next(iter(panel.cohorts))
        raise DesignError(
            f"The choice cannot be made on periods up to {shown(last)}: treatment began in {shown(starts)}. "
            "End at the last period that was known when the units were chosen."
        )


def _score(panel: Panel, start: float, end: float, measure: str) -> pd.Series:
    """What the rule ranks units on; units not observed in the window are not candidates."""
    grid = panel.grid
    inside, before = (grid.ordinals >= start) & (grid.ordinals <= end), grid.ordinals < start
    level = _rate(panel, inside)
    if measure == "rise":
        if not before.any():
            raise DesignError(
                f"measure='rise' needs {plural(panel.labels['period'])} before first= to rise from."
            )
        level = level - _rate(panel, before)
    return pd.Series(level, index=grid.units).dropna()


def _rate(panel: Panel, columns: np.ndarray) -> np.ndarray:
    grid = panel.grid
    seen = grid.observed[:, columns]
    per = np.where(seen, 1.0 if grid.exposure is None else grid.exposure[:, columns], 0.0).sum(axis=1)
    total = np.where(seen, grid.outcome[:, columns], 0.0).sum(axis=1)
    return np.where(per > 0, total / np.where(per > 0, per, 1.0), np.nan)


def _number(top: int | float, units: int) -> int:
    number = round(top * units) if isinstance(top, (float, np.floating)) and 0 < top < 1 else top
    plain = isinstance(number, (int, float, np.integer, np.floating)) and not isinstance(number, bool)
    if not plain or not 1 <= number <= units or number != int(number):
        raise DesignError(
            f"top={quoted(top)} must be a number of units from 1 to {units}, or a share between 0 and 1."
        )
    return int(number)


def _check_arms(panel: Panel, met: pd.Index, treated: pd.Index) -> None:
    noun = plural(panel.labels["unit"])
    if len(treated) and not met.isin(treated).any():
        raise DesignError(
            f"None of the treated {noun} met this rule: it is not the rule they were chosen by."
        )
    if len(treated) and met.isin(treated).all():
        raise DesignError(
            f"Only treated {noun} met this rule, so no like-with-like comparison exists. A looser "
            "rule (a larger top=) "
            "leaves some of the cooling in."
        )

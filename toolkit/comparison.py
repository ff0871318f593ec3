"""Like with like: comparison units that met the rule by which the treated ones were chosen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from toolkit.panel import Panel
from toolkit.panel_checks import row_names
from toolkit.validate import (
    DesignError,
    counted,
    listed,
    not_negative,
    one_of,
    plural,
    quoted,
    require_panel,
    shown,
)

MEASURES = ("level", "rise", "percent_rise")
Window = tuple[float, float]  # ordinals of the first and the last period


def same_rule(
    panel: Panel,
    *,
    first: Any,
    last: Any,
    measure: str = "level",
    top: int | float | None = None,
    least: float | None = None,
    against: tuple[Any, Any] | None = None,
) -> Panel:
    """The units that met the selection rule, on the periods that the choice was made on: like with like.

    Areas are treated for a reason, usually a bad spell, and what follows a bad spell differs from what follows
    an ordinary one. Comparison areas that had the same bad spell go the same way after it, so that what is left
    is the programme.

    Parameters
    ----------
    panel : Panel
        Treated and untreated units; units that were never candidates (buffers) should be left out first.
    first, last : period
        The periods that the choice was made on, inclusive, in any form that the panel's periods take.
    measure : {"level", "rise", "percent_rise"}
        ``"level"``: the mean outcome (per exposure, where there is one) from ``first`` to ``last``.
        ``"rise"``: that mean less the mean of the periods ``against``. ``"percent_rise"``: how many per cent it
        lies above that mean; infinite where there was nothing before, and 0 where there was nothing in either.
    top : int or float
        How many units the rule picks, or, below 1, which share of them. Ties with the last one are kept.
    least : float
        Instead of ``top``: the mark that the measure has to reach.
    against : (period, period), optional
        The first and last period that a rise is measured from: all of the panel's before ``first`` where not
        given. The same months a year earlier make a rise free of season.

    Returns
    -------
    Panel
        The units that met the rule, treated or not, with all their periods. Treated units that did not meet
        it are left out, with a caution on the panel that every answer repeats.

    Raises
    ------
    DesignError
        Periods outside the panel or after treatment began, no treated unit that met the rule, or no other one;
        both of ``top`` and ``least``, or neither.

    Notes
    -----
    **Assumes** that the rule given is the rule used, and that among the units that met it those treated
    were not chosen for how they were about to change.

    Units not observed in the periods of the rule are not candidates; where some of those periods are missing the
    mean is over the others. With several start dates the rule is taken to have been applied once, before the
    first. Where it was applied anew for each, take one start at a time, with its own periods:
    ``panel.where(lambda frame: (frame["treated_from"] == start) | ~frame["ever_treated"])``.

    References
    ----------
    Ashenfelter (1978), Review of Economics and Statistics 60; Barnett, van der Pols and Dobson (2005),
    International Journal of Epidemiology 34.

    Examples
    --------
    >>> from toolkit import Panel, comparison, simulate
    >>> frame, truth = simulate.panel(units=40, periods=24, treated=6, first="2022-01", treated_from="2023-01", seed=1)
    >>> panel = Panel.of(frame, unit="unit", period="period", outcome="count", treated_from="treated_from")
    >>> like = comparison.same_rule(panel, first="2022-10", last="2022-12", top=10)
    >>> len(like.units)
    10
    """
    table = ranked(panel, first=first, last=last, measure=measure, against=against)
    mark = _mark(table["score"], top, least)
    met = pd.Index(table.loc[table["score"] >= mark - _rounding(mark), "unit"])
    treated = _treated(panel)
    _check_arms(panel, met, treated)
    lost = treated.difference(met)
    chosen = replace(panel.where(panel.frame["unit"].isin(met).to_numpy()), met_rule=True)
    if lost.empty:
        return chosen
    noun = panel.labels["unit"]
    verb = "is" if len(lost) == 1 else "are"
    how_many = counted(len(lost), "treated " + noun)
    said = f"{how_many} did not meet the selection rule and {verb} left out: {listed(lost)}."
    return replace(chosen, cautions=chosen.cautions + (said,))


def ranked(
    panel: Panel,
    *,
    first: Any,
    last: Any,
    measure: str = "level",
    against: tuple[Any, Any] | None = None,
) -> pd.DataFrame:
    """Where each unit stood by a selection rule: did the treated ones meet it, and who else did?

    Parameters
    ----------
    panel, first, last, measure, against
        As in :func:`same_rule`.

    Returns
    -------
    DataFrame
        One row per candidate, the highest first: unit, score (the measure), rank (1 is the highest; ties share
        the better rank), ever_treated.

    Raises
    ------
    DesignError
        Periods outside the panel or after treatment began.

    Notes
    -----
    **Assumes** nothing: it describes. Treated units far down the list were not chosen by this rule, or not by
    it alone.

    Examples
    --------
    >>> from toolkit import Panel, comparison, simulate
    >>> worst = simulate.Worst(n=3, on=3, eligible=6)
    >>> frame, truth = simulate.panel(units=40, periods=24, treated=worst, seed=1)
    >>> panel = Panel.of(frame, unit="unit", period="period", outcome="count", treated_from="treated_from")
    >>> table = comparison.ranked(panel, first="2021-10", last="2021-12")
    >>> bool(table.loc[table["ever_treated"], "rank"].max() <= 6)
    True
    """
    require_panel(panel)
    one_of(measure, "measure", MEASURES)
    start, end = panel.ordinal(first), panel.ordinal(last)
    _check_window(panel, first, last, start, end)
    score = _score(panel, (start, end), measure, _base(panel, against, start, measure))
    grid = panel.grid
    ever = np.isin(grid.units, _treated(panel))
    table = pd.DataFrame({"unit": grid.units, "score": score, "ever_treated": ever})
    table = table[~np.isnan(score)].sort_values(["score", "unit"], ascending=[False, True], ignore_index=True)
    table.insert(2, "rank", table["score"].rank(method="min", ascending=False).astype(int))
    return table


def _treated(panel: Panel) -> pd.Index:
    """The units treated within the panel; those treated only after its last period are comparison."""
    grid = panel.grid
    return pd.Index(grid.units[grid.start <= grid.ordinals[-1]])


def _check_window(panel: Panel, first: Any, last: Any, start: float, end: float) -> None:
    grid = panel.grid
    _check_span(panel, first, last, start, end)
    if np.isfinite(grid.start).any() and end >= grid.start.min():
        starts = next(iter(panel.cohorts))
        several = len(panel.cohorts) > 1
        apart = (
            " With several starts, and the rule applied anew for each, take one start at a time."
            if several
            else ""
        )
        raise DesignError(
            f"The choice cannot be made on periods up to {shown(last)}: treatment began in {shown(starts)}. "
            f"End at the last period that was known when the units were chosen.{apart}"
        )


def _check_span(panel: Panel, first: Any, last: Any, start: float, end: float) -> None:
    if start > end:
        raise DesignError(f"first={shown(first)} is after last={shown(last)}.")
    if not _inside(panel, (start, end)).any():
        name = panel.labels["period"]
        raise DesignError(f"No {name} of the data lies between {shown(first)} and {shown(last)}.")


def _inside(panel: Panel, window: Window) -> np.ndarray:
    return (panel.grid.ordinals >= window[0]) & (panel.grid.ordinals <= window[1])


def _base(panel: Panel, against: tuple[Any, Any] | None, start: float, measure: str) -> Window:
    """The periods that a rise is measured from."""
    if against is None:
        if measure != "level" and not (panel.grid.ordinals < start).any():
            raise DesignError(
                f"measure={quoted(measure)} needs {plural(panel.labels['period'])} before first= to rise from."
            )
        return -np.inf, start - 1
    if measure == "level":
        raise DesignError("against= is what a rise is measured from: use measure='rise' or 'percent_rise'.")
    if not isinstance(against, (tuple, list)) or len(against) != 2:
        raise DesignError(
            f"against={quoted(against)} must be a pair: the first and the last period to rise from."
        )
    window = panel.ordinal(against[0]), panel.ordinal(against[1])
    _check_span(panel, *against, *window)
    if window[1] >= start:
        raise DesignError(f"against= ends in {shown(against[1])}, which is not before first=.")
    return window


def _score(panel: Panel, window: Window, measure: str, base: Window) -> np.ndarray:
    """What the rule ranks units on; NaN for units not observed in its periods."""
    level = _rate(panel, _inside(panel, window))
    if measure == "level":
        return level
    before = _rate(panel, _inside(panel, base))
    if measure == "rise":
        return level - before
    _not_negative(panel)
    with np.errstate(divide="ignore", invalid="ignore"):
        rise = 100 * (level / before - 1)
    return np.where((level == 0) & (before == 0), 0.0, rise)


def _not_negative(panel: Panel) -> None:
    outcome = panel.labels["outcome"]
    where = row_names(panel.frame, panel.labels)
    advice = "A rise in per cent needs an outcome of zero or more: use measure='rise'."
    not_negative(panel.frame["outcome"].to_numpy(), outcome, where, advice)


def _rate(panel: Panel, columns: np.ndarray) -> np.ndarray:
    grid = panel.grid
    seen = grid.observed[:, columns]
    per = np.where(seen, 1.0 if grid.exposure is None else grid.exposure[:, columns], 0.0).sum(axis=1)
    total = np.where(seen, grid.outcome[:, columns], 0.0).sum(axis=1)
    return np.where(per > 0, total / np.where(per > 0, per, 1.0), np.nan)


def _mark(score: pd.Series, top: Any, least: Any) -> float:
    """The measure that a unit has to reach."""
    if (top is None) == (least is None):
        raise DesignError(
            "Give top= (how many units the rule picks) or least= (the mark to reach), one of the two."
        )
    if least is None:
        return float(score.iloc[_number(top, len(score)) - 1])
    plain = isinstance(least, (int, float, np.integer, np.floating)) and not isinstance(least, bool)
    if not plain or not np.isfinite(least):
        raise DesignError(f"least={quoted(least)} must be a number.")
    if not (score >= least).any():
        raise DesignError(f"No unit reached least={quoted(least)}: the highest is {score.max():,.4g}.")
    return float(least)


def _rounding(mark: float) -> float:
    """Sums that are equal but for rounding are ties."""
    return 1e-9 * max(1.0, abs(mark)) if np.isfinite(mark) else 0.0


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
            f"Only treated {noun} met this rule, so no like-with-like comparison exists. A looser rule (a larger "
            "top=, a lower least=) leaves some of the bias in; regression_to_mean.expected asks the areas' own "
            "history instead."
        )

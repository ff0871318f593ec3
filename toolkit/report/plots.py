"""Pictures of panels and answers: each returns its Axes, with a title that says what was found."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from toolkit.estimate import Counterfactual, EventStudy, Segmented
from toolkit.panel import Panel
from toolkit.report import _axes as draw
from toolkit.report import _plot_balance, words
from toolkit.report import _titles as titles
from toolkit.report._answers import Answer, named
from toolkit.validate import DesignError, kind, listed

balance = _plot_balance.balance

_ARMS = {True: ("Treated", draw.BLUE, "-", "o"), False: ("Comparison", draw.ORANGE, "--", "s")}
_PER = (1, 1_000, 100_000, 1_000_000)  # what a rate is told per: the first that makes it 1 or more


def series(panel: Panel, *, ax: Axes | None = None) -> Axes:
    """The outcome by period, for the treated and for the comparison units.

    Parameters
    ----------
    panel : Panel
        Drawn is the mean outcome per unit, or the outcome per exposure where there is one (for example per
        1,000 people), weighted where the panel is. A unit counts as treated throughout.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    Axes
        Periods stand at whole numbers: integers at themselves, dates counted from 1970 in their frequency.

    Raises
    ------
    DesignError
        If ``panel`` is no Panel.

    **Assumes** that the same units are seen throughout: where units come and go, so does what is averaged.

    Examples
    --------
    >>> import pandas as pd
    >>> from toolkit import Panel, plots
    >>> rows = pd.DataFrame({"ward": ["Bede", "Bede", "Dean", "Dean"], "asb": [9, 4, 7, 8],
    ...                      "month": ["2023-04", "2023-05"] * 2, "patrols_from": ["2023-05"] * 2 + [None] * 2})
    >>> panel = Panel.of(rows, unit="ward", period="month", outcome="asb", treated_from="patrols_from")
    >>> plots.series(panel).get_title()
    'Asb fell 56% in treated and rose 14% in comparison wards'
    """
    if not isinstance(panel, Panel):
        raise DesignError(f"plots.series needs a Panel, not {kind(panel)}: Panel.of makes one.")
    ax = draw.new_axes(ax)
    rates, y_label = _rates(panel)
    x = draw.period_numbers(panel.periods)
    ends = {}
    for treated, column in rates.items():
        name, colour, line, marker = _ARMS[bool(treated)]
        y = column.to_numpy()
        style: draw.Style = {"linestyle": line, "marker": marker, "markersize": 3.5 if len(x) <= 60 else 0}
        ax.plot(*draw.broken(x, y), color=colour, label=name, **style)
        seen = np.flatnonzero(~np.isnan(y))
        ends[name] = (x[-1], y[seen[-1]], colour)
    _from_zero(ax, rates.to_numpy())
    draw.end_labels(ax, ends)
    draw.period_ticks(ax, panel.periods)
    _mark_starts(ax, draw.period_numbers(list(panel.cohorts)), x)
    return draw.titled(ax, titles.of_series(panel), "", y_label)


def event_study(study: EventStudy, *, trend: pd.DataFrame | None = None, ax: Axes | None = None) -> Axes:
    """Effects by event time, with their intervals: what comes before the start should lie near no change.

    Parameters
    ----------
    study : EventStudy
        Ratios are drawn on a log axis labelled with the change in per cent. With ``base="all_before"`` no base is
        marked, and squares and dots have different zeros (the time before the first lead; all untreated time): each
        side is read by itself, and a jump between -1 and 0 is not the effect.
    trend : DataFrame, optional
        A path to lay over it, with the columns ``event_time`` and ``trend``: ``trends.detectable(study).path`` is the
        trend that could have been missed.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    Axes
        One line of markers before the start, one from it on, one for the base, and last the dashed trend; an interval
        without a bound runs to the edge.

    Raises
    ------
    DesignError
        If ``study`` is no EventStudy, or ``trend`` lacks a column.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from toolkit import plots
    >>> from toolkit.estimate import EventStudy
    >>> effects = pd.DataFrame({"event_time": [-1, 0], "estimate": [1.0, 0.82], "low": [1.0, 0.74],
    ...                         "high": [1.0, 0.91], "std_error": [0.0, 0.05], "n_units": 20})
    >>> spread = np.diag([0.0, 0.0025])
    >>> study = EventStudy(effects, pd.DataFrame(spread), "ratio", 0.95, "last_before", "clustered", "effects",
    ...                    20, 10, parts=((20, spread),))
    >>> plots.event_study(study).get_ylabel()
    'Change against the last period before'
    """
    if not isinstance(study, EventStudy):
        raise DesignError(
            f"plots.event_study needs an EventStudy, not {kind(study)}: did.event_study makes one."
        )
    ax = draw.new_axes(ax)
    effects, null = study.effects, 1.0 if study.scale == "ratio" else 0.0
    times = effects["event_time"].to_numpy()
    ends = draw.drawable(effects[["estimate", "low", "high"]].to_numpy(dtype=float), study.scale)
    over = _over(trend, study.scale)
    _set_scale(ax, study.scale, np.append(ends, over[:, 1]))
    bottom, top = ax.get_ylim()
    ax.vlines(
        times,
        np.clip(ends[:, 1], bottom, None),
        np.clip(ends[:, 2], None, top),
        color=draw.GREY,
        linewidth=1.4,
    )
    base = (times == -1) & (study.base == "last_before")
    for chosen, marker, colour, fill in (
        ((times < 0) & ~base, "s", draw.ORANGE, draw.ORANGE),
        (times >= 0, "o", draw.BLUE, draw.BLUE),
        (base, "D", draw.GREY, "white"),
    ):
        style: draw.Style = {"marker": marker, "markersize": 6, "markerfacecolor": fill, "linestyle": "none"}
        ax.plot(times[chosen], ends[chosen, 0], color=colour, **style)
    ax.axhline(null, color=draw.GREY, linewidth=1)
    draw.mark(ax, -0.5, "Programme starts")
    if base.any():
        draw.foot(ax, -1, "base")
    draw.event_ticks(ax, times)
    if len(over):
        ax.plot(over[:, 0], over[:, 1], color=draw.PLUM, linewidth=1.8, linestyle="--")
        draw.label(ax, "Trend that\ncould be\nmissed", tuple(over[-1]), colour=draw.PLUM, shift=(10, 0))
    y_label = (
        f"Change against {'the last period before' if study.base == 'last_before' else 'the time before'}"
    )
    return draw.titled(ax, titles.of_event_study(study), "Periods since the programme started", y_label)


def counterfactual(c: Counterfactual, *, ax: Axes | None = None) -> Axes:
    r"""What was observed and what was expected, the gap between them shaded from the start of treatment.

    Parameters
    ----------
    c : Counterfactual
        Its ``low`` and ``high``, where there are any, are drawn as a band around what was expected; periods that
        a segmented model left out lie on grey.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    Axes
        The first line is what was observed, the second what was expected.

    Raises
    ------
    DesignError
        If ``c`` is no Counterfactual.

    Examples
    --------
    >>> import pandas as pd
    >>> from toolkit import plots
    >>> from toolkit.estimate import Counterfactual, Estimate
    >>> months = pd.period_range("2023-04", periods=3, freq="M")
    >>> rows = pd.DataFrame({"period": months, "observed": [9, 10, 8], "expected": [9.0, 10.5, 11.5],
    ...                      "low": 8.0, "high": 12.0})
    >>> fall = Estimate(0.82, 0.74, 0.91, 0.05, 0.001, "ATT", "clustered", "ratio")
    >>> saved = Estimate(4, 2, 6, float("nan"), 0.001, "incidents prevented", "clustered", "difference")
    >>> plots.counterfactual(Counterfactual(rows, fall, saved, (months[1],))).get_title()
    'Observed was 18% lower than expected\n(95% interval: 9% to 26% lower)'
    """
    if not isinstance(c, Counterfactual):
        raise DesignError(
            f"plots.counterfactual needs a Counterfactual, not {kind(c)}: did.counterfactual makes one."
        )
    ax = draw.new_axes(ax)
    rows, x = c.series, draw.period_numbers(c.series["period"])
    numbers = rows[["observed", "expected", "low", "high"]].to_numpy(dtype=float)
    observed, expected, low, high = numbers.T
    ax.plot(*draw.broken(x, observed), color=draw.BLUE, linewidth=2, label="Observed")
    ax.plot(*draw.broken(x, expected), color=draw.ORANGE, linewidth=2, linestyle="--", label="Expected")
    ax.fill_between(x, low, high, color=draw.ORANGE, alpha=0.18, linewidth=0, label="Range")
    _from_zero(ax, numbers)
    last = {"Observed": (observed, draw.BLUE), "Expected": (expected, draw.ORANGE)}
    draw.end_labels(ax, {name: (x[-1], y[np.isfinite(y)][-1], ink) for name, (y, ink) in last.items()})
    draw.period_ticks(ax, pd.Index(rows["period"]))
    _grey_out(ax, c)
    starts = draw.period_numbers(list(c.treated_from)) if c.treated_from else np.array([])
    _shade_gap(ax, c, x, np.column_stack([observed, expected, high]), starts)
    _mark_starts(ax, starts, x)
    units = "Total of the treated units" if c.effect.scale == "ratio" else "Mean of the treated units"
    return draw.titled(ax, titles.of_counterfactual(c), "", draw.measured(c.measure) or units)


def forest(answers: Mapping[str, Answer] | pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Several answers to one question, one below the other, with their intervals.

    Parameters
    ----------
    answers : dict of str to Estimate or Counterfactual, or DataFrame
        Name of each answer, from top to bottom; all ratios or all differences. Or rows of a check, such as
        ``sensitivity.leave_one_out``, named by their first column.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    Axes
        The first line holds the estimates; an interval without a bound runs to the edge, and an arrowhead stands
        there for an estimate that lies beyond it.

    Raises
    ------
    DesignError
        If there is no answer, or ratios and differences are mixed.

    Examples
    --------
    >>> from toolkit import plots
    >>> from toolkit.estimate import Estimate
    >>> near = Estimate(0.82, 0.74, 0.91, 0.05, 0.001, "ATT", "clustered", "ratio")
    >>> far = Estimate(0.71, 0.62, 0.81, 0.06, 0.001, "ATT", "clustered", "ratio")
    >>> plots.forest({"Like with like": near, "All other wards": far}).get_title()
    'Answers run from 29% lower to 18% lower'
    """
    found = named(answers, "plots.forest")
    scales = {estimate.scale for estimate in found.values()}
    if len(scales) > 1:
        mixed = [f"{name} is a {estimate.scale}" for name, estimate in found.items()]
        raise DesignError(f"plots.forest draws one scale: {listed(mixed)}. Draw one picture for each.")
    ax = draw.new_axes(ax)
    scale = scales.pop()
    ends = draw.drawable(np.array([[e.value, e.low, e.high] for e in found.values()], dtype=float), scale)
    y = np.arange(len(found))[::-1]
    _set_scale(ax, scale, ends, "x")
    left, right = ax.get_xlim()
    draw.points(ax, ends[:, 0], y)
    ax.hlines(
        y, np.clip(ends[:, 1], left, None), np.clip(ends[:, 2], None, right), color=draw.BLUE, linewidth=2
    )
    ax.axvline(next(iter(found.values())).null, color=draw.GREY, linewidth=1)
    draw.named_rows(ax, y, [f"{draw.wrapped(name, 22)}\n{words.change(e)}" for name, e in found.items()])
    ax.set_ylim(-0.6, len(found) - 0.4)
    ax.grid(visible=False, axis="y")
    return draw.titled(ax, titles.of_forest(found), "Change", "")


def _rates(panel: Panel) -> tuple[pd.DataFrame, str]:
    """The mean outcome, or the rate, by period (rows) and arm (treated first), and what it is."""
    frame, labels = panel.frame, panel.labels
    weight = frame.get("weight", 1.0)
    size = weight * frame.get("exposure", 1.0)
    sums = frame.assign(top=frame["outcome"] * weight, bottom=size).groupby(["period", "ever_treated"])
    rates = (sums["top"].sum() / sums["bottom"].sum()).unstack().reindex(panel.periods)
    rates = rates.sort_index(axis="columns", ascending=False)
    outcome = draw.plain(labels["outcome"])
    if "exposure" not in labels:
        return rates, f"{outcome} per {draw.plain(labels['unit'])}"
    most = np.nanmax(rates.to_numpy())
    per = next((per for per in _PER if most * per >= 1), _PER[-1])
    return rates * per, f"{outcome} per {f'{per:,} ' if per > 1 else ''}{draw.plain(labels['exposure'])}"


def _over(trend: pd.DataFrame | None, scale: str) -> np.ndarray:
    """Event times and heights of the trend to lay over an event study; shape (n, 2)."""
    if trend is None:
        return np.empty((0, 2))
    if not isinstance(trend, pd.DataFrame) or not {"event_time", "trend"} <= set(trend):
        raise DesignError(
            "trend= needs the columns event_time and trend: give trends.detectable(study).path."
        )
    path = trend[["event_time", "trend"]].dropna().to_numpy(dtype=float)
    return np.column_stack([path[:, 0], draw.drawable(path[:, 1], scale)])


def _from_zero(ax: Axes, values: np.ndarray) -> None:
    """The y axis from zero where nothing is below it, with room at the top for words."""
    known = values[np.isfinite(values)]
    low, high = min(known.min(), 0.0) if known.min() >= 0 else known.min(), known.max()
    room = (high - low) or 1.0
    ax.set_ylim(low - (0.05 * room if low < 0 else 0), high + 0.2 * room)
    draw.plain_numbers(ax.yaxis)


def _mark_starts(ax: Axes, starts: np.ndarray, x: np.ndarray) -> None:
    """A line halfway between the last untreated and the first treated period of each cohort in sight."""
    inside = np.sort(starts[(starts > x[0]) & (starts <= x[-1])])
    for i, start in enumerate(inside):
        text = "Programme starts" if len(inside) == 1 else "Programmes start"
        draw.mark(ax, start - 0.5, text if i == 0 else "")


def _grey_out(ax: Axes, c: Counterfactual) -> None:
    """Grey behind the periods that a segmented model left out, with a word at the foot of the first such span."""
    for i, ends in enumerate(c.gaps if isinstance(c, Segmented) else ()):
        first, last = draw.period_numbers(list(ends))
        ax.axvspan(first - 0.5, last + 0.5, color=draw.PALE, linewidth=0, zorder=0)
        if i == 0:
            draw.foot(ax, last + 0.5, "left out")


def _set_scale(ax: Axes, scale: str, ends: np.ndarray, axis: str = "y") -> None:
    """Limits that hold every finite number and no change; ratios on a log axis in per cent."""
    if scale == "ratio":
        draw.ratio_axis(getattr(ax, f"{axis}axis"), ends)
        return
    known = np.append(ends[np.isfinite(ends)], 0.0)
    room = 0.1 * (np.ptp(known) or 1.0)
    draw.plain_numbers(getattr(ax, f"{axis}axis"))
    getattr(ax, f"set_{axis}lim")(known.min() - room, known.max() + 1.5 * room)


def _shade_gap(ax: Axes, c: Counterfactual, x: np.ndarray, lines: np.ndarray, starts: np.ndarray) -> None:
    """The gap between observed and expected from the first start on, with its size above it."""
    if not len(starts) or not (after := x >= starts.min()).any():
        return
    ax.fill_between(
        x, lines[:, 0], lines[:, 1], where=after, color=draw.BLUE, alpha=0.3, linewidth=0, label="Gap"
    )
    base = np.where(lines[:, 1] == 0, np.nan, lines[:, 1])
    relative = lines[:, 0] / base if c.effect.scale == "ratio" else lines[:, 0] - lines[:, 1]
    far = np.where(after & np.isfinite(relative), np.abs(relative - c.effect.value), np.inf)
    middle = int(np.argmin(far))  # the period whose own gap is nearest to the overall one
    point = (x[middle], (lines[middle, 0] + lines[middle, 1]) / 2)
    top = np.nanmax(lines[after])
    style: draw.Style = {"ha": "center", "va": "bottom", "fontsize": draw.TEXT, "color": draw.BLUE}
    arrow = {"arrowstyle": "-", "color": draw.BLUE, "linewidth": 0.8}
    ax.annotate(words.change(c), point, (x[middle], top), arrowprops=arrow, **style)

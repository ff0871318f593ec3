"""The picture of an event study: effects by event time, with their intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from toolkit.estimate import EventStudy
from toolkit.report import _axes as draw
from toolkit.report import _titles as titles
from toolkit.validate import DesignError, kind

_LABELS = {
    "last_before": "the last period before",
    "before_anticipation": "the base period",
    "period_before": "the base (before the start: the period before)",
}


def event_study(study: EventStudy, *, trend: pd.DataFrame | None = None, ax: Axes | None = None) -> Axes:
    """Effects by event time, with their intervals: what comes before the start should lie near no change.

    Parameters
    ----------
    study : EventStudy
        Ratios are drawn on a log axis labelled with the change in per cent. With ``base="all_before"`` no base is
        marked, and squares and dots have different zeros (the time before the first lead; all untreated time): each
        side is read by itself, and a jump between -1 and 0 is not the effect. Where the study has a band that holds all
        its effects at once (``staggered.aggregate``), it is drawn as a lighter and wider bar behind each interval.
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
    over, band = _over(trend, study.scale), _band(effects, study.scale)
    draw.limits(ax, study.scale, np.concatenate([ends.ravel(), band.ravel(), over[:, 1]]))
    if len(band):
        _bars(ax, times, band, "lightgrey", 5.0)
    _bars(ax, times, ends[:, 1:], draw.GREY, 1.4)
    base = _base(study)
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
        draw.foot(ax, float(times[base][-1]), "base")
    draw.event_ticks(ax, times)
    if len(over):
        ax.plot(over[:, 0], over[:, 1], color=draw.PLUM, linewidth=1.8, linestyle="--")
        draw.label(ax, "Trend that\ncould be\nmissed", tuple(over[-1]), colour=draw.PLUM, shift=(10, 0))
    y_label = f"Change against {_LABELS.get(study.base, 'the time before')}"
    return draw.titled(ax, titles.of_event_study(study), "Periods since the programme started", y_label)


def _base(study: EventStudy) -> np.ndarray:
    """Which event time is no effect by construction; bool, shape (E,)."""
    times = study.effects["event_time"].to_numpy()
    if study.base != "before_anticipation":
        return np.asarray((times == -1) & (study.base == "last_before"))
    return np.asarray((times < 0) & (study.effects["std_error"] == 0))


def _band(effects: pd.DataFrame, scale: str) -> np.ndarray:
    """The ends of the band that holds all effects at once, where there is one; shape (E or 0, 2)."""
    if "band_low" not in effects:
        return np.empty((0, 2))
    return draw.drawable(effects[["band_low", "band_high"]].to_numpy(dtype=float), scale)


def _bars(ax: Axes, times: np.ndarray, ends: np.ndarray, colour: str, width: float) -> None:
    """Upright bars, cut off where the picture ends."""
    bottom, top = ax.get_ylim()
    low, high = np.clip(ends[:, 0], bottom, None), np.clip(ends[:, 1], None, top)
    ax.vlines(times, low, high, color=colour, linewidth=width)


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

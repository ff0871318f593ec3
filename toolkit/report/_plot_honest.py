"""The picture of an honest interval: the effect by how far trends are allowed to have parted."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes

from toolkit.display import figure, level_words
from toolkit.estimate import Honest
from toolkit.report import _axes as draw
from toolkit.report import _honest_words as words
from toolkit.validate import DesignError, kind


def honest(answer: Honest, *, ax: Axes | None = None) -> Axes:
    r"""The effect's interval by how far trends are allowed to have parted, and where it first includes no change.

    Parameters
    ----------
    answer : Honest
        From ``sensitivity.honest``.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    Axes
        One bar per row of ``answer.bounds``, from left to right, dashed where it includes no change; the estimate
        is on the first, which takes trends to have been parallel. A vertical line marks the breakdown where it is
        in sight.

    Raises
    ------
    DesignError
        If ``answer`` is no Honest.

    Examples
    --------
    >>> from toolkit import Panel, did, plots, sensitivity, simulate
    >>> frame, truth = simulate.panel(units=40, periods=12, treated=20, first="2023-01", treated_from="2023-07",
    ...                               rate_ratio=0.5, seed=1)
    >>> panel = Panel.of(frame, unit="unit", period="period", outcome="count", treated_from="treated_from")
    >>> plots.honest(sensitivity.honest(did.event_study(panel, leads=6, lags=5))).get_title()
    "The finding stands up to 1.0 times\nthe gap's largest move before the start"
    """
    if not isinstance(answer, Honest):
        raise DesignError(f"plots.honest needs an Honest, not {kind(answer)}: sensitivity.honest makes one.")
    ax = draw.new_axes(ax)
    places = _places(answer)
    ends = draw.drawable(answer.bounds[["low", "high"]].to_numpy(dtype=float), answer.scale)
    value = draw.drawable(np.array([answer.original.value]), answer.scale)
    draw.limits(ax, answer.scale, np.append(ends, value))
    bottom, top = ax.get_ylim()
    excludes = answer.bounds["excludes"].to_numpy(dtype=bool)
    for kept, colour, line in ((excludes, draw.BLUE, "-"), (~excludes, draw.ORANGE, (0, (2, 1)))):
        low, high = np.clip(ends[kept, 0], bottom, None), np.clip(ends[kept, 1], None, top)
        ax.vlines(places[kept], low, high, color=colour, linewidth=5, linestyle=line)
    ax.plot(places[:1], value, "D", color=draw.GREY, markerfacecolor="white", markersize=7)
    ax.axhline(answer.original.null, color=draw.GREY, linewidth=1)
    step = float(np.diff(places).min(initial=places[-1] or 1.0))
    ax.set_xlim(places[0] - 0.6 * step, places[-1] + 0.6 * step)
    ax.set_xticks(places, _names(answer))
    ax.grid(visible=False, axis="x")
    if 0 < answer.breakdown <= places[-1]:
        draw.mark(ax, answer.breakdown, f"Breaks down at {words.limit(answer)}")
    y_label = f"Change ({level_words(answer.level)} interval)"
    return draw.titled(ax, words.title(answer), _x_label(answer), y_label)


def _places(answer: Honest) -> np.ndarray:
    """Where each row stands: at its m; parallel trends, where they have none, a step to the left of the least."""
    m = answer.bounds["m"].to_numpy(dtype=float, copy=True)
    if math.isnan(m[0]):
        steps = np.diff(m[1:])
        m[0] = m[1] - (steps.min() if len(steps) else max(m[1], 1.0))
    return m


def _names(answer: Honest) -> list[str]:
    """Below each bar: its m, or its bend in per cent."""
    m = answer.bounds["m"].to_numpy(dtype=float)
    per_cent = answer.kind == "smooth" and answer.scale == "ratio"
    names = [f"{figure(100 * math.expm1(size))}%" if per_cent else f"{size:g}" for size in m[1:]]
    first = "parallel" if answer.kind == "smooth" else "0\n(parallel)"
    return [first, *names]


def _x_label(answer: Honest) -> str:
    if answer.kind == "relative":
        return "Largest move of the gap allowed after the start,\nin times the largest before it"
    return "Largest bend of the gap allowed, from one period to the next"

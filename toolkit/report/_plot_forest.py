"""The forest plot: several answers to one question, one below the other."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from toolkit.report import _axes as draw
from toolkit.report import _titles as titles
from toolkit.report import words
from toolkit.report._answers import Answer, named
from toolkit.validate import DesignError, listed


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
    draw.limits(ax, scale, ends, "x")
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

"""The picture of a counterfactual: what was observed, what was expected, and the gap between them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from toolkit.estimate import Counterfactual, Segmented
from toolkit.report import _axes as draw
from toolkit.report import _titles as titles
from toolkit.report import words
from toolkit.validate import DesignError, kind


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
    draw.from_zero(ax, numbers)
    last = {"Observed": (observed, draw.BLUE), "Expected": (expected, draw.ORANGE)}
    draw.end_labels(ax, {name: (x[-1], y[np.isfinite(y)][-1], ink) for name, (y, ink) in last.items()})
    draw.period_ticks(ax, pd.Index(rows["period"]))
    _grey_out(ax, c)
    starts = draw.period_numbers(list(c.treated_from)) if c.treated_from else np.array([])
    _shade_gap(ax, c, x, np.column_stack([observed, expected, high]), starts)
    draw.mark_starts(ax, starts, x)
    units = "Total of the treated units" if c.effect.scale == "ratio" else "Mean of the treated units"
    return draw.titled(ax, titles.of_counterfactual(c), "", draw.measured(c.measure) or units)


def _grey_out(ax: Axes, c: Counterfactual) -> None:
    """Grey behind the periods that a segmented model left out, with a word at the foot of the first such span."""
    for i, ends in enumerate(c.gaps if isinstance(c, Segmented) else ()):
        first, last = draw.period_numbers(list(ends))
        ax.axvspan(first - 0.5, last + 0.5, color=draw.PALE, linewidth=0, zorder=0)
        if i == 0:
            draw.foot(ax, last + 0.5, "left out")


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

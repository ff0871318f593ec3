"""The picture of a panel: the outcome by period, for the treated and for the comparison units."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from toolkit.panel import Panel
from toolkit.report import _axes as draw
from toolkit.report import _titles as titles
from toolkit.validate import DesignError, kind

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
    draw.from_zero(ax, rates.to_numpy())
    draw.end_labels(ax, ends)
    draw.period_ticks(ax, panel.periods)
    draw.mark_starts(ax, draw.period_numbers(list(panel.cohorts)), x)
    return draw.titled(ax, titles.of_series(panel), "", y_label)


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

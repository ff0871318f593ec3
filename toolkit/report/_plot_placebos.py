"""The picture of placebos in space: the gap of the treated among those of units where nothing was done."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from toolkit.display import p_words
from toolkit.report import _axes as draw
from toolkit.validate import DesignError, shown

_NEEDS = ("unit", "treated", "period", "gap", "after", "far", "scale")
_MOST = 100  # lines among which a reader still sees one
_TIE = 1e-9


def placebos(gaps: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    r"""The gap between observed and expected by period, of the treated and of every placebo.

    Parameters
    ----------
    gaps : DataFrame
        From ``synthetic.gaps``. Ratios are drawn on a log axis labelled with the change in per cent; a period in which
        nothing was observed leaves a break.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    Axes
        Grey lines for the placebos (the first hundred), and last a blue one for the treated.

    Raises
    ------
    DesignError
        Other rows than those of ``synthetic.gaps``.

    Notes
    -----
    The title counts placebos that stand out as far over their own scale, which need not be those with the widest gap.

    Examples
    --------
    >>> import pandas as pd
    >>> from toolkit import plots
    >>> rows = pd.DataFrame({"unit": ["Bede", "Bede", "Dean", "Dean"], "treated": [True, True, False, False],
    ...                      "period": [2020, 2021] * 2, "gap": [0.1, -4.0, -0.2, 1.0], "after": [False, True] * 2,
    ...                      "far": [3.0, 3.0, 0.8, 0.8], "scale": "difference"})
    >>> plots.placebos(rows).get_title()
    'None of 1 placebo stands out as far as Bede\n(p = 0.500)'
    """
    if not isinstance(gaps, pd.DataFrame) or not set(_NEEDS) <= set(gaps) or not gaps["treated"].any():
        raise DesignError("plots.placebos takes the rows of synthetic.gaps.")
    ax, scale = draw.new_axes(ax), str(gaps["scale"].iloc[0])
    lines = [lot for _, lot in gaps.groupby("unit", sort=False)]
    own = next(lot for lot in lines if lot["treated"].all())
    others = [lot for lot in lines if lot is not own]
    x, values = draw.period_numbers(own["period"]), [_gap(lot, scale) for lot in (*others[:_MOST], own)]
    draw.limits(ax, scale, np.concatenate(values))
    for value in values[:-1]:
        ax.plot(*draw.broken(x, value), color="#9A9A9A", linewidth=0.8, alpha=0.7)
    ax.axhline(1.0 if scale == "ratio" else 0.0, color=draw.GREY, linewidth=1)
    ax.plot(*draw.broken(x, values[-1]), color=draw.BLUE, linewidth=2.4, label="Treated")
    _names(ax, x, values)
    draw.period_ticks(ax, pd.Index(own["period"]))
    draw.mark_starts(ax, x[own["after"].to_numpy()][:1], x)
    y_label = "Observed against expected" if scale == "ratio" else "Observed less expected"
    return draw.titled(ax, _title(own, others), "", y_label)


def _gap(lot: pd.DataFrame, scale: str) -> np.ndarray:
    """What can be drawn: ratios above zero, and any difference."""
    gap = lot["gap"].to_numpy(dtype=float)
    return draw.drawable(np.where(gap > 0, gap, np.nan) if scale == "ratio" else gap, scale)


def _names(ax: Axes, x: np.ndarray, values: list[np.ndarray]) -> None:
    """The treated and a placebo, named at the end of their lines."""
    own = values[-1]
    ends = {"Treated": (x[-1], own[np.isfinite(own)][-1], draw.BLUE)}
    last = [value[-1] for value in values[:-1] if np.isfinite(value[-1])]
    if last:
        far = max(last, key=lambda end: abs(end - ends["Treated"][1]))
        ends["Placebos"] = (x[-1], float(far), draw.GREY)
    draw.end_labels(ax, ends)


def _title(own: pd.DataFrame, others: list[pd.DataFrame]) -> str:
    far, unit = float(own["far"].iloc[0]), _named(own["unit"].iloc[0])
    beyond = sum(float(lot["far"].iloc[0]) >= far * (1 - _TIE) for lot in others)
    number = f"{len(others):,} placebo{'' if len(others) == 1 else 's'}"
    p_value = (1 + beyond) / (1 + len(others))
    stands = "stands" if beyond <= 1 else "stand"
    return f"{beyond or 'None'} of {number} {stands} out as far as {unit}\n(p = {p_words(p_value)})"


def _named(unit: Any) -> str:
    name = shown(unit)
    return name if len(name) <= 30 else "the treated"

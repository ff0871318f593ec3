"""The picture of a two-way regression taken apart: each comparison a block, as wide as its weight."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, FuncFormatter

from toolkit.display import figure
from toolkit.report import _axes as draw
from toolkit.report._phrases import opening
from toolkit.validate import DesignError, kind

# What each kind compares with, in words; its colour, and a hatch so that the doubtful do not rest on colour alone.
_KINDS = {
    "never_treated": ("Never treated", draw.BLUE, ""),
    "not_yet_treated": ("Not yet treated", draw.TEAL, ""),
    "already_treated": ("Already treated", draw.ORANGE, "///"),
    "always_treated": ("Treated throughout", draw.PLUM, "\\\\\\"),
}
_DOUBTFUL = ("already_treated", "always_treated")
_NARROW = 0.01  # a share of the weight so small that a white edge would hide the block
_COLUMNS = ("comparison", "estimate", "weight")


def bacon(frame: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    r"""What a two-way regression compares with what: each comparison a block, as wide as its share of the weight.

    Parameters
    ----------
    frame : DataFrame
        All rows of ``did.bacon(panel)``, by pair or by comparison.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    Axes
        Blocks run from 0 to 100% of the weight, kind by kind and from the lowest estimate to the highest; each is as
        high as its estimate, so that the areas add up to the coefficient of the regression, the dashed line. Hatched
        are the comparisons with units that were already treated themselves.

    Raises
    ------
    DesignError
        No such frame, or not all of its rows: weights that do not add up to 1.

    Examples
    --------
    >>> from toolkit import Panel, did, plots, simulate
    >>> rows, truth = simulate.panel(units=40, periods=24, treated=16, first="2022-01",
    ...                              treated_from=["2023-01", "2023-07"], seed=1)
    >>> panel = Panel.of(rows, unit="unit", period="period", outcome="count", treated_from="treated_from")
    >>> print(plots.bacon(did.bacon(panel)).get_title().split(":")[0])
    4% of the weight rests on units already treated
    """
    rows = _ordered(frame)
    fresh = ax is None
    ax = draw.new_axes(ax)
    if fresh:
        ax.figure.set_size_inches(5.6, 4.6)  # type: ignore[union-attr]
    right = rows["weight"].cumsum().to_numpy()
    left = right - rows["weight"].to_numpy()
    for name, own in rows.groupby("comparison", sort=False).groups.items():
        _, colour, hatch = _KINDS[str(name)]
        edges = np.where(rows["weight"][own] > _NARROW, 0.6, 0.0)
        style: draw.Style = {"color": colour, "edgecolor": "white", "linewidth": edges, "hatch": hatch}
        ax.bar(left[own], rows["estimate"][own], rows["weight"][own], align="edge", **style)
    whole = float((rows["estimate"] * rows["weight"]).sum())
    ax.axhline(0, color=draw.GREY, linewidth=1)
    ax.axhline(whole, color=draw.GREY, linewidth=1.4, linestyle="--")
    draw.label(ax, f"Regression\n{_figure(whole)}", (1, whole), colour=draw.GREY, shift=(6, 0))
    ax.set_xlim(0, 1)
    ax.xaxis.set_major_locator(FixedLocator([0, 0.25, 0.5, 0.75, 1]))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:.0f}%"))
    draw.plain_numbers(ax.yaxis)
    _key(ax, rows)
    return draw.titled(ax, _title(rows), "Share of the weight", "Estimate of each comparison")


def _ordered(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows kind by kind, the lowest estimate first, once they are seen to be all of them."""
    if not isinstance(frame, pd.DataFrame) or not set(_COLUMNS) <= set(frame):
        what = "a frame without those columns" if isinstance(frame, pd.DataFrame) else kind(frame)
        raise DesignError(f"plots.bacon needs the rows of did.bacon ({', '.join(_COLUMNS)}), not {what}.")
    unknown = [name for name in frame["comparison"] if name not in _KINDS]
    if unknown:
        raise DesignError(
            f"plots.bacon does not know the comparison {unknown[0]!r}: give the rows of did.bacon."
        )
    if not np.isclose(frame["weight"].sum(), 1.0):
        raise DesignError(
            f"The weights add up to {_figure(float(frame['weight'].sum()))} and not to 1: give all rows of did.bacon."
        )
    place = frame["comparison"].map(list(_KINDS).index)
    return frame.assign(place=place).sort_values(["place", "estimate"], kind="stable").reset_index(drop=True)


def _key(ax: Axes, rows: pd.DataFrame) -> None:
    """A line below the axes for each kind: its colour, its share of the weight and its average."""
    handles, texts = [], []
    for name, own in rows.groupby("comparison", sort=False):
        words, colour, hatch = _KINDS[str(name)]
        handles.append(Patch(facecolor=colour, edgecolor="white", hatch=hatch))
        texts.append(f"{words}: {_share(own)} of the weight, average {_figure(_average(own))}")
    key = ax.legend(handles, texts, title="Compared with units", loc="upper center", bbox_to_anchor=(0.5, -0.2),
                    frameon=False, fontsize=draw.SMALL, title_fontsize=draw.SMALL, alignment="left")  # fmt: skip
    key.set_in_layout(True)


def _title(rows: pd.DataFrame) -> str:
    """How much of the weight is on comparisons with the already treated, and whether they say something else."""
    doubtful = rows["comparison"].isin(_DOUBTFUL)
    if not doubtful.any():
        return "No comparison is with units already treated"
    which = opening(f"{_share(rows[doubtful])} of the weight rests on units already treated")
    if doubtful.all():
        return which
    there, rest = (_figure(_average(rows[part])) for part in (doubtful, ~doubtful))
    return f"{which}:\naverage {there} there, {rest} in the rest"


def _figure(number: float) -> str:
    """Three figures, with the minus sign that the axis has."""
    return figure(number).replace("-", "−")


def _average(rows: pd.DataFrame) -> float:
    return float((rows["estimate"] * rows["weight"]).sum() / rows["weight"].sum())


def _share(rows: pd.DataFrame) -> str:
    share = 100 * float(rows["weight"].sum())
    return f"{share:.0f}%" if share >= 1 else "less than 1%"

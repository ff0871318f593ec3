"""The picture of balance: how unlike the arms are in each covariate, before and after (a Love plot)."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from toolkit import likeness
from toolkit.report import _axes as draw
from toolkit.sample import UNMATCHED, WEIGHTED, Sample

_AFTER = "standardised_difference_after"
_MOST = 20  # rows that a reader takes in


def balance(sample: Sample, *, ax: Axes | None = None) -> Axes:
    r"""How unlike treated and comparison people are in each covariate, before and after matching.

    Parameters
    ----------
    sample : Sample
        People, unmatched, matched or weighted.
    ax : Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    Axes
        One row for each number and each level of a category, the most unlike before at the top, at most twenty. The
        line called Before holds the differences before, the one called After those after; the shade holds those of
        at most 0.1 standard deviations.

    Raises
    ------
    DesignError
        No Sample, or one without covariates.

    Examples
    --------
    >>> import pandas as pd
    >>> from toolkit import Sample, matching, plots
    >>> people = pd.DataFrame({"diverted": [1, 1, 0, 0, 0, 0], "priors": [4, 2, 4, 2, 2, 0]})
    >>> sample = Sample.of(people, treated="diverted", covariates=["priors"])
    >>> plots.balance(matching.weights(sample, kind="entropy")).get_title()
    'The one covariate differed by more than\n0.1 SD before weighting and does not after'
    """
    table = likeness.table(sample)
    rows = _rows(table)
    fresh = ax is None
    ax = draw.new_axes(ax)
    if fresh:
        ax.figure.set_size_inches(5.6, max(2.6, 1.5 + 0.3 * len(rows)))  # type: ignore[union-attr]
    y = np.arange(len(rows))[::-1]
    ax.axvspan(-likeness.TOLERATED, likeness.TOLERATED, color="#E4E4E4", linewidth=0)
    ax.axvline(0, color=draw.GREY, linewidth=1)
    ax.margins(x=0.12)  # room for the words above the outermost marker
    hollow: draw.Style = {"markerfacecolor": "white", "markeredgewidth": 1.6}
    if "after" in rows:
        ax.hlines(y, rows["before"], rows["after"], color="#BBBBBB", linewidth=1.2)
    ax.plot(rows["before"], y, "s", color=draw.ORANGE, markersize=6.5, label="Before", **hollow)
    if "after" in rows:
        ax.plot(rows["after"], y, "o", color=draw.BLUE, markersize=7, label="After")
    draw.named_rows(ax, y, [draw.wrapped(draw.plain(name), 24) for name in rows.index])
    ax.set_ylim(-0.6, len(rows) - (0.0 if "after" in rows else 0.4))
    ax.grid(visible=False, axis="y")
    draw.plain_numbers(ax.xaxis)
    _name_markers(ax, rows.iloc[0])
    more = f"\n(the {_MOST} most unlike of {len(table)})" if len(table) > _MOST else ""
    return draw.titled(
        ax, _title(sample, table), f"Treated less comparison, in standard deviations{more}", ""
    )


def _name_markers(ax: Axes, top: pd.Series) -> None:
    """Before and After, above the markers of the top row; side by side where those are near each other."""
    if "after" not in top:
        return
    left, right = ax.get_xlim()
    near = abs(top["before"] - top["after"]) < 0.2 * (right - left)
    for name, other, colour in (("before", "after", draw.ORANGE), ("after", "before", draw.BLUE)):
        side = "right" if top[name] < top[other] or (top[name] == top[other] and name == "after") else "left"
        draw.above(
            ax, name.capitalize(), (top[name], ax.get_ylim()[1] - 1), colour, side if near else "center"
        )


def _rows(table: pd.DataFrame) -> pd.DataFrame:
    """Before and after by name, the most unlike before first, as many as a reader takes in."""
    pairs = zip(table["covariate"], table["level"], strict=True)
    found = {"before": _differences(table, "before")}
    if _AFTER in table:
        found["after"] = _differences(table, "after")
    rows = pd.DataFrame(
        found, index=pd.Index([f"{name}: {level}" if level else name for name, level in pairs])
    )
    return rows.iloc[np.argsort(-np.abs(found["before"]), kind="stable")].head(_MOST)


def _differences(table: pd.DataFrame, when: str) -> np.ndarray:
    return table[f"standardised_difference_{when}"].to_numpy(dtype=float)


def _title(sample: Sample, table: pd.DataFrame) -> str:
    """How many differ by more than 0.1 SD, before and after."""
    total = len(table)
    whens = ["before", "after"] if _AFTER in table else ["before"]
    over = [int(likeness.unlike(table[f"standardised_difference_{when}"]).sum()) for when in whens]
    verb = "weighting" if sample.design == WEIGHTED else "matching"
    if total == 1:
        return _title_of_one([bool(number) for number in over], verb)
    if sample.design == UNMATCHED:
        return f"Treated and comparison people differ by\nmore than 0.1 SD in {over[0]} of {total} characteristics"
    return (
        f"{over[0]} of {total} characteristics differed by more\n"
        f"than 0.1 SD before {verb}, {over[1] or 'none'} after"
    )


def _title_of_one(over: list[bool], verb: str) -> str:
    """The same for a single row."""
    before = "differed" if over[0] else "did not differ"
    if len(over) == 1:
        return f"The one covariate {'differs' if over[0] else 'does not differ'} by more\nthan 0.1 SD"
    after = (
        ("still does" if over[0] else "does") if over[1] else ("does not" if over[0] else "still does not")
    )
    return f"The one covariate {before} by more than\n0.1 SD before {verb} and {after} after"

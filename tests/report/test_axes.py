"""Axes that hold what cannot be drawn in full, names that are no formulas, and what is no Axes."""

import math

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from toolkit import DesignError, Panel, plots
from toolkit.estimate import Estimate

FALL = Estimate(0.82, 0.74, 0.91, 0.05, 0.001, "ATT", "clustered", "ratio")
ROWS = pd.DataFrame(
    {"ward": ["Bede", "Bede", "Dean", "Dean"], "asb": [9, 4, 7, 8], "month": ["2023-04", "2023-05"] * 2,
     "began": ["2023-05"] * 2 + [None] * 2}
)  # fmt: skip
PANEL = Panel.of(ROWS, unit="ward", period="month", outcome="asb", treated_from="began")
FAR = {
    "tiny": [(1e-300, 0.0, 1e-299, "ratio"), (1.0, 0.9, 1.1, "ratio")],
    "huge": [(1e300, 1e299, 1e305, "ratio"), (1.0, 0.9, 1.1, "ratio")],
    "nothing left": [(0.0, 0.0, 0.6, "ratio")],
    "no upper limit": [(math.inf, 1.4, math.inf, "ratio")],
    "huge difference": [(1e300, -1e308, 1.7e308, "difference"), (1.0, 0.9, 1.1, "difference")],
}


@pytest.mark.parametrize(
    ("name", "heads"),
    [("tiny", 0), ("huge", 0), ("nothing left", 1), ("no upper limit", 1), ("huge difference", 0)],
)
@pytest.mark.filterwarnings("error")
def test_a_forest_keeps_what_is_too_far_out_at_its_edge(name, heads):
    ax = plots.forest({f"{i}": Estimate(*e[:3], 0.05, 0.03, "", "", e[3]) for i, e in enumerate(FAR[name])})
    ax.figure.canvas.draw()
    left, right = ax.get_xlim()
    drawn = np.concatenate([np.asarray(line.get_xdata(), dtype=float) for line in ax.lines])
    assert all(left <= x <= right for x in drawn[~np.isnan(drawn)])
    assert sum(len(np.unique(line.get_ydata())) for line in ax.lines if line.get_marker() in "<>") == heads
    assert max(map(len, ax.get_title().split())) < 20


@pytest.mark.filterwarnings("error")
def test_a_dollar_sign_begins_no_formula():
    ax = plots.forest({"a $\\frac$": FALL, "b $x$": FALL})
    ax.figure.canvas.draw()
    assert [label.get_text().split("\n")[0] for label in ax.get_yticklabels()] == ["a $\\frac$", "b $x$"]
    dollars = ROWS.rename(columns={"asb": "cost $\\frac$"})
    plots.series(
        Panel.of(dollars, unit="ward", period="month", outcome="cost $\\frac$", treated_from="began")
    ).figure.canvas.draw()


@pytest.mark.parametrize("ax", [3, "x", [1], plt.figure, np.array([None, None])])
def test_a_picture_is_drawn_on_axes(ax):
    with pytest.raises(DesignError, match=r"^ax must be the Axes to draw on, not an? "):
        plots.forest({"a": FALL}, ax=ax)
    with pytest.raises(DesignError, match=r"^ax must be the Axes to draw on, not an? "):
        plots.series(PANEL, ax=ax)

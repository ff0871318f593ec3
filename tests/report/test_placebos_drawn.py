"""The picture of placebos in space: whose lines, how many, and a title that counts them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from methods.synthetic.made import panel, table

from toolkit import DesignError, plots, synthetic
from toolkit.report import _axes


@pytest.mark.parametrize("scale", ["ratio", "difference"])
def test_every_lot_has_a_line_and_the_treated_come_last(scale):
    rows = synthetic.gaps(panel(table()), scale=scale)
    ax = plots.placebos(rows)
    lines = [line for line in ax.get_lines() if len(line.get_xdata()) == 18]
    assert len(lines) == 21 and lines[-1].get_label() == "Treated" and lines[-1].get_color() == _axes.BLUE
    assert lines[-1].get_ydata() == pytest.approx(rows.query("treated")["gap"].to_numpy())
    assert {text.get_text() for text in ax.texts} >= {"Treated", "Placebos", "Programme starts"}


def test_the_title_counts_lots_as_far_and_gives_the_p_value():
    one = panel(table())
    answer, rows = synthetic.att(one), synthetic.gaps(one)
    beyond = round(21 * answer.p_value) - 1
    title = plots.placebos(rows).get_title()
    assert title == f"{beyond} of 20 placebos stand out as far as t0\n(p = {answer.p_value:.3f})"


FAR = ((0.5, "2 of 2 placebos stand"), (1.5, "1 of 2 placebos stands"), (3, "None of 2 placebos stands"))


@pytest.mark.parametrize(("far", "words"), FAR)
def test_one_and_none(far, words):
    rows = pd.DataFrame(
        {"unit": ["a", "a", "b", "b", "c", "c"], "treated": [True] * 2 + [False] * 4, "period": [1, 2] * 3,
         "gap": [0.0, 2, 0, 1, 0, -1], "after": [False, True] * 3, "far": [far, far, 1, 1, 2, 2], "scale": "difference"}
    )  # fmt: skip
    assert plots.placebos(rows).get_title().startswith(words)


def test_many_treated_are_not_all_named():
    rows = synthetic.gaps(panel(table(14, treated=12)), draws=99)
    assert "as far as the treated" in plots.placebos(rows).get_title().replace("\n", " ")


def test_a_period_without_incidents_leaves_a_break():
    frame = table()
    quiet = frame.assign(crimes=frame["crimes"].where((frame["ward"] != "t0") | (frame["month"] != 15), 0.0))
    ax = plots.placebos(synthetic.gaps(panel(quiet), scale="ratio"))
    assert np.isnan(ax.get_lines()[-2].get_ydata()[14])


@pytest.mark.parametrize("given", [None, pd.DataFrame({"unit": [1]})])
def test_other_rows_are_refused(given):
    with pytest.raises(DesignError, match=r"plots.placebos takes the rows of synthetic.gaps."):
        plots.placebos(given)

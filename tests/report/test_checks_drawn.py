"""Pictures of checks: a trend laid over an event study, and rows of a check in a forest."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from made_wards import many, panel

from toolkit import DesignError, did, placebo, plots, sensitivity, trends

METHOD = partial(did.att, inference="cluster")


@pytest.mark.parametrize("scale", ["ratio", "difference"])
def test_the_trend_is_the_last_line_and_inside_the_axes(scale: str) -> None:
    study = did.event_study(panel(many(8, 9, start=5)), leads=4, lags=1, scale=scale)
    path = trends.detectable(study).path
    plain, over = plots.event_study(study), plots.event_study(study, trend=path)
    assert len(over.lines) == len(plain.lines) + 1
    line = over.lines[-1]
    assert line.get_linestyle() == "--"
    assert np.asarray(line.get_xdata()).tolist() == path["event_time"].tolist()
    assert line.get_ydata() == pytest.approx(path["trend"])
    bottom, top = over.get_ylim()
    assert bottom < path["trend"].min() and path["trend"].max() < top
    assert "Trend that\ncould be\nmissed" in [text.get_text() for text in over.texts]
    assert over.get_title() == plain.get_title()


@pytest.mark.parametrize(
    "wrong", [3, "trend", pd.DataFrame({"event_time": [0]}), {"event_time": 1, "trend": 2}]
)
def test_a_trend_that_is_none_is_refused(wrong) -> None:
    study = did.event_study(panel(many(8, 9, start=5)), leads=4, lags=1)
    with pytest.raises(DesignError, match=r"give trends\.detectable\(study\)\.path"):
        plots.event_study(study, trend=wrong)


def test_rows_of_checks_are_drawn_as_the_estimates_they_are() -> None:
    one = panel(many(8, 8, start=5))
    for rows, first in (
        (placebo.in_time(one, METHOD, shifts=[1, 2]), "1"),
        (placebo.in_space(panel(many(2, 6, start=4)), METHOD, draws=4), None),
        (sensitivity.leave_one_out(one, METHOD), None),
    ):
        ax = plots.forest(rows.head(3))
        names = [text.get_text().split("\n")[0] for text in ax.get_yticklabels()]
        assert names[0].startswith(first or str(rows.iloc[0, 0])[:10])
        assert np.asarray(ax.lines[0].get_xdata()) == pytest.approx(rows["value"].head(3).to_numpy())


def test_frames_that_hold_no_estimates_are_refused() -> None:
    rows = placebo.in_time(panel(many(8, 8, start=5)), METHOD, shifts=[1])
    for wrong in (rows.head(0), rows.drop(columns="value"), pd.DataFrame({"a": [1]})):
        with pytest.raises(DesignError, match="needs rows with the columns of an Estimate"):
            plots.forest(wrong)

"""A segmented series told and drawn: its own axis, grey where periods are left out, the sentence word for word."""

from __future__ import annotations

import numpy as np
import pandas as pd
from made_series import COUNT, MEASURE, MONTHS, START
from matplotlib.patches import Rectangle

from toolkit import interrupted, plots, tables, words


def test_the_axis_names_what_is_counted() -> None:
    assert plots.counterfactual(interrupted.segmented(COUNT, start=START)).get_ylabel() == "Asb"
    measured = interrupted.segmented(MEASURE.rename("fear_of_crime"), start=START, scale="difference")
    assert plots.counterfactual(measured).get_ylabel() == "Fear of crime"


def test_periods_left_out_lie_on_grey() -> None:
    found = interrupted.segmented(COUNT, start=START, phase_in=2, exclude=("2020-03", "2020-06"))
    ax = plots.counterfactual(found)
    spans = [patch for patch in ax.patches if isinstance(patch, Rectangle)]
    first = MONTHS[0].ordinal
    edges = [(span.get_x() - first, span.get_x() + span.get_width() - first) for span in spans]
    assert edges == [(25.5, 29.5), (35.5, 37.5)]
    assert sum(text.get_text() == "left out" for text in ax.texts) == 1


def test_nothing_is_grey_where_nothing_is_left_out() -> None:
    ax = plots.counterfactual(interrupted.segmented(COUNT, start=START))
    assert not [patch for patch in ax.patches if isinstance(patch, Rectangle)]


def test_a_series_that_ends_without_a_record_is_named_at_its_last_one() -> None:
    open_ended = COUNT.astype(float)
    open_ended[-2:] = np.nan
    ax = plots.counterfactual(interrupted.segmented(open_ended, start=START, exclude=("2022-11", "2022-12")))
    assert all(np.isfinite(text.get_position()).all() for text in ax.texts)


def test_the_sentence() -> None:
    series = pd.Series(COUNT.to_numpy(), index=MONTHS)
    said = words.effect(interrupted.segmented(series, start=START), outcome="Incidents", where="Bede")
    assert said.startswith("Incidents in Bede came out ")
    assert " than expected without the programme (95% interval: " in said
    assert (
        "Caution: No comparison series: anything else that changed at the time is in it, and of real" in said
    )
    assert said.endswith("showed a made-up effect where 5% should.")


def test_step_and_bend_are_told_as_what_they_are() -> None:
    found = interrupted.segmented(COUNT, start=START)
    step = words.effect(found.level_change, outcome="Incidents", where="Bede")
    bend = words.effect(found.slope_change, outcome="Incidents", where="Bede")
    assert " than expected without the programme, in its first month (95% interval: " in step
    assert " than the trend before, for each further month (95% interval: " in bend


def test_step_and_bend_stand_in_a_table_with_the_effect() -> None:
    found = interrupted.segmented(COUNT, start=START)
    table = tables.estimates(
        {"All months": found, "At the start": found.level_change, "Per month": found.slope_change}
    )
    assert len(table) == 3

"""Pictures by their properties: what is drawn equals what was answered, and nothing crowds."""

import math
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from toolkit import DesignError, Panel, plots
from toolkit.estimate import Counterfactual, Estimate, EventStudy

MONTHS = pd.period_range("2021-01", periods=24, freq="M")
FALL = Estimate(0.82, 0.74, 0.91, 0.05, 0.001, "ATT", "clustered", "ratio")
SPANS = Estimate(0.9, 0.78, 1.04, 0.07, 0.15, "ATT", "clustered", "ratio")
LOWER = Estimate(-1.2, -2.1, -0.3, 0.4, 0.01, "ATT", "clustered", "difference")


def rows(periods=MONTHS, start=12, **more):
    """Two treated wards (10 and 20 a period, then half) and one comparison ward (30 throughout)."""
    level = {"Bede": 10, "Dean": 20, "Park": 30}
    frame = pd.DataFrame([(w, p) for w in level for p in periods], columns=["ward", "when"])
    frame["from"] = frame["ward"].map(lambda w: periods[start] if w != "Park" else None)
    late = frame["when"] >= periods[start]
    frame["asb_calls"] = (
        frame["ward"].map(level).where(~late | (frame["ward"] == "Park"), frame["ward"].map(level) // 2)
    )
    return frame.assign(**more)


def panel(frame, **more):
    return Panel.of(frame, unit="ward", period="when", outcome="asb_calls", treated_from="from", **more)


def study(scale="ratio", low=None, base="last_before"):
    estimates = (
        np.array([1.02, 0.97, 1.0, 0.85, 0.8]) if scale == "ratio" else np.array([0.1, -0.2, 0, -1, -2])
    )
    width = np.array([0.1, 0.1, 0.0, 0.1, 0.1])
    effects = pd.DataFrame({"event_time": [-3, -2, -1, 0, 1], "estimate": estimates, "low": estimates - width,
                            "high": estimates + width, "std_error": width / 2, "n_units": 9})  # fmt: skip
    if low is not None:
        effects.loc[4, "low"] = low
    spread = np.diag((width / 2) ** 2)
    return EventStudy(effects, pd.DataFrame(spread), scale, 0.95, base, "", "", 9, 3, parts=((9, spread),))


def answer(effect=FALL, band=True, periods=MONTHS, starts=12):
    expected = np.linspace(100.0, 123.0, len(periods))
    observed = np.where(np.arange(len(periods)) < starts, expected, 0.82 * expected)
    reach = 20 if band else np.nan
    frame = pd.DataFrame({"period": periods, "observed": observed, "expected": expected,
                          "low": expected - reach, "high": expected + reach})  # fmt: skip
    return Counterfactual(frame, effect, LOWER, (periods[starts],))


def line(ax, name):
    (found,) = [line for line in ax.lines if line.get_label() == name]
    return found


def texts(ax):
    return [text.get_text() for text in ax.texts]


def verticals(ax):
    return [
        line.get_xdata()[0]
        for line in ax.lines
        if len(line.get_xdata()) == 2 and len(set(line.get_xdata())) == 1
    ]


def test_series_draws_the_mean_per_unit_of_each_arm():
    ax = plots.series(panel(rows()))
    assert list(line(ax, "Treated").get_ydata()) == [15.0] * 12 + [7.5] * 12
    assert list(line(ax, "Comparison").get_ydata()) == [30.0] * 24
    assert list(line(ax, "Treated").get_xdata()) == [float(month.ordinal) for month in MONTHS]
    assert ax.get_ylabel() == "asb calls per ward"
    assert ax.get_title() == "Asb calls fell 50% in treated and moved less than 1% in\ncomparison wards"


def test_series_draws_rates_where_there_is_an_exposure():
    people = {"Bede": 1000, "Dean": 2000, "Park": 4000}
    frame = rows()
    ax = plots.series(panel(frame.assign(people=frame["ward"].map(people)), exposure="people"))
    assert line(ax, "Treated").get_ydata()[0] == pytest.approx(1000 * 30 / 3000)
    assert line(ax, "Comparison").get_ydata()[0] == pytest.approx(1000 * 30 / 4000)
    assert ax.get_ylabel() == "asb calls per 1,000 people"


def test_series_weights_where_the_panel_does():
    frame = rows()
    ax = plots.series(panel(frame.assign(w=frame["ward"].map({"Bede": 3, "Dean": 1, "Park": 1})), weight="w"))
    assert line(ax, "Treated").get_ydata()[0] == (3 * 10 + 20) / 4


def test_series_marks_the_start_between_two_periods():
    ax = plots.series(panel(rows()))
    assert verticals(ax) == [MONTHS[12].ordinal - 0.5]
    assert "Programme starts" in texts(ax)


def test_series_marks_every_start_and_names_them_once():
    frame = rows(periods=range(2000, 2011), start=5)
    frame.loc[frame["ward"] == "Dean", "from"] = 2007
    ax = plots.series(panel(frame))
    assert verticals(ax) == [2004.5, 2006.5]
    assert [text for text in texts(ax) if "start" in text] == ["Programmes start"]
    assert ax.get_title() == "Asb calls in 2 treated and 1 comparison wards"


def test_series_gives_no_percentage_of_what_is_no_count():
    frame = rows()
    assert "fell" not in plots.series(panel(frame.assign(asb_calls=np.log(frame["asb_calls"])))).get_title()


def test_series_leaves_a_gap_where_a_period_is_missing():
    frame = rows()
    ax = plots.series(panel(frame[frame["when"] != MONTHS[5]]))
    drawn = line(ax, "Treated").get_ydata()
    assert np.isnan(drawn[5])
    assert np.isnan(drawn).sum() == 1


def test_series_of_one_arm():
    frame = rows()
    ax = plots.series(panel(frame[frame["ward"] != "Park"]))
    assert [text for text in texts(ax) if text in ("Treated", "Comparison")] == ["Treated"]
    assert ax.get_title() == "Asb calls in 2 wards"


def test_arms_differ_by_more_than_colour():
    ax = plots.series(panel(rows()))
    first, second = line(ax, "Treated"), line(ax, "Comparison")
    assert first.get_linestyle() != second.get_linestyle()
    assert first.get_marker() != second.get_marker()


@pytest.mark.parametrize(
    ("periods", "shown"),
    [
        (pd.period_range("2022-04", periods=15, freq="M"), "Jul 2022"),
        (pd.period_range("2010-01", periods=120, freq="M"), "Jan 2012"),
        (pd.period_range("2021Q1", periods=20, freq="Q"), "2022 Q1"),
        (pd.period_range("2000", periods=11, freq="Y"), "2002"),
        (pd.period_range("2022-01-03", periods=60, freq="D"), "31 Jan 2022"),
        (pd.period_range("2022-01-03", periods=50, freq="W"), "4 Apr 2022"),
        (range(2000, 2011), "2004"),
        (range(1, 7), "3"),
    ],
)
def test_few_ticks_that_do_not_overlap(periods, shown):
    ax = plots.counterfactual(answer(periods=pd.Index(periods), starts=4))
    labels = [label for label in ax.get_xticklabels() if label.get_text()]
    assert shown in [label.get_text() for label in labels]
    assert 2 <= len(labels) <= 6
    ax.figure.canvas.draw()
    boxes = [label.get_window_extent() for label in labels]
    assert all(left.x1 + 4 < right.x0 for left, right in pairwise(boxes))


def test_event_study_draws_every_estimate_with_its_interval():
    ax = plots.event_study(study())
    drawn = {x: y for line in ax.lines[:3] for x, y in zip(*line.get_data(), strict=True)}
    effects = study().effects
    assert drawn == dict(zip(effects["event_time"], effects["estimate"], strict=True))
    ends = [tuple(segment[:, 1]) for segment in ax.collections[0].get_segments()]
    assert ends == list(zip(effects["low"], effects["high"], strict=True))
    assert verticals(ax) == [-0.5]
    assert {"Programme starts", "base"} <= set(texts(ax))


def test_event_study_reads_in_per_cent_for_ratios():
    ax = plots.event_study(study())
    labels = {
        tick: label.get_text() for tick, label in zip(ax.get_yticks(), ax.get_yticklabels(), strict=True)
    }
    assert labels[1.0] == "0%"
    assert labels[0.8] == "−20%"
    assert ax.get_yscale() == "log"
    assert plots.event_study(study("difference")).get_yscale() == "linear"


def test_event_study_says_what_it_found():
    """The average of logs over 0 and 1: sqrt(0.85 x 0.8) = 0.825, a fall of 18%."""
    assert (
        plots.event_study(study())
        .get_title()
        .startswith(
            "Against the comparison, on average 18% lower\nafter the start than in the last period before it"
        )
    )


def test_event_study_without_a_bound_runs_to_the_edge():
    ax = plots.event_study(study(low=0.0))
    bottom = ax.get_ylim()[0]
    assert ax.collections[0].get_segments()[4][0, 1] == bottom > 0.5
    below = plots.event_study(study("difference", low=-math.inf))
    assert below.collections[0].get_segments()[4][0, 1] == below.get_ylim()[0] > -10


def test_event_study_marks_no_base_where_there_is_none():
    ax = plots.event_study(study(base="all_before"))
    assert "base" not in texts(ax)
    assert ax.get_ylabel() == "Change against the time before"
    assert ax.get_title().endswith("after the start than in all the time before it")


def test_counterfactual_draws_the_series_and_the_band():
    c = answer()
    ax = plots.counterfactual(c)
    assert list(line(ax, "Observed").get_ydata()) == list(c.series["observed"])
    assert list(line(ax, "Expected").get_ydata()) == list(c.series["expected"])
    band = ax.collections[0].get_paths()[0].vertices[:, 1]
    assert (band.min(), band.max()) == (80.0, 143.0)
    assert ax.get_ylim()[0] == 0
    assert {"Observed", "Expected", "18% lower", "Programme starts"} <= set(texts(ax))
    assert ax.get_title() == "Observed was 18% lower than expected\n(95% interval: 9% to 26% lower)"


def test_counterfactual_shades_the_gap_from_the_start_only():
    ax = plots.counterfactual(answer())
    (gap,) = [shape for shape in ax.collections if shape.get_label() == "Gap"]
    x = gap.get_paths()[0].vertices[:, 0]
    assert (x.min(), x.max()) == (MONTHS[12].ordinal, MONTHS[-1].ordinal)


def test_counterfactual_without_a_band():
    ax = plots.counterfactual(answer(band=False))
    (band,) = [shape for shape in ax.collections if shape.get_label() == "Range"]
    assert not band.get_paths()
    assert line(ax, "Expected").get_ydata()[0] == 100


def test_a_title_does_not_hide_that_the_interval_fits_no_change():
    assert (
        plots.counterfactual(answer(SPANS))
        .get_title()
        .endswith("(95% interval: 22% lower to 4% higher, also fits no change)")
    )


def test_counterfactual_below_zero_is_not_cut_off():
    c = answer(LOWER, band=False)
    frame = c.series.assign(observed=c.series["observed"] - 110, expected=c.series["expected"] - 110)
    ax = plots.counterfactual(Counterfactual(frame, LOWER, LOWER, c.treated_from))
    assert ax.get_ylim()[0] < frame["observed"].min()


def test_forest_draws_the_answers_from_top_to_bottom():
    ax = plots.forest({"First": FALL, "Second": SPANS})
    assert list(ax.lines[0].get_xdata()) == [0.82, 0.9]
    assert list(ax.lines[0].get_ydata()) == [1, 0]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["First\n18% lower", "Second\n10% lower"]
    assert [tuple(segment[:, 0]) for segment in ax.collections[0].get_segments()] == [
        (0.74, 0.91),
        (0.78, 1.04),
    ]
    assert verticals(ax) == [1.0]
    assert ax.get_title() == "Answers run from 18% lower to 10% lower"


def test_forest_refuses_two_scales():
    with pytest.raises(DesignError, match="one scale: a is a ratio and b is a difference"):
        plots.forest({"a": FALL, "b": LOWER})


PICTURES = {
    "series": lambda ax=None: plots.series(panel(rows()), ax=ax),
    "event_study": lambda ax=None: plots.event_study(study(), ax=ax),
    "counterfactual": lambda ax=None: plots.counterfactual(answer(), ax=ax),
    "forest": lambda ax=None: plots.forest({"First": FALL, "Second": SPANS}, ax=ax),
}


@pytest.mark.parametrize("draw", PICTURES.values(), ids=PICTURES)
def test_every_picture(draw, monkeypatch):
    monkeypatch.setattr(plt, "show", lambda *_: pytest.fail("a library does not show"))
    before = dict(plt.rcParams)
    given = plt.subplots()[1]
    assert draw(given) is given
    ax = draw()
    assert ax.figure is not given.figure
    assert dict(plt.rcParams) == before
    written = [
        ax.title,
        ax.xaxis.label,
        ax.yaxis.label,
        *ax.get_xticklabels(),
        *ax.get_yticklabels(),
        *ax.texts,
    ]
    assert min(text.get_fontsize() for text in written) >= 9
    assert ax.get_legend() is None
    ax.set_title("Another finding")
    assert ax.get_title() == "Another finding"


@pytest.mark.parametrize("draw", PICTURES.values(), ids=PICTURES)
def test_no_word_leaves_the_picture(draw):
    ax = draw()
    ax.figure.canvas.draw()
    inside = ax.figure.bbox.padded(1)
    for text in [ax.title, *ax.texts, *ax.get_yticklabels()]:
        box = text.get_window_extent()
        assert box.x0 >= inside.x0, text
        assert box.x1 <= inside.x1, text


@pytest.mark.parametrize("draw", [plots.series, plots.event_study, plots.counterfactual])
def test_another_answer_is_refused(draw):
    with pytest.raises(DesignError, match=f"plots.{draw.__name__} needs an? .*, not an Estimate"):
        draw(FALL)

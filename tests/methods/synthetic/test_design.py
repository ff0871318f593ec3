"""Designs that a synthetic control cannot answer, and what is left out with a caution."""

from __future__ import annotations

import numpy as np
import pytest

from toolkit import DesignError, Panel, synthetic

from .made import panel, table


def refusal(one: Panel, **options: str) -> str:
    with pytest.raises(DesignError) as caught:
        synthetic.att(one, **options)
    return str(caught.value)


def test_everybody_is_treated_in_the_end():
    frame = table(2)
    frame["began"] = frame["began"].fillna(15)
    assert refusal(panel(frame)).startswith(
        "Every ward is treated by the end, and synthetic methods compare with wards that never are. Use did.att"
    )


def test_nobody_is_treated():
    assert refusal(panel(table().assign(began=np.nan))).startswith("No ward is treated")


def test_no_panel():
    with pytest.raises(DesignError, match="This takes a Panel, not a DataFrame"):
        synthetic.att(table())  # type: ignore[arg-type]


@pytest.mark.parametrize("start", [2, 3])
def test_too_little_time_before(start):
    assert refusal(panel(table(start=start))).startswith(
        f"The data have only {'1 month' if start == 2 else '2 months'} before {start}, when t0 "
        "started. A synthetic control needs at least 3 months before"
    )


def test_treated_in_the_first_period():
    assert "observed before its treatment began" in refusal(panel(table(start=1)))


def test_one_of_the_treated_in_the_first_period_is_left_out():
    frame = table(treated=2)
    frame.loc[frame["ward"] == "t1", "began"] = 1.0
    answer = synthetic.att(panel(frame))
    assert (answer.n_treated, answer.n_units) == (1, 21)
    assert "1 ward treated in every period observed is left out: t1." in answer.cautions


def test_a_gap_is_named():
    frame = table()
    gone = frame[~((frame["ward"] == "c03") & frame["month"].isin([5, 6]))]
    assert refusal(panel(gone)).startswith(
        "Ward c03 has no row for 5 (and 1 more such gap), and a synthetic control needs every ward in every month. "
        "Fill them in from the source, or leave those wards or months out with panel.where"
    )
    whole = panel(gone).where(lambda f: f["unit"] != "c03")
    assert synthetic.att(whole).n_units == 20


def test_as_many_treated_as_comparison():
    assert refusal(panel(table(3, treated=3))).startswith(
        "The data have 3 comparison wards for 3 treated: placebos in space need more than were treated, and at "
        "least two."
    )
    assert refusal(panel(table(1))).startswith("The data have 1 comparison ward for 1 treated")


def test_weights_and_clusters_are_refused():
    frame = table()
    weighted = frame.assign(importance=np.where(frame["ward"] == "c01", 2.0, 1.0))
    assert "panel.unweighted()" in refusal(panel(weighted, weight="importance"))
    assert synthetic.att(panel(frame.assign(importance=2.0), weight="importance")).n_units == 21
    teams = frame.assign(team=frame["ward"].str[:2])
    assert "panel.collapse(by=...) from ward to team" in refusal(panel(teams, cluster="team"))


def test_covariates_play_no_part_and_that_is_said():
    frame = table().assign(rain=lambda f: f["month"] % 3 + 1.0)
    answer = synthetic.att(panel(frame, covariates=["rain"]))
    assert answer.value == synthetic.att(panel(table())).value
    assert "Weights are found from the outcome alone: rain played no part." in answer.cautions


def test_a_ratio_of_what_is_negative():
    frame = table().assign(crimes=lambda f: f["crimes"] - 45.5)
    assert "use scale='difference'" in refusal(panel(frame), scale="ratio")
    assert np.isfinite(synthetic.att(panel(frame)).value)


def test_a_ratio_needs_something_to_divide_by():
    frame = table()
    treated = frame["ward"] == "t0"
    before = frame["month"] < 13
    quiet = frame.assign(crimes=frame["crimes"].where(~(treated & before), 0.0))
    assert refusal(panel(quiet), scale="ratio").startswith("t0 had no crimes at all before treatment")
    silent = frame.assign(crimes=frame["crimes"].where(treated | before, 0.0))
    assert refusal(panel(silent), scale="ratio").startswith(
        "The comparison wards recorded nothing after the start"
    )


def test_comparison_units_without_incidents_before_have_no_path():
    frame = table()
    early = (frame["ward"].isin(["c04", "c05"])) & (frame["month"] < 13)
    quiet = frame.assign(crimes=frame["crimes"].where(~early, 0.0))
    answer = synthetic.att(panel(quiet), scale="ratio")
    assert answer.n_units == 19
    assert (
        "2 wards without any incidents before the start, and so without a path, are left out: c04 and c05."
        in answer.cautions
    )
    assert synthetic.att(panel(quiet)).n_units == 21

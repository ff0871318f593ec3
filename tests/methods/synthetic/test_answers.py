"""The effect and the path behind it: by hand, one by the other, and what is prevented."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from toolkit import DesignError, did, plots, synthetic, words

from .made import exactly, panel, table

# The treated run halfway between a and b before, and 4 below that after; c is far away.
HALFWAY = {"t": [15, 25, 15, 25, 15, 16, 16], "a": [10, 20, 10, 20, 10, 15, 15], "b": [20, 30, 20, 30, 20, 25, 25],
           "c": [90, 10, 90, 10, 90, 50, 50]}  # fmt: skip
KINDS = ("synthetic_control", "synthetic_did")


def test_halfway_between_two_by_hand():
    answer = synthetic.counterfactual(panel(exactly(HALFWAY, 6)))
    assert answer.effect.value == pytest.approx(-4, abs=1e-5)
    assert answer.series["expected"].to_numpy() == pytest.approx([15, 25, 15, 25, 15, 20, 20], abs=1e-4)
    assert answer.prevented.value == pytest.approx(8, abs=1e-4)
    assert answer.treated_from == (6,)


def test_halfway_between_two_as_a_ratio_of_levels():
    answer = synthetic.counterfactual(panel(exactly(HALFWAY, 6)), scale="ratio", match="level")
    assert answer.effect.value == pytest.approx(32 / 40, rel=1e-5)
    assert answer.prevented.value == pytest.approx(8, rel=1e-4)


def test_the_default_is_a_difference_of_levels():
    one = panel(table())
    plain = synthetic.att(one)
    asked = synthetic.att(one, kind="synthetic_control", scale="difference", match="level")
    assert (plain.scale, plain.value) == ("difference", asked.value)
    assert "synthetic control matched on the level" in plain.method
    assert "synthetic control matched on the path" in synthetic.att(one, scale="ratio").method


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("scale", ["ratio", "difference"])
def test_the_effect_is_the_gap_in_the_series(kind, scale):
    one = panel(table(treated=2))
    answer = synthetic.counterfactual(one, kind=kind, scale=scale, draws=99)
    late = answer.series[12:]
    if scale == "ratio":
        value = late["observed"].sum() / late["expected"].sum()
        saved = (late["expected"] - late["observed"]).sum()
    else:
        value = (late["observed"] - late["expected"]).mean()
        saved = -2 * 6 * value
    assert answer.effect.value == pytest.approx(value)
    assert answer.prevented.value == pytest.approx(saved)
    assert answer.effect.value == synthetic.att(one, kind=kind, scale=scale, draws=99).value
    assert (answer.effect.n_units, answer.effect.n_treated) == (22, 2)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("scale", ["ratio", "difference"])
def test_prevented_excludes_none_exactly_when_the_effect_excludes_no_change(kind, scale):
    """Told for falls of nothing to nine in ten, with the treated rounded down."""
    frame, seen = table(), set()
    for share in (1.0, 0.8, 0.6, 0.3, 0.1):
        after = frame["month"] >= frame["began"]
        fallen = frame.assign(crimes=np.where(after, np.floor(share * frame["crimes"]), frame["crimes"]))
        answer = synthetic.counterfactual(panel(fallen), kind=kind, scale=scale)
        effect, saved = answer.effect, answer.prevented
        assert (effect.low <= effect.null <= effect.high) == (saved.low <= 0 <= saved.high)
        seen.add(effect.low <= effect.null <= effect.high)
    assert seen == {True, False}


def test_an_exposure_is_divided_out():
    """Every ward's counts doubled from month 13 on, and its people too: rates as before."""
    frame = table()
    people = np.where(frame["month"] >= 13, 2000.0, 1000.0)
    double = frame.assign(crimes=frame["crimes"] * people / 1000, people=people)
    for scale in ("ratio", "difference"):
        one = synthetic.att(panel(frame.assign(people=1000.0), exposure="people"), scale=scale)
        two = synthetic.att(panel(double, exposure="people"), scale=scale)
        assert two.value == pytest.approx(one.value, rel=1e-9)


def test_an_exposure_that_varies_is_said_of_incidents_prevented():
    draw = np.random.default_rng(1)
    frame = table()
    one = panel(frame.assign(people=draw.uniform(900, 1100, len(frame))), exposure="people")
    answer = synthetic.counterfactual(one)
    assert any("exposure varies" in caution for caution in answer.prevented.cautions)
    reach = one.frame.query("treated_now")["exposure"].sum()
    assert answer.prevented.value == pytest.approx(-reach * answer.effect.value)


def test_what_is_no_count_is_said():
    frame = table().assign(crimes=lambda f: f["crimes"] + 0.25)
    answer = synthetic.counterfactual(panel(frame))
    assert any(caution.startswith("crimes is not a count") for caution in answer.prevented.cautions)


def test_cohorts_are_compared_one_by_one_and_weighted_by_their_cells():
    frame = table(treated=3)
    frame.loc[frame["ward"] == "t2", "began"] = 16.0
    early, late = frame[frame["ward"] != "t2"], frame[~frame["ward"].isin(["t0", "t1"])]
    for kind in KINDS:
        both, one, two = (synthetic.att(panel(f), kind=kind, draws=99) for f in (frame, early, late))
        assert both.value == pytest.approx((12 * one.value + 3 * two.value) / 15)
    answer = synthetic.counterfactual(panel(frame), scale="ratio", draws=99)
    parts = [synthetic.counterfactual(panel(f), scale="ratio", draws=99).series for f in (early, late)]
    seen = parts[0]["observed"][12:].sum() + parts[1]["observed"][15:].sum()
    base = parts[0]["expected"][12:].sum() + parts[1]["expected"][15:].sum()
    assert answer.effect.value == pytest.approx(seen / base)
    assert answer.treated_from == (13, 16)


def test_nothing_recorded_after_is_a_ratio_of_none():
    frame = table()
    quiet = frame.assign(crimes=frame["crimes"].where(~(frame["month"] >= frame["began"]), 0.0))
    answer = synthetic.counterfactual(panel(quiet), scale="ratio")
    assert (answer.effect.value, answer.effect.low) == (0, 0) and 0 < answer.effect.high < 0.2
    assert answer.prevented.value == pytest.approx(answer.series["expected"][12:].sum())
    assert answer.prevented.low > 0
    assert not any("no lower limit" in caution for caution in answer.effect.cautions)


def test_the_band_holds_what_is_observed_where_nothing_was_done():
    """Nothing was done to any ward, so of 40 tables the observed lie outside in about 1 of 20 periods."""
    outside = []
    for seed in range(40):
        series = synthetic.counterfactual(panel(table(seed=seed)), scale="ratio").series
        outside.append(((series["observed"] < series["low"]) | (series["observed"] > series["high"])).mean())
    assert 0.02 < np.mean(outside) < 0.09


def test_few_comparison_units_leave_no_band():
    answer = synthetic.counterfactual(panel(table(10)))
    assert answer.series[["low", "high"]].isna().all().all()
    assert plots.counterfactual(answer).get_title().startswith("Observed was")


def test_the_sentence_and_the_picture():
    answer = synthetic.counterfactual(panel(table()), scale="ratio")
    told = words.effect(answer, outcome="Crime", where="the ward")
    assert told.startswith("Crime in the ward came out") and "95% interval" in told
    assert plots.counterfactual(answer).get_ylabel() == "Total of the treated units"


def test_the_placebo_error_makes_an_interval_by_t():
    """20 comparison wards leave 19 degrees of freedom, whose two-sided 5% point is 2.093024."""
    answer = synthetic.att(panel(table()), inference="placebo_error")
    half = 2.093024 * answer.std_error
    assert (answer.low, answer.high) == pytest.approx((answer.value - half, answer.value + half), rel=1e-6)
    assert "t with 19 degrees of freedom" in answer.method
    assert np.isnan(synthetic.att(panel(table())).std_error)


def test_the_same_comparison_as_did_where_one_unit_is_all_there_is_to_mix():
    """Three copies of one ward: any mix is that ward, so the path moved to meet the treated is DiD's."""
    frame = table(1, seed=3)
    copies = pd.concat([frame, *(frame[frame["ward"] == "c00"].assign(ward=f"d{i}") for i in range(2))])
    one = panel(copies)
    assert synthetic.att(one, match="path").value == pytest.approx(did.att(one, scale="difference").value)
    assert synthetic.att(one, scale="ratio").value == pytest.approx(did.att(one).value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kind": "sdid"}, "kind='sdid' is not known. Use 'synthetic_control' or 'synthetic_did'."),
        ({"scale": "log"}, "scale='log' is not known. Use 'ratio' or 'difference'."),
        ({"match": "slope"}, "match='slope' is not known. Use 'level' or 'path'."),
        ({"kind": "synthetic_did", "match": "level"}, "kind='synthetic_did' compares changes"),
        ({"inference": "cluster"}, "inference='cluster' is not known. Use 'permutation' or 'placebo_error'."),
        ({"level": 95}, "level=95 must be between 0 and 1"),
        ({"draws": 10}, "draws=10 must be a whole number of at least 99."),
    ],
)
@pytest.mark.parametrize("method", [synthetic.att, synthetic.counterfactual])
def test_options_that_are_not_known(method, options, message):
    with pytest.raises(DesignError) as caught:
        method(panel(table()), **options)
    assert str(caught.value).startswith(message)

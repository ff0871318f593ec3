"""Honest intervals of an event study: what they are made of, what is said of them, and what is refused."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from made_wards import many, panel
from scipy import stats

from toolkit import DesignError, did, sensitivity
from toolkit.estimate import EventStudy, Honest
from toolkit.numerics import honest_relative
from toolkit.numerics.honest_relative import Slopes


def study(
    *, leads: int = 4, lags: int = 1, scale: str = "ratio", seed: int = 0, treated: int = 8
) -> EventStudy:
    return did.event_study(panel(many(treated, 9, seed, start=5)), leads=leads, lags=lags, scale=scale)


def made(
    points: list[float], error: float = 0.1, scale: str = "difference", base: str = "last_before"
) -> EventStudy:
    """Event times up to 1, noise alike in all and independent but for the base's, 21 clusters in each of two arms."""
    times = np.arange(len(points)) - len(points) + 2
    noise = error**2 / 2 * (np.eye(len(points)) + 1.0)
    noise[times == -1], noise[:, times == -1] = 0.0, 0.0
    values = np.exp(points) if scale == "ratio" else np.array(points)
    effects = pd.DataFrame({"event_time": times, "estimate": values, "low": values, "high": values,
                            "std_error": np.sqrt(np.diag(noise)), "n_units": 42})  # fmt: skip
    frame = pd.DataFrame(noise, index=times, columns=times)
    parts = ((21, noise / 2), (21, noise / 2))
    return EventStudy(effects, frame, scale, 0.95, base, "clustered", "effects", 42, 21, parts)


CLEAR = [0.1, -0.05, 0.05, 0.0, 1.0, 1.2]  # event times -4 to 1


@pytest.mark.parametrize("kind", ["relative", "smooth"])
@pytest.mark.parametrize("scale", ["ratio", "difference"])
def test_the_first_row_is_the_studys_own_interval(kind: str, scale: str) -> None:
    one = study(scale=scale)
    answer = sensitivity.honest(one, kind=kind, first=0, last=1)
    own = one.average(0, 1)
    assert (answer.original.low, answer.original.high) == (own.low, own.high)
    assert answer.bounds.loc[0, ["low", "high"]].tolist() == pytest.approx([own.low, own.high], rel=1e-9)
    assert answer.bounds["allowed"].iloc[0] == "parallel trends"


def test_it_is_the_effect_at_event_time_0_unless_told() -> None:
    one = study()
    assert sensitivity.honest(one).original.value == one.average(0, 0).value
    assert sensitivity.honest(one, last=1).original.value == one.average(1, 1).value
    weights = [0, 0, 0, 0, 0.5, 0.5]
    assert sensitivity.honest(one, weights=weights).original.value == pytest.approx(one.average(0, 1).value)
    assert "average effect on the treated over event times 0 to 1" in str(
        sensitivity.honest(one, weights=weights)
    )
    assert "weighted effect" in str(sensitivity.honest(one, weights=[0, 0, 0, 0, -1, 1]))


def test_later_event_times_do_not_matter() -> None:
    long, short = study(lags=1), study(lags=0)
    for kind in ("relative", "smooth"):
        here, there = (sensitivity.honest(one, kind=kind) for one in (long, short))
        assert here.bounds[["low", "high"]].to_numpy() == pytest.approx(
            there.bounds[["low", "high"]].to_numpy(), rel=1e-7
        )
        assert here.breakdown == pytest.approx(there.breakdown, abs=1e-9)


def test_relative_is_the_numerics_with_stretched_errors() -> None:
    one = made(CLEAR)
    steps = np.diff(np.eye(5), axis=0)
    change, spread = steps @ one.points[:5], steps @ one.covariance.to_numpy()[:5, :5] @ steps.T
    df = one.df(np.eye(6)[4])
    assert df == pytest.approx(40)
    stretch = (stats.t.ppf(0.975, df) / stats.norm.ppf(0.975)) ** 2
    ends = honest_relative.interval(Slopes(change, stretch * spread, np.ones(1)), 1.0, 0.95)
    assert sensitivity.honest(one, m=[1]).bounds.loc[1, ["low", "high"]].tolist() == pytest.approx(
        list(ends), abs=1e-9
    )
    as_in_r = honest_relative.interval(Slopes(change, spread, np.ones(1)), 1.0, 0.95)
    found = sensitivity.honest(one, m=[1], small_sample=False).bounds.loc[1, ["low", "high"]]
    assert found.tolist() == pytest.approx(list(as_in_r), abs=1e-9)


def test_a_straight_line_is_least_squares() -> None:
    """Equal noise in every month: the weights are of the slope through all event times before, the base included."""
    one = made(CLEAR)
    answer = sensitivity.honest(one, kind="smooth", m=[0])
    times = np.arange(-4, 0)
    line = (times - times.mean()) / ((times - times.mean()) ** 2).sum()
    fitted = np.append(1 / 4 + line * (0 - times.mean()), 0)  # what the line says of event time 0
    weights = np.concatenate([-fitted[:4], [1.0, 0.0]])
    told = one.combine(weights, "effect over the line")
    assert answer.bounds.loc[1, ["low", "high"]].tolist() == pytest.approx([told.low, told.high], abs=1e-6)


@pytest.mark.parametrize("kind", ["relative", "smooth"])
@pytest.mark.parametrize("scale", ["ratio", "difference"])
def test_the_breakdown_is_where_the_interval_meets_no_change(kind: str, scale: str) -> None:
    one = made(CLEAR, scale=scale)
    m = sensitivity.honest(one, kind=kind).breakdown
    assert m > 0
    near = sensitivity.honest(one, kind=kind, m=[0.999 * m, 1.001 * m]).bounds
    assert near["excludes"].tolist()[-2:] == [True, False]
    assert near["low"].iloc[-1] == pytest.approx(1.0 if scale == "ratio" else 0.0, abs=0.005)


@pytest.mark.parametrize("kind", ["relative", "smooth"])
def test_ratios_are_logs_made_ratios(kind: str) -> None:
    logs, ratios = (
        sensitivity.honest(made(CLEAR, scale=scale), kind=kind, m=[0.2, 1])
        for scale in ("difference", "ratio")
    )
    assert ratios.bounds["low"].tolist() == pytest.approx(np.exp(logs.bounds["low"]).tolist())
    assert ratios.bounds["high"].tolist() == pytest.approx(np.exp(logs.bounds["high"]).tolist())
    assert ratios.breakdown == pytest.approx(logs.breakdown)
    assert ratios.largest_before == pytest.approx(math.exp(-0.15))  # from -4 to -3
    assert logs.largest_before == pytest.approx(-0.15)
    assert (ratios.scale, ratios.level) == ("ratio", 0.95)


def test_no_finding_breaks_down_at_once() -> None:
    for kind in ("relative", "smooth"):
        answer = sensitivity.honest(made([0.1, -0.1, 0.0, 0.0, 0.02, 0.0]), kind=kind)
        assert answer.breakdown == 0
        assert not answer.bounds["excludes"].any()
        assert "includes no change with the least that is allowed" in str(answer)


def test_allowances_are_shown_in_order_and_once() -> None:
    bounds = sensitivity.honest(made(CLEAR), m=[2, 0.5, 0, 0.5]).bounds
    assert bounds["m"].tolist() == [0, 0.5, 2]
    assert bounds["allowed"].tolist()[1:] == [
        "0.5 times the largest change before",
        "2 times the largest change before",
    ]
    smooth = sensitivity.honest(made(CLEAR, scale="ratio"), kind="smooth", m=[0, math.log(1.05)]).bounds
    assert smooth["m"].isna().tolist() == [True, False, False]
    assert smooth["allowed"].tolist() == ["parallel trends", "a straight line", "bends of 5% a period"]


def test_usual_bends_are_round_and_pass_the_breakdown() -> None:
    for scale in ("ratio", "difference"):
        answer = sensitivity.honest(made(CLEAR, scale=scale), kind="smooth")
        sizes = answer.bounds["m"].to_numpy()[1:]
        steps = np.expm1(sizes) if scale == "ratio" else sizes
        digits = steps[1] / 10 ** math.floor(math.log10(steps[1]) + 1e-9)
        assert any(digits == pytest.approx(digit) for digit in (1, 2, 5))
        assert steps == pytest.approx(steps[1] * np.arange(5))
        assert sizes[-1] > answer.breakdown


def test_noise_before_the_start_is_told() -> None:
    noise = "no larger than chance makes them"
    assert any(noise in said for said in sensitivity.honest(made(CLEAR)).cautions)
    assert not any(noise in said for said in sensitivity.honest(made([0.9, *CLEAR[1:]])).cautions)
    assert not any(noise in said for said in sensitivity.honest(made(CLEAR), kind="smooth").cautions)


def test_few_changes_and_few_areas_are_told() -> None:
    few = sensitivity.honest(made(CLEAR[2:])).cautions
    assert (
        "Only 1 change of the gap before the start to judge by: how far trends can part is hardly known."
        in few
    )
    assert not any("to judge by" in said for said in sensitivity.honest(made(CLEAR)).cautions)
    one = study()
    known = "The covariance is taken as known"
    assert any(known in said for said in sensitivity.honest(one, small_sample=False).cautions)
    assert not any(known in said for said in sensitivity.honest(one).cautions)
    assert set(one.cautions) <= set(sensitivity.honest(one).cautions)


def test_it_prints_and_leaves_the_study_alone() -> None:
    one = made(CLEAR)
    before = one.effects.copy(deep=True)
    answer = sensitivity.honest(one)
    pd.testing.assert_frame_equal(one.effects, before)
    assert isinstance(answer, Honest)
    assert "first includes no change at m = " in str(answer) and "times the largest change before" in str(
        answer
    )
    assert "excludes no change" in str(answer) and "Caution: " in str(answer)
    page = answer._repr_html_()
    assert page.count("<table") == 1 and "<li>" in page
    table = answer.to_frame()
    table["low"] = 0
    assert (answer.bounds["low"] != 0).all()


def test_few_areas_many_leads_still_answer() -> None:
    """Four clusters in an arm and eight event times: the covariance has no inverse, and only R's version needs it."""
    rng = np.random.default_rng(0)
    draws = [rng.normal(size=(4, 9)) for _ in range(2)]
    parts = []
    for draw in draws:
        gaps = draw - draw[:, [6]]
        centred = gaps - gaps.mean(axis=0)
        parts.append((4, centred.T @ centred / 12))
    one = made([0.0] * 7 + [3.0, 3.0])
    covariance = pd.DataFrame(
        parts[0][1] + parts[1][1], index=one.covariance.index, columns=one.covariance.index
    )
    few = replace(one, covariance=covariance, parts=tuple(parts))
    assert np.isfinite(
        sensitivity.honest(few, kind="smooth", last=1).bounds[["low", "high"]].to_numpy()
    ).all()
    assert np.isfinite(sensitivity.honest(few, last=1).bounds[["low", "high"]].to_numpy()).all()
    with pytest.raises(
        DesignError, match=r"cannot be inverted: there are too few areas\. Use fewer leads, or"
    ):
        sensitivity.honest(few, kind="smooth", last=1, small_sample=False)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: sensitivity.honest(3), "needs an EventStudy, not an int: did.event_study makes one"),
        (lambda: sensitivity.honest(study().average(0, 1)), "needs an EventStudy, not an Estimate"),
        (
            lambda: sensitivity.honest(study(), kind="sd"),
            "kind='sd' is not known. Use 'relative' or 'smooth'",
        ),
        (lambda: sensitivity.honest(study(), small_sample=1), "small_sample=1 must be True or False"),
        (lambda: sensitivity.honest(study(), first=2), "has no event times 2: it runs from -4 to 1"),
        (lambda: sensitivity.honest(study(), first=1, last=0), "last=0 must be a whole number of at least 1"),
        (lambda: sensitivity.honest(study(), first=-1), "first=-1 must be a whole number of at least 0"),
        (
            lambda: sensitivity.honest(study(), weights=[1, 0, 0, 0, 1, 0]),
            "weights= has some at event times -4",
        ),
        (lambda: sensitivity.honest(study(), weights=[1, 1]), "weights must be 6 numbers, one for each row"),
        (lambda: sensitivity.honest(study(), weights=[0] * 6), "not all zero"),
        (lambda: sensitivity.honest(study(), weights=[0, 0, 0, 0, 1, 0], last=1), "Give either weights= or"),
        (lambda: sensitivity.honest(study(), m=[-1]), "must be numbers of at least 0, such as"),
        (lambda: sensitivity.honest(study(), m=[]), "must be numbers of at least 0"),
        (lambda: sensitivity.honest(study(), m="1"), "must be numbers of at least 0"),
        (lambda: sensitivity.honest(study(), m=2), "must be numbers of at least 0"),
        (lambda: sensitivity.honest(study(), m=[math.nan]), "must be numbers of at least 0"),
        (
            lambda: sensitivity.honest(study(leads=1)),
            "the study has no event time -2: use leads of at least 2",
        ),
        (lambda: sensitivity.honest(made(CLEAR, error=0)), "All units moved alike"),
    ],
)
def test_what_is_refused(call, says: str) -> None:
    with pytest.raises(DesignError) as raised:
        call()
    assert says in str(raised.value)
    assert "np." not in str(raised.value)


@pytest.mark.parametrize("base", ["all_before", "varying"])
def test_a_study_with_another_base_is_refused(base: str) -> None:
    """Leads that rest on another zero than the lags would put a false kink at the start."""
    with pytest.raises(
        DesignError, match=f"needs effects against one period, and this study has base='{base}'"
    ):
        sensitivity.honest(made(CLEAR, base=base))


def test_gaps_and_what_could_not_be_estimated_are_refused() -> None:
    one = made(CLEAR)
    kept = one.effects["event_time"] != -3
    index = one.effects["event_time"][kept]
    gap = replace(
        one, effects=one.effects[kept].reset_index(drop=True), covariance=one.covariance.loc[index, index]
    )
    with pytest.raises(DesignError, match="has no event times -3, so changes from one to the next"):
        sensitivity.honest(gap)
    covariance = one.covariance.copy()
    covariance.loc[-2, -2] = np.nan
    with pytest.raises(DesignError, match="effects at event times -2 rest on no incidents"):
        sensitivity.honest(replace(one, covariance=covariance))


def test_one_cluster_alone_is_refused() -> None:
    one = made(CLEAR)
    alone = replace(one, parts=tuple((1, part) for _, part in one.parts))
    with pytest.raises(DesignError, match="rests on one cluster alone"):
        sensitivity.honest(alone)


def test_what_lies_beyond_the_effect_may_be_missing() -> None:
    """An event time after the last that the effect rests on may be unknown."""
    one = made(CLEAR)
    covariance = one.covariance.copy()
    covariance.loc[1, 1] = np.nan
    assert sensitivity.honest(replace(one, covariance=covariance)).breakdown > 0

"""The shapes of answer: what they compute, what they print, and that their cautions go with them."""

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from toolkit import DesignError, Panel, did, simulate
from toolkit.display import figure, p_words, rounded
from toolkit.estimate import Counterfactual, Estimate, EventStudy, Test, back, merged

EVIL = "Only 4 <b>treated</b> areas & 'friends'."


def estimate(**changes) -> Estimate:
    """An 18% fall, give or take."""
    plain = Estimate(
        value=0.82, low=0.7, high=0.96, std_error=0.08, p_value=0.0123, estimand="effect on the treated",
        method="jackknife", scale="ratio", n_units=40, n_treated=15, cautions=("Only 4 areas.", EVIL),
    )  # fmt: skip
    return dataclasses.replace(plain, **changes)


def study(*, scale="difference", parts=None, estimates=(1.0, 0.0, 2.0, 4.0)) -> EventStudy:
    """Event times -2, -1, 0 and 1, with variances 1, 0, 4 and 9 and no covariance, all from ten clusters."""
    parts = parts or ((10, np.diag([1.0, 0.0, 4.0, 9.0])),)
    covariance = np.sum([part for _, part in parts], axis=0)
    times = [-2, -1, 0, 1]
    values = np.exp(estimates) if scale == "ratio" else np.array(estimates)
    error = np.sqrt(np.diag(covariance))
    effects = pd.DataFrame({"event_time": times, "estimate": values, "low": values - 1, "high": values + 1,
                            "std_error": error, "n_units": 5})  # fmt: skip
    return EventStudy(effects, pd.DataFrame(covariance, times, times), scale, 0.95, "last_before", "jackknife",
                      "effects by event time", 20, 10, parts, (EVIL,))  # fmt: skip


def test_percent_is_the_change_of_a_ratio():
    one = estimate()
    assert [round(x, 10) for x in (one.percent, one.percent_low, one.percent_high)] == [-18, -30, -4]
    assert one.null == 1
    assert estimate(low=0, high=math.inf).percent_low == -100
    assert estimate(low=0, high=math.inf).percent_high == math.inf


@pytest.mark.parametrize("name", ["percent", "percent_low", "percent_high"])
def test_a_difference_has_no_percentage(name):
    with pytest.raises(DesignError, match=r"^Only a ratio has a percentage: this estimate is a difference"):
        getattr(estimate(scale="difference"), name)
    assert estimate(scale="difference").null == 0


def test_one_tidy_row():
    frame = estimate().to_frame()
    assert list(frame.columns) == ["value", "low", "high", "std_error", "p_value", "estimand", "method", "scale",
                                   "level", "n_units", "n_treated", "cautions"]  # fmt: skip
    assert len(frame) == 1
    assert frame.loc[0, "cautions"] == f"Only 4 areas. {EVIL}"
    assert frame.loc[0, ["value", "level", "n_treated"]].tolist() == [0.82, 0.95, 15]
    assert estimate(cautions=()).to_frame().loc[0, "cautions"] == ""


def test_an_estimate_prints_its_cautions():
    assert repr(estimate()).split("\n") == [
        "ratio 0.82 (95% interval 0.7 to 0.96), p 0.012",
        "effect on the treated; jackknife; 40 units, 15 treated",
        "Caution: Only 4 areas.",
        f"Caution: {EVIL}",
    ]
    assert str(estimate()) == repr(estimate())


def test_what_is_unbounded_or_unknown_is_said_in_words():
    text = str(
        estimate(scale="difference", low=-math.inf, high=math.inf, p_value=math.nan, std_error=math.nan)
    )
    assert text.startswith("difference 0.82 (95% interval no lower limit to no upper limit), p not available")
    assert "nan" not in text and "inf " not in text


@pytest.mark.parametrize(
    ("level", "words"),
    [(0.95, "95%"), (0.9, "90%"), (0.999, "99.9%"), (0.975, "97.5%"), (0.999999, "99.9999%"), (1e-9, "0.0000001%"),
     (np.nextafter(1, 0), "99.99999999999999%"), (0.07, "7%"), (1 - 0.05 / 3, "98.33%")],
)  # fmt: skip
def test_a_level_never_reads_0_or_100_per_cent(level, words):
    assert f"({words} interval " in str(estimate(level=level))


def test_an_infinite_estimate_is_not_a_limit():
    ratio = estimate(value=math.inf, low=3.89, high=math.inf)
    assert str(ratio).startswith("ratio infinity (95% interval 3.89 to no upper limit)")
    fall = estimate(value=-math.inf, low=-math.inf, high=2.0, scale="difference")
    assert str(fall).startswith("difference minus infinity (95% interval no lower limit to 2)")
    shown = rounded(pd.DataFrame({"estimate": [math.inf], "low": [1.5], "high": [math.inf]}))
    assert shown.iloc[0].tolist() == ["infinity", "1.5", "no upper limit"]


def test_one_unit_and_one_degree_are_singular():
    assert "; 1 unit, 1 treated" in str(estimate(n_units=1, n_treated=1))
    assert str(Test(1.2, 1.0, 0.3, "x")).endswith("(statistic 1.2, 1 degree of freedom)")
    assert str(Test(1.2, 1.5, 0.3, "x")).endswith("1.5 degrees of freedom)")


def test_html_escapes_names_and_lists_cautions():
    shown = estimate(estimand="effect in <i>Bede</i> & Dean")._repr_html_()
    assert "<i>" not in shown and "<b>" not in shown
    assert "effect in &lt;i&gt;Bede&lt;/i&gt; &amp; Dean" in shown
    assert (
        "<ul><li>Only 4 areas.</li><li>Only 4 &lt;b&gt;treated&lt;/b&gt; areas &amp; &#x27;friends&#x27;.</li></ul>"
        in shown
    )
    assert "Caution" not in estimate(cautions=())._repr_html_()


def test_further_cautions_are_said_once():
    assert estimate().with_cautions("New.", EVIL).cautions == ("Only 4 areas.", EVIL, "New.")
    assert estimate().cautions == ("Only 4 areas.", EVIL)
    assert merged(("a", "b"), ("b", "c"), ()) == ("a", "b", "c")


def test_answers_are_frozen():
    for answer, name in ((estimate(), "value"), (study(), "effects"), (Test(1.0, 2.0, 0.3, "x"), "p_value")):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(answer, name, 0)


def test_average_of_event_times():
    """Mean of 2 and 4 is 3; variance (4 + 9) / 4 = 3.25; ten clusters in one arm leave 9 degrees of freedom."""
    answer = study().average(0, 1)
    reach = stats.t.ppf(0.975, 9) * math.sqrt(3.25)
    assert answer.value == pytest.approx(3)
    assert answer.std_error == pytest.approx(math.sqrt(3.25))
    assert (answer.low, answer.high) == pytest.approx((3 - reach, 3 + reach))
    assert answer.p_value == pytest.approx(2 * stats.t.sf(3 / math.sqrt(3.25), 9))
    assert answer.estimand == "average effect on the treated over event times 0 to 1, against event time -1"
    assert answer.cautions == (EVIL,)
    assert (answer.n_units, answer.n_treated, answer.scale, answer.level) == (20, 10, "difference", 0.95)


def test_average_is_of_logs_on_the_ratio_scale():
    ratio, linear = study(scale="ratio").average(0, 1), study().average(0, 1)
    assert math.log(ratio.value) == pytest.approx(linear.value)
    assert math.log(ratio.low) == pytest.approx(linear.low)
    assert math.log(ratio.high) == pytest.approx(linear.high)
    assert ratio.std_error == pytest.approx(linear.std_error)
    assert ratio.p_value == pytest.approx(linear.p_value)


def test_average_uses_the_covariance_between_event_times():
    covariance = np.diag([1.0, 0.0, 4.0, 9.0])
    covariance[2, 3] = covariance[3, 2] = 5.0
    assert study(parts=((10, covariance),)).average(0, 1).std_error == pytest.approx(
        math.sqrt((4 + 9 + 10) / 4)
    )


def test_degrees_of_freedom_come_from_the_arms_parts():
    """Variances 2 and 6 from 5 and 13 clusters: 8 squared over (4 / 4 + 36 / 12) = 16."""
    halves = ((5, np.diag([0.0, 0.0, 2.0, 0.0])), (13, np.diag([0.0, 0.0, 6.0, 0.0])))
    weights = np.array([0.0, 0.0, 1.0, 0.0])
    assert study(parts=halves).df(weights) == pytest.approx(16)
    answer = study(parts=halves).combine(weights, "first effect")
    assert answer.high == pytest.approx(2 + stats.t.ppf(0.975, 16) * math.sqrt(8))


def test_the_base_is_no_effect_exactly():
    answer = study(scale="ratio").average(-1, -1)
    assert (answer.value, answer.low, answer.high, answer.p_value) == (1, 1, 1, 1)


def test_average_says_which_event_times_it_found():
    assert "over event times 0 to 1," in study().average(0, 30).estimand
    assert study().average(0, 30).value == study().average(0, 1).value


@pytest.mark.parametrize(
    ("first", "last", "message"),
    [
        (5, 9, r"^No event time from 5 to 9: the study runs from -2 to 1\.$"),
        (1, 0, r"^last=0 must be a whole number of at least 1\.$"),
        (-9, 1, r"^first=-9 must be a whole number of at least -2\.$"),
        ("a", 1, r"^first='a' must be a whole number"),
        (None, None, r"^first=None must be a whole number"),
        (0, 1.0, r"^last=1 must be a whole number"),
    ],
)
def test_average_refuses_what_is_no_window(first, last, message):
    with pytest.raises(DesignError, match=message):
        study().average(first, last)


@pytest.mark.parametrize(
    "weights", [[1], np.zeros(4), None, "abcd", [np.nan] * 4, np.ones((4, 4)), [1, 2, 3, "4"]]
)
def test_combine_takes_one_weight_per_effect(weights):
    with pytest.raises(
        DesignError, match=r"^weights must be 4 numbers, one for each row of effects, and not all"
    ):
        study().combine(weights, "x")


def test_combine_leaves_out_what_has_no_weight():
    """A ratio of zero is minus infinity on the log scale, and must not spoil a contrast that leaves it out."""
    ratio = study(scale="ratio", estimates=(1.0, 0.0, 2.0, -math.inf))
    assert ratio.combine([0, 0, 1, 0], "x").value == pytest.approx(math.exp(2))
    spoilt = ratio.combine([0, 0, 0, 1], "x")
    assert (spoilt.value, spoilt.low, spoilt.high) == (0, 0, math.inf)
    assert math.isnan(spoilt.std_error) and math.isnan(spoilt.p_value)


def test_a_study_prints_its_effects_and_cautions():
    text = repr(study())
    assert text.startswith("effects by event time; jackknife\n")
    assert text.endswith(f"Caution: {EVIL}")
    assert "<b>" not in study()._repr_html_()
    assert "<li>" in study()._repr_html_()


def test_to_frame_is_a_copy():
    one = study()
    copied = one.to_frame()
    copied["estimate"] = 0
    assert one.effects["estimate"].tolist() == [1, 0, 2, 4]


def counterfactual() -> Counterfactual:
    frame, _ = simulate.panel(
        units=24, periods=12, treated=12, first="2023-01", treated_from="2023-07", seed=2
    )
    panel = Panel.of(frame, unit="unit", period="period", outcome="count", treated_from="treated_from")
    return did.counterfactual(panel)


def test_a_counterfactual_holds_its_series_its_effect_and_what_was_prevented():
    answer = counterfactual()
    after = answer.series[answer.series["period"] >= "2023-07"]
    seen, base = after["observed"].sum(), after["expected"].sum()
    assert list(answer.series.columns) == ["period", "observed", "expected", "low", "high"]
    assert len(answer.series) == 12
    assert answer.effect.value == pytest.approx(seen / base)
    assert answer.prevented.value == pytest.approx(base - seen)
    assert answer.prevented.low == pytest.approx(seen * (1 / answer.effect.high - 1))
    assert answer.prevented.high == pytest.approx(seen * (1 / answer.effect.low - 1))
    assert answer.prevented.scale == "difference"
    assert answer.treated_from == (pd.Period("2023-07"),)
    assert answer.cautions == answer.effect.cautions == answer.prevented.cautions


def test_a_counterfactual_prints_and_copies():
    answer = counterfactual()
    assert str(answer).startswith(str(answer.effect))
    assert str(answer).split("\n")[-1].startswith("prevented ")
    copied = answer.to_frame()
    copied["observed"] = 0
    assert answer.series["observed"].sum() > 0
    assert answer._repr_html_().count("<table") == 1
    evil = dataclasses.replace(answer, effect=answer.effect.with_cautions("<script>"))
    assert "<script>" not in evil._repr_html_()


def test_a_test_is_one_row_and_no_test_of_ours():
    assert Test.__test__ is False
    answer = Test(1.234, 18.0, 0.0004, "they moved in parallel", "slope", None, (EVIL,))
    assert str(answer).split("\n") == [
        "p <0.001 for the null that they moved in parallel (statistic 1.23, 18 degrees of freedom)",
        f"Caution: {EVIL}",
    ]
    assert answer.to_frame().to_dict("records") == [
        {"statistic": 1.234, "df": 18.0, "p_value": 0.0004, "null": "they moved in parallel", "method": "slope",
         "cautions": EVIL}
    ]  # fmt: skip
    assert "<b>" not in answer._repr_html_()


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0.8229, "0.823"),
        (0.0, "0"),
        (-5.083, "-5.08"),
        (1240.4, "1,240"),
        (1e6, "1,000,000"),
        (0.00012345, "0.000123"),
        (100.0, "100"),
        (math.nan, "not available"),
        (math.inf, "no upper limit"),
        (-math.inf, "no lower limit"),
    ],
)
def test_figure_gives_three_significant_figures(number, words):
    assert figure(number) == words


def test_p_words():
    assert [p_words(p) for p in (0.0004, 0.03249, 1.0, math.nan)] == [
        "<0.001",
        "0.032",
        "1.000",
        "not available",
    ]


def test_back_from_the_scale_of_inference():
    assert back(math.log(0.5), "ratio") == pytest.approx(0.5)
    assert back(-math.inf, "ratio") == 0
    assert back(math.inf, "ratio") == back(1e5, "ratio") == math.inf
    assert back(-math.inf, "difference") == -math.inf

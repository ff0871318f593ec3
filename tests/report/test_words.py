"""Sentences word for word, and that no rounding ever says otherwise than the numbers."""

import math
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from toolkit import DesignError, words
from toolkit.estimate import POINTS, Counterfactual, Estimate, EventStudy, Test

INF, NAN = math.inf, math.nan
FORBIDDEN = re.compile(r"signific|\bprove[sdn]?\b|\bno effect\b|\bimpact", re.IGNORECASE)
FEW = "Only 4 treated areas"
DRIFT = "Counts vary 3.2 times more than chance allows."


def ratio(value, low, high, **more):
    return Estimate(value, low, high, 0.05, 0.03, "ATT", "clustered by area", "ratio", **more)


def difference(value, low, high, **more):
    return Estimate(value, low, high, 0.05, 0.03, "ATT", "clustered by area", "difference", **more)


def counterfactual(value, low, high, effect=None, cautions=()):
    effect = effect or ratio(0.82, 0.74, 0.91)
    return Counterfactual(
        pd.DataFrame({"period": []}), effect, difference(value, low, high), cautions=cautions
    )


def tell(answer, outcome="Anti-social behaviour", where="the patrolled areas", **more):
    return words.effect(answer, outcome=outcome, where=where, **more)


def saved(answer, outcome="Anti-social behaviour", where="the patrolled areas", **more):
    return words.prevented(answer, outcome=outcome, where=where, **more)


SAID = {
    "fall": tell(ratio(0.82, 0.74, 0.91)),
    "rise": tell(ratio(1.12, 1.03, 1.22)),
    "plural outcome": tell(ratio(0.88, 0.81, 0.95), "assault attendances", "the navigator hospitals"),
    "acronym": tell(ratio(0.88, 0.81, 0.95), "ASB", "Bede ward"),
    "name with its own capital": tell(ratio(0.88, 0.81, 0.95), "eBay thefts", "Kent"),
    "nowhere": tell(ratio(0.88, 0.81, 0.95), "burglary", ""),
    "spans no change": tell(ratio(0.9, 0.78, 1.04)),
    "end exactly at no change": tell(ratio(0.9, 0.8, 1.0)),
    "end just short of no change": tell(ratio(0.9, 0.81, 0.996)),
    "end just past no change": tell(ratio(0.9, 0.81, 1.004)),
    "end a hair short of no change": tell(ratio(0.9, 0.81, 0.99999)),
    "exactly no change": tell(ratio(1.0, 0.9, 1.11)),
    "nearly no change": tell(ratio(0.9986, 0.91, 1.1)),
    "tiny but clear": tell(ratio(0.996, 0.993, 0.999)),
    "narrow": tell(ratio(0.9, 0.895, 0.905)),
    "doubled and more": tell(ratio(2.3, 1.6, 3.4)),
    "doubled, low end near one": tell(ratio(2.3, 1.04, 4.9)),
    "doubled, spans no change": tell(ratio(2.3, 0.9, 5.9)),
    "large": tell(ratio(12.4, 4.0, 38.3)),
    "high end tenfold": tell(ratio(1.4, 1.1, 14.2)),
    "nothing left": tell(ratio(0.0, 0.0, 0.6)),
    "nearly nothing left": tell(ratio(0.003, 0.0004, 0.02)),
    "no lower limit": tell(ratio(0.5, 0.0, 0.7)),
    "no lower limit, spans": tell(ratio(0.8, 0.0, 1.04)),
    "no upper limit": tell(ratio(1.5, 1.2, INF)),
    "no upper limit, spans": tell(ratio(1.5, 0.9, INF)),
    "no upper limit from no change": tell(ratio(1.5, 1.0, INF)),
    "no limits": tell(ratio(0.8, 0.0, INF)),
    "no interval": tell(ratio(0.8, NAN, NAN)),
    "not estimated": tell(ratio(NAN, NAN, NAN)),
    "infinite": tell(ratio(INF, 1.4, INF)),
    "difference": tell(difference(-1.23, -2.1, -0.34)),
    "difference in units": tell(difference(-1.23, -2.1, -0.34), unit_words="incidents a month"),
    "difference spans": tell(difference(0.0694, -0.0484, 0.1872)),
    "difference, end near zero": tell(difference(-1.2, -2.4, -0.003)),
    "difference nearly zero": tell(difference(0.02, -1.1, 1.2)),
    "large difference": tell(difference(1234.4, 215.2, 2253.6)),
    "difference without limits": tell(difference(-0.07, -INF, INF)),
    "difference exactly zero": tell(difference(0.0, -1.1, 1.1)),
    "shares in points": tell(
        difference(-0.0412, -0.0813, -0.0009, unit=POINTS), "Reoffending", "the diverted"
    ),
    "shares in points, spans": tell(
        difference(0.0052, -0.123, 0.134, unit=POINTS), "Reoffending", "the diverted"
    ),
    "before and after": tell(ratio(0.44, 0.41, 0.47, compared_with="in the same months before")),
    "step of a series": tell(
        ratio(0.88, 0.8, 0.97, compared_with="expected without the programme, in its first month")
    ),
    "bend of a series": tell(
        ratio(0.9981, 0.9972, 0.999, compared_with="the trend before, for each further month")
    ),
    "bend, spans no change": tell(
        ratio(1.002, 0.991, 1.013, compared_with="the trend before, for each further month")
    ),
    "bend, none": tell(difference(0.0, -0.4, 0.4, compared_with="the trend before, for each further month")),
    "another level": tell(ratio(0.82, 0.76, 0.89, level=0.9)),
    "level with a decimal": tell(ratio(0.82, 0.7, 0.96, level=0.999)),
    "one caution": tell(ratio(0.82, 0.74, 0.91, cautions=(FEW,))),
    "two cautions": tell(ratio(0.82, 0.74, 0.91, cautions=(FEW, DRIFT))),
    "cautions of a counterfactual": tell(
        counterfactual(240, 90, 420, ratio(0.82, 0.74, 0.91, cautions=(FEW,)), (DRIFT,))
    ),
    "prevented": saved(counterfactual(243, 91, 418)),
    "prevented, its own noun": saved(
        counterfactual(243, 91, 418), "assault attendances", unit_words="attendances"
    ),
    "prevented, thousands": saved(counterfactual(12345, 4021, 20777)),
    "prevented, narrow": saved(counterfactual(1234, 1160, 1312)),
    "prevented, few": saved(counterfactual(7.4, 1.2, 12.6)),
    "prevented, one": saved(counterfactual(1.2, 0.3, 2.6)),
    "prevented, under one": saved(counterfactual(0.3, 0.1, 0.44)),
    "prevented, spans": saved(counterfactual(131, -42, 305)),
    "prevented, spans just": saved(counterfactual(547, -0.2, 1397)),
    "prevented, up to none": saved(counterfactual(547, 0, 1397)),
    "prevented none": saved(counterfactual(0, -40, 38)),
    "more, not fewer": saved(counterfactual(-62, -114, -21)),
    "more, spans": saved(counterfactual(-62, -151, 24)),
    "prevented, no upper limit": saved(counterfactual(40, 12, INF)),
    "prevented, no upper limit, spans": saved(counterfactual(40, -12, INF)),
    "prevented, no lower limit": saved(counterfactual(40, -INF, 75)),
    "prevented, no limits": saved(counterfactual(40, -INF, INF)),
    "prevented, no interval": saved(counterfactual(40, NAN, NAN)),
    "prevented, not estimated": saved(counterfactual(NAN, NAN, NAN)),
    "prevented, cautions": saved(
        counterfactual(243, 91, 418, ratio(0.82, 0.74, 0.91, cautions=(FEW,)), (FEW, DRIFT))
    ),
}


def golden():
    text = (Path(__file__).parents[1] / "golden" / "sentences.txt").read_text(encoding="utf8")
    return dict(line.split(" | ", 1) for line in text.splitlines() if line and not line.startswith("#"))


def test_every_sentence_is_in_the_golden_file():
    assert list(SAID) == list(golden())


@pytest.mark.parametrize("name", SAID)
def test_sentence(name):
    assert SAID[name] == golden()[name]


def test_no_sentence_says_what_no_estimate_can():
    assert not [sentence for sentence in SAID.values() if FORBIDDEN.search(sentence)]
    assert FORBIDDEN.search("This proves a significant impact")


def read_back(phrase, null):
    """Signed changes in a phrase such as "9% to 26% lower", in points or in the outcome's units."""
    if phrase == "the same":
        return [0.0]
    ends = phrase.split(" to ")
    direction = "lower" if "lower" in ends[-1] else "times" if "times" in ends[-1] else "higher"
    return [read_end(end, direction, null) for end in ends]


def read_end(end, direction, null):
    if end == "no change":
        return 0.0
    direction = next((word for word in ("lower", "higher", "times") if word in end), direction)
    size = float(re.search(r"[\d.,]+", end).group().replace(",", ""))
    size = 100 * (size - 1) if direction == "times" and null else size
    return -size if direction == "lower" else size


@pytest.mark.parametrize(
    ("answer", "change"),
    [
        (ratio(1e300, 1e299, 1e305), "1e+300 times as high"),
        (ratio(1e-300, 0.0, 1e-299), "more than 99.99999999% lower"),
        (difference(-2e20, -1e21, 1e20), "2e+20 lower"),
        (difference(1e-300, -1e-299, 1e-299), "less than 0.00000001 higher"),
    ],
)
def test_nobody_counts_three_hundred_noughts(answer, change):
    assert words.change(answer) == change
    assert max(map(len, tell(answer).split())) < 20
    assert max(map(len, str(answer).split())) < 20


@pytest.mark.parametrize("make", [ratio, difference])
def test_rounding_never_contradicts_the_interval(make):
    """Drawn at random over six orders of magnitude: the words stay in order and on the numbers' side of no change."""
    rng = np.random.default_rng(0)
    for _ in range(2000):
        spread = 10 ** rng.uniform(-3, 0.8)
        low, middle, high = np.sort(rng.normal(10 ** rng.uniform(-3, 0.3) * rng.choice([-1, 1]), spread, 3))
        numbers = np.exp([middle, low, high]) if make is ratio else np.array([middle, low, high])
        answer = make(*map(float, numbers))
        first, second = read_back(words.interval(answer), answer.null)
        first, second = sorted([first, second])
        (told,) = read_back(words.change(answer), answer.null)
        if not words.change(answer).startswith(("less", "more")):
            assert first - 1e-9 <= told <= second + 1e-9, str(answer)
        for shown, number in ((told, middle), (first, low), (second, high)):
            assert np.sign(shown) == np.sign(number), str(answer)


def test_prevented_never_crosses_none():
    rng = np.random.default_rng(0)
    for _ in range(2000):
        low, middle, high = np.sort(rng.normal(0, 10 ** rng.uniform(-1, 4), 3))
        sentence = saved(counterfactual(middle, low, high))
        assert ("consistent with none" in sentence) == (low <= 0 <= high), sentence
        assert (" more incident" in sentence) == (middle < 0), sentence


def test_the_pieces():
    fall = ratio(0.82, 0.74, 0.91, cautions=(FEW,))
    assert words.change(fall) == "18% lower"
    assert words.interval(fall) == "9% to 26% lower"
    assert words.p(fall) == "p = 0.030"
    assert words.cautions(fall) == "Caution: Only 4 treated areas."
    assert words.cautions(ratio(0.82, 0.74, 0.91)) == ""
    assert (
        words.change(difference(-1.23, -2.1, -0.34), unit_words="incidents a month")
        == "1.2 incidents a month lower"
    )
    share = difference(-0.0412, -0.0813, -0.0009, unit=POINTS)
    assert (words.change(share), words.interval(share)) == ("4.1 percentage points lower", "0.1 to 8.1 lower")
    assert words.change(ratio(NAN, NAN, NAN)) == words.interval(ratio(NAN, NAN, NAN)) == "not available"


@pytest.mark.parametrize(
    ("value", "said"), [(0.0004, "p < 0.001"), (0.0499, "p = 0.050"), (NAN, "no p-value")]
)
def test_p(value, said):
    assert words.p(Test(1.0, 5.0, value, "nothing moved")) == said


@pytest.mark.parametrize(
    ("low", "high", "fits"), [(0.8, 1.2, True), (0.8, 1.0, True), (0.8, 0.999999, False), (NAN, NAN, False)]
)
def test_consistent_with_no_change(low, high, fits):
    assert words.consistent_with_no_change(ratio(0.9, low, high)) is fits


def test_an_event_study_is_refused_with_the_way_out():
    effects = pd.DataFrame({"event_time": [-1, 0, 1], "estimate": [1.0, 0.9, 0.8]})
    study = EventStudy(effects, pd.DataFrame(), "ratio", 0.95, "last_before", "", "", 9, 3, parts=())
    with pytest.raises(DesignError, match=r"holds 3\. .*study\.average\(0, 1\)"):
        tell(study)


@pytest.mark.parametrize("wrong", [None, 0.82, {"a": 1}])
def test_what_is_no_answer_is_refused(wrong):
    with pytest.raises(DesignError, match=r"words\.effect needs an Estimate or a Counterfactual, not"):
        tell(wrong)
    with pytest.raises(DesignError, match=r"words\.prevented needs a Counterfactual, not"):
        saved(wrong)


@pytest.mark.parametrize("teller", [tell, saved])
@pytest.mark.parametrize("wrong", [None, 3, ["x"], np.nan, b"x"])
@pytest.mark.parametrize("name", ["outcome", "where", "unit_words"])
def test_words_are_text(teller, wrong, name):
    answer = counterfactual(243, 91, 418)
    with pytest.raises(DesignError, match=rf"^{name}=.* must be text, such as '"):
        teller(answer, **{name: wrong})


@pytest.mark.parametrize("teller", [tell, saved])
@pytest.mark.parametrize("empty", ["", "  "])
def test_a_sentence_begins_with_an_outcome(teller, empty):
    with pytest.raises(DesignError, match=r"^outcome is empty"):
        teller(counterfactual(243, 91, 418), outcome=empty)


def test_the_change_alone_takes_text():
    with pytest.raises(DesignError, match=r"^unit_words=3 must be text"):
        words.change(difference(-1.2, -2.0, -0.4), unit_words=3)

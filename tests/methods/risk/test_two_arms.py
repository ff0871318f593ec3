"""Differences and ratios of an outcome: by hand, each design's error, cautions and refusals."""

import math

import numpy as np
import pandas as pd
import pytest
from made_people import NAMES, people
from scipy import optimize, special, stats

from toolkit import DesignError, Sample, matching, risk
from toolkit.estimate import POINTS
from toolkit.methods.risk.said import UNMEASURED

METHODS = [risk.difference, risk.ratio]


def sample(**more):
    return Sample.of(people(**more), **NAMES)


def made(events, sizes):
    """Two groups, the first so many of them with the event."""
    columns = {"treated": [], "event": []}
    for arm, x, n in zip((1, 0), events, sizes, strict=True):
        columns["treated"] += [arm] * n
        columns["event"] += [1] * x + [0] * (n - x)
    return Sample.of(pd.DataFrame(columns), treated="treated", outcomes=["event"])


def test_shares_of_separate_people():
    answer = risk.difference(made((14, 27), (50, 60)), "event")
    assert answer.value == pytest.approx(14 / 50 - 27 / 60)
    assert answer.std_error == pytest.approx(math.sqrt(0.28 * 0.72 / 50 + 0.45 * 0.55 / 60))
    assert answer.p_value == pytest.approx(
        stats.chi2_contingency([[14, 36], [27, 33]], correction=False).pvalue
    )
    assert (answer.unit, answer.scale, answer.n_units, answer.n_treated) == (POINTS, "difference", 110, 50)
    ratio = risk.ratio(made((14, 27), (50, 60)), "event")
    assert ratio.value == pytest.approx(14 / 50 / (27 / 60))
    assert ratio.std_error == pytest.approx(math.sqrt(1 / 14 - 1 / 50 + 1 / 27 - 1 / 60))
    assert ratio.p_value == answer.p_value and ratio.unit == ""


def test_counts_of_separate_people_are_welch():
    drawn = sample()
    y, arm = drawn.outcome("offences"), drawn.treated
    theirs = stats.ttest_ind(y[arm], y[~arm], equal_var=False)
    answer = risk.difference(drawn, "offences", level=0.9)
    low, high = theirs.confidence_interval(0.9)
    assert (answer.low, answer.high, answer.p_value) == pytest.approx((low, high, theirs.pvalue))
    assert answer.unit == ""


def test_a_rate_ratio_of_separate_people_is_the_delta_method():
    drawn = sample()
    y, arm = drawn.outcome("offences"), drawn.treated
    answer = risk.ratio(drawn, "offences")
    assert answer.value == pytest.approx(y[arm].mean() / y[~arm].mean())
    spread = sum(y[a].var(ddof=1) / a.sum() / y[a].mean() ** 2 for a in (arm, ~arm))
    assert answer.std_error == pytest.approx(math.sqrt(spread))


def test_an_exposure_of_ones_changes_nothing_and_of_days_divides_by_days():
    frame = people().assign(one=1.0, days=np.linspace(100, 365, 200))
    drawn = Sample.of(frame, **{**NAMES, "outcomes": ["offences", "one", "days"]})
    plain, ones = risk.ratio(drawn, "offences"), risk.ratio(drawn, "offences", exposure="one")
    assert (ones.value, ones.low, ones.high) == pytest.approx((plain.value, plain.low, plain.high))
    arm = drawn.treated
    rates = [drawn.outcome("offences")[a].sum() / drawn.outcome("days")[a].sum() for a in (arm, ~arm)]
    assert risk.ratio(drawn, "offences", exposure="days").value == pytest.approx(rates[0] / rates[1])


def test_pairs_are_mcnemar_and_the_paired_t_test():
    matched = matching.nearest(sample())
    sets, arm = matched.match_id, matched.treated
    order = np.argsort(sets[arm]), np.argsort(sets[~arm])
    for name, method in (("reoffended", None), ("offences", stats.ttest_rel)):
        y = matched.outcome(name)
        first, second = y[arm][order[0]], y[~arm][order[1]]
        answer = risk.difference(matched, name)
        assert answer.value == pytest.approx((first - second).mean())
        if method:
            assert answer.p_value == pytest.approx(method(first, second).pvalue)
        else:
            one, two = (first > second).sum(), (second > first).sum()
            assert answer.p_value == pytest.approx(stats.chi2.sf((one - two) ** 2 / (one + two), 1))


def test_two_for_one_is_clustered_by_match():
    matched = matching.nearest(sample(n=300), ratio=2)
    sets = (
        pd.Series(matched.outcome("reoffended")).groupby([matched.match_id, matched.treated]).mean().unstack()
    )
    gaps = sets[True] - sets[False]
    answer = risk.difference(matched, "reoffended")
    assert answer.value == pytest.approx(gaps.mean())
    assert answer.std_error == pytest.approx(stats.sem(gaps))
    assert "clustered" in answer.method and answer.unit == POINTS


def test_with_replacement_uses_abadie_and_imbens():
    matched = matching.nearest(sample(), replace=True)
    answer = risk.difference(matched, "reoffended")
    naive = risk.difference(matching.nearest(sample()), "reoffended")
    assert answer.method.startswith("Abadie and Imbens' error")
    # People used again say less than new ones, so the error is larger than that of as many pairs of new people.
    assert answer.std_error > naive.std_error


def test_weights_are_found_afresh_in_each_draw():
    weighted = matching.weights(sample())
    calls = []

    def remake(drawn):
        calls.append(drawn.n_treated)
        return weighted.remake(drawn)

    from dataclasses import replace

    answer = risk.difference(replace(weighted, remake=remake), "offences", draws=30)
    assert calls == [weighted.n_treated] * 30
    arm, w, y = weighted.treated, weighted.weight, weighted.outcome("offences")
    assert answer.value == pytest.approx(y[arm].mean() - np.average(y[~arm], weights=w[~arm]))


def test_weights_taken_as_known():
    weighted = matching.weights(sample())
    answer = risk.difference(weighted, "offences", draws=0)
    assert "taken as known" in answer.method
    again = risk.difference(weighted, "offences", draws=300)
    assert answer.value == again.value
    assert again.std_error == pytest.approx(answer.std_error, rel=0.25)


def test_the_same_seed_gives_the_same_bits():
    weighted = matching.weights(sample())
    one, two, other = (risk.ratio(weighted, "offences", draws=25, seed=seed) for seed in (None, 0, 1))
    assert one == two and one.low != other.low


@pytest.mark.parametrize("method", METHODS)
def test_cautions(method):
    raw = method(sample(), "reoffended")
    assert UNMEASURED in raw.cautions and any("as they came" in said for said in raw.cautions)
    assert UNMEASURED not in method(sample(), "reoffended", randomised=True).cautions
    matched = matching.nearest(sample(willing=2.0), caliper=0.1)
    answer = method(matched, "reoffended")
    assert set(matched.cautions) <= set(answer.cautions) and any(
        "left out" in said for said in answer.cautions
    )
    assert UNMEASURED in answer.cautions and not any("as they came" in said for said in answer.cautions)


def test_few_events_are_said():
    said = risk.difference(made((3, 58), (50, 60)), "event").cautions
    assert "event is above zero for only 3 of 50 treated people." in said
    assert "event is zero for only 2 of 60 comparison people." in said
    assert not any("event is" in text for text in risk.difference(made((30, 30), (60, 60)), "event").cautions)


def test_weights_that_rest_on_few_are_said():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {"treated": [1] * 40 + [0] * 80, "x": np.r_[rng.normal(2, 1, 40), rng.normal(0, 1, 80)]}
    )
    drawn = Sample.of(frame.assign(y=rng.random(120)), treated="treated", covariates=["x"], outcomes=["y"])
    said = risk.difference(matching.weights(drawn), "y", draws=5).cautions
    assert any(text.startswith("The weights rest on few: 80 comparison people count as") for text in said)


def test_what_it_is_compared_with():
    drawn = sample()
    assert risk.difference(drawn, "reoffended").compared_with == "among comparison people"
    assert (
        risk.difference(matching.nearest(drawn), "reoffended").compared_with
        == "among matched comparison people"
    )
    weighted = risk.difference(matching.weights(drawn), "reoffended", draws=2)
    assert (
        weighted.compared_with == "among weighted comparison people" and "weighted (ATT)" in weighted.estimand
    )


def test_no_events_in_one_arm():
    none = risk.ratio(made((0, 9), (40, 60)), "event")
    assert (none.value, none.low) == (0.0, 0.0) and none.high < 1 and math.isnan(none.std_error)
    more = risk.ratio(made((9, 0), (40, 60)), "event")
    assert (more.value, more.high) == (math.inf, math.inf) and more.low > 1
    with pytest.raises(DesignError, match=r"^'event' is zero for everybody"):
        risk.ratio(made((0, 0), (40, 60)), "event")
    assert risk.difference(made((0, 0), (40, 60)), "event").value == 0


def test_no_events_in_one_arm_where_there_is_no_score_interval():
    frame = people()
    frame.loc[frame["diverted"] == 1, "offences"] = 0
    drawn = Sample.of(frame, **NAMES)
    with pytest.raises(
        DesignError, match=r"^'offences' is zero for every one of the treated people.* risk\.difference"
    ):
        risk.ratio(drawn, "offences")
    assert risk.difference(drawn, "offences").value < 0


def rarely(prepare, events):
    """People of whom only the first so many of each arm have the event, weighted or matched."""
    frame = people(n=240)
    place = frame.groupby("diverted").cumcount()
    frame["reoffended"] = (place < np.where(frame["diverted"] == 1, *events)).astype(int)
    return prepare(
        Sample.of(frame.assign(w=frame["age"]), **NAMES, **({"weight": "w"} if prepare is own else {}))
    )


def own(drawn):
    return drawn


def two_for_one(drawn):
    return matching.nearest(drawn, ratio=2)


def again(drawn):
    return matching.nearest(drawn, replace=True)


UNALIKE = [own, two_for_one, again, matching.weights]


@pytest.mark.parametrize("prepare", UNALIKE)
@pytest.mark.parametrize("events", [(5, 12), (0, 12), (12, 0), (0, 0)])
def test_few_events_of_people_who_count_unalike_have_a_score_interval(prepare, events):
    """The ends are the differences whose score statistic, at the effective numbers of people, is 1.96."""
    drawn = rarely(prepare, events)
    answer = risk.difference(drawn, "reoffended")
    y, arm, w = drawn.outcome("reoffended"), drawn.treated, drawn.weight
    shares = [np.average(y[a], weights=w[a]) for a in (arm, ~arm)]
    sizes = [w[a].sum() ** 2 / (w[a] ** 2).sum() for a in (arm, ~arm)]
    assert answer.value == pytest.approx(shares[0] - shares[1])
    assert "score interval (Mee) at the effective numbers of people" in answer.method
    assert answer.low < answer.value < answer.high
    pooled = np.average(shares, weights=sizes)
    spread = math.sqrt(pooled * (1 - pooled) * sum(1 / size for size in sizes))
    z = answer.value / spread if spread else 0.0
    assert answer.p_value == pytest.approx(2 * stats.norm.sf(abs(z)))
    for end in (answer.low, answer.high):
        assert abs(score_z(shares, sizes, end)) == pytest.approx(stats.norm.isf(0.025), rel=1e-4)


def score_z(shares, sizes, gap):
    """The score statistic of a difference, its fitted shares by searching the likelihood and not by the cubic."""

    def less_likely(q):
        parts = zip(shares, sizes, (q + gap, q), strict=True)
        return -sum(n * (special.xlogy(p, f) + special.xlogy(1 - p, 1 - f)) for p, n, f in parts)

    within = (max(0.0, -gap), min(1.0, 1 - gap))
    q = optimize.minimize_scalar(less_likely, bounds=within, method="bounded", options={"xatol": 1e-12}).x
    spread = sum(f * (1 - f) / n for f, n in zip((q + gap, q), sizes, strict=True))
    return (shares[0] - shares[1] - gap) / math.sqrt(spread)


@pytest.mark.parametrize("prepare", UNALIKE)
def test_an_outcome_that_is_the_treatment_is_not_certain(prepare):
    answer = risk.difference(rarely(prepare, (240, 0)), "reoffended")
    assert (answer.value, answer.high) == pytest.approx((1, 1)) and answer.low < 0.97
    assert 0 < answer.p_value < 0.001


def test_a_ratio_of_few_events_of_people_who_count_unalike():
    none = risk.ratio(rarely(matching.weights, (0, 12)), "reoffended")
    assert (none.value, none.low) == (0, 0) and none.high < 1 and "Koopman" in none.method
    some = risk.ratio(rarely(two_for_one, (5, 60)), "reoffended")
    assert 0 < some.low < some.value < some.high


def test_with_ten_events_and_ten_without_in_each_arm_the_design_gives_the_error():
    few, enough = (risk.difference(rarely(two_for_one, (n, 60)), "reoffended") for n in (9, 14))
    assert "Mee" in few.method and "clustered" in enough.method


@pytest.mark.parametrize("prepare", [own, two_for_one, again, matching.weights])
def test_counts_that_are_alike_throughout_have_no_interval(prepare):
    frame = people(n=240).assign(offences=lambda f: 2 + f["diverted"])
    with pytest.raises(DesignError, match=r"^Every .* has the same 'offences'"):
        risk.difference(prepare(Sample.of(frame, **NAMES)), "offences", draws=20)


@pytest.mark.parametrize("method", METHODS)
def test_outcomes_that_cannot_be_had(method):
    with pytest.raises(DesignError, match=r"has no outcome 'arrests'"):
        method(sample(), "arrests")
    frame = people()
    frame.loc[3:5, "offences"] = np.nan
    with pytest.raises(DesignError, match=r"^offences is missing at .*2 more.*say how many are lost"):
        method(Sample.of(frame, **NAMES), "offences")


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("given", [None, "sample", people()], ids=["None", "str", "DataFrame"])
def test_a_method_takes_a_sample(method, given):
    with pytest.raises(DesignError, match=r"^This takes a Sample, not "):
        method(given, "reoffended")


@pytest.mark.parametrize("method", METHODS)
def test_one_person_is_no_group(method):
    with pytest.raises(DesignError, match=r"^There is only one treated person"):
        method(made((1, 9), (1, 60)), "event")


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("level", [0, 1, 95, "0.95", None])
def test_levels(method, level):
    with pytest.raises(DesignError, match=r"^level="):
        method(sample(), "reoffended", level=level)


@pytest.mark.parametrize("draws", [-1, 1, 2.5, "many", None])
def test_draws(draws):
    with pytest.raises(DesignError, match=r"^draws="):
        risk.difference(sample(), "reoffended", draws=draws)


def test_a_ratio_needs_counts_and_days():
    frame = people().assign(score=lambda f: f["offences"] - 1.0, days=lambda f: f["age"] - f["age"].min())
    drawn = Sample.of(frame, **{**NAMES, "outcomes": ["score", "offences", "days"]})
    with pytest.raises(DesignError, match=r"^score is -1 for one person .*use risk\.difference\.$"):
        risk.ratio(drawn, "score")
    with pytest.raises(DesignError, match=r"^days is 0 for one person\. Leave those people out"):
        risk.ratio(drawn, "offences", exposure="days")


def test_the_callers_data_are_unchanged():
    frame = people()
    before = frame.copy()
    risk.difference(matching.weights(Sample.of(frame, **NAMES)), "reoffended", draws=5)
    pd.testing.assert_frame_equal(frame, before)


def test_a_bootstrap_of_people_who_count_alike_is_welch():
    """Where nothing is weighted the bootstrap gives Welch's error, but for chance: 4 errors of a spread of 2000."""
    from dataclasses import replace

    drawn = sample(n=40)
    alike = replace(drawn, design="weighted", remake=lambda again: again)
    boot, welch = risk.difference(alike, "offences", draws=2000), risk.difference(drawn, "offences")
    assert boot.std_error == pytest.approx(welch.std_error, rel=4 / math.sqrt(2 * 2000))

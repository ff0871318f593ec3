"""How strong something unmeasured would have to be: published E-values, bounds of pairs, and refusals."""

import math

import numpy as np
import pandas as pd
import pytest
from made_people import NAMES, people

from toolkit import DesignError, Sample, before_after, matching, risk, sensitivity
from toolkit.estimate import Estimate
from toolkit.numerics import bias_bounds


def ratio(value, low, high):
    return Estimate(value, low, high, 0.2, 0.03, "risk ratio", "published", "ratio")


@pytest.mark.parametrize(
    ("given", "want"),
    [
        # VanderWeele and Ding (2017): respiratory deaths of bottle-fed infants; they print 7.26 and 3.0.
        ((3.9, 1.8, 8.7), (7.26, 3.00)),
        ((1 / 3.9, 1 / 8.7, 1 / 1.8), (7.26, 3.00)),
        ((1.0, 0.8, 1.25), (1.0, 1.0)),
        ((1.5, 0.9, 2.5), (1.5 + math.sqrt(0.75), 1.0)),
        ((0.8, 0.7, 1.0), (1.25 + math.sqrt(1.25 * 0.25), 1.0)),
    ],
)
def test_e_values(given, want):
    found = sensitivity.e_value(ratio(*given))
    assert list(found["of"]) == ["estimate", "interval"]
    assert found["e_value"].to_numpy() == pytest.approx(want, abs=0.005)


def test_an_e_value_is_what_confounding_of_that_strength_can_do():
    """Ding and VanderWeele's (2016) bound: two associations of E move a ratio by E^2 / (2 E - 1), here all of it."""
    for value in (1.3, 2.0, 3.9):
        e = sensitivity.e_value(ratio(value, value, value)).loc[0, "e_value"]
        assert e * e / (2 * e - 1) == pytest.approx(value)


def test_a_missing_interval_needs_nothing_unmeasured():
    assert sensitivity.e_value(ratio(2.0, math.nan, math.nan)).loc[1, "e_value"] == 1


def test_differences_and_empty_arms_have_no_e_value():
    sample = Sample.of(people(), **NAMES)
    with pytest.raises(DesignError, match=r"risk\.ratio\(sample, outcome\)"):
        sensitivity.e_value(risk.difference(sample, "reoffended"))
    for value in (0.0, math.inf, math.nan):
        with pytest.raises(DesignError, match="has no E-value"):
            sensitivity.e_value(ratio(value, 0.0, 2.0))
    with pytest.raises(DesignError, match="needs an Estimate, not a float"):
        sensitivity.e_value(2.0)


@pytest.fixture
def matched():
    frame = people(n=300)
    fewer = frame["reoffended"].where(frame["diverted"] == 0, 0) + 0
    spared = np.random.default_rng(0).random(300) < 0.4
    frame["reoffended"] = np.where(spared, fewer, frame["reoffended"])
    frame["offences"] = frame["offences"] + 2 * (frame["diverted"] == 0)
    return matching.nearest(Sample.of(frame, **NAMES))


def test_bounds_of_a_yes_or_no_outcome_are_of_unlike_pairs(matched):
    y = pd.Series(matched.outcome("reoffended"))
    sides = y.groupby([matched.match_id, matched.treated]).sum().unstack()
    one, two = int((sides[True] > sides[False]).sum()), int((sides[True] < sides[False]).sum())
    found = sensitivity.rosenbaum(matched, "reoffended", gammas=[1, 1.4], two_sided=False)
    assert list(found.columns) == ["gamma", "p_low", "p_high", "test", "cautions"]
    assert set(found["test"]) == {"McNemar's test, exact"}
    assert found.loc[1, ["p_low", "p_high"]].tolist() == pytest.approx(bias_bounds.discordant(one, two, 1.4))


def test_without_hidden_bias_the_bounds_are_one_p(matched):
    for outcome in ("reoffended", "offences"):
        first = sensitivity.rosenbaum(matched, outcome).iloc[0]
        assert first["gamma"] == 1 and first["p_low"] == first["p_high"] <= 1


@pytest.mark.parametrize("n_people", [60, 300])
def test_without_hidden_bias_the_signed_ranks_are_those_of_pairs_before_and_after(n_people):
    pairs = matching.nearest(Sample.of(people(n=n_people), **NAMES))
    y, arm = pairs.outcome("offences"), pairs.treated
    sides = [y[who][np.argsort(pairs.match_id[who])] for who in (~arm, arm)]
    theirs = before_after.paired(*sides, kind="rank")
    first = sensitivity.rosenbaum(pairs, "offences").iloc[0]
    assert first["p_low"] == first["p_high"] == pytest.approx(theirs.p_value, rel=1e-12)
    assert first["test"] == theirs.method.split(";")[0]
    assert ("exact" in first["test"]) == (pairs.n_treated < 50) and "zeros as by Pratt" in first["test"]


def test_bounds_do_not_mind_decimals():
    frame = people(n=60)
    one, other = (
        sensitivity.rosenbaum(matching.nearest(Sample.of(f, **NAMES)), "offences", gammas=[1, 1.5])
        for f in (frame, frame.assign(offences=frame["offences"] * 0.1 + 0.7))
    )
    assert (one[["p_low", "p_high"]] == other[["p_low", "p_high"]]).all(axis=None)
    assert (one["test"] == other["test"]).all()


def test_cautions_travel_with_the_numbers():
    drawn = Sample.of(people(willing=2.0), **NAMES)
    pairs = matching.nearest(drawn, caliper=0.1)
    said = sensitivity.rosenbaum(pairs, "offences")["cautions"]
    assert pairs.cautions and set(said) == {" ".join(pairs.cautions)}
    answer = risk.ratio(drawn, "reoffended")
    assert answer.cautions and set(sensitivity.e_value(answer)["cautions"]) == {" ".join(answer.cautions)}


def test_the_tipping_gamma_is_where_p_is_reached(matched):
    for two_sided in (True, False):
        gamma = sensitivity.tipping_gamma(matched, "offences", p=0.01, two_sided=two_sided)
        assert gamma > 1
        there = sensitivity.rosenbaum(matched, "offences", gammas=[gamma], two_sided=two_sided)
        assert there.loc[0, "p_high"] == pytest.approx(0.01)


def test_the_tipping_gamma_is_one_where_nothing_was_clear():
    even = matching.nearest(Sample.of(people(), **NAMES))
    assert risk.difference(even, "offences").p_value > 0.05
    assert sensitivity.tipping_gamma(even, "offences") == 1


def test_pairs_only():
    sample = Sample.of(people(), **NAMES)
    for given in (sample, matching.weights(sample), matching.nearest(sample, replace=True)):
        with pytest.raises(DesignError, match=rf"^The Sample is {given.design}, .*matching\.nearest"):
            sensitivity.rosenbaum(given, "reoffended")
    with pytest.raises(DesignError, match=r"not all pairs"):
        sensitivity.rosenbaum(matching.nearest(Sample.of(people(n=400), **NAMES), ratio=2), "reoffended")
    with pytest.raises(DesignError, match="needs a matched Sample, not None"):
        sensitivity.rosenbaum(None, "reoffended")


@pytest.mark.parametrize("gammas", [[], [0.5], ["two"], None, [1, np.nan], [math.inf], 2, "12"])
def test_gammas(matched, gammas):
    with pytest.raises(DesignError, match="^gammas="):
        sensitivity.rosenbaum(matched, "reoffended", gammas=gammas)


@pytest.mark.parametrize("p", [0, 1, -0.1, "0.05", None])
def test_lines(matched, p):
    with pytest.raises(DesignError, match="^p="):
        sensitivity.tipping_gamma(matched, "reoffended", p=p)

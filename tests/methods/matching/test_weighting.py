"""Weights of `matching.weights`: what people weigh, what is said, and what is refused."""

import numpy as np
import pandas as pd
import pytest
from made_people import NAMES, people

from toolkit import DesignError, Sample, balance, matching

KINDS = [("ATT", "propensity"), ("ATT", "entropy"), ("ATE", "propensity"), ("ATE", "entropy")]


def sample(n: int = 300, **more) -> Sample:
    return Sample.of(people(n, willing=0.7), **NAMES, **more)


def test_shares_of_a_single_category_by_hand():
    # Durham: 3 treated, 6 not; Kent: 2 treated, 1 not. Odds 1/2 and 2: comparison weights 6 x 1/2 and 1 x 2, sum 5.
    frame = pd.DataFrame({"force": ["Durham"] * 9 + ["Kent"] * 3, "diverted": [1] * 3 + [0] * 6 + [1, 1, 0]})
    one = Sample.of(frame, treated="diverted", covariates="force")
    for kind in ("propensity", "entropy"):
        made = matching.weights(one, kind=kind)
        assert made.weight == pytest.approx([1] * 3 + [0.5] * 6 + [1, 1, 2], abs=1e-8)
    whole = matching.weights(one, estimand="ATE")
    assert whole.weight == pytest.approx([3] * 3 + [1.5] * 6 + [1.5, 1.5, 3], abs=1e-7)


@pytest.mark.parametrize(("estimand", "kind"), KINDS)
def test_each_arm_sums_to_whom_it_stands_for(estimand, kind):
    made = matching.weights(sample(), estimand=estimand, kind=kind)
    whole = made.n_treated if estimand == "ATT" else made.n
    assert made.weight[made.treated].sum() == pytest.approx(whole)
    assert made.weight[~made.treated].sum() == pytest.approx(whole)
    assert (made.design, made.estimand, made.match_id) == ("weighted", estimand, None)
    assert made.frame.index.equals(made.origin.frame.index)
    if estimand == "ATT":
        assert (made.weight[made.treated] == 1).all()


@pytest.mark.parametrize("estimand", ["ATT", "ATE"])
def test_entropy_weights_balance_every_mean(estimand):
    table = balance.table(matching.weights(sample(), estimand=estimand, kind="entropy"))
    assert table["standardised_difference_before"].abs().max() > 0.1
    assert table["standardised_difference_after"].abs().max() < 1e-8


@pytest.mark.parametrize(("estimand", "kind"), KINDS)
def test_outcomes_are_never_seen(estimand, kind):
    frame = people(300, willing=0.7)
    other = frame.assign(reoffended=0, offences=np.arange(300))
    made = [matching.weights(Sample.of(f, **NAMES), estimand=estimand, kind=kind) for f in (frame, other)]
    assert made[0].weight.tolist() == made[1].weight.tolist()


@pytest.mark.parametrize(("estimand", "kind"), KINDS)
def test_drawn_again_people_are_weighted_as_if_they_had_come_so(estimand, kind):
    frame = people(300, willing=0.5)
    made = matching.weights(Sample.of(frame, **NAMES), estimand=estimand, kind=kind)
    rows = np.random.default_rng(1).integers(0, 300, 300)
    again = made.remake(made.take(rows))
    direct = matching.weights(Sample.of(frame.iloc[rows], **NAMES), estimand=estimand, kind=kind)
    assert again.weight == pytest.approx(direct.weight, rel=1e-9)
    assert again.outcome("offences").tolist() == direct.outcome("offences").tolist()


@pytest.mark.parametrize(("estimand", "kind"), KINDS)
def test_a_weight_of_two_is_the_person_twice(estimand, kind):
    frame = people(200, willing=0.5).assign(w=lambda f: 1 + f.index % 2)
    weighted = matching.weights(Sample.of(frame, **NAMES, weight="w"), estimand=estimand, kind=kind)
    rows = np.repeat(np.arange(200), frame["w"])
    twice = matching.weights(Sample.of(frame.iloc[rows], **NAMES), estimand=estimand, kind=kind)
    sums = np.bincount(rows, weights=twice.weight)
    assert weighted.weight == pytest.approx(sums, rel=1e-6)


def test_what_cannot_be_weighted_is_refused():
    frame = people(100)
    only = frame.assign(
        force=np.where((frame["diverted"] == 1) & (frame.index % 5 == 0), "Gwent", frame["force"])
    )
    with pytest.raises(DesignError, match="The mean of force: Gwent lies outside what they have"):
        matching.weights(Sample.of(only, **NAMES), kind="entropy")
    made = matching.weights(Sample.of(only, **NAMES))
    assert any("force: Gwent" in caution for caution in made.cautions)
    with pytest.raises(DesignError, match="kind='overlap' is not known"):
        matching.weights(sample(), kind="overlap")
    with pytest.raises(DesignError, match="estimand='ATC' is not known"):
        matching.weights(sample(), estimand="ATC")
    with pytest.raises(DesignError, match="weighted already"):
        matching.weights(matching.weights(sample()))


def test_a_heavy_person_is_told():
    # 60 treated at 5 and 40 comparison people at 0, one at 5.5: that one stands for nearly all the treated.
    rng = np.random.default_rng(2)
    priors = np.concatenate([rng.normal(5, 1, 60), rng.normal(1, 1, 40), [5.5]])
    frame = pd.DataFrame({"diverted": [1] * 60 + [0] * 41, "priors": priors})
    made = matching.weights(Sample.of(frame, treated="diverted", covariates=["priors"]))
    share = made.weight[-1] / made.weight[~made.treated].sum()
    assert share > 0.5
    assert any(f"One comparison person carries {100 * share:.0f}% of the weight" in c for c in made.cautions)


def test_somebody_extreme_who_weighs_nothing_spoils_nothing():
    frame = people(100).assign(w=1.0)
    odd = pd.DataFrame({"diverted": [0], "age": [1e9], "priors": [2], "force": ["Kent"], "w": [0.0]})
    both = pd.concat([frame, odd.assign(reoffended=0, offences=0)], ignore_index=True)
    for kind in ("propensity", "entropy"):
        made = matching.weights(Sample.of(both, **NAMES, weight="w"), kind=kind)
        plain = matching.weights(Sample.of(frame, **NAMES), kind=kind)
        assert made.weight[-1] == 0
        assert made.weight[:-1] == pytest.approx(plain.weight, rel=1e-7)

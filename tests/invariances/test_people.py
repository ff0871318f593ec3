"""Outcomes of people: what must not move with the order of rows, the size of weights, or the names of the groups."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from made_people import people

from toolkit import Sample, matching, risk
from toolkit.numerics import student

NUMBERS = ("value", "low", "high", "std_error", "p_value")
NAMES = {
    "treated": "diverted",
    "covariates": ["age", "priors", "force"],
    "outcomes": ["reoffended", "offences", "before"],
}
PREPARE = {
    "unmatched": lambda sample: sample,
    "pairs": matching.nearest,
    "with replacement": lambda sample: matching.nearest(sample, replace=True),
    "propensity weights": matching.weights,
    "entropy weights": lambda sample: matching.weights(sample, kind="entropy"),
}
METHODS = {
    "difference, yes/no": lambda sample: risk.difference(sample, "reoffended", draws=20),
    "difference, counts": lambda sample: risk.difference(sample, "offences", draws=20),
    "ratio, yes/no": lambda sample: risk.ratio(sample, "reoffended", draws=20),
    "ratio, counts": lambda sample: risk.ratio(sample, "offences", draws=20),
    "prior event": lambda sample: risk.prior_event_rate_ratio(
        sample, before="before", after="offences", draws=20
    ),
}


def rows() -> pd.DataFrame:
    rng = np.random.default_rng(8)
    return people(n=240).assign(before=lambda f: rng.poisson(1 + f["priors"] / 3))


def numbers(answer):
    return [getattr(answer, name) for name in NUMBERS]


@pytest.mark.parametrize("prepare", PREPARE)
@pytest.mark.parametrize("method", METHODS)
def test_the_order_of_the_rows_does_not_matter(method, prepare):
    frame = rows()
    one, other = (
        METHODS[method](PREPARE[prepare](Sample.of(f, **NAMES)))
        for f in (frame, frame.sample(frac=1, random_state=3))
    )
    np.testing.assert_allclose(numbers(one), numbers(other), rtol=1e-6)


def test_the_order_of_the_rows_does_not_matter_to_a_bootstrap_of_people_whose_own_weights_differ():
    rng = np.random.default_rng(5)
    arm = np.repeat([1, 0], [80, 120])
    frame = pd.DataFrame({"t": arm, "x": rng.integers(0, 3, 200), "y": rng.integers(0, 4, 200)})
    frame["w"] = rng.choice([1.0, 2.0, 5.0], 200)  # people alike in x and y weigh unalike
    roles = {"treated": "t", "covariates": ["x"], "outcomes": ["y"], "weight": "w"}
    one, other = (
        risk.difference(matching.weights(Sample.of(f, **roles)), "y", draws=20)
        for f in (frame, frame.sample(frac=1, random_state=3))
    )
    np.testing.assert_allclose(numbers(one), numbers(other), rtol=1e-9)


@pytest.mark.parametrize("method", METHODS)
def test_weights_times_a_constant_change_nothing(method):
    one, other = (
        METHODS[method](Sample.of(rows().assign(w=rows()["age"] * scale), weight="w", **NAMES))
        for scale in (1, 7)
    )
    np.testing.assert_allclose(numbers(one), numbers(other), rtol=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_swapping_the_arms_negates_or_inverts(method):
    frame = rows()
    one, other = (
        METHODS[method](Sample.of(f, **NAMES)) for f in (frame, frame.assign(diverted=1 - frame["diverted"]))
    )
    turn = (lambda x: 1 / x) if one.scale == "ratio" else (lambda x: -x)
    assert [turn(one.value), turn(one.high), turn(one.low)] == pytest.approx(
        [other.value, other.low, other.high]
    )
    assert (one.std_error, one.p_value) == pytest.approx((other.std_error, other.p_value))


@pytest.mark.parametrize("prepare", PREPARE)
def test_a_constant_on_every_count_leaves_a_difference_and_a_factor_leaves_a_ratio(prepare):
    frame = rows()
    more, twice = frame.assign(offences=frame["offences"] + 5), frame.assign(offences=frame["offences"] * 2)
    plain, raised, doubled = (PREPARE[prepare](Sample.of(f, **NAMES)) for f in (frame, more, twice))
    for method, changed in (("difference, counts", raised), ("ratio, counts", doubled)):
        one, other = METHODS[method](plain), METHODS[method](changed)
        np.testing.assert_allclose(numbers(one), numbers(other), rtol=1e-8)


def test_an_end_of_a_t_interval_has_the_p_of_its_level():
    answer = risk.difference(Sample.of(rows(), **NAMES), "offences", level=0.9)
    df = float(answer.method.split("t with ")[1].split()[0])
    for end in (answer.low, answer.high):
        # The method says its degrees of freedom to the whole number, which moves the p-value in the fourth place.
        assert student.two_sided(answer.value - end, answer.std_error, df) == pytest.approx(0.1, abs=1e-3)


def test_a_sample_weighted_alike_is_an_unmatched_one():
    sample = Sample.of(rows(), **NAMES)
    alike = dataclasses.replace(sample, design="weighted")
    one, other = (risk.difference(s, "offences") for s in (sample, alike))
    assert numbers(one) == numbers(other)

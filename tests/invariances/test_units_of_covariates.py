"""In what units a covariate is told, and from what zero, changes no match, no weight, no adjustment and no balance."""

import numpy as np
import pandas as pd
import pytest
from made_people import NAMES, people

from toolkit import Sample, balance, matching, plots, risk

# The change, and how near the answers must be: adding 1e9 to an age leaves 7 digits after the point, and 1e12 four.
CHANGES = {
    "millionths": (lambda x: x * 1e6, 1e-9),
    "very large": (lambda x: x * 1e25, 1e-9),
    "too small to square": (lambda x: x * 1e-200, 1e-9),
    "from a far zero": (lambda x: x + 1e9, 1e-7),
    "from a farther zero": (lambda x: x + 1e12, 1e-4),
}
CHOICES = {
    "pairs": matching.nearest,
    "covariates": lambda sample: matching.nearest(sample, distance="mahalanobis"),
    "with replacement": lambda sample: matching.nearest(sample, replace=True),
    "propensity weights": matching.weights,
    "entropy weights": lambda sample: matching.weights(sample, kind="entropy"),
}


def both(change):
    frame = people(n=240)
    return (Sample.of(f, **NAMES) for f in (frame, frame.assign(age=change(frame["age"]))))


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize(
    ("outcome", "scale"), [("reoffended", "difference"), ("offences", "difference"), ("offences", "ratio")]
)
def test_an_adjusted_answer(outcome, scale, change):
    turn, near = CHANGES[change]
    one, other = (risk.adjusted(sample, outcome, scale=scale) for sample in both(turn))
    for name in ("value", "low", "high", "std_error", "p_value"):
        assert getattr(one, name) == pytest.approx(getattr(other, name), rel=near, abs=near), name


@pytest.mark.parametrize("change", ["millionths", "very large", "too small to square"])
@pytest.mark.parametrize("choice", CHOICES)
def test_matches_weights_and_balance(choice, change):
    one, other = (CHOICES[choice](sample) for sample in both(CHANGES[change][0]))
    np.testing.assert_array_equal(one.rows, other.rows)
    np.testing.assert_allclose(one.weight, other.weight, rtol=1e-8)
    columns = ["standardised_difference_before", "standardised_difference_after", "variance_ratio_after"]
    left, right = (balance.table(sample)[columns] for sample in (one, other))
    pd.testing.assert_frame_equal(left, right, rtol=1e-8, atol=1e-8)
    assert plots.balance(one).get_title() == plots.balance(other).get_title()


@pytest.mark.parametrize("change", ["from a far zero", "from a farther zero"])
def test_weights_from_another_zero(change):
    turn, near = CHANGES[change]
    one, other = (matching.weights(sample) for sample in both(turn))
    np.testing.assert_allclose(one.weight, other.weight, rtol=near)

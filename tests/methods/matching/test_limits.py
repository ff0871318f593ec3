"""Cautions of matched and weighted people, word for word."""

import numpy as np
import pandas as pd
from made_people import NAMES, people

from toolkit import Sample
from toolkit.methods.matching import limits


def sample(**more) -> Sample:
    return Sample.of(people(40).assign(diverted=[1] * 4 + [0] * 36), **(NAMES | more))


def test_those_left_out():
    served = np.zeros(40, dtype=int)
    served[:4] = [1, 2, 0, 1]
    assert limits.left_out(sample(), served, 1) == (
        "1 of 4 treated people has no match and is left out: any effect is that on the 3 who were matched, not on "
        "everybody treated.",
    )
    assert limits.left_out(sample(), np.where(np.arange(40) < 4, 2, 0), 2) == ()
    assert (
        limits.left_out(sample(), served, 2)[1] == "2 of 3 matched treated people have fewer than 2 matches."
    )


def test_one_who_carries_much():
    frame = pd.DataFrame({"diverted": [1] * 50 + [0] * 100, "age": range(150), "w": [1.0] * 149 + [11.0]})
    heavy = Sample.of(frame, treated="diverted", covariates="age", weight="w")
    # 11 of 110; and 110^2 / (99 + 121) = 55.
    assert limits.heavy(heavy) == (
        "One comparison person carries 10% of the weight of the 100 comparison people, who count for as much as 55 "
        "with equal weights would.",
    )
    assert limits.heavy(sample()) == ()


def test_what_is_still_unlike_the_worst_first():
    frame = pd.DataFrame(
        {"diverted": [1, 1, 1, 0, 0, 0], "a": [1, 2, 3, 2, 2, 3], "b": [1, 2, 3, 4, 5, 6], "c": 1}
    )
    one = Sample.of(frame, treated="diverted", covariates=["a", "b"])
    made = one.made(rows=np.arange(6), weight=np.ones(6), design="weighted")
    # Standard deviation of the treated 1 in both: (2 - 7/3) and (2 - 5).
    assert limits.still_unlike(made, "weighting") == (
        "After weighting, treated and comparison people still differ by more than 0.1 standard deviations in b (3.00) "
        "and a (0.33).",
    )

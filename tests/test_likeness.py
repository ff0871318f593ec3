"""Likeness: the unit that differences are told in, and when one is more than tolerated."""

import pandas as pd
import pytest

from toolkit import Sample
from toolkit.likeness import spread, unlike


def test_the_unit_is_the_treateds_own_spread_unless_they_do_not_vary():
    frame = pd.DataFrame({"diverted": [1, 1, 1, 0, 0, 0], "a": [1, 2, 3, 9, 9, 9], "b": [5, 5, 5, 1, 2, 3]})
    unit = spread(Sample.of(frame, treated="diverted", covariates=["a", "b"]))
    assert unit == pytest.approx([1, frame["b"].std()])


def test_a_difference_that_reads_as_a_tenth_is_tolerated():
    assert unlike(pd.Series([0.1, -0.104, 0.106, -0.106, 0.0])).tolist() == [False, False, True, True, False]

"""People in a row: the nearest, those as near, and the nearest left, against looking at everybody."""

import numpy as np
import pytest

from toolkit.numerics.line import Line


@pytest.mark.parametrize("seed", range(20))
def test_the_nearest_of_all_are_those_of_a_look_at_everybody(seed):
    rng = np.random.default_rng(seed)
    where = np.round(rng.normal(size=25), 1)
    line = Line(where)
    for place in [*np.round(rng.normal(size=10), 1), -9.0, 9.0]:
        far = np.abs(where - place)
        for number in (1, 3, 25):
            least = line.nearest(place, number)
            assert least == np.sort(far)[number - 1]
            assert line.within(place, least).tolist() == np.flatnonzero(far <= least).tolist()
    assert line.nearest(0.0, 26) == np.inf
    assert line.within(0.0, np.inf).tolist() == list(range(25))


@pytest.mark.parametrize("seed", range(20))
def test_the_nearest_left_are_taken_in_the_order_given(seed):
    rng = np.random.default_rng(seed)
    where, left = np.round(rng.normal(size=30), 1), np.ones(30, dtype=bool)
    line = Line(where)
    for place in np.round(rng.normal(size=30), 1):
        far = np.where(left, np.abs(where - place), np.inf)
        least = line.nearest_free(place)
        assert least == far.min()
        taken = line.take(place, least)
        assert taken == np.argmin(far)
        left[taken] = False
    assert line.nearest_free(0.0) == np.inf


def test_nobody_is_near_an_empty_line():
    line = Line(np.empty(0))
    assert line.nearest_free(1.0) == line.nearest(1.0, 1) == np.inf
    assert line.within(1.0, np.inf).size == 0

"""Ties that decimals split are ties again, and numbers that differ are left alone."""

import numpy as np
import pytest

from toolkit.numerics import ties


def test_decimals_that_should_tie_do() -> None:
    """0.3 - 0.2, 0.4 - 0.3 and 0.1 are three numbers in floating point; so is 0.3 - 0.1 - 0.2, which is none."""
    rough = np.array([0.3 - 0.2, 0.3 - 0.4, 0.1, 0.3 - 0.1 - 0.2, 0.7])
    assert len(np.unique(np.abs(rough))) == 5
    even = ties.settled(rough)
    assert even[0] == -even[1] == even[2] and even[3] == 0
    assert even == pytest.approx(rough, abs=1e-15)


def test_numbers_that_differ_are_left_to_the_last_bit() -> None:
    values = np.random.default_rng(0).normal(size=500)
    assert np.array_equal(ties.settled(values), values)
    assert np.array_equal(ties.settled(np.array([3.0, -3.0, 0.0, 0.5, 3.0])), [3.0, -3.0, 0.0, 0.5, 3.0])


def test_a_run_becomes_its_smallest_and_a_grain_of_none_leaves_all() -> None:
    values = np.array([1.0, 1.06, -1.12, 2.0, 0.04])
    assert list(ties.settled(values, 0.1)) == [1.0, 1.0, -1.0, 2.0, 0.0]
    assert np.array_equal(ties.settled(values, 0.0), values)


def test_no_zero_is_negative_and_none_is_none() -> None:
    assert not np.signbit(ties.settled(np.array([-1e-12, -0.0, 1.0])))[:2].any()
    assert len(ties.settled(np.array([]))) == 0


def test_what_is_left_of_larger_numbers_takes_their_grain() -> None:
    """A second's tenths since 1970 are known to 2e-7, which is more than a thousand-millionth of the change."""
    changes = (1.7e9 + np.array([0.2, 0.7])) - (1.7e9 + np.array([0.1, 0.6]))
    assert len(np.unique(ties.settled(changes + np.array([0, 1e-7])))) == 2
    assert len(np.unique(ties.settled(changes + np.array([0, 1e-7]), 1e-6))) == 1

"""Dealing start dates out again: every way once, within strata, and draws that do not depend on names."""

import itertools

import numpy as np
import pytest

from toolkit.numerics import assignments
from toolkit.numerics.assignments import NEVER


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_every_way_to_deal_two_start_dates_once() -> None:
    """Five clusters, one start 0, two starts 1, two never: 5!/(1! 2! 2!) = 30 ways."""
    label = np.array([1, NEVER, 0, 1, NEVER])
    ways = assignments.deal(label, np.zeros(5, dtype=int), 10, rng())
    dealt = set()
    for row in ways.chosen:
        full = np.full(5, NEVER)
        full[row] = ways.label
        dealt.add(tuple(full))
    assert ways.every and len(ways.chosen) == 30
    assert dealt == set(itertools.permutations(label.tolist()))
    assert assignments.number(label, np.zeros(5, dtype=int)) == 30


def test_strata_keep_their_own_start_dates() -> None:
    label = np.array([0, NEVER, NEVER, NEVER, 0, 0, NEVER])
    stratum = np.array([0, 0, 0, 1, 1, 1, 1])
    ways = assignments.deal(label, stratum, 10, rng())
    assert ways.every and len(ways.chosen) == 3 * 6 == assignments.number(label, stratum)
    assert ((ways.chosen < 3).sum(1) == 1).all()
    assert len({tuple(sorted(row)) for row in ways.chosen}) == 18


@pytest.mark.parametrize("strata", [1, 2])
def test_draws_are_uniform_within_strata(strata: int) -> None:
    """20 of 40 cannot be enumerated; each cluster of a stratum is treated equally often."""
    label = np.where(np.arange(40) % 2 == 0, 0, NEVER)
    stratum = np.arange(40) * strata // 40
    ways = assignments.deal(label, stratum, 4000, rng())
    assert not ways.every and ways.chosen.shape == (4000, 20)
    assert all(len(set(row)) == 20 for row in ways.chosen)
    share = np.bincount(ways.chosen.ravel(), minlength=40) / 4000
    assert np.abs(share - 0.5).max() < 4.5 * 0.5 / 4000**0.5


def test_own_is_the_assignment_that_was_made() -> None:
    label = np.array([1, NEVER, 0, 1, NEVER, NEVER])
    ways = assignments.deal(label, np.array([0, 0, 1, 1, 1, 0]), 10, rng())
    np.testing.assert_array_equal(label[ways.own], ways.label)
    assert set(ways.own) == {0, 2, 3}


def test_thirds_keep_equal_sizes_together() -> None:
    np.testing.assert_array_equal(assignments.thirds(np.array([5.0, 1, 9, 3, 7, 8])), [1, 0, 2, 0, 1, 2])
    tied = assignments.thirds(np.array([1.0, 2, 2, 2, 2, 3]))
    assert len(set(tied[1:5])) == 1
    np.testing.assert_array_equal(assignments.thirds(np.array([4.0, 2.0])), [0, 0])

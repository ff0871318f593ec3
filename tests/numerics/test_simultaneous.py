"""Bands for several estimates at once: one estimate, independent ones, and the multiplier bootstrap's own numbers."""

import numpy as np
import pytest

from toolkit.numerics import simultaneous


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def many(rows: np.ndarray) -> np.ndarray:
    """So many degrees of freedom that nothing is the estimate's own."""
    return np.full(rows.shape[1], 1e12)


def test_few_clusters_do_not_show_that_estimates_move_together() -> None:
    """Copies of one estimate need no more than its level; with next to no degrees of freedom they need Sidak's."""
    rows = np.random.default_rng(1).normal(size=(30, 1)) * np.ones((1, 8))
    none, few = (
        simultaneous.pointwise_level(rows, np.full(8, df), 0.95, rng(), 60_000) for df in (1e-9, 4.0)
    )
    assert none == pytest.approx(0.95 ** (1 / 8), abs=0.0015)
    assert 0.96 < few < none


def test_one_estimate_needs_no_more_than_its_own_level() -> None:
    rows = np.random.default_rng(1).normal(size=(30, 1))
    assert simultaneous.pointwise_level(rows, many(rows), 0.95, rng(), 40_000) == pytest.approx(
        0.95, abs=0.003
    )


def test_copies_of_one_estimate_need_no_more_either() -> None:
    rows = np.random.default_rng(1).normal(size=(30, 1)) * np.ones((1, 7)) * np.arange(1, 8)
    assert simultaneous.pointwise_level(rows, many(rows), 0.95, rng(), 40_000) == pytest.approx(
        0.95, abs=0.003
    )


@pytest.mark.parametrize("level", [0.9, 0.95])
def test_independent_estimates_need_sidaks_level(level: float) -> None:
    rows = np.eye(8)  # each estimate moved by a cluster of its own
    told = simultaneous.pointwise_level(rows, many(rows), level, rng(), 60_000)
    assert told == pytest.approx(level ** (1 / 8), abs=0.0015)


def test_more_clusters_than_estimates_are_drawn_from_their_covariance() -> None:
    """Each estimate's clusters are its own, ten to one: still independent."""
    rows = np.repeat(np.eye(4), 10, axis=0)
    assert simultaneous.pointwise_level(rows, many(rows), 0.95, rng(), 60_000) == pytest.approx(
        0.95 ** (1 / 4), abs=0.002
    )


def test_estimates_that_nothing_moves_do_not_count() -> None:
    rows = np.eye(3)
    wide = np.concatenate([rows, np.zeros((3, 2))], axis=1)
    assert simultaneous.pointwise_level(wide, many(wide), 0.95, rng(), 999) == simultaneous.pointwise_level(
        rows, many(rows), 0.95, rng(), 999
    )
    assert simultaneous.pointwise_level(np.zeros((3, 2)), np.ones(2), 0.95, rng(), 99) == 0.95


def test_the_multiplier_bootstrap_gives_the_root_of_the_sum_of_squares() -> None:
    """With many clusters a draw is normal, its quartiles 1.349 errors apart, and a band of one is an interval."""
    rows = np.random.default_rng(1).normal(size=(400, 1))
    errors, level = simultaneous.multiplier(rows, 0.95, rng(), 40_000)
    assert errors[0] == pytest.approx(np.sqrt((rows**2).sum()), rel=0.02)
    assert level == pytest.approx(0.95, abs=0.005)


def test_multipliers_have_mammens_moments() -> None:
    drawn = simultaneous._mammen(rng(), (400_000, 1))
    assert [np.mean(drawn**k) for k in (1, 2, 3)] == pytest.approx([0, 1, 1], abs=0.02)


def test_the_order_of_clusters_does_not_matter() -> None:
    rows = np.random.default_rng(1).normal(size=(6, 4))
    mixed = rows[np.random.default_rng(2).permutation(6)]
    one, other = (simultaneous.multiplier(r, 0.95, rng(), 99) for r in (rows, mixed))
    np.testing.assert_allclose(one[0], other[0], rtol=1e-12)
    assert one[1] == pytest.approx(other[1], rel=1e-12)
    for few in (rows, rows[:, :2]):
        again = few[np.random.default_rng(2).permutation(6)]
        told = [simultaneous.pointwise_level(r, many(r), 0.95, rng(), 99) for r in (few, again)]
        assert told[0] == pytest.approx(told[1], rel=1e-9)

"""Picking by rank: the same places at another time, ties shared, and who moves up when a unit is gone."""

import numpy as np
import pytest

from toolkit.numerics import ranks


def test_the_same_places() -> None:
    held = ranks.places(np.array([9.0, 2, 7, 4]), np.array([True, False, False, True]))  # first and third
    assert ranks.picked(np.array([1.0, 5, 3, 8]), held) == pytest.approx([0, 0, 1, 1])


def test_a_tie_is_shared() -> None:
    held = ranks.places(np.array([4.0, 3, 2, 1]), np.array([True, True, False, False]))
    assert ranks.picked(np.array([5.0, 2, 2, 2]), held) == pytest.approx([1, 1 / 3, 1 / 3, 1 / 3])


def test_one_of_a_tie_stands_for_the_tie() -> None:
    """One of two equals at the top was chosen: at another time the two at the top count half each."""
    held = ranks.places(np.array([4.0, 4, 2, 1]), np.array([True, False, False, False]))
    assert ranks.picked(np.array([1.0, 2, 3, 4]), held) == pytest.approx([0, 0, 0.5, 0.5])


def test_fewer_units_keep_the_share() -> None:
    held = ranks.places(np.arange(8.0)[::-1], np.arange(8) < 2)
    pick = ranks.picked(np.array([3.0, 2, 1, 0]), held)
    assert pick == pytest.approx([1, 0, 0, 0])
    assert ranks.picked(np.array([3.0, 2, 1]), held).sum() == pytest.approx(3 * 2 / 8)


def test_relative_rates_with_and_without_a_cluster() -> None:
    pick, count, reach = np.array([1.0, 0.5, 0]), np.array([6.0, 4, 2]), np.array([1.0, 2, 3])
    told = ranks.relative(pick, count, reach, np.arange(3))
    assert told == pytest.approx(
        [(8 / 2) / (12 / 6), (2 / 1) / (6 / 5), (6 / 1) / (8 / 4), (8 / 2) / (10 / 3)]
    )


def test_the_next_in_rank_move_up() -> None:
    """Of the first two of four: without either the third comes in, and without the others nothing moves."""
    rate, pick = np.array([10.0, 6, 4, 1]), np.array([1.0, 1, 0, 0])
    gains = np.array([(4 - 8) / 2, (4 - 8) / 2, 0, 0])  # the third for a mean of 8, over two places
    assert ranks.next_in_rank(rate, pick, np.arange(4)) == pytest.approx([0, *(gains - gains.mean())])


def test_carried_is_half_way_between_all_real_and_all_chance() -> None:
    now, then, later = np.array([3.0]), np.array([2.0]), np.array([1.5])
    real, chance = 1 + 0.5 * 2, 1 + 0.5
    assert ranks.carried(now, then, later)[0] - 1 == pytest.approx(((real - 1) * (chance - 1)) ** 0.5)
    assert ranks.carried(then, then, later)[0] == pytest.approx(1.5)


@pytest.mark.parametrize(("now", "then"), [(0.8, 1.5), (1.2, 0.9), (1.0, 1.0)])
def test_where_nothing_stood_out_the_rank_alone_decides(now: float, then: float) -> None:
    assert ranks.carried(np.array([now]), np.array([then]), np.array([1.1]))[0] == pytest.approx(1.1)

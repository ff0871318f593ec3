"""The nearest mix: by hand, and against every support tried in turn."""

import itertools

import numpy as np
import pytest

from toolkit.numerics.simplex import nearest


def by_trying_every_support(columns: np.ndarray, target: np.ndarray, penalty: float) -> np.ndarray:
    """The least loss over all sets of columns, by the equations of Lagrange."""
    best, found = np.inf, None
    number = columns.shape[1]
    for size in range(1, number + 1):
        for chosen in map(list, itertools.combinations(range(number), size)):
            inner = columns[:, chosen].T @ columns[:, chosen] + penalty * np.eye(size)
            edge = np.ones((size, 1))
            system = np.block([[inner, edge], [edge.T, np.zeros((1, 1))]])
            share = np.linalg.solve(system, np.append(columns[:, chosen].T @ target, 1.0))[:size]
            loss = ((columns[:, chosen] @ share - target) ** 2).sum() + penalty * (share**2).sum()
            if (share >= -1e-12).all() and loss < best:
                best, found = loss, np.zeros(number)
                found[chosen] = share
    return found


def test_a_target_on_the_line_between_two():
    columns = np.array([[0.0, 4.0], [0.0, 8.0]])
    assert nearest(columns, np.array([1.0, 2.0])) == pytest.approx([0.75, 0.25], abs=1e-9)


def test_a_target_outside_goes_to_the_nearest_corner():
    columns = np.array([[0.0, 4.0, 1.0], [0.0, 0.0, 3.0]])
    assert nearest(columns, np.array([9.0, -1.0])) == pytest.approx([0, 1, 0], abs=1e-9)


@pytest.mark.parametrize("penalty", [0.0, 0.7, 40.0])
def test_agrees_with_every_support_tried(penalty):
    draw = np.random.default_rng(3)
    for _ in range(12):
        columns, target = draw.normal(size=(7, 5)), draw.normal(size=7)
        found = nearest(columns, target, penalty)
        assert found == pytest.approx(by_trying_every_support(columns, target, penalty), abs=1e-7)
        assert found.sum() == pytest.approx(1, abs=1e-12) and (found >= 0).all()


def test_a_penalty_of_its_own_for_each_share():
    """All columns at the target: the loss is a1 w1^2 + a2 w2^2, least at w1 = a2 / (a1 + a2)."""
    columns, target = np.full((3, 2), 5.0), np.full(3, 5.0)
    assert nearest(columns, target, np.array([1.0, 3.0])) == pytest.approx([0.75, 0.25], abs=1e-9)


def test_a_heavy_penalty_shares_evenly():
    draw = np.random.default_rng(4)
    assert nearest(draw.normal(size=(6, 4)), draw.normal(size=6), 1e9) == pytest.approx([0.25] * 4, abs=1e-6)


def test_where_several_mixes_are_equally_near_the_shares_are_even():
    """Two equal columns, and a target between them and a third."""
    columns = np.array([[0.0, 0.0, 4.0], [0.0, 0.0, 4.0]])
    assert nearest(columns, np.array([1.0, 1.0])) == pytest.approx([0.375, 0.375, 0.25], abs=1e-5)


def test_all_columns_at_the_target():
    assert nearest(np.ones((3, 4)), np.ones(3)) == pytest.approx([0.25] * 4, abs=1e-12)


def test_the_unit_of_the_data_does_not_matter():
    draw = np.random.default_rng(5)
    columns, target = draw.normal(size=(9, 6)), draw.normal(size=9)
    one = nearest(columns, target, 0.3)
    assert nearest(1e6 * columns, 1e6 * target, 0.3e12) == pytest.approx(one, abs=1e-9)
    assert nearest(1e-6 * columns, 1e-6 * target, 0.3e-12) == pytest.approx(one, abs=1e-9)


def test_more_columns_than_rows_meet_a_target_inside():
    draw = np.random.default_rng(6)
    columns = draw.normal(size=(4, 60))
    target = columns @ np.full(60, 1 / 60)
    assert columns @ nearest(columns, target) == pytest.approx(target, abs=1e-4)

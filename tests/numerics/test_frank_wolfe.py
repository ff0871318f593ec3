"""The published search ends near the exact mix, and where it stops early it stops above."""

import numpy as np
import pytest

from toolkit.numerics.frank_wolfe import published
from toolkit.numerics.simplex import nearest


def loss(columns: np.ndarray, target: np.ndarray, ridge: float, share: np.ndarray) -> float:
    return float(((columns @ share - target) ** 2).sum() + ridge * (share @ share))


@pytest.fixture(params=range(6))
def problem(request: pytest.FixtureRequest) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(request.param)
    columns = draw.normal(size=(20, 12)) + draw.normal(size=(20, 1))
    return columns - columns.mean(axis=0), columns[:, :3].mean(axis=1) + 0.3 * draw.normal(size=20)


def test_it_comes_near_the_exact_mix_and_never_below(problem):
    columns, target = problem
    exact = loss(columns, target, 2.0, nearest(columns, target, 2.0))
    found = published(columns, target, 2.0, 1e-8)
    assert exact - 1e-9 <= loss(columns, target, 2.0, found) <= exact * 1.001
    assert found.sum() == pytest.approx(1, abs=1e-9) and (found >= 0).all()


def test_stopping_earlier_leaves_more(problem):
    columns, target = problem
    losses = [loss(columns, target, 2.0, published(columns, target, 2.0, stop)) for stop in (1e3, 1e-2, 1e-8)]
    assert losses == sorted(losses, reverse=True)


def test_two_columns_by_hand():
    """The first step goes all the way to the best point of the line, where the second finds nothing to do."""
    columns = np.array([[1.0, -1.0], [0.0, 0.0]])
    assert published(columns, np.array([0.5, 0.0]), 0.0, 1e-12) == pytest.approx([0.75, 0.25], abs=1e-9)


def test_small_weights_are_dropped_before_it_goes_on():
    """With nothing to gain by moving (every column alike), even weights stay, and are not a quarter of themselves."""
    assert published(np.ones((3, 5)), np.ones(3), 0.0, 1e-12) == pytest.approx([0.2] * 5)

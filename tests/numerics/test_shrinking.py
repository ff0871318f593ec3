"""The path of solutions that shrink to zero: the conditions of Karush, Kuhn and Tucker at and between its bends."""

import numpy as np
import pytest

from toolkit.numerics import shrinking


def problem(seed: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(n, n + 2))
    return root @ root.T, 5 * rng.normal(size=n)


def broken(curve: np.ndarray, pull: np.ndarray, x: np.ndarray) -> float:
    """How far a solution is from being one at some price: those that moved have the highest price."""
    slope = curve @ x + pull
    moved = np.abs(x) > 1e-9
    if not moved.any():
        return 0.0
    price = np.abs(slope[moved]).mean()
    return max(np.abs(slope[moved] + price * np.sign(x[moved])).max(), (np.abs(slope) - price).max())


@pytest.mark.parametrize("n", [1, 2, 5, 11])
@pytest.mark.parametrize("seed", range(5))
def test_every_point_of_the_path_is_a_solution(n: int, seed: int) -> None:
    curve, pull = problem(seed, n)
    bends = shrinking.knots(curve, pull)
    between = (bends[1:] + bends[:-1]) / 2
    assert max(broken(curve, pull, x) for x in np.vstack([bends, between])) < 1e-8


def test_it_runs_from_nothing_to_least_squares() -> None:
    curve, pull = problem(9, 6)
    bends = shrinking.knots(curve, pull)
    assert (bends[0] == 0).all()
    assert bends[-1] == pytest.approx(-np.linalg.solve(curve, pull))


def test_nothing_to_choose_and_nothing_that_pulls() -> None:
    assert shrinking.knots(np.empty((0, 0)), np.empty(0)).shape == (1, 0)
    assert (shrinking.knots(np.eye(3), np.zeros(3)) == 0).all()


def test_one_that_turns_back_passes_through_zero() -> None:
    """Among these problems some coefficients come back to zero and go on with the other sign."""
    turned = 0
    for seed in range(40):
        curve, pull = problem(seed, 4)
        bends = shrinking.knots(curve, pull)
        signs = np.sign(np.where(np.abs(bends) > 1e-9, bends, 0))
        for before, zero, after in zip(signs, signs[1:], signs[2:], strict=False):
            turned += int(((before != 0) & (zero == 0)).any())
            assert not ((before * after < 0) & (zero != 0)).any()
        assert bends[-1] == pytest.approx(-np.linalg.solve(curve, pull))
    assert turned > 0

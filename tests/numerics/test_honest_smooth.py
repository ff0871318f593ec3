"""Fixed-length intervals: the bias by linear programme, the best weights by brute force."""

import numpy as np
import pytest
from scipy import optimize

from toolkit.numerics import folded
from toolkit.numerics.honest_relative import Slopes
from toolkit.numerics.honest_smooth import best, family, half_length, working

from .test_honest_relative import LEVEL, drawn


def chosen(slopes: Slopes, m: float) -> tuple[np.ndarray, float, float]:
    """Weights, bias by bends of at most 1, and half the length."""
    estimator = best(family(slopes, slopes.covariance), slopes.covariance, m, LEVEL)
    error = float(np.sqrt(estimator.weights @ slopes.covariance @ estimator.weights))
    return estimator.weights, estimator.bias, half_length(estimator, error, m, LEVEL, np.inf)


def most_bias(q: np.ndarray, slopes: Slopes) -> float:
    """The most that q'd misses the effect by, with nothing done, over paths d whose bends are at most 1."""
    n = len(q)
    bends = np.diff(np.eye(n), axis=0)
    limit = optimize.linprog(
        -q, A_ub=np.vstack([bends, -bends]), b_ub=np.ones(2 * n - 2), bounds=(None, None)
    )
    return -limit.fun


@pytest.mark.parametrize("m", [0.0, 0.05, 0.3, 2.0])
@pytest.mark.parametrize("weights", [(1.0,), (0.25, 0.25, 0.5), (0.5, -0.5)])
def test_the_bias_is_the_linear_programmes(m: float, weights: tuple[float, ...]) -> None:
    slopes = drawn(0, 5, len(weights), weights)
    q, bias, _ = chosen(slopes, m)
    assert q[5:] == pytest.approx(slopes.weights)
    assert q.sum() == pytest.approx(0, abs=1e-12)  # a straight line drops out
    assert bias == pytest.approx(most_bias(q, slopes), abs=1e-7)


@pytest.mark.parametrize(("seed", "m"), [(0, 0.0), (1, 0.1), (2, 0.1), (3, 0.5)])
def test_no_weights_make_it_shorter(seed: int, m: float) -> None:
    """A search over all weights that let a straight line drop out, from many starts."""
    slopes = drawn(seed, 4, 2, (0.5, 0.5))
    later = np.cumsum(slopes.weights[::-1])[::-1]
    half = chosen(slopes, m)[2]

    def length(x: np.ndarray) -> float:
        sums = np.concatenate([[0.0], x, [later[0]]])
        q = np.append(-np.diff(sums), slopes.weights)
        error = np.sqrt(q @ slopes.covariance @ q)
        bias = m * (np.abs(x).sum() + np.abs(later).sum())
        return float(error * folded.normal(bias / error, LEVEL))

    rng = np.random.default_rng(seed)
    fits = [
        optimize.minimize(
            length, rng.normal(size=3), method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-9}
        )
        for _ in range(2)
    ]
    least = min(fit.fun for fit in fits)
    assert half <= least + 1e-7
    assert half == pytest.approx(least, rel=1e-4)


def test_no_bends_is_generalised_least_squares() -> None:
    """With m = 0 the weights are those of the best straight line through what came before, carried on."""
    slopes = drawn(3, 4, 1)
    q, _, half = chosen(slopes, 0.0)
    inverse = np.linalg.inv(slopes.covariance)
    design = np.column_stack([np.ones(5), np.eye(5)[4]])  # the slope, and the effect in the last change
    effect = np.linalg.solve(design.T @ inverse @ design, design.T @ inverse)[1]
    assert q == pytest.approx(effect, abs=1e-7)
    error = np.sqrt(np.linalg.inv(design.T @ inverse @ design)[1, 1])
    assert half == pytest.approx(1.959963985 * error, abs=1e-7)


def test_with_one_change_before_there_is_no_choice() -> None:
    slopes = drawn(4, 1, 2, (0.0, 1.0))
    q, bias, _ = chosen(slopes, 1.0)
    assert q == pytest.approx([-2.0, 1.0, 1.0])
    assert bias == pytest.approx(3.0)  # |2| + |1|


def test_large_bends_take_the_last_change_only() -> None:
    slopes = drawn(5, 5, 1)
    q, bias, _ = chosen(slopes, 100.0)
    assert q == pytest.approx([0, 0, 0, 0, -1, 1], abs=1e-9)
    assert bias == pytest.approx(1.0)


@pytest.mark.parametrize("alike", [0.0, 0.4, 0.9])
def test_working_covariance_finds_its_own_kind(alike: float) -> None:
    """Differences of an autoregression of order 1, whose months share ``alike`` with the next, come back."""
    n = 7
    lag = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
    steps = np.diff(np.eye(n), axis=0)
    given = 2.5 * steps @ alike**lag @ steps.T
    assert working(given) == pytest.approx(given, abs=1e-12)


def test_working_covariance_can_always_be_inverted() -> None:
    """Even where the estimated one has rank 2, or neighbours that move as no autoregression does."""
    root = np.random.default_rng(0).normal(size=(9, 2))
    for given in (root @ root.T, np.full((9, 9), 1.0), np.eye(9), np.eye(1)):
        assert np.linalg.eigvalsh(working(given)).min() > 0

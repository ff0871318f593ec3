"""Fixed-length intervals for an effect when the trends of two arms may part, but by no sharp bend.

Rambachan and Roth (2023), after Donoho (1994) and Armstrong and Kolesar (2018): with nothing done the slope of the
gap changes by at most m from one period to the next. The estimator is a weighted sum of the changes g_t between
neighbouring event times, q'g, in which the weights add up to zero so that a straight line drops out. Then q'd =
sum_t Q_t (d_t - d_(t-1)) with Q_t = sum_(r >= t) q_r, its bias is at most m sum_t abs(Q_t), and the Q_t from the
start on are given by the effect that is asked for. So the best Q_t before the start are a lasso's: the variance is
a quadratic and the bias a sum of absolute values.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import optimize

from toolkit.numerics import folded, shrinking
from toolkit.numerics.honest_relative import Slopes

_STEPS = 12  # looked at between two bends of the path
_MOST_ALIKE = 0.95  # months nearer to a random walk than this are treated as this


class Estimator(NamedTuple):
    """Weights on the changes between neighbouring event times, and what bends of at most 1 do to their sum."""

    weights: np.ndarray
    bias: float


class _Family(NamedTuple):
    """The estimators of least variance for every bias: weights and bias at the bends of a straight-lined path."""

    weights: np.ndarray  # (bends, P + K)
    bias: np.ndarray  # (bends,)


def family(slopes: Slopes, trusted: np.ndarray) -> _Family:
    """The estimators that are best, for some m, where ``trusted`` is the covariance of the changes."""
    before, w = slopes.before, slopes.weights
    later = np.cumsum(w[::-1])[::-1]  # Q_t from the start on
    fixed = np.concatenate([np.zeros(before), w])
    fixed[before - 1] -= later[0]
    moves = np.zeros((len(fixed), before - 1))  # q_t = Q_t - Q_(t+1)
    moves[1:before] += np.eye(before - 1)
    moves[: before - 1] -= np.eye(before - 1)
    bends = shrinking.knots(moves.T @ trusted @ moves, moves.T @ trusted @ fixed)
    return _Family(fixed + bends @ moves.T, np.abs(later).sum() + np.abs(bends).sum(axis=1))


def best(among: _Family, trusted: np.ndarray, m: float, level: float) -> Estimator:
    """The estimator whose interval would be the shortest if ``trusted`` were the covariance of the changes."""
    last = len(among.bias) - 1

    def length(place: np.ndarray) -> np.ndarray:
        q, bias = _along(among, place)
        error = np.sqrt(np.maximum(np.einsum("ti,ij,tj->t", q, trusted, q), 0.0))
        return error * folded.normal(m * bias / error, level)

    places = np.linspace(0, last, _STEPS * last + 1)
    found = float(places[length(places).argmin()])
    if last:
        near = (max(found - 1 / _STEPS, 0), min(found + 1 / _STEPS, last))
        finer = optimize.minimize_scalar(
            lambda place: float(length(np.array([place]))[0]), bounds=near, method="bounded"
        )
        found = float(finer.x) if finer.fun < length(np.array([found]))[0] else found
    q, bias = _along(among, np.array([found]))
    return Estimator(q[0], float(bias[0]))


def half_length(estimator: Estimator, error: float, m: float, level: float, df: float) -> float:
    """Half the interval's length, with a bias of at most m times the estimator's and an error known to ``df``."""
    return error * folded.student(m * estimator.bias / error, level, df)


def working(covariance: np.ndarray) -> np.ndarray:
    """A covariance of the changes with two numbers only: months that fade into each other, all equally noisy.

    Where clusters are few and event times many the estimated covariance is too rough to choose weights by: they pick
    what looks steady by luck. This one is that of the differences of an autoregression of order 1, whose variance and
    correlation come from the average variance and neighbouring covariance of the changes.
    """
    n = len(covariance)
    variance = float(np.diag(covariance).mean())
    shared = float(np.diag(covariance, 1).mean()) if n > 1 else 0.0
    alike = min(max(1 + 2 * shared / variance, 0.0), _MOST_ALIKE)  # the neighbours share -(1 - alike)/2 of it
    lag = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
    return variance * np.where(lag == 0, 1.0, -(1 - alike) / 2 * alike ** np.maximum(lag - 1, 0))


def _along(among: _Family, place: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights and bias at places on the path, counted in bends."""
    if len(among.bias) == 1:
        return np.repeat(among.weights, len(place), axis=0), np.repeat(among.bias, len(place))
    start = np.minimum(place.astype(int), len(among.bias) - 2)
    share = place - start
    q = among.weights[start] + share[:, None] * (among.weights[start + 1] - among.weights[start])
    return q, among.bias[start] + share * (among.bias[start + 1] - among.bias[start])

"""Weights by the Frank-Wolfe steps that synthetic difference-in-differences was published with, early stop and all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_FIRST, _SECOND = 100, 10_000  # steps before and after the small weights are dropped
_SMALL = 0.25  # of the largest weight


@dataclass(frozen=True, eq=False)
class _Loss:
    """||columns w - target||^2 + ridge ||w||^2, by its inner products."""

    inner: np.ndarray
    against: np.ndarray
    own: float
    ridge: float

    def at(self, weights: np.ndarray, mixed: np.ndarray) -> float:
        """The loss, where ``mixed`` is ``inner @ weights``."""
        square = weights @ mixed - 2 * weights @ self.against + self.own
        return float(square + self.ridge * (weights @ weights))


def published(columns: np.ndarray, target: np.ndarray, ridge: float, decrease: float) -> np.ndarray:
    """Shares as R's synthdid finds them: 100 steps, weights of up to a quarter of the largest dropped, then on.

    Arkhangelsky et al. (2021), their package's ``sc.weight.fw`` with ``sparsify``. The steps end when the loss falls
    by less than ``decrease``, a little before the least loss is reached: `simplex.nearest` finds that.

    Parameters
    ----------
    columns : ndarray, shape (P, N)
        Already freed of their means where there is an intercept.
    target : ndarray, shape (P,)
    ridge, decrease : float
        Of the sum of squares over P.

    Returns
    -------
    ndarray, shape (N,)
    """
    loss = _Loss(columns.T @ columns, columns.T @ target, float(target @ target), ridge)
    number = columns.shape[1]
    first = _steps(loss, np.full(number, 1 / number), decrease, _FIRST)
    kept = np.where(first <= first.max() * _SMALL, 0.0, first)
    return _steps(loss, kept / kept.sum(), decrease, _SECOND)


def _steps(loss: _Loss, weights: np.ndarray, decrease: float, most: int) -> np.ndarray:
    weights, mixed = weights.copy(), loss.inner @ weights
    last = np.inf
    for step in range(most):
        weights, mixed = _step(loss, weights, mixed)
        now = loss.at(weights, mixed)
        if step > 0 and last - now <= decrease:
            break
        last = now
    return weights


def _step(loss: _Loss, weights: np.ndarray, mixed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Towards the one column that lowers the loss fastest, as far as it does."""
    slope = mixed - loss.against + loss.ridge * weights
    best = int(slope.argmin())
    move = -weights
    move[best] += 1.0
    bend = loss.inner[best, best] - 2 * mixed[best] + weights @ mixed + loss.ridge * (move @ move)
    if bend <= 0:
        return weights, mixed
    length = min(1.0, max(0.0, float(-(slope @ move) / bend)))
    return weights + length * move, mixed + length * (loss.inner[best] - mixed)

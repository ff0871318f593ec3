"""Weights by the Frank-Wolfe steps that synthetic difference-in-differences was published with, early stop and all."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

_FIRST, _SECOND = 100, 10_000  # steps before and after the small weights are dropped
_SMALL = 0.25  # of the largest weight


class _Loss(NamedTuple):
    """w'inner w - 2 w'against + own."""

    inner: np.ndarray
    against: np.ndarray
    own: float


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
    number = columns.shape[1]
    inner = columns.T @ columns + ridge * np.eye(number)
    loss = _Loss(inner, columns.T @ target, float(target @ target))
    first = _steps(loss, np.full(number, 1 / number), decrease, _FIRST)
    kept = np.where(first <= first.max() * _SMALL, 0.0, first)
    return _steps(loss, kept / kept.sum(), decrease, _SECOND)


def _steps(loss: _Loss, start: np.ndarray, decrease: float, most: int) -> np.ndarray:
    """Each step goes towards the one column that lowers the loss fastest, as far as it does."""
    inner, against, own = loss
    weights, slope, last = start.copy(), inner @ start - against, np.inf
    for step in range(most):
        best = int(slope.argmin())
        downhill, with_target = float(weights @ slope), float(weights @ against)
        bend = inner[best, best] - 2 * (slope[best] + against[best]) + downhill + with_target
        if bend > 0:
            length = min(1.0, max(0.0, (downhill - float(slope[best])) / float(bend)))
            weights *= 1 - length
            weights[best] += length
            slope += length * (inner[best] - against - slope)
        now = float(weights @ slope - weights @ against) + own
        if step > 0 and last - now <= decrease:
            break
        last = now
    return weights

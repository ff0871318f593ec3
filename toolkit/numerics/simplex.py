"""The mix of columns nearest to a target: shares of zero or more that sum to one, found exactly."""

from __future__ import annotations

import numpy as np
from scipy.optimize import nnls

_TINY = 1e-12  # of the mean squared distance: picks one mix where several are equally near


def nearest(columns: np.ndarray, target: np.ndarray, penalty: np.ndarray | float = 0.0) -> np.ndarray:
    """Shares w that minimise ||columns w - target||^2 + sum penalty w^2.

    For shares that sum to one the distance is ||D w|| with D the columns less the target, and the problem is one of
    non-negative least squares (Lawson and Hanson 1974, chapter 23): minimise ||D u||^2 + (1'u - 1)^2 over u >= 0.
    Along w the best length is u = w / (1 + ||D w||^2), which leaves ||D w||^2 / (1 + ||D w||^2): least where ||D w||
    is.

    Parameters
    ----------
    columns : ndarray, shape (P, N)
    target : ndarray, shape (P,)
    penalty : ndarray, shape (N,), or float
        On the square of each share; 0 or more.

    Returns
    -------
    ndarray, shape (N,)
    """
    number = columns.shape[1]
    away = columns - target[:, None]
    penalty = np.broadcast_to(np.asarray(penalty, dtype=float), (number,))
    size = float((away**2).sum(axis=0).mean() + penalty.mean())
    if size == 0:
        return np.full(number, 1 / number)
    rows = np.vstack([away / np.sqrt(size), np.diag(np.sqrt(penalty / size + _TINY)), np.ones((1, number))])
    wanted = np.append(np.zeros(len(rows) - 1), 1.0)
    found = nnls(rows, wanted, maxiter=100 * number)[0]
    return np.asarray(found / found.sum())

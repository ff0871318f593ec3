"""The probability of being treated, by logistic regression; the search for the maximum is SciPy's."""

from __future__ import annotations

import numpy as np
from scipy import special

from toolkit.numerics import convex
from toolkit.validate import DesignError

_LOOSE = 1e-6  # of the mean gradient, on columns scaled to variance 1: what rounding may leave
_SAME = 1e-9  # a column this near to a sum of others adds nothing


def independent(columns: np.ndarray) -> np.ndarray:
    """Which columns say something that a constant and the columns before them do not, as a bool array."""
    centred = columns - columns.mean(axis=0)
    length = np.linalg.norm(centred, axis=0)
    keep = length > _SAME * np.maximum(np.linalg.norm(columns, axis=0), 1e-300)
    base = np.empty((len(columns), 0))
    for k in np.flatnonzero(keep):
        bare = centred[:, k] / length[k]
        for _ in range(2):  # twice is enough against rounding (Giraud and others 2005)
            bare = bare - base @ (base.T @ bare)
        left = np.linalg.norm(bare)
        keep[k] = left > _SAME
        if keep[k]:
            base = np.column_stack([base, bare / left])
    return keep


def fit(columns: np.ndarray, treated: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Coefficients, the constant first, of the weighted maximum likelihood fit; columns must be independent.

    Where the columns separate the arms the likelihood has no maximum: the coefficients then stop where the
    gradient is as near to zero as asked, and fitted probabilities are near 0 or 1.
    """
    middle, spread = columns.mean(axis=0), columns.std(axis=0)
    rows = np.column_stack([np.ones(len(columns)), (columns - middle) / spread])
    share = weight / weight.sum()
    scaled = _maximum(rows, treated.astype(float), share)
    slopes = scaled[1:] / spread
    return np.concatenate([[scaled[0] - slopes @ middle], slopes])


def _maximum(rows: np.ndarray, y: np.ndarray, share: np.ndarray) -> np.ndarray:
    def loss(coef: np.ndarray) -> float:
        linear = rows @ coef
        return float(share @ (np.logaddexp(0, linear) - y * linear))

    def gradient(coef: np.ndarray) -> np.ndarray:
        return rows.T @ (share * (special.expit(rows @ coef) - y))

    def curvature(coef: np.ndarray) -> np.ndarray:
        p = special.expit(rows @ coef)
        return (rows * (share * p * (1 - p))[:, None]).T @ rows

    start = np.zeros(rows.shape[1])
    start[0] = special.logit(share @ y)
    found = convex.least(loss, gradient, curvature, start)
    if np.abs(gradient(found)).max() > _LOOSE:
        raise DesignError("The propensity score could not be fitted: name fewer covariates.")
    return found


def linear(columns: np.ndarray, coef: np.ndarray) -> np.ndarray:
    """The log odds of being treated."""
    return coef[0] + columns @ coef[1:]

"""The probability of being treated, by logistic regression; the search for the maximum is SciPy's."""

from __future__ import annotations

import numpy as np
from scipy import special

from toolkit.numerics import convex, units
from toolkit.validate import DesignError

_LOOSE = 1e-6  # of the mean gradient, on columns scaled to variance 1: what rounding may leave
_SAME = 1e-9  # a column this near to a sum of others adds nothing
_CONSTANT = 1e-2  # a column of whose spread rounding may have made so much does not vary
_ROUNDED = 4 * float(
    np.finfo(float).eps
)  # of a number: what writing it down may have changed, and adding them up


def independent(columns: np.ndarray) -> np.ndarray:
    """Which columns say something that a constant and the columns before them do not, as a bool array."""
    near = columns / units.of(columns)
    centred = near - near.mean(axis=0)
    length = np.linalg.norm(centred, axis=0)
    blur = (
        _ROUNDED * np.linalg.norm(near, axis=0) / np.maximum(length, 1e-300)
    )  # of age + 1e12, say, a little
    keep, tolerated = (length > 1e-300) & (blur < _CONSTANT), _SAME
    base = np.empty((len(columns), 0))
    for k in np.flatnonzero(keep):
        bare = centred[:, k] / length[k]
        for _ in range(2):  # twice is enough against rounding (Giraud and others 2005)
            bare = bare - base @ (base.T @ bare)
        left, tolerated = np.linalg.norm(bare), max(tolerated, 2 * blur[k])
        keep[k] = left > tolerated
        if keep[k]:
            base = np.column_stack([base, bare / left])
    return keep


def fit(columns: np.ndarray, treated: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Coefficients, the constant first, of the weighted maximum likelihood fit; columns must be independent.

    Where the columns separate the arms the likelihood has no maximum: the coefficients then stop where the
    gradient is as near to zero as asked, and fitted probabilities are near 0 or 1.
    """
    standard, middle, spread = standardised(columns)
    rows = np.column_stack([np.ones(len(columns)), standard])
    share = weight / weight.sum()
    scaled = _maximum(rows, treated.astype(float), share)
    slopes = scaled[1:] / spread
    return np.concatenate([[scaled[0] - slopes @ middle], slopes])


def standardised(columns: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Columns in standard deviations from their means, with those means and standard deviations."""
    unit = units.of(columns)
    middle, spread = columns.mean(axis=0), (columns / unit).std(axis=0) * unit
    return (columns - middle) / spread, middle, spread


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

"""Where a smooth convex function is least, by SciPy: a search for the least value, then for where the slope is zero."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import optimize

Slope = Callable[[np.ndarray], np.ndarray]
_TIGHT = 1e-10  # of the slope, for functions scaled so that 1 is steep
_NEAR = 1e-3  # a slope still steeper than this after so many steps will not end at zero
_STEPS = 100


def least(
    loss: Callable[[np.ndarray], float], gradient: Slope, curvature: Slope, start: np.ndarray
) -> np.ndarray:
    """The place of least loss: a trust-region Newton search, then Powell's hybrid method on the gradient.

    Near the end a smaller loss is lost in rounding (a slope of 1e-8 is worth 1e-16 of loss), and a smaller slope
    is not. Where there is no least value, the search goes on until the slope is as near to zero as asked.
    """
    found = optimize.minimize(
        loss,
        start,
        jac=gradient,
        hess=curvature,
        method="trust-exact",
        options={"gtol": _TIGHT, "maxiter": _STEPS},
    ).x
    if not _TIGHT < np.abs(gradient(found)).max(initial=0) < _NEAR:
        return found
    nearer = optimize.root(gradient, found, jac=curvature, method="hybr", options={"xtol": 1e-14}).x
    better = np.abs(gradient(nearer)).max() < np.abs(gradient(found)).max()
    return nearer if better else found

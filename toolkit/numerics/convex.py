"""Where a smooth convex function is least, by SciPy: a search for the least value, then for where the slope is zero."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import optimize

Slope = Callable[[np.ndarray], np.ndarray]
_TIGHT = 1e-11  # of the slope, for functions scaled so that 1 is steep
_NEAR = 1e-3  # a slope still steeper than this after the search will not end at zero


def least(
    loss: Callable[[np.ndarray], float], gradient: Slope, curvature: Slope, start: np.ndarray
) -> np.ndarray:
    """The place of least loss: L-BFGS-B, then Powell's hybrid method on the gradient.

    Near the end a smaller loss is lost in rounding (a slope of 1e-8 is worth 1e-16 of loss), and a smaller slope
    is not. Where there is no least value, the search ends where the slope is near to zero or the steps are used up.
    """
    if not start.size:
        return start
    options: dict[str, float] = {"ftol": 1e-15, "gtol": 1e-9, "maxiter": 300}
    found = optimize.minimize(loss, start, jac=gradient, method="L-BFGS-B", options=options).x  # type: ignore[call-overload]
    if not _TIGHT < np.abs(gradient(found)).max() < _NEAR:
        return found
    nearer = optimize.root(gradient, found, jac=curvature, method="hybr", options={"xtol": 1e-14}).x
    better = np.abs(gradient(nearer)).max() < np.abs(gradient(found)).max()
    return nearer if better else found

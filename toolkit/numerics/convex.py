"""Where a smooth convex function is least, by SciPy: where the slope is zero, or else a search for the least value."""

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
    """The place of least loss: Powell's hybrid method on the gradient, and where that fails L-BFGS-B, then it again.

    Near the end a smaller loss is lost in rounding (a slope of 1e-8 is worth 1e-16 of loss), and a smaller slope
    is not. Where there is no least value, the search ends where the slope is near to zero or the steps are used up.
    L-BFGS-B comes second because its steps wait for the linear algebra library's threads, which a bootstrap feels.
    """
    if not start.size:
        return start
    found = _flat(gradient, curvature, start)
    if _slope(gradient, found) <= _TIGHT:
        return found
    options: dict[str, float] = {"ftol": 1e-15, "gtol": 1e-9, "maxiter": 300}
    found = optimize.minimize(loss, start, jac=gradient, method="L-BFGS-B", options=options).x  # type: ignore[call-overload]
    if not _TIGHT < _slope(gradient, found) < _NEAR:
        return found
    nearer = _flat(gradient, curvature, found)
    return nearer if _slope(gradient, nearer) < _slope(gradient, found) else found


def _flat(gradient: Slope, curvature: Slope, start: np.ndarray) -> np.ndarray:
    """Where Powell's hybrid method ends on its way to a slope of zero."""
    return np.asarray(optimize.root(gradient, start, jac=curvature, method="hybr", options={"xtol": 1e-14}).x)


def _slope(gradient: Slope, place: np.ndarray) -> float:
    """The steepest slope in any direction; infinite where it is not a number."""
    steepest = float(np.abs(gradient(place)).max())
    return steepest if np.isfinite(steepest) else np.inf

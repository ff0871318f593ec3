"""How far from zero a shifted normal or Student variable lies: quantiles of its absolute value."""

from __future__ import annotations

import math

import numpy as np
from scipy import optimize, special

_FAR = 8.0  # standard errors: beyond, the far side has no part in it
_MOST_STEPS, _CLOSE = 20, 1e-11


def normal(shift: np.ndarray, level: float) -> np.ndarray:
    """The quantile of abs(Z + shift), elementwise, by Newton's method; ``shift`` at least zero."""
    two, one = special.ndtri(0.5 + level / 2), special.ndtri(level)
    reach = np.maximum(shift + one, two)  # below neither of these, and near one of them
    near = shift < _FAR
    for _ in range(_MOST_STEPS):
        right, left = reach - shift, -reach - shift
        over = special.ndtr(right) - special.ndtr(left) - level
        density = (np.exp(-(right**2) / 2) + np.exp(-(left**2) / 2)) / math.sqrt(2 * math.pi)
        step = np.where(near, over / density, 0.0)
        reach = reach - step
        if np.abs(step).max(initial=0.0) < _CLOSE:
            break
    return reach


def student(shift: float, level: float, df: float) -> float:
    """The quantile of abs(T + shift) of Student's T; ``df`` may be infinite (normal), ``shift`` is at least zero."""
    normal_law = math.isinf(df)
    two, one = (
        float(special.ndtri(p) if normal_law else special.stdtrit(df, p)) for p in (0.5 + level / 2, level)
    )
    low, high = max(shift + one, two), shift + two

    def over(c: float) -> float:
        right, left = c - shift, -c - shift
        if normal_law:
            return float(special.ndtr(right) - special.ndtr(left)) - level
        return float(special.stdtr(df, right) - special.stdtr(df, left)) - level

    if over(low) >= 0 or over(high) <= 0:  # nearly equal: no shift, or one so large that rounding decides
        return low
    return float(optimize.brentq(over, low, high, xtol=1e-12))

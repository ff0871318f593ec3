"""How far from zero a shifted normal or Student variable lies: quantiles of its absolute value."""

from __future__ import annotations

import math

import numpy as np
from scipy import optimize, special, stats

_FAR = 8.0  # standard errors: beyond, the far side has no part in it


def normal(shift: np.ndarray, level: float) -> np.ndarray:
    """The quantile of abs(Z + shift), elementwise, by Newton's method; ``shift`` at least zero."""
    two, one = special.ndtri(0.5 + level / 2), special.ndtri(level)
    reach = np.maximum(shift + one, two)  # below neither of these, and near one of them
    near = shift < _FAR
    for _ in range(12):
        right, left = reach - shift, -reach - shift
        over = special.ndtr(right) - special.ndtr(left) - level
        density = (np.exp(-(right**2) / 2) + np.exp(-(left**2) / 2)) / math.sqrt(2 * math.pi)
        reach = np.where(near, reach - over / density, reach)
    return reach


def student(shift: float, level: float, df: float) -> float:
    """The quantile of abs(T + shift) of Student's T; ``df`` may be infinite (normal), ``shift`` is at least zero."""
    law = stats.t(df)
    two, one = (float(law.ppf(part)) for part in (0.5 + level / 2, level))
    low, high = max(shift + one, two), shift + two

    def over(c: float) -> float:
        return float(law.cdf(c - shift) - law.cdf(-c - shift)) - level

    if over(low) >= 0 or over(high) <= 0:  # nearly equal: no shift, or one so large that rounding decides
        return low
    return float(optimize.brentq(over, low, high, xtol=1e-12))

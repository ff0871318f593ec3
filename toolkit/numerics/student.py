"""Intervals and p-values from a centre, its standard error and its degrees of freedom."""

from __future__ import annotations

import math

import numpy as np
from scipy import stats


def interval(centre: float, error: float, df: float, level: float) -> tuple[float, float]:
    """Two-sided interval; infinite where there is no standard error. ``df`` may be infinite (normal)."""
    if not (math.isfinite(centre) and math.isfinite(error) and df > 0):
        return -math.inf, math.inf
    reach = float(stats.t.ppf(0.5 + level / 2, df)) * error
    return centre - reach, centre + reach


def two_sided(centre: float, error: float, df: float) -> float:
    """Two-sided p-value of a centre of zero; 1 where both are exactly zero, NaN where there is no error."""
    if not (math.isfinite(centre) and math.isfinite(error) and df > 0):
        return math.nan
    if error == 0:
        return 1.0 if centre == 0 else 0.0
    return float(2 * stats.t.sf(abs(centre) / error, df))


def mean(values: np.ndarray) -> tuple[float, float]:
    """The mean of at least two numbers and its standard error, to the last bit the same in whichever order."""
    n = len(values)
    centre = math.fsum(values) / n
    return centre, math.sqrt(math.fsum((values - centre) ** 2) / (n - 1) / n)

"""Standardised effect sizes for pairs, each with its interval."""

from __future__ import annotations

import math

import numpy as np
from scipy import special, stats

_PRIOR_PAIRS = 5  # weight of the variance that ties the score interval down where the jackknife sees none


def hedges(df: float) -> float:
    """Hedges' (1981) factor, which takes the small-sample bias out of a standardised mean; ``df`` above 1."""
    return math.exp(math.lgamma(df / 2) - math.lgamma((df - 1) / 2)) / math.sqrt(df / 2)


def noncentral(t: float, df: float, level: float) -> tuple[float, float]:
    """The noncentralities of Student's t that a statistic of ``t`` does not rule out."""
    tail, size = (1 - level) / 2, abs(t)
    near = float(special.nctdtrinc(df, 1 - tail, size))
    far = float(special.nctdtrinc(df, tail, size))
    return (near, far) if t >= 0 else (-far, -near)


def rank_biserial(changes: np.ndarray, level: float) -> tuple[float, float, float]:
    """The share of the rank sum that is up less the share that is down (Kerby 2014), among those who changed.

    The interval is a score interval (Wilson's, on the scale from -1 to 1): the r for which
    (estimate - r)^2 <= z^2 v (1 - r^2). Its v is the jackknife's variance over 1 - estimate^2, mixed with five pairs'
    worth of the variance that r has where up and down are as likely. Unlike Fisher's z with that variance
    alone it keeps its level far from 0, and it has an answer where all went one way.

    Parameters
    ----------
    changes : ndarray
        With at least one that is not zero.
    level : float
    """
    moved = changes[changes != 0]
    n = len(moved)
    ordered = np.sort(moved)
    below, to_here = (np.searchsorted(ordered, -moved, side) for side in ("left", "right"))
    of_one = (
        n - to_here
    ) - below  # each change added to every other: how many sums are up, less how many are down
    total = (of_one.sum() + np.sign(moved).sum()) / 2
    value = total / (n * (n + 1) / 2)
    chance = 2 * (2 * n + 1) / (3 * n * (n + 1))
    spread = _deleted_variance(total, of_one, n) / (1 - value**2) if abs(value) < 1 else 0.0
    weight = n / (n + _PRIOR_PAIRS) if abs(value) < 1 else 0.0
    variance = weight * spread + (1 - weight) * chance
    k = float(stats.norm.ppf(0.5 + level / 2)) ** 2 * variance
    reach = math.sqrt(k * (1 - value**2) + k**2) / (1 + k)
    return float(value), max(-1.0, value / (1 + k) - reach), min(1.0, value / (1 + k) + reach)


def _deleted_variance(total: float, of_one: np.ndarray, n: int) -> float:
    """The delete-one jackknife variance of the mean sign of all pairwise sums."""
    if n < 2:
        return 0.0
    without = (total - of_one) / (n * (n - 1) / 2)
    return float((n - 1) / n * ((without - without.mean()) ** 2).sum())

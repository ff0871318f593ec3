"""Rosenbaum's bounds on p-values of matched pairs, where an unmeasured reason tilts who in a pair was treated."""

from __future__ import annotations

import math

import numpy as np
from scipy import stats


def discordant(first: int, second: int, gamma: float) -> tuple[float, float]:
    """One-sided p-values of McNemar's exact test, lowest and highest, in the direction of the larger count.

    Parameters
    ----------
    first, second : int
        Pairs in which only the treated person, and only the comparison person, had the event.
    gamma : float
        The odds that one person of a pair rather than the other was treated are at most this.
    """
    pairs, most = first + second, max(first, second)
    low, high = (float(stats.binom.sf(most - 1, pairs, chance)) for chance in _chances(gamma))
    return low, high


def signed_rank(gaps: np.ndarray, gamma: float) -> tuple[float, float]:
    """One-sided p-values of Wilcoxon's signed-rank test, by its large-sample distribution, in the direction found.

    Parameters
    ----------
    gaps : ndarray, shape (n,)
        Treated less comparison. Tied pairs share their ranks; pairs without a gap are ranked and then say nothing, as
        in Rosenbaum (2002).
    gamma : float
    """
    if not gaps.any():
        return 1.0, 1.0
    ranks = stats.rankdata(np.abs(gaps)) * (gaps != 0)
    total, squares = ranks.sum(), ranks @ ranks
    found = max(ranks[gaps > 0].sum(), ranks[gaps < 0].sum())
    low, high = (
        float(stats.norm.sf((found - chance * total) / math.sqrt(chance * (1 - chance) * squares)))
        for chance in _chances(gamma)
    )
    return low, high


def _chances(gamma: float) -> tuple[float, float]:
    """The least and the greatest chance that a given person of a pair was the treated one."""
    return 1 / (1 + gamma), gamma / (1 + gamma)

"""Rosenbaum's bounds on p-values of matched pairs, where an unmeasured reason tilts who in a pair was treated."""

from __future__ import annotations

import math

import numpy as np
from scipy import stats

from toolkit.numerics import signed_rank as ranks


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


def signed_rank(gaps: np.ndarray, gamma: float, exact: bool | None = None) -> tuple[float, float]:
    """One-sided p-values of Wilcoxon's signed-rank test, lowest and highest, in the direction found.

    Parameters
    ----------
    gaps : ndarray, shape (n,)
        Treated less comparison. Tied pairs share their ranks; pairs without a gap are ranked and then say nothing, as
        in Rosenbaum (2002) and Pratt (1959).
    gamma : float
    exact : bool, optional
        By counting the signings, each as likely as gamma makes it; else by the normal approximation with continuity
        correction. If not given, as :mod:`signed_rank` does: counted for fewer than 50 pairs.
    """
    rank, sign = ranks.ranks(gaps)
    if not len(rank):
        return 1.0, 1.0
    found = max(float(rank[sign > 0].sum()), float(rank[sign < 0].sum()))
    counted = len(gaps) < ranks.EXACT_BELOW if exact is None else exact
    low, high = ((_counted if counted else _normal)(rank, found, chance) for chance in _chances(gamma))
    return low, high


def _counted(rank: np.ndarray, found: float, chance: float) -> float:
    ways = ranks.signings(np.round(2 * rank).astype(int), chance)  # tied ranks are whole or half
    return min(1.0, float(ways[round(2 * found) :].sum()))


def _normal(rank: np.ndarray, found: float, chance: float) -> float:
    spread = math.sqrt(chance * (1 - chance) * float(rank @ rank))
    gap = found - chance * float(rank.sum()) - 0.5
    if spread == 0:  # a gamma so large that each pair's direction is certain
        return 1.0 if gap <= 0 else 0.0
    return float(stats.norm.sf(gap / spread))


def _chances(gamma: float) -> tuple[float, float]:
    """The least and the greatest chance that a given person of a pair was the treated one."""
    return 1 / (1 + gamma), gamma / (1 + gamma)

"""Wilcoxon's signed ranks: their exact distribution given ties and zeros, and the shifts that they do not rule out."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy import stats

from toolkit.numerics import ties

EXACT_BELOW = 50  # pairs; from here on the normal approximation with continuity correction


def ranks(changes: np.ndarray, grain: float | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Mid-ranks of the absolute changes, zeros ranked too and then left out (Pratt 1959), and the signs that remain.

    Sizes that agree to within a grain are ties, and what is smaller than one is zero: see :func:`ties.settled`.
    """
    sizes = np.abs(ties.settled(changes, grain))
    rank = stats.rankdata(sizes)
    moved = sizes != 0
    return rank[moved], np.sign(changes[moved])


def upper_tail(changes: np.ndarray, exact: bool, grain: float | None = None) -> float:
    """The chance of a sum of positive ranks at least as large, if each change were as likely up as down.

    Parameters
    ----------
    changes : ndarray, shape (n,)
    exact : bool
        By counting all 2^m ways to sign the ranks of the m that changed; else by the normal approximation
        with the variance that the ties leave and a continuity correction of one half.
    grain : float, optional
        As for :func:`ranks`.
    """
    rank, sign = ranks(changes, grain)
    if not len(rank):
        return 1.0
    positive = float(rank[sign > 0].sum())
    if exact:
        doubled = np.round(2 * rank).astype(int)
        ways = signings(doubled)
        return float(ways[round(2 * positive) :].sum())
    spread = math.sqrt((rank**2).sum()) / 2
    return float(stats.norm.sf((positive - rank.sum() / 2 - 0.5) / spread))


def signings(whole_ranks: np.ndarray, kept_with: float = 0.5) -> np.ndarray:
    """The chance of each sum 0, 1, 2, ... of whole ranks that a coin, fair or not, keeps or drops, by convolution."""
    chance = np.zeros(int(whole_ranks.sum()) + 1)
    chance[0] = 1.0
    top = 0
    for rank in np.sort(whole_ranks):
        top += int(rank)
        kept = chance[: top - rank + 1].copy()
        chance[: top + 1] *= 1 - kept_with
        chance[rank : top + 1] += kept_with * kept
    return chance


def two_sided(changes: np.ndarray, exact: bool, grain: float | None = None) -> float:
    """Twice the smaller tail, at most 1."""
    return min(1.0, 2 * min(upper_tail(changes, exact, grain), upper_tail(-changes, exact, grain)))


def pairwise_means(changes: np.ndarray, grain: float | None = None) -> np.ndarray:
    """The means of all pairs of changes, each with itself too (Walsh averages), in order; equal where they tie."""
    rows = [changes[first:] + changes[first] for first in range(len(changes))]
    return ties.settled(np.sort(np.concatenate(rows) / 2), grain)


def interval(
    changes: np.ndarray, means: np.ndarray, level: float, exact: bool, grain: float | None = None
) -> tuple[float, float]:
    """The span of the pairwise means that the two-sided test does not rule out as shifts.

    Between two neighbouring pairwise means the ranks do not change, so the test is asked once between each. The
    ends are pairwise means, or infinite where no shift is far enough to be ruled out. Where changes come in steps
    many pairwise means fall on one number: such an end belongs to the interval only if the test does not
    rule out that number itself, so that 0 lies in the interval just where its p-value is above 1 - level. But the
    interval always holds the median of the pairwise means, even where steps are so coarse that the test rules that out.

    Parameters
    ----------
    changes : ndarray, shape (n,)
    means : ndarray
        From :func:`pairwise_means`.
    level : float
    exact, grain
        As for :func:`upper_tail`; the grain of the changes is that of their shifts too.
    """
    tail = (1 - level) / 2
    grain = ties.SHARE * float(np.abs(changes).max()) if grain is None else grain
    low, high = (
        _lowest(side, ends, tail, exact, grain) for side, ends in ((changes, means), (-changes, -means[::-1]))
    )
    return low, 0.0 - high


def _lowest(changes: np.ndarray, means: np.ndarray, tail: float, exact: bool, grain: float) -> float:
    """The lowest shift that is not too low: its upper tail is above ``tail``."""
    ends, times = np.unique(means, return_counts=True)
    between = np.concatenate([[ends[0] - 1], (ends[1:] + ends[:-1]) / 2, [ends[-1] + 1]])

    def kept(shift: float) -> bool:
        return upper_tail(changes - shift, exact, grain) > tail

    place = _first(lambda i: kept(between[i]), len(between))
    if place == 0:
        return -math.inf
    stepped = times[place - 1] > 1 or ends[place - 1] == 0
    if stepped and place < len(ends) and ends[place] <= np.median(means) and not kept(ends[place - 1]):
        place += 1
    return float(ends[place - 1])


def _first(holds: Callable[[int], bool], number: int) -> int:
    """The first of 0, 1, ..., number - 1 at which it holds, where it holds from there on."""
    low, high = 0, number - 1
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low

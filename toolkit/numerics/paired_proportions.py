"""Yes or no, twice: McNemar's test, Newcombe's interval for the difference, and the odds of a change either way."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy import optimize, stats


class Table(NamedTuple):
    """Pairs by what they were before and after: yes and yes, yes then no, no then yes, no and no."""

    both: int
    lost: int
    gained: int
    neither: int

    @property
    def pairs(self) -> int:
        """How many pairs there are."""
        return sum(self)


def table(before: np.ndarray, after: np.ndarray) -> Table:
    """The four counts, from two arrays of 0 and 1."""
    cells = np.bincount((2 * before + after).astype(int), minlength=4)
    neither, gained, lost, both = (int(cell) for cell in cells)
    return Table(both, lost, gained, neither)


def mcnemar(counts: Table, mid_p: bool) -> float:
    """McNemar's exact p-value, two-sided: of those who changed, is each way as likely? Or its mid-p version.

    Mid-p counts half of the chance of the table seen (Fagerland, Lydersen and Laake 2013, equation 3).
    """
    fewer, changed = min(counts.gained, counts.lost), counts.gained + counts.lost
    whole = 2 * float(stats.binom.cdf(fewer, changed, 0.5))
    return min(1.0, whole) if not mid_p else min(1.0, whole - float(stats.binom.pmf(fewer, changed, 0.5)))


def newcombe(counts: Table, level: float) -> tuple[float, float]:
    """Interval of the difference in proportions, after less before: method 10 of Newcombe (1998).

    It squares and adds the distances from each proportion to the ends of its own Wilson interval, less what the
    correlation phi between before and after takes off; phi with his correction for continuity.
    """
    n = counts.pairs
    before, after = (counts.both + counts.lost) / n, (counts.both + counts.gained) / n
    low_before, high_before = wilson(before, n, level)
    low_after, high_after = wilson(after, n, level)
    phi = _phi(counts)
    down = _joined(after - low_after, high_before - before, phi)
    up = _joined(high_after - after, before - low_before, phi)
    return after - before - down, after - before + up


def wilson(share: float, n: float, level: float) -> tuple[float, float]:
    """Wilson's score interval of a proportion."""
    z = float(stats.norm.ppf(0.5 + level / 2))
    middle, reach = share + z**2 / (2 * n), z * math.sqrt(share * (1 - share) / n + (z / (2 * n)) ** 2)
    low, high = (middle - reach) / (1 + z**2 / n), (middle + reach) / (1 + z**2 / n)
    return (0.0 if share == 0 else low), (1.0 if share == 1 else high)


def _phi(counts: Table) -> float:
    """The correlation of before and after, shrunk by n / 2 where it is positive (Newcombe's correction)."""
    e, f, g, h = counts
    product = (e + f) * (g + h) * (e + g) * (f + h)
    if not product:
        return 0.0
    cross = e * h - f * g
    return (max(cross - counts.pairs / 2, 0.0) if cross > 0 else cross) / math.sqrt(product)


def _joined(one: float, other: float, phi: float) -> float:
    return math.sqrt(max(one**2 - 2 * phi * one * other + other**2, 0.0))


def std_error(counts: Table) -> float:
    """The standard error of the difference in proportions, as estimated without any null hypothesis."""
    changed, gap, n = counts.gained + counts.lost, counts.gained - counts.lost, counts.pairs
    return math.sqrt(max(changed - gap**2 / n, 0.0)) / n


def odds_ratio(counts: Table, level: float, mid_p: bool) -> tuple[float, float, float]:
    """Those who went from no to yes for each who went from yes to no, with the interval that matches McNemar's p.

    The exact interval is Clopper and Pearson's for the share of changes that were from no to yes, as odds; the
    mid-p interval inverts the mid-p test.
    """
    up, changed = counts.gained, counts.gained + counts.lost
    tail = (1 - level) / 2
    value = up / counts.lost if counts.lost else math.inf
    if mid_p:
        low = _solved(lambda share: _mid_tail(up, changed, share) - tail) if up else 0.0
        high = (
            1 - _solved(lambda share: _mid_tail(changed - up, changed, share) - tail) if up < changed else 1.0
        )
    else:
        low = float(stats.beta.ppf(tail, up, changed - up + 1)) if up else 0.0
        high = float(stats.beta.ppf(1 - tail, up + 1, changed - up)) if up < changed else 1.0
    return value, low / (1 - low), high / (1 - high) if high < 1 else math.inf


def _mid_tail(seen: int, of: int, share: float) -> float:
    """The chance of more than were seen, and half that of as many."""
    return float(stats.binom.sf(seen, of, share) + 0.5 * stats.binom.pmf(seen, of, share))


def _solved(gap: Callable[[float], float]) -> float:
    return float(optimize.brentq(gap, 1e-12, 1 - 1e-12, xtol=1e-14, rtol=1e-12))

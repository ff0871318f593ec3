"""Two Poisson counts: p-values and intervals of the ratio of their rates, conditional on the total or not."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy import optimize, special, stats

_TIE = 1e-9  # relative: statistics that are equal on paper differ by rounding in the machine
_FEW, _FINE, _COARSE = (
    50,
    40,
    3,
)  # below so many incidents on a side, the E-test's interval is sought in finer steps
_TOTALS = 20_000  # of the E-test's totals that are added up; of more, every second or third


def share(ratio: float, times: float) -> float:
    """The share of all incidents to be expected after, at a ratio of rates and ``times`` the exposure after."""
    return ratio * times / (1 + ratio * times)


def exact_p(after: int, before: int, times: float) -> float:
    """R's ``poisson.test``: the probability of all splits of the total that are no likelier than the one seen."""
    return float(stats.binomtest(after, after + before, share(1.0, times)).pvalue)


def mid_p(after: int, before: int, times: float) -> float:
    """Twice the smaller tail, in which the split seen counts half (Lancaster 1961)."""
    tails = _mid_tails(after, before, share(1.0, times))
    return min(1.0, 2 * min(tails))


def exact_interval(after: int, before: int, times: float, level: float) -> tuple[float, float]:
    """Central interval of the ratio, from Clopper and Pearson's for the share."""
    tail = (1 - level) / 2
    # The share's complement is found as such, so that neither end loses digits.
    low = (
        _odds(special.betaincinv(after, before + 1, tail), special.betaincinv(before + 1, after, 1 - tail))
        if after
        else 0.0
    )
    high = (
        _odds(special.betaincinv(after + 1, before, 1 - tail), special.betaincinv(before, after + 1, tail))
        if before
        else math.inf
    )
    return low / times, high / times


def mid_interval(after: int, before: int, times: float, level: float) -> tuple[float, float]:
    """The ratios that twice the smaller mid-p tail does not reject; inside the exact interval."""
    total, alpha = after + before, 1 - level
    if not (after and before):  # all on one side: that share to the power of the total is alpha
        odds = 1 / math.expm1(-math.log(alpha) / total)
        return (odds / times, math.inf) if after else (0.0, 1 / (odds * times))
    first, last = (math.log(end) for end in exact_interval(after, before, times, level))

    def end(which: int) -> float:
        def gap(log: float) -> float:
            return _mid_tails(after, before, share(math.exp(log), times))[which] - alpha / 2

        return math.exp(optimize.brentq(gap, first, last, xtol=1e-14))

    return end(1), end(0)


def _mid_tails(after: int, before: int, expected: float) -> tuple[float, float]:
    """P(X <= seen) and P(X >= seen), the split seen counting half in each: the means of both with and without it."""
    total = after + before
    up_to, below = (
        float(special.betainc(total - x, x + 1, 1 - expected)) if 0 <= x < total else float(x == total)
        for x in (after, after - 1)
    )
    over, from_it = (
        float(special.betainc(x, total - x + 1, expected)) if 0 < x <= total else float(x == 0)
        for x in (after + 1, after)
    )
    return (up_to + below) / 2, (over + from_it) / 2


def _odds(chance: np.floating, rest: np.floating) -> float:
    return float(chance / rest) if rest > 0 else math.inf


def e_p(after: int, before: int, times: float, ratio: float = 1.0, most: int = _TOTALS) -> float:
    """The E-test's p-value of a ratio: both counts Poisson at their rates fitted under it.

    The statistic is the difference in rates over its standard error under the null (the pooled, or
    score, variance), which is the binomial z of the split. Under the fitted rates the total is Poisson with the total
    seen as its mean, and the split is binomial: the double sum of Krishnamoorthy and Thomson (2004) is a single one.
    """
    odds = ratio * times
    if odds > 1:  # from the side with the smaller share, which keeps its digits
        after, before, odds = before, after, 1 / odds
    total, expected = after + before, max(odds, 1e-300) / (1 + odds)
    z = abs(after - total * expected) / math.sqrt(total * expected * (1 - expected))
    totals, chance = _totals(total, most)
    reach = z * (1 - _TIE) * np.sqrt(totals * expected * (1 - expected))
    below, above = np.floor(totals * expected - reach), np.ceil(totals * expected + reach)
    tails = _at_most(below, totals, expected) + _at_least(above, totals, expected)
    return float(min(1.0, chance @ np.minimum(tails, 1.0)))


def _totals(mean: int, most: int) -> tuple[np.ndarray, np.ndarray]:
    """The totals worth adding up and their chances; a total of zero shows no difference and is left out."""
    reach = 9 * math.sqrt(mean) + 25
    first, last = max(1, math.floor(mean - reach)), math.ceil(mean + reach)
    step = max(1, (last - first) // most)
    totals = np.arange(first, last + 1, step, dtype=float)
    return totals, step * stats.poisson.pmf(totals, mean)


def _at_most(seen: np.ndarray, totals: np.ndarray, chance: float) -> np.ndarray:
    """P(X <= seen); seen is below the total."""
    inside = np.clip(seen, 0, totals - 1)
    return np.where(seen < 0, 0.0, special.betainc(totals - inside, inside + 1, 1 - chance))


def _at_least(seen: np.ndarray, totals: np.ndarray, chance: float) -> np.ndarray:
    """P(X >= seen); seen is above zero."""
    inside = np.clip(seen, 1, totals)
    return np.where(seen > totals, 0.0, special.betainc(inside, totals - inside + 1, chance))


def e_interval(after: int, before: int, times: float, level: float) -> tuple[float, float]:
    """From the lowest to the highest ratio tried that the E-test does not reject.

    With few incidents the p-value goes up and down as the ratio moves away, so that the ratios kept need not be in one
    piece: the interval runs to the outermost. No change is always tried, and where it is rejected the
    interval stops short of it, so that the interval and the p-value of no change agree.
    """
    if not before:  # the test of a ratio is the test of one over it with the periods swapped
        return 1 / e_interval(before, after, 1 / times, level)[1], math.inf

    def excess(log: float) -> float:
        return math.log(max(e_p(after, before, times, math.exp(log), _TOTALS // 5), 1e-300) / (1 - level))

    low, high = (math.log(end) if end else -math.inf for end in exact_interval(after, before, times, level))
    centre = math.log(after / (before * times)) if after else high - 3
    steps = _FINE if min(after, before) < _FEW else _COARSE
    null = e_p(after, before, times) - (1 - level)
    high = _edge(excess, centre, high - centre, steps, null)
    return (math.exp(_edge(excess, centre, low - centre, steps, null)) if after else 0.0), math.exp(high)


def _edge(excess: Callable[[float], float], centre: float, reach: float, steps: int, null: float) -> float:
    """Where the excess of the p-value over alpha turns negative for the last time, towards ``centre + reach``."""
    aim = 1.6 * reach
    if null <= 0 and 0 < -centre / aim <= 1:
        aim = -centre  # no change is rejected on this side: look no further
    trials = centre + aim * np.arange(steps + 1) / steps
    kept = [trial for trial in trials if excess(trial) > 0]
    inside = kept[-1] if kept else centre
    if null > 0 and -inside / aim > 0:
        inside = 0.0
    outside = inside + aim / steps
    while excess(outside) > 0:
        inside, outside = outside, outside + aim
    if not kept and inside == centre:  # at levels so low that even the ratio seen is rejected
        return centre
    return float(optimize.brentq(excess, inside, outside, xtol=1e-7 * abs(reach)))

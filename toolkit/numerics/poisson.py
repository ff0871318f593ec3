"""Two Poisson counts: p-values and intervals of the ratio of their rates, conditional on the total or not."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy import optimize, special, stats

from toolkit.numerics import permutation

_TIE = 1e-9  # relative: statistics that are equal on paper differ by rounding in the machine
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
    outer = exact_interval(after, before, times, level)
    inner = after / (before * times) if before else math.inf
    tail = (1 - level) / 2

    def end(which: int, first: float, last: float) -> float:
        def gap(log: float) -> float:
            return _mid_tails(after, before, share(math.exp(log), times))[which] - tail

        return math.exp(optimize.brentq(gap, math.log(first), math.log(last), xtol=1e-13))

    # From nothing seen on one side, the mid-p end lies within a factor of the exact one.
    low = end(1, outer[0], inner if before else 1e3 * outer[0]) if after else 0.0
    high = end(0, inner if after else outer[1] / 1e3, outer[1]) if before else math.inf
    return low, high


def _mid_tails(after: int, before: int, expected: float) -> tuple[float, float]:
    """P(X <= seen) and P(X >= seen), the split seen counting half in each."""
    law = stats.binom(after + before, expected)
    half = law.pmf(after) / 2
    return float(law.cdf(after) - half), float(law.sf(after) + half)


def _odds(chance: np.floating, rest: np.floating) -> float:
    return float(chance / rest) if rest > 0 else math.inf


def e_p(after: int, before: int, times: float, ratio: float = 1.0) -> float:
    """The E-test's p-value of a ratio: both counts Poisson at their rates fitted under it.

    The statistic is the difference in rates over its standard error under the null (the pooled, or
    score, variance), which is the binomial z of the split. Under the fitted rates the total is Poisson with the total
    seen as its mean, and the split is binomial: the double sum of Krishnamoorthy and Thomson (2004) is a single one.
    """
    total, expected = after + before, share(ratio, times)
    z = abs(after - total * expected) / math.sqrt(total * expected * (1 - expected))
    if z < _TIE:
        return 1.0
    totals, chance = _totals(total)
    reach = z * (1 - _TIE) * np.sqrt(totals * expected * (1 - expected))
    below, above = np.floor(totals * expected - reach), np.ceil(totals * expected + reach)
    return float(min(1.0, chance @ (_at_most(below, totals, expected) + _at_least(above, totals, expected))))


def _totals(mean: int) -> tuple[np.ndarray, np.ndarray]:
    """The totals worth adding up and their chances; a total of zero shows no difference and is left out."""
    reach = 9 * math.sqrt(mean) + 25
    first, last = max(1, math.floor(mean - reach)), math.ceil(mean + reach)
    step = max(1, (last - first) // _TOTALS)
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
    """The ratios that the E-test does not reject, found by trying them; no change is always tried."""
    if not after:
        return 0.0, math.exp(permutation.invert_above(_of_log(after, before, times), 1.0, level))
    if not before:  # swap the periods: the test of a ratio is the swapped test of one over it
        high = permutation.invert_above(_of_log(before, after, 1 / times), 1.0, level)
        return math.exp(-high), math.inf
    centre, step = math.log(after / (before * times)), 2 * math.sqrt(1 / after + 1 / before)
    low, high = permutation.invert(_of_log(after, before, times), centre, step, level)
    return math.exp(low), math.exp(high)


def _of_log(after: int, before: int, times: float) -> Callable[[float], float]:
    return lambda log: e_p(after, before, times, math.exp(log))

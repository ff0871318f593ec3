"""Score intervals and tests for two proportions, from separate people or from matched pairs."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from scipy import optimize, stats

_EDGE = 1e-12  # the ends of the range that a difference can take are open
_FARTHEST = 60.0  # a log ratio beyond which no two proportions lie


class Scored(NamedTuple):
    """A difference or ratio with its interval, and the two-sided p-value of no difference."""

    value: float
    low: float
    high: float
    p_value: float


def difference(events: tuple[float, float], people: tuple[float, float], level: float) -> Scored:
    """First proportion less the second, with Mee's (1984) score interval.

    The interval is every difference that the score test does not reject; for no difference that test is
    Pearson's chi-squared.

    Parameters
    ----------
    events, people : (number, number)
        Whole numbers, or of people who do not count alike the effective ones.
    level : float
    """
    (x, y), (m, n) = events, people
    value = x / m - y / n
    low, high = _inverted(
        lambda gap: _difference_z(x, m, y, n, gap), value, (-1 + _EDGE, 1 - _EDGE), level, (-1.0, 1.0)
    )
    return Scored(value, low, high, _two_sided(_difference_z(x, m, y, n, 0.0)))


def ratio(events: tuple[float, float], people: tuple[float, float], level: float) -> Scored:
    """First proportion over the second, with Koopman's (1984) score interval.

    No events in the second group give an infinite ratio with a lower end; none in either give no answer
    (NaN, and an interval from 0 to infinity).

    Parameters
    ----------
    events, people : (number, number)
    level : float
    """
    (x, y), (m, n) = events, people
    if x == y == 0:
        return Scored(math.nan, 0.0, math.inf, 1.0)
    value = x / m / (y / n) if y else math.inf
    low, high = _log_inverted(lambda log: _ratio_z(x, m, y, n, math.exp(log)), value, level)
    return Scored(value, low, high, _two_sided(_difference_z(x, m, y, n, 0.0)))


def paired_difference(both: int, first: int, second: int, neither: int, *, level: float) -> Scored:
    """First proportion less the second in matched pairs, with Tango's (1998) score interval.

    Parameters
    ----------
    both, first, second, neither : int
        Pairs in which both had the event, only the first, only the second, and neither. With no difference the
        score test is McNemar's without a continuity correction.
    level : float
    """
    pairs = both + first + second + neither
    value = (first - second) / pairs
    low, high = _inverted(
        lambda gap: _paired_z(first, second, pairs, gap), value, (-1 + _EDGE, 1 - _EDGE), level, (-1.0, 1.0)
    )
    return Scored(value, low, high, _two_sided(_paired_z(first, second, pairs, 0.0)))


def paired_ratio(both: int, first: int, second: int, neither: int, *, level: float) -> Scored:
    """First proportion over the second in matched pairs, with Nam and Blackwelder's (2002) score interval.

    Parameters
    ----------
    both, first, second, neither, level
        As in :func:`paired_difference`, and the same test of no difference.
    """
    x, y, pairs = both + first, both + second, both + first + second + neither
    if x == y == 0:
        return Scored(math.nan, 0.0, math.inf, 1.0)
    value = x / y if y else math.inf
    low, high = _log_inverted(
        lambda log: _paired_ratio_z(both, first, second, pairs, math.exp(log)), value, level
    )
    return Scored(value, low, high, _two_sided(_paired_z(first, second, pairs, 0.0)))


def _difference_z(x: float, m: float, y: float, n: float, gap: float) -> float:
    """The score statistic of a difference; the fitted proportions solve a cubic (Farrington and Manning 1990)."""
    p, q, k = x / m, y / n, n / m
    a, b = 1 + k, -(1 + k + p + k * q + gap * (k + 2))
    c, d = gap * gap + gap * (2 * p + k + 1) + p + k * q, -p * gap * (1 + gap)
    v = (b / (3 * a)) ** 3 - b * c / (6 * a * a) + d / (2 * a)
    u = math.copysign(math.sqrt(max(b * b / (9 * a * a) - c / (3 * a), 0.0)), v)
    angle = math.acos(min(1.0, max(-1.0, v / u**3))) if u else math.pi / 2
    fit = 2 * u * math.cos((math.pi + angle) / 3) - b / (3 * a)
    fit = min(1.0, max(0.0, fit))
    other = min(1.0, max(0.0, fit - gap))
    return _standardised(p - q - gap, fit * (1 - fit) / m + other * (1 - other) / n)


def _ratio_z(x: float, m: float, y: float, n: float, factor: float) -> float:
    """The score statistic of a ratio; the fitted proportions solve a quadratic."""
    p, q, k = x / m, y / n, n / m
    a, b, c = 1 + k, -(factor * (1 + k * q) + k + p), factor * (p + k * q)
    fit = min(1.0, 2 * c / (-b + math.sqrt(max(b * b - 4 * a * c, 0.0))))
    other = min(1.0, fit / factor)
    return _standardised(p - factor * q, fit * (1 - fit) / m + factor * factor * other * (1 - other) / n)


def _paired_z(first: int, second: int, pairs: int, gap: float) -> float:
    """Tango's statistic: the chance that only the second has the event solves a quadratic."""
    a, b = 2 * pairs, -first - second + (2 * pairs - first + second) * gap
    c = -second * gap * (1 - gap)
    chance = max((math.sqrt(max(b * b - 4 * a * c, 0.0)) - b) / (2 * a), 0.0, -gap)
    return _standardised(first - second - pairs * gap, pairs * (2 * chance + gap * (1 - gap)))


def _paired_ratio_z(both: int, first: int, second: int, pairs: int, factor: float) -> float:
    """Nam and Blackwelder's statistic."""
    p, q = (both + first) / pairs, (both + second) / pairs
    one, two, any_event = first / pairs, second / pairs, (both + first + second) / pairs
    square = factor * factor
    root = math.sqrt((p - square * q) ** 2 + 4 * square * one * two)
    fit = (-p + square * (q + 2 * one) + root) / (2 * factor * (factor + 1))
    other = max(0.0, factor * fit - (factor - 1) * any_event)
    return _standardised(p - factor * q, factor * (max(fit, 0.0) + other) / pairs)


def _standardised(gap: float, variance: float) -> float:
    if variance <= 0:
        return 0.0 if abs(gap) < _EDGE else math.copysign(math.inf, gap)
    return gap / math.sqrt(variance)


def _two_sided(z: float) -> float:
    return float(2 * stats.norm.sf(abs(z)))


def _inverted(
    z: Callable[[float], float], value: float, within: tuple[float, float], level: float,
    ends: tuple[float, float],
) -> tuple[float, float]:  # fmt: skip
    """Where the falling statistic crosses its critical values; an end of the range where it never does."""
    reach = float(stats.norm.ppf(0.5 + level / 2))
    bounds = []
    for edge, far, sign in zip(within, ends, (1, -1), strict=True):
        near = min(max(value, within[0]), within[1])
        crossed = sign * z(edge) > reach and near != edge
        bounds.append(
            float(optimize.brentq(lambda at, s=sign: s * _capped(z(at)) - reach, edge, near, xtol=1e-14))
            if crossed
            else far
        )
    return bounds[0], bounds[1]


def _log_inverted(z: Callable[[float], float], value: float, level: float) -> tuple[float, float]:
    """As :func:`_inverted`, on the log scale, back as a ratio between 0 and infinity."""
    centre = math.log(value) if 0 < value < math.inf else math.copysign(_FARTHEST, value - 1)
    within = (-_FARTHEST, _FARTHEST)
    low, high = _inverted(z, centre, within, level, (-math.inf, math.inf))
    return math.exp(low), math.exp(high)


def _capped(z: float) -> float:
    return min(max(z, -1e6), 1e6)

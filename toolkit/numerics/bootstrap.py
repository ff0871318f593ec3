"""The studentised bootstrap of a mean: what its t statistic does in samples drawn from the sample."""

from __future__ import annotations

import math

import numpy as np

DRAWS = 4999  # so that the 2.5% and 97.5% points of 95% intervals fall on a draw
_AT_ONCE = 2_000_000  # numbers held in memory at a time


def studentised(values: np.ndarray, rng: np.random.Generator, draws: int = DRAWS) -> np.ndarray:
    """The bootstrap t statistics (mean* - mean) / (sd* / sqrt(n)), in order; infinite where a draw has no spread.

    They are drawn from the values in order, and on the side of zero that comes first, so that neither the
    order of the values nor the sign of them all changes the answer.

    Parameters
    ----------
    values : ndarray, shape (n,)
    rng : Generator
    draws : int

    Returns
    -------
    ndarray, shape (draws,), or twice that where the values lie symmetrically about zero
    """
    up, down = np.sort(values), np.sort(-values)
    differ = np.flatnonzero(up != down)
    if not len(differ):  # symmetric about zero: so is what is drawn from it
        t = _drawn(up, rng, draws)
        return np.sort(np.concatenate([t, -t]))
    turned = up[differ[0]] < down[differ[0]]
    t = _drawn(down if turned else up, rng, draws)
    return np.sort(-t if turned else t)


def _drawn(values: np.ndarray, rng: np.random.Generator, draws: int) -> np.ndarray:
    """The t statistics of ``draws`` samples, a few at a time."""
    n, mean = len(values), values.mean()
    statistics, left = [], draws
    while left:
        now = min(left, max(_AT_ONCE // n, 1))
        sample = values[rng.integers(0, n, (now, n))]
        flat = sample.max(axis=1) == sample.min(axis=1)  # exactly: rounding may leave a spread of 1e-17
        spread = np.where(flat, 0.0, sample.std(axis=1, ddof=1))
        gap = sample.mean(axis=1) - mean
        with np.errstate(divide="ignore", invalid="ignore"):
            statistics.append(np.where(gap == 0, 0.0, gap / (spread / math.sqrt(n))))
        left -= now
    return np.concatenate(statistics)


def interval(centre: float, error: float, t: np.ndarray, level: float) -> tuple[float, float]:
    """The equal-tailed interval centre - t* x error; infinite where the draws give no bound.

    Parameters
    ----------
    centre, error : float
    t : ndarray
        From :func:`studentised`, in order.
    level : float
    """
    tail = (1 - level) / 2
    return centre - _quantile(t, 1 - tail) * error, centre - _quantile(t, tail) * error


def two_sided(centre: float, error: float, t: np.ndarray) -> float:
    """The p-value of a centre of zero that belongs to :func:`interval`: 1 - level where an end of it is zero."""
    here = centre / error
    return float(min(1.0, 2 * min(_share(t, here), _share(-t[::-1], -here))))


def _quantile(t: np.ndarray, share: float) -> float:
    """The k-th of B ordered draws is the k / (B + 1) quantile, with straight lines between."""
    place = share * (len(t) + 1) - 1
    below = int(np.clip(math.floor(place + 1e-9), 0, len(t) - 1))
    above = min(below + 1, len(t) - 1)
    part = min(max(place - below, 0.0), 1.0)
    if part < 1e-9 or t[below] == t[above]:
        return float(t[below])
    return float((1 - part) * t[below] + part * t[above])


def _share(t: np.ndarray, here: float) -> float:
    """The share of draws at or below a number: the other way round from :func:`_quantile`."""
    n = len(t)
    at = int(np.searchsorted(t, here, side="right"))
    if at == 0:
        return 1 / (n + 1)
    if at == n or t[at - 1] == here or not math.isfinite(t[at] - t[at - 1]):
        return min(at, n) / (n + 1)
    return (at + float((here - t[at - 1]) / (t[at] - t[at - 1]))) / (n + 1)

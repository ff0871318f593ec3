"""The studentised bootstrap of a mean: what its t statistic does in samples drawn from the sample."""

from __future__ import annotations

import math

import numpy as np

DRAWS = 5000  # in pairs that mirror each other
_AT_ONCE = 2_000_000  # numbers held in memory at a time


def studentised(values: np.ndarray, rng: np.random.Generator, draws: int = DRAWS) -> np.ndarray:
    """The bootstrap t statistics (mean* - mean) / (sd* / sqrt(n)), in order; infinite where a draw has no spread.

    Places are drawn among the values in order, and each draw stands beside its mirror image, which takes the
    k-th largest where the first takes the k-th smallest: so neither the order of the values nor the sign of them all
    leaves a trace.

    Parameters
    ----------
    values : ndarray, shape (n,)
    rng : Generator
    draws : int
        An even number.

    Returns
    -------
    ndarray, shape (draws,)
    """
    ordered, n = np.sort(values), len(values)
    statistics, left = [], draws // 2
    while left:
        now = min(left, max(_AT_ONCE // n, 1))
        places = rng.integers(0, n, (now, n))
        statistics += [_t(ordered[places], ordered.mean()), _t(ordered[n - 1 - places], ordered.mean())]
        left -= now
    return np.sort(np.concatenate(statistics))


def _t(samples: np.ndarray, mean: float) -> np.ndarray:
    """The t statistic of each row; 0 where it sits on the mean, infinite where it has no spread elsewhere."""
    flat = samples.max(axis=1) == samples.min(axis=1)  # exactly: rounding may leave a spread of 1e-17
    spread = np.where(flat, 0.0, samples.std(axis=1, ddof=1))
    gap = samples.mean(axis=1) - mean
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(gap == 0, 0.0, gap / (spread / math.sqrt(samples.shape[1])))


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
    """The share of draws at or below a number: the other way round from :func:`_quantile`, and ties in full."""
    n, tie = len(t), 1e-9 * max(1.0, abs(here))
    at = int(np.searchsorted(t, here + tie, side="right"))
    if at == 0:
        return 1 / (n + 1)
    if at == n or here - t[at - 1] <= tie or not math.isfinite(t[at] - t[at - 1]):
        return at / (n + 1)
    return (at + float((here - t[at - 1]) / (t[at] - t[at - 1]))) / (n + 1)

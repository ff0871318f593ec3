"""What a t-test lets pass: its power against a shift, the shift it finds so often, and what is left if it passes."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from scipy import optimize, stats

_TAIL = 1e-13  # of the distribution of the standard error, left out of the integrals
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(400)


class Passing(NamedTuple):
    """How often a test passes, and the mean of the estimate, in true standard errors, among the times it does."""

    share: float
    mean: float


def passing(shift: float, df: float, level: float) -> Passing:
    """A two-sided t-test of no shift when the shift is ``shift`` standard errors.

    The estimate Z is normal with mean ``shift`` and variance 1, its standard error U is that of ``df`` degrees of
    freedom, and the test passes where abs(Z / U) is at most the quantile of Student's t. ``df`` may be infinite.
    Given U, Z is a normal cut off on both sides (Roth 2022, where U is 1); U is integrated out.
    """
    edge = float(stats.t.ppf(0.5 + level / 2, df))
    error, chance = (np.ones(1), np.ones(1)) if math.isinf(df) else _errors(df)
    share, moment = _cut(shift, edge * error)
    return Passing(float(chance @ share), float(chance @ moment / (chance @ share)))


def shift_for(power: float, df: float, level: float) -> float:
    """The shift, in standard errors, that the test finds with this probability; ``power`` above 1 - level."""
    most = 2.0
    while 1 - passing(most, df, level).share < power:
        most *= 2
    return float(optimize.brentq(lambda d: 1 - passing(d, df, level).share - power, 0.0, most, xtol=1e-10))


def _errors(df: float) -> tuple[np.ndarray, np.ndarray]:
    """Standard errors of ``df`` degrees of freedom about a true one of 1, and the weight of each in an integral."""
    spread = stats.chi(df, scale=1 / math.sqrt(df))
    low, high = float(spread.ppf(_TAIL)), float(spread.isf(_TAIL))
    error = low + (high - low) * (_NODES + 1) / 2
    return error, _WEIGHTS * (high - low) / 2 * spread.pdf(error)


def _cut(shift: float, edge: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of a normal around ``shift``: the probability between -edge and edge, and its first moment there."""
    low, high = -edge - shift, edge - shift
    share = stats.norm.cdf(high) - stats.norm.cdf(low)
    return share, shift * share + stats.norm.pdf(low) - stats.norm.pdf(high)

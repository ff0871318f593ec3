"""The error of a ratio of totals from few clusters of unequal size: CR2 with Satterthwaite degrees of freedom."""

from __future__ import annotations

import math

import numpy as np


def log_ratio(seen: np.ndarray, base: np.ndarray, working: np.ndarray) -> tuple[float, float]:
    """Standard error of log(sum seen / sum base), and its degrees of freedom.

    Bell and McCaffrey (2002). The ratio is the weighted least-squares fit of seen / base on a constant
    with weights ``base``. Each cluster's residual is divided by what its own pull on the ratio took from it, so
    that the variance is unbiased where the working variances hold, and stays consistent where they do not.
    The degrees of freedom are Satterthwaite's under the working variances: few where few clusters decide.

    Parameters
    ----------
    seen, base : ndarray, shape (G,)
        What was seen in each cluster and what would have been, with positive sums.
    working : ndarray, shape (G,)
        Variances of seen - ratio x base, up to a factor.

    Returns
    -------
    (float, float)
        NaN and 0 where one cluster holds everything, so that nothing is left to vary.
    """
    ratio = seen.sum() / base.sum()
    pull, omega = base / base.sum(), working / working.sum()
    residual = (seen - ratio * base) / seen.sum()
    # Var(residual) = omega (1 - 2 pull) + pull^2 sum(omega), for omega up to a factor
    left = omega * (1 - 2 * pull) + pull**2
    if (left > 1e-12).sum() < 2:
        return math.nan, 0.0
    mend = np.where(left > 1e-12, omega / np.where(left > 1e-12, left, 1.0), 0.0)
    return math.sqrt(float(mend @ residual**2)), _satterthwaite(mend, pull, omega)


def _satterthwaite(mend: np.ndarray, pull: np.ndarray, omega: np.ndarray) -> float:
    """2 E(V)^2 / Var(V) of the quadratic form V = sum mend x residual^2 in normal errors of variance omega.

    The form's matrix is M = diag(mend) - mend pull' - pull mend' (elementwise products) + sum(mend pull^2):
    E(V) = tr(M Omega) and Var(V) = 2 tr(M Omega M Omega), written out so that no G x G matrix is made.
    """
    a = mend * pull
    s = float(a @ pull)
    mean = float(omega @ (mend - 2 * a + s))
    whole, first, second = omega.sum(), float(omega @ a), float(omega @ a**2)
    off = s**2 * whole**2 + 2 * second * whole - 4 * s * first * whole + 2 * first**2
    square = off + float(omega**2 @ (mend**2 + 2 * mend * (s - 2 * a)))
    return mean**2 / square

"""Regression on one series whose errors follow each other: their correlation is averaged over, not plugged in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from toolkit.numerics.mixture import Mixture

# Correlations from one period to the next that are tried, closer together where they matter more; all are taken to be
# equally likely beforehand.
RHO = np.tanh(np.linspace(np.arctanh(-0.9), np.arctanh(0.985), 48))
_PRIOR = np.gradient(RHO)
_NEGLIGIBLE = 1e-8  # a share of the weight that moves no printed figure


@dataclass(frozen=True, eq=False)
class Fits:
    """A regression for each correlation that the errors may have, and how far the data bear each out.

    Attributes
    ----------
    weight, rho, share : ndarray, shape (G,)
        Weights add up to 1. The correlation of errors d periods apart is share x rho**d.
    beta : ndarray, shape (G, k)
    covariance : ndarray, shape (G, k, k)
        Of ``beta`` at that correlation.
    df : float
    """

    weight: np.ndarray
    rho: np.ndarray
    share: np.ndarray
    beta: np.ndarray
    covariance: np.ndarray
    df: float

    def along(self, gradient: np.ndarray, centre: np.ndarray | None = None) -> Mixture:
        """What is known of ``gradient @ beta``, or of ``centre`` with that gradient.

        Parameters
        ----------
        gradient : ndarray, shape (m, k) or (G, m, k)
        centre : ndarray, shape (G, m), optional
        """
        steps = np.broadcast_to(gradient, (len(self.weight), *gradient.shape[-2:]))
        middle = np.einsum("gmk,gk->gm", steps, self.beta) if centre is None else centre
        spread = np.einsum("gmk,gkl,gml->gm", steps, self.covariance, steps, optimize=True)
        return Mixture(self.weight, middle, np.sqrt(np.maximum(spread, 0.0)), self.df)


def averaged(x: np.ndarray, y: np.ndarray, times: np.ndarray, shares: dict[float, float]) -> Fits:
    """Fits over the grid of correlations, weighted by the restricted likelihood of each.

    Given the correlation, the coefficients are those of generalised least squares and their errors are exactly t.
    Averaging those t distributions over the restricted likelihood (Harville 1974) with even prior weights takes in
    that the correlation is itself estimated, which plugging in one value does not.

    Parameters
    ----------
    x : ndarray, shape (n, k)
    y : ndarray, shape (n,)
    times : ndarray, shape (n,)
        Whole numbers that rise: errors across a gap of d periods are correlated as rho**d.
    shares : dict of float to float
        The share of the variance that persists, from 0 to 1, and the prior weight of each.
    """
    rho = np.tile(RHO, len(shares))
    share = np.repeat(list(shares), len(RHO))
    prior = np.repeat(list(shares.values()), len(RHO)) * np.tile(_PRIOR, len(shares))
    beta, covariance, likelihood = generalised(x, y, times, rho, share)
    weight = prior * np.exp(likelihood - likelihood.max())
    kept = ~(weight < _NEGLIGIBLE * weight.sum())  # NaN is kept, so that it shows
    rest = weight[kept] / weight[kept].sum()
    return Fits(rest, rho[kept], share[kept], beta[kept], covariance[kept], float(len(y) - x.shape[1]))


def independent(x: np.ndarray, y: np.ndarray, times: np.ndarray) -> Fits:
    """Ordinary least squares, as if no error followed another."""
    beta, covariance, _ = generalised(x, y, times, np.zeros(1), np.ones(1))
    return Fits(np.ones(1), np.zeros(1), np.ones(1), beta, covariance, float(len(y) - x.shape[1]))


def newey_west(x: np.ndarray, y: np.ndarray, times: np.ndarray, lags: int) -> Fits:
    """Ordinary least squares with Newey and West's (1987) errors: Bartlett weights, times n / (n - k).

    Scores are paired by their distance in time, so that a gap does not join its two sides.
    """
    plain = independent(x, y, times)
    scores = x * (y - x @ plain.beta[0])[:, None]
    apart = np.abs(times[:, None] - times)
    meat = scores.T @ np.maximum(1 - apart / (lags + 1), 0.0) @ scores
    bread = np.linalg.inv(x.T @ x)
    covariance = bread @ meat @ bread * len(y) / plain.df
    return Fits(plain.weight, plain.rho, plain.share, plain.beta, covariance[None], plain.df)


def generalised(
    x: np.ndarray, y: np.ndarray, times: np.ndarray, rho: np.ndarray, share: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Generalised least squares at each correlation: coefficients, their covariance, restricted log-likelihood.

    Parameters
    ----------
    rho, share : ndarray, shape (G,)

    Returns
    -------
    ndarray, shape (G, k); ndarray, shape (G, k, k); ndarray, shape (G,)
    """
    white, log_root = whitened(np.column_stack([x, y]), times, rho, share)
    triangle = np.asarray(np.linalg.qr(white, mode="r"))
    k = x.shape[1]
    root = np.linalg.inv(triangle[:, :k, :k])
    df = len(y) - k
    variance = triangle[:, k, k] ** 2 / df
    beta = np.einsum("gij,gj->gi", root, triangle[:, :k, k])
    covariance = variance[:, None, None] * (root @ np.swapaxes(root, 1, 2))
    size = np.log(np.abs(np.diagonal(triangle[:, :k, :k], axis1=1, axis2=2))).sum(1)
    with np.errstate(divide="ignore"):
        return beta, covariance, -log_root - size - 0.5 * df * np.log(variance)


def whitened(
    columns: np.ndarray, times: np.ndarray, rho: np.ndarray, share: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The columns multiplied by an inverse root of the errors' correlation matrix, and the log of its determinant.

    One step of the Kalman filter a row (the state is the part that persists), so that time and memory grow with n.

    Parameters
    ----------
    columns : ndarray, shape (n, m)

    Returns
    -------
    ndarray, shape (G, n, m); ndarray, shape (G,)
    """
    out = np.empty((len(rho), *columns.shape))
    log_root = np.zeros(len(rho))
    state, spread = np.zeros((len(rho), columns.shape[1])), share.copy()
    steps = np.append(np.diff(times), 1.0)
    for i, row in enumerate(columns):
        total = spread + (1 - share)
        gain = spread / total
        surprise = row - state
        out[:, i] = surprise / np.sqrt(total)[:, None]
        log_root += 0.5 * np.log(total)
        decay = rho ** steps[i]
        state = decay[:, None] * (state + gain[:, None] * surprise)
        spread = decay**2 * spread * (1 - gain) + (1 - decay**2) * share
    return out, log_root

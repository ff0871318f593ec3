"""Gamma-Poisson shrinkage: a negative binomial prior from all units, and each unit's rate given its own count."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import optimize, special


@dataclass(frozen=True)
class Prior:
    """How rates are spread between units: gamma with this mean and shape; an infinite shape is no spread at all.

    With exposure e a unit's count is negative binomial with mean ``mean`` e and NB2 alpha 1 / ``shape``.
    """

    mean: float
    shape: float

    def rate(self, count: np.ndarray, exposure: np.ndarray) -> np.ndarray:
        """Each unit's expected rate given its count: (shape + count) / (shape / mean + exposure)."""
        if math.isinf(self.shape):
            return np.full(len(count), self.mean)
        return (self.shape + count) / (self.shape / self.mean + exposure)

    def gradient(self, count: np.ndarray, exposure: np.ndarray) -> np.ndarray:
        """Derivatives of `rate` in the logs of mean and shape; shape (N, 2)."""
        rate = self.rate(count, exposure)
        if math.isinf(self.shape):
            return np.column_stack([rate, np.zeros_like(rate)])
        per = self.shape / self.mean + exposure
        pull = self.shape / self.mean / per
        return np.column_stack([rate * pull, self.shape / per - rate * pull])


def fit(count: np.ndarray, exposure: np.ndarray) -> Prior:
    """The prior of greatest likelihood; without more spread than chance gives (sum (y - m)^2 <= sum y), no spread."""
    mean = count.sum() / exposure.sum()
    extra = float((((count - mean * exposure) ** 2) - count).sum())
    if extra <= 0:
        return Prior(float(mean), math.inf)
    start = np.log([mean, float(((mean * exposure) ** 2).sum()) / extra])

    def loss(logs: np.ndarray) -> tuple[float, np.ndarray]:
        prior = Prior(*np.exp(logs))
        return -_log_likelihood(prior, count, exposure), -scores(prior, count, exposure).sum(axis=0)

    found = optimize.minimize(
        loss, start, jac=True, method="L-BFGS-B", bounds=[(None, None), (-15.0, 20.0)]
    ).x
    for _ in range(5):  # to the last digits
        prior = Prior(*(float(x) for x in np.exp(found)))
        step = _solve(
            information(prior, count, exposure).sum(axis=0), scores(prior, count, exposure).sum(axis=0)
        )
        if not np.all(np.abs(step) < 0.5):
            break
        found = found + step
    return Prior(*(float(x) for x in np.exp(found)))


def scores(prior: Prior, count: np.ndarray, exposure: np.ndarray) -> np.ndarray:
    """Each unit's score in the logs of mean and shape; shape (N, 2)."""
    expected, r = prior.mean * exposure, prior.shape
    if math.isinf(r):
        return np.column_stack([count - expected, np.zeros_like(expected)])
    per = r + expected
    in_shape = (
        special.digamma(count + r) - special.digamma(r) - np.log1p(expected / r) + 1 - (r + count) / per
    )
    return np.column_stack([r * (count - expected) / per, r * in_shape])


def information(prior: Prior, count: np.ndarray, exposure: np.ndarray) -> np.ndarray:
    """Each unit's observed information in the logs of mean and shape; shape (N, 2, 2)."""
    expected, r = prior.mean * exposure, prior.shape
    out = np.zeros((len(count), 2, 2))
    if math.isinf(r):
        out[:, 0, 0] = expected
        return out
    per = r + expected
    out[:, 0, 0] = r * expected * (r + count) / per**2
    out[:, 0, 1] = out[:, 1, 0] = -r * (count - expected) * expected / per**2
    curve = special.polygamma(1, count + r) - special.polygamma(1, r) + expected / (r * per)
    out[:, 1, 1] = -scores(prior, count, exposure)[:, 1] - r**2 * (curve + (count - expected) / per**2)
    return out


def shifts(prior: Prior, count: np.ndarray, exposure: np.ndarray, cluster: np.ndarray) -> np.ndarray:
    """How far the logs of mean and shape move without each cluster, by one Newton step; shape (G, 2)."""
    groups = int(cluster.max()) + 1
    own, bend = np.zeros((groups, 2)), np.zeros((groups, 2, 2))
    np.add.at(own, cluster, scores(prior, count, exposure))
    np.add.at(bend, cluster, information(prior, count, exposure))
    left = bend.sum(axis=0) - bend
    return np.array([_solve(matrix, -score) for matrix, score in zip(left, own, strict=True)])


def _solve(matrix: np.ndarray, vector: np.ndarray) -> np.ndarray:
    """The least solution: a direction without information is not moved in."""
    return np.linalg.lstsq(matrix, vector, rcond=None)[0]


def _log_likelihood(prior: Prior, count: np.ndarray, exposure: np.ndarray) -> float:
    expected, r = prior.mean * exposure, prior.shape
    per = np.log1p(expected / r)
    own = special.gammaln(count + r) - special.gammaln(r) - r * per
    return float((own + special.xlogy(count, expected / r) - count * per).sum())

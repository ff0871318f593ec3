"""Gamma-Poisson shrinkage: how rates are spread between units, and each unit's rate given its own count."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from toolkit.numerics import jackknife


@dataclass(frozen=True, eq=False)
class Spread:
    """How rates are spread between units: their mean, and their squared coefficient of variation (NB2's alpha).

    Both are of shape (1 + G,): of all units, and after it of those left without each cluster.

    Attributes
    ----------
    mean, alpha : ndarray, shape (1 + G,)
    """

    mean: np.ndarray
    alpha: np.ndarray

    @classmethod
    def of(cls, count: np.ndarray, exposure: np.ndarray, cluster: np.ndarray) -> Spread:
        """By moments: what the counts vary beyond chance, over the sum of their squared means; never below zero.

        The moments need no shape of distribution: the rates they give are the best linear ones whatever it is, and
        those of the gamma where it is gamma. By likelihood the many quiet units would decide the shape, and with
        it how far the few worst are shrunk.
        """
        number, y, e, square, cross, reach = (
            jackknife.totals(part, cluster)
            for part in (np.ones(len(count)), count, exposure, count**2, count * exposure, exposure**2)
        )
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = y / e
            spread = (square - 2 * mean * cross + mean**2 * reach) * number / (number - 1)
            return cls(mean, np.maximum((spread - y) / (mean**2 * reach), 0.0))

    def expected(
        self, count: np.ndarray, exposure: np.ndarray, later: np.ndarray, cluster: np.ndarray
    ) -> np.ndarray:
        """The total that units are to record over the exposure ``later``, and that without each cluster."""
        kept = [np.ones(len(cluster), dtype=bool), *(cluster != code for code in range(len(self.mean) - 1))]
        return np.array(
            [
                (shrunk(count, exposure, mean, alpha) * later)[keep].sum()
                for keep, mean, alpha in zip(kept, self.mean, self.alpha, strict=True)
            ]
        )


def shrunk(count: np.ndarray, exposure: np.ndarray, mean: float, alpha: float) -> np.ndarray:
    """Each unit's rate given its own count: (1 / alpha + count) / (1 / (alpha mean) + exposure).

    Its own count / exposure has weight alpha mean exposure / (1 + alpha mean exposure), and the mean has the rest.
    """
    return (1 + alpha * count) / (1 / mean + alpha * exposure)

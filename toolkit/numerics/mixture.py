"""Mixtures of t distributions: what is known of a number when its error depends on something else not known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

_HALVINGS = 60  # of a bracket a few standard errors wide: to the last bit


@dataclass(frozen=True, eq=False)
class Mixture:
    """m numbers, each a mixture of G t distributions with the same degrees of freedom.

    Attributes
    ----------
    weight : ndarray, shape (G,)
        Adding up to 1.
    centre, scale : ndarray, shape (G, m)
    df : float
    """

    weight: np.ndarray
    centre: np.ndarray
    scale: np.ndarray
    df: float

    def mean(self) -> np.ndarray:
        """The means, shape (m,)."""
        return self.weight @ self.centre

    def spread(self) -> np.ndarray:
        """The standard deviations, shape (m,); infinite with two degrees of freedom or fewer."""
        inside = self.scale**2 * (self.df / (self.df - 2) if self.df > 2 else np.inf)
        return np.sqrt(self.weight @ (inside + (self.centre - self.mean()) ** 2))

    def below(self, values: np.ndarray) -> np.ndarray:
        """The probability of being at or below each value, shape (m,)."""
        with np.errstate(divide="ignore", invalid="ignore"):
            steps = (values - self.centre) / self.scale
        steps = np.where(self.scale > 0, steps, np.where(values >= self.centre, np.inf, -np.inf))
        return self.weight @ special.stdtr(self.df, steps)

    def quantile(self, share: float) -> np.ndarray:
        """Below which the number lies with probability ``share``, shape (m,); by bisection."""
        ends = self.centre + special.stdtrit(self.df, share) * self.scale
        if len(self.weight) == 1:
            return ends[0]
        low, high = ends.min(axis=0), ends.max(axis=0)  # each component's own quantile brackets the mixture's
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            short = self.below(middle) < share
            low, high = np.where(short, middle, low), np.where(short, high, middle)
        return (low + high) / 2

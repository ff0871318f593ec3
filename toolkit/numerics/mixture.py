"""Mixtures of t distributions: what is known of a number when its error depends on something else not known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

_STEPS = 80  # enough for halving alone to reach the last bit
_CLOSE = 1e-9  # of a Newton step: what is left is its square


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
        """The standard errors, shape (m,): mean squared scale plus the variance of the centres, square root."""
        return np.sqrt(self.weight @ (self.scale**2 + (self.centre - self.mean()) ** 2))

    def below(self, values: np.ndarray) -> np.ndarray:
        """The probability of being at or below each value, shape (m,)."""
        with np.errstate(divide="ignore", invalid="ignore"):
            steps = (values - self.centre) / self.scale
        steps = np.where(self.scale > 0, steps, np.where(values >= self.centre, np.inf, -np.inf))
        return self.weight @ special.stdtr(self.df, steps)

    def quantile(self, share: float) -> np.ndarray:
        """Below which the number lies with probability ``share``, shape (m,); by Newton steps within a bracket."""
        ends = self.centre + special.stdtrit(self.df, share) * self.scale
        low, high = ends.min(axis=0), ends.max(axis=0)  # each component's own quantile brackets the mixture's
        point = self.weight @ ends
        for _ in range(_STEPS):
            gap = self.below(point) - share
            low, high = np.where(gap < 0, point, low), np.where(gap < 0, high, point)
            with np.errstate(divide="ignore", invalid="ignore"):
                step = point - gap / self._density(point)
            inside = (step >= low) & (step <= high)
            last, point = point, np.where(inside, step, (low + high) / 2)
            if (np.abs(point - last) <= _CLOSE * (1 + np.abs(point))).all():
                break
        return point

    def _density(self, values: np.ndarray) -> np.ndarray:
        with np.errstate(divide="ignore", invalid="ignore"):
            steps = (values - self.centre) / self.scale
            heights = (1 + steps**2 / self.df) ** (-(self.df + 1) / 2) / self.scale
        constant = special.gammaln((self.df + 1) / 2) - special.gammaln(self.df / 2)
        return self.weight @ heights * np.exp(constant) / np.sqrt(self.df * np.pi)

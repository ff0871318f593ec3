"""Standard errors, intervals and simultaneous bands of estimates that clusters move."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special

from toolkit.numerics import simultaneous
from toolkit.numerics.strata import Strata

Inference = Literal["cluster", "analytic", "multiplier"]


@dataclass(frozen=True, eq=False)
class Rows:
    """Estimates judged, on the scale of inference; arrays of shape (M,), and of (G, M) for ``scaled``.

    Attributes
    ----------
    points, std_error, df, low, high, p_value, band_low, band_high : ndarray
        The band holds all rows at once with the probability that each interval holds its own.
    part : ndarray of bool
        Clusters that take part.
    scaled : ndarray
        Deviations by cluster, whose squares add up to the variances and products to the covariances.
    """

    points: np.ndarray
    std_error: np.ndarray
    df: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p_value: np.ndarray
    band_low: np.ndarray
    band_high: np.ndarray
    part: np.ndarray
    scaled: np.ndarray

    @property
    def covariance(self) -> np.ndarray:
        """Of the estimates, shape (M, M)."""
        with np.errstate(invalid="ignore", over="ignore"):
            return np.asarray(self.scaled.T @ self.scaled)


@dataclass(frozen=True, eq=False)
class Judge:
    """How estimates are judged.

    Attributes
    ----------
    strata : Strata
    inference : {"cluster", "analytic", "multiplier"}
        Whether clusters move estimates by being left out, or by their influence; and whether the band is drawn
        by the multiplier bootstrap.
    level : float
    draws, seed : int
        For the band.
    """

    strata: Strata
    inference: Inference
    level: float
    draws: int
    seed: int

    def rows(self, values: np.ndarray, gaps: np.ndarray, part: np.ndarray, cohorts: np.ndarray) -> Rows:
        """Judge estimates.

        Parameters
        ----------
        values : ndarray, shape (M,)
        gaps : ndarray, shape (G, M)
            How far each cluster moves them.
        part : ndarray of bool, shape (G, M)
            Clusters that take part.
        cohorts : ndarray of bool, shape (C, M)
            On which cohorts they are effects; an estimate on none is no effect by construction, without an error.
        """
        scaled = self.strata.scaled(gaps, part) if self.inference == "cluster" else gaps
        error, df = self.strata.errors(scaled, part, cohorts, alone=self.inference != "cluster")
        fixed, rng = ~np.asarray(cohorts.any(axis=0)), np.random.default_rng(self.seed)
        error, df = np.where(fixed, 0.0, error), np.where(fixed, 1.0, df)
        sure = np.isfinite(error) & ~fixed
        if self.inference == "multiplier":
            error[sure], level = simultaneous.multiplier(scaled[:, sure], self.level, rng, self.draws)
        else:
            level = simultaneous.pointwise_level(scaled[:, sure], df[sure], self.level, rng, self.draws)
        low, high = self._ends(values, error, df, self.level, fixed)
        band_low, band_high = self._ends(values, error, df, max(level, self.level), fixed)
        p_value = _two_sided(values, error, df)
        scaled = np.where(np.isnan(error), np.nan, scaled)
        return Rows(values, error, df, low, high, p_value, band_low, band_high, part, scaled)

    def _ends(self, values: np.ndarray, error: np.ndarray, df: np.ndarray, level: float,
              fixed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
        known = np.isfinite(values) & np.isfinite(error) & (df > 0)
        reach = np.where(known, special.stdtrit(np.where(known, df, 1.0), 0.5 + level / 2) * error, np.inf)
        centre = np.where(known, values, 0.0)
        low, high = centre - reach, centre + reach
        return np.where(fixed, values, low), np.where(fixed, values, high)


def _two_sided(values: np.ndarray, error: np.ndarray, df: np.ndarray) -> np.ndarray:
    """Student's p-values of no effect; 1 where value and error are both zero, NaN where there is no error."""
    known = np.isfinite(values) & np.isfinite(error) & (df > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        far = np.where(error > 0, np.abs(values) / error, np.where(values == 0, 0.0, np.inf))
    return np.where(known, 2 * special.stdtr(np.where(known, df, 1.0), -far), np.nan)

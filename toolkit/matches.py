"""Who was matched to whom, and what a standard error for it needs to know."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Matches:
    """Who was matched to whom, and what a standard error for it needs to know.

    All positions are rows of the unmatched sample, ``sample.origin``, of n people. With replacement the variance
    of Abadie and Imbens (2006) needs, beside each difference within a match, how often each comparison person
    serves (:attr:`uses`), and the variance of the outcome among people of the same arm who are alike: ``places``
    holds the points whose straight-line distance was matched on, so that the nearest of the same arm and stratum
    can be found without knowing how the matching was done.

    Attributes
    ----------
    pairs : (m, 2) int array
        A treated person's position and the position of a comparison person matched to them; one row for each
        match, so with ``ratio=2`` a treated person has two rows.
    places : (n, k) float array
        Where each person stands: the score in one column, or covariates scaled so that straight-line distance is
        Mahalanobis distance.
    strata : (n,) int array
        Only people of one stratum could be matched (``exact=``); all 0 where nothing was matched exactly.
    ratio : int
        Comparison people wanted for each treated person; fewer where there were too few.
    """

    pairs: np.ndarray
    places: np.ndarray
    strata: np.ndarray
    ratio: int

    @property
    def uses(self) -> np.ndarray:
        """How often each person serves as a match, each use counted as a share of the matches of one treated person."""
        treated, comparison = self.pairs.T
        share = 1 / np.bincount(treated, minlength=len(self.places))[treated]
        return np.bincount(comparison, weights=share, minlength=len(self.places))

    def __repr__(self) -> str:
        treated, comparison = (len(np.unique(side)) for side in self.pairs.T)
        return (
            f"Matches of {treated:,} treated and {comparison:,} comparison people: {len(self.pairs):,} pairs"
        )

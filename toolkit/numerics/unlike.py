"""How far treated and comparison units stood apart before treatment, and how far a fair lot would put them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

SPIKE = 3  # periods: the length of a spell that areas are often chosen for, where the baseline is long enough
_CHANCE = 0.05  # how often a fair lot would put the arms further apart, in any of the measures together


@dataclass(frozen=True)
class Gap:
    """Treated less comparison, in standard deviations.

    Attributes
    ----------
    over : int
        The last periods of the baseline whose rise was measured; 0 where the level was.
    size : float
    chance : float
        What a fair lot stays within, in 95 of 100 draws for all measures together.
    """

    over: int
    size: float
    chance: float

    @property
    def beyond_chance(self) -> bool:
        """Would a fair lot hardly do that?"""
        return abs(self.size) > self.chance


@dataclass(frozen=True, eq=False)
class Baseline:
    """Totals, and what they are per, of units by the periods before a start; and which units start then.

    Attributes
    ----------
    total, per : ndarray, shape (N, T)
        Zero at gaps.
    treated : ndarray of bool, shape (N,)
    ratio : bool
        A rise is told in proportion to the unit's own level.
    """

    total: np.ndarray
    per: np.ndarray
    treated: np.ndarray
    ratio: bool

    def measure(self, over: int) -> np.ndarray:
        """The level of each unit (``over`` = 0), or its rise in the last ``over`` periods; shape (N,)."""
        level = _rate(self.total, self.per)
        if not over:
            return level
        late = _rate(self.total[:, -over:], self.per[:, -over:])
        if not self.ratio:
            return late - _rate(self.total[:, :-over], self.per[:, :-over])
        return np.where(level > 0, late / np.where(level > 0, level, 1.0), np.nan)


def gaps(
    total: np.ndarray, per: np.ndarray, start: np.ndarray, ordinals: np.ndarray, ratio: bool
) -> list[Gap]:
    """The gaps in level and in rises before treatment: the mean over cohorts, each against all untreated by then.

    Parameters
    ----------
    total, per : ndarray, shape (N, T)
        Outcomes, and weights times exposure; zero at gaps.
    start : ndarray, shape (N,)
        Ordinal of the first treated period, infinite for the never treated.
    ordinals : ndarray, shape (T,)
    ratio : bool
    """
    later = start[np.isfinite(start) & (start > ordinals[0])]
    if not len(later):
        return []
    starts, sizes = np.unique(later, return_counts=True)
    measures = (0, *_spells(int((ordinals < starts[0]).sum())))
    found, compared = np.zeros(len(measures)), len(start)
    for first, size in zip(starts, sizes, strict=True):
        units, before = start >= first, ordinals < first
        base = Baseline(total[units][:, before], per[units][:, before], start[units] == first, ratio)
        compared = min(compared, int((~base.treated).sum()))
        apart = [_standardised(base.measure(over), base.treated) for over in measures]
        found += np.array(apart) * size / len(later)
    lot = float(stats.norm.isf(_CHANCE / 2 / len(measures)))
    chance = lot * float(np.sqrt(1 / len(later) + 1 / max(compared, 1)))
    return [Gap(over, float(size), chance) for over, size in zip(measures, found, strict=True)]


def _spells(before: int) -> tuple[int, ...]:
    """The last quarter of the baseline, and its last three periods where those are a shorter spell."""
    if before < 2:
        return ()
    quarter = max(1, before // 4)
    return (SPIKE, quarter) if quarter > SPIKE else (quarter,)


def _rate(total: np.ndarray, per: np.ndarray) -> np.ndarray:
    reach = per.sum(axis=1)
    return np.where(reach > 0, total.sum(axis=1) / np.where(reach > 0, reach, 1.0), np.nan)


def _standardised(values: np.ndarray, treated: np.ndarray) -> float:
    """The gap in means over the root of the mean variance of the arms (of the larger arm where one is single)."""
    arms = [side[~np.isnan(side)] for side in (values[treated], values[~treated])]
    if min(map(len, arms)) == 0 or max(map(len, arms)) < 2:
        return 0.0
    variances = [side.var(ddof=1) for side in arms if len(side) > 1]
    spread = float(np.sqrt(np.mean(variances)))
    gap = float(arms[0].mean() - arms[1].mean())
    rounding = 1e-9 * float(np.nanmax(np.abs(values)))
    return gap / spread if spread > rounding else 0.0

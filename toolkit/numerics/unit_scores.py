"""What each unit would add to the imputation estimate under each start date it might have had, from one fit."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from toolkit.numerics import fixed_effects
from toolkit.numerics.imputation import Cells


@dataclass(frozen=True, eq=False)
class Fit:
    """Weighted means (or weights, for differences) and weighted residuals under a trial effect; shapes (N, T)."""

    mean: np.ndarray
    gap: np.ndarray


def fit(cells: Cells, effect: float) -> Fit:
    """The two-way fit of all cells, with ``effect`` (log ratio or difference) taken as known in the treated ones."""
    seen = cells.weight > 0
    y = np.where(seen, cells.y, 0.0)
    if not cells.ratio:
        y = y - effect * cells.treated
        found = fixed_effects.least_squares(y, cells.weight, cells.x)
        gap = np.where(seen, y - np.nan_to_num(found.additive(cells.x)), 0.0) * cells.weight
        return Fit(cells.weight, gap)
    exposure = np.ones_like(cells.weight) if cells.exposure is None else cells.exposure
    exposure = np.where(cells.treated, exposure * math.exp(effect), exposure)
    found = fixed_effects.poisson(cells.y, cells.weight, exposure, cells.x)
    mean = np.where(seen, np.nan_to_num(found.multiplicative(exposure, cells.x)), 0.0) * cells.weight
    return Fit(mean, y * cells.weight - mean)


def table(found: Fit, starts: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Each unit's score under each start date, and under none in the last column; shape (N, L + 1).

    The sum over treated cells of observed - expected, with expected from untreated cells alone, is to first
    order a sum over units: a unit that starts at g adds what its cells from g on exceed its own level before g,
    less its part in the period effects. In a balanced panel of differences this is exact, and the sum over units
    is the imputation estimate times the number of treated cells, for any assignment of the same start dates. Of ratios
    and units of unequal size it is that but for how far the treated are from the average size.

    Parameters
    ----------
    starts : ndarray of int, shape (L,)
        Columns of the first treated periods.
    share : ndarray, shape (L + 1,)
        Of units with each start date, and with none: period effects are moved by the average assignment, so that
        the scores do not depend on the actual one.
    """
    periods = found.mean.shape[1]
    late = np.arange(periods) >= np.append(starts, periods)[:, None]
    pull = _period_pull(found, late, share)
    return np.stack([_under(found, row, pull) for row in late], axis=1)


def _under(found: Fit, late: np.ndarray, pull: np.ndarray) -> np.ndarray:
    """The scores if every unit were treated in the ``late`` periods and in no others."""
    mass, gap = found.mean[:, ~late].sum(1), found.gap[:, ~late].sum(1)
    known = mass > 0
    rise = np.where(known, gap / np.where(known, mass, 1.0), 0.0)
    left = np.where(known[:, None], found.gap - found.mean * rise[:, None], 0.0)
    return np.asarray(left[:, late].sum(1) - left[:, ~late] @ pull[~late])


def _period_pull(found: Fit, late: np.ndarray, share: np.ndarray) -> np.ndarray:
    """How far a unit of each period's residual moves what is expected in the treated cells; shape (T,)."""
    periods = found.mean.shape[1]
    slope, equations = np.zeros(periods), np.zeros((periods, periods))
    for row, part in zip(late, share, strict=True):
        untreated, treated = np.where(row, 0.0, found.mean), np.where(row, found.mean, 0.0)
        mass = untreated.sum(1)
        reach = np.where(mass > 0, treated.sum(1) / np.where(mass > 0, mass, 1.0), 0.0)
        slope += part * (treated[mass > 0].sum(0) - reach @ untreated)
        equations += part * fixed_effects.cross_products(untreated, None)
    part = np.where(np.diag(equations) > 0, 0, -1)
    return fixed_effects.solve(equations, slope, part)

"""Differences before treatment from a regression on untreated cells with a dummy for each lead."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from toolkit.numerics import fixed_effects, imputation
from toolkit.numerics.imputation import Cells
from toolkit.numerics.left_out import Fits


def dummies(cells: Cells, group: np.ndarray, count: int) -> np.ndarray:
    """A dummy for each lead, and then the covariates; shape (N, T, count + K)."""
    own = (group[..., None] == np.arange(count)).astype(float)
    return own if cells.x is None else np.concatenate([own, np.nan_to_num(cells.x)], axis=-1)


def cells_with(cells: Cells, group: np.ndarray, count: int) -> Cells:
    """The untreated cells, with the dummies of the leads as the first covariates.

    Parameters
    ----------
    cells : Cells
    group : ndarray of int, shape (N, T)
        The lead of each untreated cell, 0 to ``count`` - 1; -1 for none: the reference.
    count : int
    """
    x = dummies(cells, group, count)
    return replace(cells, weight=cells.untreated_weight, treated=np.zeros_like(cells.treated), x=x)


def told_apart(cells: Cells, group: np.ndarray, count: int) -> np.ndarray:
    """Which leads the untreated cells can tell from unit and period effects, covariates and the leads after them."""
    backwards = dummies(cells, group, count)[
        ..., ::-1
    ]  # covariates first, then from the last lead to the first
    return fixed_effects.speaking(backwards, cells.untreated_weight)[::-1][:count]


def effects(cells: Cells, group: np.ndarray, count: int) -> np.ndarray:
    """Coefficients of the leads (logs of ratios for Poisson), shape (count,).

    Borusyak, Jaravel and Spiess (2024), test of parallel trends: the reference is all untreated time before the first
    lead, and units never treated. Minus infinity where the treated record nothing at a lead, NaN where none is seen.
    """
    both = cells_with(cells, group, count)
    return _marked(imputation.fit(both).coef[None, :count], _totals(both, group, count)[None])[0]


def without(cells: Cells, group: np.ndarray, count: int, cluster: np.ndarray) -> np.ndarray:
    """The coefficients without each cluster in turn, shape (G, count)."""
    both = cells_with(cells, group, count)
    fits = Fits.of(both, cluster)
    values = fits.coef[:, :count].copy()
    for code in np.flatnonzero(~fits.quick):
        keep = cluster != code
        values[code] = effects(cells.units(keep), group[keep], count)
    totals = [
        _totals(both.units(cluster != code), group[cluster != code], count) for code in range(len(values))
    ]
    return _marked(values, np.array(totals))


def _totals(cells: Cells, group: np.ndarray, count: int) -> np.ndarray:
    """The weight of the cells at each lead, and their weighted outcome (1 for differences); shape (2, count)."""
    used = (cells.weight > 0) & (group >= 0)
    weight = cells.weight[used]
    seen = weight * (cells.y[used] if cells.ratio else 1.0)
    return np.array([np.bincount(group[used], part, minlength=count) for part in (weight, seen)])


def _marked(values: np.ndarray, totals: np.ndarray) -> np.ndarray:
    size, seen = totals[:, 0], totals[:, 1]
    return np.where(size > 0, np.where(seen > 0, values, -np.inf), np.nan)

"""Effects on groups of treated cells without each cluster in turn: what the jackknife needs."""

from __future__ import annotations

import numpy as np

from toolkit.numerics import imputation, left_out
from toolkit.numerics.fixed_effects import Effects
from toolkit.numerics.imputation import Cells
from toolkit.numerics.left_out import Fits


def effect(cells: Cells, cluster: np.ndarray) -> np.ndarray:
    """The effect on all treated cells without each cluster in turn, shape (G,)."""
    halves = imputation.before_and_after(cells)
    if halves is not None:
        return _closed_form(cells, halves, cluster)
    return effects(cells, np.zeros(cells.y.shape, dtype=int), 1, cluster)[:, 0]


def effects(cells: Cells, group: np.ndarray, count: int, cluster: np.ndarray) -> np.ndarray:
    """The effects on groups of treated cells without each cluster in turn.

    Parameters
    ----------
    cells : Cells
    group : ndarray of int, shape (N, T)
        The group of each treated cell, 0 to ``count`` - 1; -1 for none.
    count : int
    cluster : ndarray of int, shape (N,)

    Returns
    -------
    ndarray, shape (G, count)
    """
    fits = Fits.of(cells, cluster)
    if cells.ratio and cells.x is not None:
        return np.array([_direct(cells, group, count, keep, fit) for keep, fit in fits.each()])
    seen = cells.untreated_weight > 0
    known = cells.treated & (cells.weight > 0) & np.atleast_1d(seen.any(axis=1))[:, None] & seen.any(axis=0)
    masses = [np.where(known & (group == j), cells.weight, 0.0) for j in range(count)]
    batched = _ratios if cells.ratio else _differences
    values = np.stack([batched(fits, mass) for mass in masses], axis=1)
    for code in np.flatnonzero(~fits.quick):
        keep = cluster != code
        values[code] = _direct(cells, group, count, keep, imputation.fit(cells.units(keep)))
    return values


def _direct(cells: Cells, group: np.ndarray, count: int, keep: np.ndarray, fit: Effects) -> np.ndarray:
    left = cells.units(keep)
    return imputation.by_group(left, imputation.predicted(left, fit), group[keep], count)


def _differences(fits: Fits, mass: np.ndarray) -> np.ndarray:
    """Weighted mean of y - unit - period - slopes, of which the unit effect is the mean over untreated cells.

    Each unit adds a constant and a linear function of the parameters, so clusters are subtracted; shape (G,).
    """
    whole, members = fits.whole, left_out.indicator(fits.cluster)
    total, size = whole.mass.sum(1, keepdims=True), mass.sum(1, keepdims=True)
    share = whole.mass / np.where(total > 0, total, 1.0)
    y = np.where(mass > 0, fits.cells.y, 0.0)
    constant = (mass * y).sum(1, keepdims=True) - size * (share * whole.y).sum(1, keepdims=True)
    slopes = mass - size * share
    if whole.x is not None and fits.cells.x is not None:
        late = np.where((mass > 0)[..., None], (fits.cells.x - whole.centre) / whole.spread, 0.0)
        along = np.einsum("nt,ntk->nk", mass, late) - size * np.einsum("nt,ntk->nk", share, whole.x)
        slopes = np.concatenate([slopes, along], axis=1)
    own = members @ np.concatenate([size, constant, slopes], axis=1)
    left = own.sum(0) - own
    left[:, 0] = np.where(left[:, 0] > 1e-12 * own[:, 0].sum(), left[:, 0], np.nan)
    return np.asarray((left[:, 1] - (left[:, 2:] * fits.theta).sum(1)) / left[:, 0])


def _ratios(fits: Fits, mass: np.ndarray) -> np.ndarray:
    """Log of summed observed over summed expected, where expected is unit x period x exposure; shape (G,)."""
    whole, cells, cluster = fits.whole, fits.cells, fits.cluster
    rows, columns = mass.any(1), mass.any(0)
    reach = mass if cells.exposure is None else mass * np.where(mass > 0, cells.exposure, 0.0)
    level = np.where(whole.linked, np.exp(fits.theta[:, : len(whole.linked)]), 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        raw = whole.mass[rows] @ level.T
        unit = np.where(raw > 0, whole.typical * whole.y[rows].sum(1, keepdims=True) / raw, 0.0)
        unit[cluster[rows][:, None] == np.arange(len(level))] = 0.0
        base = ((unit.T @ reach[np.ix_(rows, columns)]) * level[:, columns]).sum(1)
        seen = _sum_without((mass * np.where(mass > 0, cells.y, 0.0)).sum(1), cluster)
        left = _sum_without(mass.sum(1), cluster)
        return np.where(left > 0, np.log(seen) - np.log(base), np.nan)


def _closed_form(cells: Cells, halves: Cells, cluster: np.ndarray) -> np.ndarray:
    """Delete-one effects from unit sums: the ratio of ratios, or the difference in mean changes."""
    arm = halves.treated[:, 1]
    if not cells.ratio:
        change = halves.y[:, 1] - halves.y[:, 0]
        return _mean_without(change, arm, cluster) - _mean_without(change, ~arm, cluster)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = [np.log(_sum_without(halves.y[:, p] * side, cluster)) for side in (arm, ~arm) for p in (1, 0)]
        return (logs[0] - logs[1]) - (logs[2] - logs[3])


def _sum_without(values: np.ndarray, cluster: np.ndarray) -> np.ndarray:
    sums = np.bincount(cluster, weights=values)
    left = sums.sum() - sums
    return np.where(np.abs(left) <= 1e-12 * np.abs(sums).sum(), 0.0, left)


def _mean_without(values: np.ndarray, arm: np.ndarray, cluster: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return _sum_without(values * arm, cluster) / _sum_without(arm.astype(float), cluster)

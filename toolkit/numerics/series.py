"""Observed and expected by period for the treated units, before and after treatment."""

from __future__ import annotations

import numpy as np

from toolkit.numerics import fixed_effects, jackknife
from toolkit.numerics.imputation import Cells, before_and_after, expected


def filled(cells: Cells, never: np.ndarray) -> np.ndarray:
    """Expected values of every cell of the treated units, NaN elsewhere; shape (N, T).

    From treatment on it is the imputation. Before treatment it is the unit's own untreated total (or mean)
    spread by the comparison's path, never an in-sample fit, whose residuals would be shrunk towards zero.
    With one start and no gaps the two are one formula.
    """
    would_be = expected(cells)
    reference = cells.units(never) if never.any() else cells
    weight = reference.untreated_weight
    base = cells.untreated_weight > 0
    if cells.ratio:
        period = fixed_effects.poisson(reference.y, weight, reference.exposure).period
        reach = (
            base * np.nan_to_num(period) * (1.0 if cells.exposure is None else np.nan_to_num(cells.exposure))
        )
        total = reach.sum(1, keepdims=True)
        own = (cells.y * base).sum(1, keepdims=True)
        before = own * reach / np.where(total > 0, total, np.nan)
    else:
        period = fixed_effects.least_squares(reference.y, weight).period
        gap = np.where(base, cells.y - np.nan_to_num(period), 0.0)
        before = gap.sum(1, keepdims=True) / np.maximum(base.sum(1, keepdims=True), 1) + period
    everything = np.where(cells.treated, would_be, np.where(base, before, np.nan))
    return np.where((cells.weight > 0) & ~never[:, None], everything, np.nan)


def by_period(cells: Cells, never: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Observed, expected and number of cells per period over the treated units; totals for ratios, else means."""
    would_be = filled(cells, never)
    known = ~np.isnan(would_be)
    number = known.sum(0)
    seen = np.where(known, cells.y, 0.0).sum(0)
    base = np.where(known, would_be, 0.0).sum(0)
    if not cells.ratio:
        with np.errstate(invalid="ignore", divide="ignore"):
            seen, base = seen / number, base / number
    return np.where(number > 0, seen, np.nan), np.where(number > 0, base, np.nan), number


def relative(cells: Cells, never: np.ndarray) -> np.ndarray:
    """Observed over expected (NaN where none was expected), or observed minus expected, by period; shape (T,)."""
    seen, base, _ = by_period(cells, never)
    return seen / np.where(base > 0, base, np.nan) if cells.ratio else seen - base


def relative_without(cells: Cells, never: np.ndarray, cluster: np.ndarray) -> np.ndarray:
    """`relative` without each cluster in turn, shape (G, T); from sums over units where that loses nothing."""
    if before_and_after(cells) is None:
        return jackknife.deleted(lambda keep: relative(cells.units(keep), never[keep]), cluster)
    before = ~cells.treated.any(axis=0)
    treated, compared = (_sums_without(cells.y * side[:, None], cluster) for side in (~never, never))
    with np.errstate(divide="ignore", invalid="ignore"):
        if cells.ratio:
            share = compared / compared[:, before].sum(1, keepdims=True)
            base = treated[:, before].sum(1, keepdims=True) * share
            return treated / np.where(base > 0, base, np.nan)
        treated, compared = (
            total / _sums_without(side[:, None].astype(float), cluster)
            for total, side in ((treated, ~never), (compared, never))
        )
        gap = treated - compared
        return gap - gap[:, before].mean(1, keepdims=True)


def _sums_without(values: np.ndarray, cluster: np.ndarray) -> np.ndarray:
    """Column sums over the units outside each cluster, shape (G, columns)."""
    groups = int(cluster.max()) + 1
    sums = np.stack([np.bincount(cluster, weights=column, minlength=groups) for column in values.T], axis=1)
    left = sums.sum(0) - sums
    return np.where(np.abs(left) <= 1e-12 * np.abs(sums).sum(0), 0.0, left)

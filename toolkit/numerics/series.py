"""Observed and expected by period for the treated units, before and after treatment."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from toolkit.numerics import imputation
from toolkit.numerics.fixed_effects import Effects, linear
from toolkit.numerics.imputation import Cells, before_and_after, predicted
from toolkit.numerics.left_out import Fits


def filled(cells: Cells, never: np.ndarray) -> np.ndarray:
    """Expected values of every cell of the treated units, NaN elsewhere; shape (N, T).

    From treatment on it is the imputation. Before treatment it is the unit's own untreated total (or mean)
    spread by the comparison's path, never an in-sample fit, whose residuals would be shrunk towards zero. Where there
    are covariates, both paths are what they are at the coefficients of the whole fit.
    With one start and no gaps the two are one formula.
    """
    fit = imputation.fit(cells)
    return _filled(cells, never, fit, imputation.fit(_reference(cells, never, _slopes(cells, fit))).period)


def _slopes(cells: Cells, fit: Effects) -> np.ndarray | None:
    """What the covariates add to each cell (to its log, for ratios); shape (N, T)."""
    return None if cells.x is None else np.nan_to_num(np.asarray(linear(cells.x, fit.coef, fit.centre)))


def _reference(cells: Cells, never: np.ndarray, slopes: np.ndarray | None) -> Cells:
    """Whose path says how a treated unit's time before is spread: the comparison's, less what covariates add."""
    if slopes is not None:
        exposure = np.exp(slopes) * (1.0 if cells.exposure is None else cells.exposure)
        changed = {"exposure": exposure} if cells.ratio else {"y": cells.y - slopes}
        cells = replace(cells, x=None, **changed)
    return cells.units(never) if never.any() else cells


def _filled(cells: Cells, never: np.ndarray, fit: Effects, period: np.ndarray) -> np.ndarray:
    base, slopes = cells.untreated_weight > 0, _slopes(cells, fit)
    added = 0.0 if slopes is None else slopes
    if cells.ratio:
        size = np.exp(added) * (1.0 if cells.exposure is None else np.nan_to_num(cells.exposure))
        reach = base * np.nan_to_num(period) * size
        total = reach.sum(1, keepdims=True)
        own = (cells.y * base).sum(1, keepdims=True)
        before = own * reach / np.where(total > 0, total, np.nan)
    else:
        gap = np.where(base, cells.y - np.nan_to_num(period) - added, 0.0)
        before = gap.sum(1, keepdims=True) / np.maximum(base.sum(1, keepdims=True), 1) + period + added
    everything = np.where(cells.treated, predicted(cells, fit), np.where(base, before, np.nan))
    return np.where((cells.weight > 0) & ~never[:, None], everything, np.nan)


def by_period(cells: Cells, never: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Observed, expected and number of cells per period over the treated units; totals for ratios, else means."""
    return _summed(cells, filled(cells, never))


def _summed(cells: Cells, would_be: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
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
    return _relative(by_period(cells, never), cells.ratio)


def _relative(summed: tuple[np.ndarray, np.ndarray, np.ndarray], ratio: bool) -> np.ndarray:
    seen, base, _ = summed
    return seen / np.where(base > 0, base, np.nan) if ratio else seen - base


def relative_without(cells: Cells, never: np.ndarray, cluster: np.ndarray) -> np.ndarray:
    """`relative` without each cluster in turn, shape (G, T); from sums over units where that loses nothing."""
    if before_and_after(cells) is None:
        return _each_without(cells, never, cluster)
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


def _each_without(cells: Cells, never: np.ndarray, cluster: np.ndarray) -> np.ndarray:
    """`relative` without each cluster in turn, from what is left of the whole fits; shape (G, T)."""
    paths = _paths_without(cells, never, cluster) if cells.x is None else {}
    rows = []
    for code, (keep, fit) in enumerate(Fits.of(cells, cluster).each()):
        left, untreated = cells.units(keep), never[keep]
        path = (
            paths[code] if paths else imputation.fit(_reference(left, untreated, _slopes(left, fit))).period
        )
        rows.append(_relative(_summed(left, _filled(left, untreated, fit, path)), cells.ratio))
    return np.array(rows)


def _paths_without(cells: Cells, never: np.ndarray, cluster: np.ndarray) -> dict[int, np.ndarray]:
    """The reference's period effects without each cluster: the whole ones where it holds none of the reference."""
    reference, own = _reference(cells, never, None), cluster[never] if never.any() else cluster
    codes, short = np.unique(own, return_inverse=True)
    whole = imputation.fit(reference).period
    fitted = (
        [fit.period for _, fit in Fits.of(reference, short).each()] if len(codes) > 1 else [whole * np.nan]
    )
    return dict.fromkeys(range(int(cluster.max()) + 1), whole) | dict(
        zip(codes.tolist(), fitted, strict=True)
    )


def _sums_without(values: np.ndarray, cluster: np.ndarray) -> np.ndarray:
    """Column sums over the units outside each cluster, shape (G, columns)."""
    groups = int(cluster.max()) + 1
    sums = np.stack([np.bincount(cluster, weights=column, minlength=groups) for column in values.T], axis=1)
    left = sums.sum(0) - sums
    return np.where(np.abs(left) <= 1e-12 * np.abs(sums).sum(0), 0.0, left)

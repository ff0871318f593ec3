"""The imputation estimate: fit untreated cells, say what treated cells would have been, compare."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from toolkit.numerics import fixed_effects
from toolkit.numerics.fixed_effects import Effects


@dataclass(frozen=True, eq=False)
class Cells:
    """Outcomes of N units over T periods, and which of them are treated.

    Attributes
    ----------
    y : ndarray, shape (N, T)
        May hold anything where ``weight`` is 0.
    weight : ndarray, shape (N, T)
        0 at gaps.
    treated : ndarray of bool, shape (N, T)
        Observed and treated.
    exposure : ndarray, shape (N, T), or None
    x : ndarray, shape (N, T, K), or None
    ratio : bool
        Poisson and a ratio, or least squares and a difference.
    """

    y: np.ndarray
    weight: np.ndarray
    treated: np.ndarray
    exposure: np.ndarray | None
    x: np.ndarray | None
    ratio: bool

    @property
    def untreated_weight(self) -> np.ndarray:
        """The weight of untreated cells, and 0 elsewhere."""
        return np.where(self.treated, 0.0, self.weight)

    def units(self, keep: np.ndarray) -> Cells:
        """Some of the units only."""
        exposure = None if self.exposure is None else self.exposure[keep]
        x = None if self.x is None else self.x[keep]
        return Cells(self.y[keep], self.weight[keep], self.treated[keep], exposure, x, self.ratio)


def fit(cells: Cells) -> Effects:
    """Unit and period effects (and coefficients of covariates) of the untreated cells."""
    if cells.ratio:
        return fixed_effects.poisson(cells.y, cells.untreated_weight, cells.exposure, cells.x)
    return fixed_effects.least_squares(cells.y, cells.untreated_weight, cells.x)


def predicted(cells: Cells, effects: Effects) -> np.ndarray:
    """What each cell would have been untreated, from a fit; NaN where it cannot say; shape (N, T)."""
    return effects.multiplicative(cells.exposure, cells.x) if cells.ratio else effects.additive(cells.x)


def expected(cells: Cells) -> np.ndarray:
    """What each cell would have been untreated; NaN where the untreated cells cannot say; shape (N, T)."""
    return predicted(cells, fit(cells))


def effect(cells: Cells) -> float:
    """The log of sum observed / sum expected, or the weighted mean of observed - expected, over treated cells.

    Borusyak, Jaravel and Spiess (2024); Wooldridge (2023) for the Poisson case. NaN where no
    treated cell can be estimated, infinite where one of the sums is zero.
    """
    return compare(cells, expected(cells))


def compare(cells: Cells, would_be: np.ndarray) -> float:
    """The effect, given what each cell would have been."""
    used = cells.treated & (cells.weight > 0) & ~np.isnan(would_be)
    weight = cells.weight[used]
    if not weight.sum() > 0:
        return float("nan")
    seen, base = weight @ cells.y[used], weight @ would_be[used]
    if not cells.ratio:
        return float((seen - base) / weight.sum())
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.log(seen) - np.log(base))


def by_group(cells: Cells, would_be: np.ndarray, group: np.ndarray, count: int) -> np.ndarray:
    """The effect on each group of treated cells, given what each cell would have been.

    Parameters
    ----------
    cells : Cells
    would_be : ndarray, shape (N, T)
    group : ndarray of int, shape (N, T)
        0 to ``count`` - 1; -1 for none.
    count : int

    Returns
    -------
    ndarray, shape (count,)
        NaN where no cell of the group can be estimated.
    """
    used = cells.treated & (cells.weight > 0) & ~np.isnan(would_be) & (group >= 0)
    code, weight = group[used], cells.weight[used]
    size, seen, base = (
        np.bincount(code, weights=part, minlength=count)
        for part in (weight, weight * cells.y[used], weight * would_be[used])
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        values = np.log(seen) - np.log(base) if cells.ratio else (seen - base) / size
    return np.where(size > 0, values, np.nan)


def before_and_after(cells: Cells) -> Cells | None:
    """The same cells added up (or averaged) into two periods, where that loses nothing; otherwise None.

    It loses nothing with one start date, no gaps, weights or covariates, and no exposure or one that is a
    product of a unit and a period factor: the two-way fit then depends on the margins alone.
    """
    after: np.ndarray = np.atleast_1d(cells.treated.any(axis=0))
    one_start = bool((cells.treated == (np.atleast_1d(cells.treated.any(axis=1))[:, None] & after)).all())
    if (
        not one_start
        or cells.x is not None
        or (cells.weight != cells.weight.flat[0]).any()
        or cells.weight.flat[0] == 0
    ):
        return None
    if cells.exposure is not None and not _factors(cells.exposure):
        return None
    add = np.sum if cells.ratio else np.mean
    y = np.stack([add(cells.y[:, ~after], axis=1), add(cells.y[:, after], axis=1)], axis=1)
    treated = np.stack([np.zeros(len(y), dtype=bool), cells.treated.any(axis=1)], axis=1)
    return Cells(y, np.ones_like(y), treated, None, None, cells.ratio)


def _factors(exposure: np.ndarray) -> bool:
    """Is the exposure a product of a unit factor and a period factor, to rounding?"""
    product = exposure[:, :1] * exposure[:1] / exposure[0, 0]
    return bool(np.allclose(exposure, product, rtol=1e-12, atol=0))

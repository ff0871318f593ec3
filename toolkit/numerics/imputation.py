"""The imputation estimate: fit untreated cells, say what treated cells would have been, compare."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from toolkit.numerics import fixed_effects, jackknife


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


def expected(cells: Cells) -> np.ndarray:
    """What each cell would have been untreated; NaN where the untreated cells cannot say; shape (N, T)."""
    weight = cells.untreated_weight
    if cells.ratio:
        fit = fixed_effects.poisson(cells.y, weight, cells.exposure, cells.x)
        return fit.multiplicative(cells.exposure, cells.x)
    return fixed_effects.least_squares(cells.y, weight, cells.x).additive(cells.x)


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


def effect_without(cells: Cells, cluster: np.ndarray) -> np.ndarray:
    """The effect without each cluster in turn, shape (G,)."""
    halves = before_and_after(cells)
    if halves is not None:
        return _closed_form(cells, halves, cluster)
    return jackknife.deleted(lambda keep: np.array([effect(cells.units(keep))]), cluster)[:, 0]


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

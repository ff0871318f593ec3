"""Two-way fits without each cluster in turn: what the cluster added is taken out of the whole fit, not fitted again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_matrix

from toolkit.numerics import connected, fixed_effects, imputation
from toolkit.numerics.fixed_effects import TOLERANCE, Effects, Likelihood, against, cross_products, linear
from toolkit.numerics.imputation import Cells

ROOM = 4_000_000  # numbers held at once for a batch of clusters
_STEPS = 40
_SILENT = 1e-10  # a covariate with less than this share of its variation left says nothing


@dataclass(frozen=True, eq=False)
class Whole:
    """The untreated cells as the fit sees them.

    Attributes
    ----------
    y, mass : ndarray, shape (N, T)
        Outcomes and weights (least squares), or weighted counts and weights times exposure (Poisson); 0 where a cell
        is not in the fit, as those of units or periods with nothing but zeros are not in a Poisson fit.
    x : ndarray, shape (N, T, K), or None
        Covariates from their ``centre`` in units of their ``spread``.
    linked : ndarray of bool, shape (T,)
        Periods with an effect.
    ratio : bool
    typical : float
        The unit that counts are in.
    """

    y: np.ndarray
    mass: np.ndarray
    x: np.ndarray | None
    centre: np.ndarray | float
    spread: np.ndarray | float
    linked: np.ndarray
    ratio: bool
    typical: float = 1.0

    @classmethod
    def of(cls, cells: Cells) -> Whole:
        """Set up; counts in units of a typical one, so that their units do not move the stopping rule."""
        weight = cells.untreated_weight
        used = weight > 0
        if cells.ratio:
            some = used & (cells.y > 0)
            used = used & np.atleast_1d(some.any(axis=1))[:, None] & some.any(axis=0)
        reach = weight if cells.exposure is None else weight * np.where(used, cells.exposure, 0.0)
        y = np.where(used, cells.y * (weight if cells.ratio else 1.0), 0.0)
        typical = float(y.sum()) / max(int(used.sum()), 1) or 1.0 if cells.ratio else 1.0
        x, centre, spread = fixed_effects.standardised(cells.x, used)
        mass = np.where(used, reach, 0.0)
        linked = np.atleast_1d(used.any(axis=0))
        return cls(y / typical, mass, x, centre, spread, linked, cells.ratio, typical)

    @property
    def free(self) -> np.ndarray:
        """Which of the T + K parameters are free: the first linked period's effect is fixed at zero."""
        periods = self.linked.copy()
        periods[np.argmax(periods)] = False
        return np.concatenate([periods, np.ones(0 if self.x is None else self.x.shape[2], dtype=bool)])

    def units(self, keep: np.ndarray) -> Whole:
        """Some of the units only."""
        x = None if self.x is None else self.x[keep]
        return replace(self, y=self.y[keep], mass=self.mass[keep], x=x)

    def likelihood(self) -> Likelihood:
        """Of the Poisson fit."""
        return Likelihood(self.y, self.mass, self.x, np.where(self.linked, 0, -1))

    def equations(self, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Normal matrix and right-hand side: of least squares, or of Newton's step from ``theta``."""
        if self.ratio:
            mean = self.likelihood().at(theta)[1]
            gap, matrix = self.y - mean, cross_products(mean, self.x)
        else:
            total = self.mass.sum(1, keepdims=True)
            middle = (self.mass * self.y).sum(1, keepdims=True) / np.where(total > 0, total, 1.0)
            gap, matrix = self.mass * (self.y - middle), cross_products(self.mass, self.x)
        return matrix, np.concatenate([gap.sum(0), against(gap, self.x)])


@dataclass(frozen=True, eq=False)
class Fits:
    """The fit to the untreated cells without each cluster in turn.

    Attributes
    ----------
    cells : Cells
    whole : Whole
    cluster : ndarray of int, shape (N,)
    theta : ndarray, shape (G, T + K)
        Log (Poisson) or additive period effects up to a constant, and coefficients of the standardised covariates.
    quick : ndarray of bool, shape (G,)
        Where ``theta`` is right. Elsewhere what is left without the cluster connects differently, or leaves a covariate
        nothing to say, and has to be fitted from scratch.
    """

    cells: Cells
    whole: Whole
    cluster: np.ndarray
    theta: np.ndarray
    quick: np.ndarray

    @classmethod
    def of(cls, cells: Cells, cluster: np.ndarray) -> Fits:
        """Fit without each cluster in turn."""
        whole = Whole.of(cells)
        quick = same_parts(cells, cluster)
        theta = np.zeros((len(quick), len(whole.free)))
        if not quick.any():
            return cls(cells, whole, cluster, theta, quick)
        start = np.concatenate(whole.likelihood().maximise()) if cells.ratio else theta[0]
        for batch in _batches(np.flatnonzero(quick), max(len(whole.free) ** 2, len(cells.y))):
            theta[batch], quick[batch] = _downdated(whole, cluster, batch, start)
        return cls(cells, whole, cluster, theta, quick)

    @property
    def coef(self) -> np.ndarray:
        """Coefficients of the covariates in their own units, shape (G, K); NaN where not quick."""
        slopes = self.theta[:, len(self.whole.linked) :] / self.whole.spread
        return np.where(self.quick[:, None], slopes, np.nan)

    def each(self) -> Iterator[tuple[np.ndarray, Effects]]:
        """For each cluster, the units kept and the fit to them."""
        for code, quick in enumerate(self.quick):
            keep = self.cluster != code
            left = self.cells.units(keep)
            yield keep, self._filled(keep, code) if quick else imputation.fit(left)

    def _filled(self, keep: np.ndarray, code: int) -> Effects:
        """Unit effects from the others: each unit's untreated total is fitted exactly."""
        whole, periods = self.whole.units(keep), len(self.whole.linked)
        theta, seen = self.theta[code], self.cells.untreated_weight[keep] > 0
        eta = theta[:periods] + linear(whole.x, theta[periods:])
        raw = whole.mass * (np.exp(eta) if whole.ratio else 1.0)
        total, reach = (whole.y if whole.ratio else whole.mass * (whole.y - eta)).sum(1), raw.sum(1)
        inside, linked = reach > 0, whole.linked
        level = np.where(inside, whole.typical * total / np.where(inside, reach, 1.0), 0.0)
        zero_or_gap = np.where(seen.any(0), 0.0, np.nan)
        return Effects(
            np.where(seen.any(1), level, np.nan),
            np.where(linked, np.exp(theta[:periods]) if whole.ratio else theta[:periods], zero_or_gap),
            theta[periods:] / whole.spread,
            np.where(inside, 0, np.where(seen.any(1), 1 + np.arange(len(level)), -1)),
            np.where(linked, 0, -1),
            whole.centre,
        )  # fmt: skip


def same_parts(cells: Cells, cluster: np.ndarray) -> np.ndarray:
    """Are the untreated cells one connected part, with and without the cluster? Bool, shape (G,)."""
    seen = cells.untreated_weight > 0
    some = seen & (cells.y > 0) if cells.ratio else seen
    groups = int(cluster.max()) + 1
    if not _one_part(seen, some):
        return np.zeros(groups, dtype=bool)
    hubs = np.unique(cluster[connected.hubs(seen, some)])
    members = indicator(cluster)
    kept = np.ones(groups, dtype=bool)
    for edges in (seen, some):
        own = members @ edges.astype(float)
        kept &= ((own < own.sum(0)) | (own.sum(0) == 0)).all(axis=1)
    for code in np.flatnonzero(kept) if len(hubs) < 2 else []:
        if not (hubs != code).any():
            kept[code] = _one_part(seen[cluster != code], some[cluster != code])
    return kept


def indicator(cluster: np.ndarray) -> csr_matrix:
    """Which units each cluster holds, as a sparse matrix of 0 and 1; shape (G, N)."""
    n = len(cluster)
    return csr_matrix((np.ones(n), (cluster, np.arange(n))), shape=(int(cluster.max()) + 1, n))


def _one_part(seen: np.ndarray, some: np.ndarray) -> bool:
    unit, period = connected.parts(seen, some)
    return len(np.unique(np.concatenate([unit[some.any(1)], period[some.any(0)]]))) == 1


def _batches(codes: np.ndarray, size: int) -> list[np.ndarray]:
    """The clusters in batches whose arrays of ``size`` numbers each fit the room."""
    return np.array_split(codes, max(1, -(-len(codes) * size // ROOM)))


def _downdated(
    whole: Whole, cluster: np.ndarray, batch: np.ndarray, start: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The fits without each cluster of a batch, and which of them can be trusted."""
    matrix, right = whole.equations(start)
    free = whole.free
    own = [whole.units(cluster == code).equations(start) for code in batch]
    matrices = np.stack([(matrix - one)[np.ix_(free, free)] for one, _ in own])
    rights = np.stack([(right - one)[free] for _, one in own])
    sound = _speaking(matrices, matrix[free, free], 0 if whole.x is None else whole.x.shape[2])
    matrices[~sound] = np.eye(len(matrices[0]))
    theta = np.tile(start, (len(batch), 1))
    if not whole.ratio:
        theta[:, free] = np.linalg.solve(matrices, rights[..., None])[..., 0]
        return theta, sound
    inverse = np.linalg.inv(matrices)
    theta[:, free] += np.einsum("gij,gj->gi", inverse, rights)
    if whole.x is None:
        return theta, sound & _settled(whole, cluster, batch, theta, inverse)
    return _maximised(whole, cluster, batch, theta), sound


def _speaking(matrices: np.ndarray, whole: np.ndarray, covariates: int) -> np.ndarray:
    """Do the covariates still say something beyond the period effects? Bool, one for each matrix."""
    if not covariates:
        return np.ones(len(matrices), dtype=bool)
    k = matrices.shape[1] - covariates
    inner, cross, own = matrices[:, :k, :k], matrices[:, :k, k:], matrices[:, k:, k:]
    size = np.sqrt(np.outer(whole[k:], whole[k:]))
    left = (own - np.swapaxes(cross, 1, 2) @ np.linalg.solve(inner, cross)) / np.where(size > 0, size, 1.0)
    return np.asarray(np.linalg.eigvalsh(left).min(axis=1) > _SILENT)


def _settled(
    whole: Whole, cluster: np.ndarray, batch: np.ndarray, theta: np.ndarray, inverse: np.ndarray
) -> np.ndarray:
    """Steps with each cluster's first matrix, all clusters at once, in place; which of them reached the maximum."""
    periods, free = len(whole.linked), whole.free
    out = cluster[:, None] == batch
    totals = np.where(out, 0.0, whole.y.sum(1, keepdims=True))
    seen = whole.y.sum(0) - np.stack([whole.y[cluster == code].sum(0) for code in batch])
    left = np.full(len(batch), np.inf)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        for _ in range(_STEPS):
            level = np.exp(theta)
            reach = whole.mass @ level.T
            gap = seen - level * ((totals / np.where(reach > 0, reach, 1.0)).T @ whole.mass)
            left = np.abs(gap).max(axis=1)
            if not (left > TOLERANCE * max(float(whole.y.sum()), 1.0)).any():
                break
            theta[:, free] += np.einsum("gij,gj->gi", inverse, gap[:, free[:periods]])
    return np.asarray(left <= 10 * TOLERANCE * max(float(whole.y.sum()), 1.0))


def _maximised(whole: Whole, cluster: np.ndarray, batch: np.ndarray, theta: np.ndarray) -> np.ndarray:
    """Newton's method from each cluster's first step."""
    return np.stack(
        [
            np.concatenate(whole.units(cluster != code).likelihood().maximise(start))
            for code, start in zip(batch, theta, strict=True)
        ]
    )

"""Weights that give a group the means of another, as near to its own weights as can be (entropy balancing)."""

from __future__ import annotations

import numpy as np

from toolkit.numerics import convex, units

_BALANCED = 1e-8  # in standard deviations: what may be left of any difference in means


def entropy_weights(columns: np.ndarray, target: np.ndarray, base: np.ndarray) -> np.ndarray | None:
    """Weights that sum to one and give every column its target mean; None where there are none.

    Hainmueller (2012): least sum w log(w / base) subject to the means. People are given no weight where the target
    lies at the end of a column's range and they do not: a level that nobody in the target has.
    """
    allowed, unit = base > 0, units.of(columns)
    columns, target = columns / unit, target / unit
    for column, wanted in zip(columns.T, target, strict=True):
        inside = column[allowed]
        if not inside.size or not _about(inside.min(), wanted) <= wanted <= _about(inside.max(), wanted):
            return None
        if wanted in (_about(inside.min(), wanted), _about(inside.max(), wanted)):
            allowed &= np.isclose(column, wanted)
    made = np.zeros(len(base))
    away = (columns[allowed] - target) / _scale(columns[allowed], target)
    made[allowed] = _dual(_axes(away), base[allowed] / base[allowed].sum())
    return made if np.abs(made[allowed] @ away).max(initial=0) < _BALANCED else None


def _about(end: float, wanted: float) -> float:
    """The end of a range, or the number wanted where they are the same but for rounding."""
    return wanted if np.isclose(end, wanted) else end


def _scale(columns: np.ndarray, target: np.ndarray) -> np.ndarray:
    spread = np.sqrt(((columns - target) ** 2).mean(axis=0))
    return np.where(spread > 0, spread, 1.0)


def _axes(away: np.ndarray) -> np.ndarray:
    """Uncorrelated columns that span the same differences, without those that say nothing of their own."""
    sides, sizes, _ = np.linalg.svd(away, full_matrices=False)
    return sides[:, sizes > 1e-10 * sizes.max(initial=0)] * np.sqrt(len(away))


def _dual(away: np.ndarray, share: np.ndarray) -> np.ndarray:
    """The weights at the least of log sum share exp(x'z), whose gradient is what is left of the differences."""

    def raised(z: np.ndarray) -> tuple[np.ndarray, float]:
        linear = away @ z
        most = float(linear.max())
        return share * np.exp(linear - most), most

    def loss(z: np.ndarray) -> float:
        part, most = raised(z)
        return most + float(np.log(part.sum()))

    def weights(z: np.ndarray) -> np.ndarray:
        part, _ = raised(z)
        return part / part.sum()

    def gradient(z: np.ndarray) -> np.ndarray:
        return weights(z) @ away

    def curvature(z: np.ndarray) -> np.ndarray:
        w = weights(z)
        bare = away - w @ away
        return (bare * w[:, None]).T @ bare

    return weights(convex.least(loss, gradient, curvature, np.zeros(away.shape[1])))


def effective_size(weight: np.ndarray) -> float:
    """How many people of equal weight would be as precise: (sum w)^2 / sum w^2 (Kish)."""
    return float(weight.sum() ** 2 / (weight**2).sum())

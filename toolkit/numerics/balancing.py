"""Weights that give a group the means of another, as near to its own weights as can be (entropy balancing)."""

from __future__ import annotations

import numpy as np

from toolkit.numerics import convex

_BALANCED = 1e-8  # in standard deviations: what may be left of any difference in means


def entropy_weights(columns: np.ndarray, target: np.ndarray, base: np.ndarray) -> np.ndarray | None:
    """Weights that sum to one and give every column its target mean; None where there are none.

    Hainmueller (2012): least sum w log(w / base) subject to the means. People are given no weight where the target
    lies at the end of a column's range and they do not: a level that nobody in the target has.
    """
    allowed = base > 0
    for column, wanted in zip(columns.T, target, strict=True):
        inside = column[allowed]
        if inside.size and (np.isclose(wanted, inside.min()) or np.isclose(wanted, inside.max())):
            allowed &= np.isclose(column, wanted)
    made = np.zeros(len(base))
    if allowed.any():
        made[allowed] = _dual(columns[allowed], target, base[allowed])
    left = np.abs(made @ (columns - target)) / _scale(columns, target)
    return made if allowed.any() and left.max(initial=0) < _BALANCED else None


def _scale(columns: np.ndarray, target: np.ndarray) -> np.ndarray:
    spread = np.sqrt(((columns - target) ** 2).mean(axis=0))
    return np.where(spread > 0, spread, 1.0)


def _dual(columns: np.ndarray, target: np.ndarray, base: np.ndarray) -> np.ndarray:
    """The weights at the least of log sum base exp(x'z), whose gradient is what is left of the differences."""
    away, share = (columns - target) / _scale(columns, target), base / base.sum()

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

    return weights(convex.least(loss, gradient, curvature, np.zeros(len(target))))


def effective_size(weight: np.ndarray) -> float:
    """How many people of equal weight would be as precise: (sum w)^2 / sum w^2 (Kish)."""
    return float(weight.sum() ** 2 / (weight**2).sum())

"""The fixed-effects regression on a treatment indicator, with fixest's clustered errors (CR1)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from toolkit.numerics import fixed_effects


@dataclass(frozen=True)
class Regression:
    """The coefficient on treatment, its clustered standard error, and what the correction counted."""

    coef: float
    std_error: float
    rows: int
    clusters: int
    parameters: int


def without_singletons(used: np.ndarray) -> np.ndarray:
    """Drop cells that are alone in their unit or period, again and again: they say nothing (fixest does so)."""
    used = used.copy()
    while True:
        lone = used & ((used.sum(1) == 1)[:, None] | (used.sum(0) == 1))
        if not lone.any():
            return used
        used &= ~lone


def two_way(
    y: np.ndarray,
    weight: np.ndarray,
    exposure: np.ndarray | None,
    x: np.ndarray,
    cluster: np.ndarray,
    *,
    ratio: bool,
    count_units: bool,
) -> Regression:
    """Regress on x with unit and period effects; the first covariate's coefficient and its CR1 error.

    The error is the cluster-robust sandwich times sqrt(G/(G-1) (n-1)/(n-K)). K counts slopes and period
    effects, and unit effects only with ``count_units`` (they are nested in clusters: fixest leaves them
    out, a regression on dummies counts them).
    """
    used = without_singletons(weight > 0)
    if ratio:
        used &= (y * used).any(axis=1)[:, None] & (y * used).any(axis=0)
    weight = np.where(used, weight, 0.0)
    if ratio:
        fit = fixed_effects.poisson(y, weight, exposure, x)
        level = np.nan_to_num(fit.multiplicative(exposure, x))
        mass = np.where(used, weight * level, 0.0)
    else:
        fit = fixed_effects.least_squares(y, weight, x)
        level, mass = np.nan_to_num(fit.additive(x)), weight
    gap = np.where(used, weight * (y - level), 0.0)
    error, groups = _sandwich(mass, gap, x, used, cluster)
    rows = int(used.sum())
    parameters = x.shape[2] + int(used.any(0).sum()) + (int(used.any(1).sum()) - 1 if count_units else 0)
    factor = (
        groups / (groups - 1) * (rows - 1) / (rows - parameters)
        if groups > 1 and rows > parameters
        else np.nan
    )
    return Regression(float(fit.coef[0]), float(np.sqrt(error * factor)), rows, groups, parameters)


def _sandwich(
    mass: np.ndarray, gap: np.ndarray, x: np.ndarray, used: np.ndarray, cluster: np.ndarray
) -> tuple[float, int]:
    """The uncorrected clustered variance of the first coefficient, and the number of clusters used."""
    bare = np.stack([_swept(x[..., k], mass) for k in range(x.shape[2])], axis=-1)
    bare = np.where(used[..., None], bare, 0.0)
    bread = np.linalg.pinv(np.einsum("nt,ntk,ntl->kl", mass, bare, bare))
    unit_scores = np.einsum("nt,ntk->nk", gap, bare)
    scores = np.stack([np.bincount(cluster, column) for column in unit_scores.T], axis=-1)
    groups = len(np.unique(cluster[used.any(axis=1)]))
    return float((bread @ scores.T @ scores @ bread)[0, 0]), groups


def _swept(column: np.ndarray, mass: np.ndarray) -> np.ndarray:
    """The column with weighted unit and period effects taken out."""
    return column - np.nan_to_num(fixed_effects.least_squares(column, mass).additive())

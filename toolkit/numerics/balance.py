"""How unlike two arms are, column by column: means, standardised differences and ratios of variance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from toolkit.numerics import units


@dataclass(frozen=True)
class Balance:
    """One number for each column.

    Attributes
    ----------
    treated, comparison : float array
        Weighted means.
    difference : float array
        Treated less comparison, in standard deviations of the treated (see :func:`spread_of`).
    variance_ratio : float array
        Variance of the treated over that of the comparison; NaN for columns of 0 and 1, whose variance is in
        their mean, and where the comparison does not vary.
    """

    treated: np.ndarray
    comparison: np.ndarray
    difference: np.ndarray
    variance_ratio: np.ndarray


def spread_of(columns: np.ndarray, binary: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """What differences are told in: the weighted standard deviation, sqrt(p (1 - p)) for columns of 0 and 1."""
    mean, unit = _mean(columns, weight), units.of(columns)
    variance = np.where(binary, mean * (1 - mean), _variance(columns / unit, weight))
    return np.sqrt(variance) * np.where(binary, 1.0, unit)


def compare(
    columns: np.ndarray, binary: np.ndarray, treated: np.ndarray, weight: np.ndarray, spread: np.ndarray
) -> Balance:
    """Both arms under the weights, differences told in ``spread``; 0 where neither arm differs nor varies."""
    one, other = _mean(columns[treated], weight[treated]), _mean(columns[~treated], weight[~treated])
    gap = one - other
    with np.errstate(divide="ignore", invalid="ignore"):
        same = np.abs(gap) <= 1e-12 * np.maximum(np.abs(one), np.abs(other))
        difference = np.where(same, 0.0, gap / spread)
        near = columns / units.of(columns)
        ratio = _variance(near[treated], weight[treated]) / _variance(near[~treated], weight[~treated])
    ratio = np.where(binary | ~np.isfinite(ratio), np.nan, ratio)
    return Balance(one, other, difference, ratio)


def _mean(columns: np.ndarray, weight: np.ndarray) -> np.ndarray:
    return weight @ columns / weight.sum()


def _variance(columns: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Unbiased where the weights are all alike: sum w (x - m)^2 over (sum w - sum w^2 / sum w)."""
    total = weight.sum()
    free = total - (weight**2).sum() / total
    bare = columns - _mean(columns, weight)
    return weight @ bare**2 / free if free > 0 else np.full(columns.shape[1], np.nan)

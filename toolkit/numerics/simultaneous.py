"""Bands that hold a whole set of estimates at once: the largest of their deviations, by simulation over clusters."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import stats

_AT_ONCE = 4_000_000  # numbers held in memory at a time
_JITTER = 1e-9  # of a variance of 1, so that copies of an estimate have a factor too
_QUARTILES = float(stats.norm.ppf(0.75) - stats.norm.ppf(0.25))


def pointwise_level(
    scaled: np.ndarray, df: np.ndarray, level: float, rng: np.random.Generator, draws: int
) -> float:
    """The level of pointwise intervals that together hold all estimates with probability ``level``.

    Clusters move the estimates by standard normal draws; how far out the farthest of the estimates then lies, in its
    own standard errors, says how much surer each interval must be. The level carries over to intervals by Student's t
    of any degrees of freedom. Few clusters make estimates look more alike than they are, so that part of each draw,
    1 / (1 + df / 2) of its variance, is the estimate's own.

    Parameters
    ----------
    scaled : ndarray, shape (G, M)
        Deviations whose squares add up to the variances.
    df : ndarray, shape (M,)
    level : float
    rng : Generator
    draws : int
    """
    whole = np.sqrt((scaled**2).sum(axis=0))
    moves = whole > 0
    if not moves.any():
        return level
    shape, own = scaled[:, moves] / whole[moves], 1 / (1 + df[moves] / 2)
    shape = np.sqrt(1 - own) * (_shortened(shape) if len(shape) > shape.shape[1] else in_order(shape))
    parts = _drawn(shape, rng, draws, normal=True)
    apart = (part + np.sqrt(own) * rng.standard_normal(part.shape) for part in parts)
    farthest = np.concatenate([np.abs(part).max(axis=1) for part in apart])
    return 1 - 2 * float(stats.norm.sf(np.quantile(farthest, level)))


def multiplier(
    contributions: np.ndarray, level: float, rng: np.random.Generator, draws: int
) -> tuple[np.ndarray, float]:
    """The multiplier bootstrap of Callaway and Sant'Anna (2021): standard errors, and a band by them.

    Multipliers are Mammen's (1993) two points, one for each cluster; standard errors come from the quartiles of the
    draws.

    Parameters
    ----------
    contributions : ndarray, shape (G, M)
        Of clusters to the influence functions.
    level : float
    rng : Generator
    draws : int

    Returns
    -------
    errors : ndarray, shape (M,)
    level : float
        That intervals of a normal estimate need for the band: plus and minus as many standard errors as the farthest
        estimate lies out. It carries over to Student's t as in :func:`pointwise_level`.
    """
    if not contributions.shape[1]:
        return np.zeros(0), level
    drawn = np.concatenate(list(_drawn(in_order(contributions), rng, draws, normal=False)))
    low, high = np.quantile(drawn, [0.25, 0.75], axis=0)
    errors = (high - low) / _QUARTILES
    moves = errors > 0
    if not moves.any():
        return errors, level
    farthest = np.abs(drawn[:, moves] / errors[moves]).max(axis=1)
    return errors, 1 - 2 * float(stats.norm.sf(np.quantile(farthest, level)))


def _shortened(rows: np.ndarray) -> np.ndarray:
    """As many rows as columns, with the same products of columns, whatever the order of the rows was."""
    return np.linalg.cholesky(rows.T @ rows + _JITTER * np.eye(rows.shape[1])).T


def in_order(rows: np.ndarray) -> np.ndarray:
    """The rows in an order that depends on what they hold alone, so that draws do not depend on names."""
    size = np.abs(rows).max() or 1.0
    return rows[np.lexsort(np.round(rows / size, 9).T[::-1])]


def _drawn(rows: np.ndarray, rng: np.random.Generator, draws: int, *, normal: bool) -> Iterator[np.ndarray]:
    """Sums of the rows times random multipliers, in batches of draws; shape (batch, M)."""
    step = max(1, _AT_ONCE // max(rows.size, len(rows), 1))
    for first in range(0, draws, step):
        shape = (min(step, draws - first), len(rows))
        yield (rng.standard_normal(shape) if normal else _mammen(rng, shape)) @ rows


def _mammen(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """Mammen's two points: mean 0, variance 1 and third moment 1."""
    root = np.sqrt(5.0)
    return np.where(rng.random(shape) < (root + 1) / (2 * root), (1 - root) / 2, (1 + root) / 2)

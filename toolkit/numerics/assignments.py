"""Ways to deal the start dates out again: over clusters, within groups of like size, all of them or a random draw."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np

from toolkit.numerics.imputation import Cells

ENUMERATE_UP_TO = 20_000
STRATIFY_FROM = 200  # fewer assignments within thirds of size than this leave too few p-values
NEVER = -1


@dataclass(frozen=True, eq=False)
class Assignments:
    """Which clusters each reassignment gives a start date to.

    Attributes
    ----------
    chosen : ndarray of int, shape (draws, n_treated)
        The clusters that receive the start dates ``label``, in order.
    label : ndarray of int, shape (n_treated,)
        Which start date each place of ``chosen`` stands for.
    own : ndarray of int, shape (n_treated,)
        The actual assignment, in the same order.
    every : bool
        These are all the assignments there are, the actual one among them.
    """

    chosen: np.ndarray
    label: np.ndarray
    own: np.ndarray
    every: bool


def number(label: np.ndarray, stratum: np.ndarray) -> int:
    """How many assignments there are: within each stratum, its own start dates in another order."""
    return math.prod(_arrangements(label[stratum == code]) for code in np.unique(stratum))


def _arrangements(label: np.ndarray) -> int:
    """A multinomial coefficient."""
    _, counts = np.unique(label, return_counts=True)
    return math.factorial(len(label)) // math.prod(math.factorial(int(n)) for n in counts)


def thirds(size: np.ndarray) -> np.ndarray:
    """Stratum 0, 1 or 2 by size; equal sizes stay together."""
    ordered, third = np.sort(size), len(size) // 3
    if third == 0:
        return np.zeros(len(size), dtype=int)
    return (size >= ordered[third]).astype(int) + (size >= ordered[len(size) - third])


def deal(
    label: np.ndarray,
    stratum: np.ndarray,
    draws: int,
    generator: np.random.Generator,
    most: int = ENUMERATE_UP_TO,
) -> Assignments:
    """Every assignment of the labels within strata, or random draws where there are over ``most``.

    Parameters
    ----------
    label : ndarray of int, shape (G,)
        The start date of each cluster; NEVER for the comparison.
    stratum : ndarray of int, shape (G,)
    draws : int
    generator : Generator
    most : int
    """
    members = [np.flatnonzero(stratum == code) for code in np.unique(stratum)]
    order = [inside[np.argsort(label[inside], kind="stable")] for inside in members]
    own = [inside[label[inside] != NEVER] for inside in order]
    every = number(label, stratum) <= most
    if every:
        parts = [_all_ways(inside, label[mine]) for inside, mine in zip(members, own, strict=True)]
        rows = np.indices([len(part) for part in parts]).reshape(len(parts), -1)
        chosen = np.concatenate([part[row] for part, row in zip(parts, rows, strict=True)], axis=1)
    else:
        parts = [inside[_lots(draws, len(inside), len(mine), generator)]
                 for inside, mine in zip(members, own, strict=True)]  # fmt: skip
        chosen = np.concatenate(parts, axis=1)
    actual = np.concatenate(own)
    return Assignments(chosen.astype(np.intp), label[actual], actual.astype(np.intp), every)


def _lots(draws: int, members: int, size: int, generator: np.random.Generator) -> np.ndarray:
    """``size`` of the members in random order, drawn afresh in each row."""
    keys = generator.random((draws, members), dtype=np.float32)
    if size == 0:
        return np.empty((draws, 0), dtype=np.intp)
    if size < members:
        first = keys.argpartition(size, axis=1)[:, :size]
    else:
        first = np.broadcast_to(np.arange(members), keys.shape)
    order = np.take_along_axis(keys, first, axis=1).argsort(axis=1)
    return np.take_along_axis(first, order, axis=1)


def _all_ways(inside: np.ndarray, label: np.ndarray) -> np.ndarray:
    """Every way to give the (sorted) labels to members of one stratum; shape (ways, len(label))."""
    ways: list[tuple[int, ...]] = [()]
    for code in np.unique(label):
        size = int((label == code).sum())
        ways = [
            (*taken, *more)
            for taken in ways
            for more in itertools.combinations([int(i) for i in inside if i not in set(taken)], size)
        ]
    return np.array(ways, dtype=np.intp).reshape(len(ways), len(label))


def data_order(cells: Cells, cluster: np.ndarray) -> np.ndarray:
    """Cluster codes renumbered by their data, so that draws do not depend on names or row order.

    Clusters with identical data are exchangeable, so ties may fall either way.
    """
    after = cells.treated.any(axis=0)
    seen = np.where(cells.weight > 0, cells.y * cells.weight, 0.0)
    columns = [seen.sum(1), seen[:, after].sum(1), *seen.T, *cells.weight.T, *cells.treated.T.astype(float)]
    if cells.exposure is not None:  # equal counts among unequal people are not identical data
        columns += list(np.where(cells.weight > 0, cells.exposure, 0.0).T)
    if cells.x is not None:
        columns += list(np.where((cells.weight > 0)[..., None], cells.x, 0.0).reshape(len(seen), -1).T)
    sums = [_rounded(np.bincount(cluster, weights=_rounded(column))) for column in columns]
    rank = np.empty(len(sums[0]), dtype=int)
    rank[np.lexsort(sums[::-1])] = np.arange(len(sums[0]))
    return rank[cluster]


def _rounded(column: np.ndarray) -> np.ndarray:
    """In units of the largest, to nine places: neither rounding nor the units of the data move the order."""
    largest = np.abs(column).max(initial=0.0)
    return np.round(column / (largest or 1.0), 9)

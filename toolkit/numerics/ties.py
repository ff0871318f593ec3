"""Numbers that differ by rounding alone made one, so that ties and zeros outlast decimals and a change of unit."""

from __future__ import annotations

import numpy as np

SHARE = (
    1e-9  # of the largest number: far above the rounding of decimals, far below any step that people record
)


def grain_of(first: np.ndarray, second: np.ndarray) -> float:
    """What gaps between two columns may differ by from rounding alone: in themselves, or as left of larger numbers."""
    largest = max(np.abs(first).max(), np.abs(second).max())
    return max(SHARE * float(np.abs(second - first).max()), 1e-14 * float(largest))


def settled(values: np.ndarray, grain: float | None = None) -> np.ndarray:
    """The values, with the sizes that agree to within a grain made equal and those of less than a grain made zero.

    In floating point 0.3 - 0.2 is not 0.4 - 0.3, and neither is 0.1. Sizes are gone through in order, each beside
    the one before it; all of a run become its smallest. Signs are kept, so that a fall and a rise of one size tie.

    Parameters
    ----------
    values : ndarray, shape (n,)
    grain : float, optional
        None is a thousand-millionth of the largest size. Give it where the values are what is left of larger ones.

    Returns
    -------
    ndarray, shape (n,)
    """
    sizes = np.abs(values)
    if not len(sizes):
        return sizes
    grain = SHARE * float(sizes.max()) if grain is None else grain
    order = np.argsort(sizes, kind="stable")
    ordered = sizes[order]
    opens = np.diff(ordered, prepend=0.0) > grain
    opener = np.maximum.accumulate(np.where(opens, np.arange(len(ordered)), -1))
    equal = np.empty_like(sizes)
    equal[order] = np.where(opener < 0, 0.0, ordered[np.maximum(opener, 0)])
    return np.copysign(equal, values) + 0.0  # no negative zero

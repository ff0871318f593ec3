"""People in a row by one number: who is nearest to a place, among all of them or those who are left."""

from __future__ import annotations

import numpy as np

_PAD = 1e-12  # by which a stretch is looked up too wide, before distances are measured


class Line:
    """People sorted by where they stand; taking one away leaves the way to the next one free short.

    Parameters
    ----------
    where : (n,) float array
        Where each stands, in the order that decides between people equally near.
    """

    def __init__(self, where: np.ndarray) -> None:
        self._order = np.argsort(where, kind="stable")
        self._at = where[self._order]
        self._free = np.ones(len(where), dtype=bool)
        self._up = list(range(len(where) + 1))  # the next one free from here on; the last place is nobody
        self._down = list(
            range(len(where) + 1)
        )  # the one free before here, counted from 1; place 0 is nobody

    def nearest_free(self, place: float) -> float:
        """How far the nearest person left is; infinite where nobody is left."""
        here = int(np.searchsorted(self._at, place))
        above, below = _end(self._up, here), _end(self._down, here) - 1
        far = [abs(self._at[i] - place) for i in (below, above) if 0 <= i < len(self._at)]
        return float(min(far, default=np.inf))

    def nearest(self, place: float, number: int) -> float:
        """How far the nearest but so many is, of all; infinite where there are fewer."""
        here = int(np.searchsorted(self._at, place))
        far = np.abs(self._at[max(here - number, 0) : here + number] - place)
        return float(np.partition(far, number - 1)[number - 1]) if len(far) >= number else np.inf

    def within(self, place: float, far: float) -> np.ndarray:
        """Who stands no farther than that, taken or not, in the order given."""
        return np.sort(self._order[self._stretch(place, far)])

    def take(self, place: float, far: float) -> int:
        """Take the first in the order given of those left who stand no farther than that."""
        near = self._stretch(place, far)
        near = near[self._free[near]]
        taken = int(near[np.argmin(self._order[near])])
        self._free[taken] = False
        self._up[taken], self._down[taken + 1] = taken + 1, taken
        return int(self._order[taken])

    def _stretch(self, place: float, far: float) -> np.ndarray:
        pad = far + _PAD * (far + abs(place))
        low = np.searchsorted(self._at, place - pad)
        high = np.searchsorted(self._at, place + pad, side="right")
        near = np.arange(low, high)
        return near[np.abs(self._at[near] - place) <= far]


def _end(way: list[int], here: int) -> int:
    """The end of a way, which is made shorter as it is walked."""
    while way[here] != here:
        way[here] = way[way[here]]
        here = way[here]
    return here

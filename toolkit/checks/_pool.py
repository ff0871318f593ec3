"""The comparison units as a pool from which placebo treatments are drawn, the same whatever they are called."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from toolkit.panel import Panel
from toolkit.validate import DesignError, counted, noun, plural


@dataclass(frozen=True, eq=False)
class Pool:
    """Groups of comparison units (single units, or clusters), and how many groups started when.

    Attributes
    ----------
    panel : Panel
    groups : list of tuple
        Units that would be treated together, in the order of their data.
    starts : dict
        First treated period to how many groups started then.
    """

    panel: Panel
    groups: list[tuple[Any, ...]]
    starts: dict[Any, int]

    @classmethod
    def of(cls, panel: Panel) -> Pool:
        """Check that the comparison units can bear as many placebo treatments as there were real ones."""
        grid = panel.grid
        treated = np.asarray(grid.treated.any(axis=1))
        code = grid.cluster if _whole_clusters(grid.cluster, treated) else np.arange(len(treated))
        starts_of = {c: grid.start[code == c].min() for c in np.unique(code[treated])}
        began = {
            c: start for c, start in starts_of.items() if start > grid.ordinals[0]
        }  # the rest are left out
        when = dict(zip(map(panel.ordinal, panel.cohorts), panel.cohorts, strict=True))
        starts = {when[s]: sum(b == s for b in began.values()) for s in sorted(set(began.values()))}
        ordered = [c for c in _data_order(panel, code) if not treated[code == c].any()]
        if len(ordered) <= len(began):
            unit = noun(panel.labels, "unit")
            what = unit if len(np.unique(code)) == len(code) else f"cluster of {plural(unit)}"
            raise DesignError(
                f"A placebo would call {counted(len(began), what)} treated, and there are only {len(ordered)} "
                f"untreated to take them from and to compare with. Add comparison {plural(unit)}."
            )
        return cls(panel, [tuple(grid.units[code == c]) for c in ordered], starts)

    def untreated(self) -> Panel:
        """The panel without the units that were really treated."""
        kept = {unit for group in self.groups for unit in group}
        return self.panel.where(self.panel.frame["unit"].isin(kept).to_numpy())

    def sets(self, draws: int, rng: np.random.Generator) -> list[dict[Any, Any]]:
        """Different ways to share out the starts, each from unit to start: all of them, or ``draws`` of more."""
        numbers = list(self.starts.values())
        places = range(len(self.groups))
        if _ways(len(places), numbers) <= draws:
            return [self._start_of(parts) for parts in _every(places, numbers)]
        found: dict[tuple[tuple[int, ...], ...], None] = {}
        ends = np.cumsum(numbers)
        while len(found) < draws:
            order = rng.permutation(len(places))[: ends[-1]]
            found[tuple(tuple(sorted(map(int, part))) for part in np.split(order, ends[:-1]))] = None
        return [self._start_of(parts) for parts in found]

    def _start_of(self, parts: Sequence[Sequence[int]]) -> dict[Any, Any]:
        shared = zip(self.starts, parts, strict=True)
        return {unit: start for start, part in shared for place in part for unit in self.groups[place]}


def _whole_clusters(cluster: np.ndarray, treated: np.ndarray) -> bool:
    """Is no cluster partly treated?"""
    return not (set(cluster[treated]) & set(cluster[~treated]))


def _ways(places: int, numbers: Sequence[int]) -> int:
    left = places - np.cumsum([0, *numbers])
    return math.prod(math.comb(int(n), k) for n, k in zip(left, numbers, strict=False))


def _every(places: Sequence[int], numbers: Sequence[int]) -> Iterator[tuple[tuple[int, ...], ...]]:
    if not numbers:
        yield ()
        return
    for part in itertools.combinations(places, numbers[0]):
        rest = [place for place in places if place not in part]
        yield from ((part, *more) for more in _every(rest, numbers[1:]))


def _data_order(panel: Panel, code: np.ndarray) -> np.ndarray:
    """The groups in the order of what they recorded, so that draws do not depend on names or on the order of rows."""
    grid = panel.grid
    known = [part for part in (grid.outcome, grid.exposure, grid.weight) if part is not None]
    if grid.covariates is not None:
        known += list(np.moveaxis(grid.covariates, -1, 0))
    codes = np.unique(code)
    columns = np.concatenate([np.nan_to_num(part, nan=-1.0) for part in known], axis=1)
    sums = np.array([columns[code == c].sum(axis=0) for c in codes])
    keys = np.round(np.column_stack([sums.sum(axis=1), sums]), 9)
    return codes[np.lexsort(keys.T[::-1])]

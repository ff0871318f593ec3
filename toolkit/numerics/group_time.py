"""Group-time cells: each cohort in each period against a base period, beside units untreated at the time."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from toolkit.numerics.imputation import Cells
from toolkit.numerics.left_out import indicator


@dataclass(frozen=True, eq=False)
class Plan:
    """Which cells are estimated, and what each is set against; arrays of shape (K,).

    Attributes
    ----------
    start : ndarray
        The ordinal of the cohort's first treated period.
    column, base : ndarray of int
        The places of the cell's period and of the period it is set against; the same for a base that is no effect.
    bound : ndarray
        Units that start after this ordinal are compared.
    ordinal : ndarray
        Of the cell's period.
    """

    start: np.ndarray
    column: np.ndarray
    base: np.ndarray
    bound: np.ndarray
    ordinal: np.ndarray

    @property
    def event_time(self) -> np.ndarray:
        """Periods since the cohort's start; int."""
        return (self.ordinal - self.start).astype(int)

    def own(self, start: np.ndarray) -> np.ndarray:
        """Which units are in the cohort of each cell; bool, shape (N, K)."""
        return start[:, None] == self.start

    def compared(self, start: np.ndarray) -> np.ndarray:
        """Which units each cell is compared with; bool, shape (N, K)."""
        return (start[:, None] > self.bound) & ~self.own(start)

    def take(self, keep: np.ndarray) -> Plan:
        """Some of the cells."""
        return Plan(*(getattr(self, name)[keep] for name in self.__dataclass_fields__))


def plan_of(
    start: np.ndarray, ordinals: np.ndarray, *, anticipation: int, universal: bool, never: bool
) -> Plan:
    """The cells of every cohort that has a period before its start and the time it may be anticipated.

    From the start and its anticipation on, the base is the last period before these. Earlier the base is that same
    period (``universal``) or the period just before the cell's. With ``never`` the units that never start are
    compared; otherwise all that start more than ``anticipation`` periods after both periods of the cell.

    Parameters
    ----------
    start : ndarray, shape (N,)
        Ordinals, infinite for never.
    ordinals : ndarray, shape (T,)
    anticipation : int
    universal, never : bool
    """
    starts = np.unique(start[np.isfinite(start)])
    rows = []
    for g in starts:
        before = np.flatnonzero(ordinals + anticipation < g)
        if not len(before):
            continue
        for column, ordinal in enumerate(ordinals):
            base = before[-1] if universal or ordinal + anticipation >= g else column - 1
            if base >= 0:
                rows.append((g, column, base, max(ordinal, ordinals[base]) + anticipation, ordinal))
    table = np.array(rows, dtype=float).reshape(-1, 5)
    cohort, at, against, bound, when = table.T
    bound = np.full(len(cohort), starts[-1]) if never else bound
    return Plan(cohort, at.astype(int), against.astype(int), bound, when)


@dataclass(frozen=True, eq=False)
class Sums:
    """What a cell brings to a sum over cells; arrays of shape (..., K).

    Attributes
    ----------
    seen, base : ndarray
        Ratio: outcomes of the cohort, and what was expected. Difference: the effect times the size, and zero.
    size : ndarray
        The weight of the cohort's units.
    """

    seen: np.ndarray
    base: np.ndarray
    size: np.ndarray

    @property
    def arrays(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """All three."""
        return self.seen, self.base, self.size

    def take(self, keep: np.ndarray) -> Sums:
        """Some of the cells."""
        return Sums(*(part[..., keep] for part in self.arrays))


@dataclass(frozen=True, eq=False)
class Effects:
    """Cells as sums, and how each cluster moves them.

    Attributes
    ----------
    plan : Plan
    whole : Sums of shape (K,)
    moved : Sums of shape (G, K)
        Without each cluster in turn; or its part of the influence function (``influence``).
    units, others : ndarray of int, shape (K,)
        Units of the cohort, and units compared, behind each cell.
    part : ndarray of bool, shape (G, K)
        Clusters that take part in each cell.
    ratio, influence : bool
    """

    plan: Plan
    whole: Sums
    moved: Sums
    units: np.ndarray
    others: np.ndarray
    part: np.ndarray
    ratio: bool
    influence: bool

    @property
    def known(self) -> np.ndarray:
        """Which cells could be estimated; bool, shape (K,)."""
        sums = self.whole
        sound = np.isfinite(sums.seen) & np.isfinite(sums.base) & (sums.size > 0)
        return sound & (sums.base > 0) if self.ratio else sound

    def take(self, keep: np.ndarray) -> Effects:
        """Some of the cells."""
        return replace(self, plan=self.plan.take(keep), whole=self.whole.take(keep), moved=self.moved.take(keep),
                       units=self.units[keep], others=self.others[keep], part=self.part[:, keep])  # fmt: skip

    def combine(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Weighted sums over cells as effects, and how far each cluster moves them.

        Parameters
        ----------
        weights : ndarray, shape (K, M)
            Beside the weight that the size of a cohort is.

        Returns
        -------
        values : ndarray, shape (M,)
            Logs of seen over expected (ratio), or mean effects.
        gaps : ndarray, shape (G, M)
            Without each cluster less with it; or the contributions to the influence function.
        part : ndarray of bool, shape (G, M)
            Clusters that take part.
        """
        columns = [(np.flatnonzero(column), column[column != 0]) for column in weights.T]
        whole, moved = (
            Sums(*(np.stack([part[..., used] @ w for used, w in columns], axis=-1) for part in sums.arrays))
            for sums in (self.whole, self.moved)
        )
        part = (self.part.astype(float) @ (weights != 0)) > 0
        return *self._moved(whole, moved), part

    def each(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """As :func:`combine`, of every cell by itself; shapes (K,), (G, K) and (G, K)."""
        return *self._moved(self.whole, self.moved), self.part

    def _moved(self, whole: Sums, moved: Sums) -> tuple[np.ndarray, np.ndarray]:
        """Sums as effects, and how far each cluster moves them."""
        value = _effect(whole, self.ratio)
        with np.errstate(divide="ignore", invalid="ignore"):
            if not self.influence:
                return value, _effect(moved, self.ratio) - value
            if self.ratio:
                return value, moved.seen / whole.seen - moved.base / whole.base
            return value, (moved.seen - moved.base - value * moved.size) / whole.size


def _effect(sums: Sums, ratio: bool) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        if ratio:
            return np.where(sums.base > 0, np.log(sums.seen) - np.log(sums.base), np.nan)
        return np.where(sums.size > 0, (sums.seen - sums.base) / sums.size, np.nan)


@dataclass(frozen=True, eq=False)
class Pairs:
    """Both periods of every cell side by side; arrays of shape (N, K).

    Attributes
    ----------
    weight : ndarray
        Of the base period, 0 where the unit is not observed in both periods.
    now, before : ndarray
        Outcomes; ``before`` at the exposure of now (ratio).
    own, compared : ndarray of bool
    """

    weight: np.ndarray
    now: np.ndarray
    before: np.ndarray
    own: np.ndarray
    compared: np.ndarray

    @classmethod
    def of(cls, cells: Cells, start: np.ndarray, plan: Plan) -> Pairs:
        """Take both periods from the panel."""
        both = (cells.weight[:, plan.column] > 0) & (cells.weight[:, plan.base] > 0)
        weight = np.where(both, cells.weight[:, plan.base], 0.0)
        now, before = (np.where(both, cells.y[:, at], 0.0) for at in (plan.column, plan.base))
        if cells.exposure is not None:
            reach = [np.where(both, cells.exposure[:, at], 1.0) for at in (plan.column, plan.base)]
            before = before * reach[0] / reach[1]
        return cls(weight, now, before, plan.own(start), plan.compared(start))

    def taking_part(self, cluster: np.ndarray) -> np.ndarray:
        """Which clusters have units behind each cell; bool, shape (G, K)."""
        return by_cluster(((self.weight > 0) & (self.own | self.compared)).astype(float), cluster) > 0

    @property
    def counts(self) -> tuple[np.ndarray, np.ndarray]:
        """Units of the cohort, and units compared, behind each cell."""
        seen = self.weight > 0
        return (seen & self.own).sum(axis=0), (seen & self.compared).sum(axis=0)


def unadjusted(pairs: Pairs, plan: Plan, cluster: np.ndarray, *, ratio: bool, influence: bool) -> Effects:
    """The cohort's change against the change of those compared: of totals (ratio) or of means (difference)."""
    own, compared = pairs.weight * pairs.own, pairs.weight * pairs.compared
    if ratio:
        parts = (own * pairs.now, own * pairs.before, compared * pairs.now, compared * pairs.before, own)
    else:
        change = pairs.now - pairs.before
        parts = (own * change, own, compared * change, compared, own)
    sums = [by_cluster(part, cluster) for part in parts]
    each, whole = _ratio_sums if ratio else _difference_sums, [part.sum(axis=0) for part in sums]
    full = each(*whole)
    if influence:
        moved = _ratio_influence(whole, sums) if ratio else _difference_influence(whole, sums)
    else:
        moved = each(*(_without(total, part) for total, part in zip(whole, sums, strict=True)))
    return Effects(plan, full, moved, *pairs.counts, pairs.taking_part(cluster), ratio, influence)


def by_cluster(values: np.ndarray, cluster: np.ndarray) -> np.ndarray:
    """Sums over the units of each cluster; from shape (N, K) to (G, K)."""
    if cluster.max() + 1 == len(cluster):
        alike = (cluster[1:] > cluster[:-1]).all()
        return values if alike else values[np.argsort(cluster)]
    return np.asarray(indicator(cluster) @ values)


def _without(total: np.ndarray, part: np.ndarray) -> np.ndarray:
    left = total - part
    return np.where(np.abs(left) <= 1e-12 * np.abs(part).sum(axis=0), 0.0, left)


def _ratio_sums(now: np.ndarray, before: np.ndarray, now_c: np.ndarray, before_c: np.ndarray,
                size: np.ndarray) -> Sums:  # fmt: skip
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = np.where(size > 0, before * np.where(before_c > 0, now_c / before_c, np.nan), 0.0)
    return Sums(now, expected, size)


def _difference_sums(change: np.ndarray, size: np.ndarray, change_c: np.ndarray, size_c: np.ndarray,
                     _: np.ndarray) -> Sums:  # fmt: skip
    with np.errstate(divide="ignore", invalid="ignore"):
        other = np.where(size_c > 0, change_c / size_c, np.nan)
    seen = np.where(size > 0, change - size * other, 0.0)
    return Sums(seen, np.zeros_like(seen), size)


def _ratio_influence(whole: list[np.ndarray], sums: list[np.ndarray]) -> Sums:
    _, before, now_c, before_c, _ = whole
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = before * now_c / before_c
        share = sums[1] / before + sums[2] / now_c - sums[3] / before_c
    return Sums(sums[0], expected * share, sums[4])


def _difference_influence(whole: list[np.ndarray], sums: list[np.ndarray]) -> Sums:
    _, size, change_c, size_c, _ = whole
    with np.errstate(divide="ignore", invalid="ignore"):
        other = change_c / size_c
        seen = sums[0] - sums[1] * other - size * (sums[2] - other * sums[3]) / size_c
    return Sums(seen, np.zeros_like(seen), sums[4])

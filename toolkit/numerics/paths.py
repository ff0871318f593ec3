"""Effects by cohort and event time against one base period: the saturated regression, group by group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from toolkit.numerics import fixed_effects
from toolkit.numerics.imputation import Cells

Groups = dict[float, np.ndarray]  # the members of each cohort, bool of shape (N,), by its start


@dataclass(frozen=True, eq=False)
class Path:
    """A group's period effects and the size of each period's cells.

    Attributes
    ----------
    level : ndarray, shape (T,)
        Multiplicative (Poisson) or additive; NaN where nothing connects.
    part : ndarray of int, shape (T,)
        Periods are comparable where it agrees.
    size : ndarray, shape (T,)
        Sum of weight x exposure x unit effect (ratio), or of weight (difference), over the period's cells.
    units : ndarray of int, shape (T,)
        Units observed.
    """

    level: np.ndarray
    part: np.ndarray
    size: np.ndarray
    units: np.ndarray

    def linked(self, base: int) -> np.ndarray:
        """Periods comparable with the base period; a period with nothing but zeros is, as zero."""
        if self.part[base] < 0 and self.level[base] == 0:
            return self.units > 0  # nothing in the base, so nothing is expected, whatever was seen
        if self.part[base] < 0:
            return np.zeros(len(self.part), dtype=bool)
        return (self.part == self.part[base]) | (self.level == 0) & (self.units > 0)


def path(cells: Cells, keep: np.ndarray) -> Path:
    """Period effects of some units, given their unit effects: the saturated regression, group by group.

    In the regression of y on unit effects, period effects and every cohort x event time except the base,
    no cell of a cohort outside its base informs the common period effects, so the effect is the cohort's
    own path against the comparison's own path (Sun and Abraham 2021, with never-treated comparison).
    """
    group = cells.units(keep)
    used = group.weight > 0
    if not cells.ratio:
        fit = fixed_effects.least_squares(group.y, group.weight)
        return Path(fit.period, fit.period_part, group.weight.sum(0), used.sum(0))
    fit = fixed_effects.poisson(group.y, group.weight, group.exposure)
    reach = group.weight if group.exposure is None else group.weight * np.where(used, group.exposure, 0.0)
    return Path(fit.period, fit.period_part, (reach * np.nan_to_num(fit.unit)[:, None]).sum(0), used.sum(0))


def paths(cells: Cells, groups: Groups) -> dict[float, Path]:
    """The path of each group: each from its own fit, or all from one where covariates have coefficients in common."""
    if cells.x is None:
        return {g: path(cells, members) for g, members in groups.items()}
    return _together(cells, groups)


def side_by_side(cells: Cells, groups: Groups) -> Cells:
    """Cells with a column for each group and period, so that two-way effects are those of each group by itself.

    The columns of other groups are gaps; shape (N, groups x T).
    """
    n, t = cells.y.shape
    column = np.zeros((n, len(groups), 1))
    for place, members in enumerate(groups.values()):
        column[members, place] = 1.0

    def spread(values: np.ndarray) -> np.ndarray:
        tail = values.shape[2:]
        wide = column.reshape(n, len(groups), *([1] * (1 + len(tail)))) * np.nan_to_num(values)[:, None]
        return np.asarray(wide.reshape(n, len(groups) * t, *tail))

    return Cells(
        spread(cells.y),
        spread(cells.weight),
        spread(cells.treated) > 0,
        None if cells.exposure is None else spread(cells.exposure),
        None if cells.x is None else spread(cells.x),
        cells.ratio,
    )


def _together(cells: Cells, groups: Groups) -> dict[float, Path]:
    wide = side_by_side(cells, groups)
    used = wide.weight > 0
    if not cells.ratio:
        fit = fixed_effects.least_squares(wide.y, wide.weight, wide.x)
        size = wide.weight.sum(0)
    else:
        fit = fixed_effects.poisson(wide.y, wide.weight, wide.exposure, wide.x)
        reach = wide.weight if wide.exposure is None else wide.weight * np.where(used, wide.exposure, 0.0)
        along = np.where(used, np.exp(fixed_effects.linear(wide.x, fit.coef, fit.centre)), 0.0)
        size = (reach * along * np.nan_to_num(fit.unit)[:, None]).sum(0)
    columns = [values.reshape(len(groups), -1) for values in (fit.period, fit.period_part, size, used.sum(0))]
    return {g: Path(*(values[place] for values in columns)) for place, g in enumerate(groups)}


@dataclass(frozen=True, eq=False)
class CohortPart:
    """One cohort's contribution at each event time: sums to be added up over cohorts; shape (E,)."""

    observed: np.ndarray
    expected: np.ndarray
    size: np.ndarray
    units: np.ndarray


@dataclass(frozen=True, eq=False)
class Staggered:
    """Cohorts and their comparison over event times.

    Attributes
    ----------
    cells : Cells
    start : ndarray, shape (N,)
        Ordinal of each unit's first treated period; infinite for the comparison.
    ordinals : ndarray, shape (T,)
    times : ndarray, shape (E,)
        The event times wanted.
    """

    cells: Cells
    start: np.ndarray
    ordinals: np.ndarray
    times: np.ndarray

    @property
    def groups(self) -> Groups:
        """The members of each cohort by its start; infinity is the comparison."""
        return {float(g): self.start == g for g in np.unique(self.start)}

    def effects(self) -> tuple[np.ndarray, np.ndarray]:
        """Effects at each event time over all cohorts, and the treated units behind each; shapes (E,)."""
        parts = self._parts(paths(self.cells, self.groups))
        return combine(parts, self.cells.ratio), np.sum([part.units for part in parts], axis=0)

    def lost(self) -> np.ndarray:
        """The starts of cohorts that cannot be estimated at any event time."""
        fitted = paths(self.cells, self.groups)
        starts = [g for g in fitted if g < np.inf]
        return np.array(
            [g for g, part in zip(starts, self._parts(fitted), strict=True) if not part.size.any()]
        )

    def without(self, cluster: np.ndarray) -> np.ndarray:
        """The effects without each cluster in turn; only paths that lose a unit are fitted again; shape (G, E)."""
        whole = paths(self.cells, self.groups) if self.cells.x is None else {}
        rows = []
        for code in range(int(cluster.max()) + 1):
            gone = cluster == code
            left = {g: m & ~gone for g, m in self.groups.items() if (m & ~gone).any()}
            lost = {g: m for g, m in left.items() if not whole or (self.groups[g] & gone).any()}
            fitted = {g: whole[g] for g in left if g not in lost} | paths(self.cells, lost)
            parts = self._parts(fitted) if np.inf in fitted else []
            rows.append(combine(parts, self.cells.ratio) if parts else np.full(len(self.times), np.nan))
        return np.array(rows)

    def _parts(self, fitted: dict[float, Path]) -> list[CohortPart]:
        other = fitted[np.inf]
        return [self._against(own, other, g) for g, own in fitted.items() if g < np.inf]

    def _against(self, cohort: Path, comparison: Path, start: float) -> CohortPart:
        """A cohort's observed and expected at event times, with effect none at event time -1 by construction."""
        at = {float(o): i for i, o in enumerate(self.ordinals)}
        columns = np.array([at.get(start + float(e), -1) for e in self.times])
        base = at.get(start - 1)
        if base is None or not (cohort.linked(base)[base] and comparison.part[base] >= 0):
            nothing = np.zeros(len(self.times))
            return CohortPart(nothing, nothing, nothing, nothing.astype(int))
        linked = cohort.linked(base) & comparison.linked(base) & (cohort.size > 0)
        known = (columns >= 0) & linked[columns]
        own, other = cohort.level[columns], comparison.level[columns]
        own_base, other_base = cohort.level[base], comparison.level[base]
        shift = other / other_base if self.cells.ratio else other - other_base
        would_be = own_base * shift if self.cells.ratio else own_base + shift
        size = np.where(known, cohort.size[columns], 0.0)
        seen, base_level = np.where(known, own, 0.0) * size, np.where(known, would_be, 0.0) * size
        return CohortPart(seen, base_level, size, np.where(known, cohort.units[columns], 0))


def combine(parts: Sequence[CohortPart], ratio: bool) -> np.ndarray:
    """Effects over cohorts: log of summed observed over summed expected, or the weighted mean difference."""
    seen, base, size = (
        np.sum([getattr(part, name) for part in parts], axis=0) for name in ("observed", "expected", "size")
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        values = np.log(seen) - np.log(base) if ratio else (seen - base) / size
    return np.where((size > 0) & ((base > 0) | (not ratio)), values, np.nan)

"""Placebos in space: the same made for comparison units, as if they had been treated, and what that bears out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.optimize import nnls

from toolkit.numerics import permutation
from toolkit.numerics.synthetic import Made, Problem, Recipe

_TIE = 1e-9
_POOLED = 4.0  # periods: how much a unit's own fit before is drawn towards that of all
_ALMOST = 1e-6  # of the mean squared effect: keeps a perfect fit from counting for everything
_STEP = 0.1  # of the log ratio, in the search for an end of the interval


@dataclass(frozen=True, eq=False)
class Block:
    """Units over periods without gaps.

    Attributes
    ----------
    y : ndarray, shape (N, T)
    reach : ndarray, shape (N, T)
        What the outcome is per; ones where it is per nothing.
    ratio : bool
    """

    y: np.ndarray
    reach: np.ndarray
    ratio: bool

    def problem(self, members: np.ndarray, others: np.ndarray, first: int) -> Problem:
        """Some units as one, added up for ratios and averaged for differences, beside others."""
        rate, size = self.y / self.reach, len(members)
        if not self.ratio:
            return Problem(rate[members].mean(axis=0), np.ones(rate.shape[1]), rate[others], first, size)
        reach = self.reach[members].sum(axis=0)
        return Problem(self.y[members].sum(axis=0) / reach, reach, rate[others], first, size)


@dataclass(frozen=True, eq=False)
class Lot:
    """What one choice of the treated gives: an effect, and how well the paths met before.

    Attributes
    ----------
    observed, expected : ndarray, shape (T,)
        By period: totals for ratios, means for differences.
    seen, base : float
        Observed and expected from treatment on: totals for ratios, means over treated cells for differences.
    fit, after : float
        The root mean square gap before treatment, and from it on; in proportion to the level before for ratios.
    periods : float
        Periods before treatment, on average over cohorts.
    """

    observed: np.ndarray
    expected: np.ndarray
    seen: float
    base: float
    fit: float
    after: float
    periods: float

    @classmethod
    def of(cls, problems: Sequence[Problem], made: Sequence[Made], recipe: Recipe) -> Lot:
        """The cohorts of one choice added up."""
        parts = np.array([_part(p, m.path, recipe) for p, m in zip(problems, made, strict=True)])
        cells = np.array([p.size * (len(p.target) - p.first) for p in problems], dtype=float)
        share = cells / cells.sum()
        seen, base = parts[:, :2].sum(axis=0) if recipe.ratio else share @ parts[:, :2]
        fit, after = np.sqrt(share @ parts[:, 2:] ** 2)
        size = np.array([p.size for p in problems], dtype=float)
        by = [p.reach for p in problems] if recipe.ratio else list(size[:, None] / size.sum())
        observed = np.sum([w * p.target for w, p in zip(by, problems, strict=True)], axis=0)
        expected = np.sum([w * m.path for w, m in zip(by, made, strict=True)], axis=0)
        periods = share @ [p.first for p in problems]
        return cls(observed, expected, float(seen), float(base), float(fit), float(after), float(periods))


def _part(problem: Problem, path: np.ndarray, recipe: Recipe) -> tuple[float, float, float, float]:
    """Seen, base, fit and after of one cohort."""
    gap, first = problem.target - path, problem.first
    before, late = gap[:first], gap[first:]
    if recipe.path and not recipe.ratio:
        before = before - before.mean()
    level = problem.target[:first].mean() if recipe.ratio else 1.0
    weight = problem.reach[first:] if recipe.ratio else np.full(len(late), 1 / len(late))
    fit, after = (math.sqrt(float((part**2).mean())) / level for part in (before, late))
    return float(weight @ problem.target[first:]), float(weight @ path[first:]), fit, after


@dataclass(frozen=True, eq=False)
class Spread:
    """The actual effect against the placebos'.

    An effect counts for as much as it stands out of its own scale. On the difference scale that is the fit before
    (as in the ratio of Abadie, Diamond and Hainmueller 2010), drawn a little towards that of all; on the ratio scale
    the standard deviation of log ratios by size, a / size + b, fitted to all lots, because an area's counts vary with
    its level and drift besides. The scales treat the actual lot, freed of the tested effect, and the placebos alike:
    that makes the test exact where the treated might as well have been any of the others.

    Attributes
    ----------
    own : Lot
    others : tuple of Lot
    ratio : bool
    least : float
        Stands for a total of nothing on the ratio scale: half the smallest outcome above zero.
    """

    own: Lot
    others: tuple[Lot, ...]
    ratio: bool
    least: float

    @property
    def centre(self) -> float:
        """The log ratio (minus infinity where nothing was observed), or the difference."""
        if not self.ratio:
            return self.own.seen - self.own.base
        return math.log(self.own.seen / self.own.base) if self.own.seen > 0 else -math.inf

    @cached_property
    def effects(self) -> np.ndarray:
        """The placebos' effects on the scale of inference; shape (B,)."""
        return self._effect(*self._totals[:, 1:])

    @property
    def error(self) -> float:
        """The placebo standard error: the standard deviation of the placebos' effects (Arkhangelsky et al. 2021)."""
        return float(self.effects.std())

    def standardised(self, effect: float) -> np.ndarray:
        """The actual effect less ``effect``, then the placebos', over their scales; shape (1 + B,)."""
        if not self.ratio:
            return np.append(self.centre - effect, self.effects) / self._scales
        seen, base = self._totals
        base = np.append(base[0] * math.exp(effect), base[1:])
        return _over_scale(self._effect(seen, base), np.maximum((seen + base) / 2, self.least))

    def p_value(self, effect: float) -> float:
        """The share of all lots, the actual one among them, that lie at least as far out."""
        far = np.abs(self.standardised(effect))
        return float((far >= far[0] * (1 - _TIE)).mean())

    def rank(self, level: float) -> int:
        """How many lots may lie as far out as an effect that is rejected; 0 where none ever is."""
        return math.floor((1 - level) * (1 + len(self.others)) + _TIE)

    def interval(self, level: float) -> tuple[float, float]:
        """The effects with a p-value above 1 - level; infinite where the placebos are too few."""
        rank = self.rank(level)
        if rank == 0:
            return -math.inf, math.inf
        if not self.ratio:
            half = self._scales[0] * float(np.sort(np.abs(self.effects / self._scales[1:]))[-rank])
            return self.centre - half, self.centre + half
        middle = math.log((self.own.seen or self.least) / self.own.base)
        low, high = permutation.invert(self.p_value, middle, _STEP, level - _TIE)
        return (low if self.own.seen else -math.inf), high

    def band(self, level: float) -> tuple[np.ndarray, np.ndarray]:
        """The range for observed in each period with no effect, by the placebos' gaps in it; shapes (T,)."""
        rank, base = self.rank(level), self.own.expected
        if rank == 0:
            return np.full(len(base), np.nan), np.full(len(base), np.nan)
        observed, expected = (
            np.array([getattr(one, n) for one in self.others]) for n in ("observed", "expected")
        )
        gap = self._effect(observed, expected)
        if not self.ratio:
            reach = np.sort(np.abs(gap) / self._scales[1:, None], axis=0)[-rank] * self._scales[0]
            return base - reach, base + reach
        sizes = np.maximum(np.vstack([base, (observed + expected) / 2]), self.least)
        scale = np.array(
            [_scales_by_size(g, size[1:], size) for g, size in zip(gap.T, sizes.T, strict=True)]
        ).T
        reach = np.sort(np.abs(gap) / scale[1:], axis=0)[-rank] * scale[0]
        with np.errstate(over="ignore"):
            return base * np.exp(-reach), base * np.exp(reach)

    @cached_property
    def _totals(self) -> np.ndarray:
        """Observed and expected of every lot, the actual one first; shape (2, 1 + B)."""
        return np.array([(one.seen, one.base) for one in (self.own, *self.others)]).T

    @cached_property
    def _scales(self) -> np.ndarray:
        """The fit before, drawn towards that of all lots as four more periods like theirs would; shape (1 + B,)."""
        fits, periods = np.array([(one.fit, one.periods) for one in (self.own, *self.others)]).T
        drawn = (fits**2 * periods + (fits**2).mean() * _POOLED) / (periods + _POOLED)
        square = drawn + _ALMOST * (self.effects**2).mean()
        return np.sqrt(np.where(square > 0, square, 1.0))

    def _effect(self, seen: np.ndarray, base: np.ndarray) -> np.ndarray:
        if not self.ratio:
            return np.asarray(seen - base)
        seen, base = (np.where(part > 0, part, self.least) for part in (seen, base))
        return np.asarray(np.log(seen) - np.log(base))


def _over_scale(effects: np.ndarray, size: np.ndarray) -> np.ndarray:
    return np.asarray(effects / _scales_by_size(effects, size, size))


def _scales_by_size(effects: np.ndarray, size: np.ndarray, at: np.ndarray) -> np.ndarray:
    """The root of a / at + b, with the a and b, of zero or more, that fit the squared effects best."""
    trust = 1 / (1 / size + 1 / np.median(size))
    columns = np.column_stack([1 / size, np.ones(len(size))])
    line = nnls(columns * trust[:, None], effects**2 * trust)[0]
    variance = line[0] / at + line[1]
    return np.sqrt(np.where(variance > 0, variance, 1.0))

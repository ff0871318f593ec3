"""Placebos in space: the same made for comparison units, as if they had been treated, and what that bears out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.optimize import brentq, nnls

from toolkit.numerics.synthetic import Made, Problem, Recipe

_TIE = 1e-9
_POOLED = 4.0  # periods: how much a unit's own fit before is drawn towards that of all
_ALMOST = 1e-6  # of the mean squared effect: keeps a perfect fit from counting for everything
_FARTHEST = 700.0  # a log ratio


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
    (as in the ratio of Abadie, Diamond and Hainmueller 2010), drawn a little towards that of all; on the ratio
    scale the standard deviation of log ratios by size, a / size + b, fitted to all placebos, because an area's
    counts vary with its level and drift besides.

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
        seen, base = np.array([(one.seen, one.base) for one in self.others]).T
        return self._effect(seen, base)

    @property
    def error(self) -> float:
        """The placebo standard error: the standard deviation of the placebos' effects (Arkhangelsky et al. 2021)."""
        return float(self.effects.std())

    @cached_property
    def standardised(self) -> np.ndarray:
        """The placebos' effects over their scales; shape (B,)."""
        if self.ratio:
            return np.asarray(self.effects / np.sqrt(self._variance(self._sizes)))
        return self.effects / np.array([self._scale(one) for one in self.others])

    def statistic(self, effect: float) -> float:
        """The actual effect less ``effect``, over its scale."""
        if not self.ratio:
            return (self.centre - effect) / self._scale(self.own)
        seen, base = self.own.seen or self.least, self.own.base * math.exp(effect)
        return math.log(seen / base) / math.sqrt(float(self._variance((seen + base) / 2)))

    def p_value(self, effect: float) -> float:
        """The share of all lots, the actual one among them, that lie at least as far out."""
        far = np.abs(self.standardised) >= abs(self.statistic(effect)) * (1 - _TIE)
        return float((1 + far.sum()) / (1 + len(far)))

    def rank(self, level: float) -> int:
        """How many lots may lie as far out as an effect that is rejected; 0 where none ever is."""
        return math.floor((1 - level) * (1 + len(self.others)) + _TIE)

    def interval(self, level: float) -> tuple[float, float]:
        """The effects with a p-value above 1 - level; infinite where the placebos are too few."""
        rank = self.rank(level)
        if rank == 0:
            return -math.inf, math.inf
        reach = float(np.sort(np.abs(self.standardised))[-rank])
        if not self.ratio:
            half = reach * self._scale(self.own)
            return self.centre - half, self.centre + half
        low = -math.inf if self.own.seen == 0 else self._where(reach, -1.0)
        return low, self._where(-reach, 1.0)

    def band(self, level: float) -> tuple[np.ndarray, np.ndarray]:
        """The range for observed in each period with no effect, by the placebos' gaps in it; shapes (T,)."""
        rank, base = self.rank(level), self.own.expected
        if rank == 0:
            return np.full(len(base), np.nan), np.full(len(base), np.nan)
        observed = np.array([one.observed for one in self.others])
        expected = np.array([one.expected for one in self.others])
        gap = self._effect(observed, expected)
        if not self.ratio:
            scale = np.array([self._scale(one) for one in self.others])
            reach = np.sort(np.abs(gap) / scale[:, None], axis=0)[-rank] * self._scale(self.own)
            return base - reach, base + reach
        sizes = np.maximum((observed + expected) / 2, self.least)
        lines = [_line(size, squares) for size, squares in zip(sizes.T, (gap**2).T, strict=True)]
        own = np.maximum(base, self.least)
        scale = np.array([np.sqrt(_variance(line, size)) for line, size in zip(lines, sizes.T, strict=True)])
        reach = np.sort(np.abs(gap) / scale.T, axis=0)[-rank]
        reach = reach * np.array(
            [math.sqrt(_variance(line, at)) for line, at in zip(lines, own, strict=True)]
        )
        with np.errstate(over="ignore"):
            return base * np.exp(-reach), base * np.exp(reach)

    def _effect(self, seen: np.ndarray, base: np.ndarray) -> np.ndarray:
        if not self.ratio:
            return np.asarray(seen - base)
        seen, base = (np.where(part > 0, part, self.least) for part in (seen, base))
        return np.asarray(np.log(seen) - np.log(base))

    def _where(self, wanted: float, step: float) -> float:
        """The log ratio at which the statistic, which falls with it, is ``wanted``; ``step`` says which side."""
        start = math.log((self.own.seen or self.least) / self.own.base)
        end = start + step
        while (self.statistic(end) - wanted) * step > 0:
            end = start + 2 * (end - start)
            if abs(end) > _FARTHEST:
                return math.copysign(math.inf, step)
        return float(brentq(lambda effect: self.statistic(effect) - wanted, start, end))

    @cached_property
    def _typical(self) -> tuple[float, float]:
        """The placebos' mean squared fit before, and a little of their mean squared effect."""
        fits = float(np.mean([one.fit**2 for one in self.others]))
        return fits, _ALMOST * float((self.effects**2).mean())

    def _scale(self, one: Lot) -> float:
        """The fit before, drawn towards that of all placebos as four more periods like theirs would."""
        fits, rest = self._typical
        square = (one.fit**2 * one.periods + fits * _POOLED) / (one.periods + _POOLED) + rest
        return math.sqrt(square) or 1.0

    @cached_property
    def _sizes(self) -> np.ndarray:
        """The middle of observed and expected, of each placebo."""
        return np.array([max((one.seen + one.base) / 2, self.least) for one in self.others])

    def _variance(self, size: np.ndarray | float) -> np.ndarray:
        return _variance(_line(self._sizes, self.effects**2), size)


def _line(size: np.ndarray, squares: np.ndarray) -> np.ndarray:
    """The best-fitting a and b, of zero or more, of squared log ratios about a / size + b."""
    trust = 1 / (1 / size + 1 / np.median(size))
    columns = np.column_stack([1 / size, np.ones(len(size))])
    return np.asarray(nnls(columns * trust[:, None], squares * trust)[0])


def _variance(line: np.ndarray, size: np.ndarray | float) -> np.ndarray:
    variance = line[0] / np.asarray(size) + line[1]
    return np.where(variance > 0, variance, 1.0)

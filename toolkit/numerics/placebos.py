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
    start : ndarray, shape (N,), optional
        The column in which each unit's treatment really began; infinite for none. None means that nobody's did.
    """

    y: np.ndarray
    reach: np.ndarray
    ratio: bool
    start: np.ndarray | None = None

    def problem(self, members: np.ndarray, others: np.ndarray, first: int) -> Problem:
        """Some units as one from a start, added up for ratios and averaged for differences, beside others.

        Where some of them really were treated, only the time before that is fitted, and what they recorded since is
        told apart, so that an effect can be taken out of it.
        """
        rate, columns = self.y / self.reach, np.arange(self.y.shape[1])
        start = np.full(len(rate), np.inf) if self.start is None else self.start
        weight = self.reach[members] if self.ratio else np.ones((len(members), len(columns)))
        reach = weight.sum(axis=0)
        target = (weight * rate[members]).sum(axis=0) / reach
        really = columns >= start[members][:, None]
        part = (weight * (rate[members] if self.ratio else 1.0) * really).sum(axis=0)
        whole = reach * (target if self.ratio else 1.0)
        touched = np.where(whole > 0, part / np.where(whole > 0, whole, 1.0), really.mean(axis=0))
        fitted = int(min(first, start[members].min()))
        return Problem(
            target,
            reach if self.ratio else np.ones(len(columns)),
            rate[others],
            first,
            len(members),
            fitted,
            touched,
        )


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
    touched : float
        The share of ``seen`` (of its cells, for differences) that was recorded under treatment: 1 for the actual lot.
    """

    observed: np.ndarray
    expected: np.ndarray
    seen: float
    base: float
    fit: float
    after: float
    periods: float
    touched: float = 0.0

    @classmethod
    def of(cls, problems: Sequence[Problem], made: Sequence[Made], recipe: Recipe) -> Lot:
        """The cohorts of one choice added up."""
        parts = np.array([_part(p, m.path, recipe) for p, m in zip(problems, made, strict=True)])
        cells = np.array([p.size * (len(p.target) - p.first) for p in problems], dtype=float)
        share = cells / cells.sum()
        seen, base, touched = parts[:, :3].sum(axis=0) if recipe.ratio else share @ parts[:, :3]
        if recipe.ratio:
            touched = touched / seen if seen > 0 else share @ [_touched(p).mean() for p in problems]
        fit, after = np.sqrt(share @ parts[:, 3:] ** 2)
        size = np.array([p.size for p in problems], dtype=float)
        by = [p.reach for p in problems] if recipe.ratio else list(size[:, None] / size.sum())
        observed = np.sum([w * p.target for w, p in zip(by, problems, strict=True)], axis=0)
        expected = np.sum([w * m.path for w, m in zip(by, made, strict=True)], axis=0)
        numbers = (seen, base, fit, after, share @ [p.before for p in problems], touched)
        return cls(observed, expected, *map(float, numbers))


def _part(problem: Problem, path: np.ndarray, recipe: Recipe) -> tuple[float, float, float, float, float]:
    """Seen, base, seen under treatment, fit and after of one cohort."""
    gap, first = problem.target - path, problem.first
    before, late = gap[: problem.before], gap[first:]
    if recipe.path and not recipe.ratio:
        before = before - before.mean()
    level = problem.target[: problem.before].mean() if recipe.ratio else 1.0
    weight = problem.reach[first:] if recipe.ratio else np.full(len(late), 1 / len(late))
    fit, after = (math.sqrt(float((part**2).mean())) / level for part in (before, late))
    seen = problem.target[first:]
    under = _touched(problem) * (seen if recipe.ratio else 1.0)
    return float(weight @ seen), float(weight @ path[first:]), float(weight @ under), fit, after


def _touched(problem: Problem) -> np.ndarray:
    """The share recorded under treatment in each period from the start on."""
    late = problem.target[problem.first :]
    return np.ones(len(late)) if problem.touched is None else problem.touched[problem.first :]


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

    @property
    def middle(self) -> float:
        """The effect that the data fit best; finite where nothing was observed."""
        return self.centre if not self.ratio else math.log((self.own.seen or self.least) / self.own.base)

    @cached_property
    def effects(self) -> np.ndarray:
        """The placebos' effects on the scale of inference; shape (B,)."""
        return self._freed(0.0)[0][1:]

    @property
    def error(self) -> float:
        """The placebo standard error: the standard deviation of the placebos' effects (Arkhangelsky et al. 2021).

        On the ratio scale it is that of lots of the size of the actual one, with two degrees of freedom spent.
        """
        effects, size = self._freed(self.middle)
        if not self.ratio:
            return float(effects[1:].std())
        spent = len(self.others) / max(len(self.others) - 2, 1)
        return math.sqrt(spent) * float(_scales_by_size(effects[1:], size[1:], size[:1])[0])

    def standardised(self, effect: float) -> np.ndarray:
        """The actual effect, then the placebos', freed of ``effect`` and over their scales; shape (1 + B,)."""
        effects, size = self._freed(effect)
        return np.asarray(effects / (_scales_by_size(effects, size, size) if self.ratio else self._scales))

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
        if not self.ratio and not any(one.touched for one in self.others):
            half = self._scales[0] * float(np.sort(np.abs(self.effects / self._scales[1:]))[-rank])
            return self.centre - half, self.centre + half
        step = _STEP if self.ratio else float(self.effects.std()) or 1.0
        low, high = permutation.invert(self.p_value, self.middle, step, level - _TIE)
        return (-math.inf if self.ratio and not self.own.seen else low), high

    def band(self, level: float) -> tuple[np.ndarray, np.ndarray]:
        """The range for observed in each period with no effect, by the untreated placebos' gaps in it; shapes (T,)."""
        base, plain = self.own.expected, np.array([not one.touched for one in self.others])
        rank = math.floor((1 - level) * (1 + plain.sum()) + _TIE)
        if rank == 0:
            return np.full(len(base), np.nan), np.full(len(base), np.nan)
        observed, expected = (
            np.array([getattr(one, name) for one in self.others])[plain] for name in ("observed", "expected")
        )
        gap = self._effect(observed, expected)
        if not self.ratio:
            reach = np.sort(np.abs(gap) / self._scales[1:][plain, None], axis=0)[-rank] * self._scales[0]
            return base - reach, base + reach
        sizes = np.maximum(np.vstack([base, (observed + expected) / 2]), self.least)
        pairs = zip(gap.T, sizes.T, strict=True)
        scale = np.array([_scales_by_size(one, size[1:], size) for one, size in pairs]).T
        reach = np.sort(np.abs(gap) / scale[1:], axis=0)[-rank] * scale[0]
        with np.errstate(over="ignore"):
            return base * np.exp(-reach), base * np.exp(reach)

    @cached_property
    def _totals(self) -> np.ndarray:
        """Observed, expected and the share under treatment of every lot, the actual one first; shape (3, 1 + B)."""
        return np.array([(one.seen, one.base, one.touched) for one in (self.own, *self.others)]).T

    def _freed(self, effect: float) -> tuple[np.ndarray, np.ndarray]:
        """The effects of all lots once ``effect`` is taken out of what was recorded under treatment, and their sizes.

        A ratio is put on what was expected instead, so that sizes remain those of counts.
        """
        seen, base, touched = self._totals
        if not self.ratio:
            return seen - base - effect * touched, np.ones(len(seen))
        base = base / (1 - touched + touched * math.exp(-effect))
        return self._effect(seen, base), np.maximum((seen + base) / 2, self.least)

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


def _scales_by_size(effects: np.ndarray, size: np.ndarray, at: np.ndarray) -> np.ndarray:
    """The root of a / at + b, with the a and b, of zero or more, that fit the squared effects best."""
    trust = 1 / (1 / size + 1 / np.median(size))
    columns = np.column_stack([1 / size, np.ones(len(size))])
    line = nnls(columns * trust[:, None], effects**2 * trust)[0]
    variance = line[0] / at + line[1]
    return np.sqrt(np.where(variance > 0, variance, 1.0))

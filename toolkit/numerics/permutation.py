"""Randomisation inference: start dates dealt out again over clusters of like size, inverted into an interval."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import brentq, nnls

from toolkit.numerics import assignments, unit_scores
from toolkit.numerics.assignments import NEVER, STRATIFY_FROM, Assignments
from toolkit.numerics.imputation import Cells, before_and_after

_TIE = 1e-9
_DOUBLINGS = 8
_LEARN_FROM = (
    20  # clusters from which what goes with size can be learnt: a line in it, and variances of differences
)


@dataclass(frozen=True, eq=False)
class ScoreTest:
    """The randomisation test of one value of the effect.

    One fit with the tested effect as an offset on the treated cells gives each unit a score for every start date
    it might have had. The statistic of an assignment is the sum of its units' scores over the standard
    deviation that sum would have, given the units' sizes (Janssen 1997; Ferman and Pinto 2019): variances go with
    s + k s^2 for a unit of size s, k from all units' scores. Start dates are dealt out within thirds of size
    before treatment where that leaves at least 200 assignments, because large and small areas drift
    differently; otherwise what a line in size predicts is first taken out of the scores. The test is exact at
    no effect for units whose start dates were dealt out by lot (within thirds), and approximate at other values,
    because the fit uses the true assignment's offset.

    Attributes
    ----------
    cells : Cells
    cluster : ndarray of int, shape (N,)
        Renumbered by the data.
    starts : ndarray of int, shape (L,)
        Columns of the first treated periods.
    label : ndarray of int, shape (G,)
        Which of them each cluster has; NEVER for the comparison.
    size : ndarray, shape (G,)
        Outcomes a period before anybody is treated.
    stratum : ndarray of int, shape (G,)
        All zero where strata would be too thin.
    ways : Assignments
    studentised, growing : bool
    """

    cells: Cells
    cluster: np.ndarray
    starts: np.ndarray
    label: np.ndarray
    size: np.ndarray
    stratum: np.ndarray
    ways: Assignments
    studentised: bool = True
    growing: bool = True

    @classmethod
    def of(
        cls,
        cells: Cells,
        cluster: np.ndarray,
        draws: int,
        generator: np.random.Generator,
        *,
        start: np.ndarray | None = None,
        studentised: bool = True,
        growing: bool = True,
    ) -> ScoreTest:
        """Set up the test; all units of a cluster must have one start date.

        Parameters
        ----------
        start : ndarray, shape (N,), optional
            Column of each unit's first treated period, infinite for none; read off ``cells.treated`` where missing.
        studentised : bool
            False: the plain sum of scores over all assignments, for comparison with published permutation tests.
        growing : bool
            For differences of 20 clusters or more: do variances grow with the level, as those of counts do?
        """
        cluster = assignments.data_order(cells, cluster)
        small, start = _reduced(cells, _first(cells) if start is None else start)
        starts, code = np.unique(start, return_inverse=True)
        label = np.full(int(cluster.max()) + 1, NEVER)
        label[cluster] = np.where(np.isfinite(start), code, NEVER)
        starts = starts[np.isfinite(starts)].astype(int)
        size = np.bincount(cluster, _size(small, int(starts.min())))
        stratum = assignments.thirds(size) if studentised else np.zeros(len(size), dtype=int)
        if assignments.number(label, stratum) < STRATIFY_FROM:
            stratum = np.zeros(len(size), dtype=int)
        ways = assignments.deal(label, stratum, draws, generator)
        return cls(small, cluster, starts, label, size, stratum, ways, studentised, growing)

    @property
    def stratified(self) -> bool:
        """Are start dates dealt out within thirds of size?"""
        return len(np.unique(self.stratum)) > 1

    def p_value(self, effect: float) -> float:
        """Two-sided p-value of an effect (log ratio, or difference)."""
        score, spread = self._tables(effect)
        own = abs(self._statistic(score, spread, self.ways.own[None, :])[0])
        others = np.abs(self._statistic(score, spread, self.ways.chosen))
        larger = int((others >= own * (1 - _TIE)).sum())
        return larger / len(others) if self.ways.every else (1 + larger) / (1 + len(others))

    def centre(self, guess: float, step: float) -> float:
        """The effect whose own score is zero: the middle of the interval. ``guess`` where none is found."""

        def own(effect: float) -> float:
            return self._sum(self._tables(effect)[0], self.ways.own[None, :])[0]

        for doubling in range(_DOUBLINGS):
            reach = step * 2.0**doubling
            low, high = guess - reach, guess + reach
            if own(low) >= 0 >= own(high):
                return float(brentq(own, low, high, xtol=1e-12 * reach, rtol=1e-12))
        return guess

    def _statistic(self, score: np.ndarray, spread: np.ndarray, chosen: np.ndarray) -> np.ndarray:
        total = self._sum(score, chosen)
        if not self.studentised:
            return total
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.nan_to_num(total / np.sqrt(self._sum(spread, chosen)), posinf=0.0, neginf=0.0)

    def _sum(self, table: np.ndarray, chosen: np.ndarray) -> np.ndarray:
        """The sum over clusters of the column that each one's start date picks; shape (draws,)."""
        gain = table - table[:, -1:]
        return np.asarray(table[:, -1].sum() + gain[chosen, self.ways.label].sum(axis=1))

    def _tables(self, effect: float) -> tuple[np.ndarray, np.ndarray]:
        """Scores of clusters under each start date, freed of size, and their variances; shapes (G, L + 1)."""
        found = unit_scores.fit(self.cells, effect)
        share = np.array([(self.label == code).mean() for code in (*range(len(self.starts)), NEVER)])
        raw = unit_scores.table(found, self.starts, share)
        score = np.stack([np.bincount(self.cluster, column) for column in raw.T], axis=1)
        grows = self.growing and not self.cells.ratio and len(self.label) >= _LEARN_FROM
        level = _level(self.cells, effect) if grows else 1.0
        bulk = np.bincount(self.cluster, _information(found, self.starts, share) * level)
        if self.stratified:
            score = score - _group_means(score, self.stratum)
            return score, self._spread(score, _variance(score, bulk, share))
        variance = _variance(score - score.mean(0), bulk, share)
        if self.studentised and len(score) >= _LEARN_FROM:
            design = np.column_stack([np.ones(len(score)), self.size / max(self.size.mean(), 1e-300)])
            score = _without_line(score, design, variance)[0]
            variance = _variance(score, bulk, share)
            score, left = _without_line(score, design, variance)
            return score, self._spread(score, variance * left)
        return score, self._spread(score, variance)

    def _spread(self, score: np.ndarray, variance: np.ndarray) -> np.ndarray:
        """The variance of each cluster's part in the sum, under each start date, about its average part."""
        table = np.empty_like(score)
        for code in np.unique(self.stratum):
            inside = self.stratum == code
            dates = (*range(len(self.starts)), NEVER)
            share = np.array([(self.label[inside] == date).mean() for date in dates])
            about = score - (score @ share)[:, None]
            table[inside] = variance[inside, None] * (about**2 / variance[:, None]).mean(0)
        return table


def _reduced(cells: Cells, start: np.ndarray) -> tuple[Cells, np.ndarray]:
    """The cells before and after where two periods say all; else without the periods in which all are treated."""
    small = before_and_after(cells)
    if small is not None:
        return small, np.where(np.isfinite(start), 1.0, np.inf)
    compared = (cells.untreated_weight > 0).any(axis=0)
    weight = np.where(compared, cells.weight, 0.0)
    return replace(cells, weight=weight, treated=cells.treated & compared), start


def _first(cells: Cells) -> np.ndarray:
    """Column of each unit's first treated cell; infinite for none."""
    return np.where(cells.treated.any(axis=1), cells.treated.argmax(axis=1), np.inf)


def _size(cells: Cells, first: int) -> np.ndarray:
    """Mean outcome of each unit in the periods before ``first``; the mean of all where it was not observed."""
    weight = cells.weight[:, :first]
    reach = weight.sum(1)
    seen = np.where(weight > 0, cells.y[:, :first], 0.0) * weight
    mean = np.where(reach > 0, seen.sum(1) / np.where(reach > 0, reach, 1.0), np.nan)
    typical = np.nanmean(mean) if (reach > 0).any() else 0.0
    return np.asarray(np.where(np.isnan(mean), typical, mean))


def _information(found: unit_scores.Fit, starts: np.ndarray, share: np.ndarray) -> np.ndarray:
    """What a unit says of a change at its start, averaged over the start dates: late x early / all."""
    whole = found.mean.sum(1)
    safe = np.where(whole > 0, whole, 1.0)
    late = np.stack([found.mean[:, g:].sum(1) for g in starts], axis=1)
    return np.asarray((late * (1 - late / safe[:, None])) @ share[:-1] / share[:-1].sum())


def _level(cells: Cells, effect: float) -> np.ndarray:
    """Mean outcome of each unit without the tested effect; shape (N,)."""
    seen = np.where(cells.weight > 0, cells.y - effect * cells.treated, 0.0) * cells.weight
    reach = cells.weight.sum(1)
    return np.asarray(np.clip(seen.sum(1), 0.0, None) / np.where(reach > 0, reach, 1.0))


def _variance(score: np.ndarray, bulk: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Variances in proportion to a s + b s^2 that fit the squared scores, neither below zero; shape (G,)."""
    about = score - (score @ share)[:, None]
    squares = about**2 @ share
    known = bulk > 0
    if known.sum() < 3 or not squares.any():
        return np.ones(len(bulk))
    bulk, squares = bulk / bulk[known].mean(), squares / squares.mean()
    fitted = nnls(np.column_stack([np.ones(known.sum()), bulk[known]]), squares[known] / bulk[known])[0]
    variance = bulk * (fitted[0] + fitted[1] * bulk)
    return np.asarray(variance + 1e-6 * max(variance.mean(), 1e-6))


def _group_means(score: np.ndarray, group: np.ndarray) -> np.ndarray:
    """The mean of each column over the group that a row belongs to; shape as ``score``."""
    sums = np.stack([np.bincount(group, column) for column in score.T], axis=1)
    return np.asarray((sums / np.maximum(np.bincount(group), 1)[:, None])[group])


def _without_line(
    score: np.ndarray, design: np.ndarray, variance: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Scores less what the design predicts (generalised least squares), and the share of variance left in each."""
    heavy = design / variance[:, None]
    cover = np.linalg.pinv(heavy.T @ design)
    left = 1 - np.einsum("ik,kl,il->i", design, cover, design) / variance
    return score - design @ (cover @ (heavy.T @ score)), np.clip(left, 0.05, 1.0)


def invert(
    p_value: Callable[[float], float], centre: float, step: float, level: float
) -> tuple[float, float]:
    """The interval of effects that the test does not reject; infinite where it never rejects.

    ``p_value`` is a step function that need not be monotone: the search widens from the centre in
    doubling steps until it rejects, and then halves the bracket. No change is always tested, so that the
    interval and the p-value of no change agree.
    """
    alpha = 1 - level
    null_kept = p_value(0.0) > alpha
    low = _edge(p_value, min(centre, 0.0) if null_kept else centre, -step, alpha, None if null_kept else 0.0)
    high = _edge(p_value, max(centre, 0.0) if null_kept else centre, step, alpha, None if null_kept else 0.0)
    return low, high


def invert_above(p_value: Callable[[float], float], step: float, level: float) -> float:
    """The upper end where nothing was recorded after, so that ever lower effects fit ever better."""
    alpha = 1 - level
    if p_value(0.0) > alpha:
        return _edge(p_value, 0.0, step, alpha, None)
    kept = next((-step * 2.0**k for k in range(_DOUBLINGS + 2) if p_value(-step * 2.0**k) > alpha), None)
    return -math.inf if kept is None else _bisect(p_value, kept, 0.0, alpha, step)


def _edge(
    p_value: Callable[[float], float], kept: float, step: float, alpha: float, barrier: float | None
) -> float:
    """The end of the interval on one side; ``barrier`` is a value known to be rejected."""
    stop = barrier is not None and (barrier - kept) * step > 0
    for doubling in range(_DOUBLINGS):
        trial = kept + step * (2.0**doubling)
        if stop and (trial - barrier) * step >= 0:  # type: ignore[operator]
            trial = float(barrier)  # type: ignore[arg-type]
        if trial == barrier or p_value(trial) <= alpha:
            return _bisect(p_value, kept, trial, alpha, abs(step))
    return math.copysign(math.inf, step)


def _bisect(
    p_value: Callable[[float], float], kept: float, rejected: float, alpha: float, step: float
) -> float:
    for _ in range(60):
        if abs(rejected - kept) <= 1e-9 * max(step, abs(kept)):
            break
        middle = (kept + rejected) / 2
        kept, rejected = (middle, rejected) if p_value(middle) > alpha else (kept, middle)
    return rejected

"""Randomisation inference for one start date: score tests over reassignments, inverted into an interval."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import nnls

from toolkit.numerics import fixed_effects
from toolkit.numerics.imputation import Cells, before_and_after

ENUMERATE_UP_TO = 20_000
_TIE = 1e-9
_DOUBLINGS = 8


@dataclass(frozen=True, eq=False)
class Assignments:
    """Which clusters each reassignment would treat; shape (draws, n_treated). ``every``: all there are."""

    chosen: np.ndarray
    every: bool


def assignments(clusters: int, treated: int, draws: int, generator: np.random.Generator) -> Assignments:
    """Every way to treat ``treated`` of the clusters, or random draws where there are over 20,000."""
    if math.comb(clusters, treated) <= ENUMERATE_UP_TO:
        ways = itertools.combinations(range(clusters), treated)
        return Assignments(np.array(list(ways), dtype=np.intp).reshape(-1, treated), True)
    order = generator.random((draws, clusters)).argpartition(treated, axis=1)[:, :treated]
    return Assignments(order.astype(np.intp), False)


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
    sums = [np.bincount(cluster, weights=np.round(column, 9)) for column in columns]
    rank = np.empty(len(sums[0]), dtype=int)
    rank[np.lexsort(np.round(sums[::-1], 9))] = np.arange(len(sums[0]))
    return rank[cluster]


@dataclass(frozen=True, eq=False)
class ScoreTest:
    """The randomisation test of one value of the effect.

    One fit with the tested effect as an offset on the treated cells gives each unit a score, the sum of
    its residuals from the start date on. The statistic of an assignment is the sum of the scores of the
    units it treats over the standard deviation that sum would have, given the units' sizes: variances
    proportional to m + k m^2 for counts with expected contrast m (k from all units' scores) and to the
    information for differences. It is exact at no effect for units as good as randomly drawn, and
    approximate at other values, because the fit uses the true assignment's offset.
    """

    cells: Cells
    after: np.ndarray
    cluster: np.ndarray
    treated: np.ndarray
    ways: Assignments

    @classmethod
    def of(cls, cells: Cells, cluster: np.ndarray, draws: int, generator: np.random.Generator) -> ScoreTest:
        """Set up the test; every cluster must be wholly treated or wholly not."""
        cluster = data_order(cells, cluster)
        small = before_and_after(cells) or cells
        treated = np.unique(cluster[cells.treated.any(axis=1)])
        ways = assignments(int(cluster.max()) + 1, len(treated), draws, generator)
        after = np.asarray(small.treated.any(axis=0))
        return cls(small, after, cluster, treated, ways)

    def p_value(self, effect: float) -> float:
        """Two-sided p-value of an effect (log ratio, or difference)."""
        score, variance = self._scores(effect)
        own = abs(self._statistic(score, variance, self.treated[None, :])[0])
        others = np.abs(self._statistic(score, variance, self.ways.chosen))
        larger = int((others >= own * (1 - _TIE)).sum())
        return larger / len(others) if self.ways.every else (1 + larger) / (1 + len(others))

    def centre(self) -> float:
        """The effect whose own score is zero: the middle of the interval."""
        x = self.cells.treated[..., None].astype(float)
        x = x if self.cells.x is None else np.concatenate([x, self.cells.x], axis=-1)
        if self.cells.ratio:
            return float(
                fixed_effects.poisson(self.cells.y, self.cells.weight, self.cells.exposure, x).coef[0]
            )
        return float(fixed_effects.least_squares(self.cells.y, self.cells.weight, x).coef[0])

    def _statistic(self, score: np.ndarray, variance: np.ndarray, chosen: np.ndarray) -> np.ndarray:
        picked = variance[chosen].sum(axis=1)
        share = picked / variance.sum()
        spread = picked * (1 - 2 * share) + share**2 * variance.sum()
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.nan_to_num(score[chosen].sum(axis=1) / np.sqrt(spread), posinf=0.0, neginf=0.0)

    def _scores(self, effect: float) -> tuple[np.ndarray, np.ndarray]:
        make = _poisson_scores if self.cells.ratio else _linear_scores
        score, variance = make(self.cells, self.after, effect)
        score, variance = np.bincount(self.cluster, score), np.bincount(self.cluster, variance)
        return score, variance + 1e-12 * max(variance.sum(), 1e-300)


def _poisson_scores(cells: Cells, after: np.ndarray, effect: float) -> tuple[np.ndarray, np.ndarray]:
    """Scores of units under a log ratio of ``effect``, and their relative variances."""
    exposure = np.ones_like(cells.weight) if cells.exposure is None else cells.exposure
    exposure = np.where(cells.treated, exposure * math.exp(effect), exposure)
    fit = fixed_effects.poisson(cells.y, cells.weight, exposure, cells.x)
    mean = (
        np.where(cells.weight > 0, np.nan_to_num(fit.multiplicative(exposure, cells.x)), 0.0) * cells.weight
    )
    gap = np.where(cells.weight > 0, cells.y, 0.0) * cells.weight - mean
    score, late, whole = gap[:, after].sum(1), mean[:, after].sum(1), mean.sum(1)
    size = late * (1 - late / np.where(whole > 0, whole, 1.0))
    return score, size * (1 + _extra(score, size) * size)


def _extra(score: np.ndarray, size: np.ndarray) -> float:
    """The k in variance = a (m + k m^2): squared scores over m regressed on 1 and m, neither below zero."""
    known = size > 0
    if known.sum() < 3:
        return 0.0
    relative = score[known] ** 2 / size[known]
    (a, b), _ = nnls(np.column_stack([np.ones(known.sum()), size[known]]), relative)
    return float(b / a) if a > 1e-6 * max(b * float(size[known].mean()), 1e-300) else 1e6


def _linear_scores(cells: Cells, after: np.ndarray, effect: float) -> tuple[np.ndarray, np.ndarray]:
    """Scores of units under a difference of ``effect``, and their information."""
    y = np.where(cells.weight > 0, cells.y, 0.0) - effect * cells.treated
    fit = fixed_effects.least_squares(y, cells.weight, cells.x)
    gap = np.where(cells.weight > 0, y - np.nan_to_num(fit.additive(cells.x)), 0.0) * cells.weight
    late, whole = cells.weight[:, after].sum(1), cells.weight.sum(1)
    return gap[:, after].sum(1), late * (1 - late / np.where(whole > 0, whole, 1.0))


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
    return -math.inf if kept is None else _bisect(p_value, kept, 0.0, alpha)


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
            return _bisect(p_value, kept, trial, alpha)
    return math.copysign(math.inf, step)


def _bisect(p_value: Callable[[float], float], kept: float, rejected: float, alpha: float) -> float:
    for _ in range(30):
        if abs(rejected - kept) <= 1e-6 * max(1.0, abs(kept)):
            break
        middle = (kept + rejected) / 2
        kept, rejected = (middle, rejected) if p_value(middle) > alpha else (kept, middle)
    return rejected

"""A path made of others: weights of units and periods, and what the treated would have recorded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from toolkit.numerics import frank_wolfe, simplex

_STEADY = 1e-6  # of the noise: the ridge of the period weights, and
_DECREASE = 1e-5  # of the noise: the least fall of the root loss that R's synthdid goes on for


@dataclass(frozen=True)
class Recipe:
    """How weights are found.

    Attributes
    ----------
    ratio : bool
        Expected over observed totals, rather than differences of means.
    path : bool
        Units are told from their own level before: as differences from it, or as multiples of it on the ratio scale.
    did : bool
        Synthetic difference-in-differences: a ridge on the unit weights, and weights of periods.
    published : bool
        Stop the search for weights where R's synthdid stops; otherwise it is exact.
    """

    ratio: bool
    path: bool
    did: bool
    published: bool = False


@dataclass(frozen=True, eq=False)
class Problem:
    """The treated as one, beside what they are compared with.

    Attributes
    ----------
    target : ndarray, shape (T,)
        Outcome of the treated per ``reach``.
    reach : ndarray, shape (T,)
        What turns ``target`` into a total.
    donors : ndarray, shape (N, T)
        The same of each comparison unit.
    first : int
        Column of the first treated period.
    size : int
        How many units the treated are.
    fitted : int, optional
        The columns before this one are fitted; ``first`` where missing.
    touched : ndarray, shape (T,), optional
        The share of ``target`` that was recorded under treatment; all of it from ``first`` on where missing.
    """

    target: np.ndarray
    reach: np.ndarray
    donors: np.ndarray
    first: int
    size: int
    fitted: int | None = None
    touched: np.ndarray | None = None

    @property
    def before(self) -> int:
        """How many columns are fitted."""
        return self.first if self.fitted is None else self.fitted


@dataclass(frozen=True, eq=False)
class Made:
    """Weights of units (N,) and of the periods fitted, and the path they make (T,), in units of ``target``."""

    unit: np.ndarray
    period: np.ndarray
    path: np.ndarray


def make(problem: Problem, recipe: Recipe) -> Made:
    """The weights, and the path of the treated without treatment.

    Abadie, Diamond and Hainmueller (2010), without covariates and with all periods alike; Arkhangelsky et al. (2021).
    With ``path``, the mix of the others is moved (or on the ratio scale, multiplied) to meet the treated over the
    period weights, which are equal but for synthetic difference-in-differences.
    """
    before, donors, target = problem.before, problem.donors, problem.target
    if recipe.ratio and recipe.path:
        donors = donors / donors[:, :before].mean(axis=1, keepdims=True)
        target = target / target[:before].mean()
    noise = _noise(donors[:, :before], problem, recipe)
    unit = _unit_weights(donors[:, :before], target[:before], noise, recipe)
    period = _period_weights(donors[:, :before], donors[:, problem.first :], noise, recipe)
    path = unit @ donors
    if not recipe.path:
        return Made(unit, period, path)
    if not recipe.ratio:
        return Made(unit, period, path + period @ (target - path)[:before])
    share = period * problem.reach[:before]
    return Made(unit, period, path * (share @ problem.target[:before]) / (share @ path[:before]))


@dataclass(frozen=True, eq=False)
class _Noise:
    """The noise of the comparison's periods, and the ridges on shares that follow (over one row of the fit)."""

    typical: float
    unit: np.ndarray
    period: float


def _noise(early: np.ndarray, problem: Problem, recipe: Recipe) -> _Noise:
    """Steps from period to period: the paper's ridge, or on the ratio scale one in proportion to a unit's own noise.

    The paper's (its equation 5) has one noise for all units; multiples of a small area's level are noisier than those
    of a large one's. Its period weights have next to no ridge; where periods are noisy they need the same.
    """
    none = np.zeros(len(early))
    if not recipe.did:
        return _Noise(0.0, none, 0.0)
    steps = np.diff(early, axis=1)
    cells = problem.size * (problem.donors.shape[1] - problem.first)
    if recipe.ratio:
        own = (steps**2).mean(axis=1)
        return _Noise(float(np.sqrt(own.mean())), own * cells**0.5, float(own.mean()) * cells**0.5)
    typical = float(steps.std(ddof=1))
    return _Noise(typical, none + cells**0.5 * typical**2, (_STEADY * typical) ** 2)


def _unit_weights(early: np.ndarray, wanted: np.ndarray, noise: _Noise, recipe: Recipe) -> np.ndarray:
    columns = early.T
    if recipe.path:
        columns, wanted = columns - columns.mean(axis=0), wanted - wanted.mean()
    return _weights(columns, wanted, noise.unit * len(wanted), noise, recipe)


def _period_weights(early: np.ndarray, late: np.ndarray, noise: _Noise, recipe: Recipe) -> np.ndarray:
    """The periods before whose mix is, over the comparison units, nearest to what came after."""
    number, periods = early.shape
    if not recipe.did:
        return np.full(periods, 1 / periods)
    wanted = late.mean(axis=1)
    columns, wanted = early - early.mean(axis=0), wanted - wanted.mean()
    return _weights(columns, wanted, np.full(periods, noise.period * number), noise, recipe)


def _weights(
    columns: np.ndarray, target: np.ndarray, ridge: np.ndarray, noise: _Noise, recipe: Recipe
) -> np.ndarray:
    if not recipe.published:
        return simplex.nearest(columns, target, ridge)
    least = len(target) * (_DECREASE * noise.typical) ** 2
    return frank_wolfe.published(columns, target, float(ridge[0]), least)

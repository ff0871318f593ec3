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
    """

    target: np.ndarray
    reach: np.ndarray
    donors: np.ndarray
    first: int
    size: int


@dataclass(frozen=True, eq=False)
class Made:
    """Weights of units (N,) and of the periods before (first,), and the path they make (T,), in units of ``target``."""

    unit: np.ndarray
    period: np.ndarray
    path: np.ndarray


def make(problem: Problem, recipe: Recipe) -> Made:
    """The weights, and the path of the treated without treatment.

    Abadie, Diamond and Hainmueller (2010), without covariates and with all periods alike; Arkhangelsky et al. (2021).
    With ``path``, the mix of the others is moved (or on the ratio scale, multiplied) to meet the treated over the
    period weights, which are equal but for synthetic difference-in-differences.
    """
    first, donors, target = problem.first, problem.donors, problem.target
    if recipe.ratio and recipe.path:
        donors = donors / donors[:, :first].mean(axis=1, keepdims=True)
        target = target / target[:first].mean()
    noise = _noise(donors[:, :first], problem, recipe)
    unit = _unit_weights(donors, target, first, noise, recipe)
    period = _period_weights(donors, first, noise, recipe)
    path = unit @ donors
    if not recipe.path:
        return Made(unit, period, path)
    if not recipe.ratio:
        return Made(unit, period, path + period @ (target - path)[:first])
    share = period * problem.reach[:first]
    return Made(unit, period, path * (share @ problem.target[:first]) / (share @ path[:first]))


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


def _unit_weights(
    donors: np.ndarray, target: np.ndarray, first: int, noise: _Noise, recipe: Recipe
) -> np.ndarray:
    early, wanted = donors[:, :first].T, target[:first]
    if recipe.path:
        early, wanted = early - early.mean(axis=0), wanted - wanted.mean()
    return _weights(early, wanted, noise.unit * first, noise, recipe)


def _period_weights(donors: np.ndarray, first: int, noise: _Noise, recipe: Recipe) -> np.ndarray:
    """The periods before whose mix is, over the comparison units, nearest to what came after."""
    if not recipe.did:
        return np.full(first, 1 / first)
    early, late = donors[:, :first], donors[:, first:].mean(axis=1)
    early, late = early - early.mean(axis=0), late - late.mean()
    return _weights(early, late, np.full(first, noise.period * len(donors)), noise, recipe)


def _weights(
    columns: np.ndarray, target: np.ndarray, ridge: np.ndarray, noise: _Noise, recipe: Recipe
) -> np.ndarray:
    if not recipe.published:
        return simplex.nearest(columns, target, ridge)
    least = len(target) * (_DECREASE * noise.typical) ** 2
    return frank_wolfe.published(columns, target, float(ridge[0]), least)

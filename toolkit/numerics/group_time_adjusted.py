"""Group-time cells beside comparison units made alike: by regression, by weighting, or by both at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special

from toolkit.numerics import logistic
from toolkit.numerics.group_time import Effects, Pairs, Plan, Sums, by_cluster
from toolkit.numerics.imputation import Cells
from toolkit.numerics.left_out import ROOM
from toolkit.validate import DesignError

Adjust = Literal["regression", "weighting", "doubly_robust"]
CERTAIN = 0.999  # a unit with this probability of being in the cohort has nobody to be compared with
_TRIMMED = 0.995  # a comparison unit this likely to be in the cohort would count 200 times: left out
_SINGULAR = 1e-10
_STEPS, _TIGHT = 25, 1e-10


@dataclass(frozen=True, eq=False)
class Group:
    """Cells of one cohort that share their units and covariates: one fit serves them all.

    Attributes
    ----------
    places : ndarray of int, shape (m,)
        Of the cells in the plan.
    rows : ndarray of int, shape (n,)
        Units in the cohort or compared with it.
    own : ndarray of bool, shape (n,)
    z : ndarray, shape (n, k)
        A constant and the covariates, standardised.
    change : ndarray, shape (n, m)
        Of the outcome.
    weight : ndarray, shape (n,)
    cluster : ndarray of int, shape (n,)
    adjust : str
    """

    places: np.ndarray
    rows: np.ndarray
    own: np.ndarray
    z: np.ndarray
    change: np.ndarray
    weight: np.ndarray
    cluster: np.ndarray
    adjust: Adjust

    def estimates(self, weights: np.ndarray, theta: np.ndarray) -> np.ndarray:
        """The effects when units count by each row of ``weights``.

        Parameters
        ----------
        weights : ndarray, shape (R, n)
        theta : ndarray, shape (R, k)
            Coefficients of the propensity score.

        Returns
        -------
        ndarray, shape (R, m)
            NaN where no fit exists.
        """
        own, other = weights * self.own, weights * ~self.own
        with np.errstate(divide="ignore", invalid="ignore"):
            size = own.sum(axis=1, keepdims=True)
            mean, middle = own @ self.change / size, own @ self.z / size
            if self.adjust == "regression":
                return mean - np.einsum("rk,rkm->rm", middle, self.slopes(other))
            ratio = other * self.odds(theta)
            reach = ratio.sum(axis=1, keepdims=True)
            effect = mean - ratio @ self.change / reach
            if self.adjust == "weighting":
                return effect
            return effect - np.einsum("rk,rkm->rm", middle - ratio @ self.z / reach, self.slopes(other))

    def slopes(self, other: np.ndarray) -> np.ndarray:
        """Least-squares coefficients of the change among those compared; (R, k, m), NaN where there are none."""
        n, k = self.z.shape
        square = (other @ (self.z[:, :, None] * self.z[:, None]).reshape(n, -1)).reshape(-1, k, k)
        right = (other @ (self.z[:, :, None] * self.change[:, None]).reshape(n, -1)).reshape(
            -1, k, len(self.places)
        )
        return _solved(square, right)

    def odds(self, theta: np.ndarray) -> np.ndarray:
        """The odds of being in the cohort, zero for those compared who are almost sure to be; shape (R, n)."""
        linear = theta @ self.z.T
        return np.where(special.expit(linear) < _TRIMMED, np.exp(np.minimum(linear, 700.0)), 0.0)

    def score(self) -> np.ndarray:
        """Coefficients of the propensity score, shape (k,); NaN where somebody is sure to be in the cohort."""
        failed = np.full(self.z.shape[1], np.nan)
        if self.adjust == "regression" or not 0 < self.own.sum() < len(self.own):
            return failed
        if not logistic.independent(self.z[:, 1:]).all():
            return failed
        try:
            theta = logistic.fit(self.z[:, 1:], self.own, self.weight)
        except DesignError:
            return failed
        return failed if special.expit(self.z @ theta).max() >= CERTAIN else theta

    def scores(self, weights: np.ndarray, theta: np.ndarray) -> np.ndarray:
        """The coefficients with other weights, by Newton's steps from ``theta``; (R, k), NaN where there are none."""
        k = self.z.shape[1]
        found = np.tile(theta, (len(weights), 1))
        if self.adjust == "regression" or np.isnan(theta).any():
            return found
        squares, scale = (self.z[:, :, None] * self.z[:, None]).reshape(-1, k * k), weights.sum(axis=1)
        with np.errstate(invalid="ignore", over="ignore"):
            for _ in range(_STEPS):
                p = special.expit(found @ self.z.T)
                gradient = ((self.own - p) * weights) @ self.z
                if not (np.abs(gradient).max(axis=1) > _TIGHT * scale).any():
                    break
                curvature = ((p * (1 - p) * weights) @ squares).reshape(-1, k, k)
                found = found + _solved(curvature, gradient[..., None])[..., 0]
        sure = (np.where(weights > 0, p, 0.0).max(axis=1) >= CERTAIN) | ~(
            np.abs(gradient).max(axis=1) <= 1e-6 * scale
        )
        return np.where(sure[:, None], np.nan, found)

    def without(self, codes: np.ndarray, theta: np.ndarray) -> np.ndarray:
        """The effects without each of these clusters, shape (len(codes), m)."""
        found = []
        step = max(1, ROOM // (4 * len(self.rows)))
        for first in range(0, len(codes), step):
            weights = self.weight * (self.cluster != codes[first : first + step, None])
            found.append(self.estimates(weights, self.scores(weights, theta)))
        return np.concatenate(found)

    def influence(self, theta: np.ndarray) -> np.ndarray:
        """Each unit's part of the estimates' deviation from what they estimate, shape (n, m).

        The panel formulas of Sant'Anna and Zhao (2020, eq. 3.1 and supplement) and of Callaway and Sant'Anna (2021).
        """
        own, other = self.weight * self.own, self.weight * ~self.own
        size, middle = own.sum(), own @ self.z / own.sum()
        if self.adjust == "weighting":
            gap, fit = self.change, np.zeros((len(self.rows), len(middle)))
        else:
            gap = self.change - self.z @ self.slopes(other[None])[0]
            square = self.z.T @ (other[:, None] * self.z)
            fit = self.z @ np.linalg.inv(square)
        mean = own @ gap / size
        parts = own[:, None] * (gap - mean) / size
        if self.adjust == "regression":
            return parts - (other * (fit @ middle))[:, None] * gap
        ratio = other * self.odds(theta[None])[0]
        reach = ratio.sum()
        centred = gap - ratio @ gap / reach
        p = special.expit(self.z @ theta)
        curvature = self.z.T @ ((self.weight * p * (1 - p))[:, None] * self.z)
        score = (self.weight * (self.own - p))[:, None] * (self.z @ np.linalg.inv(curvature))
        parts = parts - (ratio[:, None] * centred + score @ (self.z.T @ (ratio[:, None] * centred))) / reach
        return parts - (other * (fit @ (middle - ratio @ self.z / reach)))[:, None] * gap


def _solved(matrices: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Solutions of many linear systems; NaN where a matrix is singular or is not a number."""
    finite = np.isfinite(matrices).all(axis=(1, 2))
    safe = np.where(finite[:, None, None], matrices, np.eye(matrices.shape[1]))
    size = np.trace(safe, axis1=1, axis2=2)
    sound = finite & (np.linalg.eigvalsh(safe).min(axis=1) > _SINGULAR * size)
    safe = np.where(sound[:, None, None], safe, np.eye(matrices.shape[1]))
    return np.where(sound[:, None, None], np.linalg.solve(safe, right), np.nan)


def adjusted(
    cells: Cells, start: np.ndarray, plan: Plan, cluster: np.ndarray, *, adjust: Adjust, influence: bool
) -> Effects:
    """The cohort's mean change less what those compared, made alike in the base period's covariates, changed by.

    Parameters
    ----------
    cells : Cells
        With covariates.
    start : ndarray, shape (N,)
    plan : Plan
    cluster : ndarray of int, shape (N,)
    adjust : {"regression", "weighting", "doubly_robust"}
    influence : bool
        Move clusters by their influence; otherwise leave each out.
    """
    pairs = Pairs.of(cells, start, plan)
    own = pairs.weight * pairs.own
    size, sizes = own.sum(axis=0), by_cluster(own, cluster)
    value = np.full(len(size), np.nan)
    moved = np.zeros(sizes.shape) if influence else np.tile(np.nan, sizes.shape)
    for group in groups(cells, pairs, plan, cluster, adjust):
        theta = group.score()
        value[group.places] = group.estimates(group.weight[None], theta[None])[0]
        if influence and not np.isnan(value[group.places]).any():
            parts = np.zeros((len(cluster), len(group.places)))
            parts[group.rows] = group.influence(theta)
            moved[:, group.places] = by_cluster(parts, cluster)
        elif not influence:
            codes = np.unique(group.cluster)
            moved[:, group.places] = value[group.places]
            moved[np.ix_(codes, group.places)] = group.without(codes, theta)
    nothing, left = np.zeros_like(size), size - sizes
    left = np.where(left <= 1e-12 * size, 0.0, left)
    seen = size * moved + value * sizes if influence else np.where(left > 0, left * moved, 0.0)
    after = Sums(seen, np.zeros_like(seen), sizes if influence else left)
    return Effects(
        plan,
        Sums(value * size, nothing, size),
        after,
        *pairs.counts,
        pairs.taking_part(cluster),
        ratio=False,
        influence=influence,
    )


def groups(cells: Cells, pairs: Pairs, plan: Plan, cluster: np.ndarray, adjust: Adjust) -> Iterator[Group]:
    """The cells sorted into groups that one fit serves."""
    if cells.x is None:
        raise DesignError("There are no covariates to adjust for.")
    used = (pairs.weight > 0) & (pairs.own | pairs.compared)
    kept: dict[bytes, list[int]] = {}
    for k, base in enumerate(plan.base):
        x = np.ascontiguousarray(cells.x[used[:, k], base])
        key = (
            plan.start[k].tobytes()
            + used[:, k].tobytes()
            + pairs.weight[used[:, k], k].tobytes()
            + x.tobytes()
        )
        kept.setdefault(key, []).append(k)
    for places in map(np.array, kept.values()):
        rows = np.flatnonzero(used[:, places[0]])
        z = _standardised(cells.x[rows, plan.base[places[0]]])
        change = (pairs.now - pairs.before)[np.ix_(rows, places)]
        own = pairs.own[rows, places[0]]
        if own.all() or not own.any():
            continue
        yield Group(places, rows, own, z, change, pairs.weight[rows, places[0]], cluster[rows], adjust)


def _standardised(x: np.ndarray) -> np.ndarray:
    """A constant, and the columns in standard deviations from their means (0 where a column does not vary)."""
    spread = x.std(axis=0)
    varies = spread > 1e-12 * np.maximum(np.abs(x).max(axis=0, initial=0.0), 1e-300)
    columns = np.where(varies, (x - x.mean(axis=0)) / np.where(varies, spread, 1.0), 0.0)
    return np.column_stack([np.ones(len(x)), columns])

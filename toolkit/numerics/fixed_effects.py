"""Two-way fixed effects by least squares and by Poisson likelihood, on any pattern of gaps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import linalg

from toolkit.numerics import connected
from toolkit.validate import DesignError

TOLERANCE = 1e-11
_STEPS = 100


@dataclass(frozen=True)
class Effects:
    """Fitted unit and period effects: additive, or multiplicative for Poisson.

    Attributes
    ----------
    unit, period : ndarray, shapes (N,) and (T,)
        NaN where nothing was observed; 0 in a Poisson fit where all that was observed is zero.
    coef, centre : ndarray, shape (K,)
        Of the covariates, which are taken from their ``centre``: effects are those of a cell there.
    unit_part, period_part : ndarray of int
        Which connected part each belongs to: a cell can be predicted where the two agree. -1 is none.
    """

    unit: np.ndarray
    period: np.ndarray
    coef: np.ndarray
    unit_part: np.ndarray
    period_part: np.ndarray
    centre: np.ndarray | float = 0.0

    @property
    def predictable(self) -> np.ndarray:
        """Cells whose unit and period are connected through observed cells; bool, shape (N, T)."""
        known = (self.unit_part[:, None] >= 0) & (self.period_part >= 0)
        return known & (self.unit_part[:, None] == self.period_part)

    def additive(self, x: np.ndarray | None = None) -> np.ndarray:
        """Predictions of a least-squares fit; NaN where a cell cannot be predicted; shape (N, T)."""
        level = self.unit[:, None] + self.period + linear(x, self.coef, self.centre)
        return np.where(self.predictable, level, np.nan)

    def multiplicative(self, exposure: np.ndarray | None = None, x: np.ndarray | None = None) -> np.ndarray:
        """Predictions of a Poisson fit. A unit or period with nothing but zeros predicts zero."""
        level = self.unit[:, None] * self.period * np.exp(linear(x, self.coef, self.centre))
        level = level if exposure is None else level * exposure
        empty = (self.unit[:, None] == 0) & (self.period_part >= 0) | (self.unit_part[:, None] >= 0) & (
            self.period == 0
        )
        empty |= (self.unit[:, None] == 0) & (self.period == 0)
        return np.where(self.predictable, level, np.where(empty, 0.0, np.nan))


def least_squares(y: np.ndarray, weight: np.ndarray, x: np.ndarray | None = None) -> Effects:
    """Weighted least squares of y on unit effects, period effects and covariates.

    Unit effects are concentrated out, which leaves T + K normal equations, exact for any gaps.

    Parameters
    ----------
    y, weight : ndarray, shape (N, T)
        Cells with weight 0 are not used and may hold anything.
    x : ndarray, shape (N, T, K), optional
    """
    if x is None and _level(weight):
        return _whole(y.mean(1) - y.mean(), y.mean(0))
    if weight.shape[1] > weight.shape[0]:
        return _turned(least_squares(y.T, weight.T, _swapped(x)))
    used = weight > 0
    y = np.where(used, y, 0.0)
    x, centre, spread = standardised(x, used)
    unit_part, period_part = connected.parts(used)
    unit_part, period_part = np.where(used.any(1), unit_part, -1), np.where(used.any(0), period_part, -1)
    mass = weight.sum(1)
    share = weight / np.where(mass > 0, mass, 1.0)[:, None]
    centred = weight * (y - (share * y).sum(1)[:, None])
    right = np.concatenate([centred.sum(0), against(centred, x)])
    solution = solve(cross_products(weight, x), right, period_part)
    period, coef = solution[: y.shape[1]], solution[y.shape[1] :]
    unit = (share * (y - period - linear(x, coef))).sum(1)
    return Effects(
        np.where(mass > 0, unit, np.nan),
        np.where(used.any(0), period, np.nan),
        coef / spread,
        unit_part,
        period_part,
        centre,
    )


def poisson(
    y: np.ndarray, weight: np.ndarray, exposure: np.ndarray | None = None, x: np.ndarray | None = None
) -> Effects:
    """Poisson likelihood of y on multiplicative unit and period effects, exposure and covariates.

    Unit effects are concentrated out and the T + K others found by Newton's method. A maximum exists only
    where zeros do not push an effect to infinity: a cell keeps a positive mean if and only if its unit and
    period lie in one strongly connected part of the graph with an edge unit -> period for every observed
    cell and period -> unit for every positive one (a zero can be raised only along such a cycle).

    Parameters
    ----------
    y, weight, exposure : ndarray, shape (N, T)
        Cells with weight 0 are not used and may hold anything. No exposure means 1.
    x : ndarray, shape (N, T, K), optional
    """
    if x is None and exposure is None and _level(weight) and y.sum(1).all() and y.sum(0).all():
        return _whole(y.sum(1) / y.sum(), y.sum(0))
    if weight.shape[1] > weight.shape[0]:
        turned = None if exposure is None else exposure.T
        return _turned(poisson(y.T, weight.T, turned, _swapped(x)))
    used = weight > 0
    y = np.where(used, y, 0.0)
    unit_part, period_part = connected.parts(used, used & (y > 0))
    inside = used & (unit_part[:, None] == period_part)
    empty_unit, empty_period = used.any(1) & ~(y > 0).any(1), used.any(0) & ~(y > 0).any(0)
    unit_part, period_part = np.where(inside.any(1), unit_part, -1), np.where(inside.any(0), period_part, -1)
    base = np.where(inside, weight if exposure is None else weight * np.where(used, exposure, 0.0), 0.0)
    x, centre, spread = standardised(x, inside)
    counts = np.where(inside, weight * y, 0.0)
    typical = counts.sum() / max(int(inside.sum()), 1)  # the units of y must not move the stopping rule
    log_period, coef = Likelihood(counts / (typical or 1.0), base, x, period_part).maximise()
    raw = base * np.exp(log_period + linear(x, coef))
    with np.errstate(invalid="ignore", divide="ignore"):
        unit = np.where(inside.any(1), counts.sum(1) / raw.sum(1), np.nan)
    unit, period = np.where(empty_unit, 0.0, unit), np.where(inside.any(0), np.exp(log_period), np.nan)
    return Effects(unit, np.where(empty_period, 0.0, period), coef / spread, unit_part, period_part, centre)


def _level(weight: np.ndarray) -> bool:
    """Is every cell observed, with one weight?"""
    return bool(weight.size and weight.flat[0] > 0 and (weight == weight.flat[0]).all())


def _whole(unit: np.ndarray, period: np.ndarray) -> Effects:
    """The fit from row and column means or sums, which is exact where no cell is missing."""
    parts = np.zeros(len(unit), dtype=int), np.zeros(len(period), dtype=int)
    return Effects(unit, period, np.zeros(0), *parts)


def speaking(x: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Does each covariate say more than unit effects, period effects and the covariates before it? Shape (K,)."""
    used = weight > 0
    z, _, _ = standardised(x, used)
    root, found, answer = np.sqrt(weight[used]), np.zeros((int(used.sum()), 0)), []
    for k in range(x.shape[2]):
        column = z[..., k]  # type: ignore[index]
        bare = root * (column - np.nan_to_num(least_squares(column, weight).additive()))[used]
        bare = bare - found @ np.linalg.lstsq(found, bare, rcond=None)[0] if found.size else bare
        answer.append(bool(np.linalg.norm(bare) > 1e-7 * np.linalg.norm(root * column[used])))
        found = np.column_stack([found, bare]) if answer[-1] else found
    return np.array(answer, dtype=bool)


def cross_products(mass: np.ndarray, x: np.ndarray | None) -> np.ndarray:
    """Normal equations of period effects and covariates with unit effects swept out, weighted by ``mass``.

    Returns
    -------
    ndarray, shape (T + K, T + K)
    """
    total = mass.sum(1)
    share = mass / np.where(total > 0, total, 1.0)[:, None]
    periods = np.diag(mass.sum(0)) - mass.T @ share
    if x is None:
        return periods
    mean = np.einsum("nt,ntk->nk", share, x)
    gap = mass[..., None] * (x - mean[:, None, :])
    cross = gap.sum(0)
    return np.block([[periods, cross], [cross.T, np.einsum("ntk,ntl->kl", gap, x)]])


@dataclass(frozen=True, eq=False)
class Likelihood:
    """A Poisson likelihood with the unit effects concentrated out: multinomial within units."""

    counts: np.ndarray
    base: np.ndarray
    x: np.ndarray | None
    part: np.ndarray

    def at(self, theta: np.ndarray) -> tuple[float, np.ndarray]:
        """The log likelihood, and the means with each unit's total fitted exactly."""
        periods = self.base.shape[1]
        with np.errstate(over="ignore", invalid="ignore"):  # a step too far: the search comes back
            eta = theta[:periods] + linear(self.x, theta[periods:])
            raw, totals = self.base * np.exp(eta), self.counts.sum(1)
            reach = raw.sum(1)
            safe = np.where(reach > 0, reach, 1.0)
            value = float((self.counts * eta).sum() - totals @ np.log(safe))
            return value, raw * (totals / safe)[:, None]

    def start(self) -> np.ndarray:
        """Period effects from the margins, no covariates."""
        seen, reach = self.counts.sum(0), self.base.sum(0)
        rates = np.log(np.where(seen > 0, seen, 1.0) / np.where(reach > 0, reach, 1.0))
        rates = np.where(reach > 0, rates, 0.0)
        return np.concatenate([rates - rates.mean(), np.zeros(0 if self.x is None else self.x.shape[2])])

    def maximise(self, start: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Newton's method; the period effects and the coefficients."""
        theta, scale = self.start() if start is None else start, max(float(self.counts.sum()), 1.0)
        value, mean = self.at(theta)
        for _ in range(_STEPS):
            gap = self.counts - mean
            gradient = np.concatenate([gap.sum(0), against(gap, self.x)])
            if np.abs(gradient).max(initial=0.0) <= TOLERANCE * scale:
                break
            step = solve(cross_products(mean, self.x), gradient, self.part)
            found = self.search(theta, step, value)
            if found is None:
                break
            theta, value, mean = found
        self.settle(mean)
        return theta[: self.base.shape[1]], theta[self.base.shape[1] :]

    def settle(self, mean: np.ndarray) -> None:
        """Refuse to answer with a fit that did not reach the maximum."""
        gap = self.counts - mean
        left = np.abs(np.concatenate([gap.sum(0), against(gap, self.x)])).max(initial=0.0)
        if not left <= 1e-6 * max(float(self.counts.sum()), 1.0):
            raise DesignError(
                "The Poisson fit has no finite answer: a covariate sets the zeros apart from the rest, or has values "
                "far from all others. Leave it out, or use scale='difference'."
            )

    def search(
        self, theta: np.ndarray, step: np.ndarray, value: float
    ) -> tuple[np.ndarray, float, np.ndarray] | None:
        """Halve the step until the likelihood does not fall; it is concave, so only rounding can stop this."""
        for halving in range(30):
            trial = theta + step / 2**halving
            new, mean = self.at(trial)
            if np.isfinite(new) and new >= value - 1e-12 * abs(value):
                return trial, new, mean
        return None


def solve(matrix: np.ndarray, right: np.ndarray, part: np.ndarray) -> np.ndarray:
    """Solve the singular normal equations: within each connected part the period effects sum to zero."""
    codes = np.unique(part[part >= 0])
    indicator = np.zeros((len(right), len(codes) + int((part < 0).sum())))
    indicator[: len(part), : len(codes)] = part[:, None] == codes
    lost = np.flatnonzero(part < 0)
    indicator[lost, len(codes) + np.arange(len(lost))] = 1.0
    periods = np.diag(matrix)[: len(part)]  # covariates have units of their own, which must not swamp these
    size = max(float(periods.sum()) / max(len(part), 1), 1e-300)
    filled = matrix + size * indicator @ indicator.T / max(indicator.sum(0).max(initial=1.0), 1.0)
    try:
        return np.asarray(linalg.cho_solve(linalg.cho_factor(filled), right))
    except linalg.LinAlgError:
        return np.asarray(linalg.lstsq(filled, right)[0])


def linear(x: np.ndarray | None, coef: np.ndarray, centre: np.ndarray | float = 0.0) -> np.ndarray | float:
    """What the covariates add to each cell; 0 where there are none."""
    return 0.0 if x is None else (x - centre) @ coef


def against(gap: np.ndarray, x: np.ndarray | None) -> np.ndarray:
    """Sums of the gaps times each covariate, shape (K,)."""
    return np.zeros(0) if x is None else np.einsum("nt,ntk->k", gap, x)


def standardised(
    x: np.ndarray | None, used: np.ndarray
) -> tuple[np.ndarray | None, np.ndarray | float, np.ndarray | float]:
    """Covariates from their mean in units of their spread, 0 where not used; the means; the spreads."""
    if x is None or not used.any():
        return None if x is None else np.zeros_like(x), 0.0, 1.0
    centre, spread = x[used].mean(0), x[used].std(0)
    spread = np.where(spread > 0, spread, 1.0)
    return np.where(used[..., None], (x - centre) / spread, 0.0), centre, spread


def _swapped(x: np.ndarray | None) -> np.ndarray | None:
    return None if x is None else x.transpose(1, 0, 2)


def _turned(fit: Effects) -> Effects:
    return Effects(fit.period, fit.unit, fit.coef, fit.period_part, fit.unit_part, fit.centre)

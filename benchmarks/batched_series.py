"""Many simulated series fitted at once, by the toolkit's way of treating autocorrelation and by six others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from toolkit.methods.interrupted.model import _PERSISTS, default_lags
from toolkit.numerics.serial import RHO

OURS = "averaged over autocorrelation"
FIXED_B = 0.25
# Critical value of a Bartlett kernel with bandwidth b x n, 5% two-sided: Kiefer and Vogelsang (2005), table 1.
FIXED_B_AT = 1.96 + 2.9694 * FIXED_B + 0.4160 * FIXED_B**2 - 0.5324 * FIXED_B**3


@dataclass(frozen=True, eq=False)
class Problem:
    """R regressions of n rows and k columns, each with m quantities.

    Attributes
    ----------
    x : ndarray, shape (R, n, k)
    y : ndarray, shape (R, n)
    gradient : ndarray, shape (R, m, k)
    shift : ndarray, shape (R, m)
        Added to gradient @ beta; what it should come to is ``truth``, shape (m,).
    dispersion : ndarray, shape (R,), or None
    """

    x: np.ndarray
    y: np.ndarray
    gradient: np.ndarray
    shift: np.ndarray
    truth: np.ndarray
    dispersion: np.ndarray | None


def least_squares(x: np.ndarray, y: np.ndarray, gradient: np.ndarray, truth: np.ndarray) -> Problem:
    """Measures: one set of columns, shape (n, k), for all series."""
    size = len(y)
    return Problem(
        np.broadcast_to(x, (size, *x.shape)), y, np.broadcast_to(gradient, (size, *gradient.shape)),
        np.zeros((size, len(truth))), truth, None,
    )  # fmt: skip


def poisson(
    x: np.ndarray, y: np.ndarray, without: np.ndarray, after: np.ndarray, truth: np.ndarray
) -> Problem:
    """Counts, linearised at the Poisson fit; the quantities are step, bend and log ratio of the sums."""
    beta, mean = _iterated(x, y)
    root, base = np.sqrt(mean), np.exp(beta @ without.T)
    up = (mean[:, after] @ x[after]) / mean[:, after].sum(1)[:, None]
    down = (base[:, after] @ without[after]) / base[:, after].sum(1)[:, None]
    n, k = x.shape
    gradient = np.zeros((len(y), 3, k))
    gradient[:, 0, 2], gradient[:, 1, 3], gradient[:, 2] = 1, 1 / n, up - down
    effect = np.log(mean[:, after].sum(1) / base[:, after].sum(1))
    residual = (y - mean) / root
    shift = np.column_stack([beta[:, 2], beta[:, 3] / n, effect])
    return Problem(root[:, :, None] * x, residual, gradient, shift, truth, (residual**2).sum(1) / (n - k))


def _iterated(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    eta = np.log(np.maximum(y, 0.5))
    for _ in range(25):
        mean = np.exp(eta)
        target = mean * eta + y - mean
        square = np.einsum("rn,ni,nj->rij", mean, x, x, optimize=True)
        beta = np.linalg.solve(square, (target @ x)[..., None])[..., 0]
        eta = beta @ x.T
    return beta, np.exp(eta)


@dataclass(frozen=True, eq=False)
class Known:
    """Estimates and standard errors, shape (R, m), and the restricted log-likelihood, shape (R,)."""

    centre: np.ndarray
    error: np.ndarray
    likelihood: np.ndarray


def generalised(p: Problem, rho: np.ndarray, share: np.ndarray) -> Known:
    """Generalised least squares, each series with its own correlation and persisting share, shape (R,)."""
    white, log_root = _whitened(np.concatenate([p.x, p.y[:, :, None]], axis=2), rho, share)
    n, k = p.x.shape[1:]
    columns, outcome = white[:, :, :k], white[:, :, k]
    square = np.swapaxes(columns, 1, 2) @ columns
    cross = np.einsum("rnk,rn->rk", columns, outcome)
    inverse = np.linalg.inv(square)
    beta = np.einsum("rij,rj->ri", inverse, cross)
    variance = ((outcome**2).sum(1) - (cross * beta).sum(1)) / (n - k)
    spread = np.einsum("rmi,rij,rmj->rm", p.gradient, inverse, p.gradient, optimize=True)
    size = np.linalg.slogdet(square)[1]
    return Known(
        np.einsum("rmk,rk->rm", p.gradient, beta) + p.shift,
        np.sqrt(variance[:, None] * spread),
        -log_root - size / 2 - (n - k) / 2 * np.log(variance),
    )


def _whitened(columns: np.ndarray, rho: np.ndarray, share: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """As `toolkit.numerics.serial.whitened`, for a batch of series without gaps."""
    out = np.empty_like(columns)
    log_root, state, spread = np.zeros(len(rho)), np.zeros_like(columns[:, 0]), share.copy()
    for i in range(columns.shape[1]):
        total = spread + (1 - share)
        gain = spread / total
        surprise = columns[:, i] - state
        out[:, i] = surprise / np.sqrt(total)[:, None]
        log_root += 0.5 * np.log(total)
        state = rho[:, None] * (state + gain[:, None] * surprise)
        spread = rho**2 * spread * (1 - gain) + (1 - rho**2) * share
    return out, log_root


def held(p: Problem) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Method, whether each 95% interval held the truth, and half its width; shape (R, m)."""
    n, k = p.x.shape[1:]
    one = np.ones(len(p.y))
    grid = {r: generalised(p, r * one, one) for r in RHO}
    plain = generalised(p, 0 * one, one)
    usual = stats.t.ppf(0.975, n - k)
    yield OURS, *_averaged(p, grid)
    yield "as if independent", *_within(p, plain.centre, usual * plain.error)
    error = _newey_west(p, default_lags(n))
    yield "Newey-West, t", *_within(p, plain.centre, usual * error)
    yield (
        "Newey-West, long lags, fixed-b",
        *_within(p, plain.centre, FIXED_B_AT * _newey_west(p, int(FIXED_B * n))),
    )
    first = _first(p)
    prais = generalised(p, first, one)
    yield "Prais-Winsten, t", *_within(p, prais.centre, usual * prais.error)
    centre, error, freedom = _restricted(grid, n - k)
    yield "REML, t", *_within(p, centre, usual * error)
    yield "REML, Satterthwaite's freedom", *_within(p, centre, special.stdtrit(freedom, 0.975) * error)


def _within(p: Problem, centre: np.ndarray, reach: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.abs(p.truth - centre) <= reach, reach


def _averaged(p: Problem, grid: dict[float, Known]) -> tuple[np.ndarray, np.ndarray]:
    """The mixture's probability below the truth; its width from its two quantiles would cost more than it tells."""
    n, k = p.x.shape[1:]
    one = np.ones(len(p.y))
    parts = [(1.0, one, grid)] if p.dispersion is None else []
    if p.dispersion is not None:
        beyond = np.maximum(0, 1 - 1 / p.dispersion)
        for part, weight in _PERSISTS.items():
            share = beyond + (1 - beyond) * part
            parts.append(
                (weight, share, grid if part == 1 else {r: generalised(p, r * one, share) for r in RHO})
            )
    steps = dict(zip(RHO, np.gradient(RHO), strict=True))
    known = [(weight * steps[r], fit) for weight, _, fits in parts for r, fit in fits.items()]
    logs = np.array([np.log(prior) + fit.likelihood for prior, fit in known])
    weight = np.exp(logs - logs.max(axis=0))
    weight /= weight.sum(axis=0)
    below = sum(
        w[:, None] * special.stdtr(n - k, (p.truth - fit.centre) / fit.error)
        for w, (_, fit) in zip(weight, known, strict=True)
    )
    mean = sum(w[:, None] * fit.centre for w, (_, fit) in zip(weight, known, strict=True))
    spread = sum(
        w[:, None] * (fit.error**2 + (fit.centre - mean) ** 2)
        for w, (_, fit) in zip(weight, known, strict=True)
    )
    return np.abs(below - 0.5) <= 0.475, stats.t.ppf(0.975, n - k) * np.sqrt(spread)


def _scores(p: Problem) -> tuple[np.ndarray, np.ndarray]:
    inverse = np.linalg.inv(np.swapaxes(p.x, 1, 2) @ p.x)
    residual = p.y - np.einsum(
        "rnk,rkj,rj->rn", p.x, inverse, np.einsum("rnk,rn->rk", p.x, p.y), optimize=True
    )
    return np.einsum("rmi,rij,rnj->rmn", p.gradient, inverse, p.x, optimize=True) * residual[
        :, None, :
    ], residual


def _newey_west(p: Problem, lags: int) -> np.ndarray:
    scores = _scores(p)[0]
    n, k = p.x.shape[1:]
    total = (scores**2).sum(axis=2)
    for lag in range(1, lags + 1):
        total = total + 2 * (1 - lag / (lags + 1)) * (scores[:, :, lag:] * scores[:, :, :-lag]).sum(axis=2)
    return np.sqrt(np.maximum(total, 0) * n / (n - k))


def _first(p: Problem) -> np.ndarray:
    """Lag-1 autocorrelation of the residuals."""
    residual = _scores(p)[1]
    return np.clip((residual[:, 1:] * residual[:, :-1]).sum(1) / (residual**2).sum(1), -0.95, 0.95)


def _restricted(grid: dict[float, Known], df: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """REML at the best of the grid, with the degrees of freedom of Satterthwaite (1946), quantity by quantity."""
    fits, series = list(grid.values()), np.arange(len(next(iter(grid.values())).likelihood))
    likelihood = np.array([fit.likelihood for fit in fits])
    best = np.clip(likelihood.argmax(axis=0), 1, len(fits) - 2)
    step = np.diff(np.arctanh(RHO))[0]
    bend = (
        likelihood[best + 1, series] - 2 * likelihood[best, series] + likelihood[best - 1, series]
    ) / step**2
    errors = np.array([fit.error for fit in fits])
    slope = np.log(errors[best + 1, series] / errors[best - 1, series]) / step  # of the log variance
    freedom = 2 / (2 / df + slope**2 / np.maximum(-bend, 1e-3)[:, None])
    centre = np.array([fit.centre for fit in fits])[best, series]
    return centre, errors[best, series], np.maximum(freedom, 1)

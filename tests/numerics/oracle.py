"""Slow, plain solutions of the same problems, with a dummy variable for every unit and period."""

from __future__ import annotations

import warnings

import numpy as np
import statsmodels.api as sm


def dummies(n: int, t: int) -> np.ndarray:
    """One column per unit and per period, for cells in row order; shape (n t, n + t)."""
    unit, period = np.divmod(np.arange(n * t), t)
    return np.column_stack([unit[:, None] == np.arange(n), period[:, None] == np.arange(t)]).astype(float)


def design(shape: tuple[int, int], x: np.ndarray | None) -> np.ndarray:
    """Dummies, then covariates."""
    base = dummies(*shape)
    return base if x is None else np.column_stack([base, x.reshape(len(base), -1)])


def least_squares(y: np.ndarray, weight: np.ndarray, x: np.ndarray | None = None) -> np.ndarray:
    """Predictions of every cell by weighted least squares on all dummies; shape (N, T)."""
    full = design(y.shape, x)
    used = weight.ravel() > 0
    root = np.sqrt(weight.ravel()[used])
    answer = np.linalg.lstsq(full[used] * root[:, None], y.ravel()[used] * root, rcond=None)[0]
    return (full @ answer).reshape(y.shape)


def poisson(
    y: np.ndarray, weight: np.ndarray, exposure: np.ndarray | None = None, x: np.ndarray | None = None
) -> np.ndarray:
    """Predictions of every cell by a Poisson regression of statsmodels on all dummies; shape (N, T)."""
    full = design(y.shape, x)[:, 1:]  # one dummy less: the sum of the units is the sum of the periods
    full = np.column_stack([np.ones(len(full)), np.delete(full, y.shape[0] - 1, axis=1)])
    offset = np.zeros(y.size) if exposure is None else np.log(exposure).ravel()
    used = weight.ravel() > 0
    model = sm.GLM(
        y.ravel()[used],
        full[used],
        sm.families.Poisson(),
        offset=offset[used],
        var_weights=weight.ravel()[used],
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # statsmodels speaks of df where weights are not counts
        fit = model.fit(tol=1e-14, maxiter=200, tol_criterion="params")
    return np.exp(full @ fit.params + offset).reshape(y.shape)


def panel(seed: int, n: int = 9, t: int = 7, gaps: float = 0.15) -> dict[str, np.ndarray]:
    """A small panel with gaps, weights, an exposure that does not factor, and two covariates."""
    draw = np.random.default_rng(seed)
    exposure = draw.uniform(0.5, 3.0, (n, t))
    x = draw.normal(size=(n, t, 2))
    mean = exposure * np.exp(draw.normal(1.5, 0.5, (n, 1)) + draw.normal(0, 0.3, t) + x @ [0.2, -0.1])
    seen = draw.random((n, t)) > gaps
    seen[0], seen[:, 0] = True, True  # all units and periods are connected
    return {
        "y": np.where(seen, draw.poisson(mean) + 1.0, np.nan),
        "weight": np.where(seen, draw.uniform(0.2, 2.0, (n, t)), 0.0),
        "exposure": exposure,
        "x": x,
    }

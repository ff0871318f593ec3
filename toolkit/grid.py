"""Grid: a panel as matrices, units by periods, for the numerics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from toolkit import periods as calendar


@dataclass(frozen=True, eq=False)
class Grid:
    """A panel as matrices, units by periods, for the numerics.

    Attributes
    ----------
    units, periods : ndarray
        Labels, sorted; shapes (N,) and (T,).
    ordinals : ndarray, shape (T,)
        Periods as numbers that count up by one a period.
    start : ndarray, shape (N,)
        The ordinal of each unit's first treated period; infinite means never.
    cluster : ndarray of int, shape (N,)
    outcome, exposure, weight : ndarray, shape (N, T)
        NaN at gaps; ``exposure`` and ``weight`` are None where none was named.
    covariates : ndarray, shape (N, T, K), or None
    observed, treated : ndarray of bool, shape (N, T)
    """

    units: np.ndarray
    periods: np.ndarray
    ordinals: np.ndarray
    start: np.ndarray
    cluster: np.ndarray
    outcome: np.ndarray
    exposure: np.ndarray | None
    weight: np.ndarray | None
    covariates: np.ndarray | None
    observed: np.ndarray
    treated: np.ndarray

    def __repr__(self) -> str:
        return f"Grid of {len(self.units):,} by {len(self.periods):,}"


def grid_of(frame: pd.DataFrame, units: pd.Index, periods: pd.Index, covariates: Sequence[str]) -> Grid:
    """A panel's rows as matrices, units by periods."""
    row, column = units.get_indexer(pd.Index(frame["unit"])), periods.get_indexer(pd.Index(frame["period"]))
    shape = (len(units), len(periods))

    def matrix(name: str) -> np.ndarray:
        values = np.full(shape, np.nan)
        values[row, column] = frame[name].to_numpy(dtype=float)
        return values

    start = np.full(shape[0], np.inf)
    start[row] = calendar.ordinals(pd.Index(frame["treated_from"]))
    groups = frame["cluster"] if "cluster" in frame else frame["unit"]
    cluster = np.zeros(shape[0], dtype=int)
    cluster[row] = pd.factorize(groups, sort=False)[0]
    cluster = np.unique(cluster, return_inverse=True)[1]
    outcome, order = matrix("outcome"), calendar.ordinals(periods)
    observed = ~np.isnan(outcome)
    extra = np.stack([matrix(name) for name in covariates], axis=-1) if covariates else None
    return Grid(
        units.to_numpy(), periods.to_numpy(), order, start, cluster, outcome,
        matrix("exposure") if "exposure" in frame else None,
        matrix("weight") if "weight" in frame else None,
        extra, observed, observed & (order >= start[:, None]),
    )  # fmt: skip

"""Incidents prevented: an effect on the treated turned into what was expected less what was observed."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd

from toolkit.arms import Arms
from toolkit.estimate import Estimate
from toolkit.numerics import deleted, imputation, jackknife, student
from toolkit.panel import Panel

_WORDS = "incidents prevented: expected without the programme less observed"


def prevented(arms: Arms, effect: Estimate, panel: Panel) -> Estimate:
    """Incidents prevented, from an effect estimated on the same unweighted panel.

    On the ratio scale, and for differences per cell, the effect's own interval is mapped. A mean of rate
    differences does not say how many incidents they were, so with an exposure that varies the total is
    jackknifed itself.
    """
    would_be = imputation.expected(arms.cells)
    used = arms.cells.treated & (arms.cells.weight > 0) & ~np.isnan(would_be)
    reach, said = _reach(arms, panel), tuple[str, ...]()
    if arms.cells.ratio:
        seen, base = float(arms.cells.y[used].sum()), float(would_be[used].sum())
        value, low, high = (_saved(seen, base, end) for end in (effect.value, effect.high, effect.low))
        p_value = effect.p_value
    elif np.ptp(reach[used]) == 0:
        size = float(reach[used].sum())
        value, low, high = (-size * end for end in (effect.value, effect.high, effect.low))
        p_value = effect.p_value
    else:
        value, low, high, p_value, said = _by_exposure(arms, reach, float(reach[used].sum()), effect.level)
    return Estimate(
        value, low, high, np.nan, p_value, _WORDS, effect.method, "difference", effect.level,
        effect.n_units, effect.n_treated, (*effect.cautions, *said, *_not_counts(panel)),
    )  # fmt: skip


def _saved(seen: float, base: float, ratio: float) -> float:
    """Observed x (1/ratio - 1); with nothing observed, expected x (1 - ratio)."""
    if seen == 0:
        return base * (1 - ratio) if np.isfinite(ratio) else -np.inf
    return seen * (1 / ratio - 1) if ratio > 0 else np.inf


def _reach(arms: Arms, panel: Panel) -> np.ndarray:
    """What turns a difference in a cell into incidents: its exposure, or 1."""
    grid = panel.grid
    if grid.exposure is None:
        return np.ones_like(arms.cells.weight)
    return grid.exposure[pd.Index(grid.units).get_indexer(pd.Index(arms.units))]


def _by_exposure(
    arms: Arms, reach: np.ndarray, size: float, level: float
) -> tuple[float, float, float, float, tuple[str, ...]]:
    """Total, interval and p-value of the exposure-weighted differences, by the jackknife."""
    counted = replace(arms.cells, weight=np.where(arms.cells.treated, reach, arms.cells.weight))
    centre = imputation.effect(counted)
    if min(arms.clusters) < 2:
        said = "With fewer than two clusters in an arm the incidents prevented have no interval."
        return -size * centre, -math.inf, math.inf, math.nan, (said,)
    without = deleted.effect(counted, arms.cluster)
    error, df = jackknife.error(centre, without, arms.arm)
    low, high = student.interval(centre, error, df, level)
    return -size * centre, -size * high, -size * low, student.two_sided(centre, error, df), ()


def _not_counts(panel: Panel) -> tuple[str, ...]:
    outcome = panel.frame["outcome"]
    if (outcome == outcome.round()).all():
        return ()
    name = panel.labels["outcome"]
    return (
        f"{name} is not a count, so what was prevented is in its own units, added up over units and periods.",
    )

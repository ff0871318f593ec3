"""Panels of wards for synthetic controls, small enough to reckon with."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from toolkit import Panel


def table(
    others: int = 20, *, treated: int = 1, months: int = 18, start: float = 13, seed: int = 0
) -> pd.DataFrame:
    """Counts that drift, ward by ward; the first wards (t0, t1, ...) are treated from ``start``."""
    draw = np.random.default_rng(seed)
    names = [f"t{i}" for i in range(treated)] + [f"c{i:02d}" for i in range(others)]
    level = draw.uniform(20, 60, (len(names), 1))
    counts = draw.poisson(level * np.exp(0.05 * draw.standard_normal((len(names), months)).cumsum(axis=1)))
    rows = [
        (ward, month + 1, float(counts[i, month])) for i, ward in enumerate(names) for month in range(months)
    ]
    frame = pd.DataFrame(rows, columns=["ward", "month", "crimes"])
    return frame.assign(began=np.where(frame["ward"].str.startswith("t"), start, np.nan))


def panel(frame: pd.DataFrame, **columns: Any) -> Panel:
    """The table as a panel."""
    names = {"unit": "ward", "period": "month", "outcome": "crimes", "treated_from": "began"}
    return Panel.of(frame, **(names | columns))


def exactly(series: dict[str, list[float]], start: float, treated: tuple[str, ...] = ("t",)) -> pd.DataFrame:
    """Wards with these outcomes from month 1 on."""
    rows = [(ward, i + 1, float(y)) for ward, path in series.items() for i, y in enumerate(path)]
    frame = pd.DataFrame(rows, columns=["ward", "month", "crimes"])
    return frame.assign(began=np.where(frame["ward"].isin(treated), start, np.nan))

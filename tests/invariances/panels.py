"""Small panels to turn about, and the numbers of an answer to compare."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from toolkit import Panel
from toolkit.estimate import Estimate

NUMBERS = ("value", "low", "high", "std_error", "p_value")


def rows(
    *, seed: int = 0, starts: tuple[int, ...] = (7,), treated: int = 6, others: int = 8, gaps: bool = False
):
    """Counts of 12 periods; the treated start at the given periods in turn and fall by a fifth."""
    draw = np.random.default_rng(seed)
    parts = []
    for i in range(treated + others):
        start = float(starts[i % len(starts)]) if i < treated else np.nan
        period = np.arange(1, 13)
        mean = draw.uniform(10, 40) * np.exp(0.2 * np.sin(period)) * np.where(period >= start, 0.8, 1.0)
        parts.append(
            pd.DataFrame({"area": f"area {i:02d}", "month": period, "crimes": draw.poisson(mean) + 1.0, "start": start,
                          "people": draw.uniform(500, 900, 12)})
        )  # fmt: skip
    table = pd.concat(parts, ignore_index=True)
    if gaps:
        gone = (table.index % 17 == 3) & (table["month"] != 6) | (table.index % 29 == 4) & (
            table["month"] < 6
        )
        table = table[~gone].reset_index(drop=True)
    return table


def panel(table: pd.DataFrame, **columns: Any) -> Panel:
    """The table as a panel."""
    names = {"unit": "area", "period": "month", "outcome": "crimes", "treated_from": "start"}
    return Panel.of(table, **(names | columns))


def numbers(answer: Estimate) -> list[float]:
    """Value, interval, standard error and p-value."""
    return [getattr(answer, name) for name in NUMBERS]


def after(table: pd.DataFrame) -> pd.Series:
    """The treated rows."""
    return table["month"] >= table["start"]

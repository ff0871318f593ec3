"""Small tables of wards by months."""

from __future__ import annotations

import numpy as np
import pandas as pd

from toolkit import Panel


def wards(counts: dict[str, list[float]], began: dict[str, float]) -> pd.DataFrame:
    """One row per ward and month from month 1; NaN is a gap."""
    rows = [
        (w, i + 1, y, began.get(w, np.nan))
        for w, row in counts.items()
        for i, y in enumerate(row)
        if not np.isnan(y)
    ]
    return pd.DataFrame(rows, columns=["ward", "month", "asb", "began"])


def panel(table: pd.DataFrame, **columns) -> Panel:
    """The table as a panel."""
    names = {"unit": "ward", "period": "month", "outcome": "asb", "treated_from": "began"}
    return Panel.of(table, **(names | columns))


def many(treated: int, others: int, seed: int = 0, start: float = 4) -> pd.DataFrame:
    """Six months of counts around 15; the first wards are treated from ``start``."""
    draw = np.random.default_rng(seed)
    names = [f"w{i:02d}" for i in range(treated + others)]
    return wards({n: list(draw.poisson(15, 6) + 1.0) for n in names}, dict.fromkeys(names[:treated], start))

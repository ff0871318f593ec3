"""Wards by months whose outcome counts up, so that every sum is known."""

import pandas as pd

NAMES = {"unit": "ward", "period": "month", "outcome": "asb", "treated_from": "began"}


def rows(*, wards: str = "ABCD", first: str = "2023-01", months: int = 6, **began: str) -> pd.DataFrame:
    """Wards by months; the outcome counts up from 1 in row order, so that every sum is known."""
    cells = [
        (ward, str(month)) for ward in wards for month in pd.period_range(first, periods=months, freq="M")
    ]
    frame = pd.DataFrame(cells, columns=["ward", "month"])
    return frame.assign(asb=range(1, len(frame) + 1), began=frame["ward"].map(began).astype(object))

"""Good frames of wards by months to spoil, and the methods to try them on."""

from functools import partial

import pandas as pd

from toolkit import before_after, did, staggered

NAMES = {"unit": "ward", "period": "month", "outcome": "asb", "treated_from": "began"}
MONTHS = [str(month) for month in pd.period_range("2023-01", periods=8, freq="M")]
METHODS = {
    "att": did.att,
    "att difference": partial(did.att, scale="difference"),
    "att cluster": partial(did.att, inference="cluster"),
    "counterfactual": did.counterfactual,
    "counterfactual difference": partial(did.counterfactual, scale="difference"),
    "event_study": partial(did.event_study, leads=2, lags=1),
    "event_study difference": partial(did.event_study, leads=2, lags=1, scale="difference"),
    "two_way": did.two_way,
    "att_gt": staggered.att_gt,
    "att_gt ratio": partial(staggered.att_gt, scale="ratio", comparison="not_yet_treated"),
    "rate_ratio": before_after.rate_ratio,
    "mean_difference": before_after.mean_difference,
}


def rows(wards: int = 6, began: str | None = "2023-05") -> pd.DataFrame:
    """Wards w0, w1, ... by eight months of 2023; the first half are treated from May."""
    cells = [
        (f"w{i}", month, 5 + (i * 3 + j * 7) % 11) for i in range(wards) for j, month in enumerate(MONTHS)
    ]
    frame = pd.DataFrame(cells, columns=["ward", "month", "asb"])
    treated = frame["ward"].isin([f"w{i}" for i in range(wards // 2)])
    began = pd.Series([began if one else None for one in treated], dtype=object)
    return frame.assign(began=began, pop=100 + frame.index, wt=1.0, hot=frame.index % 7, area="x", now=0)

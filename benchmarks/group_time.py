"""Speed of group-time effects against peers in the same run; run by hand: python benchmarks/group_time.py.

The table is kept in data/derived/benchmark_group_time.csv: ratios to our own time with the errors that R gives, since
seconds belong to one machine. Each call reads the same table of rows, estimates every cohort and period with standard
errors, and adds them up. csdid, differences and diff-diff are compared where they are installed (pip install csdid
differences diff-diff): peers, not dependencies. The first call of each is thrown away.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import statistics
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from toolkit import Panel, staggered

ROUNDS, SIZES = 5, ((60, 48), (300, 48), (2000, 24))
TABLE = Path(__file__).parents[1] / "data" / "derived" / "benchmark_group_time.csv"
PEERS = {"csdid": "csdid", "differences": "differences", "diff_diff": "diff-diff"}
Call = Callable[[], object]


def seconds(call: Call) -> float:
    """The median time of a call, after one that does not count; what it prints is not kept."""
    times = []
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        call()
        for _ in range(ROUNDS):
            start = time.perf_counter()
            call()
            times.append(time.perf_counter() - start)
    return statistics.median(times)


def data(units: int, periods: int) -> pd.DataFrame:
    """Four cohorts and as many never treated, a covariate that trends and treatment follow."""
    draw = np.random.default_rng(1)
    income = draw.normal(size=units)
    chance = 1 / (1 + np.exp(-0.5 * income))
    starts = draw.choice([periods // 3, periods // 2, periods // 2 + 3, 2 * periods // 3], units)
    start = np.where(draw.random(units) < chance, starts, 0)
    t = np.arange(1, periods + 1)
    y = 20 + draw.normal(size=(units, 1)) + 0.1 * income[:, None] * t + draw.normal(size=(units, periods))
    y -= 2.0 * ((start[:, None] > 0) & (t >= start[:, None]))
    rows = {"unit": np.repeat(np.arange(units), periods), "period": np.tile(t, units), "y": y.ravel()}
    return pd.DataFrame({**rows, "start": np.repeat(start, periods), "income": np.repeat(income, periods)})


def ours(frame: pd.DataFrame, adjust: str, **options: Any) -> float:
    """Our overall effect, from the rows on."""
    table = frame.assign(start=frame["start"].where(frame["start"] > 0))
    covariates = [] if adjust == "none" else ["income"]
    panel = Panel.of(
        table, unit="unit", period="period", outcome="y", treated_from="start", covariates=covariates
    )
    return staggered.aggregate(staggered.att_gt(panel, adjust=adjust, **options)).value


def csdid(frame: pd.DataFrame, adjust: str) -> float:
    """The overall effect by csdid."""
    from csdid.att_gt import ATTgt  # noqa: PLC0415 - a peer that need not be there

    names = {"yname": "y", "tname": "period", "idname": "unit", "gname": "start"}
    formula = "y~1" if adjust == "none" else "y~income"
    fit = ATTgt(data=frame.copy(), control_group=["nevertreated"], xformla=formula, **names).fit(
        "dr", bstrap=False
    )
    fit.aggte(typec="simple", bstrap=False)
    return float(fit.atte["overall_att"])


def differences(frame: pd.DataFrame, adjust: str) -> float:
    """The overall effect by differences."""
    from differences import ATTgt  # noqa: PLC0415 - a peer that need not be there

    table = frame.assign(start=frame["start"].where(frame["start"] > 0)).set_index(["unit", "period"])
    fit = ATTgt(data=table, cohort_column="start")
    fit.fit("y" if adjust == "none" else "y ~ income", est_method="dr", progress_bar=False)
    return float(fit.aggregate("simple").to_numpy().ravel()[0])


def diff_diff(frame: pd.DataFrame, adjust: str) -> float:
    """The overall effect by diff-diff."""
    from diff_diff import CallawaySantAnna  # noqa: PLC0415 - a peer that need not be there

    fit = CallawaySantAnna().fit(
        frame, "y", "unit", "period", "start", None if adjust == "none" else ["income"]
    )
    return float(fit.overall_att)


def calls(frame: pd.DataFrame, adjust: str) -> dict[str, Call]:
    """Every call, ours first."""
    found: dict[str, Call] = {
        "toolkit: errors as in R": lambda: ours(frame, adjust, inference="analytic"),
        "toolkit: jackknife": lambda: ours(frame, adjust),
        "toolkit: multiplier bootstrap": lambda: ours(frame, adjust, inference="multiplier"),
    }
    for module, call in (("csdid", csdid), ("differences", differences), ("diff_diff", diff_diff)):
        if importlib.util.find_spec(module):
            found[PEERS[module]] = lambda call=call: call(frame, adjust)
    return found


def main() -> None:
    """Print a table of times, and keep the ratios."""
    missing = [name for module, name in PEERS.items() if not importlib.util.find_spec(module)]
    if missing:
        print(f"Not installed, so not compared: {', '.join(missing)}.")
    kept = []
    for units, periods in SIZES:
        frame = data(units, periods)
        for adjust in ("none", "doubly_robust"):
            rows = []
            for name, call in calls(frame, adjust).items():
                try:
                    rows.append((name, seconds(call), call()))
                except Exception as error:  # noqa: BLE001 - whatever a peer raises is its answer
                    print(f"{name} gave no answer at {units} units, {adjust}: {error!r:.200}")
            table = pd.DataFrame(rows, columns=["what", "seconds", "effect"])
            table["ratio"] = (table["seconds"] / table["seconds"].iloc[0]).round(1)
            print(f"\n{units} units by {periods} periods, adjust={adjust!r}")
            print(table.assign(seconds=table["seconds"].map("{:.4f}".format)).to_string(index=False))
            kept.append(table.assign(units=units, periods=periods, adjust=adjust))
    pd.concat(kept)[["units", "periods", "adjust", "what", "ratio"]].to_csv(
        TABLE, index=False, lineterminator="\n"
    )


if __name__ == "__main__":
    main()

"""Speed of synthetic controls against peers in the same run; run by hand: python benchmarks/synthetic.py.

The table is kept in data/derived/benchmark_synthetic.csv: ratios, since seconds belong to one machine, and the effects
that each found. pysyncon and diff-diff are compared where they are installed (pip install pysyncon diff-diff): peers,
not dependencies. The first call of each is thrown away, so that compilation and imports do not count.
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

import numpy as np
import pandas as pd

from toolkit import Panel, simulate, synthetic

ROUNDS = 5
TABLE = Path(__file__).parents[1] / "data" / "derived" / "benchmark_synthetic.csv"
Call = Callable[[], float]


def data(units: int, periods: int) -> pd.DataFrame:
    """A simulated panel with one treated area from half-way on; periods are counted from 0."""
    frame, _ = simulate.panel(simulate.VIOLENCE_WARD, units=units, periods=periods, treated=1, seed=1)
    codes = pd.factorize(frame["period"], sort=True)[0]
    starts = pd.Series(dict(zip(frame["period"], codes, strict=True)))
    began = frame["treated_from"].map(starts)
    now = (codes >= began.fillna(np.inf)).astype(int)
    return frame.assign(period=codes, treated_from=began, now=now, count=frame["count"].astype(float))


def peers(frame: pd.DataFrame) -> dict[str, dict[str, Call]]:
    """The same estimate by each package, by kind: with all placebos, and the weights alone."""
    panel = Panel.of(frame, unit="unit", period="period", outcome="count", treated_from="treated_from")
    did = "synthetic_did"
    return {
        "synthetic control": {"toolkit": lambda: _weights_alone(panel)} | _pysyncon(frame),
        "synthetic control and its placebos": {"toolkit": lambda: synthetic.att(panel).value}
        | _diff_diff_control(frame),
        "synthetic did and its placebos": {"toolkit": lambda: synthetic.att(panel, kind=did).value}
        | _diff_diff_did(frame),
    }


def _weights_alone(panel: Panel) -> float:
    """The effect from the weights: what a peer gives that makes no placebos."""
    found = synthetic.weights(panel).set_index("unit")["weight"]
    wide = panel.frame.pivot(index="period", columns="unit", values="outcome")
    (treated,) = (unit for units in panel.cohorts.values() for unit in units)
    late = wide.index >= next(iter(panel.cohorts))
    return float((wide[treated] - wide[found.index] @ found)[late].mean())


def _pysyncon(frame: pd.DataFrame) -> dict[str, Call]:
    """Its Synth with every period before as a predictor, and all alike (V = I)."""
    if importlib.util.find_spec("pysyncon") is None:
        return {}
    from pysyncon import Synth  # noqa: PLC0415 - a peer that need not be there

    wide = frame.pivot(index="period", columns="unit", values="count")
    treated, start = frame.loc[frame["now"] == 1, "unit"].iloc[0], int(frame["treated_from"].max())
    early, others = wide[wide.index < start], wide.columns.drop(treated)

    def call() -> float:
        fit = Synth()
        fit.fit(
            X0=early[others], X1=early[treated], Z0=early[others], Z1=early[treated], custom_V=np.ones(start)
        )
        return float((wide[treated] - wide[others] @ np.asarray(fit.W))[wide.index >= start].mean())

    return {"pysyncon": call}


def _diff_diff_control(frame: pd.DataFrame) -> dict[str, Call]:
    if importlib.util.find_spec("diff_diff") is None:
        return {}
    from diff_diff import SyntheticControl  # noqa: PLC0415 - a peer that need not be there

    names = {"outcome": "count", "treatment": "now", "unit": "unit", "time": "period"}
    before = int(frame["treated_from"].max())

    def call() -> float:
        model = SyntheticControl(v_method="custom", custom_v=np.ones(before), standardize="none", seed=0)
        found = model.fit(frame, **names, pre_period_outcomes="all")
        found.in_space_placebo()
        return float(found.att)

    return {"diff-diff": _quietly(call)}


def _diff_diff_did(frame: pd.DataFrame) -> dict[str, Call]:
    if importlib.util.find_spec("diff_diff") is None:
        return {}
    from diff_diff import SyntheticDiD  # noqa: PLC0415 - a peer that need not be there

    names = {"outcome": "count", "treatment": "ever", "unit": "unit", "time": "period"}
    ever = frame.assign(ever=frame["treated_from"].notna().astype(int))
    after = sorted(frame.loc[frame["now"] == 1, "period"].unique())
    lots = frame["unit"].nunique() - 1

    def call() -> float:
        model = SyntheticDiD(variance_method="placebo", n_bootstrap=lots, seed=0)
        return float(model.fit(ever, **names, post_periods=after).att)

    return {"diff-diff": _quietly(call)}


def _quietly(call: Call) -> Call:
    """The call without its warnings and prints."""

    def quiet() -> float:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            return call()

    return quiet


def seconds(call: Call) -> tuple[float, float]:
    """The median time of a call, after one that does not count; and the effect that it finds."""
    effect, times = call(), []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times), effect


def main() -> None:
    """Print a table of times, and keep their ratios to ours."""
    rows = []
    for units, periods in ((39, 31), (100, 60)):
        for what, calls in peers(data(units, periods)).items():
            ours = None
            for package, call in calls.items():
                took, effect = seconds(call)
                ours = ours or took
                row = {"units": units, "periods": periods, "what": what, "package": package}
                rows.append(
                    {**row, "seconds": took, "ratio": round(took / ours, 1), "effect": round(effect, 4)}
                )
                print(rows[-1], flush=True)
    pd.DataFrame(rows).drop(columns="seconds").to_csv(TABLE, index=False, lineterminator="\n")


if __name__ == "__main__":
    main()

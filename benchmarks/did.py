"""Speed of difference-in-differences against peers in the same run; run by hand: python benchmarks/did.py.

The table is kept in data/derived/benchmark_did.csv: ratios, since seconds belong to one machine.

statsmodels is always compared. pyfixest is too where it is installed (pip install pyfixest): a peer, not a dependency.
The first call of each is thrown away, so that compilation and imports do not count.
"""

from __future__ import annotations

import importlib.util
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import statsmodels.api as sm
import statsmodels.formula.api as smf

from toolkit import Panel, did, simulate
from toolkit.arms import Arms
from toolkit.numerics import deleted, imputation, jackknife

ROUNDS = 5
TABLE = Path(__file__).parents[1] / "data" / "derived" / "benchmark_did.csv"


def seconds(call: Callable[[], object]) -> float:
    """The median time of a call, after one that does not count."""
    call()
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def data(units: int, periods: int) -> pd.DataFrame:
    """A simulated panel with two start dates and an exposure that changes from month to month."""
    starts = ["2023-01", "2023-07"]
    frame, _ = simulate.panel(units=units, periods=periods, treated=units // 3, treated_from=starts, seed=1)
    population = np.random.default_rng(1).uniform(1_000, 2_000, len(frame))
    now = (frame["treated_from"].notna() & (frame["period"] >= frame["treated_from"].fillna("9999"))).astype(
        int
    )
    return frame.assign(population=population, now=now, rate=frame["count"] / population)


def peers(frame: pd.DataFrame) -> dict[str, dict[str, Callable[[], object]]]:
    """The same estimates by each package: two-way regressions with errors clustered by unit."""
    names = {"unit": "unit", "period": "period", "treated_from": "treated_from"}
    counts = Panel.of(frame, **names, outcome="count", exposure="population")
    rates = Panel.of(frame, **names, outcome="rate")
    codes, offset = pd.factorize(frame["unit"])[0], np.log(frame["population"])
    cluster = {"cov_type": "cluster", "cov_kwds": {"groups": codes}}
    formula = "now + C(unit) + C(period)"
    ours = {
        "toolkit: two_way, difference": lambda: did.two_way(rates, scale="difference"),
        "toolkit: two_way, ratio": lambda: did.two_way(counts),
        "toolkit: att with jackknife, difference": lambda: did.att(
            rates, scale="difference", inference="cluster"
        ),
        "toolkit: att with jackknife, ratio": lambda: did.att(counts, inference="cluster"),
    }
    usual = {
        "statsmodels: OLS on dummies": lambda: smf.ols(f"rate ~ {formula}", frame).fit(**cluster),
        "statsmodels: Poisson GLM on dummies": lambda: smf.glm(
            f"count ~ {formula}", frame, family=sm.families.Poisson(), offset=offset
        ).fit(**cluster),
    }
    return {"toolkit": ours, "jackknife": _jackknives(frame), "statsmodels": usual} | _pyfixest(frame)


def _jackknives(frame: pd.DataFrame) -> dict[str, Callable[[], object]]:
    """The effect without each unit, by taking the unit out of the whole fit and by fitting again, with gaps too."""
    names = {"unit": "unit", "period": "period", "treated_from": "treated_from"}
    gaps = frame[np.random.default_rng(2).random(len(frame)) > 0.05]
    rain = gaps.assign(rain=np.random.default_rng(3).normal(size=len(gaps)))
    calls: dict[str, Callable[[], object]] = {}
    for what, rows, more in (("", frame, {}), (", gaps and a covariate", rain, {"covariates": ["rain"]})):
        panel = Panel.of(rows, **names, outcome="count", exposure="population", **more)
        for scale in ("difference", "ratio"):
            arms = Arms.of(panel, ratio=scale == "ratio")
            calls[f"jackknife, {scale}{what}: taken out"] = partial(deleted.effect, arms.cells, arms.cluster)
            calls[f"jackknife, {scale}{what}: fitted again"] = partial(_fitted_again, arms)
    return calls


def _fitted_again(arms: Arms) -> np.ndarray:
    return jackknife.deleted(lambda keep: np.array([imputation.effect(arms.cells.units(keep))]), arms.cluster)


def _pyfixest(frame: pd.DataFrame) -> dict[str, dict[str, Callable[[], object]]]:
    if importlib.util.find_spec("pyfixest") is None:
        return {}
    import pyfixest  # noqa: PLC0415 - a peer that need not be there

    fit = {"vcov": {"CRV1": "unit"}, "data": frame.assign(offset=np.log(frame["population"]))}
    return {
        "pyfixest": {
            "pyfixest: feols": lambda: pyfixest.feols("rate ~ now | unit + period", **fit),
            "pyfixest: fepois": lambda: pyfixest.fepois(
                "count ~ now | unit + period", offset="offset", **fit
            ),
        }
    }


def main() -> None:
    """Print a table of times, and keep the ratios to our two-way regression on the same scale."""
    kept = []
    for units, periods in ((60, 48), (300, 48)):
        frame = data(units, periods)
        rows = [(name, seconds(call)) for group in peers(frame).values() for name, call in group.items()]
        ours = {"difference": rows[0][1], "ratio": rows[1][1]}
        table = pd.DataFrame(rows, columns=["what", "seconds"])
        ratio = (
            table["what"].str.contains(", ratio|ois").map({True: ours["ratio"], False: ours["difference"]})
        )
        table["times our two_way"] = (table["seconds"] / ratio).round(1)
        kept.append(table.drop(columns="seconds").assign(units=units, periods=periods))
        print(f"\n{units} units by {periods} periods")
        print(table.assign(seconds=table["seconds"].map("{:.4f}".format)).to_string(index=False))
    ratios = pd.concat(kept).rename(columns={"times our two_way": "ratio"})
    ratios[["units", "periods", "what", "ratio"]].to_csv(TABLE, index=False)


if __name__ == "__main__":
    main()

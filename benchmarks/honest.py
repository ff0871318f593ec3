"""Speed of honest intervals against a peer in the same run, and how far their ends lie apart.

Run by hand: python benchmarks/honest.py. The table is kept in data/derived/benchmark_honest.csv: ratios, since
seconds belong to one machine.

moderndid (Python 3.12) is compared where it is installed: a peer, not a dependency. Both are given the same
estimates and covariance, take it as known as R does, and give intervals at the same four allowances; the toolkit's
breakdown comes on top. The first call of each is thrown away, so that compilation and imports do not count.
"""

from __future__ import annotations

import importlib.util
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from toolkit import Panel, did, sensitivity
from toolkit.estimate import EventStudy

TABLE = Path(__file__).parents[1] / "data" / "derived" / "benchmark_honest.csv"
ROUNDS, SLOW, AREAS = 5, 10.0, 40
RELATIVE, SMOOTH = (0.5, 1.0, 1.5, 2.0), (0.0, 0.02, 0.05, 0.1)
SIZES = ((5, 2), (4, 4), (12, 12))  # event times before the base, and from the start on


def timed(call: Callable[[], np.ndarray]) -> tuple[np.ndarray, float]:
    """What a call gives and its median time, after one that does not count; a slow one is called once."""
    start = time.perf_counter()
    result = call()
    times = [time.perf_counter() - start]
    if times[0] > SLOW:
        return result, times[0]
    times.clear()
    while len(times) < ROUNDS:
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return result, statistics.median(times)


def study(before: int, after: int) -> EventStudy:
    """Forty areas, half of them treated, whose gap moves a little before the start and a lot at it."""
    rng = np.random.default_rng(1)
    months = before + 1 + after
    y = rng.normal(size=(AREAS, months)) + 0.5 * rng.normal(size=(AREAS, 1))
    y[: AREAS // 2] += np.cumsum(0.3 * rng.normal(size=months)) + 3 * (np.arange(months) > before)
    area, month = np.indices(y.shape)
    starts = np.where(area < AREAS // 2, before + 1, np.nan)
    columns = {"area": area.ravel(), "month": month.ravel(), "y": y.ravel(), "start": starts.ravel()}
    panel = Panel.of(pd.DataFrame(columns), unit="area", period="month", outcome="y", treated_from="start")
    return did.event_study(panel, leads=before + 1, lags=after - 1, scale="difference")


def ours(one: EventStudy, kind: str) -> Callable[[], np.ndarray]:
    """The toolkit's ends at each allowance, with the breakdown on top."""
    m = RELATIVE if kind == "relative" else SMOOTH

    def call() -> np.ndarray:
        answer = sensitivity.honest(one, kind=kind, m=m, small_sample=False)  # type: ignore[arg-type]
        return answer.bounds[["low", "high"]].to_numpy()[1:]

    return call


def theirs(one: EventStudy, kind: str, before: int, after: int) -> Callable[[], np.ndarray]:
    """Ends by moderndid at each allowance."""
    from moderndid.didhonest.sensitivity import (  # noqa: PLC0415 - a peer that need not be there
        create_sensitivity_results_rm,
        create_sensitivity_results_sm,
    )

    kept = one.effects["event_time"].to_numpy() != -1
    given = one.points[kept], one.covariance.to_numpy()[np.ix_(kept, kept)], before, after

    def call() -> np.ndarray:
        if kind == "relative":
            rows = create_sensitivity_results_rm(*given, m_bar_vec=np.array(RELATIVE))
        else:
            rows = create_sensitivity_results_sm(*given, m_vec=np.array(SMOOTH))
        return np.asarray(rows.select("lb", "ub").to_numpy(), dtype=float)

    return call


def rows() -> list[dict[str, object]]:
    """A line for each size and kind."""
    found: list[dict[str, object]] = []
    for before, after in SIZES:
        one = study(before, after)
        error = one.average(0, 0).std_error
        for kind in ("relative", "smooth"):
            (here, our_time), (there, their_time) = (
                timed(ours(one, kind)),
                timed(theirs(one, kind, before, after)),
            )
            apart, ratio = np.abs(here - there).max() / error, their_time / our_time
            found.append({"before": before, "after": after, "kind": kind, "ratio": ratio, "apart": apart})
            print(found[-1], flush=True)
    return found


def main() -> None:
    """Print the ratios, and keep them."""
    if importlib.util.find_spec("moderndid") is None:
        raise SystemExit("moderndid is not installed: pip install moderndid, in Python 3.12.")
    pd.DataFrame(rows()).round({"ratio": 0, "apart": 4}).to_csv(TABLE, index=False)


if __name__ == "__main__":
    main()

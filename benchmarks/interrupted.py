"""How often intervals of an interrupted time series hold the truth, by seven ways of treating autocorrelation.

Run by hand, about half an hour: writes data/derived/benchmark_interrupted.csv. Every method is given the same series
and the same terms; the first is the toolkit's own, and a test holds that the batch here gives what the toolkit gives.
"""

from __future__ import annotations

import itertools
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # many small matrices: threads only get in the way

import batched_series as batched
import numpy as np
import pandas as pd
from tqdm import tqdm

from toolkit import simulate
from toolkit.methods.interrupted import season
from toolkit.validate import random_generator

TABLE = Path(__file__).resolve().parents[1] / "data" / "derived" / "benchmark_interrupted.csv"
DRAWS, BATCH = 4000, 1000
SEASON = tuple(1 + 0.15 * np.sin(2 * np.pi * np.arange(12) / 12))
PERIODS = {12: (8,), 24: (12, 16), 36: (18, 24), 48: (24, 32), 96: (48, 64)}  # and where the programme starts
RHO = (0.0, 0.2, 0.4, 0.6)
QUANTITIES = ("level change", "slope change", "effect")
KEYS = ("scale", "periods", "start", "autocorrelation")


def course(scale: str, rho: float) -> simulate.Course:
    """How the series behaves: a busy town's monthly count, or a survey's monthly mean."""
    if scale == "ratio":
        return simulate.Course(level=60, trend=-0.03, season=SEASON, autocorrelation=rho, dispersion=3)
    return simulate.Course(
        level=50, trend=-1, season=tuple(20 * s for s in SEASON), autocorrelation=rho, spread=4
    )


def problem(scale: str, periods: int, place: int, rho: float, *, draws: int, seed: int) -> batched.Problem:
    """Series drawn as `simulate.series` draws them, many at once, with the terms that `season="auto"` allows."""
    count, how = scale == "ratio", course(scale, rho)
    months = pd.period_range("2016-01", periods=periods, freq="M")
    changes = (
        {"level_change": 0.85, "slope_change": 0.997} if count else {"level_change": -4, "slope_change": -0.1}
    )
    kind = "count" if count else "measure"
    truth = simulate.series(
        how, kind=kind, periods=periods, first="2016-01", start=str(months[place]), **changes
    )[1]
    truths = np.array([truth.level_change, truth.slope_change, truth.effect])
    y = drawn(how, truth.expected["with_programme"].to_numpy(), draws, random_generator(seed), count=count)
    x, without, after = columns(months, place)
    if count:
        return batched.poisson(x, y, without, after, np.log(truths))
    gradient = np.zeros((3, x.shape[1]))
    gradient[0, 2], gradient[1, 3], gradient[2] = 1, 1 / periods, (x - without)[after].mean(axis=0)
    return batched.least_squares(x, y, gradient, truths)


def drawn(
    how: simulate.Course, line: np.ndarray, draws: int, rng: np.random.Generator, *, count: bool
) -> np.ndarray:
    """Series about a line, shape (draws, periods)."""
    path, rho = rng.standard_normal((draws, len(line))), how.autocorrelation
    for t in range(1, len(line)):
        path[:, t] = rho * path[:, t - 1] + np.sqrt(1 - rho**2) * path[:, t]
    if not count:
        return line + how.spread * path
    size = np.sqrt(np.log1p((how.dispersion - 1) / how.level))
    return rng.poisson(line * np.exp(size * path - size**2 / 2)).astype(float)


def columns(months: pd.PeriodIndex, place: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The model's columns with the programme and without, and which months have it."""
    since = (np.arange(len(months)) - place) / len(months)
    after = since >= 0
    seasonal = season.terms(months, np.ones(len(months), dtype=bool), "auto").columns
    x = np.column_stack([np.ones_like(since), since, after, after * since, seasonal])
    without = x.copy()
    without[:, 2:4] = 0
    return x, without, after


def cell(design: tuple[str, int, int, float, int]) -> list[dict[str, object]]:
    """The rows of one design."""
    *keys, draws = design
    found: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {}
    for first in range(0, draws, BATCH):
        for name, inside, reach in batched.held(problem(*keys, draws=min(BATCH, draws - first), seed=first)):
            found.setdefault(name, []).append((inside, reach))
    rows = []
    for name, parts in found.items():
        inside, reach = (np.concatenate(part) for part in zip(*parts, strict=True))
        for i, quantity in enumerate(QUANTITIES):
            about = dict(zip(KEYS, keys, strict=True)) | {
                "quantity": quantity,
                "method": name,
                "draws": draws,
            }
            rows.append(about | {"coverage": inside[:, i].mean(), "median_reach": np.median(reach[:, i])})
    return rows


def main(draws: int) -> None:
    """Run every design and write the table."""
    designs = [
        (scale, periods, place, rho, draws)
        for scale, periods in itertools.product(("difference", "ratio"), PERIODS)
        for place, rho in itertools.product(PERIODS[periods], RHO)
    ]
    with ProcessPoolExecutor(2) as pool:
        rows = list(tqdm(pool.map(cell, designs), total=len(designs)))
    table = pd.DataFrame([row for part in rows for row in part]).round(5)
    table.to_csv(TABLE, index=False, lineterminator="\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DRAWS)

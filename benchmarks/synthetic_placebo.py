"""False alarms and widths of synthetic controls beside difference-in-differences, on real wards where nothing was done.

By hand, in the folder of real records that PREVENTION_FIELD_DATA names:

    python benchmarks/synthetic_placebo.py

Writes data/derived/placebo_synthetic.csv. A 5% test should find something in 5% of draws; of two that do, the one with
the narrower interval says more. All methods see the same draws.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from placebo import ALPHA, TYPES, counts
from tqdm import tqdm

from toolkit import DesignError, Panel, did, synthetic
from toolkit.estimate import Estimate

ROOT = Path(__file__).resolve().parents[1]
START, AFTER = "2016-04", 12
SHAPES = ((1, 40), (3, 20))  # treated, wards
BEFORE = (24, 60)
DRAWS, LOTS = 50, 99
METHODS: dict[tuple[str, str], Callable[[Panel], Estimate]] = {
    ("ratio", "did.att, randomisation"): partial(did.att, inference="permutation", draws=LOTS),
    ("ratio", "synthetic control, path"): partial(synthetic.att, scale="ratio", draws=LOTS),
    ("ratio", "synthetic control, level"): partial(synthetic.att, scale="ratio", match="level", draws=LOTS),
    ("ratio", "synthetic did"): partial(synthetic.att, kind="synthetic_did", scale="ratio", draws=LOTS),
    ("difference", "did.att, randomisation"): partial(
        did.att, scale="difference", inference="permutation", draws=LOTS
    ),
    ("difference", "synthetic control, level"): partial(synthetic.att, draws=LOTS),
    ("difference", "synthetic control, path"): partial(synthetic.att, match="path", draws=LOTS),
    ("difference", "synthetic did"): partial(synthetic.att, kind="synthetic_did", draws=LOTS),
}


@dataclass(frozen=True)
class Cell:
    """Which wards, how long before, how many treated, and how they were drawn."""

    crime: str
    before: int
    treated: int
    wards: int
    drawn: str


def draw(table: pd.DataFrame, cell: Cell, seed: int) -> Panel:
    """Some wards over the months about the start, some of them called treated: by lot from all, or a third by size."""
    rng = np.random.default_rng([seed, cell.treated, cell.wards, cell.before])
    at = list(table.columns).index(START)
    rows = table.iloc[rng.permutation(len(table))[: cell.wards], at - cell.before : at + AFTER]
    size, third = rows.iloc[:, : cell.before].sum(axis=1).to_numpy(), cell.wards // 3
    order = np.lexsort((rng.random(cell.wards), size))
    pool = {"at random": order, "largest third": order[-third:], "smallest third": order[:third]}[cell.drawn]
    treated = rows.index[rng.choice(pool, cell.treated, replace=False)]
    long = rows.rename_axis("ward").reset_index().melt("ward", var_name="month", value_name="incidents")
    long["began"] = np.where(long["ward"].isin(treated), START, None)
    return Panel.of(long, unit="ward", period="month", outcome="incidents", treated_from="began")


def lines(table: pd.DataFrame, cell: Cell) -> list[dict[str, object]]:
    """The lines of one cell, one a method."""
    found: dict[tuple[str, str], list[tuple[float, float, float]]] = {name: [] for name in METHODS}
    for seed in range(DRAWS):
        panel = draw(table, cell, seed)
        for name, method in METHODS.items():
            found[name].append(asked(method, panel))
    rows = []
    for (scale, method), answers in found.items():
        off, p, width = np.array(answers).T
        known = np.isfinite(off)
        row = {"rejects": float((p[known] <= ALPHA + 1e-12).mean()), "draws": int(known.sum())}
        row |= {
            "scatter": float(np.sqrt((off[known] ** 2).mean())),
            "median_width": float(np.median(width[known])),
        }
        rows.append({**vars(cell), "scale": scale, "method": method, **row})
    return rows


def asked(method: Callable[[Panel], Estimate], panel: Panel) -> tuple[float, float, float]:
    """How far from no change (of logs for ratios), the p-value and the interval's width; missing where it refuses."""
    try:
        answer = method(panel)
    except DesignError:
        return np.nan, np.nan, np.nan
    ends = np.array([answer.value, answer.low, answer.high])
    if answer.scale == "ratio":
        with np.errstate(divide="ignore"):
            ends = np.log(ends)
    return float(ends[0]), answer.p_value, float(ends[2] - ends[1])


def grid() -> Iterator[Cell]:
    """All cells of the table: from thirds by size with one ward of 40 only."""
    for before in BEFORE:
        for crime in TYPES.values():
            for treated, wards in SHAPES:
                thirds = ("largest third", "smallest third") if (treated, wards) == (1, 40) else ()
                for drawn in ("at random", *thirds):
                    yield Cell(crime, before, treated, wards, drawn)


def main() -> None:
    """Write the table, and print what it says of sizes and widths."""
    tables, wanted = counts(), list(grid())
    with ProcessPoolExecutor() as pool:
        parts = list(
            tqdm(pool.map(lines, [tables[c.crime] for c in wanted], wanted), total=len(wanted), smoothing=0)
        )
    table = pd.DataFrame([row for part in parts for row in part]).round(4)
    table.to_csv(ROOT / "data/derived/placebo_synthetic.csv", index=False, lineterminator="\n")
    told(table)


def told(table: pd.DataFrame) -> None:
    """Print the share of draws that each method calls an effect, and its width beside that of did.att."""
    keys = ["crime", "before", "treated", "wards", "drawn", "scale"]
    plain = table[table["method"].str.startswith("did.att")][[*keys, "median_width", "scatter"]]
    beside = table.merge(plain, on=keys, suffixes=("", "_did"))
    for name in ("median_width", "scatter"):
        beside[f"{name}_share"] = beside[name] / beside[f"{name}_did"]
    pd.set_option("display.width", 200)
    shown = ["rejects", "median_width_share", "scatter_share"]
    print(beside.groupby(["scale", "method", "drawn"], sort=False)[shown].mean().round(3))
    print(
        beside.groupby(["scale", "method", "treated", "wards", "before"], sort=False)[shown].mean().round(3)
    )


if __name__ == "__main__":
    main()

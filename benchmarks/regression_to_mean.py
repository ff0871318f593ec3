"""Regression to the mean on real records where nothing was done: what each kind leaves; run by hand.

    PREVENTION_FIELD_DATA=folder python benchmarks/regression_to_mean.py

Random areas and dates, the worst of them "chosen", and nothing done: what is left should be nothing. The table is kept
in data/derived/benchmark_regression_to_mean.csv: summary figures by crime type, never the records.
"""

from __future__ import annotations

import math
import os
import zipfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import wards
from tqdm import tqdm

from toolkit import DesignError, Panel, regression_to_mean

FIELD = Path(os.environ.get("PREVENTION_FIELD_DATA", "field_data"))
TABLE = Path(__file__).resolve().parents[1] / "data" / "derived" / "benchmark_regression_to_mean.csv"
NORTHUMBRIA = "police_uk_northumbria_2013-06_2014-06.zip"
FEWEST = 0.25  # incidents an area and month, below which the worst tenth is mostly one record
KINDS = ("placebo", "empirical_bayes")


@dataclass(frozen=True)
class Split:
    """How areas are chosen and judged: the worst ``share`` of ``areas`` drawn, on ``on`` months."""

    name: str
    areas: int
    share: float
    on: int
    lag: int  # months from the first month of the choice to the first it is judged on
    judged: int
    history: int  # months before the choice, at least


METRO = (
    Split("wards, worst 10% on 3 months, the same months a year later", 300, 0.1, 3, 12, 3, 36),
    Split("wards, worst 10% on 3 months, the 12 months that follow", 300, 0.1, 3, 3, 12, 36),
)
NORTH = (Split("LSOAs, worst 10% on 1 month, the month that follows", 400, 0.1, 1, 1, 1, 2),)


def metropolitan() -> dict[str, np.ndarray]:
    """Counts by ward and month (rows, columns) for each crime type."""
    kinds = wards.records().groupby("crime_type")
    return {str(name): wards.wide(part).to_numpy() for name, part in kinds}


def northumbria(folder: Path) -> dict[str, np.ndarray]:
    """The same by LSOA, for LSOAs with at least six incidents and crime types with enough of them."""
    columns = ["Month", "LSOA code", "Crime type"]
    with zipfile.ZipFile(folder / NORTHUMBRIA) as archive:
        names = sorted(name for name in archive.namelist() if name.endswith("-street.csv"))
        rows = pd.concat([pd.read_csv(archive.open(name), usecols=columns) for name in names])
    total, months = rows["LSOA code"].value_counts(), sorted(rows["Month"].unique())
    areas = total.index[total > 5].sort_values()
    tables = {
        name: pd.crosstab(part["LSOA code"], part["Month"]).reindex(index=areas, columns=months, fill_value=0)
        for name, part in rows.groupby("Crime type")
    }
    counts = {str(name): table.to_numpy(dtype=float) for name, table in tables.items()}
    return {name: count for name, count in counts.items() if count.mean() >= FEWEST}


def panels(count: np.ndarray, split: Split, draws: int, seed: int = 0) -> Iterator[tuple[int, Panel]]:
    """Random areas and a random date; the worst on the months before it are "chosen", and nothing is done."""
    rng = np.random.default_rng(seed)
    for _ in range(draws):
        area = rng.choice(len(count), split.areas, replace=False)
        first = int(rng.integers(split.history, count.shape[1] - split.lag - split.judged + 1))
        early = max(0, first - split.judged - 12)  # twelve earlier times need no more
        seen = count[area, early : first + split.lag + split.judged]
        date, first = first, first - early
        on = seen[:, first : first + split.on].sum(axis=1)
        worst = np.lexsort((rng.random(split.areas), -on))[: round(split.share * split.areas)]
        start = np.full(split.areas, np.nan)
        start[worst] = first + split.lag
        months = seen.shape[1]
        table = {"area": np.repeat(np.arange(split.areas), months), "month": np.tile(np.arange(months), split.areas),
                 "count": seen.ravel(), "from": np.repeat(start, months)}  # fmt: skip
        yield (
            date,
            Panel.of(pd.DataFrame(table), unit="area", period="month", outcome="count", treated_from="from"),
        )


def left(count: np.ndarray, split: Split, draws: int, kinds: tuple[str, ...] = KINDS) -> pd.DataFrame:
    """One row per draw: the naive ratio, and for each kind the expected one and what is left, in % of the baseline."""
    rows = []
    for date, panel in panels(count, split, draws):
        first = int(next(iter(panel.cohorts))) - split.lag
        row: dict[str, float] = {"date": date}
        for kind in kinds:
            try:
                answer = regression_to_mean.expected(
                    panel, chosen_on=(first, first + split.on - 1), kind=kind
                )
            except DesignError:  # nothing recorded later in areas so few
                continue
            held = answer.left.low <= 1 <= answer.left.high
            gap = 100 * (answer.naive.value - answer.expected.value)
            row |= {"naive": 100 * (answer.naive.value - 1), f"{kind} left": gap, f"{kind} held": held}
        rows.append(row)
    return pd.DataFrame(rows)


def error_by_date(left: pd.Series, date: pd.Series) -> float:
    """The Monte Carlo error of a mean of draws of which those of one date share its records."""
    gaps = (left - left.mean()).groupby(date).sum()
    return math.sqrt((gaps**2).sum() * len(gaps) / (len(gaps) - 1)) / left.count()


def summary(force: str, crime_type: str, split: Split, draws: pd.DataFrame) -> list[dict[str, object]]:
    """A row per kind: the mean naive change, the mean of what is left, and its Monte Carlo error."""
    return [
        {
            "force": force, "crime_type": crime_type, "split": split.name, "kind": kind.replace("_", " "),
            "draws": int(draws[f"{kind} left"].count()), "naive": draws["naive"].mean(),
            "left": draws[f"{kind} left"].mean(), "mc_error": error_by_date(draws[f"{kind} left"], draws["date"]),
            "interval_held_none": 100 * draws[f"{kind} held"].mean(),
        }
        for kind in KINDS
    ]  # fmt: skip


def one(task: tuple[str, str, Split, np.ndarray, int]) -> list[dict[str, object]]:
    """The rows of one crime type and way of splitting."""
    force, name, split, count, draws = task
    return summary(force, name.capitalize(), split, left(count, split, draws))


def main(draws: int = 120) -> None:
    """Every crime type of both forces; the table is written and printed."""
    forces = (("Metropolitan", metropolitan(), METRO), ("Northumbria", northumbria(FIELD), NORTH))
    tasks = [
        (force, name, split, count, draws)
        for force, counts, splits in forces
        for split in splits
        for name, count in counts.items()
    ]
    with ProcessPoolExecutor() as pool:
        rows = [row for found in tqdm(pool.map(one, tasks), total=len(tasks)) for row in found]
    table = pd.DataFrame(rows).round(2)
    table.to_csv(TABLE, index=False, lineterminator="\n")
    print(table.drop(columns="split").to_string(index=False))


if __name__ == "__main__":
    main()

"""False alarms, power and coverage with few treated areas, on real wards where nothing was done.

By hand, in the folder of real records that PREVENTION_FIELD_DATA names:

    python benchmarks/placebo.py

Writes data/derived/placebo_few_areas.csv. A 5% test should find something in 5% of draws. Effects are planted by
keeping each incident of a treated ward after the start with a probability (binomial thinning).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from scipy import stats
from tqdm import tqdm
from wards import TYPES, counts

from toolkit.numerics import deleted, imputation, jackknife, permutation, student
from toolkit.numerics.imputation import Cells

ROOT = Path(__file__).resolve().parents[1]
SHAPES = ((1, 40), (3, 40), (10, 40), (5, 120), (30, 0))  # treated, wards; 0 is all
START = {12: "2016-04", 24: "2015-04"}  # after as long before
LONG = ("burglary", "violence")
DRAWS, PLANTED, WIDTHS, LOTS = 2_000, 200, 20, 499
FALLS = (0.1, 0.2, 0.3)
ALPHA = 0.05


@dataclass(frozen=True)
class Cell:
    """One line of the table: which wards, how many treated, how they were drawn."""

    crime: str
    months: int
    treated: int
    wards: int
    drawn: str


def halves(table: pd.DataFrame, months: int) -> np.ndarray:
    """Totals of the months before and after the start; shape (wards, 2)."""
    at = list(table.columns).index(START[months])
    parts = [table.iloc[:, at - months : at], table.iloc[:, at : at + months]]
    return np.stack([part.to_numpy().sum(axis=1) for part in parts], axis=1)


def draw(both: np.ndarray, cell: Cell, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The totals of some wards, and which of them are called treated: by lot from all, or from a third by size."""
    rng = np.random.default_rng([seed, cell.treated, cell.wards, cell.months])
    inside = rng.permutation(len(both))[: cell.wards or len(both)]
    y, third = both[inside], len(inside) // 3
    order = np.lexsort((rng.random(len(y)), y[:, 0]))
    pool = {"at random": order, "largest third": order[-third:], "smallest third": order[:third]}[cell.drawn]
    treated = np.zeros(len(y), dtype=bool)
    treated[rng.choice(pool, cell.treated, replace=False)] = True
    return y, treated


def cells(y: np.ndarray, treated: np.ndarray, months: int, *, ratio: bool) -> Cells:
    """What did.att makes of a balanced panel: totals for a ratio, monthly means for a difference."""
    on = np.stack([np.zeros_like(treated), treated], axis=1)
    return Cells(y if ratio else y / months, np.ones(y.shape), on, None, None, ratio)


def randomised(one: Cells, seed: int) -> permutation.ScoreTest:
    """The toolkit's randomisation test, and what ``auto`` uses in all shapes here."""
    return permutation.ScoreTest.of(one, np.arange(len(one.y)), LOTS, np.random.default_rng(seed))


def jackknifed(one: Cells) -> float:
    """The p-value of inference="cluster"; NaN with one treated ward."""
    treated = one.treated[:, 1]
    if treated.sum() < 2:
        return np.nan
    without = deleted.effect(one, np.arange(len(treated)))
    centre = imputation.effect(one)
    return student.two_sided(centre, *jackknife.error(centre, without, treated.astype(int)))


@lru_cache(maxsize=8)
def _ways(wards: int, treated: int) -> np.ndarray:
    """Which wards each lot treats; every ward in turn where one is treated."""
    if treated == 1:
        return np.arange(wards)[:, None]
    return np.random.default_rng(0).random((LOTS, wards)).argsort(axis=1)[:, :treated]


def plain_studentised(one: Cells) -> float:
    """Labels dealt out over all wards; the sum of scores over its Welch standard error (pooled with one treated)."""
    y, treated = one.y, one.treated[:, 1]
    score = y[:, 1] - y[:, 1].sum() / y.sum() * y.sum(1) if one.ratio else y[:, 1] - y[:, 0]
    n, k = len(score), int(treated.sum())
    ways = _ways(n, k)

    def statistic(chosen: np.ndarray) -> np.ndarray:
        inside, squares = score[chosen].sum(1), (score**2)[chosen].sum(1)
        outside, others = score.sum() - inside, (score**2).sum() - squares
        gap = inside / k - outside / (n - k)
        spread = (others - outside**2 / (n - k)) / (n - k - 1)
        own = (squares - inside**2 / k) / (k - 1) if k > 1 else spread
        return np.abs(gap) / np.sqrt(own / k + spread / (n - k))

    seen, dealt = statistic(np.flatnonzero(treated)[None, :])[0], statistic(ways)
    larger = int((dealt >= seen * (1 - 1e-9)).sum())
    return larger / n if k == 1 else (1 + larger) / (1 + LOTS)


def four_totals(one: Cells) -> float:
    """Textbook: the Poisson z-test of the ratio of ratios."""
    y, treated = one.y, one.treated[:, 1]
    with np.errstate(divide="ignore"):
        error = np.sqrt(sum((1 / y[side].sum(0)).sum() for side in (treated, ~treated)))
    return float(2 * stats.norm.sf(abs(imputation.effect(one)) / error))


def clustered(one: Cells) -> float:
    """Textbook: the two-way regression with errors clustered by ward (CR1, fixest's; normal for Poisson)."""
    y, treated = one.y, one.treated[:, 1]
    n = len(y)
    correction = n / (n - 1) * (2 * n - 1) / (2 * n - 3)
    if not one.ratio:
        change = y[:, 1] - y[:, 0]
        parts = [((change[s] - change[s].mean()) ** 2).sum() / s.sum() ** 2 for s in (treated, ~treated)]
        return float(2 * stats.t.sf(abs(imputation.effect(one)) / np.sqrt(sum(parts) * correction), n - 1))
    spread = 0.0
    for side in (treated, ~treated):
        inside = y[side]
        share = inside[:, 1].sum() / inside.sum()
        score = inside[:, 1] - share * inside.sum(1)
        spread += (score**2).sum() / (inside.sum() * share * (1 - share)) ** 2
    return float(2 * stats.norm.sf(abs(imputation.effect(one)) / np.sqrt(spread * correction)))


METHODS: dict[str, Callable[[Cells, int], float]] = {
    "randomisation (auto)": lambda one, seed: randomised(one, seed).p_value(0.0),
    "jackknife": lambda one, _: jackknifed(one),
    "plain studentised permutation": lambda one, _: plain_studentised(one),
    "four totals, Poisson": lambda one, _: four_totals(one) if one.ratio else np.nan,
    "two-way regression, clustered": lambda one, _: clustered(one),
}


def false_alarms(both: np.ndarray, cell: Cell, *, ratio: bool) -> dict[str, float]:
    """The share of draws that each method calls an effect."""
    found: dict[str, list[float]] = {name: [] for name in METHODS}
    for seed in range(DRAWS):
        one = cells(*draw(both, cell, seed), cell.months, ratio=ratio)
        for name, method in METHODS.items():
            found[name].append(method(one, seed))
    return {name: _share(np.array(p)) for name, p in found.items()}


def _share(p: np.ndarray) -> float:
    """The share at or below 5% (to rounding), a missing p-value being above; NaN where the method gives none at all."""
    return np.nan if np.isnan(p).all() else float((p <= ALPHA + 1e-12).mean())


def planted(both: np.ndarray, cell: Cell, fall: float, *, ratio: bool) -> dict[str, dict[str, float]]:
    """Power of both permutation tests, and whether the interval holds what was planted."""
    found, held = {"randomisation (auto)": [], "plain studentised permutation": []}, []
    for seed in range(PLANTED if cell.drawn == "at random" else PLANTED // 2):
        y, treated = draw(both, cell, 100_000 + seed)
        kept = y.copy()
        kept[treated, 1] = np.random.default_rng([seed, 7]).binomial(y[treated, 1].astype(int), 1 - fall)
        one = cells(kept, treated, cell.months, ratio=ratio)
        test = randomised(one, seed)
        truth = np.log(1 - fall) if ratio else -fall * y[treated, 1].mean() / cell.months
        found["randomisation (auto)"].append(test.p_value(0.0))
        found["plain studentised permutation"].append(plain_studentised(one))
        held.append(test.p_value(truth) > ALPHA + 1e-12)
    name = f"{100 * fall:.0f}"
    answer = {method: {f"power_{name}": _share(np.array(p))} for method, p in found.items()}
    answer["randomisation (auto)"][f"coverage_{name}"] = float(np.mean(held))
    return answer


def width(both: np.ndarray, cell: Cell, *, ratio: bool) -> float:
    """Median width of the interval where nothing was planted (of logs for ratios)."""
    found = []
    for seed in range(WIDTHS):
        one = cells(*draw(both, cell, 200_000 + seed), cell.months, ratio=ratio)
        test, step = randomised(one, seed), 0.1 if ratio else float(one.y.std()) / 4
        low, high = permutation.invert(
            test.p_value, test.centre(imputation.effect(one), step), step, 1 - ALPHA
        )
        found.append(high - low)
    return float(np.median(found))


def lines(both: np.ndarray, cell: Cell) -> list[dict[str, object]]:
    """The lines of one cell: both scales, every method."""
    rows = []
    for scale in ("ratio", "difference"):
        ratio, more = scale == "ratio", dict[str, dict[str, float]]()
        for fall in FALLS if cell.months == 12 else ():
            for method, values in planted(both, cell, fall, ratio=ratio).items():
                more.setdefault(method, {}).update(values)
        if cell.drawn == "at random":
            more.setdefault("randomisation (auto)", {})["median_width"] = width(both, cell, ratio=ratio)
        for method, share in false_alarms(both, cell, ratio=ratio).items():
            line = {**vars(cell), "scale": scale, "method": method, "draws": DRAWS, "rejects": share}
            rows.append(line | more.get(method, {}))
    return rows


def grid() -> Iterator[Cell]:
    """All cells of the table."""
    for months in START:
        for crime in TYPES.values() if months == 12 else LONG:
            for treated, wards in SHAPES:
                for drawn in ("at random", "largest third", "smallest third"):
                    yield Cell(crime, months, treated, wards, drawn)


def main() -> None:
    """Write the table, and print how it meets what was asked."""
    tables, wanted = counts(), list(grid())
    both = [halves(tables[cell.crime], cell.months) for cell in wanted]
    rows: list[dict[str, object]] = []
    with ProcessPoolExecutor() as pool:
        for part in tqdm(pool.map(lines, both, wanted), total=len(wanted)):
            rows += part
            table = finished(rows, len(both[0]))
            table.to_csv(ROOT / "data/derived/placebo_few_areas.csv", index=False, lineterminator="\n")
    told(table)


def finished(rows: list[dict[str, object]], wards: int) -> pd.DataFrame:
    """The table as it is kept: all wards counted, and no line for a method that has no answer."""
    table = pd.DataFrame(rows)
    table["wards"] = table["wards"].where(table["wards"] > 0, wards)
    return table.dropna(subset="rejects").round(4)


def told(table: pd.DataFrame) -> None:
    """Print the shares of cells within bounds, the worst, coverage, and what power is lost."""
    by = table.groupby("method", sort=False)["rejects"]
    within = by.apply(lambda share: share.between(0.035, 0.065).mean())
    print(pd.DataFrame({"cells": by.size(), "within 3.5-6.5%": within, "worst": by.max()}).round(3))
    ours = table[table["method"] == "randomisation (auto)"]
    print(ours.groupby("treated")["rejects"].agg(["min", "max"]))
    print(ours.filter(like="coverage").describe().round(3))
    keys = ["crime", "months", "treated", "wards", "drawn", "scale"]
    plain = table[table["method"] == "plain studentised permutation"]
    beside = ours.merge(plain, on=keys, suffixes=("", "_plain"))
    fair = beside[(beside["rejects"] <= 0.065) & (beside["rejects_plain"] <= 0.065)]
    for fall in FALLS:
        name = f"power_{100 * fall:.0f}"
        lost = fair[f"{name}_plain"] - fair[name]
        print(name, lost.groupby([fair["treated"], fair["drawn"]]).agg(["mean", "max", "size"]).round(3))


if __name__ == "__main__":
    main()

"""Areas that were chosen, on real wards where nothing was done: the tables data/derived/placebo_same_rule*.csv.

    PREVENTION_FIELD_DATA=folder python benchmarks/same_rule.py        (by hand; about three minutes)

In every draw 120 wards are taken at random, 20 of them meet a rule, and 5 of those are called treated from a month on.
Nothing was done that we know of, so the true effect is none. The year after is set against the year before, or against
it without the months of the choice, or against those alone; and the wards against all others, or against those that
met the same rule. Only summary figures are kept, never the records.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
import wards
from scipy import stats

from toolkit.numerics import permutation, unlike
from toolkit.numerics.imputation import Cells

DERIVED = Path(__file__).resolve().parents[1] / "data" / "derived"
WARDS, ELIGIBLE, TREATED = 120, 20, 5
CHOICE, YEAR = 3, 12  # months
ASSIGNMENTS = 999  # of the randomisation test
SAID = 500  # draws in which the caution is looked for
OTHERS, SAME = "all other wards", "wards that met the same rule"
DROPPED, PEAK = f"{OTHERS}, months of the choice left out", f"{OTHERS}, months of the choice alone"


@dataclass(frozen=True, kw_only=True)
class Setting:
    """How areas are chosen and when: ``rule`` is percent_rise, rise, level or random; ``baseline`` is in months."""

    start: str = "2014-10"
    rule: str = "percent_rise"
    baseline: int = YEAR
    draws: int = 1_000
    randomised: int = 200  # draws in which the randomisation test is made, which takes longest


SETTINGS = (
    Setting(draws=2_000, randomised=1_000),
    *(Setting(rule=rule) for rule in ("rise", "level", "random")),
    Setting(baseline=36),
    *(
        Setting(start=start, randomised=0)
        for start in ("2011-10", "2012-10", "2013-10", "2015-10", "2016-04")
    ),
)


@dataclass(frozen=True, eq=False)
class Draws:
    """Counts of D draws of wards by months; who met the rule, and who is called treated.

    Attributes
    ----------
    y : ndarray, shape (D, N, T)
    met, treated : ndarray of bool, shape (D, N)
    baseline : int
        The months before the start; the others are after it.
    """

    y: np.ndarray
    met: np.ndarray
    treated: np.ndarray
    baseline: int


def scores(y: np.ndarray, baseline: int, rule: str) -> np.ndarray:
    """What the rule ranks on, as ``comparison.ranked``: the last three months, or their rise on the nine before."""
    late = y[..., baseline - CHOICE : baseline].mean(axis=-1)
    before = y[..., baseline - YEAR : baseline - CHOICE].mean(axis=-1)
    if rule == "level":
        return late
    if rule == "rise":
        return late - before
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where((late == 0) & (before == 0), 0.0, 100 * (late / before - 1))


def draw(count: pd.DataFrame, setting: Setting, seed: int = 0) -> Draws:
    """Random wards, those that met the rule, and five of them called treated."""
    rng, at = np.random.default_rng(seed), list(count.columns).index(setting.start)
    window = count.to_numpy(dtype=float)[:, at - setting.baseline : at + YEAR]
    area = rng.random((setting.draws, len(window))).argpartition(WARDS, axis=1)[:, :WARDS]
    y = window[area]
    score = rng.random(area.shape) if setting.rule == "random" else scores(y, setting.baseline, setting.rule)
    mark = np.partition(score, WARDS - ELIGIBLE, axis=1)[:, WARDS - ELIGIBLE, None]
    met = score >= mark - 1e-9 * np.maximum(1, np.abs(mark))
    lot = np.where(met, rng.random(area.shape), np.inf)
    treated = lot <= np.sort(lot, axis=1)[:, TREATED - 1, None]
    return Draws(y, met, treated, setting.baseline)


def designs(drawn: Draws) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Each comparison: its name, the wards that it keeps (D, N), and the months that it keeps (T,)."""
    everybody, months = np.ones_like(drawn.met), np.ones(drawn.y.shape[2], dtype=bool)
    yield OTHERS, everybody, months
    spike = np.arange(len(months)) // CHOICE == drawn.baseline // CHOICE - 1
    yield DROPPED, everybody, ~spike
    yield PEAK, everybody, spike | (np.arange(len(months)) >= drawn.baseline)
    yield SAME, drawn.met, months


@dataclass(frozen=True, eq=False)
class Answers:
    """The log ratio of ratios of each draw, and the p-values of no change of three tests; each of shape (D,)."""

    log_ratio: np.ndarray
    poisson: np.ndarray
    two_way: np.ndarray
    jackknife: np.ndarray


def closed_form(drawn: Draws, keep: np.ndarray, months: np.ndarray) -> Answers:
    """What ``did.att`` and ``did.two_way`` say with one start and no gaps, from the sums of each ward, all at once."""
    after = np.arange(len(months)) >= drawn.baseline
    late, early = drawn.y[..., months & after].sum(axis=-1), drawn.y[..., months & ~after].sum(axis=-1)
    parts = [Arm.of(late, early, keep & side) for side in (drawn.treated, ~drawn.treated)]
    gap, units, periods = parts[0].change - parts[1].change, keep.sum(axis=1), int(months.sum())
    cells = units * periods
    sandwich = (
        (parts[0].squares + parts[1].squares) * units / (units - 1) * (cells - 1) / (cells - periods - 1)
    )
    spreads = [(units - 1) / units * part.left_out for part in parts]
    df = sum(spreads) ** 2 / sum(v**2 / (part.units - 1) for v, part in zip(spreads, parts, strict=True))
    return Answers(
        gap,
        _normal(gap, parts[0].poisson + parts[1].poisson),
        _normal(gap, sandwich),
        2 * stats.t.sf(np.abs(gap) / np.sqrt(sum(spreads)), df),
    )


def _normal(gap: np.ndarray, variance: np.ndarray) -> np.ndarray:
    return 2 * stats.norm.sf(np.abs(gap) / np.sqrt(variance))


@dataclass(frozen=True, eq=False)
class Arm:
    """Of one arm in each draw: the log change of its total, and three variances of it; each of shape (D,)."""

    change: np.ndarray
    poisson: np.ndarray  # one over each total
    squares: np.ndarray  # clustered by ward, uncorrected
    left_out: np.ndarray  # squares of the change without each ward less the change
    units: np.ndarray

    @classmethod
    def of(cls, late: np.ndarray, early: np.ndarray, side: np.ndarray) -> Arm:
        """The arm of the wards in ``side``; all arrays have shape (D, N)."""
        late, early = np.where(side, late, 0.0), np.where(side, early, 0.0)
        a, b = late.sum(axis=1, keepdims=True), early.sum(axis=1, keepdims=True)
        change = np.log(a / b)
        without = np.log((a - late) / (b - early)) - change
        totals = (change[:, 0], 1 / a[:, 0] + 1 / b[:, 0])
        return cls(
            *totals, ((late / a - early / b) ** 2).sum(axis=1), (without**2).sum(axis=1), side.sum(axis=1)
        )


def randomised(drawn: Draws, which: int, keep: np.ndarray, months: np.ndarray) -> float:
    """The p-value of no change by the randomisation that ``did.att`` uses, for one draw."""
    y, treated = drawn.y[which][keep[which]][:, months], drawn.treated[which][keep[which]]
    after = (np.arange(len(months)) >= drawn.baseline)[months]
    cells = Cells(y, np.ones_like(y), treated[:, None] & after, None, None, ratio=True)
    rng = np.random.default_rng(0)
    return permutation.ScoreTest.of(cells, np.arange(len(y)), ASSIGNMENTS, rng).p_value(0.0)


def cautioned(drawn: Draws, which: int, keep: np.ndarray, months: np.ndarray) -> bool:
    """Does the caution on unlike areas say, in one draw, that chance alone would hardly put them so far apart?"""
    y, treated = drawn.y[which][keep[which]][:, months], drawn.treated[which][keep[which]]
    ordinals = np.arange(len(months))[months].astype(float)
    start = np.where(treated, float(drawn.baseline), np.inf)
    found = unlike.gaps(y, np.ones_like(y), start, ordinals, ratio=True)
    return any(gap.beyond_chance and abs(gap.size) > 0.25 for gap in found)


def row(drawn: Draws, setting: Setting, keep: np.ndarray, months: np.ndarray) -> dict[str, object]:
    """Bias with its Monte Carlo error, how often each test rejects, and how often the caution is given; in per cent."""
    found = closed_form(drawn, keep, months)
    log_ratio, few = found.log_ratio, min(setting.randomised, len(drawn.y))
    typical = np.exp(log_ratio.mean())
    said = np.mean([cautioned(drawn, which, keep, months) for which in range(min(SAID, len(drawn.y)))])
    drawn_p = np.array([randomised(drawn, which, keep, months) for which in range(few)])
    return {
        "draws": len(log_ratio),
        "bias": 100 * (typical - 1),
        "mc_error": 100 * typical * log_ratio.std(ddof=1) / np.sqrt(len(log_ratio)),
        **{name: 100 * (getattr(found, name) < 0.05).mean() for name in ("poisson", "two_way", "jackknife")},
        "randomised": 100 * (drawn_p < 0.05).mean() if few else np.nan,
        "randomised_draws": few,
        "cautioned": 100 * said,
    }


def table(counts: dict[str, pd.DataFrame], settings: tuple[Setting, ...]) -> pd.DataFrame:
    """A row per setting, crime type and comparison."""
    rows = []
    for setting in settings:
        began = time.perf_counter()
        for crime, count in counts.items():
            drawn = draw(count, setting)
            about = {
                "crime": crime,
                "start": setting.start,
                "rule": setting.rule,
                "baseline": setting.baseline,
            }
            rows += [
                about | {"comparison": name} | row(drawn, setting, keep, months)
                for name, keep, months in designs(drawn)
            ]
        print(f"{setting}: {time.perf_counter() - began:.0f} s", flush=True)
    return pd.DataFrame(rows)


def paths(counts: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Month by month, what wards that met the rule and all others recorded: 100 is their own mean before the choice."""
    rows = []
    for crime, count in counts.items():
        drawn = draw(count, SETTINGS[0])
        table = {"crime": crime, "month": np.arange(drawn.y.shape[2]) - drawn.baseline}
        for name, side in (("met", drawn.met), ("others", ~drawn.met)):
            total = (drawn.y * side[..., None]).sum(axis=1)
            own = total[:, : drawn.baseline - CHOICE].mean(axis=1, keepdims=True)
            table[name] = 100 * (total / own).mean(axis=0)
        rows.append(pd.DataFrame(table))
    return pd.concat(rows)


def main() -> None:
    """Every crime type under every setting; the tables are written and printed."""
    began = time.perf_counter()
    counts = wards.counts() | {"all crime": wards.wide(wards.records())}
    found = table(counts, SETTINGS).round(2)
    found.to_csv(DERIVED / "placebo_same_rule.csv", index=False, lineterminator="\n")
    paths(counts).round(2).to_csv(DERIVED / "placebo_same_rule_paths.csv", index=False, lineterminator="\n")
    print(found.to_string(index=False))
    print(f"{time.perf_counter() - began:.0f} s in all")


if __name__ == "__main__":
    main()

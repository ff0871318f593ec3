"""Counts before and after: whose interval, on what data, and how often it must hold the planted change."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from statistics import NormalDist

import numpy as np
import pandas as pd

from toolkit import Panel, before_after
from toolkit.estimate import Estimate
from toolkit.numerics import jackknife, student

from .coverage import EXACT, REQUIRED, Design, Draw, drawn

RATIO = 0.8
SEASON = np.array([0.82, 0.84, 1.01, 1.06, 1.14, 1.05, 1.23, 1.19, 0.96, 1.00, 0.91, 0.78])


@dataclass(frozen=True)
class World:
    """Areas whose counts are negative binomial around a level that wanders; the change is planted from the start on.

    ``levels`` are incidents a month. ``drift``, ``persistence`` and ``dispersion`` are those of
    ``simulate.ASB_LSOA`` (small areas), of ``VIOLENCE_WARD`` (large ones), or none: Poisson.
    """

    levels: tuple[float, ...]
    before: int = 12
    after: int = 12
    drift: float = 0.22
    persistence: float = 0.85
    dispersion: float = 0.05
    seasons: bool = False
    starts: tuple[int, ...] = (0,)
    people: bool = False

    @property
    def months(self) -> int:
        """Months in all."""
        return self.before + self.after + max(self.starts)

    @property
    def late(self) -> np.ndarray:
        """Which cells are treated; shape (N, T)."""
        start = self.before + np.resize(self.starts, len(self.levels))
        return np.arange(self.months) >= start[:, None]

    @property
    def exposure(self) -> np.ndarray:
        """People in each area and month: some areas grow and some shrink; ones where there are none."""
        shape = len(self.levels), self.months
        grow = np.resize([0.01, -0.005, 0.02, 0.0], shape[0])[:, None] * np.arange(shape[1])
        return np.exp(grow) if self.people else np.ones(shape)

    def counts(self, seed: int, effect: np.ndarray) -> np.ndarray:
        """One draw; shape (N, T)."""
        rng = np.random.default_rng(seed)
        path = rng.standard_normal((len(self.levels), self.months))
        for t in range(1, self.months):
            path[:, t] = self.persistence * path[:, t - 1] + math.sqrt(1 - self.persistence**2) * path[:, t]
        mean = np.array(self.levels)[:, None] * np.exp(self.drift * path - self.drift**2 / 2) * self.exposure
        mean = mean * (np.resize(SEASON, self.months) if self.seasons else 1.0) * effect
        if self.dispersion:
            mean = mean * rng.gamma(1 / self.dispersion, self.dispersion, mean.shape)
        return rng.poisson(mean).astype(float)


@functools.cache
def template(world: World) -> Panel:
    """The panel of a world, whose outcomes are filled in draw by draw."""
    n = len(world.levels)
    months = pd.period_range("2020-01", periods=world.months, freq="M")
    start = months[world.before + np.resize(world.starts, n)]
    frame = pd.DataFrame({
        "ward": np.repeat(np.arange(n), world.months), "month": list(months) * n, "count": 1.0,
        "people": world.exposure.ravel(), "began": np.repeat(start, world.months),
    })  # fmt: skip
    more = {"exposure": "people"} if world.people else {}
    return Panel.of(frame, unit="ward", period="month", outcome="count", treated_from="began", **more)


def panel_of(world: World, counts: np.ndarray) -> Panel:
    """The panel with these counts; its grid is filled in too, so that no draw sorts the rows again."""
    empty = template(world)
    full = replace(empty, _frame=empty.frame.assign(outcome=counts.ravel()))
    vars(full)["grid"] = replace(empty.grid, outcome=counts)
    return full


def of_ratio(world: World, seed: int, **options: object) -> Draw:
    """A change by RATIO in every area, as rate_ratio sees it."""
    counts = world.counts(seed, np.where(world.late, RATIO, 1.0))
    return drawn(before_after.rate_ratio(panel_of(world, counts), **options), RATIO)  # type: ignore[arg-type]


def jackknifed(before: np.ndarray, after: np.ndarray) -> tuple[float, float, float]:
    """Log ratio of totals, its error by leaving out one area at a time, and G - 1: the way not taken."""
    centre, n = math.log(after.sum() / before.sum()), len(before)
    without = np.log((after.sum() - after) / (before.sum() - before))
    return (centre, *jackknife.error(centre, without, np.ones(n)))


def one_dispersion(before: np.ndarray, after: np.ndarray) -> tuple[float, float, float]:
    """Log ratio of totals, and its quasi-Poisson error with one dispersion for all areas: another."""
    some = before + after > 0
    both, share = (before + after)[some], after.sum() / (before + after).sum()
    gap = (after[some] - share * both) ** 2 / (both * share * (1 - share))
    df = len(both) - 1
    error = math.sqrt(gap.sum() / df * (1 / before.sum() + 1 / after.sum()))
    return math.log(after.sum() / before.sum()), error, df


def of_ways(way: Callable[..., tuple[float, float, float]], world: World, seed: int) -> Draw:
    """A change by RATIO in every area, as another way than rate_ratio's would see it."""
    counts = world.counts(seed, np.where(world.late, RATIO, 1.0))
    centre, error, df = way(counts[:, : world.before].sum(1), counts[:, world.before :].sum(1))
    low, high = student.interval(centre, error, df, 0.95)
    ends = (math.exp(end) for end in (centre, low, high))
    return drawn(Estimate(*ends, error, math.nan, "change", way.__name__, "ratio"), RATIO)


def of_difference(world: World, seed: int) -> Draw:
    """No change in any area, as mean_difference sees it."""
    counts = world.counts(seed, np.ones(1))
    return drawn(before_after.mean_difference(panel_of(world, counts)), 0.0)


def of_totals(
    method: Callable[..., Estimate], means: tuple[float, ...], exposure: tuple[float, float], seed: int
) -> Draw:
    """Two Poisson totals; the mean before is one of ``means`` in turn, so that rates are averaged over."""
    rng, before = np.random.default_rng(seed), means[seed % len(means)]
    after = before * RATIO * exposure[1] / exposure[0]
    seen = rng.poisson(before), rng.poisson(after)
    while not sum(seen):  # nothing at all is a DesignError, and says nothing of the ratio
        seen = rng.poisson(before), rng.poisson(after)
    return drawn(method(*seen, exposure_before=exposure[0], exposure_after=exposure[1]), RATIO)


def spread(areas: int, mean: float, factor: float = 1.8) -> tuple[float, ...]:
    """Levels that grow by a factor from each area to the next: with 10 areas, the largest holds 45% of incidents."""
    levels = factor ** np.arange(areas)
    return tuple(float(level) for level in np.round(mean * levels / levels.mean(), 3))


def usual(areas: int, mean: float) -> tuple[float, ...]:
    """Levels spread as those of real small areas are: log-normal, with a standard deviation of 0.82 in logs."""
    logs = [0.82 * NormalDist().inv_cdf((place + 0.5) / areas) for place in range(areas)]
    levels = np.exp(logs)
    return tuple(float(level) for level in np.round(mean * levels / levels.mean(), 3))


LARGE = {"drift": 0.07, "persistence": 0.90, "dispersion": 0.013}  # simulate.VIOLENCE_WARD
NONE = {"drift": 0.0, "persistence": 0.0, "dispersion": 0.0}
WIDE = (0.935, 0.99)
SHORT = (0.87, 0.935)
CAREFUL = (
    "Counts that do not drift, in areas of very unequal size: "
    "wider than need be, because the areas alone cannot show it."
)
T_TEST = "The t-test of unit means is careful where areas differ in size (Bakirov and Szekely 2005)."
FLOOR = (
    "One area that drifts little: never narrower than Poisson counts are by chance alone, "
    "and t with few degrees of freedom."
)
ONE = "One area alone: its own months say little of how far it drifts from year to year."

AREAS: list[tuple[str, World, dict[str, object]]] = [
    ("3 areas, a year on each side", World(usual(3, 7.26)), {}),
    ("5 areas, three years and one", World(usual(5, 23), before=36, **LARGE), {}),
    ("10 areas, a year on each side", World(usual(10, 23), **LARGE), {}),
    ("10 areas, half a year on each side", World(usual(10, 7.26), before=6, after=6), {}),
    ("10 areas, four years and two", World(usual(10, 7.26), before=48, after=24), {}),
    ("10 areas of very unequal size, a year on each side", World(spread(10, 7.26)), {}),
    ("10 areas of very unequal size, two years and one", World(spread(10, 23), before=24, **LARGE), {}),
    (
        "10 areas, few incidents (0.6 a month)",
        World(usual(10, 0.6), before=24, drift=0.25, dispersion=0.2),
        {},
    ),
    (
        "10 areas, same months, three years and nine months",
        World(usual(10, 7.26), before=36, after=9, seasons=True),
        {"same_months": True},
    ),
    ("12 areas, four staggered starts", World(usual(12, 7.26), starts=(0, 3, 6, 9)), {}),
    (
        "12 areas, four staggered starts, windows of a year",
        World(usual(12, 7.26), before=18, starts=(0, 3, 6, 9)),
        {"window": (12, 12)},
    ),
    ("15 areas, exposure that grows and shrinks", World(usual(15, 7.26), people=True), {}),
    ("25 areas, a year on each side", World(usual(25, 7.26)), {}),
]
METHOD = "before_after.rate_ratio"
DESIGNS = [Design(METHOD, name, partial(of_ratio, world, **options)) for name, world, options in AREAS]

DESIGNS += [
    Design(
        METHOD, "10 areas of very unequal size, Poisson", partial(of_ratio, World(spread(10, 7.26), **NONE)), WIDE,
        note=CAREFUL,
    ),
    Design(METHOD, "10 areas, Poisson", partial(of_ratio, World(usual(10, 7.26), **NONE))),
]  # fmt: skip

ALONE: list[tuple[str, World, dict[str, object]]] = [
    ("1 small area, a year on each side", World((7.26,)), {}),
    ("1 small area, three years and one", World((7.26,), before=36), {}),
]
BUSY: list[tuple[str, World, dict[str, object]]] = [
    ("1 busy area that drifts, a year on each side", World((40.0,)), {}),
    ("1 busy area that drifts, three years and two", World((40.0,), before=36, after=24), {}),
    (
        "1 busy area that drifts, same months, three years and two",
        World((40.0,), before=36, after=24, seasons=True), {"same_months": True},
    ),
]  # fmt: skip
STEADY: list[tuple[str, World, dict[str, object]]] = [
    ("1 large area, a year on each side", World((23.0,), **LARGE), {}),
    ("1 area, Poisson, a year on each side", World((7.26,), **NONE), {}),
]
DESIGNS += [Design(METHOD, name, partial(of_ratio, world, **options)) for name, world, options in ALONE]
DESIGNS += [
    Design(METHOD, name, partial(of_ratio, world, **options), SHORT, note=ONE)
    for name, world, options in BUSY
]
DESIGNS += [
    Design(METHOD, name, partial(of_ratio, world, **options), EXACT, note=FLOOR)
    for name, world, options in STEADY
]
MEANS = "before_after.mean_difference"
SAME = (7.26,) * 12
DESIGNS += [
    Design(MEANS, "3 areas of one size, a year on each side", partial(of_difference, World(SAME[:3]))),
    Design(MEANS, "10 areas of one size, a year on each side", partial(of_difference, World(SAME[:10]))),
    Design(
        MEANS, "12 areas of one size, four staggered starts",
        partial(of_difference, World(SAME, starts=(0, 3, 6, 9))),
    ),
    Design(MEANS, "10 areas, a year on each side", partial(of_difference, World(usual(10, 7.26))), WIDE, note=T_TEST),
    Design(
        MEANS, "10 areas of very unequal size, a year on each side",
        partial(of_difference, World(spread(10, 7.26))), WIDE, note=T_TEST,
    ),
    Design(
        MEANS, "1 busy area that drifts, a year on each side",
        partial(of_difference, World((40.0,))), SHORT, note=ONE,
    ),
]  # fmt: skip

GRIDS = {
    "means of 2 to 20, same exposure": (tuple(np.linspace(2, 20, 37)), (1.0, 1.0)),
    "means of 2 to 20, twelve months and four": (tuple(np.linspace(6, 60, 37)), (12.0, 4.0)),
    "means of 50 to 500, same exposure": (tuple(np.linspace(50, 500, 37)), (1.0, 1.0)),
}
KINDS = {"exact": EXACT, "mid_p": REQUIRED, "etest": REQUIRED}
DESIGNS += [
    Design(
        f"before_after.poisson_test, {kind}", name,
        partial(of_totals, partial(before_after.poisson_test, kind=kind), means, exposure), required,
        draws=1500 if kind == "etest" else 4000, quick=60 if kind == "etest" else 200,
    )
    for kind, required in KINDS.items()
    for name, (means, exposure) in GRIDS.items()
]  # fmt: skip

WAYS = {"leaving out one area": jackknifed, "one dispersion for all areas": one_dispersion}
DESIGNS += [
    Design(
        f"not used: {way}", "10 areas of very unequal size, a year on each side",
        partial(of_ways, make, World(spread(10, 7.26))), (0.0, 0.935),
        note="Falls short: why rate_ratio does otherwise.",
    )
    for way, make in WAYS.items()
]  # fmt: skip

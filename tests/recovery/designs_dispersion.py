"""Dispersion of areas' changes: how often the test rejects Poisson counts, and how often the interval holds phi."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd

from toolkit import Panel, dispersion
from toolkit.estimate import Test

from .coverage import REQUIRED, Design, Draw, drawn

COUNTS = "Few incidents take few values, so the test, exact or nearly, can reject less often than it may."
UNEQUAL = "Where areas differ widely and phi is near 1, the interval is wider than need be."
TRUTH = 40_000


@dataclass(frozen=True)
class World:
    """Areas with so many incidents in the earlier span on average; their rates drift apart between the two spans.

    ``mean`` is that of the median area, ``spread`` the standard deviation of log levels, ``drift`` that of a span's log
    rate about the level; ``growth`` of exposures differs between areas.
    """

    areas: int
    mean: float
    spread: float = 0.4
    drift: float = 0.0
    growth: bool = False

    @property
    def levels(self) -> np.ndarray:
        """Expected incidents in the earlier span; shape (N,)."""
        places = (np.arange(self.areas) + 0.5) / self.areas
        return self.mean * np.exp(self.spread * np.array([NormalDist().inv_cdf(p) for p in places]))

    @property
    def people(self) -> np.ndarray:
        """Exposures in the two spans; shape (N, 2)."""
        grown = np.resize([1.0, 1.3, 0.8], self.areas) if self.growth else np.ones(self.areas)
        return np.column_stack([np.ones(self.areas), grown])

    def counts(self, rng: np.random.Generator, draws: int = 1) -> np.ndarray:
        """Shape (draws, N, 2); all rates fall by a tenth."""
        shape = (draws, self.areas, 2)
        wander = np.exp(self.drift * rng.standard_normal(shape) - self.drift**2 / 2)
        return rng.poisson(self.levels[:, None] * [1.0, 0.9] * self.people * wander)

    def tested(self, seed: int, draws: int) -> Test | None:
        """The answer for one draw; None where there is nothing to look at."""
        y = self.counts(np.random.default_rng(seed))[0]
        if (y.sum(axis=1) > 0).sum() < 2 or not y.sum(axis=0).all():
            return None
        area, span = np.indices(y.shape)
        frame = pd.DataFrame({"area": area.ravel(), "span": span.ravel() + 1, "crimes": y.ravel()})
        frame["people"] = self.people.ravel()
        panel = Panel.of(
            frame, unit="area", period="span", outcome="crimes", exposure="people" if self.growth else None
        )
        return dispersion.test(panel, draws=draws, seed=seed)

    @functools.cached_property
    def truth(self) -> float:
        """What phi is in expectation: that of many draws, without exposures."""
        y = self.counts(np.random.default_rng(7), TRUTH).astype(float)
        total = y.sum(axis=2)
        share = y[:, :, 1].sum(axis=1, keepdims=True) / total.sum(axis=1, keepdims=True)
        v, gaps = total * share * (1 - share), y[:, :, 1] - total * share
        whole = v.sum(axis=1)
        return float(((gaps**2).sum(axis=1) / (whole - (v**2).sum(axis=1) / whole)).mean())


def passes(world: World, seed: int) -> Draw:
    """Does the 5% test let Poisson counts pass?"""
    answer = world.tested(seed, 399)
    return (
        Draw(np.nan, True, np.nan)
        if answer is None
        else Draw(answer.statistic - 1, answer.p_value > 0.05, np.nan)
    )


def holds(world: World, seed: int) -> Draw:
    """Does the interval hold phi?"""
    answer = world.tested(seed, 99)
    return drawn(answer.estimate, world.truth)


def _sizes() -> list[Design]:
    name = "dispersion.test, p-value of Poisson counts"
    made = []
    for mean in (0.5, 2, 10, 50):
        for areas in (10, 40):
            world, low = World(areas, mean), 0.94 if mean < 2 else REQUIRED[0]
            high, note = (1.0, COUNTS) if mean < 2 else (REQUIRED[1], "")
            label = f"{areas} areas with {mean:g} incidents in each span"
            made.append(Design(name, label, functools.partial(passes, world), (low, high), 4000, 100, note))
    grown = World(30, 20, growth=True)
    label = "30 areas with 20 incidents, whose populations grow differently"
    return [*made, Design(name, label, functools.partial(passes, grown), REQUIRED, 4000, 100)]


def _intervals() -> list[Design]:
    name = "dispersion.test, interval of phi"
    worlds = {
        "20 areas with 30 incidents, no drift": World(20, 30),
        "20 areas with 30 incidents, drift 0.1": World(20, 30, drift=0.1),
        "20 areas with 150 incidents, drift 0.2": World(20, 150, drift=0.2),
        "100 areas with 150 incidents, drift 0.2": World(100, 150, drift=0.2),
        "60 wards with 100 incidents, very unequal, drift 0.1": World(60, 100, 0.82, 0.1),
    }
    made = [
        Design(name, label, functools.partial(holds, world), REQUIRED, 4000, 100)
        for label, world in worlds.items()
    ]
    flat = functools.partial(holds, World(40, 8, 0.82))
    return [*made, Design(name, "40 areas with 8 incidents, very unequal, no drift", flat, (0.935, 0.99), 4000, 100,
                          UNEQUAL)]  # fmt: skip


DESIGNS = [*_sizes(), *_intervals()]

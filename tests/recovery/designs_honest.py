"""Honest intervals: whether they hold the effect when trends part as far as they allow for, with few areas too."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from toolkit import Panel, did
from toolkit.checks import _honest, _honest_study

from .coverage import REQUIRED, Design, Draw

Kind = Literal["relative", "smooth"]
WIDE = "Holds more often than it must where trends part by less than is allowed, or several changes before are alike."
BEYOND = "Trends part by more than is allowed: coverage is lost, and is required to be."
AS_IN_R = "As HonestDiD in R has it: too few intervals hold the effect, which is why this is not the default."
AT_LEAST, MISSES = (REQUIRED[0], 1.0), (0.0, REQUIRED[0])
PARTED = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0)


@dataclass(frozen=True)
class World:
    """Areas in two arms of which one drifts: ``path`` is the change of the gap from one period to the next.

    ``after`` of the changes lie after the start. Months of an area share ``alike`` of their noise with the next, and
    the standard deviation of a month is 1, or on the ratio scale that of a log rate ``noise`` and Poisson counts about
    it.
    """

    treated: int
    others: int
    path: tuple[float, ...]
    after: int
    alike: float = 0.4
    mean: float = 0.0
    noise: float = 0.05

    def panel(self, seed: int) -> Panel:
        """One draw; the programme does nothing."""
        rng, months = np.random.default_rng(seed), len(self.path) + 1
        areas = self.treated + self.others
        shocks = rng.standard_normal((areas, months))
        level = shocks.copy()
        for month in range(1, months):
            level[:, month] = self.alike * level[:, month - 1] + np.sqrt(1 - self.alike**2) * shocks[:, month]
        drifts = (np.arange(areas) < self.treated)[:, None] * np.append(0.0, np.cumsum(self.path))
        y = level + drifts
        if self.mean:
            y = rng.poisson(self.mean * np.exp(self.noise * level + drifts)).astype(float)
        area, month = np.indices(y.shape)
        starts = np.where(area < self.treated, months - self.after, np.nan)
        frame = pd.DataFrame(
            {"area": area.ravel(), "month": month.ravel(), "y": y.ravel(), "start": starts.ravel()}
        )
        return Panel.of(frame, unit="area", period="month", outcome="y", treated_from="start")


def holds(world: World, kind: Kind, m: float, last: int, small_sample: bool, seed: int) -> Draw:
    """Does the interval of the average effect over event times 0 to ``last`` hold none?"""
    scale: Literal["ratio", "difference"] = "ratio" if world.mean else "difference"
    leads = len(world.path) - world.after + 1
    study = did.event_study(world.panel(seed), leads=leads, lags=world.after - 1, scale=scale)
    asked = _honest_study.ready(study, _honest_study.weights_of(study, 0, last, None))
    limits = (_honest._relative if kind == "relative" else _honest._smooth)(asked, small_sample)
    low, high = limits.interval(m)
    return Draw((low + high) / 2, low <= 0 <= high, high - low)


def _design(name: str, world: World, kind: Kind, m: float, last: int = 0, note: str = "") -> Design:
    """A design by the name of its data; ``note`` tells where coverage is required to be lost."""
    small_sample = note != AS_IN_R
    method = f"sensitivity.honest, {kind}" + ("" if small_sample else ", small_sample=False")
    draw = functools.partial(holds, world, kind, m, last, small_sample)
    label = f"{name}, " + (f"average over 0 to {last}" if last else "effect at 0")
    return Design(method, label, draw, MISSES if note in (AS_IN_R, BEYOND) else AT_LEAST, 1000, 10, note)


def _relative() -> list[Design]:
    """Trends that part after the start by just what is allowed, and by less."""
    made = []
    for arm in (5, 10, 20):
        size = 3 / np.sqrt(arm / 5)
        for m, after in ((0.5, 1), (1.0, 1), (1.0, 3)):
            world = World(arm, arm, (0.0, 0.0, size, 0.0, *(m * size,) * after), after)
            name = f"{2 * arm} areas, one large change before, m = {m:g}"
            made.append(_design(name, world, "relative", m, after - 1))
    for m in (0.0, 0.5):
        uneven = World(4, 20, (0.0, 0.0, 3.0, 0.0, 3.0 * m), 1)
        name = f"4 treated and 20 other areas, one large change before, m = {m:g}"
        made.append(_design(name, uneven, "relative", m))
    counts = World(10, 10, (0.0, 0.3, 0.0, 0.0, 0.3), 1, mean=60)
    name = "20 areas with 60 incidents a month (ratio), one large change before, m = 1"
    made.append(_design(name, counts, "relative", 1.0))
    alike = World(5, 5, (0.0, 2.0, -2.0, 0.0, 2.0), 1)
    made.append(_design("10 areas, two equal changes before, m = 1", alike, "relative", 1.0, note=WIDE))
    parallel = World(10, 10, (0.0,) * 7, 1)
    return [*made, _design("20 areas, parallel trends, m = 1", parallel, "relative", 1.0, note=WIDE)]


def _parted() -> list[Design]:
    """Trends that part after the start by so many times the largest change before, where m is 1."""
    made = []
    for times in PARTED:
        world = World(20, 20, (0.0, 0.0, 1.5, 0.0, 1.5 * times), 1)
        name = f"40 areas, trends part by {times:g} times the largest change before, m = 1"
        made.append(_design(name, world, "relative", 1.0, note=BEYOND if times > 1 else ""))
    return made


def _smooth() -> list[Design]:
    """Trends in a straight line, or that bend all one way, by which such an interval misses most."""
    made = []
    for arm in (5, 10, 20):
        for before in (4, 11):
            for m in (0.0, 0.3):
                bend = m * np.sqrt(2 / arm)
                name = f"{2 * arm} areas, {before} changes before, {'bends' if m else 'a straight line'}"
                made.append(_design(name, World(arm, arm, _bent(before, 0, bend), 1), "smooth", bend))
    bend = 0.1 * np.sqrt(2 / 10)
    slow = World(10, 10, _bent(5, 3, bend), 4, alike=0.9)
    name = "20 areas whose months fade slowly, 5 changes before, slight bends"
    made.append(_design(name, slow, "smooth", bend, 3))
    counts = World(10, 10, (0.02,) * 6, 1, mean=60)
    name = "20 areas with 60 incidents a month (ratio), 5 changes before, a straight line"
    return [*made, _design(name, counts, "smooth", 0.0)]


def _as_in_r() -> list[Design]:
    """Straight lines with the estimated covariance taken as known, which is why that is not the default."""
    made = []
    for arm, before in ((5, 4), (10, 4), (10, 11), (20, 11)):
        world = World(arm, arm, _bent(before, 0, 0.0), 1)
        name = f"{2 * arm} areas, {before} changes before, a straight line"
        made.append(_design(name, world, "smooth", 0.0, note=AS_IN_R))
    return made


def _bent(before: int, last: int, bend: float) -> tuple[float, ...]:
    """Changes that grow by ``bend`` each period: with these areas the best weights miss the effect most by that."""
    return tuple(bend * step for step in range(before + last + 1))


DESIGNS: list[Design] = [*_relative(), *_parted(), *_smooth(), *_as_in_r()]

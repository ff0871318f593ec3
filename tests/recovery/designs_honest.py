"""Honest intervals: whether they hold the effect when trends part as far as they allow for, with few areas too."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from toolkit import Panel, did
from toolkit.checks import _honest, _honest_study

from .coverage import EXACT, Design, Draw

WIDE = "Holds more often than it must where trends part by less than is allowed, or several changes before are alike."
AS_IN_R = "What small_sample=False gives, as HonestDiD in R: no coverage is required of it."
ANY = (0.0, 1.0)


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


def holds(
    world: World, kind: Literal["relative", "smooth"], m: float, last: int, small_sample: bool, seed: int
) -> Draw:
    """Does the interval of the average effect over event times 0 to ``last`` hold none?"""
    scale: Literal["ratio", "difference"] = "ratio" if world.mean else "difference"
    leads = len(world.path) - world.after + 1
    study = did.event_study(world.panel(seed), leads=leads, lags=world.after - 1, scale=scale)
    asked = _honest_study.ready(study, _honest_study.weights_of(study, 0, last, None))
    limits = (_honest._relative if kind == "relative" else _honest._smooth)(asked, small_sample)
    low, high = limits.interval(m)
    return Draw((low + high) / 2, low <= 0 <= high, high - low)


def _relative() -> list[Design]:
    """Trends that part after the start by just what is allowed, and by nothing."""
    name = "sensitivity.honest, relative"
    made = []
    for arm in (5, 10, 20):
        size = 3 / np.sqrt(arm / 5)
        sure = (0.0, 0.0, size, 0.0)
        for m, after, last in ((0.5, 1, 0), (1.0, 1, 0), (1.0, 3, 2)):
            world = World(arm, arm, (*sure, *(m * size,) * after), after)
            label = f"{2 * arm} areas, one large change before, m = {m:g}, " + _average(last)
            made.append(
                Design(
                    name, label, functools.partial(holds, world, "relative", m, last, True), EXACT, 2000, 30
                )
            )
    two = World(5, 5, (0.0, 2.0, -2.0, 0.0, 2.0), 1)
    label = "10 areas, two equal changes before, m = 1, effect at 0"
    made.append(
        Design(name, label, functools.partial(holds, two, "relative", 1.0, 0, True), EXACT, 2000, 30, WIDE)
    )
    none = World(10, 10, (0.0,) * 7, 1)
    label = "20 areas, parallel trends, m = 1, effect at 0"
    made.append(
        Design(name, label, functools.partial(holds, none, "relative", 1.0, 0, True), EXACT, 2000, 30, WIDE)
    )
    for m in (0.0, 0.5):
        uneven = World(4, 20, (0.0, 0.0, 3.0, 0.0, 3.0 * m), 1)
        label = f"4 treated and 20 other areas, one large change before, m = {m:g}, effect at 0"
        made.append(
            Design(name, label, functools.partial(holds, uneven, "relative", m, 0, True), EXACT, 2000, 30)
        )
    counts = World(10, 10, (0.0, 0.3, 0.0, 0.0, 0.3), 1, mean=60)
    label = "20 areas with 60 incidents a month (ratio), one large change before, m = 1, effect at 0"
    return [
        *made,
        Design(name, label, functools.partial(holds, counts, "relative", 1.0, 0, True), EXACT, 2000, 30),
    ]


def _smooth() -> list[Design]:
    """Trends that bend as they would have to for the interval to miss most."""
    name = "sensitivity.honest, smooth"
    made = []
    for arm in (5, 10, 20):
        for before in (4, 11):
            for m in (0.0, 0.3):
                bend = m * np.sqrt(2 / arm)
                world = World(arm, arm, _bent(before, 0, bend), 1)
                label = f"{2 * arm} areas, {before} changes before, {_bends(m)}, effect at 0"
                made.append(
                    Design(
                        name, label, functools.partial(holds, world, "smooth", bend, 0, True), EXACT, 2000, 30
                    )
                )
    bend = 0.1 * np.sqrt(2 / 10)
    world = World(10, 10, _bent(5, 3, bend), 4, alike=0.9)
    label = "20 areas whose months fade slowly, 5 changes before, slight bends, average over 0 to 3"
    made.append(
        Design(name, label, functools.partial(holds, world, "smooth", bend, 3, True), EXACT, 2000, 30)
    )
    counts = World(10, 10, (0.02,) * 6, 1, mean=60)
    label = "20 areas with 60 incidents a month (ratio), 5 changes before, a straight line, effect at 0"
    return [
        *made,
        Design(name, label, functools.partial(holds, counts, "smooth", 0.0, 0, True), EXACT, 2000, 30),
    ]


def _as_in_r() -> list[Design]:
    """The same as R would have them, for comparison."""
    made = []
    for arm in (5, 10, 20):
        parallel = World(arm, arm, (0.0, 0.0, 3.0, 0.0, 1.5), 1)
        label = f"{2 * arm} areas, one large change before, m = 0.5, effect at 0"
        name = "sensitivity.honest, relative, small_sample=False"
        made.append(
            Design(
                name,
                label,
                functools.partial(holds, parallel, "relative", 0.5, 0, False),
                ANY,
                2000,
                30,
                AS_IN_R,
            )
        )
        for before in (4, 11) if arm > 5 else (4,):
            world = World(arm, arm, (0.0,) * (before + 1), 1)
            label = f"{2 * arm} areas, {before} changes before, a straight line, effect at 0"
            name = "sensitivity.honest, smooth, small_sample=False"
            made.append(
                Design(
                    name,
                    label,
                    functools.partial(holds, world, "smooth", 0.0, 0, False),
                    ANY,
                    2000,
                    30,
                    AS_IN_R,
                )
            )
    return made


def _bent(before: int, last: int, bend: float) -> tuple[float, ...]:
    """Changes that grow by ``bend`` each period: with these areas the best weights miss the effect most by that."""
    return tuple(bend * step for step in range(before + last + 1))


def _bends(m: float) -> str:
    return "bends" if m else "a straight line"


def _average(last: int) -> str:
    return f"average over 0 to {last}" if last else "effect at 0"


DESIGNS: list[Design] = [*_relative(), *_smooth(), *_as_in_r()]

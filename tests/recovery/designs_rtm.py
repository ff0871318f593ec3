"""Coverage of `regression_to_mean.expected`: what is left where the worst areas were chosen and the effect is known."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from toolkit import Panel, regression_to_mean, simulate

from .coverage import Design, Draw, drawn

STEADY = replace(simulate.ASB_LSOA, drift=0, dispersion=0)  # what empirical Bayes assumes
STEADY_WARD = replace(simulate.VIOLENCE_WARD, drift=0, dispersion=0)


def chosen(
    setting: simulate.Setting,
    rule: simulate.Worst,
    *,
    history: int,
    rate_ratio: float,
    kind: str,
    units: int = 150,
) -> Callable[[int], Draw]:
    """A year after against ``rule.on`` months before, with ``history`` months in all before the start."""
    start = pd.Period("2021-01", "M") + history
    shape = {"units": units, "periods": history + 12, "treated_from": str(start), "treated": rule}

    def draw(seed: int) -> Draw:
        frame, truth = simulate.panel(setting, rate_ratio=rate_ratio, seed=seed, **shape)
        frame["month"] = np.tile(np.arange(history + 12), units)
        frame["start"] = np.where(frame["treated_from"].notna(), float(history), np.nan)
        panel = Panel.of(frame, unit="unit", period="month", outcome="count", treated_from="start")
        answer = regression_to_mean.expected(panel, chosen_on=(history - rule.on, history - 1), kind=kind)
        return drawn(answer.left, truth.rate_ratio)

    return draw


def levels(rates: Callable[[np.random.Generator, int], np.ndarray], worst: int = 20) -> Callable[[int], Draw]:
    """The worst of 150 areas on one month, judged on six: with gamma rates, what empirical Bayes takes for granted."""

    def draw(seed: int) -> Draw:
        rng = np.random.default_rng([seed, 7])
        count = rng.poisson(rates(rng, 150)[:, None], (150, 7))
        start = np.full(150, np.nan)
        start[np.argsort(-count[:, 0], kind="stable")[:worst]] = 1
        count[:, 1:] = rng.binomial(count[:, 1:], np.where(start == 1, 0.82, 1.0)[:, None])
        frame = pd.DataFrame({"area": np.repeat(np.arange(150), 7), "month": np.tile(np.arange(7), 150),
                              "count": count.ravel(), "start": np.repeat(start, 7)})  # fmt: skip
        panel = Panel.of(frame, unit="area", period="month", outcome="count", treated_from="start")
        answer = regression_to_mean.expected(panel, chosen_on=0, kind="empirical_bayes")
        return drawn(answer.left, 0.82)

    return draw


def gamma(rng: np.random.Generator, units: int) -> np.ndarray:
    """Six a month, and a coefficient of variation of 0.71."""
    return rng.gamma(2.0, 3.0, units)


def log_normal(rng: np.random.Generator, units: int) -> np.ndarray:
    """The same mean and spread, with more areas far above the rest."""
    wide = math.log(1.5)
    return 6.0 * np.exp(rng.normal(-wide / 2, math.sqrt(wide), units))


THREE, SOME, ONE = (
    simulate.Worst(n=20, on=3),
    simulate.Worst(n=20, on=3, eligible=40),
    simulate.Worst(n=20, on=1),
)
BAYES, PLACEBO = {"kind": "empirical_bayes", "history": 3}, {"kind": "placebo", "history": 27}
NAME = {
    kind: f"regression_to_mean.expected, {kind.replace('_', ' ')}" for kind in ("empirical_bayes", "placebo")
}


def design(name: str, draw: Callable[[int], Draw], kind: str, **more: object) -> Design:
    return Design(NAME[kind], name, draw, **({"draws": 1000, "quick": 50} | more))  # type: ignore[arg-type]


DESIGNS: list[Design] = [
    design("worst 20 of 150 on one month, gamma levels, a fall of 18%", levels(gamma), "empirical_bayes", draws=2000),
    design("worst 20 of 150 on one month, log-normal levels, a fall of 18%", levels(log_normal), "empirical_bayes"),
    design("worst 20 of 150 on three months, steady ASB, no effect",
           chosen(STEADY, THREE, rate_ratio=1.0, **BAYES), "empirical_bayes"),
    design("worst 20 of 150 on three months, steady violence, a fall of 18%",
           chosen(STEADY_WARD, THREE, rate_ratio=0.82, **BAYES), "empirical_bayes"),
    design("worst 20 of 150 on three months, drifting violence, no effect",
           chosen(simulate.VIOLENCE_WARD, THREE, rate_ratio=1.0, **PLACEBO), "placebo"),
    design("20 of the worst 40 of 150 on three months, drifting ASB, a fall of 18%",
           chosen(simulate.ASB_LSOA, SOME, rate_ratio=0.82, **PLACEBO), "placebo"),
    design("worst 20 of 150 on one month, drifting ASB, a fall of 18%",
           chosen(simulate.ASB_LSOA, ONE, rate_ratio=0.82, kind="placebo", history=25), "placebo"),
]  # fmt: skip

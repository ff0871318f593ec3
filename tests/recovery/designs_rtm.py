"""Coverage of `regression_to_mean.expected`: what is left where the worst areas were chosen and the effect is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from toolkit import Panel, regression_to_mean, simulate

from .coverage import Design, Draw, drawn

STEADY = replace(simulate.ASB_LSOA, drift=0, dispersion=0)  # what empirical Bayes assumes
STEADY_WARD = replace(simulate.VIOLENCE_WARD, drift=0, dispersion=0)
WIDE = (0.935, 0.995)
WIDER = (
    "Wider than it need be: of a difference that mostly cancels (what the chosen did, less what those at their ranks "
    "did before) the jackknife counts the chance in who is picked twice."
)


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


def levels(units: int = 150, worst: int = 20) -> Callable[[int], Draw]:
    """Rates that are gamma between areas, and the worst of one month: the model of empirical Bayes to the letter."""

    def draw(seed: int) -> Draw:
        rng = np.random.default_rng([seed, 7])
        count = rng.poisson(rng.gamma(2.0, 3.0, units)[:, None], (units, 7))
        start = np.full(units, np.nan)
        start[np.argsort(-count[:, 0], kind="stable")[:worst]] = 1
        count[:, 1:] = rng.binomial(count[:, 1:], np.where(start == 1, 0.82, 1.0)[:, None])
        frame = pd.DataFrame({"area": np.repeat(np.arange(units), 7), "month": np.tile(np.arange(7), units),
                              "count": count.ravel(), "start": np.repeat(start, 7)})  # fmt: skip
        panel = Panel.of(frame, unit="area", period="month", outcome="count", treated_from="start")
        answer = regression_to_mean.expected(panel, chosen_on=0, kind="empirical_bayes")
        return drawn(answer.left, 0.82)

    return draw


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
    return Design(NAME[kind], name, draw, draws=1000, quick=60, **more)  # type: ignore[arg-type]


DESIGNS: list[Design] = [
    design("worst 20 of 150 on one month, gamma levels, a fall of 18%", levels(), "empirical_bayes"),
    design("worst 20 of 150 on three months, steady ASB, no effect",
           chosen(STEADY, THREE, rate_ratio=1.0, **BAYES), "empirical_bayes"),
    design("worst 20 of 150 on three months, steady violence, a fall of 18%",
           chosen(STEADY_WARD, THREE, rate_ratio=0.82, **BAYES), "empirical_bayes"),
    design("worst 20 of 150 on three months, drifting violence, no effect",
           chosen(simulate.VIOLENCE_WARD, THREE, rate_ratio=1.0, **PLACEBO), "placebo", required=WIDE, note=WIDER),
    design("20 of the worst 40 of 150 on three months, drifting ASB, a fall of 18%",
           chosen(simulate.ASB_LSOA, SOME, rate_ratio=0.82, **PLACEBO), "placebo", required=WIDE, note=WIDER),
    design("worst 20 of 150 on one month, drifting ASB, a fall of 18%",
           chosen(simulate.ASB_LSOA, ONE, rate_ratio=0.82, kind="placebo", history=25), "placebo", required=WIDE,
           note=WIDER),
]  # fmt: skip

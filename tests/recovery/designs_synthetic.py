"""Synthetic controls: one treated area or a few, ratios and differences, starts, exposure, small counts."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
from recovery.coverage import REQUIRED, Design, Draw, drawn

from toolkit import Panel, simulate, synthetic

NAMES = {"unit": "unit", "period": "period", "treated_from": "treated_from", "outcome": "outcome"}
SETTINGS = {"violence": simulate.VIOLENCE_WARD, "anti-social behaviour": simulate.ASB_LSOA}
START, WAVES = ("2023-07",), ("2023-01", "2023-07")
RATIO, DIFFERENCE = 0.7, -3.5
CONSERVATIVE = (REQUIRED[0], 0.99)
WIDE = "placebos have one area fewer to mix, and meet fewer levels: errs on the wide side"
FEWER = "39 lots, of which one may be as far out as an effect that is rejected: 97.4% where lots are alike"


@dataclass(frozen=True)
class Case:
    """How a panel is drawn, 42 months from 2021-01, and what is asked of it."""

    kind: str
    scale: str
    units: int
    treated: int = 1
    starts: tuple[str, ...] = START
    match: str | None = None
    inference: str = "permutation"
    setting: str = "violence"
    exposure: bool = False
    required: tuple[float, float] = REQUIRED
    note: str = ""
    draws: int = 2000

    @property
    def method(self) -> str:
        """What is asked, in words."""
        matched = f", match={self.match}" if self.match else ""
        how = ", placebo error" if self.inference == "placebo_error" else ""
        return f"synthetic.att, {self.kind}, {self.scale}{matched}{how}"

    @property
    def name(self) -> str:
        """The data in plain words."""
        waves = "" if len(self.starts) == 1 else f", {len(self.starts)} starts"
        beside = ", exposure" if self.exposure else ""
        return f"{self.setting}, {self.treated} of {self.units} areas treated{waves}{beside}"


def panel(case: Case, seed: int) -> Panel:
    """A simulated panel with a fall of three in ten, or of 3.5 a month."""
    ratio = case.scale == "ratio"
    frame, _ = simulate.panel(
        SETTINGS[case.setting], units=case.units, periods=42, treated=case.treated, treated_from=list(case.starts),
        rate_ratio=RATIO if ratio else 1.0, seed=seed,
    )  # fmt: skip
    frame["outcome"], columns = frame["count"].astype(float), dict[str, Any]()
    if case.exposure:
        draw = np.random.default_rng([seed, 1])
        frame["days"] = draw.uniform(2 / 3, 1, len(frame))
        frame["outcome"], columns = (
            draw.binomial(frame["count"], frame["days"]).astype(float),
            {"exposure": "days"},
        )
    if not ratio:
        reach = frame["days"] if case.exposure else 1.0
        frame["outcome"] += DIFFERENCE * reach * (frame["period"] >= frame["treated_from"].fillna("9999"))
    return Panel.of(frame, **NAMES, **columns)


def draw(case: Case, seed: int) -> Draw:
    answer = synthetic.att(panel(case, seed), kind=case.kind, scale=case.scale, match=case.match,
                           inference=case.inference, draws=99)  # fmt: skip
    return drawn(answer, RATIO if case.scale == "ratio" else DIFFERENCE)


def design(case: Case) -> Design:
    return Design(
        case.method,
        case.name,
        functools.partial(draw, case),
        case.required,
        draws=case.draws,
        quick=12,
        note=case.note,
    )


CONTROL, DID = "synthetic_control", "synthetic_did"
CASES = [
    Case(CONTROL, "difference", 20),
    Case(CONTROL, "difference", 40),
    Case(CONTROL, "difference", 40, match="path"),
    Case(DID, "difference", 40, draws=4000),
    Case(CONTROL, "ratio", 20),
    Case(CONTROL, "ratio", 40),
    Case(CONTROL, "ratio", 40, match="level", required=CONSERVATIVE, note=WIDE),
    Case(DID, "ratio", 20),
    Case(DID, "ratio", 40),
    Case(DID, "ratio", 40, setting="anti-social behaviour"),
    Case(DID, "ratio", 40, exposure=True),
    Case(DID, "ratio", 39, required=CONSERVATIVE, note=FEWER),
    Case(CONTROL, "difference", 24, 3),
    Case(DID, "ratio", 24, 3),
    Case(CONTROL, "ratio", 24, 4, WAVES),
    Case(CONTROL, "difference", 40, inference="placebo_error"),
    Case(DID, "ratio", 40, inference="placebo_error"),
]
DESIGNS = [design(case) for case in CASES]

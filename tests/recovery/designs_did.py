"""Difference-in-differences: starts, gaps, exposure, weights, covariates, clusters, paths and cohorts."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from recovery.coverage import REQUIRED, Design, Draw, drawn

from toolkit import Panel, did, simulate
from toolkit.estimate import Estimate

NAMES = {"unit": "unit", "period": "period", "treated_from": "treated_from"}
SETTINGS = {"violence": simulate.VIOLENCE_WARD, "anti-social behaviour": simulate.ASB_LSOA}
WAVES = ("2022-01", "2022-07", "2023-01", "2023-07")
ONE_START = ("2022-07",)
RATIO, DIFFERENCE = 0.8, -2.5


@dataclass(frozen=True)
class Case:
    """How a panel is drawn: 42 months from 2021-01, and a fall of a fifth, or of 2.5 a month."""

    scale: str
    units: int
    treated: int
    starts: tuple[str, ...]
    extra: str = ""
    setting: str = "violence"

    @property
    def name(self) -> str:
        """The data in plain words."""
        waves = "one start" if len(self.starts) == 1 else f"{len(self.starts)} waves"
        beside = f", {self.extra}" if self.extra else ""
        return f"{self.setting}, {self.treated} of {self.units} areas treated, {waves}{beside}"


def panel(case: Case, seed: int) -> Panel:
    """A simulated panel; what is extra is drawn apart, so that the counts before it are the same."""
    frame, _ = simulate.panel(
        SETTINGS[case.setting], units=case.units, periods=42, treated=case.treated, treated_from=list(case.starts),
        rate_ratio=RATIO if case.scale == "ratio" else 1.0, seed=seed,
    )  # fmt: skip
    draw, columns = np.random.default_rng([seed, 1]), {}
    frame["outcome"] = frame["count"].astype(float)
    if case.extra == "exposure":
        frame, columns = exposed(frame, draw), {"exposure": "days"}
    if case.extra == "a covariate":
        frame, columns = thinned(frame.assign(rain=draw.random(len(frame))), draw), {"covariates": ["rain"]}
    if case.extra == "weights":
        frame, columns = frame.assign(importance=draw.uniform(0.5, 2, len(frame))), {"weight": "importance"}
    if case.extra == "clusters of three":
        frame, columns = clustered(frame, draw), {"cluster": "team"}
    if case.scale == "difference":
        reach = frame["days"] if case.extra == "exposure" else 1.0
        frame["outcome"] += DIFFERENCE * reach * (frame["period"] >= frame["treated_from"].fillna("9999"))
    if case.extra == "gaps":
        frame = frame[draw.random(len(frame)) > 0.1]
    return Panel.of(frame, outcome="outcome", **NAMES, **columns)


def exposed(frame: pd.DataFrame, draw: np.random.Generator) -> pd.DataFrame:
    """Counts seen on some of the days only, from two thirds to all of them."""
    days = draw.uniform(2 / 3, 1, len(frame))
    return frame.assign(days=days, outcome=draw.binomial(frame["count"], days).astype(float))


def thinned(frame: pd.DataFrame, draw: np.random.Generator) -> pd.DataFrame:
    """Rain keeps up to 30% of incidents away."""
    return frame.assign(outcome=draw.binomial(frame["count"], np.exp(-0.35 * frame["rain"])).astype(float))


def clustered(frame: pd.DataFrame, draw: np.random.Generator) -> pd.DataFrame:
    """Three areas to a team that are treated together and drift together on top of their own drift."""
    starts = frame.drop_duplicates("unit").set_index("unit")["treated_from"].fillna("never")
    order = starts.sort_values(kind="stable").index
    team = pd.Series(np.arange(len(order)) // 3, index=order)
    shock = 0.1 * draw.standard_normal((team.max() + 1, 42)).cumsum(axis=1) / np.sqrt(6)
    month = frame.groupby("unit").cumcount()
    kept = np.clip(0.7 * np.exp(shock[frame["unit"].map(team), month]), 0, 1)
    return frame.assign(
        team=frame["unit"].map(team), outcome=draw.binomial(frame["count"], kept).astype(float)
    )


def from_row(row: pd.Series, like: str) -> Estimate:
    """A row of did.effects as an estimate."""
    return Estimate(
        row["estimate"], row["low"], row["high"], row["std_error"], row["p_value"], "", "", scale=like
    )


def asked(part: str, one: Panel, scale: Any) -> Estimate:
    """The estimate whose interval is looked at."""
    if part == "att":
        return did.att(one, scale=scale, inference="cluster")
    if part in ("cohort", "period"):
        return from_row(did.effects(one, by=part, scale=scale).iloc[0 if part == "cohort" else -1], scale)
    base, times = part.split(": ")
    first, last = (int(end) for end in times.split(" to "))
    study = did.event_study(one, leads=6, lags=max(last, 8), base=base, scale=scale)
    return study.average(first, last)


def draw(case: Case, part: str, seed: int) -> Draw:
    truth = RATIO if case.scale == "ratio" else DIFFERENCE
    if part.endswith(("-1", "-2")):
        truth = 1.0 if case.scale == "ratio" else 0.0
    return drawn(asked(part, panel(case, seed), case.scale), truth)


PARTS = {
    "att": "did.att, jackknife",
    "cohort": "did.effects by cohort, first cohort",
    "period": "did.effects by period, last period",
    "last_before: 0 to 8": "did.event_study, last_before, average of lags 0 to 8",
    "all_before: 0 to 8": "did.event_study, all_before, average of lags 0 to 8",
    "all_before: 24 to 29": "did.event_study, all_before, average of lags 24 to 29, of the first wave alone",
    "last_before: 0 to 0": "did.event_study, last_before, lag 0",
    "all_before: 0 to 0": "did.event_study, all_before, lag 0",
    "last_before: -6 to -2": "did.event_study, last_before, average of leads -6 to -2",
    "all_before: -6 to -1": "did.event_study, all_before, average of leads -6 to -1",
}


def design(part: str, case: Case) -> Design:
    method, note = f"{PARTS[part]}, {case.scale}", WIDE.get((part, case), "")
    required = (REQUIRED[0], 0.98) if note else REQUIRED
    return Design(
        method, case.name, functools.partial(draw, case, part), required, draws=2000, quick=12, note=note
    )


def both(units: int, treated: int, starts: tuple[str, ...], extra: str = "", **more: str) -> list[Case]:
    """The case on each scale."""
    return [Case(scale, units, treated, starts, extra, **more) for scale in ("ratio", "difference")]


ONE = both(40, 20, ONE_START)
FEW = both(24, 8, WAVES, "exposure")
MANY = both(40, 20, WAVES)
UNEQUAL = both(24, 8, WAVES, "exposure", setting="anti-social behaviour")
TEAMS = both(36, 18, WAVES[:3], "clusters of three")
SIX = "six clusters in each arm: CR3 counts their scatter for more than it is, and errs on the wide side"
WIDE = {
    ("att", TEAMS[0]): SIX,
    ("att", TEAMS[1]): SIX,
    (
        "att",
        UNEQUAL[1],
    ): "areas of very unequal level: differences have long tails, and CR3 errs on the wide side",
    ("cohort", MANY[1]): "five areas in the cohort: as with six clusters",
}
DESIGNS = [
    *(design("att", case) for case in [*ONE, *both(40, 20, ONE_START, setting="anti-social behaviour")]),
    *(design("att", case) for case in [*FEW, *UNEQUAL]),
    *(
        design("att", case)
        for extra in ("gaps", "weights", "a covariate")
        for case in both(36, 18, WAVES[:3], extra)
    ),
    *(design("att", case) for case in TEAMS),
    *(
        design(part, case)
        for part in ("last_before: 0 to 8", "all_before: 0 to 8")
        for case in [*MANY, FEW[0], *both(36, 18, WAVES[:3], "a covariate")[:1]]
    ),
    *(design(part, MANY[0]) for part in list(PARTS)[6:]),
    *(design("all_before: 24 to 29", case) for case in (MANY[0], FEW[0])),
    *(design(part, case) for part in ("cohort", "period") for case in [*MANY, *FEW]),
]

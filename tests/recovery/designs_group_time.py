"""Group-time effects: few areas, gaps, weights, clusters, covariates, each inference, and bands for all at once."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from recovery.coverage import REQUIRED, Design, Draw, drawn

from toolkit import Panel, simulate, staggered
from toolkit.estimate import Estimate, GroupTime

NAMES = {"unit": "unit", "period": "period", "treated_from": "treated_from"}
MONTHS, WAVES = 16, (7, 9, 11)
RATIO, DIFFERENCE = 0.8, -2.5
SIMULTANEOUS = (0.935, 0.985)
TRENDS = "trends that differ by a covariate"


@dataclass(frozen=True)
class Case:
    """How a panel is drawn: 16 months, a fall of a fifth or of 2.5 a month, and units by cohort, the last never."""

    scale: str
    sizes: tuple[int, ...]
    extra: str = ""
    options: tuple[tuple[str, Any], ...] = ()

    @property
    def name(self) -> str:
        """The data in plain words."""
        if self.extra == TRENDS:
            return f"{sum(self.sizes)} areas, about four in ten treated in three waves, {TRENDS}"
        *cohorts, never = self.sizes
        sizes = ", ".join(map(str, cohorts))
        beside = f"{never} never treated" if never else "none never treated"
        extra = f", {self.extra}" if self.extra else ""
        return f"cohorts of {sizes} areas, {beside}{extra}"


def panel(case: Case, seed: int) -> Panel:
    """A simulated panel."""
    units, draw, columns = sum(case.sizes), np.random.default_rng([seed, 1]), {}
    ratio = RATIO if case.scale == "ratio" else 1.0
    count, starts = _counts(units, np.random.default_rng(seed)).ravel(), _starts(case, draw)
    frame = pd.DataFrame({"unit": np.repeat(np.arange(units), MONTHS), "count": count})
    if case.extra == TRENDS:
        frame, starts = _by_income(frame, units, draw)
        columns = {"covariates": ["income"]}
    frame["period"], frame["treated_from"] = (
        np.tile(np.arange(1, MONTHS + 1), units),
        np.repeat(starts, MONTHS),
    )
    now = frame["period"] >= frame["treated_from"]  # false where missing
    frame["outcome"] = frame["count"].astype(float)
    if case.extra == "exposure":
        frame["days"], columns = draw.uniform(2 / 3, 1, len(frame)), {"exposure": "days"}
        frame["outcome"] = draw.binomial(frame["count"], frame["days"]).astype(float)
    if ratio != 1:
        frame["outcome"] = np.where(now, draw.binomial(frame["outcome"].astype(int), ratio), frame["outcome"])
    else:
        frame["outcome"] += DIFFERENCE * now * frame.get("days", 1.0) + frame.get("trend", 0.0)
    if case.extra == "weights":
        frame, columns = frame.assign(people=draw.uniform(0.5, 2, units).repeat(MONTHS)), {"weight": "people"}
    if case.extra == "clusters of two":
        team = np.arange(units) // 2
        shock = 4 * draw.standard_normal((team.max() + 1, MONTHS)).cumsum(axis=1) / np.sqrt(MONTHS)
        frame["outcome"] += shock[team].ravel()
        frame, columns = frame.assign(team=np.repeat(team, MONTHS)), {"cluster": "team"}
    if case.extra == "gaps":
        frame = frame[draw.random(len(frame)) > 0.1]
    return Panel.of(frame, outcome="outcome", **NAMES, **columns)


def _counts(units: int, draw: np.random.Generator) -> np.ndarray:
    """Counts by area and month that drift as violence in wards does: `simulate.panel` without the truth about it."""
    ward = simulate.VIOLENCE_WARD
    level = ward.mean * np.exp(ward.spread * draw.standard_normal((units, 1)) - ward.spread**2 / 2)
    drift = draw.standard_normal((units, MONTHS))
    for month in range(1, MONTHS):
        kept = ward.persistence
        drift[:, month] = kept * drift[:, month - 1] + np.sqrt(1 - kept**2) * drift[:, month]
    noise = draw.gamma(1 / ward.dispersion, ward.dispersion, (units, MONTHS))
    return draw.poisson(level * np.exp(ward.drift * drift - ward.drift**2 / 2) * noise)


def _starts(case: Case, draw: np.random.Generator) -> np.ndarray:
    """Each area's start; clusters of two start together, others at random."""
    starts = np.repeat([*WAVES[: len(case.sizes) - 1], np.nan], case.sizes)
    return starts if case.extra == "clusters of two" else draw.permutation(starts)


def _by_income(frame: pd.DataFrame, units: int, draw: np.random.Generator) -> tuple[pd.DataFrame, np.ndarray]:
    """Poorer areas rise by more and are treated more often: paths are parallel among areas of one income only."""
    income = draw.standard_normal(units)
    treated = draw.random(units) < 1 / (1 + np.exp(0.7 * income + 0.4))
    starts = np.where(treated, np.array(WAVES)[draw.integers(0, 3, units)], np.nan)
    trend = -3.0 * np.repeat(income, MONTHS) * np.tile(np.arange(MONTHS), units) / MONTHS
    return frame.assign(income=np.repeat(income, MONTHS), trend=trend), starts


def of(case: Case, seed: int, **more: Any) -> GroupTime:
    """The group-time effects of a drawn panel."""
    options = {"draws": 99, **dict(case.options), **more}
    return staggered.att_gt(panel(case, seed), scale=case.scale, **options)


def from_row(row: pd.Series, scale: str) -> Estimate:
    """A row of a table as an estimate."""
    return Estimate(row["estimate"], row["low"], row["high"], row["std_error"], np.nan, "", "", scale=scale)


def asked(part: str, cells: GroupTime) -> Estimate:
    """The estimate whose interval is looked at."""
    if part == "first cell":
        return from_row(cells.effects[cells.effects["event_time"] == 0].iloc[0], cells.scale)
    if part in ("cohort", "period"):
        return from_row(staggered.aggregate(cells, by=part).iloc[0 if part == "cohort" else -1], cells.scale)
    if part.startswith("event time"):
        effects = staggered.aggregate(cells, by="event_time").effects.set_index("event_time")
        return from_row(effects.loc[int(part.rsplit(maxsplit=1)[-1])], cells.scale)
    if part == "as R prints it":
        overall = staggered.aggregate(cells)
        reach = 1.959963984540054 * overall.std_error
        return replace(overall, low=overall.value - reach, high=overall.value + reach)
    return staggered.aggregate(cells, average_of=part)


def draw(case: Case, part: str, seed: int) -> Draw:
    truth = RATIO if case.scale == "ratio" else DIFFERENCE
    if part == "event time -3":
        truth = 1.0 if case.scale == "ratio" else 0.0
    return drawn(asked(part, of(case, seed)), truth)


def draw_band(case: Case, part: str, seed: int) -> Draw:
    """Whether the band holds every row; the error and the width are those of the middle row."""
    cells = of(case, seed, draws=999, base="universal")
    table = (
        cells.effects
        if part == "cells"
        else staggered.aggregate(cells, by="event_time", first=-4, last=4).effects
    )
    truth, none = (RATIO, 1.0) if case.scale == "ratio" else (DIFFERENCE, 0.0)
    true = np.where(table["event_time"] >= 0, truth, none)
    ends = table[["estimate", "band_low", "band_high"]].to_numpy(dtype=float)
    held = ((ends[:, 1] <= true) & (true <= ends[:, 2])).all()
    if case.scale == "ratio":
        ends, true = np.log(np.maximum(ends, 1e-12)), np.log(true)
    middle = len(ends) // 2 + 1
    return Draw(float(ends[middle, 0] - true[middle]), bool(held), float(ends[middle, 2] - ends[middle, 1]))


NAMED = {
    "cells": "overall, by cells",
    "cohorts": "overall, by cohorts",
    "event_times": "overall, by event times",
    "periods": "overall, by periods",
    "cohort": "by cohort, the first",
    "period": "by period, the last",
    "first cell": "one cell, the first",
    "as R prints it": "overall, 1.96 standard errors as R prints it",
}


def design(part: str, case: Case, required: tuple[float, float] = REQUIRED, note: str = "") -> Design:
    if case in (Case("difference", THREES), Case("difference", THREES, options=NOT_YET)):
        required, note = (REQUIRED[0], 0.98), WIDE
    asked_for = "".join(f", {value.replace('_', ' ')}" for _, value in case.options)
    method = f"staggered, {NAMED.get(part, part)}, {case.scale}{asked_for}"
    return Design(
        method, case.name, functools.partial(draw, case, part), required, draws=2000, quick=20, note=note
    )


def band(part: str, case: Case) -> Design:
    what = "all cells" if part == "cells" else "event times -4 to 4"
    method = f"staggered, band over {what}, {case.scale}"
    note, required = "share of draws in which the band holds every effect; width of one row's", SIMULTANEOUS
    if part == "cells" and case.scale == "ratio":
        note, required = f"{note}; {TAILS}", (0.9, 0.985)
    if part == "cells" and case.sizes == THREES:
        note, required = f"{note}; {WIDE}", (0.935, 0.995)
    return Design(
        method,
        case.name,
        functools.partial(draw_band, case, part),
        required,
        draws=1000,
        quick=6,
        note=note,
    )


SCALES = ("difference", "ratio")
BENT = "a fit for each cohort of about five areas bends when one is left out: the jackknife errs on the wide side"
WIDE = "three areas to a cohort that differ in level: Welch's degrees of freedom are few, and err on the wide side"
TAILS = "far out, log ratios of counts in few areas have longer tails than Student's t"
THREES, SIXES = (3, 3, 3, 3), (6, 6, 6, 6)
NOT_YET = (("comparison", "not_yet_treated"),)
ADJUSTED = ("regression", "weighting", "doubly_robust")
R = "its standard errors are too small with so few areas, and its interval takes no degrees of freedom"
DESIGNS = [
    *(design("cells", Case(scale, sizes)) for scale in SCALES for sizes in (THREES, SIXES)),
    *(design(part, Case("difference", SIXES)) for part in ("cohorts", "event_times", "periods")),
    *(design(part, Case("difference", THREES)) for part in ("event time 0", "event time 4", "event time -3")),
    *(design(part, Case(scale, THREES)) for part in ("first cell", "cohort", "period") for scale in SCALES),
    design("first cell", Case("difference", (2, 3, 7, 12))),
    design("cells", Case("difference", (2, 3, 7, 12))),
    design("cells", Case("difference", (1, 1, 8, 10))),
    *(design(part, Case("difference", THREES, options=NOT_YET)) for part in ("cells", "first cell", "event time 0")),
    *(design("cells", Case(scale, (4, 4, 6, 0), options=NOT_YET)) for scale in SCALES),
    *(design("cells", Case("difference", SIXES, extra)) for extra in ("gaps", "weights", "exposure")),
    design("cells", Case("ratio", SIXES, "exposure")),
    design("cells", Case("difference", (8, 8, 8, 8), "clusters of two")),
    *(design("cells", Case("difference", (10, 10, 10, 30), TRENDS, (("adjust", how),))) for how in ADJUSTED),
    *(design("event time 0", Case("difference", (6, 6, 6, 18), TRENDS, (("adjust", how),)), (0.935, 0.99), BENT)
      for how in ADJUSTED),
    *(design("cells", Case("difference", (25, 25, 25, 75), options=(("inference", how),)))
      for how in ("analytic", "multiplier")),
    *(design("as R prints it", Case("difference", sizes, options=(("inference", "analytic"),)), (0.85, 0.95), R)
      for sizes in (THREES, SIXES)),
    *(band(part, Case(scale, sizes)) for part in ("event times", "cells") for scale, sizes in
      (("difference", THREES), ("difference", SIXES), ("ratio", SIXES), ("difference", (12, 12, 12, 24)))),
]  # fmt: skip

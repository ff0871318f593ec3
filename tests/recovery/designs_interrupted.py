"""Interrupted time series: series with autocorrelation, season and trend, with and without a comparison and gaps."""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from recovery.coverage import Design, Draw, drawn

from toolkit import simulate
from toolkit.estimate import Estimate, back
from toolkit.methods.interrupted import answers, model, record, season
from toolkit.numerics.mixture import Mixture

SEASON = tuple(1 + 0.15 * np.sin(2 * np.pi * np.arange(12) / 12))
PARTS = {
    "effect": "effect",
    "level change": "level_change",
    "slope change": "slope_change",
    "expected in the last month": "line",
}
FIRST = pd.Period("2016-01", "M")
# Intervals of counts that lie near an end of what is required, so drawn more often.
CLOSE = {
    (48, 0.6, "effect", ""),
    (60, 0.3, "effect", "a comparison"),
    (60, 0.3, "slope change", "a comparison"),
}


Case = tuple[str, int, float, str, int]  # scale, months, autocorrelation, what else, seed


def series(case: Case) -> tuple[pd.Series, dict[str, Any], dict[str, float]]:
    """A series, the options to call the method with, and the truth; the start is half-way."""
    scale, periods, rho, extra, seed = case
    count = scale == "ratio"
    start = str(FIRST + periods // 2)
    course = (
        simulate.Course(level=60, trend=-0.03, season=SEASON, autocorrelation=rho, dispersion=3, shared=0.5)
        if count
        else simulate.Course(
            level=50,
            trend=-1,
            season=tuple(20 * s for s in SEASON),
            autocorrelation=rho,
            spread=4,
            shared=0.5,
        )
    )
    planted = (
        {"level_change": 0.85, "slope_change": 0.997} if count else {"level_change": -4, "slope_change": -0.1}
    )
    event = {"event": 1.3 if count else 6} if extra == "a comparison" else {}
    frame, truth = simulate.series(
        course, kind="count" if count else "measure", periods=periods, first=str(FIRST), start=start, seed=seed,
        **planted, **event,
    )  # fmt: skip
    frame.index = pd.period_range(FIRST, periods=periods, freq="M")
    options: dict[str, Any] = {
        "start": start,
        "exposure": None,
        "comparison": None,
        "phase_in": 0,
        "exclude": (),
    }
    if extra == "a comparison":
        options["comparison"] = frame["comparison"]
    if extra == "gaps":
        options |= {"exclude": (str(FIRST + 12), str(FIRST + 17)), "phase_in": 2}
    lines = truth.expected[(frame.index >= pd.Period(start, "M") + options["phase_in"])]
    seen, base = lines["with_programme"].sum(), lines["without"].sum()
    effect = seen / base if count else (seen - base) / len(lines)
    truths = {"effect": effect, "level_change": truth.level_change, "slope_change": truth.slope_change}
    truths["line"] = truth.expected["without"].iloc[-1]
    return frame["count" if count else "value"], options, truths


@functools.lru_cache(maxsize=8)
def answered(case: Case) -> tuple[dict[str, Estimate], dict[str, float]]:
    """What `interrupted.segmented` says, without the line of its picture, which takes most of its time."""
    values, options, truths = series(case)
    found = record.read(values, **options)
    terms = season.terms(found.periods, found.fitted, "auto")
    fit = model.fitted(found, terms.columns, scale=case[0], slope=True, errors="autocorrelated", lags=None)
    told = answers.estimates(found, fit, terms, errors="autocorrelated", level=0.95)
    return told | {"line": line_at_the_end(fit, told["effect"])}, truths


def line_at_the_end(fit: model.Model, like: Estimate) -> Estimate:
    """The last row of the answer's series, as an estimate."""
    known = fit.line()  # these series have neither exposure nor comparison, so nothing is added to it
    last = Mixture(known.weight, known.centre[:, -1:], known.scale[:, -1:], known.df)
    value, low, high = (
        back(float(end[0]), like.scale) for end in (last.mean(), last.quantile(0.025), last.quantile(0.975))
    )
    return replace(like, value=value, low=low, high=high)


def draw(scale: str, periods: int, rho: float, extra: str, part: str, seed: int) -> Draw:
    estimates, truths = answered((scale, periods, rho, extra, seed))
    return drawn(estimates[part], truths[part])


def design(scale: str, periods: int, rho: float, part: str, extra: str = "") -> Design:
    beside = f", {extra}" if extra else ""
    kind = "counts" if scale == "ratio" else "measures"
    close = scale == "ratio" and (periods, rho, part, extra) in CLOSE
    return Design(
        f"interrupted.segmented, {part}",
        f"{kind}, {periods} months, autocorrelation {rho}{beside}",
        functools.partial(draw, scale, periods, rho, extra, PARTS[part]),
        draws=8000 if close else 2000,
        quick=40,
    )


DESIGNS = [
    *(design(scale, 48, rho, "effect") for scale in ("difference", "ratio") for rho in (0.0, 0.3, 0.6)),
    *(design(scale, 96, rho, "effect") for scale in ("difference", "ratio") for rho in (0.0, 0.6)),
    *(
        design(scale, 48, 0.3, part)
        for scale in ("difference", "ratio")
        for part in ("level change", "slope change")
    ),
    *(
        design(scale, 60, 0.3, "effect", extra)
        for scale in ("difference", "ratio")
        for extra in ("a comparison", "gaps")
    ),
    *(design(scale, 60, 0.3, "expected in the last month") for scale in ("difference", "ratio")),
    *(
        design(scale, 60, 0.3, part, extra)
        for scale in ("difference", "ratio")
        for extra in ("a comparison", "gaps")
        for part in ("level change", "slope change")
    ),
]

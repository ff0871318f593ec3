"""Planted effects: the methods find them without bias, and their intervals hold them as often as they say.

The bounds are three Monte Carlo errors wide: with R draws a 95% interval covers 95% plus or minus
3 sqrt(0.95 x 0.05 / R), and the mean of R estimates lies within 3 SD / sqrt(R) of the truth.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable

import numpy as np
import pytest

from toolkit import Panel, before_after, did, placebo, simulate, trends
from toolkit.estimate import Estimate
from toolkit.numerics import permutation

DRAWS = 200
DESIGNS = {
    "one start, 15 of 40": {"units": 40, "periods": 24, "treated": 15, "treated_from": "2022-01"},
    "staggered, 15 of 40": {
        "units": 40, "periods": 24, "treated": 15, "treated_from": ["2021-10", "2022-01", "2022-05"],
    },
    "few, 4 of 16": {"units": 16, "periods": 24, "treated": 4, "treated_from": "2022-01"},
}  # fmt: skip


def panel_of(frame: object) -> Panel:
    return Panel.of(frame, unit="unit", period="period", outcome="count", treated_from="treated_from")  # type: ignore[arg-type]


def drawn(
    design: str, method: Callable[[Panel], Estimate], rate_ratio: float = 0.8
) -> tuple[np.ndarray, np.ndarray]:
    """The log of estimate over truth, and whether the interval held the truth, in each draw."""
    error, held = [], []
    for seed in range(DRAWS):
        frame, truth = simulate.panel(**DESIGNS[design], rate_ratio=rate_ratio, seed=seed)
        answer = method(panel_of(frame))
        error.append(math.log(answer.value / truth.rate_ratio))
        held.append(answer.low <= truth.rate_ratio <= answer.high)
    return np.array(error), np.array(held)


def assert_recovered(error: np.ndarray, held: np.ndarray) -> None:
    # The log of an unbiased ratio is low by half its variance: allow for that, and for three Monte Carlo errors.
    spread = float(error.std(ddof=1))
    assert abs(error.mean() + spread**2 / 2) < 3 * spread / math.sqrt(len(error)), "biased"
    allowed = 3 * math.sqrt(0.95 * 0.05 / len(held))
    assert abs(held.mean() - 0.95) < allowed, f"a 95% interval covered {held.mean():.1%} of {len(held)}"


@pytest.mark.parametrize("design", ["one start, 15 of 40", "staggered, 15 of 40"])
def test_the_jackknife_covers(design: str) -> None:
    assert_recovered(*drawn(design, functools.partial(did.att, inference="cluster")))


def test_randomisation_covers_with_four_treated_areas() -> None:
    assert_recovered(*drawn("few, 4 of 16", functools.partial(did.att, draws=999)))


@pytest.fixture
def without_intervals(monkeypatch: pytest.MonkeyPatch) -> None:
    """Randomisation gives its p-value and does not look for the interval, which takes forty times as long."""
    monkeypatch.setattr(permutation, "invert", lambda *_: (-1.0, 1.0))


@pytest.mark.usefixtures("without_intervals")
def test_no_programme_no_effect_at_the_stated_rate() -> None:
    design = DESIGNS["few, 4 of 16"]
    panels = (panel_of(simulate.panel(**design, rate_ratio=1.0, seed=seed)[0]) for seed in range(DRAWS))
    rejected = np.mean([did.att(panel).p_value <= 0.05 for panel in panels])
    assert rejected <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / DRAWS)


def test_the_usual_regression_is_biased_with_staggered_growing_effects_and_imputation_is_not() -> None:
    """Goodman-Bacon (2021): earlier cohorts still falling are taken for the comparison of later ones."""
    ramp = simulate.ramp(0.5, over=12)
    design = {"units": 40, "periods": 36, "treated": 40, "treated_from": ["2021-07", "2022-07", "2023-07"]}
    errors = []
    for seed in range(40):
        frame, planted = simulate.panel(**design, rate_ratio=ramp, seed=seed)
        panel = panel_of(frame).between("2021-01", "2023-06")  # the last cohort is not yet treated
        rows = planted.expected.merge(
            panel.frame.assign(period=panel.frame["period"].astype(str)), on=["unit", "period"]
        )
        now = rows["treated_now"]
        truth = rows.loc[now, "with_programme"].sum() / rows.loc[now, "without"].sum()
        errors.append([math.log(method(panel).value / truth) for method in (did.att, did.two_way)])
    ours, usual = np.array(errors).T
    assert abs(ours.mean()) < 3 * ours.std(ddof=1) / math.sqrt(len(ours))
    assert usual.mean() > 3 * usual.std(ddof=1) / math.sqrt(len(usual))  # the fall is understated


def test_before_and_after_covers_when_nothing_else_changes() -> None:
    """Same months, no trend and areas drawn at random: the one world in which before/after is right."""
    assert_recovered(*drawn("one start, 15 of 40", before_after.rate_ratio))


def test_the_slope_test_rejects_at_its_stated_rate_and_finds_a_planted_slope() -> None:
    design = DESIGNS["one start, 15 of 40"]
    rejected = {0.0: [], 0.08: []}
    for seed in range(DRAWS // 2):
        frame, _ = simulate.panel(**design, rate_ratio=1.0, seed=seed)
        for slope, found in rejected.items():
            month = frame["period"].factorize()[0]
            grown = np.where(frame["treated_from"].notna(), np.exp(slope * month), 1.0)
            tilted = frame.assign(count=frame["count"] * grown)
            study = did.event_study(panel_of(tilted), leads=12, lags=1)
            found.append(trends.test(study).p_value <= 0.05)
    assert np.mean(rejected[0.0]) <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / len(rejected[0.0]))
    assert np.mean(rejected[0.08]) > 0.9


@pytest.mark.usefixtures("without_intervals")
def test_a_placebo_in_time_finds_nothing_at_the_stated_rate() -> None:
    design = DESIGNS["one start, 15 of 40"]
    method, found = functools.partial(did.att, draws=499), []
    for seed in range(DRAWS):
        panel = panel_of(simulate.panel(**design, rate_ratio=0.5, seed=seed)[0])
        found.append(placebo.in_time(panel, method, shifts=[6]).loc[0, "p_value"] <= 0.05)
    assert np.mean(found) <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / DRAWS)

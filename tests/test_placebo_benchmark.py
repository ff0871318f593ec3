"""The benchmark of few areas: its short cuts over arrays are what the toolkit says through a Panel."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scripts import load

from toolkit import Panel, did
from toolkit.methods.did import imputed

placebo: Any = load("benchmarks/placebo.py")
MONTHS = 12


def wards(seed: int, n: int) -> pd.DataFrame:
    """Made-up counts of wards (rows) by months (columns), of unequal size, that drift."""
    draw = np.random.default_rng(seed)
    size = np.exp(draw.normal(2.5, 0.8, (n, 1)))
    drift = np.exp(0.3 * draw.standard_normal((n, 2))).repeat(MONTHS, axis=1)
    months = pd.period_range("2015-04", periods=2 * MONTHS, freq="M").astype(str)
    return pd.DataFrame(draw.poisson(size * drift).astype(float), columns=months)


def through_panel(table: pd.DataFrame, treated: np.ndarray) -> Panel:
    long = table.rename_axis("ward").reset_index().melt("ward", var_name="month", value_name="count")
    began = np.where(treated[long["ward"]], placebo.START[MONTHS], None)
    return Panel.of(
        long.assign(began=began), unit="ward", period="month", outcome="count", treated_from="began"
    )


@pytest.fixture(scope="module", params=[1, 3, 8])
def drawn(request: pytest.FixtureRequest) -> list[tuple[pd.DataFrame, np.ndarray, np.ndarray]]:
    """84 draws for each number of treated wards, so that with both scales 504 calls are compared."""
    found = []
    for seed in range(84):
        table = wards(seed, 24)
        cell = placebo.Cell("made up", MONTHS, request.param, 24, ("at random", "largest third")[seed % 2])
        both = placebo.halves(table, MONTHS)
        order = np.random.default_rng([seed, cell.treated, 24, MONTHS]).permutation(24)
        y, treated = placebo.draw(both, cell, seed)
        found.append((table.iloc[order].reset_index(drop=True), y, treated))
    return found


@pytest.mark.parametrize("scale", ["ratio", "difference"])
def test_arrays_and_panels_give_one_p_value(drawn: list, scale: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The interval is not searched for: the p-value of no change is what the benchmark counts."""
    monkeypatch.setattr(imputed.by_permutation.__globals__["permutation"], "invert", lambda *_: (-1.0, 1.0))
    for table, y, treated in drawn:
        answer = did.att(through_panel(table, treated), scale=scale, draws=placebo.LOTS, seed=0)
        one = placebo.cells(y, treated, MONTHS, ratio=scale == "ratio")
        assert "randomisation" in answer.method
        assert placebo.randomised(one, 0).p_value(0.0) == pytest.approx(answer.p_value, abs=1e-12)


@pytest.mark.parametrize("scale", ["ratio", "difference"])
def test_textbook_tests_are_the_toolkits(scale: str) -> None:
    for seed in range(20):
        table = wards(seed, 24)
        treated = np.arange(24) < 4
        one = placebo.cells(placebo.halves(table, MONTHS), treated, MONTHS, ratio=scale == "ratio")
        panel = through_panel(table, treated)
        knife = did.att(panel, scale=scale, inference="cluster")
        assert placebo.jackknifed(one) == pytest.approx(knife.p_value, rel=1e-8)
        two_way = did.two_way(panel, scale=scale)  # counts 24 period effects, where the short cut counts two
        ratio = (24 * 24 - 25) / (24 * 24 - 1) * (2 * 24 - 1) / (2 * 24 - 3)
        t = abs(np.log(two_way.value) if scale == "ratio" else two_way.value) / two_way.std_error
        p = placebo.clustered(one)
        told = placebo.stats.norm if scale == "ratio" else placebo.stats.t(23)
        assert p == pytest.approx(2 * told.sf(t / np.sqrt(ratio)), rel=1e-6)
    if scale == "ratio":
        four = did.two_by_two(
            treated_before=one.y[treated, 0].sum(), treated_after=one.y[treated, 1].sum(),
            comparison_before=one.y[~treated, 0].sum(), comparison_after=one.y[~treated, 1].sum(),
        )  # fmt: skip
        assert placebo.four_totals(one) == pytest.approx(four.p_value, rel=1e-9)


def test_the_grid_is_what_was_asked() -> None:
    cells = list(placebo.grid())
    assert len(cells) == 5 * 5 * 3 + 2 * 5 * 3 == len(set(map(str, cells)))


def test_the_treated_come_from_the_third_that_is_named() -> None:
    both = placebo.halves(wards(1, 60), MONTHS)
    for drawn, low, high in (("largest third", 20, 30), ("smallest third", 0, 10)):
        cell = placebo.Cell("made up", MONTHS, 10, 30, drawn)
        for seed in range(20):
            y, treated = placebo.draw(both, cell, seed)
            rank = y[:, 0].argsort().argsort()
            assert treated.sum() == 10
            assert set(y[treated, 0]) <= set(y[(rank >= low) & (rank < high), 0])

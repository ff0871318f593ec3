"""The benchmark of synthetic controls: who is drawn and called treated, and what is counted of an answer."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scripts import load

from toolkit import synthetic

bench: Any = load("benchmarks/synthetic_placebo.py")


@pytest.fixture(scope="module")
def wards() -> pd.DataFrame:
    """Made-up counts of 60 wards of unequal size by the months of the benchmark."""
    draw = np.random.default_rng(1)
    months = pd.period_range("2013-04", "2017-03", freq="M").astype(str)
    counts = draw.poisson(draw.uniform(5, 80, (60, 1)), (60, len(months)))
    return pd.DataFrame(counts.astype(float), index=[f"w{i:02d}" for i in range(60)], columns=months)


@pytest.mark.parametrize(
    ("drawn", "low", "high"), [("at random", 0, 1), ("largest third", 0.6, 1), ("smallest third", 0, 0.4)]
)
def test_who_is_called_treated(wards: pd.DataFrame, drawn: str, low: float, high: float) -> None:
    places = []
    for seed in range(20):
        panel = bench.draw(wards, bench.Cell("made up", 24, 1, 20, drawn), seed)
        assert (len(panel.units), len(panel.periods), panel.balanced) == (20, 36, True)
        ((start, (treated,)),) = panel.cohorts.items()
        assert str(start) == bench.START
        before = panel.frame[panel.frame["period"] < start].groupby("unit")["outcome"].sum().rank(pct=True)
        places.append(before[treated])
    assert low <= min(places) and max(places) <= high and len(set(places)) > 3


def test_every_method_sees_the_same_draw_and_ratios_are_told_in_logs(wards: pd.DataFrame) -> None:
    panel = bench.draw(wards, bench.Cell("made up", 24, 1, 20, "at random"), 3)
    answer = synthetic.att(panel, scale="ratio")
    off, p, width = bench.asked(partial(synthetic.att, scale="ratio"), panel)
    assert (off, p) == (pytest.approx(np.log(answer.value)), answer.p_value)
    assert width == pytest.approx(np.log(answer.high / answer.low))
    assert set(bench.METHODS) == {
        (scale, name) for scale in ("ratio", "difference") for _, name in bench.METHODS
    }


def test_a_refusal_is_no_answer(wards: pd.DataFrame) -> None:
    quiet = wards.copy()
    quiet.loc[:, :"2016-03"] = 0.0
    panel = bench.draw(quiet, bench.Cell("made up", 24, 1, 20, "at random"), 0)
    assert np.isnan(bench.asked(partial(synthetic.att, scale="ratio"), panel)).all()

"""Incidents prevented, where the effect's own interval cannot simply be multiplied."""

import numpy as np
import pandas as pd
import pytest

from toolkit import Panel, did

NAMES = {"unit": "ward", "period": "month", "outcome": "asb", "treated_from": "began"}


def areas(rates: dict[str, tuple[float, float, float]], treated: set[str]) -> pd.DataFrame:
    """Two months: rate before, rate after and population of each ward, treated ones in month 2."""
    rows = [
        (w, month, rate * people, people, 2 if w in treated else np.nan)
        for w, (before, after, people) in rates.items()
        for month, rate in ((1, before), (2, after))
    ]
    return pd.DataFrame(rows, columns=["ward", "month", "asb", "people", "began"])


def big_and_small() -> pd.DataFrame:
    """Two large wards with no effect, two small ones halved, four others level: 10 incidents were prevented."""
    still = {f"big{i}": (0.01, 0.01, 10_000.0) for i in range(2)}
    halved = {f"small{i}": (0.01, 0.005, 1_000.0) for i in range(2)}
    others = {f"other{i}": (0.01, 0.01, 5_000.0) for i in range(4)}
    return areas(still | halved | others, {*still, *halved})


def test_with_an_exposure_differences_are_added_up_in_incidents() -> None:
    """2 wards x 1,000 people x 0.005 = 10; the mean rate difference, -0.0025, times 22,000 people would say 55."""
    answer = did.counterfactual(Panel.of(big_and_small(), **NAMES, exposure="people"), scale="difference")
    assert answer.effect.value == pytest.approx(-0.0025, rel=1e-9)
    assert answer.prevented.value == pytest.approx(10, rel=1e-9)
    assert answer.prevented.low < 10 < answer.prevented.high


def test_both_scales_agree_on_the_incidents_where_the_comparison_is_level() -> None:
    made = Panel.of(big_and_small(), **NAMES, exposure="people")
    ratio, difference = (did.counterfactual(made, scale=scale) for scale in ("ratio", "difference"))
    assert ratio.prevented.value == pytest.approx(difference.prevented.value, rel=1e-9)


def test_weights_move_the_effect_but_not_the_incidents() -> None:
    frame = big_and_small().assign(weight=lambda f: np.where(f["ward"].str.startswith("small"), 10.0, 1.0))
    weighted = did.counterfactual(Panel.of(frame, **NAMES, weight="weight"))
    plain = did.counterfactual(Panel.of(frame, **NAMES))
    assert weighted.effect.value < plain.effect.value
    assert weighted.prevented.value == pytest.approx(plain.prevented.value, rel=1e-12)
    assert "Incidents are counted without the weights." in weighted.prevented.cautions
    gap = (weighted.series["expected"] - weighted.series["observed"]).iloc[-1]
    assert weighted.prevented.value == pytest.approx(gap, rel=1e-9)


def test_what_is_no_count_is_said_to_be_none() -> None:
    frame = big_and_small().assign(asb=lambda f: f["asb"] + 0.25)
    answer = did.counterfactual(Panel.of(frame, **NAMES))
    assert any("asb is not a count" in caution for caution in answer.prevented.cautions)
    assert not any(
        "not a count" in c for c in did.counterfactual(Panel.of(big_and_small(), **NAMES)).prevented.cautions
    )


def test_the_picture_adds_up_to_the_incidents_when_weights_change_the_fit() -> None:
    """Three months and weights that differ between wards: the weighted and the plain fit disagree."""
    draw = np.random.default_rng(3)
    cells = [
        (f"w{i}", t, float(draw.poisson(20)), 3 if i < 4 else np.nan, 1.0 + i)
        for i in range(10)
        for t in (1, 2, 3, 4)
    ]
    frame = pd.DataFrame(cells, columns=["ward", "month", "asb", "began", "weight"])
    answer = did.counterfactual(Panel.of(frame, **NAMES, weight="weight"))
    gap = (answer.series["expected"] - answer.series["observed"])[2:].sum()
    assert answer.prevented.value == pytest.approx(gap, rel=1e-9)
    assert answer.effect.value == pytest.approx(did.att(Panel.of(frame, **NAMES, weight="weight")).value)

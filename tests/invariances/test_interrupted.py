"""What must not move, or must move by exactly so much, in an interrupted time series."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from made_series import AFTER, COUNT, MEASURE, MONTHS, OTHER, PEOPLE, START

from toolkit import interrupted
from toolkit.estimate import Segmented

NUMBERS = ("value", "low", "high", "std_error", "p_value")
PARTS = ("effect", "level_change", "slope_change")
SINCE = np.arange(60) - 36.0
# Solutions of one problem, written differently, agree to rounding.
SAME = 1e-8


def asked(series: pd.Series = COUNT, **options: Any) -> Segmented:
    return interrupted.segmented(series, **({"start": START} | options))


def numbers(found: Segmented, parts: tuple[str, ...] = PARTS) -> np.ndarray:
    return np.array([[getattr(getattr(found, part), name) for name in NUMBERS] for part in parts])


def same(one: Segmented, other: Segmented, parts: tuple[str, ...] = PARTS) -> None:
    assert numbers(one, parts) == pytest.approx(numbers(other, parts), rel=SAME, abs=1e-10)


@pytest.mark.parametrize("scale", ["ratio", "difference"])
def test_the_order_of_rows(scale: str) -> None:
    shuffled = COUNT.iloc[np.random.default_rng(0).permutation(60)]
    assert numbers(asked(shuffled, scale=scale)).tolist() == numbers(asked(scale=scale)).tolist()


def test_the_same_input_gives_the_same_bits() -> None:
    assert numbers(asked()).tolist() == numbers(asked()).tolist()


@pytest.mark.parametrize("years", [1, 10, -30])
def test_a_calendar_moved_by_whole_years(years: int) -> None:
    moved = pd.Series(COUNT.to_numpy(), index=MONTHS + 12 * years, name="asb")
    assert numbers(asked(moved, start=f"{2021 + years}-01")).tolist() == numbers(asked()).tolist()


@pytest.mark.parametrize(
    "options", [{}, {"comparison": OTHER}, {"exclude": ("2020-03", "2020-06"), "phase_in": 2}]
)
@pytest.mark.parametrize("factor", [1e-3, 7.0])
def test_an_exposure_multiplied_by_a_constant(options: dict[str, Any], factor: float) -> None:
    if "comparison" in options:

        def panel(series: pd.Series, people: pd.Series) -> Any:
            from toolkit import Panel

            rows = pd.DataFrame({"u": 1, "m": MONTHS, "n": series.to_numpy(), "p": people.to_numpy()})
            return Panel.of(rows, unit="u", period="m", outcome="n", exposure="p")

        one, other = (asked(panel(COUNT, f * PEOPLE), comparison=panel(OTHER, PEOPLE)) for f in (1.0, factor))
    else:
        one, other = (asked(exposure=f * PEOPLE, **options) for f in (1.0, factor))
    same(one, other)


def test_an_exposure_that_grows_steadily_is_taken_up_by_the_trend() -> None:
    same(asked(), asked(exposure=np.exp(0.01 * np.arange(60))))


@pytest.mark.parametrize("factor", [0.5, 3.0])
def test_an_exposure_multiplied_from_the_start_on_divides_the_step_by_so_much(factor: float) -> None:
    plain, scaled = asked(exposure=PEOPLE), asked(exposure=PEOPLE * np.where(AFTER, factor, 1))
    for name in ("value", "low", "high"):
        moved = factor * getattr(scaled.level_change, name)
        assert moved == pytest.approx(getattr(plain.level_change, name), rel=SAME)
    assert scaled.level_change.std_error == pytest.approx(plain.level_change.std_error, rel=SAME)
    same(plain, scaled, ("slope_change",))


@pytest.mark.parametrize(
    "added", [np.full(60, 1000.0), -3.0 + 0.7 * SINCE, 4 * np.sin(2 * np.pi * SINCE / 12)]
)
def test_a_constant_a_line_or_a_season_added_to_a_measure(added: np.ndarray) -> None:
    same(asked(MEASURE, scale="difference"), asked(MEASURE + added, scale="difference"))


@pytest.mark.parametrize("factor", [0.01, 100.0])
def test_a_measure_in_other_units(factor: float) -> None:
    plain, scaled = (
        numbers(asked(MEASURE, scale="difference")),
        numbers(asked(factor * MEASURE, scale="difference")),
    )
    assert scaled[:, :4] == pytest.approx(factor * plain[:, :4], rel=SAME)
    assert scaled[:, 4] == pytest.approx(plain[:, 4], rel=SAME)


def test_a_number_added_from_the_start_on_moves_step_and_effect_by_exactly_that() -> None:
    plain, moved = (asked(MEASURE + c * AFTER, scale="difference") for c in (0.0, 2.5))
    for part, by in (("effect", 2.5), ("level_change", 2.5), ("slope_change", 0.0)):
        for name in ("value", "low", "high"):
            shift = getattr(getattr(moved, part), name) - getattr(getattr(plain, part), name)
            assert shift == pytest.approx(by, abs=1e-9)


def test_a_slope_added_from_the_start_on_moves_the_bend_by_exactly_that() -> None:
    plain, moved = (asked(MEASURE + c * AFTER * SINCE, scale="difference") for c in (0.0, 0.5))
    assert moved.slope_change.value - plain.slope_change.value == pytest.approx(0.5, abs=1e-9)
    assert moved.level_change.value == pytest.approx(plain.level_change.value, abs=1e-9)
    assert moved.effect.value - plain.effect.value == pytest.approx(0.5 * 11.5, abs=1e-9)


@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
def test_no_change_at_an_end_of_the_interval_has_the_p_value_of_that_level(level: float) -> None:
    found = asked(MEASURE, scale="difference", level=level)
    for end in (found.effect.low, found.effect.high):
        moved = asked(MEASURE - end * AFTER, scale="difference", slope=True)
        assert moved.effect.p_value == pytest.approx(1 - level, abs=SAME)
    found = asked(exposure=PEOPLE, level=level).level_change
    for end in (found.low, found.high):
        moved = asked(exposure=PEOPLE * np.where(AFTER, end, 1)).level_change
        assert moved.p_value == pytest.approx(1 - level, abs=SAME)


def test_what_moves_both_series_alike_leaves_the_comparison() -> None:
    shock = np.random.default_rng(4).standard_normal(60)
    one, other = (
        asked(MEASURE + s, scale="difference", comparison=OTHER + s) for s in (np.zeros(60), 20 * shock)
    )
    same(one, other)


def test_the_series_and_its_comparison_change_places() -> None:
    there, back = asked(comparison=OTHER), asked(OTHER, comparison=COUNT)
    for part in ("level_change", "slope_change"):
        ours, theirs = getattr(there, part), getattr(back, part)
        assert ours.value * theirs.value == pytest.approx(1, rel=SAME)
        assert ours.low * theirs.high == pytest.approx(1, rel=SAME)
        assert ours.p_value == pytest.approx(theirs.p_value, rel=1e-6)
    there, back = (
        asked(a, comparison=b, scale="difference").effect for a, b in ((COUNT, OTHER), (OTHER, COUNT))
    )
    assert (there.value, there.low) == pytest.approx((-back.value, -back.high), rel=SAME)


def test_phasing_in_and_leaving_out_are_one() -> None:
    one, other = asked(phase_in=3), asked(exclude=("2021-01", "2021-03"))
    assert numbers(one).tolist() == numbers(other).tolist()


def test_the_counterfactual_of_a_constant_change_is_a_constant_multiple_of_the_model() -> None:
    """With one step and independent errors, expected after the start times the ratio adds up to what was observed."""
    found = asked(slope=False, errors="independent")
    expected = found.series["expected"][AFTER].sum()
    assert math.isclose(expected * found.effect.value, COUNT[AFTER].sum(), rel_tol=1e-9)

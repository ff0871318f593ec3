"""What adding or multiplying does to an answer, derived from the model before it is tested."""

import math
from functools import partial

import numpy as np
import pandas as pd
import pytest

from toolkit import before_after, did

from .panels import after, numbers, panel, rows

SHAPES = {
    "one start": {},
    "one start, gaps": {"gaps": True},
    "staggered": {"starts": (6, 8)},
    "staggered, gaps": {"starts": (6, 8), "gaps": True},
}
RATIO = partial(did.att, inference="cluster")
DIFFERENCE = partial(did.att, inference="cluster", scale="difference")
every_shape = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)


def same(one, other, rel: float = 1e-8) -> None:
    assert numbers(other) == pytest.approx(numbers(one), rel=rel, abs=1e-9, nan_ok=True)


@every_shape
@pytest.mark.parametrize("by", ["area", "month"])
@pytest.mark.parametrize("method", [DIFFERENCE, partial(did.two_way, scale="difference")])
def test_a_constant_per_unit_or_period_leaves_a_difference(shape: dict, by: str, method) -> None:
    """The unit (or period) effect takes it up, and the residuals stay."""
    table = rows(**shape)
    codes = pd.factorize(table[by])[0]
    moved = table.assign(crimes=table["crimes"] + np.array([0.0, 31.5, 7.25])[codes % 3])
    same(method(panel(table)), method(panel(moved)))


@pytest.mark.parametrize("by", ["area", "month"])
def test_a_constant_per_unit_or_period_leaves_a_permutation_of_differences(by: str) -> None:
    """Below 20 areas: from there on variances are taken to grow with the level."""
    table = rows(treated=4, others=6)
    moved = table.assign(crimes=table["crimes"] + 2.0 * (pd.factorize(table[by])[0] % 3))
    method = partial(did.att, inference="permutation", scale="difference")
    one, other = method(panel(table)), method(panel(moved))
    assert other.p_value == one.p_value
    # The search steps by the spread of all cells, which the constant changes: the ends agree to its tolerance.
    assert (other.low, other.high) == pytest.approx((one.low, one.high), abs=1e-5)


@every_shape
@pytest.mark.parametrize("method", [RATIO, did.two_way, before_after.rate_ratio])
def test_all_outcomes_times_a_constant_leave_a_ratio(shape: dict, method) -> None:
    """Unit effects are multiplied by it; fitted means and outcomes keep their ratio in every cell.

    fixest's sandwich too: scores and information are both multiplied, and cancel.
    """
    table = rows(**shape)
    same(method(panel(table)), method(panel(table.assign(crimes=table["crimes"] * 12))))


def test_all_outcomes_times_a_constant_leave_a_permutation_of_ratios() -> None:
    """Every score and its standard deviation are multiplied by the constant (k in m + k m^2 is divided by it)."""
    table = rows(treated=4, others=6)
    method = partial(did.att, inference="permutation")
    same(method(panel(table)), method(panel(table.assign(crimes=table["crimes"] * 12))), rel=1e-6)


@every_shape
@pytest.mark.parametrize("who", [("area", "area 02"), ("area", "area 10"), ("month", 4), ("month", 9)])
@pytest.mark.parametrize("method", [RATIO, did.two_way])
def test_one_units_or_periods_exposure_times_a_constant_leaves_a_ratio(
    shape: dict, who: tuple, method
) -> None:
    """Its unit (or period) effect is divided by the constant, so every expected count stays."""
    table = rows(**shape)
    column, which = who
    people = table["people"] * np.where(table[column] == which, 7.0, 1.0)
    same(
        method(panel(table, exposure="people")), method(panel(table.assign(people=people), exposure="people"))
    )


@every_shape
@pytest.mark.parametrize("c", [-3.0, 12.5])
def test_adding_to_treated_outcomes_moves_a_difference_by_that(shape: dict, c: float) -> None:
    """Untreated cells, and so the expected values, stay: estimate and every delete-one estimate move by c."""
    table = rows(**shape)
    moved = table.assign(crimes=table["crimes"] + c * after(table))
    one, other = DIFFERENCE(panel(table)), DIFFERENCE(panel(moved))
    assert (other.value, other.low, other.high) == pytest.approx(
        (one.value + c, one.low + c, one.high + c), rel=1e-9, abs=1e-9
    )
    assert other.std_error == pytest.approx(one.std_error, rel=1e-9)


@every_shape
@pytest.mark.parametrize("r", [0.25, 3.0])
def test_multiplying_treated_outcomes_moves_a_ratio_by_that(shape: dict, r: float) -> None:
    table = rows(**shape)
    moved = table.assign(crimes=table["crimes"] * np.where(after(table), r, 1.0))
    one, other = RATIO(panel(table)), RATIO(panel(moved))
    assert (other.value, other.low, other.high) == pytest.approx(
        (r * one.value, r * one.low, r * one.high), rel=1e-9
    )
    assert other.std_error == pytest.approx(one.std_error, rel=1e-9)


@every_shape
@pytest.mark.parametrize("level", [0.8, 0.95])
def test_the_p_value_of_an_end_of_the_interval_is_one_minus_level(shape: dict, level: float) -> None:
    """Take an end out of the treated outcomes, so that no change lies exactly there, and test no change."""
    table = rows(**shape)
    one = DIFFERENCE(panel(table), level=level)
    ratio = RATIO(panel(table), level=level)
    for end in (one.low, one.high):
        moved = table.assign(crimes=table["crimes"] - end * after(table))
        assert DIFFERENCE(panel(moved)).p_value == pytest.approx(1 - level, abs=1e-8)
    for end in (ratio.low, ratio.high):
        moved = table.assign(crimes=table["crimes"] / np.where(after(table), end, 1.0))
        assert RATIO(panel(moved)).p_value == pytest.approx(1 - level, abs=1e-8)


@pytest.mark.parametrize("scale", ["ratio", "difference"])
@pytest.mark.parametrize("fall", [1.0, 0.85, 0.7, 0.55, 0.4])
@pytest.mark.parametrize("gaps", [False, True])
def test_permutation_interval_and_p_value_agree_about_no_change(scale: str, fall: float, gaps: bool) -> None:
    table = rows(treated=4, others=6, gaps=gaps, seed=5)
    table["crimes"] = np.round(table["crimes"] * np.where(after(table), fall, 1.0))
    answer = did.att(panel(table), inference="permutation", scale=scale)
    assert (answer.low <= answer.null <= answer.high) == (answer.p_value > 0.05)
    assert answer.low <= answer.value <= answer.high


@pytest.mark.parametrize("end", ["low", "high"])
def test_beyond_a_permutation_end_the_p_value_is_at_most_one_minus_level(end: str) -> None:
    """For differences the tested effect is taken out exactly, so the test can be repeated beside each end."""
    table = rows(treated=4, others=6)
    method = partial(did.att, inference="permutation", scale="difference")
    answer = method(panel(table))
    step = 1e-3 if end == "high" else -1e-3
    for beyond, rejected in ((step, True), (-step, False)):
        moved = table.assign(crimes=table["crimes"] - (getattr(answer, end) + beyond) * after(table))
        assert (method(panel(moved)).p_value <= 0.05) == rejected


def swapped(table: pd.DataFrame) -> pd.DataFrame:
    """Treated and comparison exchanged, with the same start."""
    return table.assign(start=np.where(table["start"].isna(), 7.0, np.nan))


@pytest.mark.parametrize("inference", ["cluster", "permutation"])
def test_swapping_arms_negates_or_inverts_with_one_start_and_no_gaps(inference: str) -> None:
    """It is then a difference of two mean changes (or a ratio of two ratios), and nothing else."""
    table = rows(treated=4, others=6)
    method = partial(did.att, inference=inference)
    ratio, turned = method(panel(table)), method(panel(swapped(table)))
    assert turned.value == pytest.approx(1 / ratio.value, rel=1e-9)
    assert turned.p_value == pytest.approx(ratio.p_value, rel=1e-9)
    linear = method(panel(table), scale="difference")
    back = method(panel(swapped(table)), scale="difference")
    assert back.value == pytest.approx(-linear.value, rel=1e-9)
    assert back.p_value == pytest.approx(linear.p_value, rel=1e-9)
    if inference == "cluster":
        assert (turned.low, turned.high) == pytest.approx((1 / ratio.high, 1 / ratio.low), rel=1e-9)
        assert (back.low, back.high) == pytest.approx((-linear.high, -linear.low), rel=1e-9)


def test_swapping_arms_does_not_invert_with_gaps() -> None:
    """Each arm's effect is averaged over its own cells, and the arms have different cells."""
    table = rows(gaps=True)
    assert abs(RATIO(panel(swapped(table))).value * RATIO(panel(table)).value - 1) > 1e-4


def test_difference_is_in_the_outcomes_own_units() -> None:
    """Crimes in hundreds: value, interval and error divided by a hundred, p-value as it was."""
    table = rows(starts=(6, 8), gaps=True)
    one, other = (DIFFERENCE(panel(t)) for t in (table, table.assign(crimes=table["crimes"] / 100)))
    assert [100 * x for x in numbers(other)[:4]] == pytest.approx(numbers(one)[:4], rel=1e-9)
    assert other.p_value == pytest.approx(one.p_value, rel=1e-9)


def test_copies_of_every_unit_in_one_cluster_change_nothing() -> None:
    """Each cluster counts twice in every sum, delete-one sums included, and there are as many clusters."""
    table = rows(starts=(6, 8)).assign(place=lambda t: t["area"])
    double = pd.concat([table, table.assign(area=table["area"] + " again")])
    for method in (RATIO, DIFFERENCE):
        same(method(panel(table)), method(panel(double, cluster="place")))


def test_the_interval_of_a_ratio_is_symmetric_on_the_log() -> None:
    answer = RATIO(panel(rows(starts=(6, 8), gaps=True)))
    assert math.log(answer.high / answer.value) == pytest.approx(
        math.log(answer.value / answer.low), rel=1e-9
    )

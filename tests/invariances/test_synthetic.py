"""What must not move a synthetic control, and what must move it by a known amount."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import pytest

from toolkit import synthetic

from .panels import after, numbers, panel, rows

CONTROL, DID = (partial(synthetic.att, kind=f"synthetic_{kind}") for kind in ("control", "did"))
METHODS = {
    "control": CONTROL,
    "control on the path": partial(CONTROL, match="path"),
    "did": DID,
    "control, ratio": partial(CONTROL, scale="ratio"),
    "control on the level, ratio": partial(CONTROL, scale="ratio", match="level"),
    "did, ratio": partial(DID, scale="ratio"),
    "did, placebo error": partial(DID, inference="placebo_error"),
}
SHAPES = {
    "one treated": {"treated": 1, "others": 22},
    "three treated, random sets": {"treated": 3, "others": 20},
    "two starts": {"treated": 2, "others": 12, "starts": (6, 8)},
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", METHODS)
def test_row_order_and_names(name: str, shape: str) -> None:
    method, table = partial(METHODS[name], draws=99), rows(**SHAPES[shape])
    areas = table["area"].unique()
    new = dict(zip(areas, np.random.default_rng(2).permutation(len(areas)), strict=True))
    other = table.assign(area=table["area"].map(new)).sample(frac=1, random_state=1)
    one, two = method(panel(table)), method(panel(other))
    assert numbers(two) == pytest.approx(numbers(one), rel=1e-6, nan_ok=True)


def test_the_same_seed_gives_the_same_bits_and_another_does_not() -> None:
    one = panel(rows(treated=3, others=20))
    assert numbers(CONTROL(one, draws=99))[:3] == numbers(CONTROL(one, draws=99, seed=0))[:3]
    assert CONTROL(one, draws=99, seed=1).high != CONTROL(one, draws=99).high


@pytest.mark.parametrize("name", METHODS)
def test_the_callers_table_is_unchanged(name: str) -> None:
    table = rows(treated=1, others=12)
    one, kept = panel(table), table.copy(deep=True)
    frame = one.frame.copy(deep=True)
    METHODS[name](one)
    pd.testing.assert_frame_equal(table, kept)
    pd.testing.assert_frame_equal(one.frame, frame)


@pytest.mark.parametrize("name", ["control", "control on the path", "did"])
def test_differences_shift_with_the_treated(name: str) -> None:
    """Weights come from the time before, and placebos from the others: c more after is c more everywhere."""
    table = rows(treated=1, others=22)
    moved = table.assign(crimes=table["crimes"] + np.where(after(table), 5.0, 0.0))
    one, two = (METHODS[name](panel(t)) for t in (table, moved))
    assert (two.value, two.low, two.high) == pytest.approx(
        (one.value + 5, one.low + 5, one.high + 5), rel=1e-7
    )


@pytest.mark.parametrize("name", ["control, ratio", "control on the level, ratio", "did, ratio"])
def test_ratios_multiply_with_the_treated(name: str) -> None:
    table = rows(treated=1, others=22)
    moved = table.assign(crimes=table["crimes"] * np.where(after(table), 3, 1))
    one, two = (METHODS[name](panel(t)) for t in (table, moved))
    assert two.value == pytest.approx(3 * one.value, rel=1e-9)


@pytest.mark.parametrize("name", ["control on the path", "did", "did, placebo error"])
def test_a_constant_for_each_unit_leaves_differences_of_paths(name: str) -> None:
    table = rows(treated=1, others=22)
    constant = table["area"].map({a: 10.0 * i for i, a in enumerate(table["area"].unique())})
    one, two = (METHODS[name](panel(t)) for t in (table, table.assign(crimes=table["crimes"] + constant)))
    assert numbers(two) == pytest.approx(numbers(one), rel=1e-6, nan_ok=True)


@pytest.mark.parametrize("name", ["control", "control on the path", "did"])
def test_a_line_in_time_common_to_all_leaves_differences(name: str) -> None:
    """It adds one number to every step from period to period, which moves no standard deviation of steps."""
    table = rows(treated=1, others=22)
    one, two = (
        METHODS[name](panel(t)) for t in (table, table.assign(crimes=table["crimes"] + 3 * table["month"]))
    )
    assert numbers(two) == pytest.approx(numbers(one), rel=1e-6, nan_ok=True)


@pytest.mark.parametrize("name", ["control", "control on the path"])
def test_any_path_common_to_all_leaves_a_control(name: str) -> None:
    table = rows(treated=1, others=22)
    shock = table["month"].map(dict(enumerate(np.random.default_rng(3).normal(0, 40, 13))))
    one, two = (METHODS[name](panel(t)) for t in (table, table.assign(crimes=table["crimes"] + shock)))
    assert numbers(two) == pytest.approx(numbers(one), rel=1e-6, nan_ok=True)


@pytest.mark.parametrize("name", METHODS)
def test_the_unit_of_measurement(name: str) -> None:
    table = rows(treated=1, others=22)
    one, two = (METHODS[name](panel(t)) for t in (table, table.assign(crimes=7 * table["crimes"])))
    factor = 1.0 if "ratio" in name else 7.0
    assert (two.value, two.low, two.high) == pytest.approx(
        (factor * one.value, factor * one.low, factor * one.high), rel=1e-6
    )
    assert two.p_value == pytest.approx(one.p_value, rel=1e-6)


@pytest.mark.parametrize("name", ["control, ratio", "did, ratio"])
def test_a_unit_of_another_size_leaves_a_ratio_of_paths(name: str) -> None:
    """Twice the counts of one comparison unit are the same multiples of its level; its own placebo weighs more."""
    table = rows(treated=1, others=22)
    twice = table.assign(crimes=table["crimes"] * np.where(table["area"] == "area 05", 2, 1))
    assert METHODS[name](panel(twice)).value == pytest.approx(METHODS[name](panel(table)).value, rel=1e-9)


@pytest.mark.parametrize("name", ["control, ratio", "control on the level, ratio", "did, ratio"])
def test_what_a_rate_is_per_does_not_matter(name: str) -> None:
    table = rows(treated=2, others=22)
    thousands = table.assign(people=table["people"] / 1000)
    one, two = (METHODS[name](panel(t, exposure="people")) for t in (table, thousands))
    assert numbers(two) == pytest.approx(numbers(one), rel=1e-6, nan_ok=True)


@pytest.mark.parametrize("name", ["control", "control on the path", "did"])
def test_a_null_at_the_end_of_the_interval(name: str) -> None:
    """No change moved to just inside an end is not rejected at this level, and just outside it is."""
    table = rows(treated=1, others=22)
    one = METHODS[name](panel(table))
    for end, out in ((one.low, -1e-6), (one.high, 1e-6)):
        for aside, rejected in ((out, True), (-out, False)):
            moved = table.assign(crimes=table["crimes"] - np.where(after(table), end + aside, 0.0))
            assert (METHODS[name](panel(moved)).p_value <= 0.05) is rejected


def test_a_lead_of_time_before_in_which_all_are_alike_changes_no_weight() -> None:
    """Six more periods in which everybody is at the same level add nothing to any distance."""
    table = rows(treated=1, others=12)
    flat = table[table["month"] <= 6].assign(crimes=20.0)
    longer = pd.concat([flat.assign(month=flat["month"] - 6), table])
    one, two = (synthetic.weights(panel(t)) for t in (table, longer))
    pd.testing.assert_frame_equal(one, two, rtol=1e-6)

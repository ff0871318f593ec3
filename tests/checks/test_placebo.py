"""Placebos in time: the method on the time before treatment, moved back."""

from functools import partial

import numpy as np
import pytest
from made_wards import many, panel

from toolkit import DesignError, did, placebo
from toolkit.estimate import Estimate

METHOD = partial(did.att, inference="cluster")


def test_it_is_the_method_on_a_table_that_ends_before_treatment() -> None:
    table = many(8, 8, start=5)
    answer = placebo.in_time(panel(table), METHOD, shifts=[2])
    early = table[table["month"] < 5].assign(began=lambda t: t["began"] - 2)
    told = METHOD(panel(early))
    for name in ("value", "low", "high", "std_error", "p_value"):
        assert answer.loc[0, name] == pytest.approx(getattr(told, name), rel=1e-12)


def test_one_row_a_shift_with_the_columns_of_an_estimate() -> None:
    answer = placebo.in_time(panel(many(8, 8, start=5)), METHOD, shifts=iter([1, 2, 3]))
    assert list(answer["shift"]) == [1, 2, 3]
    assert isinstance(METHOD(panel(many(8, 8))), Estimate)
    assert list(answer.columns[1:]) == list(METHOD(panel(many(8, 8))).to_frame().columns)


def test_what_happens_after_treatment_does_not_matter() -> None:
    table = many(8, 8, start=5)
    other = table.assign(asb=np.where(table["month"] >= 5, 99.0, table["asb"]))
    one, two = (placebo.in_time(panel(t), METHOD, shifts=[1, 2]) for t in (table, other))
    assert one.equals(two)


def test_a_planted_change_before_treatment_is_found() -> None:
    """The treated double two months early: a placebo two months back sees exactly that."""
    table = many(8, 8, start=5)
    clean = placebo.in_time(panel(table), METHOD, shifts=[2])["value"][0]
    early = table["began"].notna() & table["month"].isin([3, 4])
    moved = table.assign(asb=table["asb"] * np.where(early, 2, 1))
    assert placebo.in_time(panel(moved), METHOD, shifts=[2])["value"][0] == pytest.approx(2 * clean, rel=1e-9)


def test_what_it_refuses() -> None:
    one = panel(many(8, 8, start=5))
    with pytest.raises(DesignError, match="With treatment moved 4 periods earlier"):
        placebo.in_time(one, METHOD, shifts=[2, 4])
    with pytest.raises(DesignError, match="shifts= is empty"):
        placebo.in_time(one, METHOD, shifts=[])
    with pytest.raises(
        DesignError, match="The method must give an Estimate, such as did.att does, and it gave a Panel"
    ):
        placebo.in_time(one, lambda given: given, shifts=[2])
    with pytest.raises(DesignError, match="each shift=0"):
        placebo.in_time(one, METHOD, shifts=[0])

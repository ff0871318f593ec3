"""Which periods are left out: a tuple is a span, a list holds periods and spans."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pytest

from toolkit import DesignError
from toolkit.methods.interrupted.spans import left_out, runs

LIKE = pd.period_range("2020-01", periods=24, freq="M")
JANUARY = LIKE[0].ordinal


@pytest.mark.parametrize(
    ("exclude", "places"),
    [
        ((), []),
        ([], []),
        ("2020-03", [2]),
        (pd.Period("2020-03", "M"), [2]),
        (datetime.date(2020, 3, 17), [2]),
        (("2020-03", "2020-05"), [2, 3, 4]),
        (["2020-03", "2020-05"], [2, 4]),
        ([("2020-03", "2020-05")], [2, 3, 4]),
        ((("2020-03", "2020-05"), ("2020-05", "2020-06")), [2, 3, 4, 5]),
        ([("2020-03", "2020-04"), "2020-08"], [2, 3, 7]),
    ],
)
def test_forms(exclude: object, places: list[int]) -> None:
    assert (left_out(exclude, LIKE) - JANUARY).tolist() == places


@pytest.mark.parametrize(
    ("exclude", "message"),
    [
        (("2020-03", "2020-05", "2020-07"), r"^exclude holds a group of 3 periods, and a span has two ends"),
        (("2020-05", "2020-03"), r"^exclude runs backwards, from 2020-05 to 2020-03"),
        (["lockdown"], r"^exclude is 'lockdown', not a period"),
        (None, r"^exclude holds None, which is no period"),
        ("2022-01", r"^exclude holds 2022-01, which is outside the series: it runs from 2020-01 to 2021-12"),
        ((["2019-12"]), r"^exclude holds 2019-12, which is outside"),
        ([("2022-03", "2022-05")], r"^exclude holds 2022-03 to 2022-05, which is outside"),
        ([3], r"^exclude holds 3, but the periods are dates such as 2020-01"),
    ],
)
def test_what_is_no_span(exclude: object, message: str) -> None:
    with pytest.raises(DesignError, match=message):
        left_out(exclude, LIKE)


def test_a_span_may_reach_beyond_the_series() -> None:
    assert (left_out(("2019-11", "2020-02"), LIKE) - JANUARY).tolist() == [0, 1]
    assert len(left_out([(-(10**12), 10**12)], pd.RangeIndex(24))) == 24


def test_runs_of_true_values() -> None:
    assert runs(np.array([True, False, True, True, False])) == [(0, 0), (2, 3)]
    assert runs(np.array([False])) == []

"""Quantiles of the absolute value of a shifted variable."""

import math

import numpy as np
import pytest
from scipy import stats

from toolkit.numerics import folded

SHIFTS = np.array([0.0, 1e-9, 0.01, 0.3, 1.0, 2.5, 7.9, 8.1, 50.0, 1e6])


@pytest.mark.parametrize("level", [0.5, 0.9, 0.95, 0.999])
def test_normal_against_the_noncentral_chi_squared(level: float) -> None:
    theirs = np.sqrt(stats.ncx2.ppf(level, 1, SHIFTS[:8] ** 2))
    assert folded.normal(SHIFTS[:8], level) == pytest.approx(theirs, rel=1e-8)


@pytest.mark.parametrize("level", [0.8, 0.95])
def test_far_out_it_is_one_sided(level: float) -> None:
    one = stats.norm.ppf(level)
    assert folded.normal(SHIFTS[-2:], level) == pytest.approx(SHIFTS[-2:] + one)


@pytest.mark.parametrize("df", [1.5, 8.0, 40.0, math.inf])
@pytest.mark.parametrize("shift", SHIFTS)
def test_student_holds_its_level(df: float, shift: float) -> None:
    c = folded.student(float(shift), 0.95, df)
    assert stats.t.cdf(c - shift, df) - stats.t.cdf(-c - shift, df) == pytest.approx(0.95, abs=1e-9)


def test_student_without_shift_is_two_sided() -> None:
    assert folded.student(0.0, 0.9, 5.0) == pytest.approx(stats.t.ppf(0.95, 5), rel=1e-12)


def test_many_degrees_of_freedom_are_normal() -> None:
    assert folded.student(0.7, 0.95, math.inf) == pytest.approx(folded.normal(np.array([0.7]), 0.95)[0])

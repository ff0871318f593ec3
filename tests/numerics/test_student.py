"""Intervals and p-values from a centre and its error."""

import math

import pytest

from toolkit.numerics import student


def test_normal_and_t_quantiles() -> None:
    """Printed tables: 1.959964 for the normal, 2.228139 for t with 10 degrees of freedom."""
    assert student.interval(0.0, 1.0, math.inf, 0.95)[1] == pytest.approx(1.959964, abs=5e-7)
    assert student.interval(1.0, 2.0, 10, 0.95) == pytest.approx(
        (1 - 2 * 2.228139, 1 + 2 * 2.228139), abs=2e-6
    )


@pytest.mark.parametrize("df", [1.5, 7.0, math.inf])
@pytest.mark.parametrize("level", [0.5, 0.9, 0.95, 0.999])
def test_an_end_of_the_interval_has_p_one_minus_level(df: float, level: float) -> None:
    low, high = student.interval(0.3, 0.2, df, level)
    assert student.two_sided(0.3 - low, 0.2, df) == pytest.approx(1 - level, abs=1e-10)
    assert student.two_sided(0.3 - high, 0.2, df) == pytest.approx(1 - level, abs=1e-10)


def test_no_error_is_no_interval() -> None:
    for error, df in ((math.nan, 5.0), (math.inf, 5.0), (1.0, 0.0)):
        assert student.interval(1.0, error, df, 0.95) == (-math.inf, math.inf)
        assert math.isnan(student.two_sided(1.0, error, df))


def test_no_spread() -> None:
    assert student.two_sided(0.0, 0.0, 5.0) == 1.0
    assert student.two_sided(0.1, 0.0, 5.0) == 0.0

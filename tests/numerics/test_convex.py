"""The search for a least value: where it is known, where rounding hides it, and where there is none."""

import numpy as np
import pytest

from toolkit.numerics.convex import least


def test_a_flat_bottom_is_found_beyond_what_the_loss_can_tell():
    # Near 3 the loss, 1 + (x - 3)^4 + 1e-3 (x - 3)^2, moves less than rounding within 1e-7; its slope still points.
    found = least(
        lambda x: 1 + float((x[0] - 3) ** 4 + 1e-3 * (x[0] - 3) ** 2),
        lambda x: 4 * (x - 3) ** 3 + 2e-3 * (x - 3),
        lambda x: np.array([[12 * (x[0] - 3) ** 2 + 2e-3]]),
        np.zeros(1),
    )
    assert found == pytest.approx([3.0], abs=1e-7)


def test_without_a_least_value_the_slope_ends_near_zero():
    found = least(
        lambda x: float(np.exp(-x[0])), lambda x: -np.exp(-x), lambda x: np.exp(-x)[:, None], np.zeros(1)
    )
    assert np.exp(-found[0]) < 1e-9


def test_where_the_slope_leads_the_way_no_slow_search_is_made():
    def searched(_: np.ndarray) -> float:
        raise AssertionError("the loss belongs to the search")

    # sum exp(x) - b x is least at log b.
    b = np.array([0.5, 2.0, 9.0])
    found = least(searched, lambda x: np.exp(x) - b, lambda x: np.diag(np.exp(x)), np.zeros(3))
    assert found == pytest.approx(np.log(b), abs=1e-11)


def test_a_slope_that_misleads_is_followed_by_a_search():
    # From 40 the tangent of tanh leads to infinity; the search for the least of log cosh does not follow it.
    found = least(
        lambda x: float(np.logaddexp(x[0], -x[0])),
        np.tanh,
        lambda x: np.array([[1 / np.cosh(x[0]) ** 2]]),
        np.array([40.0]),
    )
    assert found == pytest.approx([0.0], abs=1e-8)

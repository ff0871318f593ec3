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

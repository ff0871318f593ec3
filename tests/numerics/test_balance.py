"""Means, standardised differences and variance ratios worked by hand."""

import numpy as np
import pytest

from toolkit.numerics.balance import compare, spread_of

COLUMNS = np.array([[1, 0], [3, 1], [5, 1], [2, 0], [4, 1.0]])
TREATED = np.array([True, True, True, False, False])
BINARY = np.array([False, True])


def test_by_hand():
    # Treated 1, 3, 5: mean 3, SD 2; 0, 1, 1: mean 2/3, sqrt(2/3 x 1/3). Comparison 2, 4: mean 3, variance 2; 0, 1: 1/2.
    spread = spread_of(COLUMNS[TREATED], BINARY, np.ones(3))
    assert spread == pytest.approx([2, np.sqrt(2) / 3])
    found = compare(COLUMNS, BINARY, TREATED, np.ones(5), spread)
    assert found.treated == pytest.approx([3, 2 / 3])
    assert found.comparison == pytest.approx([3, 1 / 2])
    assert found.difference == pytest.approx([0, (1 / 6) / (np.sqrt(2) / 3)])
    assert found.variance_ratio[0] == pytest.approx(4 / 2)
    assert np.isnan(found.variance_ratio[1])


def test_weights_count():
    # Comparison 2 with weight 3 and 4 with weight 1: mean 2.5; 3 (0.5)^2 + 1.5^2 = 3 over 4 - 10/4 = 1.5 is 2.
    weight = np.array([1, 1, 1, 3, 1.0])
    found = compare(COLUMNS, BINARY, TREATED, weight, np.array([2, 1.0]))
    assert found.comparison == pytest.approx([2.5, 0.25])
    assert found.difference[0] == pytest.approx(0.25)
    assert found.variance_ratio[0] == pytest.approx(4 / 2)

"""Entropy weights: closed forms, exact means, what cannot be had, and effective sizes."""

import numpy as np
import pytest
from scipy.optimize import linprog

from toolkit.numerics.balancing import effective_size, entropy_weights


def test_a_closed_form():
    # Weights are q^x: for x = 2, 1, 1, 0 the mean is (2 q^2 + 2 q) / (q + 1)^2 = 2 q / (q + 1) = 1.5, so q = 3.
    made = entropy_weights(np.array([[2.0], [1.0], [1.0], [0.0]]), np.array([1.5]), np.ones(4))
    assert made == pytest.approx(np.array([9, 3, 3, 1]) / 16, abs=1e-10)


def test_base_weights_are_kept_where_means_already_agree():
    columns, base = np.array([[0.0], [1.0], [4.0]]), np.array([2.0, 1.0, 1.0])
    assert entropy_weights(columns, np.array([1.25]), base) == pytest.approx(base / 4, abs=1e-10)


@pytest.mark.parametrize("scale", [1e-4, 1.0, 1e6])
def test_means_agree_to_eight_digits(scale):
    rng = np.random.default_rng(2)
    columns, others = rng.normal(size=(400, 6)) * scale, (rng.normal(size=(300, 6)) + 0.4) * scale
    made = entropy_weights(columns, others.mean(axis=0), np.ones(400))
    assert made.sum() == pytest.approx(1, abs=1e-12)
    assert np.abs(made @ columns - others.mean(axis=0)).max() < 1e-8 * scale
    # The log weights are linear in the columns: that is what makes them the nearest to equal.
    design = np.column_stack([np.ones(400), columns / scale])
    left = np.log(made) - design @ np.linalg.lstsq(design, np.log(made), rcond=None)[0]
    assert np.abs(left).max() < 1e-8


def test_it_finds_weights_exactly_where_a_linear_programme_says_there_are():
    rng = np.random.default_rng(3)
    found = []
    for _ in range(60):
        columns, target = rng.normal(size=(30, 3)), rng.normal(size=3) * 1.2
        rows = np.vstack([columns.T, np.ones(30)])
        there = linprog(np.zeros(30), A_eq=rows, b_eq=[*target, 1]).status == 0
        assert (entropy_weights(columns, target, np.ones(30)) is not None) == there
        found.append(there)
    assert 10 < sum(found) < 50


def test_a_level_that_nobody_in_the_target_has_gets_no_weight():
    columns = np.array([[1, 2.0], [0, 1.0], [0, 3.0], [0, 4.0]])
    made = entropy_weights(columns, np.array([0, 2.5]), np.ones(4))
    assert made[0] == 0
    assert made @ columns == pytest.approx([0, 2.5], abs=1e-10)


def test_effective_sizes():
    assert effective_size(np.ones(7)) == 7
    assert effective_size(np.array([1.0, 0, 0])) == 1
    assert effective_size(np.array([9.0, 3, 3, 1])) == pytest.approx(256 / 100)

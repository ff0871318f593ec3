"""Mixtures of t distributions: quantiles against a one-component t and by undoing the probability."""

import numpy as np
import pytest
from scipy import stats

from toolkit.numerics.mixture import Mixture

TWO = Mixture(
    np.array([0.3, 0.7]), np.array([[0.0, 1.0], [2.0, 5.0]]), np.array([[1.0, 2.0], [0.5, 0.1]]), 5.0
)


@pytest.mark.parametrize("share", [0.001, 0.025, 0.5, 0.9, 0.9999])
def test_a_single_component_is_a_t_distribution(share: float) -> None:
    one = Mixture(np.ones(1), np.array([[3.0]]), np.array([[2.0]]), 7.0)
    assert one.quantile(share)[0] == pytest.approx(3 + 2 * stats.t.ppf(share, 7), rel=1e-12)
    assert (one.mean()[0], one.spread()[0]) == (3, 2)


@pytest.mark.parametrize("share", [1e-6, 0.025, 0.5, 0.975, 1 - 1e-6])
def test_quantiles_undo_probabilities(share: float) -> None:
    assert TWO.below(TWO.quantile(share)) == pytest.approx([share, share], abs=1e-12)


def test_mean_and_spread_are_those_of_the_parts() -> None:
    """Mean 0.7 x 2 = 1.4; variance 0.3 (1 + 1.4^2) + 0.7 (0.25 + 0.6^2) = 0.888 + 0.427."""
    assert TWO.mean()[0] == pytest.approx(1.4)
    assert TWO.spread()[0] ** 2 == pytest.approx(1.315)


def test_no_spread_is_a_step() -> None:
    still = Mixture(np.ones(1), np.array([[2.0]]), np.zeros((1, 1)), 9.0)
    assert still.below(np.array([1.9]))[0] == 0
    assert still.below(np.array([2.0]))[0] == 1

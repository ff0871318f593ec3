"""The studentised bootstrap: draws by hand, ends and p-values that agree, and no trace of order or sign."""

import math

import numpy as np
import pytest
from scipy import stats

from toolkit.numerics import bootstrap

SKEWED = np.random.default_rng(5).exponential(1, 15)


def draws(values: np.ndarray, seed: int = 0) -> np.ndarray:
    return bootstrap.studentised(values, np.random.default_rng(seed))


def test_the_draws_by_hand() -> None:
    """Picks from the smallest up, and the same picks from the largest down."""
    values = np.array([9.0, 1.0, 4.0, 2.0, 12.0, 9.5])
    picks = np.random.default_rng(0).integers(0, 6, (bootstrap.DRAWS // 2, 6))
    sample = np.concatenate([np.sort(values)[picks], np.sort(values)[::-1][picks]])
    with np.errstate(divide="ignore", invalid="ignore"):
        t = (sample.mean(1) - values.mean()) / (sample.std(1, ddof=1) / math.sqrt(6))
    assert np.allclose(draws(values), np.sort(t), rtol=1e-9, atol=1e-12)


def test_normal_values_give_students_t() -> None:
    """Quantiles of t* lie near those of t with 199 degrees of freedom; their Monte Carlo error is 0.04."""
    t = draws(stats.norm.ppf((np.arange(200) + 0.5) / 200))
    assert np.quantile(t, [0.025, 0.975]) == pytest.approx([-1.97, 1.97], abs=0.12)


def test_skewed_values_shift_the_interval_to_the_tail() -> None:
    centre, error = SKEWED.mean(), SKEWED.std(ddof=1) / math.sqrt(15)
    low, high = bootstrap.interval(centre, error, draws(SKEWED), 0.95)
    assert high - centre > centre - low


@pytest.mark.parametrize("level", [0.5, 0.8, 0.9, 0.937, 0.95, 0.99])
def test_a_null_at_an_end_has_p_of_one_less_the_level(level: float) -> None:
    centre, error, t = SKEWED.mean(), SKEWED.std(ddof=1) / math.sqrt(15), draws(SKEWED)
    for end in bootstrap.interval(centre, error, t, level):
        assert bootstrap.two_sided(centre - end, error, t) == pytest.approx(1 - level, abs=1e-9)


def test_ends_lie_at_k_in_b_plus_one() -> None:
    """With 3 draws the quarters are the draws themselves, so a 50% interval runs from the first to the third."""
    t = np.array([-2.0, 0.5, 1.0])
    assert bootstrap.interval(10.0, 2.0, t, 0.5) == (8.0, 14.0)
    assert bootstrap.interval(10.0, 2.0, t, 0.25) == (
        10 - 2 * 0.75,
        10 + 2 * 0.75,
    )  # halfway between two draws


def test_neither_order_nor_sign_leaves_a_trace() -> None:
    t = draws(SKEWED)
    assert np.array_equal(draws(SKEWED[::-1]), t)
    assert np.array_equal(draws(-SKEWED), -t[::-1])
    assert np.allclose(draws(SKEWED + 0.1), t, rtol=1e-9)


def test_draws_without_spread_have_no_bound() -> None:
    """Eight of ten alike: in one draw of nine all ten are, so both tails of 2.5% are not bounded on one side."""
    t = draws(np.array([0.0] * 8 + [1.0, 2.0]))
    assert np.mean(np.isinf(t)) == pytest.approx(0.8**10, abs=3 * math.sqrt(0.1 * 0.9 / len(t)))
    assert bootstrap.interval(0.3, 0.2, t, 0.95)[1] == math.inf


def test_far_from_zero_the_p_value_is_the_smallest_there_is() -> None:
    assert bootstrap.two_sided(100.0, 1.0, draws(SKEWED)) == pytest.approx(2 / 5001)

"""Scores of units: their sum is the imputation estimate for whatever start dates are dealt out."""

import numpy as np
import pytest

from toolkit.numerics import imputation, unit_scores
from toolkit.numerics.imputation import Cells

STARTS = np.array([3, 5])


def cells(start: np.ndarray, *, ratio: bool, seed: int = 0) -> Cells:
    draw = np.random.default_rng(seed)
    y = draw.poisson(
        draw.uniform(20, 60, (len(start), 1)) * draw.uniform(0.7, 1.3, 8), (len(start), 8)
    ).astype(float)
    return Cells(y, np.ones_like(y), np.arange(8) >= start[:, None], None, None, ratio)


def share_of(start: np.ndarray) -> np.ndarray:
    return np.array([(start == g).mean() for g in (*STARTS, np.inf)])


@pytest.mark.parametrize("seed", range(5))
def test_in_a_balanced_panel_of_differences_the_sum_is_the_estimate(seed: int) -> None:
    """One table of scores gives the imputation estimate of every assignment of the same start dates, exactly."""
    start = np.array([3, 3, 5, np.inf, np.inf, np.inf, np.inf])
    found = unit_scores.fit(cells(start, ratio=False), 0.0)
    table = unit_scores.table(found, STARTS, share_of(start))
    other = np.random.default_rng(seed).permutation(start)
    column = np.searchsorted([3, 5, np.inf], other)
    treated = (np.arange(8) >= other[:, None]).sum()
    told = imputation.effect(cells(other, ratio=False)) * treated
    assert table[np.arange(7), column].sum() == pytest.approx(told, rel=1e-10)


def test_a_tested_difference_is_taken_out_of_the_sum() -> None:
    start = np.array([3, 3, 5, np.inf, np.inf, np.inf, np.inf])
    one = cells(start, ratio=False)
    table = unit_scores.table(unit_scores.fit(one, 2.5), STARTS, share_of(start))
    column = np.searchsorted([3, 5, np.inf], start)
    told = (imputation.effect(one) - 2.5) * one.treated.sum()
    assert table[np.arange(7), column].sum() == pytest.approx(told, rel=1e-10)


@pytest.mark.parametrize("seed", range(5))
def test_of_ratios_the_sum_is_the_estimate_to_first_order(seed: int) -> None:
    """Of units of one size: what is left at the estimate is of second order, a quarter with residuals half as large.

    And from an effect that is larger by a small d, the sum falls short by d times what the treated recorded.
    """
    start = np.repeat([3, 5, np.inf], [6, 6, 28])
    draw = np.random.default_rng(seed)
    mean = 40 * draw.uniform(0.7, 1.3, 8) * np.ones((40, 1))
    residual = draw.poisson(mean) - mean

    def total(part: float, beyond: float = 0.0) -> float:
        y = mean + part * residual
        one = Cells(y, np.ones_like(y), np.arange(8) >= start[:, None], None, None, True)
        found = unit_scores.fit(one, imputation.effect(one) + beyond)
        table = unit_scores.table(found, STARTS, share_of(start))
        return table[np.arange(40), np.searchsorted([3, 5, np.inf], start)].sum() / y[one.treated].sum()

    assert total(1 / 8) / total(1 / 16) == pytest.approx(4, rel=0.02)
    assert total(1.0, 0.001) - total(1.0) == pytest.approx(-0.001, rel=0.01)


@pytest.mark.parametrize("ratio", [True, False])
def test_scores_at_no_effect_do_not_depend_on_who_was_treated(ratio: bool) -> None:
    """What exactness of the test rests on."""
    start = np.array([3, 3, 5, np.inf, np.inf, np.inf, np.inf])
    tables = [
        unit_scores.table(unit_scores.fit(cells(dealt, ratio=ratio), 0.0), STARTS, share_of(start))
        for dealt in (start, start[::-1])
    ]
    np.testing.assert_allclose(tables[0], tables[1], rtol=1e-9, atol=1e-9)

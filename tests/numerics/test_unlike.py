"""How far the arms stood apart before treatment: by hand, by cohort, at gaps, and what a lot would do."""

import numpy as np
import pytest
from scipy import stats

from toolkit.numerics import unlike

NEVER = np.inf


def found(
    y: np.ndarray, start: list[float], *, ratio: bool = False, per: np.ndarray | None = None
) -> dict[int, float]:
    """Size of the gap by what was measured: 0 the level, and the last periods of a rise."""
    per = np.ones_like(y) if per is None else per
    gaps = unlike.gaps(y, per, np.array(start), np.arange(y.shape[1], dtype=float), ratio)
    return {gap.over: gap.size for gap in gaps}


def test_level_and_rise_by_hand():
    # Means of four periods: 2, 4 treated; 1, 3 not: a gap of 1, variances 2 and 2. Rises in the last: 4, 0 and 0, 2.
    y = np.array([[1.0, 1, 1, 5, 9], [4, 4, 4, 4, 9], [1, 1, 1, 1, 9], [2.5, 2.5, 2.5, 4.5, 9]])
    gaps = found(y, [4, 4, NEVER, NEVER])
    assert gaps == {0: pytest.approx(1 / np.sqrt(2)), 1: pytest.approx(1 / np.sqrt((8 + 2) / 2))}


def test_on_the_ratio_scale_a_rise_is_in_proportion():
    # The last of four periods over the mean of the four: 5/2, 4/4 and 1/1, 4.5/3.
    y = np.array([[1.0, 1, 1, 5, 9], [4, 4, 4, 4, 9], [1, 1, 1, 1, 9], [2.5, 2.5, 2.5, 4.5, 9]])
    treated, others = np.array([2.5, 1.0]), np.array([1.0, 1.5])
    spread = np.sqrt((treated.var(ddof=1) + others.var(ddof=1)) / 2)
    assert found(y, [4, 4, NEVER, NEVER], ratio=True)[1] == pytest.approx(
        (treated.mean() - others.mean()) / spread
    )
    assert found(1000 * y, [4, 4, NEVER, NEVER], ratio=True)[1] == pytest.approx(0.5 / spread)


def test_units_with_nothing_before_have_no_rise_in_proportion():
    y = np.array([[1.0, 3, 9], [1, 1, 9], [0, 0, 9], [1, 2, 9], [1, 1, 9]])
    alone = np.delete(y, 2, axis=0)
    start = [2.0, 2.0, NEVER, NEVER, NEVER]
    assert found(y, start, ratio=True)[1] == pytest.approx(found(alone, start[:2] + start[3:], ratio=True)[1])


def test_gaps_and_exposure_make_rates():
    """Per 2 and twice as many is the same; an unobserved cell counts neither way."""
    y = np.array([[1.0, 1, 1, 5, 9], [4, 4, 4, 4, 9], [1, 1, 1, 1, 9], [2.5, 2.5, 2.5, 4.5, 9]])
    start = [4.0, 4.0, NEVER, NEVER]
    per = np.ones_like(y)
    double, twice = y.copy(), per.copy()
    double[1], twice[1] = 2 * y[1], 2.0
    double[2, 1], twice[2, 1] = 0.0, 0.0
    assert found(double, start, per=twice) == {k: pytest.approx(v) for k, v in found(y, start).items()}


def test_a_long_baseline_is_searched_for_a_spell_of_three_and_for_its_last_quarter():
    y = np.random.default_rng(0).poisson(20, (12, 44)).astype(float)
    assert set(found(y, [36.0] * 4 + [NEVER] * 8)) == {0, 3, 9}
    assert set(found(y, [12.0] * 4 + [NEVER] * 8)) == {0, 3}
    assert set(found(y, [5.0] * 4 + [NEVER] * 8)) == {0, 1}
    assert set(found(y, [1.0] * 4 + [NEVER] * 8)) == {0}
    assert found(y, [0.0] * 4 + [NEVER] * 8) == {}
    assert found(y, [NEVER] * 12) == {}


def test_each_start_is_measured_before_itself_and_against_all_untreated_by_then():
    """Two cohorts, each with a spike just before its own start: the mean of the two gaps, by cohort size."""
    rng = np.random.default_rng(1)
    y = rng.poisson(50, (15, 30)).astype(float)
    start = np.array([12.0] * 2 + [24.0] * 4 + [NEVER] * 9)
    y[:2, 9:12] += 40
    y[2:6, 21:24] += 40
    early, late = np.where(start == 12, 12.0, NEVER), start[2:].copy()
    first = unlike.gaps(y, np.ones_like(y), early, np.arange(30.0), True)[1]
    second = unlike.gaps(y[2:], np.ones_like(y[2:]), late, np.arange(30.0), True)
    both = unlike.gaps(y, np.ones_like(y), start, np.arange(30.0), True)[1]
    # The second cohort by itself has a baseline of 24, so a quarter of 6 as well; its spell of three is the second.
    assert both.size == pytest.approx((2 * first.size + 4 * second[1].size) / 6)
    assert both.beyond_chance
    assert both.chance == pytest.approx(stats.norm.isf(0.05 / 4) * np.sqrt(1 / 6 + 1 / 9))


def test_a_lot_rarely_goes_beyond_chance():
    rng = np.random.default_rng(2)
    beyond = 0
    for _ in range(400):
        y = rng.poisson(rng.gamma(4, 5, (40, 1)), (40, 24)).astype(float)
        start = np.where(rng.permutation(40) < 8, 12.0, NEVER)
        beyond += any(
            gap.beyond_chance for gap in unlike.gaps(y, np.ones_like(y), start, np.arange(24.0), True)
        )
    assert (
        0.02 < beyond / 400 < 0.09
    )  # 5% for both measures together, give or take three errors and a small sample

"""Rows of estimates judged: Student's intervals, a band no narrower, and rows that have no error."""

import numpy as np
import pytest
from scipy import stats

from toolkit.numerics.judging import Judge, Rows
from toolkit.numerics.strata import Strata

START = np.repeat([3.0, 5.0, np.inf], [4, 4, 6])
BOTH = np.array([[True, False], [False, True], [False, False]])


def judged(inference: str = "cluster", level: float = 0.95, **more: np.ndarray) -> Rows:
    gaps = more.get("gaps", np.random.default_rng(0).normal(size=(14, 2)))
    judge = Judge(Strata.of(START, np.arange(14)), inference, level, 999, 0)
    return judge.rows(np.array([1.0, -2.0]), gaps, np.ones((14, 2), dtype=bool), more.get("cohorts", BOTH))


@pytest.mark.parametrize("inference", ["cluster", "analytic", "multiplier"])
@pytest.mark.parametrize("level", [0.9, 0.95])
def test_intervals_are_students(inference: str, level: float) -> None:
    rows = judged(inference, level)
    reach = stats.t.ppf(0.5 + level / 2, rows.df) * rows.std_error
    np.testing.assert_allclose(rows.low, rows.points - reach, rtol=1e-10)
    np.testing.assert_allclose(rows.high, rows.points + reach, rtol=1e-10)
    np.testing.assert_allclose(
        rows.p_value, 2 * stats.t.sf(np.abs(rows.points / rows.std_error), rows.df), rtol=1e-9
    )
    assert (rows.band_low < rows.low).all() and (rows.band_high > rows.high).all()


def test_the_jackknife_shrinks_gaps_and_the_influence_is_taken_as_it_is() -> None:
    gaps = np.random.default_rng(0).normal(size=(14, 2))
    np.testing.assert_allclose(judged("analytic").covariance, gaps.T @ gaps)
    scaled = gaps * np.sqrt(np.repeat([3 / 4, 3 / 4, 5 / 6], [4, 4, 6]))[:, None]
    np.testing.assert_allclose(judged("cluster").covariance, scaled.T @ scaled)


def test_what_is_no_effect_by_construction_has_no_error() -> None:
    none = np.zeros((3, 2), dtype=bool)
    rows = judged(cohorts=np.where([[True, False]], BOTH, none))
    assert rows.std_error[1] == 0 and rows.low[1] == rows.high[1] == rows.band_low[1] == rows.points[1]


def test_a_row_without_an_error_has_no_bounds_and_leaves_the_band_of_the_others_alone() -> None:
    gaps = np.random.default_rng(0).normal(size=(14, 2))
    alone = judged(gaps=np.where([[True, False]], gaps, np.nan))
    assert np.isnan(alone.std_error[1]) and alone.low[1] == -np.inf and alone.band_high[1] == np.inf
    assert np.isnan(alone.p_value[1]) and np.isnan(alone.covariance[1, 1])
    assert alone.band_low[0] == pytest.approx(alone.low[0], rel=0.01)  # a band of one


def test_bands_come_from_the_seed() -> None:
    one, other = judged(), judged()
    np.testing.assert_array_equal(one.band_low, other.band_low)

"""Variances by cohort: Welch's formula for one cohort, strata for several, and what one cluster cannot say."""

import numpy as np
import pytest
from scipy import stats

from toolkit.numerics.strata import Strata

INF = np.inf


def deviations(change: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Jackknife gaps of the mean change of the first cohort less that of the never treated."""
    own, other = start == start.min(), np.isinf(start)
    whole = change[own].mean() - change[other].mean()
    gaps = np.zeros(len(change))
    for i in np.flatnonzero(own | other):
        left = np.arange(len(change)) != i
        gaps[i] = change[own & left].mean() - change[other & left].mean() - whole
    return gaps


def errors(
    strata: Strata, scaled: np.ndarray, part: np.ndarray, cohorts: np.ndarray, **more: bool
) -> list[float]:
    """Error and degrees of freedom of one estimate."""
    told = strata.errors(scaled[:, None], part[:, None], cohorts[:, None], **more)
    return [float(number[0]) for number in told]


@pytest.mark.parametrize(("n", "m"), [(4, 6), (5, 5), (8, 30)])
def test_one_cohort_is_welchs_t_test(n: int, m: int) -> None:
    draw = np.random.default_rng(n)
    start = np.repeat([3.0, 5.0, INF], [n, 4, m])
    change = draw.normal(size=len(start)) * np.where(start == 3, 2.0, 1.0)
    strata = Strata.of(start, np.arange(len(start)))
    part = start != 5
    scaled = strata.scaled(deviations(change, start)[:, None], part[:, None])[:, 0]
    error, df = errors(strata, scaled, part, strata.starts == 3)
    told = stats.ttest_ind(change[start == 3], change[np.isinf(start)], equal_var=False)
    difference = change[start == 3].mean() - change[np.isinf(start)].mean()
    assert difference / error == pytest.approx(told.statistic, rel=1e-10)
    assert df == pytest.approx(told.df, rel=1e-10)


def test_two_clusters_that_lie_close_do_not_borrow_the_degrees_of_the_others() -> None:
    """Two that moved alike and twenty that scatter: they count as a quarter of that scatter."""
    start = np.repeat([3.0, INF], [2, 20])
    change = np.concatenate([[1.0, 1.0], np.tile([-1.0, 1.0], 10)])
    strata = Strata.of(start, np.arange(22))
    part = start != 5
    scaled = strata.scaled(deviations(change, start)[:, None], part[:, None])[:, 0]
    error, df = errors(strata, scaled, part, strata.starts == 3)
    other = change[2:].var(ddof=1) / 20
    assert error == pytest.approx(np.sqrt(other), rel=1e-10)
    least = 0.25 * other * 20 / 2
    assert df == pytest.approx((other + least) ** 2 / (least**2 / 1 + other**2 / 19), rel=1e-10)


def test_several_cohorts_are_several_strata() -> None:
    start = np.repeat([3.0, 5.0, INF], [4, 5, 6])
    strata = Strata.of(start, np.arange(15))
    gaps = np.random.default_rng(0).normal(size=(15, 1))
    part = np.ones((15, 1), dtype=bool)
    scaled = strata.scaled(gaps, part)
    for cohort, n in ((3.0, 4), (5.0, 5), (INF, 6)):
        inside = start == cohort
        assert (scaled[inside] ** 2).sum() == pytest.approx((n - 1) / n * (gaps[inside] ** 2).sum())
    variances = [(scaled[start == cohort] ** 2).sum() for cohort in (3.0, 5.0, INF)]
    error, df = errors(strata, scaled[:, 0], part[:, 0], np.array([True, True, False]))
    assert error**2 == pytest.approx(sum(variances))
    assert df == pytest.approx(
        sum(variances) ** 2 / sum(v**2 / n for v, n in zip(variances, (3, 4, 5), strict=True))
    )


def test_only_clusters_that_take_part_count() -> None:
    """A cluster that happens to lie on the mean moves nothing, but takes part."""
    start = np.repeat([3.0, INF], [4, 6])
    strata = Strata.of(start, np.arange(10))
    gaps = np.ones((10, 1))
    gaps[:2] = 0.0
    part = np.arange(10)[:, None] > 0
    np.testing.assert_allclose(strata.scaled(gaps, part)[:4, 0] ** 2, [0, 0, 2 / 3, 2 / 3])
    split, behind = strata.parts(strata.scaled(gaps, part), part)
    assert [n for n, _ in split] == [4, 6] and [list(b) for b in behind] == [[3], [6]]


def test_where_a_cohort_is_one_cluster_the_treated_are_one_stratum() -> None:
    start = np.array([3.0, 4.0, 4.0, 4.0, INF, INF, INF])
    assert len(set(Strata.of(start, np.arange(7)).stratum)) == 2
    assert len(set(Strata.of(start[1:], np.arange(6)).stratum)) == 2
    assert len(set(Strata.of(np.repeat([3.0, 4.0, INF], 2), np.arange(6)).stratum)) == 3


def test_a_cluster_of_several_cohorts_is_in_all_of_them() -> None:
    start, cluster = np.array([3.0, INF, 3.0, 4.0, INF, INF, 4.0, 3.0]), np.array([0, 0, 1, 1, 2, 3, 4, 5])
    strata = Strata.of(start, cluster)
    assert strata.holds[0].tolist() == [True, False, True] and strata.holds[1].tolist() == [True, True, False]
    own = strata.own(np.array([[True], [False], [False]]))
    assert own[:, 0].tolist() == [True, True, False, False, False, True]


def test_a_single_cluster_has_no_error_but_may_be_given_that_of_the_others() -> None:
    start = np.array([3.0, INF, INF, INF])
    strata = Strata.of(start, np.arange(4))
    scaled, cohorts = np.array([0.5, 0.1, -0.2, 0.1]), np.array([True, False])
    part = np.ones(4, dtype=bool)
    assert np.isnan(errors(strata, scaled, part, cohorts)[0])
    assert errors(strata, scaled, part, cohorts, alone=True)[0] == pytest.approx(np.sqrt((scaled**2).sum()))


def test_where_nothing_moves_there_is_no_error() -> None:
    strata = Strata.of(np.array([3.0, 3.0, INF, INF]), np.arange(4))
    error, df = errors(strata, np.zeros(4), np.ones(4, dtype=bool), np.array([True, False]))
    assert error == 0 and df == 2

"""Two Poisson counts: by enumeration, by hand, and at their limits."""

import math

import numpy as np
import pytest
from scipy import stats

from toolkit.numerics import poisson

CASES = [(7, 12, 1.0), (3, 9, 0.5), (15, 4, 2.0), (1, 6, 1.0)]


def e_test_by_hand(after: int, before: int, times: float, ratio: float) -> float:
    """Krishnamoorthy and Thomson's double sum with the pooled variance; outcomes that tie are counted."""
    rate = (after + before) / (1 + ratio * times)
    x, y = np.arange(120)[:, None], np.arange(120)[None, :]

    def z(x, y):
        pooled = (x + y) / (1 + ratio * times)
        spread = np.sqrt(np.where(pooled > 0, pooled, 1) * (ratio / times + ratio**2))
        return np.where(x + y > 0, np.abs(x / times - ratio * y) / spread, -1.0)

    larger = z(x, y) >= z(np.array(after), np.array(before)) * (1 - 1e-9)
    chance = stats.poisson.pmf(x, ratio * times * rate) * stats.poisson.pmf(y, rate)
    return float((chance * larger).sum())


@pytest.mark.parametrize(("after", "before", "times"), CASES)
@pytest.mark.parametrize("ratio", [0.5, 1.0, 3.0])
def test_the_e_test_is_the_double_sum(after: int, before: int, times: float, ratio: float) -> None:
    ours = poisson.e_p(after, before, times, ratio)
    assert ours == pytest.approx(e_test_by_hand(after, before, times, ratio), rel=1e-10)


@pytest.mark.parametrize(("after", "before", "times"), CASES)
def test_the_ends_of_the_mid_p_interval_have_that_p_value(after: int, before: int, times: float) -> None:
    for end in poisson.mid_interval(after, before, times, 0.9):
        assert poisson.mid_p(after, before, end * times) == pytest.approx(0.1, rel=1e-9)


@pytest.mark.parametrize(("after", "before", "times"), CASES)
def test_the_e_test_rejects_beyond_its_interval_and_not_at_its_ends(
    after: int, before: int, times: float
) -> None:
    low, high = poisson.e_interval(after, before, times, 0.95)
    assert min(poisson.e_p(after, before, times, end) for end in (low * 1.0001, high / 1.0001)) > 0.05
    beyond = [low / step for step in (1.0001, 1.02, 1.1, 2, 9)] + [
        high * step for step in (1.0001, 1.02, 1.1, 2, 9)
    ]
    assert max(poisson.e_p(after, before, times, ratio) for ratio in beyond) <= 0.05


def test_nothing_on_one_side_by_hand() -> None:
    """All of n before: no split is less likely than (1 - q)^n, which is 0.025 at the exact end and 0.05 at mid-p's."""
    assert poisson.exact_interval(0, 5, 2.0, 0.95) == pytest.approx(
        (0, (0.025 ** (-1 / 5) - 1) / 2), rel=1e-10
    )
    assert poisson.mid_interval(0, 5, 2.0, 0.95) == pytest.approx((0, (0.05 ** (-1 / 5) - 1) / 2), rel=1e-10)
    for interval in (poisson.exact_interval, poisson.mid_interval, poisson.e_interval):
        low, high = interval(5, 0, 0.5, 0.95)
        assert (low, high) == pytest.approx((1 / interval(0, 5, 2.0, 0.95)[1], math.inf), rel=1e-9)


@pytest.mark.parametrize("level", [0.5, 0.8, 0.95, 0.999])
@pytest.mark.parametrize("interval", [poisson.exact_interval, poisson.mid_interval, poisson.e_interval])
def test_levels_from_low_to_high(interval, level: float) -> None:
    """Nested, with the ratio seen inside, however few the incidents."""
    for after, before in ((3, 4), (30, 44), (0, 2), (1, 1)):
        low, high = interval(after, before, 1.0, level)
        assert low <= after / before <= high
        wider = interval(after, before, 1.0, (1 + level) / 2)
        assert wider[0] <= low and high <= wider[1]


def test_many_incidents_are_normal() -> None:
    """With 100,000 a side all three agree with the log ratio's normal interval to half an incident on each side."""
    error = math.sqrt(1 / 100_000 + 1 / 99_000)
    ends = [math.log(0.99) - 1.959964 * error, math.log(0.99) + 1.959964 * error]
    for interval in (poisson.exact_interval, poisson.mid_interval, poisson.e_interval):
        found = [math.log(end) for end in interval(99_000, 100_000, 1.0, 0.95)]
        assert found == pytest.approx(ends, abs=0.5 / 99_000 + 0.5 / 100_000 + 2e-7)


def coverage(interval, mean_before: float, mean_after: float, times: float) -> float:
    """The chance that the interval holds the true ratio, over all pairs of counts."""
    x, y = (np.arange(stats.poisson.ppf(1 - 1e-7, mean) + 1, dtype=int) for mean in (mean_after, mean_before))
    truth, held = mean_after / mean_before / times, np.zeros((len(x), len(y)))
    for i in x:
        for j in y[int(i == 0) :]:
            low, high = interval(int(i), int(j), times, 0.95)
            held[i, j] = low <= truth <= high
    held[0, 0] = 1  # no incidents, no answer, nothing said that is wrong
    return float(stats.poisson.pmf(x, mean_after) @ held @ stats.poisson.pmf(y, mean_before))


GRID = [
    (mean, mean * ratio * times, times)
    for mean in (2.0, 4.5, 8.0)
    for ratio in (0.5, 1.0)
    for times in (1.0, 0.5)
]


def test_coverage_by_enumeration_of_the_exact_interval() -> None:
    """Never below what it says, whatever the rates."""
    assert min(coverage(poisson.exact_interval, *world) for world in GRID) >= 0.95


def test_coverage_by_enumeration_of_the_mid_p_interval() -> None:
    """Near what it says on average, and nowhere far below."""
    found = [coverage(poisson.mid_interval, *world) for world in GRID]
    assert 0.95 <= np.mean(found) <= 0.975 and min(found) >= 0.935


def size(p_value, mean_before: float, times: float) -> float:
    """How often a 5% test rejects a true ratio of 1, by enumeration."""
    x, y = (
        np.arange(stats.poisson.ppf(1 - 1e-9, m) + 1, dtype=int) for m in (mean_before * times, mean_before)
    )
    rejected = np.array([[i + j > 0 and p_value(int(i), int(j), times) <= 0.05 for j in y] for i in x])
    return float(stats.poisson.pmf(x, mean_before * times) @ rejected @ stats.poisson.pmf(y, mean_before))


def unpooled(after: int, before: int, times: float) -> float:
    return float(stats.poisson_means_test(after, times, before, 1).pvalue)


def test_the_pooled_variance_has_the_better_size_at_unequal_exposure() -> None:
    """Why the E-test here follows ptools and not SciPy."""
    ours = np.array([size(poisson.e_p, mean, 0.25) for mean in (4.0, 8.0, 12.0)])
    theirs = np.array([size(unpooled, mean, 0.25) for mean in (4.0, 8.0, 12.0)])
    assert np.abs(ours - 0.05).mean() < np.abs(theirs - 0.05).mean()
    assert ours.max() < 0.055

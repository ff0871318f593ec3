"""Confidence sets under relative magnitudes: linear programmes as the slow reference, and what must hold of them."""

import numpy as np
import pytest
from scipy import optimize, stats

from toolkit.numerics import honest_relative
from toolkit.numerics.honest_relative import Slopes, breakdown, interval

LEVEL = 0.95


def drawn(seed: int, before: int = 3, after: int = 2, weights: tuple[float, ...] | None = None) -> Slopes:
    """Changes of made-up event times and their covariance, of full rank and nothing alike in it."""
    rng = np.random.default_rng(seed)
    n = before + after
    root = rng.normal(size=(n, n + 3)) * np.exp(0.3 * rng.normal(size=n))[:, None]
    covariance = root @ root.T / (n + 3)
    change = rng.multivariate_normal(np.zeros(n), covariance) + 2 * rng.normal(size=n)
    effect = np.array(weights) if weights else np.eye(after)[0]
    return Slopes(change, covariance, np.cumsum(effect[::-1])[::-1])


def moments(slopes: Slopes, m: float, s: int, sign: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The moments abs(d_t) <= m D of one cone as rows on the changes, and what a null and free effects add to them."""
    before, k = slopes.before, len(slopes.weights)
    rows = np.zeros((2 * k, before + k))
    rows[:k, before:], rows[k:, before:] = np.eye(k), -np.eye(k)
    rows[:, s] -= m * sign
    # Effects are changes of theirs t = null x w / w'w + free, free across from w.
    w = slopes.weights
    free = np.linalg.svd(w[None])[2][1:].T
    along = w / (w @ w)
    return rows, np.concatenate([along, -along]), np.vstack([free, -free])


class Slow:
    """The test of one cone by linear programmes, step by step as in Rambachan and Roth (2023), section 3.1."""

    def __init__(self, slopes: Slopes, m: float, s: int, sign: int) -> None:
        self.rows, self.along, self.free = moments(slopes, m, s, sign)
        self.y = self.rows @ slopes.change
        self.sigma = self.rows @ slopes.covariance @ self.rows.T
        self.error = np.sqrt(np.diag(self.sigma))

    def dual(self, y: np.ndarray) -> tuple[float, np.ndarray]:
        """Max g'y over g >= 0 with g'free = 0 and g'error = 1."""
        equal = np.vstack([self.error, self.free.T])
        right = np.append(1.0, np.zeros(self.free.shape[1]))
        answer = optimize.linprog(-y, A_eq=equal, b_eq=right, method="highs-ds")
        return -answer.fun, answer.x

    def largest(self, null: float) -> tuple[float, np.ndarray]:
        return self.dual(self.y - self.along * null)

    def rejects(self, null: float, critical: float) -> bool:
        eta, g = self.largest(null)
        if eta > critical or eta <= 0:
            return eta > critical
        variance = g @ self.sigma @ g
        slope = self.sigma @ g / variance
        rest = self.y - self.along * null - slope * eta
        ends = [self.still_largest(eta, rest, slope, step) for step in (-1.0, 1.0)]
        low, high, x = np.array([ends[0], min(ends[1], critical), eta]) / np.sqrt(variance)
        size = (1 - LEVEL) / 10
        share = (stats.norm.cdf(high) - stats.norm.cdf(x)) / (stats.norm.cdf(high) - stats.norm.cdf(low))
        return bool(share < (1 - LEVEL - size) / (1 - size))

    def still_largest(self, eta: float, rest: np.ndarray, slope: np.ndarray, step: float) -> float:
        """How far g'y can go from eta, one way, until another vertex is better."""
        near, far = eta, eta + step * 40 * self.error.max()
        if self.dual(rest + slope * far)[0] - far < 1e-9:
            return step * np.inf
        for _ in range(40):
            middle = (near + far) / 2
            stays = self.dual(rest + slope * middle)[0] - middle < 1e-9
            near, far = (middle, far) if stays else (near, middle)
        return near


def cones(slopes: Slopes, m: float) -> honest_relative._Cones:
    return honest_relative._with_first_stage(honest_relative._cones(slopes, np.array([m])), LEVEL)


CASES = [
    (0, 3, 2, None, 1.0),
    (1, 3, 1, None, 0.5),
    (2, 2, 3, (1 / 3, 1 / 3, 1 / 3), 1.0),
    (3, 4, 3, (0.0, 0.0, 1.0), 2.0),
    (4, 2, 3, (0.5, 0.0, -0.5), 0.7),
]


@pytest.mark.parametrize(("seed", "before", "after", "weights", "m"), CASES)
def test_the_vertices_are_the_linear_programmes(seed, before, after, weights, m) -> None:
    """The largest of four moments is the solution of the programme, whatever the null."""
    slopes = drawn(seed, before, after, weights)
    made = cones(slopes, m)
    signs = [(s, sign) for s in range(before) for sign in (1, -1)]
    for null in (-3.0, 0.0, 1.3, 6.0):
        gap = np.column_stack([made.at[:, 0] - null, made.at[:, 1]])
        ours = np.einsum("qia,qa->qi", made.on, gap).max(axis=1)
        theirs = [Slow(slopes, m, s, sign).largest(null)[0] for s, sign in signs]
        assert ours == pytest.approx(theirs, abs=1e-9)


@pytest.mark.parametrize(("seed", "before", "after", "weights", "m"), CASES)
def test_the_ends_are_where_the_slow_test_turns(seed, before, after, weights, m) -> None:
    slopes = drawn(seed, before, after, weights)
    made, ends = cones(slopes, m), interval(slopes, m, LEVEL)
    slow = [Slow(slopes, m, s, sign) for s in range(before) for sign in (1, -1)]
    for end, out in zip(ends, (-1.0, 1.0), strict=True):
        for step, kept in ((-1e-4, True), (1e-4, False)):
            null = end + out * step
            votes = [not each.rejects(null, c) for each, c in zip(slow, made.critical, strict=True)]
            assert any(votes) is kept


def test_the_first_stage_has_its_size() -> None:
    """Of many draws with all moments at zero, a share of 0.005 exceeds the critical value."""
    slopes = drawn(5, 3, 3, (0.2, 0.3, 0.5))
    made, rng = cones(slopes, 1.5), np.random.default_rng(0)
    for q in range(len(made.at)):
        data = rng.multivariate_normal(np.zeros(2), made.spread[q], 200_000)
        share = ((data @ made.on[q].T).max(axis=1) > made.critical[q]).mean()
        assert share == pytest.approx(0.005, abs=4 * np.sqrt(0.005 / 200_000))


@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
def test_none_allowed_is_the_usual_interval(level: float) -> None:
    slopes = drawn(6, 4, 2, (0.5, 0.5))
    effect = slopes.weights @ slopes.change[4:]
    error = np.sqrt(slopes.weights @ slopes.covariance[4:, 4:] @ slopes.weights)
    reach = stats.norm.ppf(0.5 + level / 2) * error
    assert interval(slopes, 0.0, level) == pytest.approx((effect - reach, effect + reach), abs=1e-9)


@pytest.mark.parametrize("weights", [(1.0,), (0.5, 0.5), (0.0, 1.0)])
def test_without_noise_it_is_what_the_allowance_leaves(weights: tuple[float, ...]) -> None:
    """The effect, give or take m x the largest change x how many changes lead to each event time."""
    slopes = drawn(7, 3, len(weights), weights)
    sharp = slopes._replace(covariance=slopes.covariance * 1e-12)
    effect, most = slopes.weights @ slopes.change[3:], np.abs(slopes.change[:3]).max()
    reach = 1.5 * most * np.abs(slopes.weights).sum()
    assert interval(sharp, 1.5, LEVEL) == pytest.approx((effect - reach, effect + reach), abs=1e-4)


@pytest.mark.parametrize("seed", range(6))
def test_more_allowed_is_wider(seed: int) -> None:
    slopes = drawn(seed, 4, 3, (1 / 3, 1 / 3, 1 / 3))
    ends = np.array([interval(slopes, m, LEVEL) for m in (0, 0.25, 0.5, 1, 1.5, 2, 4)])
    assert (np.diff(ends[:, 0]) < 0).all()
    assert (np.diff(ends[:, 1]) > 0).all()


@pytest.mark.parametrize("seed", range(8))
def test_breakdown_is_where_no_change_enters(seed: int) -> None:
    slopes = drawn(seed, 3, 2)
    slopes = slopes._replace(change=slopes.change + np.array([0, 0, 0, 6.0, 0]))
    m = breakdown(slopes, LEVEL)
    if m == 0:
        low, high = interval(slopes, 0.0, LEVEL)
        assert low <= 0 <= high
        return
    low, high = interval(slopes, 0.999 * m, LEVEL)
    assert low > 0 or high < 0
    low, high = interval(slopes, 1.001 * m, LEVEL)
    assert low <= 0 <= high


def test_units_signs_and_the_order_before_do_not_matter() -> None:
    slopes = drawn(9, 4, 2, (0.5, 0.5))
    low, high = interval(slopes, 1.0, LEVEL)
    scaled = Slopes(1000 * slopes.change, 1e6 * slopes.covariance, slopes.weights)
    assert interval(scaled, 1.0, LEVEL) == pytest.approx((1000 * low, 1000 * high), rel=1e-9)
    turned = slopes._replace(change=-slopes.change)
    assert interval(turned, 1.0, LEVEL) == pytest.approx((-high, -low), abs=1e-9)
    order = [2, 0, 3, 1, 4, 5]
    mixed = Slopes(slopes.change[order], slopes.covariance[np.ix_(order, order)], slopes.weights)
    assert interval(mixed, 1.0, LEVEL) == pytest.approx((low, high), abs=1e-12)


def test_far_tails_stay_finite() -> None:
    """A change before the start that is sure beyond doubt leaves numbers, and an interval that grows with it."""
    slopes = drawn(10, 3, 2)
    sure = slopes._replace(change=np.append([60.0, -80.0, 1.0], slopes.change[3:]))
    low, high = interval(sure, 1.0, LEVEL)
    assert high - low == pytest.approx(160, rel=0.1)

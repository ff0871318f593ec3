"""Score statistics against the likelihoods they come from, tests they must agree with, and the ends of their range."""

import math

import numpy as np
import pytest
from scipy import optimize, stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.proportion import confint_proportions_2indep

from toolkit.numerics import proportions

SEPARATE = [
    ((150, 204), (366, 434)),
    ((3, 9), (30, 40)),
    ((0, 4), (30, 40)),
    ((30, 12), (30, 40)),
    ((1, 5), (400, 35)),
]
PAIRS = [(18, 19, 34, 69), (0, 5, 2, 30), (80, 40, 20, 20), (5, 0, 5, 30)]


def fitted_difference(events, people, gap):
    """The score statistic with the proportions found by maximising the likelihood under the gap."""
    (x, y), (m, n) = events, people

    def loss(q):
        p = q + gap
        parts = ((x, p), (m - x, 1 - p), (y, q), (n - y, 1 - q))
        return -sum(k * math.log(max(share, 1e-300)) for k, share in parts)

    ends = (max(0.0, -gap) + 1e-12, min(1.0, 1 - gap) - 1e-12)
    q = optimize.minimize_scalar(loss, bounds=ends, method="bounded", options={"xatol": 1e-13}).x
    p = q + gap
    return (x / m - y / n - gap) / math.sqrt(p * (1 - p) / m + q * (1 - q) / n)


def fitted_paired(cells, gap):
    """As above for pairs: the chances of the two kinds of unlike pair differ by the gap."""
    both, first, second, neither = cells
    n = sum(cells)

    def loss(q):
        parts = ((first, q + gap), (second, q), (both + neither, 1 - 2 * q - gap))
        return -sum(k * math.log(max(share, 1e-300)) for k, share in parts)

    ends = (max(0.0, -gap) + 1e-12, (1 - gap) / 2 - 1e-12)
    q = optimize.minimize_scalar(loss, bounds=ends, method="bounded", options={"xatol": 1e-13}).x
    return (first - second - n * gap) / math.sqrt(n * (2 * q + gap - gap * gap))


@pytest.mark.parametrize(("events", "people"), SEPARATE)
def test_the_ends_of_a_difference_are_where_the_likelihood_says(events, people):
    found = proportions.difference(events, people, 0.95)
    for end, z in ((found.low, 1.959964), (found.high, -1.959964)):
        assert fitted_difference(events, people, end) == pytest.approx(z, abs=2e-5)


@pytest.mark.parametrize(("events", "people"), [SEPARATE[0], SEPARATE[1], SEPARATE[4]])
def test_a_ratio_agrees_with_statsmodels(events, people):
    found = proportions.ratio(events, people, 0.9)
    theirs = confint_proportions_2indep(
        events[0],
        people[0],
        events[1],
        people[1],
        compare="ratio",
        method="score",
        correction=False,
        alpha=0.1,
    )
    assert (found.low, found.high) == pytest.approx(theirs, rel=1e-9)


@pytest.mark.parametrize("cells", PAIRS)
def test_the_ends_of_a_paired_difference_are_where_the_likelihood_says(cells):
    found = proportions.paired_difference(*cells, level=0.95)
    for end, z in ((found.low, 1.959964), (found.high, -1.959964)):
        assert fitted_paired(cells, end) == pytest.approx(z, abs=2e-5)


def fitted_paired_ratio(cells, factor):
    """The statistic of a ratio in pairs, the cells' chances found by maximising the likelihood under it."""
    both, first, second, neither = cells
    n = sum(cells)

    def chances(v):
        shares = np.exp(v) / (1 + np.exp(v).sum())
        p11, p01 = shares
        return p11, factor * (p11 + p01) - p11, p01

    def loss(v):
        p11, p10, p01 = chances(v)
        p00 = 1 - p11 - p10 - p01
        if p10 <= 0 or p00 <= 0:
            return 1e9
        return -(
            both * math.log(p11) + first * math.log(p10) + second * math.log(p01) + neither * math.log(p00)
        )

    starts = [(-2, -2), (-1, -3), (-3, -1), (-2, -4)]
    options = {"xatol": 1e-10, "fatol": 1e-12, "maxiter": 5000}
    best = min(
        (optimize.minimize(loss, s, method="Nelder-Mead", options=options) for s in starts),
        key=lambda r: r.fun,
    )
    _, p10, p01 = chances(best.x)
    return (both + first - factor * (both + second)) / math.sqrt(n * factor * (p10 + p01))


@pytest.mark.parametrize("cells", [PAIRS[0], PAIRS[2]])
def test_the_ends_of_a_paired_ratio_are_where_the_likelihood_says(cells):
    found = proportions.paired_ratio(*cells, level=0.95)
    for end, z in ((found.low, 1.959964), (found.high, -1.959964)):
        assert fitted_paired_ratio(cells, end) == pytest.approx(z, abs=2e-4)


@pytest.mark.parametrize(("events", "people"), SEPARATE)
def test_p_is_pearsons(events, people):
    table = [[x, n - x] for x, n in zip(events, people, strict=True)]
    p = stats.chi2_contingency(table, correction=False).pvalue
    assert proportions.difference(events, people, 0.95).p_value == pytest.approx(p, rel=1e-9)
    assert proportions.ratio(events, people, 0.95).p_value == pytest.approx(p, rel=1e-9)


@pytest.mark.parametrize("cells", PAIRS)
def test_paired_p_is_mcnemars(cells):
    both, first, second, neither = cells
    p = mcnemar([[both, first], [second, neither]], exact=False, correction=False).pvalue
    assert proportions.paired_difference(*cells, level=0.95).p_value == pytest.approx(p, rel=1e-9)
    assert proportions.paired_ratio(*cells, level=0.95).p_value == pytest.approx(p, rel=1e-9)


@pytest.mark.parametrize(("events", "people"), SEPARATE)
@pytest.mark.parametrize("level", [0.8, 0.95, 0.999])
def test_an_interval_leaves_out_no_difference_exactly_when_p_is_small(events, people, level):
    for found, null in (
        (proportions.difference(events, people, level), 0.0),
        (proportions.ratio(events, people, level), 1.0),
    ):
        assert (found.low <= null <= found.high) == (found.p_value >= 1 - level)


@pytest.mark.parametrize(("events", "people"), SEPARATE)
def test_swapping_the_groups_negates_or_inverts(events, people):
    one, other = (
        proportions.difference(e, n, 0.95) for e, n in ((events, people), (events[::-1], people[::-1]))
    )
    assert (one.value, one.low, one.high) == pytest.approx((-other.value, -other.high, -other.low), abs=1e-10)
    if all(events):
        one, other = (
            proportions.ratio(e, n, 0.95) for e, n in ((events, people), (events[::-1], people[::-1]))
        )
        assert (one.value, one.low, one.high) == pytest.approx(
            (1 / other.value, 1 / other.high, 1 / other.low)
        )


def test_no_events_in_one_group_leave_a_ratio_one_end():
    none = proportions.ratio((0, 4), (30, 40), 0.95)
    assert (none.value, none.low) == (0.0, 0.0) and 1 < none.high < 2
    more = proportions.ratio((4, 0), (30, 40), 0.95)
    assert (more.value, more.high) == (math.inf, math.inf) and more.low > 1


def test_no_events_at_all_say_nothing_of_a_ratio_and_something_of_a_difference():
    silent = proportions.ratio((0, 0), (30, 40), 0.95)
    assert math.isnan(silent.value) and (silent.low, silent.high, silent.p_value) == (0.0, math.inf, 1.0)
    paired = proportions.paired_ratio(0, 0, 0, 30, level=0.95)
    assert math.isnan(paired.value) and (paired.low, paired.high) == (0.0, math.inf)
    gap = proportions.difference((0, 0), (30, 40), 0.95)
    # With z^2 = 3.8415, none of n is not rejected until p = z^2 / (n + z^2): Wilson's end.
    assert (gap.low, gap.high) == pytest.approx((-3.8415 / 43.8415, 3.8415 / 33.8415), abs=1e-5)


def test_pairs_that_all_agree_bound_a_difference_by_wilson():
    found = proportions.paired_difference(10, 0, 0, 20, level=0.95)
    assert (found.value, found.high) == pytest.approx((0, 3.8415 / 33.8415), abs=1e-5)
    assert found.low == pytest.approx(-found.high)


def test_a_certain_event_against_a_certain_absence_ends_at_one():
    found = proportions.difference((20, 0), (20, 20), 0.95)
    assert (found.value, found.high) == (1.0, 1.0) and 0.7 < found.low < 1

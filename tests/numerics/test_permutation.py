"""Randomisation inference: who could have been treated, exactness, and the interval by inversion."""

import itertools
import math

import numpy as np
import pytest

from toolkit.numerics import assignments, imputation, permutation
from toolkit.numerics.imputation import Cells


def cells(seed: int, treated: tuple[int, ...], *, ratio: bool, n: int = 7, gaps: bool = False) -> Cells:
    """The same data whoever is treated, from period 3 of 5 on."""
    draw = np.random.default_rng(seed)
    y = draw.poisson(draw.uniform(5, 40, (n, 1)), (n, 5)).astype(float)
    weight = np.ones_like(y)
    if gaps:
        weight[1, 0] = weight[4, 3] = 0
    on = np.isin(np.arange(n), treated)[:, None] & (np.arange(5) >= 3)
    return Cells(y, weight, on & (weight > 0), None, None, ratio)


def score_test(one: Cells, draws: int = 500, seed: int = 0) -> permutation.ScoreTest:
    n = len(one.y)
    start = np.where(one.treated.any(1), 3.0, np.inf)
    return permutation.ScoreTest.of(one, np.arange(n), draws, np.random.default_rng(seed), start=start)


def deal(clusters: int, treated: int, draws: int) -> assignments.Assignments:
    label = np.where(np.arange(clusters) < treated, 0, assignments.NEVER)
    return assignments.deal(label, np.zeros(clusters, dtype=int), draws, np.random.default_rng(0))


def test_every_assignment_once() -> None:
    ways = deal(6, 2, 99)
    assert ways.every
    assert {tuple(way) for way in ways.chosen} == set(itertools.combinations(range(6), 2))
    assert len(ways.chosen) == math.comb(6, 2)


def test_random_draws_where_there_are_over_twenty_thousand() -> None:
    """C(17, 8) = 24,310 is too many and C(17, 5) = 6,188 is not; a draw never treats a cluster twice."""
    assert deal(17, 5, 99).every
    ways = deal(17, 8, 4000)
    assert not ways.every and ways.chosen.shape == (4000, 8)
    assert all(len(set(way)) == 8 for way in ways.chosen)
    share = np.bincount(ways.chosen.ravel(), minlength=17) / 4000
    # Each cluster is treated in 8/17 of draws; the standard error of a share is 0.0079.
    assert np.abs(share - 8 / 17).max() < 4.5 * 0.0079


@pytest.mark.parametrize("ratio", [True, False])
@pytest.mark.parametrize("gaps", [True, False])
def test_exact_over_all_assignments(ratio: bool, gaps: bool) -> None:
    """Treat every set of units in turn: the p-values are the ranks, so p <= k/35 in k of 35 cases, ties apart."""
    ways = list(itertools.combinations(range(7), 3))
    p = np.sort([score_test(cells(1, way, ratio=ratio, gaps=gaps)).p_value(0.0) for way in ways])
    rank = np.arange(1, len(ways) + 1) / len(ways)
    assert (p >= rank - 1e-12).all()
    # Without ties each rank occurs once; here counts may tie, and a tie is the larger rank.
    np.testing.assert_allclose(p, [rank[np.flatnonzero(p == value).max()] for value in p], atol=1e-12)
    assert p[0] <= 3 / len(ways)


def test_p_value_is_the_share_of_differences_in_mean_change_as_large() -> None:
    """Balanced, least squares: the plain permutation test, by brute force."""
    one = cells(5, (0, 1), ratio=False)
    change = one.y[:, 3:].mean(1) - one.y[:, :3].mean(1)
    gaps = [
        abs(change[list(way)].mean() - np.delete(change, list(way)).mean())
        for way in itertools.combinations(range(7), 2)
    ]
    own = abs(change[:2].mean() - change[2:].mean())
    plain = permutation.ScoreTest.of(one, np.arange(7), 99, np.random.default_rng(0), studentised=False)
    assert plain.p_value(0.0) == pytest.approx(np.mean(np.array(gaps) >= own - 1e-9), abs=1e-12)


@pytest.mark.parametrize("effect", [-3.0, 0.7])
def test_a_difference_is_tested_by_taking_it_out(effect: float) -> None:
    """Testing an effect of e on y is testing none on y - e x treated, when the fit is linear."""
    one = cells(2, (0, 1, 2), ratio=False, gaps=True)
    moved = Cells(one.y - effect * one.treated, one.weight, one.treated, None, None, False)
    assert score_test(one).p_value(effect) == pytest.approx(score_test(moved).p_value(0.0), abs=1e-12)


@pytest.mark.parametrize("ratio", [True, False])
def test_centre_is_the_estimate_and_has_p_one(ratio: bool) -> None:
    one = cells(3, (0, 1, 2), ratio=ratio)
    test = score_test(one)
    centre = test.centre(0.0, 1.0)
    assert centre == pytest.approx(imputation.effect(one), abs=1e-8)
    assert test.p_value(centre) == pytest.approx(1.0, abs=1e-12)


def test_random_draws_count_the_assignment_that_was_made() -> None:
    """(1 + as large) / (1 + draws): never zero."""
    one = cells(4, tuple(range(0, 30, 2)), ratio=True, n=30)
    one = Cells(one.y * np.where(one.treated, 50, 1), one.weight, one.treated, None, None, True)
    test = score_test(one, draws=199)
    assert not test.ways.every
    assert test.p_value(0.0) == pytest.approx(1 / 200, abs=1e-12)


def test_order_by_data_does_not_depend_on_names() -> None:
    one = cells(6, (0, 1), ratio=True)
    shuffle = np.array([3, 0, 6, 2, 5, 1, 4])
    first = assignments.data_order(one, np.arange(7))
    again = assignments.data_order(one.units(shuffle), np.arange(7))
    np.testing.assert_array_equal(again, first[shuffle])
    assert sorted(first) == list(range(7))


def peak(at: float):
    """A p-value that falls off exponentially on both sides: 5% is reached at distance ln 20."""
    return lambda effect: math.exp(-abs(effect - at))


@pytest.mark.parametrize("at", [0.0, 1.0, 5.0, -5.0])
def test_inversion_finds_the_ends(at: float) -> None:
    low, high = permutation.invert(peak(at), at, 0.1, 0.95)
    assert (low, high) == pytest.approx((at - math.log(20), at + math.log(20)), abs=1e-5)


def test_inversion_has_no_end_where_nothing_is_rejected() -> None:
    assert permutation.invert(lambda _: 1.0, 0.3, 0.1, 0.95) == (-math.inf, math.inf)
    low, high = permutation.invert(lambda effect: 1.0 if effect < 2 else 0.0, 0.3, 0.1, 0.95)
    assert low == -math.inf and high == pytest.approx(2, abs=1e-5)


def test_interval_and_p_value_agree_about_no_change() -> None:
    """Not monotone: no change alone is rejected, with kept values on both sides of it; and kept alone."""
    low, high = permutation.invert(lambda e: 0.01 if abs(e) < 0.1 else peak(1.0)(e), 1.0, 0.1, 0.95)
    assert 0 < low == pytest.approx(0.1, abs=1e-5)
    low, high = permutation.invert(lambda e: 0.2 if e == 0 else peak(5.0)(e), 5.0, 0.1, 0.95)
    assert low <= 0 < high


def many(seed: int, chosen: np.ndarray, *, ratio: bool = True) -> Cells:
    """Forty units of very unequal size, the same data whoever is treated; before and after."""
    draw = np.random.default_rng(seed)
    size = np.exp(draw.normal(4, 1, (40, 1)))
    y = draw.poisson(size * np.exp(0.3 * draw.standard_normal((40, 2)))).astype(float)
    treated = np.zeros((40, 2), dtype=bool)
    treated[chosen, 1] = True
    return Cells(y, np.ones_like(y), treated, None, None, ratio)


@pytest.mark.parametrize("ratio", [True, False])
@pytest.mark.parametrize(("treated", "stratified"), [(1, False), (3, True), (10, True)])
def test_thirds_of_size_where_two_hundred_assignments_remain(
    treated: int, stratified: bool, ratio: bool
) -> None:
    """3 of the largest 13 can be chosen in 286 ways and 10 of them in 286, one in 13."""
    size = many(0, np.arange(1)).y[:, 0]
    test = score_test(many(0, np.argsort(size)[-treated:], ratio=ratio))
    assert test.stratified == stratified
    if stratified:
        assert set(test.ways.chosen.ravel()) == set(test.ways.own) | set(np.flatnonzero(test.stratum == 2))


@pytest.mark.parametrize("ratio", [True, False])
@pytest.mark.parametrize("pool", ["all", "largest third", "smallest third"])
def test_holds_its_size_wherever_the_treated_are_drawn_from(pool: str, ratio: bool) -> None:
    """Counts that fall back to their mean, so that large areas fall and small ones rise with nothing done.

    Lots are dealt within thirds, and the treated were drawn from them, so that with 199 lots 10 of 200 ranks, 5%, are
    at most 0.05: three errors of 500 draws are 2.9%. The unstratified sum of scores is above 15%.
    """
    p, plain = [], []
    for seed in range(500):
        draw = np.random.default_rng(seed)
        order = np.argsort(many(seed, np.arange(1)).y[:, 0])
        inside = {"all": order, "largest third": order[-13:], "smallest third": order[:13]}[pool]
        one = many(seed, draw.permutation(inside)[:8], ratio=ratio)
        p.append(score_test(one, draws=199, seed=seed).p_value(0.0))
        if pool != "largest third":
            continue
        rough = permutation.ScoreTest.of(
            one, np.arange(40), 199, np.random.default_rng(seed), studentised=False
        )
        plain.append(rough.p_value(0.0))
    assert 0.021 < np.mean(np.array(p) <= 0.05) < 0.079
    if pool == "largest third":
        assert np.mean(np.array(plain) <= 0.05) > 0.15


def test_several_start_dates_are_exact_over_all_assignments() -> None:
    """Seven units, starts 3 and 4 and five never: 42 ways, whose p-values are the ranks."""
    draw = np.random.default_rng(3)
    y = draw.poisson(draw.uniform(5, 40, (7, 1)), (7, 6)).astype(float)
    p = []
    for early, late in itertools.permutations(range(7), 2):
        start = np.full(7, np.inf)
        start[early], start[late] = 3, 4
        one = Cells(y, np.ones_like(y), np.arange(6) >= start[:, None], None, None, True)
        test = permutation.ScoreTest.of(one, np.arange(7), 99, np.random.default_rng(0), start=start)
        assert test.ways.every and len(test.ways.chosen) == 42
        p.append(test.p_value(0.0))
    rank = np.arange(1, 43) / 42
    assert (np.sort(p) >= rank - 1e-12).all() and min(p) <= 3 / 42


def test_units_of_one_size_are_not_said_to_be_stratified() -> None:
    """Equal sizes stay together, so there is one stratum, which is none."""
    one = many(0, np.arange(10))
    level = Cells(
        np.column_stack([np.full(40, 50.0), one.y[:, 1]]), one.weight, one.treated, None, None, True
    )
    assert not score_test(level).stratified

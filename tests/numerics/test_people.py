"""Variances of a gap between two arms, against the tests they generalise and a slow form of Abadie and Imbens'."""

import numpy as np
import pytest
from scipy import stats

from toolkit.numerics import people
from toolkit.numerics.jackknife import welch_df


@pytest.fixture
def arms():
    rng = np.random.default_rng(3)
    treated = rng.random(60) < 0.4
    return rng.poisson(3.0, 60).astype(float), treated


def error(parts):
    return np.sqrt(sum(variance for _, variance in parts))


def test_rates_are_totals_over_totals(arms):
    y, treated = arms
    exposure, weight = np.arange(1.0, 61.0), np.linspace(1, 2, 60)
    first = (weight * y)[treated].sum() / (weight * exposure)[treated].sum()
    assert people.rates(y, exposure, treated, weight)[0] == pytest.approx(first)


def test_apart_is_welch(arms):
    y, treated = arms
    theirs = stats.ttest_ind(y[treated], y[~treated], equal_var=False)
    parts = people.apart(y, treated, np.full(60, 2.5))
    assert (y[treated].mean() - y[~treated].mean()) / error(parts) == pytest.approx(theirs.statistic)
    assert welch_df(parts) == pytest.approx(theirs.df)


def test_a_weight_of_two_is_not_two_people_but_scale_does_not_matter(arms):
    y, treated = arms
    weight = np.random.default_rng(1).uniform(0.5, 2, 60)
    once, scaled = (people.apart(y, treated, w) for w in (weight, 7 * weight))
    np.testing.assert_allclose(once, scaled)


def test_people_of_weight_nought_do_not_count(arms):
    y, treated = arms
    weight = np.ones(60)
    weight[:10] = 0
    kept = people.apart(y[10:], treated[10:], np.ones(50))
    np.testing.assert_allclose(people.apart(y, treated, weight), kept)


def test_one_person_has_no_spread():
    parts = people.apart(np.arange(4.0), np.array([True, False, False, False]), np.ones(4))
    assert np.isnan(parts[0][1])


def test_pairs_are_the_paired_t_test():
    rng = np.random.default_rng(4)
    first, second = rng.normal(size=25), rng.normal(size=25)
    y, treated = np.concatenate([first, second]), np.repeat([True, False], 25)
    sets = np.concatenate([np.arange(25), np.arange(25)]) * 3 + 7
    ((n, variance),) = people.in_sets(y, treated, np.ones(50), sets)
    theirs = stats.ttest_rel(first, second)
    assert n == 25 and (first - second).mean() / np.sqrt(variance) == pytest.approx(theirs.statistic)


def test_sets_of_two_comparison_people_are_pairs_of_their_mean():
    rng = np.random.default_rng(5)
    first, others = rng.normal(size=20), rng.normal(size=(20, 2))
    y = np.concatenate([first, others.ravel()])
    treated, sets = (
        np.repeat([True, False], [20, 40]),
        np.concatenate([np.arange(20), np.repeat(np.arange(20), 2)]),
    )
    weight = np.where(treated, 1.0, 0.5)
    ((_, variance),) = people.in_sets(y, treated, weight, sets)
    assert np.sqrt(variance) == pytest.approx(stats.sem(first - others.mean(axis=1)))


def test_pairs_are_found_in_the_order_of_the_sets():
    sets, treated = np.array([4, 2, 2, 4]), np.array([True, True, False, False])
    first, second = people.in_pairs(np.array([1.0, 2.0, 3.0, 4.0]), treated, sets)
    assert first.tolist() == [2, 1] and second.tolist() == [3, 4]


@pytest.mark.parametrize(
    ("sets", "treated"),
    [([1, 1, 1], [1, 0, 0]), ([1, 2, 1, 3], [1, 1, 0, 0]), ([1, 1, 1, 1], [1, 1, 0, 0])],
    ids=["two to one", "alone", "two and two"],
)
def test_sets_that_are_not_pairs(sets, treated):
    assert people.in_pairs(np.arange(len(sets)) * 1.0, np.array(treated) == 1, np.array(sets)) is None


def slow_with_replacement(y, treated, pairs, place, alike):
    """Abadie and others (2004), equation by equation, with loops."""
    found = sorted(set(pairs[:, 0]))
    partners = {i: pairs[pairs[:, 0] == i, 1] for i in found}
    gaps = np.array([y[i] - y[partners[i]].mean() for i in found])
    total = ((gaps - gaps.mean()) ** 2).sum()
    for j in np.flatnonzero(~treated):
        uses = sum((partners[i] == j).sum() / len(partners[i]) for i in found)
        squares = sum((partners[i] == j).sum() / len(partners[i]) ** 2 for i in found)
        others = [k for k in np.flatnonzero(~treated) if k != j]
        far = sorted(abs(place[k] - place[j]) for k in others)[alike - 1]
        near = [k for k in others if abs(place[k] - place[j]) <= far + 1e-12]
        spread = len(near) / (len(near) + 1) * (y[j] - y[near].mean()) ** 2
        total += (uses**2 - squares) * spread
    return total / len(found) ** 2


@pytest.mark.parametrize("alike", [1, 4])
def test_matching_with_replacement_equation_by_equation(alike):
    rng = np.random.default_rng(6)
    treated, place = np.repeat([True, False], [15, 25]), rng.integers(0, 12, 40) / 4.0
    y = rng.poisson(2.0, 40).astype(float)
    pairs = np.array(
        [(i, j) for i in range(15) for j in rng.choice(np.arange(15, 40), rng.integers(1, 4), False)]
    )
    spread = people.among_alike(y, treated, place[:, None], np.zeros(40, dtype=int), alike)
    ((n, variance),) = people.with_replacement(y, np.ones(40), pairs, spread)
    assert n == 15 and variance == pytest.approx(slow_with_replacement(y, treated, pairs, place, alike))


def test_comparison_people_used_once_each_add_nothing_to_the_pairs_own_spread():
    rng = np.random.default_rng(7)
    y, pairs = rng.normal(size=20), np.column_stack([np.arange(10), np.arange(10, 20)])
    ((_, variance),) = people.with_replacement(y, np.ones(20), pairs, np.ones(20))
    assert variance == pytest.approx(np.var(y[:10] - y[10:]) / 10)


def test_only_the_same_stratum_is_alike():
    y, treated = np.array([0.0, 9.0, 1.0, 5.0]), np.zeros(4, dtype=bool)
    place, strata = np.array([[0.0], [0.0], [1.0], [1.0]]), np.array([0, 1, 0, 1])
    spread = people.among_alike(y, treated, place, strata, 1)
    assert spread == pytest.approx([0.5, 8.0, 0.5, 8.0])  # half the squared gap: 1 and 4


def test_nobody_alike_leaves_no_spread():
    spread = people.among_alike(
        np.arange(3.0), np.array([True, True, False]), np.zeros((3, 1)), np.zeros(3, int)
    )
    assert spread.tolist() == [0, 0, 0]

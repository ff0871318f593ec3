"""Pairs worked by hand, and optimal pairs against every pairing there is."""

import itertools

import numpy as np
import pytest

from toolkit.numerics.pairing import Ground, greedy, optimal, with_replacement


def line(places, strata=None, caliper=np.inf) -> Ground:
    points = np.array(places, dtype=float)
    zeros = np.zeros(len(points), dtype=int)
    return Ground(points[:, None], zeros if strata is None else np.array(strata), points, caliper)


def total(ground: Ground, pairs: np.ndarray) -> float:
    return sum(ground.distances(one, np.array([other]))[0] for one, other in pairs)


def test_greedy_takes_the_nearest_left_in_the_order_given():
    # Treated 0 and 1 at 10 and 9; comparison 2, 3, 4 at 9.2, 7, 20. The first takes 9.2, the second is left with 7.
    ground = line([10, 9, 9.2, 7, 20])
    assert greedy(ground, np.array([0, 1]), np.array([2, 3, 4]), 1).tolist() == [[0, 2], [1, 3]]
    assert greedy(ground, np.array([1, 0]), np.array([2, 3, 4]), 1).tolist() == [[1, 2], [0, 3]]


def test_everybody_has_a_first_match_before_anybody_has_a_second():
    ground = line([10, 9, 9.2, 7, 20])
    assert greedy(ground, np.array([0, 1]), np.array([2, 3, 4]), 2).tolist() == [[0, 2], [1, 3], [0, 4]]


def test_optimal_keeps_the_total_small():
    # Treated at 5 and 6.8, comparison at 5.6 and 4. Greedy pays 0.6 + 2.8; the optimum is 1 + 1.2.
    ground, treated, comparison = line([5, 6.8, 5.6, 4]), np.array([0, 1]), np.array([2, 3])
    assert total(ground, greedy(ground, treated, comparison, 1)) == pytest.approx(3.4)
    assert total(ground, optimal(ground, treated, comparison, 1)) == pytest.approx(2.2)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("caliper", [np.inf, 0.8])
def test_optimal_against_every_pairing(seed, caliper):
    rng = np.random.default_rng(seed)
    places = rng.normal(size=(9, 2))
    ground = Ground(places, np.zeros(9, dtype=int), places[:, 0], caliper)
    treated, comparison = np.arange(4), np.arange(4, 9)
    far = np.array([ground.distances(one, comparison) for one in treated])
    ways = ([far[i, j] for i, j in enumerate(chosen)] for chosen in itertools.permutations(range(5), 4))
    best = max((int(np.isfinite(way).sum()), -sum(d for d in way if np.isfinite(d))) for way in ways)
    found = optimal(ground, treated, comparison, 1)
    assert (len(found), -total(ground, found)) == pytest.approx(best)


def test_optimal_matches_first_and_then_adds_second_matches():
    # Both treated reach 2 and 3 and only the first reaches 4: nobody may go without so that another has two.
    ground = line([0, 1.5, 0.5, 0.7, -0.9], caliper=1.0)
    found = optimal(ground, np.array([0, 1]), np.array([2, 3, 4]), 2)
    assert sorted(found[:, 0].tolist()) == [0, 0, 1]
    assert len(found) == 3
    fewer = optimal(line([0, 1.5, 0.9], caliper=1.0), np.array([0, 1]), np.array([2]), 2)
    assert fewer.tolist() == [[1, 2]]


def test_strata_are_never_crossed():
    ground = line([1, 2, 1.1, 1.9, 2.2], strata=[0, 1, 1, 0, 1])
    for match in (greedy, optimal, with_replacement):
        assert sorted(match(ground, np.array([0, 1]), np.array([2, 3, 4]), 1).tolist()) == [[0, 3], [1, 4]]
    alone = line([1, 2, 1.1], strata=[0, 1, 0])
    assert greedy(alone, np.array([0, 1]), np.array([2]), 1).tolist() == [[0, 2]]
    assert optimal(alone, np.array([0, 1]), np.array([2]), 1).tolist() == [[0, 2]]


def test_a_caliper_is_never_passed_and_its_edge_counts():
    ground = line([0, 10, 0.5, 10.500001], caliper=0.5)
    for match in (greedy, optimal, with_replacement):
        assert match(ground, np.array([0, 1]), np.array([2, 3]), 1).tolist() == [[0, 2]]


def test_with_replacement_takes_all_who_are_as_near():
    ground = line([5, 6, 4, 6, 9])
    found = with_replacement(ground, np.array([0, 1]), np.array([2, 3, 4]), 1)
    assert found.tolist() == [[0, 2], [0, 3], [1, 3]]
    assert with_replacement(ground, np.array([0]), np.array([2, 3, 4]), 3).tolist() == [
        [0, 2],
        [0, 3],
        [0, 4],
    ]
    assert with_replacement(ground, np.array([0]), np.array([2]), 3).tolist() == [[0, 2]]


def test_on_a_line_optimal_pairs_stand_in_order():
    ground = line([1, 3, 5, 0, 4])
    assert optimal(ground, np.array([1, 0]), np.array([2, 4]), 1).tolist() == [[0, 4], [1, 2]]


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.parametrize("pair", [greedy, with_replacement])
def test_on_a_line_sorting_gives_what_looking_at_everybody_does(pair, seed):
    """A second coordinate that is 0 for everybody changes no distance, and takes the way round by all distances."""
    rng = np.random.default_rng(seed)
    where = np.round(rng.normal(size=40), 1) + rng.choice([0, 1e-11], 40) + rng.choice([0, 1e3])
    strata, people = rng.integers(0, rng.choice([1, 3]), 40), rng.permutation(40)
    caliper, ratio = float(rng.choice([np.inf, 0.05, 0.5])), int(rng.integers(1, 4))
    quick, slow = (
        Ground(places, strata, where, caliper)
        for places in (where[:, None], np.column_stack([where, np.zeros(40)]))
    )
    assert quick.straight and not slow.straight
    one, other = (pair(ground, people[:15], people[15:], ratio) for ground in (quick, slow))
    assert one.tolist() == other.tolist()

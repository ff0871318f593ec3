"""Weights and paths by hand, and against the regressions they are known to equal."""

import numpy as np
import pytest

from toolkit.numerics.synthetic import Problem, Recipe, make

LEVEL, PATH, DID = (Recipe(False, path, did) for path, did in ((False, False), (True, False), (True, True)))
RATIO_LEVEL, RATIO_PATH, RATIO_DID = (
    Recipe(True, path, did) for path, did in ((False, False), (True, False), (True, True))
)
ALL = (LEVEL, PATH, DID, RATIO_LEVEL, RATIO_PATH, RATIO_DID)


def drawn(seed: int, donors: int = 8, periods: int = 14, first: int = 10, size: int = 1) -> Problem:
    draw = np.random.default_rng(seed)
    level = draw.uniform(10, 30, (donors + 1, 1))
    rates = level * np.exp(0.1 * draw.standard_normal((donors + 1, periods)).cumsum(axis=1))
    return Problem(rates[0], np.full(periods, 1.0), rates[1:], first, size)


@pytest.mark.parametrize("recipe", ALL)
def test_weights_are_shares(recipe):
    made = make(drawn(1), recipe)
    for weight in (made.unit, made.period):
        assert weight.sum() == pytest.approx(1) and (weight >= 0).all()


@pytest.mark.parametrize("recipe", [LEVEL, RATIO_LEVEL])
def test_a_mix_of_two_is_found_and_followed(recipe):
    base = drawn(2)
    target = 0.3 * base.donors[2] + 0.7 * base.donors[5]
    made = make(Problem(target, base.reach, base.donors, base.first, 1), recipe)
    assert made.unit[[2, 5]] == pytest.approx([0.3, 0.7], abs=1e-6)
    assert made.path == pytest.approx(target, rel=1e-6)


def test_on_the_path_levels_do_not_matter():
    base = drawn(3)
    target = 0.3 * base.donors[2] + 0.7 * base.donors[5] + 100
    made = make(Problem(target, base.reach, base.donors, base.first, 1), PATH)
    assert made.path == pytest.approx(target, rel=1e-6)
    made = make(Problem(7 * base.donors[4], base.reach, base.donors, base.first, 1), RATIO_PATH)
    assert made.path == pytest.approx(7 * base.donors[4], rel=1e-6)


def test_one_donor_makes_a_difference_in_differences():
    base = drawn(4, donors=1)
    for recipe in (PATH, RATIO_PATH):
        made = make(base, recipe)
        (donor,), target, first = base.donors, base.target, base.first
        if recipe.ratio:
            wanted = target[:first].sum() * donor / donor[:first].sum()
        else:
            wanted = target[:first].mean() + donor - donor[:first].mean()
        assert made.path == pytest.approx(wanted)


def test_a_ratio_with_a_reach_that_varies_meets_the_total_before():
    base = drawn(5)
    reach = np.random.default_rng(6).uniform(50, 90, len(base.reach))
    made = make(Problem(base.target, reach, base.donors, base.first, 1), RATIO_PATH)
    early = slice(base.first)
    assert (reach * made.path)[early].sum() == pytest.approx((reach * base.target)[early].sum())


def weighted_two_way(problem: Problem, unit: np.ndarray, period: np.ndarray) -> float:
    """The coefficient of treatment in the two-way regression weighted by unit times period weights.

    Arkhangelsky et al. (2021), their equation 1: the treated and the periods after count 1 / number.
    """
    y = np.vstack([problem.donors, problem.target])
    after = y.shape[1] - problem.first
    weight = np.outer(np.append(unit, 1.0), np.append(period, np.full(after, 1 / after)))
    rows, columns = np.indices(y.shape)
    on = (rows == len(y) - 1) & (columns >= problem.first)
    dummies = [rows.ravel() == i for i in range(len(y))] + [
        columns.ravel() == t for t in range(1, y.shape[1])
    ]
    design = np.column_stack([on.ravel(), *dummies]).astype(float)
    root = np.sqrt(weight.ravel())
    return float(np.linalg.lstsq(design * root[:, None], y.ravel() * root, rcond=None)[0][0])


@pytest.mark.parametrize("seed", range(4))
def test_synthetic_did_is_the_weighted_two_way_regression(seed):
    problem = drawn(seed)
    made = make(problem, DID)
    effect = (problem.target - made.path)[problem.first :].mean()
    assert effect == pytest.approx(weighted_two_way(problem, made.unit, made.period), rel=1e-6)


@pytest.mark.parametrize("recipe", [DID, RATIO_DID])
def test_the_gap_before_is_none_over_the_period_weights(recipe):
    problem = drawn(7)
    made = make(problem, recipe)
    gap = (problem.target - made.path)[: problem.first]
    assert made.period @ gap == pytest.approx(0, abs=1e-9)


def test_the_ridge_spreads_the_weights_and_more_treated_cells_spread_them_more():
    spread = [(make(drawn(8, size=size), DID).unit ** 2).sum() for size in (1, 5, 50)]
    assert spread == sorted(spread, reverse=True)
    assert (make(drawn(8), PATH).unit ** 2).sum() > spread[0]


def test_a_noisy_unit_has_less_weight_on_the_ratio_scale():
    """Every donor is the same path with noise about it: the noisier half carries less."""
    draw = np.random.default_rng(9)
    noise = np.repeat([0.02, 0.3], 10)[:, None]
    rates = 20 * np.exp(noise * draw.standard_normal((20, 40)))
    target = 20 * np.exp(0.02 * draw.standard_normal(40))
    made = make(Problem(target, np.ones(40), rates, 30, 1), RATIO_DID)
    assert made.unit[:10].sum() > 0.9


def test_the_published_search_moves_the_effect_little():
    problem = drawn(10, donors=20, periods=24, first=18)
    exact, stopped = (make(problem, Recipe(False, True, True, published)) for published in (False, True))
    one, two = ((problem.target - made.path)[18:].mean() for made in (exact, stopped))
    assert one == pytest.approx(two, abs=0.01) and one != two

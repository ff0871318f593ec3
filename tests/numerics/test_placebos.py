"""Placebo p-values and intervals by hand, and one by the other."""

import math
from dataclasses import replace

import numpy as np
import pytest

from toolkit.numerics.placebos import Block, Lot, Spread
from toolkit.numerics.synthetic import Made, Problem, Recipe, make

DIFFERENCE, RATIO = Recipe(False, False, False), Recipe(True, True, False)


def lot(seen: float, base: float, fit: float = 1.0) -> Lot:
    return Lot(np.array([1.0, seen]), np.array([1.0, base]), seen, base, fit, fit, 8.0)


def spread(own: Lot, others: list[Lot], *, ratio: bool) -> Spread:
    return Spread(replace(own, touched=1.0), tuple(others), ratio, 0.5)


def differences(effects: list[float], fits: list[float] | None = None) -> list[Lot]:
    return [lot(10 + e, 10, f) for e, f in zip(effects, fits or [1.0] * len(effects), strict=True)]


EVEN = list(np.arange(-9.0, 10.0))  # 19 placebos: -9 to 9


def test_the_p_value_counts_lots_as_far_out():
    """With equal fits scales are equal, so |effect| >= 8.5 holds for the treated and the two placebos at 9: 3 of 20."""
    assert spread(lot(18.5, 10), differences(EVEN), ratio=False).p_value(0.0) == pytest.approx(3 / 20)
    assert spread(lot(19.5, 10), differences(EVEN), ratio=False).p_value(0.0) == pytest.approx(1 / 20)
    assert spread(lot(10, 10), differences(EVEN), ratio=False).p_value(0.0) == 1


def test_a_tie_counts():
    assert spread(lot(19, 10), differences(EVEN), ratio=False).p_value(0.0) == pytest.approx(3 / 20)


def test_the_interval_is_the_effects_not_rejected():
    """Of 20 lots one may be as far out as a rejected effect: the interval reaches as far as the furthest placebo, 9."""
    found = spread(lot(15, 10), differences(EVEN), ratio=False)
    assert found.interval(0.95) == pytest.approx((5 - 9, 5 + 9))
    assert found.interval(0.9) == pytest.approx(
        (5 - 9, 5 + 9)
    )  # two lots of 20; the second furthest is at 9 as well
    assert found.interval(0.8) == pytest.approx((5 - 8, 5 + 8))


def test_too_few_placebos_for_the_level():
    found = spread(lot(15, 10), differences(EVEN[:18]), ratio=False)
    assert found.interval(0.95) == (-math.inf, math.inf) and found.rank(0.95) == 0
    assert found.interval(0.9) != (-math.inf, math.inf)
    assert np.isnan(found.band(0.95)).all()


def test_effects_count_over_their_fit():
    """Scale^2 = (8 fit^2 + 4 mean fit^2) / 12 + 1e-6 mean placebo effect^2, by hand."""
    fits = [1.0, 3.0] * 10
    found = spread(lot(15, 10, 2.0), differences([*EVEN, 4.0], fits), ratio=False)
    effects, every = np.array([*EVEN, 4.0]), np.array([2.0, *fits])
    squares = (8 * every**2 + 4 * (every**2).mean()) / 12 + 1e-6 * (effects**2).mean()
    assert found.standardised(2.0) == pytest.approx(np.append(3.0, effects) / np.sqrt(squares))


def test_perfect_fits_leave_plain_effects():
    found = spread(lot(15, 10, 0.0), differences(EVEN, [0.0] * 19), ratio=False)
    assert found.interval(0.95) == pytest.approx((5 - 9, 5 + 9))


@pytest.mark.parametrize("ratio", [False, True])
@pytest.mark.parametrize("level", [0.8, 0.95])
def test_p_values_fall_below_one_minus_level_just_beyond_the_ends(ratio, level):
    draw = np.random.default_rng(2)
    base = draw.uniform(20, 200, 40)
    seen = draw.poisson(base * np.exp(0.2 * draw.standard_normal(40))).astype(float)
    lots = [lot(s, b, f) for s, b, f in zip(seen, base, draw.uniform(0.5, 2, 40), strict=True)]
    found = spread(lots[0], lots[1:], ratio=ratio)
    for end, out in zip(found.interval(level), (-1, 1), strict=True):
        assert found.p_value(end + out * 1e-6) <= 1 - level + 1e-12 < found.p_value(end - out * 1e-6)


def test_log_ratios_of_large_totals_scatter_less():
    """Log ratios of 1 / sqrt(size), exactly: the best line is a = 1, b = 0, and all standardised sizes are 1."""
    base = np.array([10.0, 40, 90, 160, 250])
    seen = base.copy()
    for _ in range(60):
        seen = base * np.exp(1 / np.sqrt((seen + base) / 2))
    lots = [lot(s, b) for s, b in zip(seen, base, strict=True)]
    assert spread(lots[0], lots[1:], ratio=True).standardised(0.0) == pytest.approx(np.ones(5), rel=1e-6)


def test_a_tested_ratio_is_taken_out_of_what_is_expected():
    draw = np.random.default_rng(1)
    lots = [lot(float(draw.poisson(b)), b) for b in draw.uniform(20, 90, 12)]
    one = spread(lots[0], lots[1:], ratio=True)
    moved = spread(lot(lots[0].seen, lots[0].base * math.exp(-0.3)), lots[1:], ratio=True)
    assert one.standardised(-0.3) == pytest.approx(moved.standardised(0.0))


def test_the_actual_lot_is_one_among_all():
    """Which lot is called the actual one only moves it to the front: the test is exact where any might have been."""
    draw = np.random.default_rng(4)
    lots = [lot(float(draw.poisson(b)), b, draw.uniform(1, 3)) for b in draw.uniform(20, 90, 12)]
    for ratio in (True, False):
        one = spread(lots[0], lots[1:], ratio=ratio).standardised(0.0)
        two = spread(lots[5], [*lots[:5], *lots[6:]], ratio=ratio).standardised(0.0)
        assert two[[1, 2, 3, 4, 5, 0]] == pytest.approx(
            one[:6], rel=1e-5
        )  # the pooled effects are the placebos' own


def test_nothing_recorded_after():
    """A ratio of 0 has no lower limit but 0, and an upper one below which half an incident is not far out."""
    draw = np.random.default_rng(3)
    others = [lot(float(draw.poisson(b)), b) for b in draw.uniform(5, 60, 39)]
    found = spread(lot(0.0, 12.0), others, ratio=True)
    assert found.centre == -math.inf and found.interval(0.95)[0] == -math.inf
    high = found.interval(0.95)[1]
    assert math.log(0.5 / 12) < high < 0
    assert found.p_value(high + 1e-6) <= 0.05 < found.p_value(high - 1e-6)


def test_placebos_without_incidents_count_half_of_one():
    found = spread(lot(10, 10), [lot(0.0, 8.0), lot(5.0, 0.0), lot(9.0, 9.0)], ratio=True)
    assert found.effects == pytest.approx([math.log(0.5 / 8), math.log(5 / 0.5), 0])


def test_the_placebo_error_is_their_standard_deviation():
    assert spread(lot(15, 10), differences([1.0, 5.0, 3.0]), ratio=False).error == pytest.approx(
        math.sqrt(8 / 3)
    )


def test_the_band_takes_each_period_by_itself():
    """In the second period gaps are -9 to 9, in the first none: the band is 0 and 9 wide with equal scales."""
    low, high = spread(lot(15, 10), differences(EVEN), ratio=False).band(0.95)
    assert (low, high) == (pytest.approx([1, 1]), pytest.approx([1, 19]))


def test_cohorts_are_added_up():
    """Two cohorts of 1 unit x 2 periods and 3 units x 1 period: shares 2/5 and 3/5; by period 1/4 and 3/4."""
    target = np.array([[3.0, 3, 3, 7, 9], [2.0, 2, 2, 2, 8]])
    path = np.array([[3.0, 3, 3, 4, 4], [2.0, 2, 2, 2, 3]])
    problems = [
        Problem(t, np.ones(5), np.empty((0, 5)), f, n) for t, f, n in zip(target, (3, 4), (1, 3), strict=True)
    ]
    made = [Made(np.empty(0), np.empty(0), p) for p in path]
    one = Lot.of(problems, made, DIFFERENCE)
    assert one.seen - one.base == pytest.approx(0.4 * (3 + 5) / 2 + 0.6 * 5)
    assert one.observed - one.expected == pytest.approx([0, 0, 0, 0.25 * 3, 0.25 * 5 + 0.75 * 5])
    assert one.periods == pytest.approx(0.4 * 3 + 0.6 * 4)
    totals = Lot.of(problems, made, RATIO)
    assert (totals.seen, totals.base) == (pytest.approx(7 + 9 + 8), pytest.approx(4 + 4 + 3))


def test_the_treated_as_one_are_means_or_totals():
    y, reach = np.array([[2.0, 4], [6, 9], [5, 5]]), np.array([[1.0, 2], [3, 3], [1, 1]])
    both = np.array([0, 1])
    mean = Block(y, reach, ratio=False).problem(both, np.array([2]), 1)
    assert mean.target == pytest.approx([(2 + 2) / 2, (2 + 3) / 2]) and mean.size == 2
    total = Block(y, reach, ratio=True).problem(both, np.array([2]), 1)
    assert total.target == pytest.approx([8 / 4, 13 / 5]) and total.reach == pytest.approx([4, 5])


def test_what_was_really_treated_is_told_apart():
    """Unit 0 from column 2, unit 1 never; both called treated from column 3: fitted before 2, half touched since."""
    y = np.array([[2.0, 4, 6, 6], [6.0, 6, 2, 18], [5.0, 5, 5, 5]])
    start = np.array([2.0, np.inf, np.inf])
    mean = Block(y, np.ones_like(y), ratio=False, start=start).problem(np.array([0, 1]), np.array([2]), 3)
    assert (mean.before, list(mean.touched)) == (2, [0, 0, 0.5, 0.5])
    total = Block(y, np.ones_like(y), ratio=True, start=start).problem(np.array([0, 1]), np.array([2]), 3)
    assert list(total.touched) == [0, 0, 0.75, 0.25]
    own = Block(y, np.ones_like(y), ratio=True, start=start).problem(np.array([0]), np.array([2]), 2)
    assert (own.before, list(own.touched)) == (2, [0, 0, 1, 1])


def test_the_tested_effect_is_taken_out_of_lots_that_hold_some_of_the_treated():
    """Of the second lot a third of the cells is the treated's, and a difference of 6 takes 2 from it.

    On the ratio scale a quarter of its total of 12 is theirs, and a tested doubling leaves 9 + 3 / 2 = 10.5 of it.
    """
    lots = [replace(lot(12, 8), touched=1 / 3), lot(11, 10), lot(9, 10)]
    one = spread(lot(20, 10), lots, ratio=False)
    scale = (10 - 6.0) / one.standardised(6.0)[0]
    assert scale * one.standardised(6.0) == pytest.approx([4, 2, 1, -1])
    two = spread(lot(20, 10), [replace(lot(12, 8), touched=1 / 4), *lots[1:]], ratio=True)
    base = np.array([10 * 2, 8 * 12 / 10.5, 10, 10])  # put on what was expected
    plain = [lot(s, b) for s, b in zip([20.0, 12, 11, 9], base, strict=True)]
    assert two.standardised(math.log(2)) == pytest.approx(
        spread(plain[0], plain[1:], ratio=True).standardised(0.0)
    )


def test_a_fit_on_the_path_is_about_its_own_mean():
    problem = Problem(np.array([1.0, 3, 1, 3, 9]), np.ones(5), np.array([[0.0, 0, 0, 0, 0]]), 4, 1)
    recipe = Recipe(False, True, False)
    assert Lot.of([problem], [make(problem, recipe)], recipe).fit == pytest.approx(1)

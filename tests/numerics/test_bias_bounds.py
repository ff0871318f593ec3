"""Rosenbaum's bounds, by counting the ways."""

import math
from fractions import Fraction

import numpy as np
import pytest
from scipy import stats

from toolkit.numerics import bias_bounds

# Lead in the blood of 33 children whose fathers worked with it, and of a neighbour's child of the same age, in
# micrograms per decilitre (Morton and others 1982), as the manual of the R package rbounds prints them (psens).
EXPOSED = [38, 23, 41, 18, 37, 36, 23, 62, 31, 34, 24, 14, 21, 17, 16, 20, 15, 10, 45, 39, 22, 35, 49, 48, 44, 35, 43,
           39, 34, 13, 73, 25, 27]  # fmt: skip
CONTROL = [16, 18, 18, 24, 19, 11, 10, 15, 16, 18, 18, 13, 19, 10, 16, 16, 24, 13, 9, 14, 21, 19, 7, 18, 19, 12, 11, 22,
           25, 16, 13, 11, 13]  # fmt: skip


def ways_of(gaps, chance):
    """Every sum of ranks that can come about and how likely it is, in fractions, one pair after the other."""
    sizes = sorted(abs(gap) for gap in gaps)
    ranks = {size: Fraction(2 * sizes.index(size) + sizes.count(size) + 1, 2) for size in sizes}
    ways = {Fraction(0): Fraction(1)}
    for size in sizes:
        if size:
            step: dict[Fraction, Fraction] = {}
            for total, likely in ways.items():
                for reached, part in ((total + ranks[size], chance), (total, 1 - chance)):
                    step[reached] = step.get(reached, Fraction(0)) + likely * part
            ways = step
    return ways, sum(ranks[gap] for gap in gaps if gap > 0)


@pytest.mark.parametrize("gamma", [1, 2, 3, 4, 5])
def test_lead_in_the_blood_of_children(gamma):
    """The exact distribution, counted: the bound is the normal one of its mean and spread, a little above its tail."""
    gaps = [exposed - control for exposed, control in zip(EXPOSED, CONTROL, strict=True)]
    ways, found = ways_of(gaps, Fraction(gamma, 1 + gamma))
    assert sum(ways.values()) == 1
    mean = sum(total * likely for total, likely in ways.items())
    spread = math.sqrt(sum((total - mean) ** 2 * likely for total, likely in ways.items()))
    _, high = bias_bounds.signed_rank(np.array(gaps, dtype=float), gamma)
    assert high == pytest.approx(math.erfc(float(found - mean) / spread / math.sqrt(2)) / 2, rel=1e-9)
    tail = float(sum(likely for total, likely in ways.items() if total >= found))
    assert tail < high < tail + 0.0125  # the normal tail is the larger, so it does not flatter


@pytest.mark.parametrize("gamma", [1, 3, 6])
def test_heavy_smokers_who_died_of_lung_cancer(gamma):
    """Rosenbaum (2002, section 4.3.2): 110 of 122 pairs in which one died of it. The tail, counted in whole numbers."""
    chance = Fraction(gamma, 1 + gamma)
    tail = sum(math.comb(122, k) * chance**k * (1 - chance) ** (122 - k) for k in range(110, 123))
    assert bias_bounds.discordant(110, 12, gamma)[1] == pytest.approx(float(tail), rel=1e-9)
    assert bias_bounds.discordant(12, 110, gamma) == bias_bounds.discordant(110, 12, gamma)


def test_without_hidden_bias_both_bounds_are_the_test():
    gaps = np.array([3.0, -1.0, 2.5, 4.0, -2.0, 6.0, 5.5, 1.5, -0.5, 7.0])
    low, high = bias_bounds.signed_rank(gaps, 1.0)
    theirs = stats.wilcoxon(gaps, method="asymptotic", correction=False).pvalue
    assert low == high and 2 * high == pytest.approx(theirs, rel=1e-9)
    assert bias_bounds.discordant(8, 3, 1.0)[1] * 2 == pytest.approx(stats.binomtest(8, 11).pvalue)


def test_pairs_without_a_gap_are_ranked_and_say_nothing():
    gaps = np.array([3.0, -1.0, 2.5, 4.0, -2.0, 6.0, 0.0, 0.0])
    _, high = bias_bounds.signed_rank(gaps, 1.0)
    theirs = stats.wilcoxon(gaps, method="asymptotic", correction=False, zero_method="pratt").pvalue
    assert 2 * high == pytest.approx(theirs, rel=1e-9)
    assert bias_bounds.signed_rank(np.zeros(4), 2.0) == (1.0, 1.0)


def test_bounds_widen_with_hidden_bias_and_direction_does_not_matter():
    gaps = np.random.default_rng(2).normal(0.4, 1, 80)
    bounds = [bias_bounds.signed_rank(gaps, gamma) for gamma in (1, 1.5, 2, 4)]
    lows, highs = zip(*bounds, strict=True)
    assert list(lows) == sorted(lows, reverse=True) and list(highs) == sorted(highs)
    assert bias_bounds.signed_rank(-gaps, 2) == pytest.approx(bounds[2])

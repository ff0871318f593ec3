"""Rosenbaum's bounds, by counting the ways."""

import itertools
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
    """With 33 pairs the bound is the exact tail; the approximation is the normal one of its mean and spread."""
    gaps = [exposed - control for exposed, control in zip(EXPOSED, CONTROL, strict=True)]
    ways, found = ways_of(gaps, Fraction(gamma, 1 + gamma))
    assert sum(ways.values()) == 1
    tail = float(sum(likely for total, likely in ways.items() if total >= found))
    assert bias_bounds.signed_rank(np.array(gaps, dtype=float), gamma)[1] == pytest.approx(tail, rel=1e-9)
    mean = sum(total * likely for total, likely in ways.items())
    spread = math.sqrt(sum((total - mean) ** 2 * likely for total, likely in ways.items()))
    _, near = bias_bounds.signed_rank(np.array(gaps, dtype=float), gamma, exact=False)
    half = float(found - mean) - 0.5  # the correction for continuity
    assert near == pytest.approx(math.erfc(half / spread / math.sqrt(2)) / 2, rel=1e-9)


@pytest.mark.parametrize("gamma", [1, 3, 6])
def test_heavy_smokers_who_died_of_lung_cancer(gamma):
    """Rosenbaum (2002, section 4.3.2): 110 of 122 pairs in which one died of it. The tail, counted in whole numbers."""
    chance = Fraction(gamma, 1 + gamma)
    tail = sum(math.comb(122, k) * chance**k * (1 - chance) ** (122 - k) for k in range(110, 123))
    assert bias_bounds.discordant(110, 12, gamma)[1] == pytest.approx(float(tail), rel=1e-9)
    assert bias_bounds.discordant(12, 110, gamma) == bias_bounds.discordant(110, 12, gamma)


@pytest.mark.parametrize("gamma", [1.0, 1.5, 3.0, 8.0])
@pytest.mark.parametrize("gaps", [[1, 2, 3, 4, 5, 6], [3, -1, 2, 4, -2, 6, 2, 0], [-5, -5, 1, 0, 0, -2]])
def test_few_pairs_are_counted_signing_by_signing(gaps, gamma):
    """Every way to sign the pairs, with the chance that gamma gives it, in plain Python."""
    sizes = [abs(gap) for gap in gaps]
    rank = [sum(s < size for s in sizes) + (1 + sum(s == size for s in sizes)) / 2 for size in sizes]
    rank, signs = zip(*((r, gap > 0) for r, gap in zip(rank, gaps, strict=True) if gap), strict=True)
    found = max(sum(r for r, up in zip(rank, signs, strict=True) if up is side) for side in (True, False))
    bounds = []
    for chance in (1 / (1 + gamma), gamma / (1 + gamma)):
        tail = 0.0
        for kept in itertools.product((0, 1), repeat=len(rank)):
            if sum(r for r, k in zip(rank, kept, strict=True) if k) >= found:
                tail += math.prod(chance if k else 1 - chance for k in kept)
        bounds.append(tail)
    assert bias_bounds.signed_rank(np.array(gaps, dtype=float), gamma) == pytest.approx(tuple(bounds))


def test_six_pairs_that_all_point_one_way():
    """Rosenbaum's bound is then (gamma / (1 + gamma))^6, whatever the sizes."""
    assert bias_bounds.signed_rank(np.arange(1.0, 7.0), 2.0)[1] == pytest.approx((2 / 3) ** 6)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("n_pairs", [12, 80])
def test_a_hidden_bias_without_bounds_rules_nothing_out(n_pairs):
    gaps = np.random.default_rng(2).normal(0.4, 1, n_pairs)
    assert bias_bounds.signed_rank(gaps, 1e300) == pytest.approx((0.0, 1.0), abs=1e-12)
    assert bias_bounds.discordant(8, 3, 1e300) == pytest.approx((0.0, 1.0), abs=1e-12)


def test_without_hidden_bias_both_bounds_are_the_test():
    gaps = np.array([3.0, -1.0, 2.5, 4.0, -2.0, 6.0, 5.5, 1.5, -0.5, 7.0])
    low, high = bias_bounds.signed_rank(gaps, 1.0)
    theirs = stats.wilcoxon(gaps, method="exact").pvalue
    assert low == high and 2 * high == pytest.approx(theirs, rel=1e-9)
    many = np.random.default_rng(3).normal(0.2, 1, 60)
    theirs = stats.wilcoxon(many, method="asymptotic", correction=True).pvalue
    assert 2 * bias_bounds.signed_rank(many, 1.0)[1] == pytest.approx(theirs, rel=1e-9)
    assert bias_bounds.discordant(8, 3, 1.0)[1] * 2 == pytest.approx(stats.binomtest(8, 11).pvalue)


def test_pairs_without_a_gap_are_ranked_and_say_nothing():
    gaps = np.array([3.0, -1.0, 2.5, 4.0, -2.0, 6.0, 0.0, 0.0])
    _, high = bias_bounds.signed_rank(gaps, 1.0, exact=False)
    theirs = stats.wilcoxon(gaps, method="asymptotic", correction=True, zero_method="pratt").pvalue
    assert 2 * high == pytest.approx(theirs, rel=1e-9)
    assert bias_bounds.signed_rank(np.zeros(4), 2.0) == (1.0, 1.0)


def test_bounds_widen_with_hidden_bias_and_direction_does_not_matter():
    gaps = np.random.default_rng(2).normal(0.4, 1, 80)
    bounds = [bias_bounds.signed_rank(gaps, gamma) for gamma in (1, 1.5, 2, 4)]
    lows, highs = zip(*bounds, strict=True)
    assert list(lows) == sorted(lows, reverse=True) and list(highs) == sorted(highs)
    assert bias_bounds.signed_rank(-gaps, 2) == pytest.approx(bounds[2])

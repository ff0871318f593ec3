"""Paired yes and no: McNemar from the binomial, Newcombe from its parts, odds that agree with the test."""

import math

import numpy as np
import pytest
from scipy import stats

from toolkit.numerics import paired_proportions as pairs

TABLE = pairs.Table(both=18, lost=34, gained=19, neither=69)
TABLES = [TABLE, pairs.Table(1, 1, 7, 12), pairs.Table(36, 12, 2, 0), pairs.Table(0, 0, 9, 11),
          pairs.Table(9, 0, 0, 11), pairs.Table(0, 0, 0, 12), pairs.Table(0, 8, 0, 0)]  # fmt: skip


def test_the_table_counts_each_kind() -> None:
    before, after = np.array([1, 1, 1, 0, 0, 0, 0]), np.array([1, 0, 0, 1, 1, 1, 0])
    assert pairs.table(before, after) == (1, 2, 3, 1)


@pytest.mark.parametrize("counts", TABLES)
def test_mcnemar_is_a_binomial_test(counts: pairs.Table) -> None:
    changed = counts.gained + counts.lost
    told = stats.binomtest(counts.gained, changed, 0.5).pvalue if changed else 1.0
    assert pairs.mcnemar(counts, False) == pytest.approx(told, rel=1e-10)
    half = stats.binom.pmf(counts.gained, changed, 0.5)
    if counts.gained != counts.lost:
        assert pairs.mcnemar(counts, True) == pytest.approx(told - half, rel=1e-10)
    else:
        assert pairs.mcnemar(counts, True) == pytest.approx(1.0 if not changed else 1 - half, rel=1e-10)


def test_newcombe_by_hand() -> None:
    """52 and 37 of 140: Wilson 0.2993 to 0.4536 and 0.1990 to 0.3435; phi = (18 x 69 - 34 x 19 - 70) / root(...)."""
    ends = [stats.binomtest(k, 140).proportion_ci(method="wilson") for k in (52, 37)]
    phi = (18 * 69 - 34 * 19 - 70) / math.sqrt(52 * 88 * 37 * 103)
    p, q = 52 / 140, 37 / 140
    down = [q - ends[1].low, ends[0].high - p]
    up = [ends[1].high - q, p - ends[0].low]
    reach = [math.sqrt(a**2 + b**2 - 2 * phi * a * b) for a, b in (down, up)]
    low, high = pairs.newcombe(TABLE, 0.95)
    assert (low, high) == pytest.approx((q - p - reach[0], q - p + reach[1]), rel=1e-10)


def test_phi_is_not_made_negative_by_its_correction() -> None:
    """Newcombe: where eh - fg lies between 0 and n / 2, phi is 0: the interval is that of two separate groups."""
    counts = pairs.Table(6, 4, 5, 5)  # eh - fg = 10 = n / 2
    p, q = (stats.binomtest(k, 20).proportion_ci(method="wilson") for k in (10, 11))
    low, _ = pairs.newcombe(counts, 0.95)
    assert low == pytest.approx(0.05 - math.hypot(0.55 - q.low, p.high - 0.5), rel=1e-10)


@pytest.mark.parametrize("level", [0.5, 0.95, 0.999])
@pytest.mark.parametrize("counts", TABLES)
def test_newcombe_stays_within_bounds_and_turns_with_the_table(counts: pairs.Table, level: float) -> None:
    low, high = pairs.newcombe(counts, level)
    assert -1 <= low <= (counts.gained - counts.lost) / counts.pairs <= high <= 1
    turned = pairs.Table(counts.both, counts.gained, counts.lost, counts.neither)
    assert pairs.newcombe(turned, level) == pytest.approx((-high, -low), abs=1e-12)


@pytest.mark.parametrize("mid_p", [False, True])
@pytest.mark.parametrize("counts", [t for t in TABLES if t.gained + t.lost])
def test_the_odds_interval_ends_where_the_test_does(counts: pairs.Table, mid_p: bool) -> None:
    """With the level at 1 - p, one end of the interval is odds of 1."""
    p_value = pairs.mcnemar(counts, mid_p)
    if p_value == 1:
        pytest.skip("no level is 0")
    _, low, high = pairs.odds_ratio(counts, 1 - p_value, mid_p)
    assert min(abs(low - 1), abs(high - 1)) < 1e-8


def test_odds_without_a_change_the_other_way() -> None:
    value, low, high = pairs.odds_ratio(pairs.Table(3, 0, 6, 3), 0.95, False)
    assert (value, high) == (math.inf, math.inf)
    assert low / (1 + low) == pytest.approx(
        0.025 ** (1 / 6), rel=1e-10
    )  # the share whose sixth power is 2.5%
    assert pairs.odds_ratio(pairs.Table(3, 6, 0, 3), 0.95, False)[:2] == (0.0, 0.0)


def test_the_standard_error_by_hand() -> None:
    assert pairs.std_error(pairs.Table(5, 4, 1, 10)) == pytest.approx(math.sqrt(5 - 9 / 20) / 20, rel=1e-12)

"""The same people measured twice: against R's tests on 140 simulated households, and a published table."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from toolkit import before_after
from toolkit.numerics import paired_proportions, signed_rank

from .reading import expected, households

NUMBERS = ("value", "p_value", "low", "high")


def both(name: str) -> tuple[pd.Series, pd.Series]:
    table = households()
    return table[f"{name}_pre"], table[f"{name}_post"]


@pytest.mark.parametrize(("column", "key"), [("wellbeing", "wb"), ("fear", "fear")])
def test_paired_t(column: str, key: str) -> None:
    told, ours = expected("i.paired_t"), before_after.paired(*both(column))
    assert [getattr(ours, name) for name in NUMBERS] == pytest.approx(
        [told[f"{key}.{name}"] for name in ("mean", "p", "lo", "hi")], rel=1e-9
    )
    assert ours.value / ours.std_error == pytest.approx(told[f"{key}.t"], rel=1e-9)
    assert f"{told[f'{key}.df']} degrees" in ours.method


@pytest.mark.parametrize(("column", "key"), [("wellbeing", "wb"), ("fear", "fear")])
def test_standardised_means(column: str, key: str) -> None:
    told = expected("i.paired_t")
    ours = before_after.effect_sizes(*both(column)).set_index("effect_size")["value"]
    assert (ours["d_z"], ours["d_av"]) == pytest.approx((told[f"{key}.dz"], told[f"{key}.dav"]), rel=1e-9)


def test_signed_ranks_without_zeros() -> None:
    """Two households changed by the same hundredths, which floating point holds as two numbers.

    R ranks the floating-point numbers and so takes one for the larger (V = 5856.5). With a grain of 0, so do we, to R's
    digits; what ``paired`` gives has them tie, half a rank from R's and with the p-value that whole hundredths have.
    """
    told, (before, after) = expected("i.wilcoxon"), both("wellbeing")
    changes = (after - before).to_numpy()
    rank, sign = signed_rank.ranks(changes, grain=0.0)
    assert rank[sign > 0].sum() == told["wb_V"]
    assert signed_rank.two_sided(changes, exact=False, grain=0.0) == pytest.approx(told["wb_p_cc"], rel=1e-9)
    hundredths = np.round(100 * changes)
    assert (len(np.unique(np.abs(changes))), len(np.unique(np.abs(hundredths)))) == (134, 133)
    rank, sign = signed_rank.ranks(hundredths, grain=0.0)
    assert rank[sign > 0].sum() == told["wb_V"] - 0.5
    ours = before_after.paired(before, after, kind="rank").p_value
    assert ours == pytest.approx(signed_rank.two_sided(hundredths, exact=False, grain=0.0), rel=1e-12)
    assert ours == pytest.approx(told["wb_p_cc"], abs=1.4e-4)  # .05553 and .05540


def test_signed_ranks_of_those_who_changed_are_rs() -> None:
    """R's wilcox.test drops the 34 households without any change; to have its numbers, pass the others."""
    told, (before, after) = expected("i.wilcoxon"), both("fear")
    moved = before != after
    assert moved.sum() == 106
    rank, sign = signed_rank.ranks((after - before).to_numpy(dtype=float))
    alone, sign_alone = signed_rank.ranks((after - before)[moved].to_numpy(dtype=float))
    assert alone[sign_alone > 0].sum() == told["fear_V"]
    assert rank[sign > 0].sum() > told["fear_V"]  # Pratt ranks the 34 zeros below
    ours = before_after.paired(before[moved], after[moved], kind="rank")
    assert ours.p_value == pytest.approx(told["fear_p_cc"], rel=1e-9)


def test_pratts_zeros_are_coins() -> None:
    """coin::wilcoxsign_test(zero.method = "Pratt") has no continuity correction."""
    told, (before, after) = expected("i.wilcoxon"), both("fear")
    rank, sign = signed_rank.ranks((after - before).to_numpy(dtype=float))
    z = (rank[sign > 0].sum() - rank.sum() / 2) / np.sqrt((rank**2).sum() / 4)
    assert z == pytest.approx(told["pratt_z"], rel=1e-9)
    assert 2 * stats.norm.sf(abs(z)) == pytest.approx(told["pratt_p"], rel=1e-9)
    ours = before_after.paired(before, after, kind="rank").p_value
    corrected = 2 * stats.norm.sf(abs(z) - 0.5 / np.sqrt((rank**2).sum() / 4))
    assert ours == pytest.approx(corrected, rel=1e-9)


def test_mcnemar_and_the_difference() -> None:
    told, (before, after) = expected("i.mcnemar"), both("victim")
    exact = before_after.paired(before, after, kind="binary")
    mid = before_after.paired(before, after, kind="binary", mid_p=True)
    assert (exact.p_value, mid.p_value) == pytest.approx((told["exact_p"], told["midp_p"]), rel=1e-9)
    assert (exact.value, exact.std_error) == pytest.approx((told["diff"], told["diff_wald_se"]), rel=1e-9)
    assert paired_proportions.table(before.to_numpy(), after.to_numpy()) == (
        told["n11"], told["b"], told["c"], told["n00"],
    )  # fmt: skip


def test_conditional_odds_ratio() -> None:
    told, (before, after) = expected("i.mcnemar"), both("victim")
    (ours,) = before_after.effect_sizes(before, after, kind="binary").to_dict("records")
    assert [ours[name] for name in ("value", "low", "high")] == pytest.approx(
        [told[name] for name in ("or", "or_lo", "or_hi")], rel=1e-9
    )


def test_mid_p_interval_of_the_odds_ratio() -> None:
    """exact2x2 stops its search at 1e-4; at our ends the mid-p tail of 19 in 53 is 0.025 to nine digits."""
    told, (before, after) = expected("i.mcnemar"), both("victim")
    (ours,) = before_after.effect_sizes(before, after, kind="binary", mid_p=True).to_dict("records")
    assert (ours["low"], ours["high"]) == pytest.approx((told["midp_lo"], told["midp_hi"]), rel=1e-4)
    low, high = (ours[end] / (1 + ours[end]) for end in ("low", "high"))
    half_low, half_high = (stats.binom.pmf(19, 53, end) / 2 for end in (low, high))
    assert stats.binom.sf(19, 53, low) + half_low == pytest.approx(0.025, rel=1e-9)
    assert stats.binom.cdf(18, 53, high) + half_high == pytest.approx(0.025, rel=1e-9)


def test_newcombes_interval_of_a_published_table() -> None:
    """Complete response before and after consolidation therapy: 59 both, 6 and 16 changed, 80 neither.

    As in Fagerland, Lydersen and Laake, Statistical Analysis of Contingency Tables (2017), chapter 8: the tests of
    their R package contingencytables hold it to these digits. There the difference is before less after.
    """
    counts = paired_proportions.Table(59, 6, 16, 80)
    low, high = paired_proportions.newcombe(counts, 0.95)
    assert (counts.lost - counts.gained) / counts.pairs == pytest.approx(-0.0621, abs=5e-5)
    assert (-high, -low) == pytest.approx((-0.1186, -0.0046), abs=5e-5)
    assert paired_proportions.mcnemar(counts, False) == pytest.approx(0.052479, abs=5e-7)
    assert paired_proportions.mcnemar(counts, True) == pytest.approx(0.034690, abs=5e-7)

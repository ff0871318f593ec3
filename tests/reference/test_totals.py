"""The ratio of ratios from four totals, against metafor and published worked examples."""

import math

import pytest

from toolkit import did

from .reading import expected

# Rows of the hand-made table of totals: treated before and after, comparison before and after.
CELLS = {
    "typical": (84, 55, 90, 88),
    "small": (7, 2, 6, 8),
    "zero_post_treated": (9, 0, 11, 12),
    "no_change": (40, 40, 60, 60),
    "increase": (30, 48, 35, 33),
    "unequal_time": (120, 30, 150, 45),
}


def totals(cells: tuple[float, ...], **more: float):
    names = ("treated_before", "treated_after", "comparison_before", "comparison_after")
    return did.two_by_two(**dict(zip(names, cells, strict=True)), **more)


@pytest.mark.parametrize("case", CELLS)
def test_log_ratio_and_error(case: str) -> None:
    told, ours = expected(f"a.cells.{case}"), totals(CELLS[case])
    assert math.log(ours.value) == pytest.approx(told["log_rirr"], rel=1e-10, abs=1e-12)
    assert ours.std_error == pytest.approx(told["se"], rel=1e-10)


def test_simulated_areas() -> None:
    told = expected("a.tot.rirr")
    ours = totals(tuple(told[name] for name in ("t0", "t1", "c0", "c1")))
    assert (ours.value, ours.low, ours.high, ours.std_error, ours.p_value) == pytest.approx(
        [told[name] for name in ("rirr", "lo", "hi", "se", "p")], rel=1e-10
    )
    assert ours.percent == pytest.approx(told["pct_change"], rel=1e-10)
    spread = expected("a.tot.rirr_overdisp")
    wide = totals((told["t0"], told["t1"], told["c0"], told["c1"]), dispersion=spread["phi"])
    assert (wide.std_error, wide.low, wide.high) == pytest.approx(
        [spread[name] for name in ("se_phi", "lo_phi", "hi_phi")], rel=1e-10
    )


def test_wheelers_worked_example() -> None:
    """Wheeler (2021), comparing the WDD with Wilson's log ratio: treated 50 to 30, control 60 to 55."""
    ours = totals((50, 30, 60, 55))
    assert math.log(ours.value) == pytest.approx(-0.4238142, abs=5e-8)
    assert ours.value == pytest.approx(0.6545455, abs=5e-8)
    assert ours.std_error == pytest.approx(math.sqrt(1 / 50 + 1 / 30 + 1 / 60 + 1 / 55), rel=1e-12)


def test_counts_of_the_weighted_displacement_difference_paper() -> None:
    """Wheeler and Ratcliffe's (2018) counts: ln = ln(110 x 308 / (207 x 318)), variance the sum of 1 / count.

    The published figures have four or five digits, some of them cut rather than rounded.
    """
    ours, wide = totals((207, 110, 308, 318)), totals((207, 110, 308, 318), dispersion=2)
    assert math.log(ours.value) == pytest.approx(math.log(110 * 308 / (207 * 318)), rel=1e-12)
    assert (ours.value, ours.std_error, ours.low, ours.high) == pytest.approx(
        (0.51469, 0.142525, 0.3892, 0.6806), abs=1e-4
    )
    assert (wide.std_error, wide.low, wide.high) == pytest.approx((0.20156, 0.3467, 0.7640), abs=1e-4)

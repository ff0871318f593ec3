"""Two Poisson counts, against R's poisson.test, exactci and ptools, and against published E-tests."""

import pytest

from toolkit import before_after

from .reading import areas, expected

# Rows of the hand-made table of totals: treated before and after, months before and after.
CELLS = {
    "typical": (84, 55, 12, 12),
    "small": (7, 2, 12, 12),
    "zero_post_treated": (9, 0, 12, 12),
    "no_change": (40, 40, 12, 12),
    "increase": (30, 48, 12, 12),
    "unequal_time": (120, 30, 12, 4),
}


def test_of(cell: tuple[int, int, float, float], kind: str):
    before, after, months_before, months_after = cell
    return before_after.poisson_test(
        before, after, exposure_before=months_before, exposure_after=months_after, kind=kind
    )


test_of.__test__ = False


@pytest.mark.parametrize("case", CELLS)
def test_exact_is_poisson_test(case: str) -> None:
    """P by minimum likelihood, and a central interval, which exactci's `central` gives too."""
    told, ours = expected(f"a.cells.{case}"), test_of(CELLS[case], "exact")
    seen = (ours.value, ours.p_value, ours.low, ours.high)
    assert seen == pytest.approx([told[name] for name in ("rate_ratio", "pt_p", "pt_lo", "pt_hi")], rel=1e-9)
    assert (ours.low, ours.high) == pytest.approx((told["central_lo"], told["central_hi"]), rel=1e-9)
    assert ours.p_value == pytest.approx(told["minlike_p"], rel=1e-9)


@pytest.mark.parametrize("case", CELLS)
def test_the_e_test_counts_ties(case: str) -> None:
    """ptools::e_test loses outcomes that tie with the one seen to rounding: the value here counts them."""
    told = expected(f"a.cells.{case}")["e_test_p_tie_robust"]
    assert test_of(CELLS[case], "etest").p_value == pytest.approx(told, rel=1e-9)


def test_simulated_areas() -> None:
    told, table = expected("a.ba.pois"), areas()
    treated = table[table["treated"] == 1]
    late = treated["post"] == 1
    ours = test_of((int(treated["count"][~late].sum()), int(treated["count"][late].sum()), 12, 9), "exact")
    assert (ours.value, ours.p_value, ours.low, ours.high) == pytest.approx(
        [told[name] for name in ("rr", "p", "lo", "hi")], rel=1e-9
    )


def test_thousands_of_incidents_with_a_population() -> None:
    """Totals of f_its.csv: months 1 to 60 and 61 to 96, with the sums of population as exposures."""
    told, ours = expected("f.ba"), test_of((9_685, 4_912, 12_929_400, 8_068_680), "exact")
    assert (ours.value, ours.low, ours.high) == pytest.approx([told[n] for n in ("rr", "lo", "hi")], rel=1e-9)
    assert ours.p_value == pytest.approx(told["p"], rel=1e-6)


@pytest.mark.parametrize(
    ("cell", "p_value"),
    [
        ((2, 6, 1, 1), 0.1749),  # Krishnamoorthy and Thomson (2004), as ptools tests it
        ((0, 3, 1, 1), 0.0884),
        ((5, 10, 1, 1), 0.2061644),  # crimepy's notebook of examples
        ((5, 15, 1, 1), 0.0250351),
        ((3, 6, 1, 2), 0.9998766),  # equal rates: what is missing is the chance of no incident at all
        ((25, 100, 5, 10), 0.0015381),  # the pooled variance; SciPy and the unpooled one give 0.000575
    ],
)
def test_published_e_tests(cell: tuple[int, int, float, float], p_value: float) -> None:
    digits = len(str(p_value).split(".")[1])
    assert test_of(cell, "etest").p_value == pytest.approx(p_value, abs=0.51 * 10**-digits)
    back_to_front = (cell[1], cell[0], cell[3], cell[2])
    assert test_of(back_to_front, "etest").p_value == pytest.approx(p_value, abs=0.51 * 10**-digits)


def test_six_after_two_by_other_tests() -> None:
    """Binomial 6 of 8: 2 (28 + 8 + 1) / 256 exact; half of the 28 by mid-p.

    statsmodels gives 0.234 for mid-p: it takes half of the 28 off one side only, (2 x 37 - 14) / 256.
    """
    assert test_of((2, 6, 1, 1), "exact").p_value == pytest.approx(74 / 256, rel=1e-12)
    assert test_of((2, 6, 1, 1), "mid_p").p_value == pytest.approx(46 / 256, rel=1e-12)

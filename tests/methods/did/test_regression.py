"""The two-way regression: what it says, and what it refuses."""

import math

import numpy as np
import pytest
from made_wards import many, panel

from toolkit import DesignError, did


def test_poisson_is_normal_and_least_squares_is_t() -> None:
    """Fixest's conventions: z for Poisson; t with clusters - 1 = 8 for least squares."""
    one = panel(many(4, 5))
    ratio, linear = did.two_way(one), did.two_way(one, scale="difference")
    assert math.log(ratio.high / ratio.value) / ratio.std_error == pytest.approx(1.959964, abs=1e-6)
    assert (linear.high - linear.value) / linear.std_error == pytest.approx(2.306004, abs=1e-6)


def test_several_starts_carry_a_caution() -> None:
    table = many(6, 6)
    assert not any("start dates" in caution for caution in did.two_way(panel(table)).cautions)
    table.loc[table["ward"] == "w00", "began"] = 5
    assert any("Several start dates" in caution for caution in did.two_way(panel(table)).cautions)


def test_the_corrections_differ_by_their_count_of_parameters() -> None:
    """9 wards x 6 months: K = 1 + 6, or 1 + 6 + 8."""
    one = panel(many(4, 5))
    fixest, full = (
        did.two_way(one, scale="difference", correction=how).std_error for how in ("fixest", "all_dummies")
    )
    assert full / fixest == pytest.approx(math.sqrt((54 - 7) / (54 - 15)), rel=1e-12)


@pytest.mark.parametrize("scale", ["ratio", "difference"])
def test_a_covariate_that_is_the_treatment_again_is_refused(scale: str) -> None:
    """The two cannot be told apart: splitting the effect between them would be an answer to nothing."""
    table = many(6, 6)
    table["patrols"] = (table["month"] >= table["began"]) * 3.0
    with pytest.raises(DesignError, match="patrols"):
        did.two_way(panel(table, covariates=["patrols"]), scale=scale)


def test_nothing_after_has_no_estimate() -> None:
    table = many(4, 5)
    table.loc[table["month"] >= table["began"], "asb"] = 0
    with pytest.raises(DesignError, match="no finite estimate"):
        did.two_way(panel(table))
    assert np.isfinite(did.two_way(panel(table), scale="difference").value)


def test_bad_options() -> None:
    one = panel(many(4, 5))
    with pytest.raises(DesignError, match="inference='permutation' is not known"):
        did.two_way(one, inference="permutation")
    with pytest.raises(DesignError, match="correction='stata' is not known"):
        did.two_way(one, correction="stata")

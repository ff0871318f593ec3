"""Four totals: dispersion, zeros, and what is refused. Published numbers are in tests/reference."""

import math

import pytest

from toolkit import DesignError, did

GIVEN = {"treated_before": 50, "treated_after": 30, "comparison_before": 60, "comparison_after": 55}


def test_dispersion_widens_by_its_root() -> None:
    one, four = did.two_by_two(**GIVEN), did.two_by_two(**GIVEN, dispersion=4)
    assert four.std_error == pytest.approx(2 * one.std_error, rel=1e-12)
    assert four.value == one.value
    assert any("dispersion 1" in caution for caution in one.cautions)
    assert not any("dispersion 1" in caution for caution in four.cautions)


def test_a_zero_after_adds_a_half_to_all_four() -> None:
    answer = did.two_by_two(**(GIVEN | {"treated_after": 0}))
    assert math.log(answer.value) == pytest.approx(math.log(0.5 / 50.5) - math.log(55.5 / 60.5), rel=1e-12)
    assert any("treated_after is 0: 0.5 was added" in caution for caution in answer.cautions)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"treated_before": 0}, "treated_before is 0"),
        ({"comparison_before": 0}, "comparison_before is 0"),
        ({"treated_after": -1}, "treated_after=-1"),
        ({"comparison_after": math.inf}, "comparison_after=inf"),
        ({"comparison_after": math.nan}, "comparison_after=nan"),
        ({"treated_after": "30"}, "treated_after='30'"),
        ({"dispersion": 0.5}, "dispersion=0.5"),
        ({"level": 0}, "level=0"),
    ],
)
def test_bad_totals(change: dict, message: str) -> None:
    with pytest.raises(DesignError, match=message):
        did.two_by_two(**(GIVEN | change))

"""Two counts as Poisson: what it says, what it warns of, and what it refuses."""

import math

import numpy as np
import pytest

from toolkit import DesignError, before_after

KINDS = ["exact", "mid_p", "etest"]
every_kind = pytest.mark.parametrize("kind", KINDS)


@every_kind
def test_rate_after_over_rate_before(kind: str) -> None:
    """120 in 12 months, 30 in 4: 7.5 a month over 10."""
    answer = before_after.poisson_test(120, 30, exposure_before=12, exposure_after=4, kind=kind)
    assert answer.value == pytest.approx(0.75, rel=1e-12)
    assert answer.scale == "ratio" and math.isnan(answer.std_error)
    assert answer.low < 0.75 < answer.high


@every_kind
def test_only_the_ratio_of_exposures_matters(kind: str) -> None:
    one = before_after.poisson_test(120, 30, exposure_before=12, exposure_after=4, kind=kind)
    other = before_after.poisson_test(120, 30, exposure_before=1200, exposure_after=400, kind=kind)
    assert (other.value, other.low, other.high, other.p_value) == pytest.approx(
        (one.value, one.low, one.high, one.p_value), rel=1e-9
    )


@every_kind
@pytest.mark.parametrize("counts", [(84, 55), (3, 9), (0, 4), (6, 0)])
def test_swapping_the_periods_inverts_the_ratio(kind: str, counts: tuple[int, int]) -> None:
    before, after = counts
    one = before_after.poisson_test(before, after, exposure_after=2, kind=kind)
    other = before_after.poisson_test(after, before, exposure_before=2, kind=kind)
    assert other.p_value == pytest.approx(one.p_value, rel=1e-10)
    inverted = [1 / end if end else math.inf for end in (one.value, one.high, one.low)]
    assert (other.value, other.low, other.high) == pytest.approx(inverted, rel=1e-5)


@pytest.mark.parametrize("kind", ["mid_p", "etest"])
@pytest.mark.parametrize("level", [0.8, 0.95])
def test_the_interval_holds_no_change_exactly_when_the_p_value_keeps_it(kind: str, level: float) -> None:
    for before in (0, 2, 5, 9, 14):
        for after in range(int(before == 0), 26):
            answer = before_after.poisson_test(before, after, kind=kind, level=level)
            assert (answer.low <= 1 <= answer.high) == (answer.p_value > 1 - level), (before, after)


def test_a_caution_where_the_exact_p_value_and_interval_disagree() -> None:
    """Of 300 pairs of counts some disagree, all of them near 5%, and each of those says so."""
    said = {}
    for before in range(1, 16):
        for after in range(20):
            answer = before_after.poisson_test(before, after, exposure_after=1.7)
            apart = (answer.low <= 1 <= answer.high) != (answer.p_value > 0.05)
            said[before, after] = apart
            assert any("borderline" in caution for caution in answer.cautions) == apart
            assert not apart or 0.01 < answer.p_value < 0.05
    assert 0 < sum(said.values()) < 30


@every_kind
def test_it_always_says_that_counts_vary_more_and_that_there_is_no_comparison(kind: str) -> None:
    cautions = " ".join(before_after.poisson_test(40, 30, kind=kind).cautions)
    assert (
        "independent" in cautions and "several times more" in cautions and "No comparison group" in cautions
    )


@every_kind
def test_nothing_before_has_a_lower_end_only(kind: str) -> None:
    answer = before_after.poisson_test(0, 9, kind=kind)
    assert answer.value == answer.high == math.inf and 1.9 < answer.low < 4
    assert any("Nothing was recorded before" in caution for caution in answer.cautions)


@every_kind
def test_nothing_after_has_an_upper_end_only(kind: str) -> None:
    answer = before_after.poisson_test(9, 0, kind=kind)
    assert (answer.value, answer.low) == (0, 0) and answer.high < 0.6
    assert any("Nothing was recorded after" in caution for caution in answer.cautions)


@every_kind
def test_hundreds_of_thousands(kind: str) -> None:
    """The normal p-value of the split: z = (480,000 - 481,000) / root 961,000."""
    answer = before_after.poisson_test(481_000, 480_000, kind=kind)
    z = 1000 / math.sqrt(961_000)
    assert answer.p_value == pytest.approx(math.erfc(z / math.sqrt(2)), rel=5e-3)


def test_whole_numbers_come_in_many_kinds() -> None:
    told = before_after.poisson_test(84, 55)
    for before, after in ((84.0, 55.0), (np.int32(84), np.int64(55)), (np.float64(84), np.uint8(55))):
        assert before_after.poisson_test(before, after).p_value == told.p_value


@pytest.mark.parametrize(
    "wrong",
    [-1, 2.5, math.nan, math.inf, "12", None, True, np.bool_(True), [3], 10**10, np.float64(-3), 1 + 0j],
)
@pytest.mark.parametrize("name", ["count_before", "count_after"])
def test_counts_that_are_none(name: str, wrong: object) -> None:
    counts = {"count_before": 5, "count_after": 5, name: wrong}
    with pytest.raises(DesignError, match=rf"^{name}=.* must be a whole number .* totals, not rates"):
        before_after.poisson_test(**counts)


@pytest.mark.parametrize(
    "wrong", [0, -12, math.nan, math.inf, "12", None, True, np.bool_(True), [3], 1e-40, 1e40]
)
@pytest.mark.parametrize("name", ["exposure_before", "exposure_after"])
def test_exposures_that_are_none(name: str, wrong: object) -> None:
    with pytest.raises(DesignError, match=rf"^{name}=.* must be a number above zero"):
        before_after.poisson_test(5, 5, **{name: wrong})


@pytest.mark.parametrize("wrong", ["Exact", "", None, 1, ["exact"], "mid-p"])
def test_unknown_kinds(wrong: object) -> None:
    with pytest.raises(DesignError, match=r"^kind=.* is not known\. Use 'exact' or 'mid_p' or 'etest'"):
        before_after.poisson_test(5, 5, kind=wrong)


@pytest.mark.parametrize("level", [0, 1, 95, "0.95", True, math.nan])
def test_levels_out_of_range(level: object) -> None:
    with pytest.raises(DesignError, match=r"^level="):
        before_after.poisson_test(5, 5, level=level)


def test_no_incidents_at_all() -> None:
    with pytest.raises(DesignError, match="no incidents at all"):
        before_after.poisson_test(0, 0)


@every_kind
@pytest.mark.parametrize("exposures", [(1e-15, 1e15), (1e15, 1e-15)])
@pytest.mark.parametrize("counts", [(5, 5), (0, 3), (3, 0), (1, 100_000)])
@pytest.mark.parametrize("level", [0.5, 0.95, 0.9999999])
def test_exposures_worlds_apart(
    kind: str, exposures: tuple[float, float], counts: tuple[int, int], level: float
) -> None:
    answer = before_after.poisson_test(
        *counts, exposure_before=exposures[0], exposure_after=exposures[1], kind=kind, level=level
    )
    assert 0 <= answer.low <= answer.value <= answer.high
    assert 0 <= answer.p_value <= 1

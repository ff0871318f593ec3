"""Before and after in the treated units alone, by hand and against the paired t-test."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from toolkit import DesignError, Panel, before_after


def panel(table: pd.DataFrame, **columns) -> Panel:
    names = {"unit": "ward", "period": "month", "outcome": "asb", "treated_from": "began"}
    return Panel.of(table, **(names | columns))


def wards(counts: dict[str, list[float]], began: dict[str, float], first: int = 1) -> pd.DataFrame:
    """One row per ward and month from month ``first``."""
    return pd.DataFrame(
        [
            (ward, first + i, count, began.get(ward, np.nan))
            for ward, row in counts.items()
            for i, count in enumerate(row)
        ],
        columns=["ward", "month", "asb", "began"],
    )


TWO = wards({"Bede": [4, 6, 8, 3], "Dean": [10, 12, 5, 3], "Elm": [1, 1, 9, 9]}, {"Bede": 4, "Dean": 3})


def test_each_wards_own_rate_before_says_what_it_would_have_been() -> None:
    """Bede: mean 6 before, 3 after one month. Dean: mean 11 before, 8 in two months. (3 + 8) / (6 + 22)."""
    answer = before_after.rate_ratio(panel(TWO))
    assert answer.value == pytest.approx(11 / 28, rel=1e-12)
    assert (answer.n_units, answer.n_treated) == (2, 2)


def test_difference_is_a_mean_over_treated_months() -> None:
    """Bede -3; Dean 5 - 11 and 3 - 11: the mean of -3, -6 and -8."""
    assert before_after.mean_difference(panel(TWO)).value == pytest.approx(-17 / 3, rel=1e-12)


def test_the_error_of_two_wards_by_hand() -> None:
    """CR2 with one residual: both wards miss r x base by the same amount, 3 - 6 r, over 11 seen in all.

    Its variance under the working model is (v_B e_D^2 + v_D e_B^2) / (v_B + v_D) of the total's, for shares
    e = 6 / 28 and 22 / 28 and Poisson variances v_B = 3 + r^2 (1/3)^2 18 (Bede's 18 in three months stand for one) and
    v_D = 8 + r^2 22. One residual is one degree of freedom.
    """
    answer, r = before_after.rate_ratio(panel(TWO)), 11 / 28
    bede, dean = 3 + r**2 * 18 / 9, 8 + r**2 * 22
    share = (bede * (22 / 28) ** 2 + dean * (6 / 28) ** 2) / (bede + dean)
    error = (3 - 6 * r) / 11 / math.sqrt(share)
    assert answer.std_error == pytest.approx(error, rel=1e-12)
    reach = math.tan(math.pi * 0.475) * error  # t with 1 degree of freedom is Cauchy
    assert answer.high == pytest.approx(r * math.exp(reach), rel=1e-9)


def test_one_start_difference_is_the_paired_t_test() -> None:
    draw = np.random.default_rng(0)
    table = wards(
        {f"w{i}": list(draw.poisson(20, 6) * 1.0) for i in range(8)}, {f"w{i}": 4 for i in range(8)}
    )
    by_ward = table.groupby(["ward", table["month"] >= 4])["asb"].mean().unstack()
    told = stats.ttest_rel(by_ward[True], by_ward[False])
    answer = before_after.mean_difference(panel(table))
    assert answer.p_value == pytest.approx(told.pvalue, rel=1e-10)
    assert (answer.low, answer.high) == pytest.approx(tuple(told.confidence_interval(0.95)), rel=1e-10)


def test_exposure_makes_rates() -> None:
    """Ten a month per 100 before; 12 among 200 after is half of it: 12 / (0.1 x 200) = 0.6."""
    table = wards({"Bede": [10, 12], "Dean": [10, 12]}, {"Bede": 2, "Dean": 2}).assign(people=[100, 200] * 2)
    assert before_after.rate_ratio(panel(table, exposure="people")).value == pytest.approx(0.6, rel=1e-12)


def test_window_counts_from_each_wards_own_start() -> None:
    """One month either side: Bede 8 then 3, Dean 12 then 5."""
    assert before_after.rate_ratio(panel(TWO), window=(1, 1)).value == pytest.approx(8 / 20, rel=1e-12)


def monthly(counts: list[float], began: str = "2022-01") -> pd.DataFrame:
    months = pd.period_range("2021-01", periods=len(counts), freq="M").astype(str)
    return pd.DataFrame(
        {
            "ward": np.repeat(["Bede", "Dean"], len(counts)),
            "month": list(months) * 2,
            "asb": counts * 2,
            "began": began,
        }
    )


def test_same_months_compares_like_with_like() -> None:
    """Twelve months 1 to 12, then January and February at half: 0.5, where all months would say 1.5 / 13."""
    table = monthly([*range(1, 13), 0.5, 1.0])
    same = before_after.rate_ratio(panel(table), same_months=True)
    assert same.value == pytest.approx(0.5, rel=1e-12)
    plain = before_after.rate_ratio(panel(table))
    assert plain.value == pytest.approx(1.5 / 13, rel=1e-12)
    assert any("different months of the year" in caution for caution in plain.cautions)
    assert not any("different months" in caution for caution in same.cautions)
    assert same.compared_with == "in the same months before"


def test_whole_years_need_no_caution_about_season() -> None:
    answer = before_after.rate_ratio(panel(monthly([float(5 + i % 12) for i in range(24)])))
    assert not any("months of the year" in caution for caution in answer.cautions)


def test_it_always_says_that_there_is_no_comparison() -> None:
    for method in (before_after.rate_ratio, before_after.mean_difference):
        assert any(caution.startswith("No comparison group") for caution in method(panel(TWO)).cautions)


def test_nothing_after_is_a_ratio_of_zero_without_an_interval() -> None:
    answer = before_after.rate_ratio(panel(wards({"Bede": [4, 0], "Dean": [3, 0]}, {"Bede": 2, "Dean": 2})))
    assert (answer.value, answer.low, answer.high) == (0.0, 0.0, math.inf)


@pytest.mark.parametrize(
    ("table", "options", "message"),
    [
        (wards({"Bede": [0, 0, 5], "Dean": [0, 0, 4]}, {"Bede": 3, "Dean": 3}), {}, "no asb at all before"),
        (wards({"Bede": [4, 5]}, {}), {}, "No ward is treated"),
        (TWO, {"window": (0, 1)}, "window"),
        (TWO, {"window": 3}, "window=3 must be two whole numbers"),
        (TWO, {"same_months": True}, "same_months needs months or quarters"),
        (TWO, {"level": 95}, "level=95"),
        (
            wards({"Bede": [3, 0, 5], "Dean": [2, 0, 4]}, {"Bede": 3, "Dean": 3}),
            {"window": (1, 1)},
            "no incidents",
        ),
    ],
)
def test_bad_questions(table: pd.DataFrame, options: dict, message: str) -> None:
    with pytest.raises(DesignError, match=message):
        before_after.rate_ratio(panel(table), **options)

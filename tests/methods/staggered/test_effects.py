"""Group-time effects: by hand, against did.att where one start makes them one, and what is refused or cautioned."""

import numpy as np
import pandas as pd
import pytest
from made_wards import many, panel, wards

from toolkit import DesignError, Panel, did, staggered
from toolkit.estimate import GroupTime

SCALES = pytest.mark.parametrize("scale", ["ratio", "difference"])


def waves(seed: int = 0, first: int = 5, second: int = 5, others: int = 6) -> pd.DataFrame:
    """Wards that start in month 4, wards that start in month 6, and wards that never start."""
    table = many(first + second, others, seed)
    late = [f"w{i:02d}" for i in range(first, first + second)]
    table["began"] = table["began"].where(table["began"].isna(), 4.0)
    table.loc[table["ward"].isin(late), "began"] = 6.0
    return table


def said(answer: GroupTime) -> str:
    return " ".join(answer.cautions)


BY_HAND = wards(
    {
        "A": [10, 20, 10, 5], "A2": [30, 40, 30, 25], "B": [20, 20, 25, 15], "B2": [40, 40, 45, 35],
        "C": [30, 31, 33, 36], "D": [9, 10, 12, 15],
    },
    {"A": 3, "A2": 3, "B": 4, "B2": 4},
)  # fmt: skip


def cell(answer: GroupTime, cohort: int, period: int) -> float:
    table = answer.effects
    return float(table.loc[(table["cohort"] == cohort) & (table["period"] == period), "estimate"].iloc[0])


def test_differences_by_hand() -> None:
    """A fell by 10 from month 2 to 3 while C and D rose by 2; B rose by 5 then, and by -5 to month 4 against +5."""
    told = staggered.att_gt(panel(BY_HAND))
    assert cell(told, 3, 3) == pytest.approx(-10 - 2) and cell(told, 3, 4) == pytest.approx(-15 - 5)
    assert cell(told, 3, 2) == pytest.approx(10 - 1)
    assert cell(told, 4, 4) == pytest.approx(-10 - 3)
    later = staggered.att_gt(panel(BY_HAND), comparison="not_yet_treated")
    assert cell(later, 3, 3) == pytest.approx(-10 - (2 + 2 + 5 + 5) / 4)
    assert cell(later, 3, 4) == pytest.approx(-15 - 5)


def test_ratios_by_hand() -> None:
    told = staggered.att_gt(panel(BY_HAND), scale="ratio")
    assert cell(told, 3, 3) == pytest.approx((40 / 60) / (45 / 41))
    assert cell(told, 4, 4) == pytest.approx((50 / 70) / (51 / 45))


def test_a_universal_base_by_hand() -> None:
    told = staggered.att_gt(panel(BY_HAND), base="universal")
    assert cell(told, 4, 1) == pytest.approx(-5 + 3) and cell(told, 4, 3) == 0
    assert list(told.effects.query("cohort == 3")["event_time"]) == [-2, -1, 0, 1]
    base = told.effects.query("event_time == -1")
    assert (base[["estimate", "std_error", "low", "high", "band_low", "band_high"]] == 0).all(axis=None)


def test_anticipation_moves_the_base() -> None:
    """Against month 1 for the third month: A fell by 0 and C and D rose by 3."""
    told = staggered.att_gt(panel(BY_HAND), anticipation=1)
    assert cell(told, 3, 3) == pytest.approx(0 - 3)
    assert cell(told, 4, 4) == pytest.approx(-5 - 5)


@SCALES
def test_one_start_and_two_periods_are_did_att(scale: str) -> None:
    table = many(12, 12)
    two = table[table["month"].isin([table["began"].min() - 1, table["began"].min()])]
    one, other = (
        staggered.att_gt(panel(two), scale=scale),
        did.att(panel(two), scale=scale, inference="cluster"),
    )
    assert one.effects["estimate"].tolist() == pytest.approx([other.value], rel=1e-9)
    overall = staggered.aggregate(one)
    assert overall.value == pytest.approx(other.value, rel=1e-9)
    # CR3 shrinks by (G - 1)/G of all clusters, the strata by (n - 1)/n of their own: here 23/24 and 11/12.
    assert overall.std_error == pytest.approx(other.std_error * np.sqrt((11 / 12) / (23 / 24)), rel=1e-6)


def test_two_starts_and_one_period_before_each_are_the_imputation_by_cohort() -> None:
    """Set against the never treated and one period before, a cohort's effect is the imputation without the other."""
    table = BY_HAND[BY_HAND["month"].isin([2, 3]) & ~BY_HAND["ward"].isin(["B", "B2"])]
    imputed = did.att(panel(table), scale="difference", inference="cluster").value
    assert cell(staggered.att_gt(panel(BY_HAND)), 3, 3) == pytest.approx(imputed, rel=1e-9)


def test_the_table_and_its_covariance() -> None:
    answer = staggered.att_gt(panel(waves()), scale="ratio")
    table = answer.effects
    assert list(table) == ["cohort", "period", "event_time", "estimate", "std_error", "low", "high", "band_low",
                           "band_high", "n_units"]  # fmt: skip
    assert (table["event_time"] == table["period"] - table["cohort"]).all()
    np.testing.assert_allclose(np.sqrt(np.diag(answer.covariance)), table["std_error"], rtol=1e-9)
    assert answer.covariance.index.names == ["cohort", "period"]
    assert ((table["band_low"] <= table["low"]) & (table["high"] <= table["band_high"])).all()
    assert answer.to_frame().equals(table) and answer.to_frame() is not table
    np.testing.assert_allclose(answer.points, np.log(table["estimate"]))


def test_it_prints_what_came_after_and_counts_the_rest() -> None:
    text = str(staggered.att_gt(panel(waves())))
    assert "before the start: see .effects" in text and "jackknife over 16 wards by cohort" in text
    assert "<table" in staggered.att_gt(panel(waves()))._repr_html_()


@SCALES
@pytest.mark.parametrize("inference", ["cluster", "analytic", "multiplier"])
def test_inferences_agree_on_the_estimate_and_nearly_on_the_error(scale: str, inference: str) -> None:
    table = waves(first=12, second=12, others=20)
    one, other = (staggered.att_gt(panel(table), scale=scale, inference=i) for i in ("auto", inference))
    np.testing.assert_allclose(other.effects["estimate"], one.effects["estimate"], rtol=1e-9)
    np.testing.assert_allclose(other.effects["std_error"], one.effects["std_error"], rtol=0.15)
    assert one.inference == "cluster"


def test_everybody_treated_in_the_end() -> None:
    table = waves()
    table = table[table["began"].notna()]
    with pytest.raises(
        DesignError, match="Every ward is treated in the end, so none is never treated. Use comparison="
    ):
        staggered.att_gt(panel(table))
    answer = staggered.att_gt(panel(table), comparison="not_yet_treated")
    assert set(answer.effects["cohort"]) == {4} and answer.effects["period"].max() == 5
    assert "the last to start (5 wards) are compared with the others up to their own start" in said(answer)
    never = table.assign(began=table["began"].where(table["began"] < 6))
    same = staggered.att_gt(panel(never[never["month"] < 6]))
    np.testing.assert_allclose(answer.effects["estimate"], same.effects["estimate"], rtol=1e-12)


def test_too_few_to_compare() -> None:
    with pytest.raises(
        DesignError,
        match="at least 2 treated wards and 2 never treated to compare with, and there are 10 and 1",
    ):
        staggered.att_gt(panel(waves(others=1)))
    with pytest.raises(DesignError, match="there are 1 and 6"):
        staggered.att_gt(panel(waves(first=1, second=0)))


def test_cohorts_that_have_no_base_are_left_out() -> None:
    answer = staggered.att_gt(panel(waves()), anticipation=4)
    assert set(answer.effects["cohort"]) == {6}
    assert "5 treated wards are left out, with no period before the start and its anticipation" in said(
        answer
    )
    with pytest.raises(DesignError, match="lower anticipation"):
        staggered.att_gt(panel(waves()), anticipation=7)


def test_gaps_are_said_and_kept() -> None:
    table = waves().drop(index=[3, 20])
    answer = staggered.att_gt(panel(table))
    assert (
        "2 wards of 16 have gaps (or weights of zero): each effect is that on the wards observed in both"
        in said(answer)
    )
    assert set(answer.effects["n_units"]) == {3, 4, 5}


def test_cells_that_nobody_is_there_to_compare_with_are_left_out() -> None:
    table = waves()
    answer = staggered.att_gt(panel(table[table["began"].notna() | (table["month"] != 5)]))
    assert 5 not in set(
        answer.effects["period"]
    ) and "cannot be estimated and are left out: no ward was" in said(answer)
    with pytest.raises(
        DesignError, match="No effect can be estimated: no ward to compare with is observed in both"
    ):
        staggered.att_gt(panel(table[table["began"].notna() | (table["month"] < 3)]))


def test_a_cohort_of_few_and_one_of_one() -> None:
    few = staggered.att_gt(panel(waves(second=2)))
    assert "1 cohort of 2 has fewer than 5 wards: their own rows are approximate" in said(few)
    alone = staggered.att_gt(panel(waves(second=1)))
    assert "1 cohort of 2 is a single ward, whose own chance cannot be told from the effect" in said(alone)
    own = alone.effects.query("cohort == 6")
    assert own["std_error"].isna().all() and np.isinf(own["low"]).all()
    as_r = staggered.att_gt(panel(waves(second=1)), inference="analytic").effects.query("cohort == 6")
    assert as_r["std_error"].gt(0).all()
    assert np.isfinite(staggered.aggregate(alone).std_error)


def test_few_left_to_compare_with() -> None:
    answer = staggered.att_gt(panel(waves(others=3)))
    assert "fewer than 5 wards were left to compare with (fewest 3, in 4)" in said(answer)


def test_nothing_recorded_after_is_a_ratio_of_nothing() -> None:
    table = waves()
    table.loc[(table["began"] == 6) & (table["month"] >= 6), "asb"] = 0
    rows = staggered.att_gt(panel(table), scale="ratio").effects.query("cohort == 6 and event_time >= 0")
    assert (rows["estimate"] == 0).all() and (rows["low"] == 0).all() and np.isinf(rows["high"]).all()


def income(table: pd.DataFrame) -> pd.DataFrame:
    codes = pd.factorize(table["ward"])[0]
    return table.assign(income=np.random.default_rng(1).normal(size=codes.max() + 1)[codes])


def test_covariates_and_their_limits() -> None:
    table = income(waves(first=8, second=8, others=16))
    with_income = Panel.of(
        table, unit="ward", period="month", outcome="asb", treated_from="began", covariates=["income"]
    )
    plain = staggered.att_gt(with_income)
    assert "adjust='none': the covariates of the Panel (income) are not used." in said(plain)
    for adjust in ("regression", "weighting", "doubly_robust"):
        answer = staggered.att_gt(with_income, adjust=adjust)
        assert "not used" not in said(answer) and "adjusted by" in answer.method
        assert not np.allclose(answer.effects["estimate"], plain.effects["estimate"])
    with pytest.raises(DesignError, match="adjust='regression' needs covariates: name them in Panel.of"):
        staggered.att_gt(panel(table), adjust="regression")
    with pytest.raises(
        DesignError, match="adjust='weighting' is for differences. On the ratio scale use adjust='none'"
    ):
        staggered.att_gt(with_income, adjust="weighting", scale="ratio")


def test_covariates_that_say_nothing_or_everything() -> None:
    table = income(waves())
    names = {"unit": "ward", "period": "month", "outcome": "asb", "treated_from": "began"}
    flat = Panel.of(table.assign(flat=1.0), covariates=["flat", "income"], **names)
    with pytest.raises(DesignError, match="^flat does not vary"):
        staggered.att_gt(flat, adjust="regression")
    told = Panel.of(
        table.assign(chosen=table["began"].notna() + 0.01 * table["income"]), covariates=["chosen"], **names
    )
    with pytest.raises(
        DesignError, match="the covariates tell treated wards from those compared without error"
    ):
        staggered.att_gt(told, adjust="doubly_robust")


@pytest.mark.parametrize("name", ["comparison", "adjust", "base", "scale", "inference"])
@pytest.mark.parametrize("wrong", ["never", "", None, 1, ["none"]])
def test_unknown_words(name: str, wrong: object) -> None:
    with pytest.raises(DesignError, match=r" is not known\. Use '"):
        staggered.att_gt(panel(waves()), **{name: wrong})


@pytest.mark.parametrize("wrong", [-1, 1.5, "2", True, None])
def test_anticipation_is_a_whole_number(wrong: object) -> None:
    with pytest.raises(DesignError, match="anticipation="):
        staggered.att_gt(panel(waves()), anticipation=wrong)


def test_the_seed_moves_the_band_alone() -> None:
    one, same, other = (staggered.att_gt(panel(waves()), seed=seed).effects for seed in (None, 0, 1))
    pd.testing.assert_frame_equal(one, same)
    assert not np.allclose(one["band_low"], other["band_low"])
    np.testing.assert_array_equal(one["low"], other["low"])

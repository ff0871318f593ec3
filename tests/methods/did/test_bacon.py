"""The decomposition of the two-way regression: its rows, what it covers, and what it refuses."""

import numpy as np
import pandas as pd
import pytest
from made_wards import many, panel, wards

from toolkit import DesignError, did

STARTS = {"Bede": 1, "Dean": 3, "Hill": 5, "Park": np.nan}  # treated throughout, early, late, never


def table(**columns: list[float]) -> pd.DataFrame:
    """Four wards by six months."""
    draw = np.random.default_rng(5)
    return wards({w: list(draw.poisson(15, 6) + 1.0) for w in STARTS}, STARTS).assign(**columns)


def whole(rows: pd.DataFrame) -> float:
    return float((rows["estimate"] * rows["weight"]).sum())


def test_one_row_for_each_comparison() -> None:
    rows = did.bacon(panel(table()))
    assert rows[["comparison", "cohort", "comparison_cohort"]].to_numpy().tolist() == [
        ["never_treated", 3, "never treated"],
        ["never_treated", 5, "never treated"],
        ["not_yet_treated", 3, 5],
        ["already_treated", 5, 3],
        ["always_treated", 3, "always treated"],
        ["always_treated", 5, "always treated"],
    ]
    assert (rows[["n_treated", "n_comparison"]] == 1).all(axis=None)
    # Periods before x after in the window: 2 x 4, 4 x 2, 2 x 2, 2 x 2, 2 x 4, 4 x 2; one ward each.
    assert rows["weight"].to_numpy() == pytest.approx(np.array([8, 8, 4, 4, 8, 8]) / 40)
    assert whole(rows) == pytest.approx(did.two_way(panel(table()), scale="difference").value, abs=1e-10)


def test_by_comparison_is_the_weighted_average_of_its_rows() -> None:
    rows, kinds = did.bacon(panel(table())), did.bacon(panel(table()), by="comparison")
    assert kinds["comparison"].tolist() == [
        "never_treated",
        "not_yet_treated",
        "already_treated",
        "always_treated",
    ]
    assert kinds["n_pairs"].tolist() == [2, 1, 1, 2]
    assert kinds["weight"].to_numpy() == pytest.approx(np.array([16, 4, 4, 16]) / 40)
    assert kinds["estimate"][0] == pytest.approx(rows["estimate"][:2].mean())
    assert kinds["estimate"][2] == rows["estimate"][3]
    assert whole(kinds) == pytest.approx(whole(rows), abs=1e-12)


@pytest.mark.parametrize(
    "columns", [{}, {"exposure": "people"}, {"weight": "size"}, {"exposure": "people", "weight": "size"}]
)
def test_the_sum_is_the_two_way_coefficient(columns: dict[str, str]) -> None:
    made = table(people=np.random.default_rng(1).uniform(50, 90, 24), size=np.repeat([1.0, 0.4, 2, 0.7], 6))
    one = panel(made, **columns)
    assert whole(did.bacon(one)) == pytest.approx(did.two_way(one, scale="difference").value, abs=1e-10)


def test_one_start_is_one_comparison_and_the_imputation() -> None:
    one = panel(many(4, 5))
    (row,) = did.bacon(one).itertuples()
    assert (row.comparison, row.cohort, row.weight, row.n_treated, row.n_comparison) == (
        "never_treated",
        4,
        1,
        4,
        5,
    )
    assert row.estimate == pytest.approx(
        did.att(one, scale="difference", inference="cluster").value, abs=1e-10
    )


def test_without_never_treated_units() -> None:
    made = table()
    one = panel(made[made["ward"].isin(["Dean", "Hill"])])
    rows = did.bacon(one)
    assert rows["comparison"].tolist() == ["not_yet_treated", "already_treated"]
    assert whole(rows) == pytest.approx(did.two_way(one, scale="difference").value, abs=1e-10)


def test_months_as_periods_and_a_start_in_a_month_nobody_was_observed() -> None:
    """Dean starts in March, for which there are no rows: it is named by its start, and April is its first month."""
    made, months = table(), pd.period_range("2023-01", periods=6, freq="M")
    made["month"] = months[made["month"] - 1]
    made["began"] = pd.Series(months.take(made["began"].fillna(1).astype(int) - 1)).where(
        made["began"].notna()
    )
    one = panel(made[made["month"] != pd.Period("2023-03")])
    rows = did.bacon(one)
    assert rows["cohort"].unique().tolist() == [pd.Period("2023-03"), pd.Period("2023-05")]
    # Five months are left: 2 x 3, 3 x 2, 2 x 1, 1 x 2, 2 x 3, 3 x 2.
    assert rows["weight"].to_numpy() == pytest.approx(np.array([6, 6, 2, 2, 6, 6]) / 28)
    assert whole(rows) == pytest.approx(did.two_way(one, scale="difference").value, abs=1e-10)


def test_a_start_after_the_data_is_never_treated() -> None:
    made = many(2, 3)
    made.loc[made["ward"] == "w04", "began"] = 7
    assert did.bacon(panel(made))["n_comparison"].tolist() == [3]


def test_growing_effects_turn_the_sign() -> None:
    """Without noise: every effect is at least 1 and grows by 3 a month, and the regression says -3.2."""
    began = {"Dean": 2, "Hill": 5}
    made = wards(
        {
            w: [10.0 + max(0, 1 + 3 * (m - start)) * (m >= start) for m in range(1, 9)]
            for w, start in began.items()
        },
        began,
    )
    rows = did.bacon(panel(made)).set_index("comparison")
    # Before month 5: Dean's effects are 1, 4, 7 in months 2 to 4, Hill has none.
    assert rows.loc["not_yet_treated", "estimate"] == pytest.approx(4)
    # From month 2: Hill's are 1, 4, 7, 10 in months 5 to 8; Dean's rise from 4 on average to 10, 13, 16, 19.
    assert rows.loc["already_treated", "estimate"] == pytest.approx(5.5 - (14.5 - 4))
    # Periods before x after: 1 x 3, and 3 x 4.
    assert rows["weight"].to_numpy() == pytest.approx([3 / 15, 12 / 15])
    assert did.two_way(panel(made), scale="difference").value == pytest.approx(0.2 * 4 - 0.8 * 5)


def test_gaps_are_refused_and_the_advice_works() -> None:
    made = many(6, 6)
    gone = made.drop(index=[8, 9, 40])  # w01 in months 3 and 4, w06 in month 5
    one = panel(gone)
    with pytest.raises(DesignError) as caught:
        did.bacon(one)
    assert str(caught.value) == (
        "The decomposition needs every ward in every month: ward w01 has no month 3 (and 2 more such gaps). Keep the "
        "wards without gaps: panel.where(lambda rows: rows.groupby('unit')['period'].transform('size') == 6)."
    )
    kept = one.where(lambda rows: rows.groupby("unit")["period"].transform("size") == 6)
    assert did.bacon(kept)["n_treated"].tolist() == [5]


def test_gaps_everywhere() -> None:
    made = many(3, 3)
    with pytest.raises(DesignError, match=r"No ward is without gaps: choose months with panel\.between"):
        did.bacon(panel(made[(made.index % 5) != 3].reset_index(drop=True)))


def test_weights_that_change_are_refused() -> None:
    made = many(3, 3).assign(people=5.0)
    made.loc[8, "people"] = 6.0
    with pytest.raises(DesignError) as caught:
        did.bacon(panel(made, weight="people"))
    assert str(caught.value) == (
        "people changes over time in ward w01: the decomposition needs one weight for each ward. Give each its mean, "
        "or leave weight= out."
    )


def test_a_comparison_without_weight_is_refused() -> None:
    made = many(3, 3)
    made["size"] = np.where(made["began"].notna(), 1.0, 0.0)
    with pytest.raises(DesignError, match="No ward with any weight is left to compare with: check size"):
        did.bacon(panel(made, weight="size"))


def test_units_without_weight_are_not_counted() -> None:
    made = many(3, 3)
    made["size"] = np.where(made["ward"] == "w05", 0.0, 1.0)
    assert did.bacon(panel(made, weight="size"))["n_comparison"].tolist() == [2]


def test_covariates_are_refused() -> None:
    made = many(3, 3).assign(hot=np.arange(36.0) % 5)
    with pytest.raises(DesignError, match="without covariates: make the Panel without hot"):
        did.bacon(panel(made, covariates=["hot"]))


@pytest.mark.parametrize("wrong", [None, "panel", [1], 3, many(2, 2)])
def test_no_panel(wrong: object) -> None:
    with pytest.raises(DesignError, match="This takes a Panel"):
        did.bacon(wrong)


@pytest.mark.parametrize("wrong", ["cohort", "", None, 1])
def test_unknown_words(wrong: object) -> None:
    with pytest.raises(DesignError, match=r"by=.* is not known\. Use 'pair' or 'comparison'"):
        did.bacon(panel(many(3, 3)), by=wrong)


def test_designs_that_have_no_answer() -> None:
    with pytest.raises(DesignError, match="Every ward is treated, so there is no comparison group"):
        did.bacon(panel(many(4, 0)))
    with pytest.raises(DesignError, match="No ward is treated"):
        did.bacon(panel(many(0, 4).assign(began=np.nan)))
    made = many(2, 2)
    with pytest.raises(DesignError, match="only one month"):
        did.bacon(panel(made[made["month"] == 4]))


def test_the_callers_data_are_not_changed() -> None:
    made = table()
    copy = made.copy(deep=True)
    did.bacon(panel(made))
    pd.testing.assert_frame_equal(made, copy)

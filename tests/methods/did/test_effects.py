"""Effects by cohort and by period: by hand, adding up to the whole, and what one ward alone cannot say."""

import math

import numpy as np
import pandas as pd
import pytest
from made_wards import many, panel, wards

from toolkit import DesignError, did
from toolkit.numerics import jackknife


def staggered(seed: int = 0, first: int = 4, second: int = 4, others: int = 5) -> pd.DataFrame:
    table = many(first + second, others, seed)
    late = [f"w{i:02d}" for i in range(first, first + second)]
    table.loc[table["ward"].isin(late), "began"] = 5
    return table


def test_by_hand() -> None:
    """A falls from 10 to 5 in month 2, B from 20 to 15 in month 3, others stay level: halves and three quarters."""
    table = wards(
        {
            "A": [10, 5, 5],
            "A2": [10, 5, 5],
            "B": [20, 20, 15],
            "B2": [20, 20, 15],
            "C": [30, 30, 30],
            "D": [9, 9, 9],
        },
        {"A": 2, "A2": 2, "B": 3, "B2": 3},
    )
    by_cohort = did.effects(panel(table))
    assert list(by_cohort["cohort"]) == [2, 3] and list(by_cohort["n_units"]) == [2, 2]
    np.testing.assert_allclose(by_cohort["estimate"], [0.5, 0.75], rtol=1e-8)
    by_period = did.effects(panel(table), by="period", scale="difference")
    assert list(by_period["period"]) == [2, 3] and list(by_period["n_units"]) == [2, 4]
    np.testing.assert_allclose(by_period["estimate"], [-5.0, -5.0], rtol=1e-8)


@pytest.mark.parametrize("by", ["cohort", "period"])
def test_differences_by_row_average_to_the_effect(by: str) -> None:
    table = staggered()
    rows = did.effects(panel(table), by=by, scale="difference")
    now = table[table["month"] >= table["began"]]
    size = now.groupby("began" if by == "cohort" else "month").size().to_numpy()
    whole = did.att(panel(table), scale="difference", inference="cluster").value
    assert np.average(rows["estimate"], weights=size) == pytest.approx(whole, rel=1e-9)


def test_one_cohort_is_the_effect_itself() -> None:
    one = panel(many(12, 12))
    row, whole = did.effects(one).iloc[0], did.att(one, inference="cluster")
    for name, told in (("estimate", whole.value), ("std_error", whole.std_error), ("low", whole.low)):
        assert row[name] == pytest.approx(told, rel=1e-9)
    assert row["p_value"] == pytest.approx(whole.p_value, rel=1e-9)


@pytest.mark.parametrize("by", ["cohort", "period"])
def test_errors_are_the_jackknife_of_each_row(by: str) -> None:
    table = staggered(1)
    rows = did.effects(panel(table), by=by).set_index(by)
    names = table["ward"].unique()
    left = [did.effects(panel(table[table["ward"] != w]), by=by).set_index(by)["estimate"] for w in names]
    gaps = np.log(pd.concat(left, axis=1)).sub(np.log(rows["estimate"]), axis=0)
    told = np.sqrt((len(names) - 1) / len(names) * (gaps**2).sum(axis=1))
    np.testing.assert_allclose(rows["std_error"], told, rtol=1e-7)


def test_one_ward_alone_has_no_interval() -> None:
    rows = did.effects(panel(staggered(first=1, second=5))).set_index("cohort")
    alone = rows.loc[4]
    assert math.isnan(alone["std_error"]) and math.isnan(alone["p_value"])
    assert (alone["low"], alone["high"]) == (0.0, math.inf)
    assert "Only 1 treated ward here: no standard error" in alone["cautions"]
    assert "Only 5 treated wards here: the interval is approximate" in rows.loc[5, "cautions"]
    both = did.effects(panel(staggered(first=1, second=5)), scale="difference").set_index("cohort").loc[4]
    assert (both["low"], both["high"]) == (-math.inf, math.inf)


def test_clusters_are_counted_not_wards() -> None:
    table = staggered(first=4, second=4, others=6)
    table["team"] = table["ward"].str[1:].astype(int) // 2
    rows = did.effects(panel(table, cluster="team"))
    assert rows["n_units"].tolist() == [4, 4]
    assert all("Only 2 treated clusters of wards here" in said for said in rows["cautions"])


def test_rows_that_nothing_speaks_for_are_left_out_and_counted() -> None:
    """In months 5 and 6 everybody is treated: the last cohort, which starts in month 5, has nothing to compare with."""
    table = staggered(others=0)
    rows = did.effects(panel(table))
    assert list(rows["cohort"]) == [4]
    assert "1 cohort left out, no comparison connected: w04, w05, w06 and w07." in rows.loc[0, "cautions"]
    by_period = did.effects(panel(table), by="period")
    assert list(by_period["period"]) == [4]
    assert "2 periods left out" in by_period.loc[0, "cautions"]


def test_periods_of_the_calendar_come_back_as_they_were() -> None:
    table = staggered()
    table["month"] = [f"2023-{m:02d}" for m in table["month"]]
    table["began"] = [f"2023-{int(b):02d}" if b > 0 else None for b in table["began"]]
    assert list(did.effects(panel(table))["cohort"]) == list(pd.PeriodIndex(["2023-04", "2023-05"], freq="M"))


def test_degrees_of_freedom_count_the_rows_own_clusters() -> None:
    """With two clusters close together by luck, the others' many degrees of freedom may not take over."""
    gaps, own = np.array([0.001, -0.001, *np.full(20, 0.05)]), np.arange(22) < 2
    error, df = jackknife.error_of_some(0.0, gaps, own)
    assert error == pytest.approx(math.sqrt(21 / 22 * (gaps**2).sum()), rel=1e-12)
    plain = jackknife.error(0.0, gaps, own.astype(int))[1]
    few = (
        0.06 * 21 / 22 * 20 * 0.05**2 * 19
    )  # what two clusters that scatter like the others would have, in part
    rest = 21 / 22 * 20 * 0.05**2
    assert df == pytest.approx((few + rest) ** 2 / (few**2 / 1 + rest**2 / 19), rel=1e-12)
    assert df < 4 and plain > 15


def test_what_it_refuses() -> None:
    with pytest.raises(DesignError, match="by='ward' is not known"):
        did.effects(panel(staggered()), by="ward")
    with pytest.raises(DesignError, match="at least two treated"):
        did.effects(panel(many(1, 6)))
    hours = staggered().assign(hours=2.0)
    with pytest.raises(DesignError, match="hours cannot be told apart"):
        did.effects(panel(hours, covariates=["hours"]))

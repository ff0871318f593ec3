"""Event studies by hand, and what they refuse or say."""

import math

import numpy as np
import pytest
from made_wards import many, panel, wards
from scipy import stats

from toolkit import DesignError, Panel, did


def study(one: Panel, **options):
    return did.event_study(one, **({"leads": 2, "lags": 1} | options))


def test_by_hand() -> None:
    """Treated totals 20, 30, 15; comparison 60, 60, 90: against month 2, (20/30)/(60/60) and (15/30)/(90/60)."""
    table = wards(
        {"A": [8, 10, 5], "B": [12, 20, 10], "C": [30, 30, 50], "D": [30, 30, 40]}, {"A": 3, "B": 3}
    )
    answer = study(panel(table), lags=0)
    np.testing.assert_allclose(answer.effects["estimate"], [2 / 3, 1, 1 / 3], rtol=1e-9)
    linear = study(panel(table), lags=0, scale="difference")
    np.testing.assert_allclose(linear.effects["estimate"], [-5, 0, -22.5], rtol=1e-9)
    assert list(answer.effects["n_units"]) == [2, 2, 2]


def test_the_base_is_exactly_no_effect() -> None:
    for scale, none in (("ratio", 1.0), ("difference", 0.0)):
        row = study(panel(many(5, 6)), scale=scale).effects.set_index("event_time").loc[-1]
        assert (row["estimate"], row["low"], row["high"], row["std_error"]) == (none, none, none, 0.0)


def test_average_uses_the_covariance() -> None:
    answer = study(panel(many(8, 9)), lags=2)
    mean = answer.average(0, 2)
    rows = answer.effects.set_index("event_time").loc[[0, 1, 2], "estimate"]
    assert math.log(mean.value) == pytest.approx(np.log(rows).mean(), rel=1e-10)
    assert mean.std_error == pytest.approx(
        math.sqrt(answer.covariance.loc[0:2, 0:2].to_numpy().mean()), rel=1e-10
    )
    with pytest.raises(DesignError, match="No event time from 7 to 9"):
        answer.average(7, 9)


def test_an_average_over_one_event_time_is_its_row() -> None:
    answer = study(panel(many(8, 9)))
    row, one = answer.effects.set_index("event_time").loc[0], answer.average(0, 0)
    assert (one.value, one.low, one.high, one.std_error) == pytest.approx(
        (row["estimate"], row["low"], row["high"], row["std_error"]), rel=1e-10
    )


def test_event_times_outside_the_data_are_left_out_and_said() -> None:
    answer = study(panel(many(5, 6)), leads=5, lags=4)
    assert list(answer.effects["event_time"]) == [-3, -2, -1, 0, 1, 2]
    assert any("-5, -4, 3 and 4" in caution for caution in answer.cautions)


def test_a_change_of_who_is_counted_is_said() -> None:
    table = many(6, 6)
    table.loc[table["ward"].isin(["w00", "w01"]), "began"] = 5
    answer = study(panel(table), lags=2)
    assert list(answer.effects["n_units"]) == [6, 6, 6, 6, 4]
    assert any("n_units" in caution for caution in answer.cautions)


def test_everybody_treated_in_the_end_leaves_the_last_as_comparison() -> None:
    """The last cohort, cut off at its own start, is the comparison: the answer is that of a table that says so."""
    table = many(8, 0)
    table.loc[table["ward"] > "w03", "began"] = 6
    cut = table[table["month"] < 6].assign(began=lambda t: t["began"].where(t["began"] < 6))
    ours, told = study(panel(table)), study(panel(cut))
    np.testing.assert_allclose(ours.effects["estimate"], told.effects["estimate"], rtol=1e-10)
    np.testing.assert_allclose(ours.covariance, told.covariance, rtol=1e-9, atol=1e-14)
    assert any("last to start are the comparison" in caution for caution in ours.cautions)


def test_few_clusters_are_said() -> None:
    assert any("3 treated wards and 6" in caution for caution in study(panel(many(3, 6))).cautions)
    assert not any("Only" in caution for caution in study(panel(many(10, 10))).cautions)


def test_what_it_refuses() -> None:
    table = many(5, 6).assign(hours=1.0)
    quiet = wards({"A": [8, 0, 5], "B": [12, 0, 10], "C": [30, 30, 50], "D": [30, 30, 40]}, {"A": 3, "B": 3})
    with pytest.raises(DesignError, match="hours cannot be told apart"):
        study(panel(table, covariates=["hours"]))
    with pytest.raises(DesignError, match="base='first' is not known"):
        study(panel(table), base="first")
    with pytest.raises(DesignError, match="leads=0"):
        study(panel(table), leads=0)
    with pytest.raises(DesignError, match="recorded nothing in the last period"):
        study(panel(quiet))
    with pytest.raises(DesignError, match="at least two treated"):
        study(panel(many(1, 6)))
    assert study(panel(quiet), scale="difference").effects["estimate"].notna().all()


@pytest.mark.parametrize("base", ["last_before", "all_before"])
def test_late_event_times_count_the_clusters_seen_in_them(base: str) -> None:
    """Four wards from month 3 and eight from month 5, of six: event times 2 and 3 are seen in the four alone."""
    table = many(12, 12, start=5)
    table.loc[table["ward"] < "w04", "began"] = 3
    answer = study(panel(table), leads=1, lags=3, base=base)
    assert [list(n) for n in answer.clusters][1][-4:] == [12, 12, 4, 4]
    for first, last, behind in ((0, 3, 12), (2, 3, 4)):
        weights = answer.effects["event_time"].between(first, last).to_numpy() / (last - first + 1)
        parts = [(n, weights @ np.nan_to_num(part) @ weights) for n, part in answer.parts]
        told = [(parts[0][0], parts[0][1]), (behind, parts[1][1])]
        variance = sum(v for _, v in told)
        df = variance**2 / sum(v**2 / (n - 1) for n, v in told)
        assert answer.df(weights) == pytest.approx(df, rel=1e-9)
        effect = answer.average(first, last)
        reach = stats.t.ppf(0.975, df) * math.sqrt(variance)
        assert math.log(effect.high / effect.value) == pytest.approx(reach, rel=1e-9)

"""The slope before treatment and the joint test, from the study's own numbers."""

import math

import numpy as np
import pytest
from made_wards import many, panel, wards
from scipy import stats

from toolkit import DesignError, did, trends


def study(treated: int, others: int, *, leads: int = 3, scale: str = "ratio", seed: int = 0):
    return did.event_study(panel(many(treated, others, seed, start=5)), leads=leads, lags=1, scale=scale)


@pytest.mark.parametrize("scale", ["ratio", "difference"])
def test_slope_is_least_squares_over_event_times_with_the_base_as_none(scale: str) -> None:
    one = study(8, 9, leads=4, scale=scale)
    effects = one.effects.set_index("event_time").loc[-4:-1, "estimate"]
    y = np.log(effects) if scale == "ratio" else effects
    slope = np.polyfit([-4, -3, -2, -1], y, 1)[0]
    weights = np.array([-1.5, -0.5, 0.5, 1.5]) / 5
    error = math.sqrt(weights @ one.covariance.loc[-4:-1, -4:-1].to_numpy() @ weights)
    answer = trends.test(one)
    assert answer.estimate is not None
    value = math.log(answer.estimate.value) if scale == "ratio" else answer.estimate.value
    assert value == pytest.approx(slope, rel=1e-9)
    assert answer.statistic == pytest.approx(slope / error, rel=1e-9)
    assert answer.p_value == pytest.approx(2 * stats.t.sf(abs(slope / error), answer.df), rel=1e-9)


def test_slope_is_the_jackknife_of_the_two_arms_slopes() -> None:
    """Linear, one start, balanced: the slope is the difference of mean unit slopes, an independent two-sample test."""
    table = many(6, 9, start=5)
    slopes = table[table["month"] < 5].groupby("ward")["asb"].apply(lambda y: np.polyfit(range(4), y, 1)[0])
    ever = table.groupby("ward")["began"].first().notna()
    groups = [slopes[ever], slopes[~ever]]
    parts = [group.var(ddof=1) / (len(group) - 1) for group in groups]
    answer = trends.test(did.event_study(panel(table), leads=4, lags=0, scale="difference"))
    assert answer.estimate is not None
    assert answer.estimate.value == pytest.approx(groups[0].mean() - groups[1].mean(), rel=1e-9)
    assert answer.estimate.std_error == pytest.approx(math.sqrt(14 / 15 * sum(parts)), rel=1e-9)
    df = sum(parts) ** 2 / sum(part**2 / (len(group) - 1) for part, group in zip(parts, groups, strict=True))
    assert answer.df == pytest.approx(df, rel=1e-9)


def test_joint_is_hotellings() -> None:
    """Hotelling's F, its degrees of freedom by Krishnamoorthy and Yu (2004), written out for two leads."""
    one = study(10, 10)
    effects = np.log(one.effects.set_index("event_time").loc[[-3, -2], "estimate"].to_numpy())
    wald = effects @ np.linalg.inv(one.covariance.loc[[-3, -2], [-3, -2]].to_numpy()) @ effects
    answer = trends.test(one, joint=True)
    at = [list(one.covariance.index).index(time) for time in (-3, -2)]
    inverse = np.linalg.inv(one.covariance.to_numpy()[np.ix_(at, at)])
    shares = [part[np.ix_(at, at)] @ inverse for _, part in one.parts]
    free = 6 / sum((np.trace(m @ m) + np.trace(m) ** 2) / 9 for m in shares)
    assert 9 < free <= 18  # between the smaller arm's and both arms' together
    assert answer.statistic == pytest.approx(wald * (free - 1) / (free * 2), rel=1e-9)
    assert answer.p_value == pytest.approx(stats.f.sf(answer.statistic, 2, free - 1), rel=1e-9)
    assert answer.df == 2


def test_joint_leans_on_the_smaller_arm() -> None:
    """10 against 100: nearly all the variance is the small arm's, so are the degrees of freedom."""
    wide = trends.test(study(10, 100), joint=True)
    said = float(wide.method.split("F with 2 and ")[1].split(" ")[0])
    assert 8 <= said < 12


def test_joint_is_refused_where_leads_exceed_a_third_of_the_smaller_arm() -> None:
    assert trends.test(study(6, 12), joint=True).df == 2
    with pytest.raises(DesignError, match="joint test of 2 leads needs at least 6 clusters in each arm"):
        trends.test(study(5, 12), joint=True)


def test_parallel_paths_without_noise() -> None:
    """Every ward the same path times its own level: no slope, whatever the path."""
    path = np.array([3.0, 7, 2, 5, 4, 6])
    table = wards({f"w{i}": list(path * (i + 1)) for i in range(8)}, {f"w{i}": 5 for i in range(4)})
    answer = trends.test(did.event_study(panel(table), leads=4, lags=1))
    assert answer.estimate is not None
    assert answer.estimate.value == pytest.approx(1, abs=1e-9)


def test_too_few_leads() -> None:
    with pytest.raises(DesignError, match="at least three event times before treatment, and the study has 2"):
        trends.test(study(6, 6, leads=2))


def test_passing_is_not_proof() -> None:
    assert any(
        "does not show that there was none" in caution for caution in trends.test(study(6, 6)).cautions
    )

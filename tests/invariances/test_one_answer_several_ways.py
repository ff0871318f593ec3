"""Methods that must give one number, closed forms against general paths, and where they part."""

import math
from functools import partial

import numpy as np
import pytest
from scipy import stats

from toolkit import before_after, did

from .panels import after, numbers, panel, rows


def test_one_start_imputation_is_the_regression_and_the_ratio_of_ratios() -> None:
    """Balanced, one start: untreated margins determine the fit, and all three reduce to four totals."""
    table = rows()
    ever, late = table["start"].notna(), table["month"] >= 7
    total = table["crimes"].groupby([ever, late]).sum()
    by_hand = (total[True, True] / total[True, False]) / (total[False, True] / total[False, False])
    assert did.att(panel(table)).value == pytest.approx(by_hand, rel=1e-8)
    assert did.two_way(panel(table)).value == pytest.approx(by_hand, rel=1e-8)
    names = ("treated_before", "treated_after", "comparison_before", "comparison_after")
    cells = [float(total[arm, time]) for arm in (True, False) for time in (False, True)]
    four = did.two_by_two(**dict(zip(names, cells, strict=True)))
    assert four.value == pytest.approx(by_hand, rel=1e-12)


def test_one_start_difference_is_the_difference_of_mean_changes() -> None:
    table = rows()
    ever, late = table["start"].notna(), table["month"] >= 7
    mean = table["crimes"].groupby([ever, late]).mean()
    by_hand = (mean[True, True] - mean[True, False]) - (mean[False, True] - mean[False, False])
    for method in (did.att, did.two_way):
        assert method(panel(table), scale="difference").value == pytest.approx(by_hand, rel=1e-9)


def test_one_start_with_an_exposure_that_factors() -> None:
    """Exposure a x b: unit effects take up a and period effects b, so the ratio of ratios stands as without it."""
    table = rows()
    people = table["area"].str[5:].astype(int).add(3) * table["month"].map(lambda t: 1 + t / 10)
    exposed = panel(table.assign(people=people), exposure="people")
    assert did.att(exposed).value == pytest.approx(did.att(panel(table)).value, rel=1e-8)
    assert did.two_way(exposed).value == pytest.approx(did.att(panel(table)).value, rel=1e-8)


@pytest.mark.parametrize("scale", ["ratio", "difference"])
def test_staggered_starts_part_the_two(scale: str) -> None:
    """An effect that grows: each cohort falls 4% further a month.

    The outcomes hold no noise, so imputation gives the effect put in, to rounding. The regression compares
    late starters with early ones, whose effect is still growing, and makes a fall of 25% look like less.
    """
    table = rows(starts=(4, 9))
    level = table["area"].str[5:].astype(float) + 20
    lag = (table["month"] - table["start"] + 1).where(after(table), 0)
    untreated = level * (1 + 0.02 * table["month"]) if scale == "ratio" else level + 0.4 * table["month"]
    table["crimes"] = untreated * 0.96**lag if scale == "ratio" else untreated - lag
    one = panel(table)
    late = after(table)
    if scale == "ratio":
        truth = table.loc[late, "crimes"].sum() / untreated[late].sum()
        gap = math.log(did.two_way(one).value / truth)
    else:
        truth = -lag[late].mean()
        gap = did.two_way(one, scale=scale).value - truth
    assert did.att(one, scale=scale, inference="cluster").value == pytest.approx(truth, rel=1e-8)
    assert gap > 0.02  # the effects themselves are some 10 times that


def test_an_exposure_that_does_not_factor_parts_the_two() -> None:
    """With one start: imputation weighs by what was expected, the regression by its own fit to both periods."""
    one = panel(rows(), exposure="people")
    assert abs(math.log(did.att(one).value / did.two_way(one).value)) > 1e-5


@pytest.mark.parametrize("inference", ["cluster", "permutation"])
def test_closed_form_is_the_general_path(inference: str) -> None:
    """An exposure off its product by 1e-10 in one cell takes the general path and cannot move the answer further."""
    table = rows(treated=4, others=6).assign(people=1.0)
    bent = table.copy()
    bent.loc[5, "people"] = 1 + 1e-10
    method = partial(did.att, inference=inference)
    one, other = (method(panel(t, exposure="people")) for t in (table, bent))
    assert other.value == pytest.approx(one.value, rel=1e-8)
    assert other.p_value == pytest.approx(one.p_value, rel=1e-8)
    # A permutation interval is searched to 1e-7, and its scores are not those of the sums beside no effect.
    if inference == "cluster":
        assert numbers(other) == pytest.approx(numbers(one), rel=1e-8)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("sizes", [(6, 8), (2, 11), (10, 3)])
def test_jackknife_has_a_closed_form(seed: int, sizes: tuple[int, int]) -> None:
    """One start, linear, unweighted: leaving out treated unit g moves the mean change by (mean - c_g)/(n1 - 1).

    So CR3 = sqrt((G-1)/G (s1^2/(n1-1) + s0^2/(n0-1))), and Welch-Satterthwaite's degrees of freedom are those
    of the two parts, n1 - 1 and n0 - 1 degrees of freedom behind each.
    """
    table = rows(seed=seed, treated=sizes[0], others=sizes[1])
    late = table["month"] >= 7
    mean = table.groupby(["area", late])["crimes"].mean().unstack()
    change = mean[True] - mean[False]
    ever = table.groupby("area")["start"].first().notna()
    groups = [change[ever], change[~ever]]
    parts = [group.var(ddof=1) / (len(group) - 1) for group in groups]
    error = math.sqrt((sum(sizes) - 1) / sum(sizes) * sum(parts))
    df = sum(parts) ** 2 / sum(part**2 / (len(group) - 1) for part, group in zip(parts, groups, strict=True))
    answer = did.att(panel(table), scale="difference", inference="cluster")
    assert answer.std_error == pytest.approx(error, rel=1e-10)
    value = groups[0].mean() - groups[1].mean()
    assert answer.p_value == pytest.approx(2 * stats.t.sf(abs(value) / error, df), rel=1e-10)
    reach = stats.t.ppf(0.975, df) * error
    assert (answer.low, answer.high) == pytest.approx((value - reach, value + reach), rel=1e-9)


@pytest.mark.parametrize("window", [None, (3, 2), (6, 6)])
def test_before_and_after_on_one_start_is_the_ratio_of_pooled_rates(window: tuple[int, int] | None) -> None:
    """No gaps or exposure: each unit's rate before times its months after adds up to the pooled rate's."""
    table = rows()
    first, last = (1, 12) if window is None else (7 - window[0], 6 + window[1])
    seen = table[table["start"].notna() & table["month"].between(first, last)]
    late = after(seen)
    by_hand = seen.loc[late, "crimes"].mean() / seen.loc[~late, "crimes"].mean()
    assert before_after.rate_ratio(panel(table), window=window).value == pytest.approx(by_hand, rel=1e-12)


def test_before_and_after_ignores_the_comparison() -> None:
    table = rows(starts=(6, 8), gaps=True)
    alone = table[table["start"].notna()]
    assert numbers(before_after.rate_ratio(panel(alone))) == pytest.approx(
        numbers(before_after.rate_ratio(panel(table))), rel=1e-12
    )


def test_event_study_average_is_the_effect_for_one_start_and_one_period_before() -> None:
    """Against a single period before, the lags' mean difference is the imputation's, which knows only that period."""
    table = rows()
    one = panel(table[table["month"] >= 6])
    study = did.event_study(one, leads=1, lags=5, scale="difference")
    effect = did.att(one, scale="difference", inference="cluster")
    assert numbers(study.average(0, 5)) == pytest.approx(numbers(effect), rel=1e-9)


def test_counterfactual_adds_up_to_the_effect() -> None:
    """Sum observed over sum expected after the start is the ratio; their gap is what was prevented."""
    for table in (rows(), rows(starts=(6, 8), gaps=True)):
        one = panel(table, exposure="people")
        answer = did.counterfactual(one)
        frame = one.frame
        seen = float(frame.loc[frame["treated_now"], "outcome"].sum())
        assert answer.prevented.value == pytest.approx(seen * (1 / answer.effect.value - 1), rel=1e-12)
        assert (answer.prevented.low > 0) == (answer.effect.high < 1)


def test_one_level_inside_another() -> None:
    """A higher level gives a wider interval around the same estimate, for both inferences."""
    one = panel(rows(treated=4, others=6))
    for inference in ("cluster", "permutation"):
        inner, outer = (did.att(one, inference=inference, level=level) for level in (0.8, 0.95))
        assert outer.low < inner.low < inner.value < inner.high < outer.high
        assert np.isclose(inner.value, outer.value, rtol=1e-12)

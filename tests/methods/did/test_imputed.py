"""The effect on the treated and its counterfactual: by hand, at the edges, and what they refuse."""

import math

import numpy as np
import pandas as pd
import pytest
from made_wards import many, panel, wards

from toolkit import DesignError, did

FOUR = wards({"A": [10, 6], "B": [30, 14], "C": [20, 30], "D": [20, 10]}, {"A": 2, "B": 2})


def test_ratio_by_hand() -> None:
    """Treated 40 to 20, comparison 40 to 40: 0.5. Ways to treat 2 of 4 wards: 6."""
    answer = did.att(panel(FOUR))
    assert answer.value == pytest.approx(0.5, rel=1e-12)
    assert "all 6 assignments" in answer.method
    assert math.isnan(answer.std_error)
    assert (answer.n_units, answer.n_treated, answer.scale) == (4, 2, "ratio")


def test_jackknife_by_hand() -> None:
    """Logs without A, B, C, D: 14/30, 6/10, then 0.5 over 10/20 and over 30/20."""
    answer = did.att(panel(FOUR), inference="cluster")
    gaps = np.log([14 / 30, 6 / 10, 0.5 / (10 / 20), 0.5 / (30 / 20)]) - math.log(0.5)
    parts = [0.75 * (gaps[:2] ** 2).sum(), 0.75 * (gaps[2:] ** 2).sum()]
    assert answer.std_error == pytest.approx(math.sqrt(sum(parts)), rel=1e-12)
    df = sum(parts) ** 2 / sum(part**2 for part in parts)
    assert f"t with {df:.1f} degrees of freedom" in answer.method


def test_too_few_ways_give_no_interval() -> None:
    """With 6 assignments the p-value is at least 1/6, so no value is rejected at 5%."""
    answer = did.att(panel(FOUR))
    assert (answer.low, answer.high) == (0.0, math.inf)
    assert any("cannot fall below 0.17" in caution for caution in answer.cautions)
    assert answer.p_value >= 1 / 6


@pytest.mark.parametrize(
    ("treated", "others", "word"),
    [(31, 31, "jackknife"), (30, 31, "randomisation"), (9, 30, "randomisation"), (30, 9, "randomisation")],
)
def test_auto_randomises_up_to_thirty_in_the_smaller_arm(treated: int, others: int, word: str) -> None:
    answer = did.att(panel(many(treated, others)), draws=99)
    assert word in answer.method
    assert f"{min(treated, others)} in the smaller arm" in answer.method
    few = any(caution.startswith("Only") for caution in answer.cautions)
    assert few == (min(treated, others) < 10)


@pytest.mark.parametrize(("treated", "word"), [(9, "randomisation"), (10, "jackknife")])
def test_auto_with_several_starts_randomises_below_ten(treated: int, word: str) -> None:
    table = many(treated, 20)
    table.loc[table["ward"].isin(["w00", "w01"]), "began"] = 3
    answer = did.att(panel(table), draws=99)
    assert word in answer.method
    asked = did.att(panel(table), inference="cluster")
    assert any("approximate" in caution for caution in asked.cautions) == (treated < 10)


def test_a_cluster_with_several_starts_is_jackknifed_and_says_why() -> None:
    table = many(4, 8)
    table.loc[table["ward"] == "w00", "began"] = 3
    table["place"] = table["ward"].where(~table["ward"].isin(["w00", "w01"]), "both")
    answer = did.att(panel(table, cluster="place"))
    assert "jackknife" in answer.method and "several start dates" in answer.method
    with pytest.raises(DesignError, match="different start dates"):
        did.att(panel(table, cluster="place"), inference="permutation")


def test_the_seed() -> None:
    """None is seed 0; another seed draws other assignments; a Generator is taken as it is."""
    one = panel(many(9, 12))

    def p(seed):
        return did.att(one, inference="permutation", draws=199, seed=seed).p_value

    assert p(None) == p(0) == p(np.random.default_rng(0))
    assert len({p(seed) for seed in range(6)}) > 1


def test_nothing_after_is_a_ratio_of_zero_with_an_upper_end() -> None:
    """Randomisation still rejects large ratios; the jackknife of a log of zero has no error to give."""
    table = many(4, 8)
    table.loc[table["began"].notna() & (table["month"] >= 4), "asb"] = 0
    answer = did.att(panel(table))
    assert (answer.value, answer.low) == (0.0, 0.0)
    assert 0 < answer.high < 1
    assert answer.p_value == pytest.approx(1 / math.comb(12, 4))
    jackknife = did.att(panel(table), inference="cluster")
    assert jackknife.value == 0 and math.isnan(jackknife.std_error)
    assert (jackknife.low, jackknife.high) == (0.0, math.inf)
    assert any("recorded nothing after" in caution for caution in jackknife.cautions)


def test_a_ward_with_nothing_before_stays_with_a_caution() -> None:
    """A has none before, so none were expected of it; the totals are those of both wards: (5 + 14) / 30."""
    table = wards({"A": [0, 5], "B": [30, 14], "C": [20, 30], "D": [20, 10]}, {"A": 2, "B": 2})
    answer = did.att(panel(table))
    assert answer.value == pytest.approx(19 / 30)
    assert any(
        "1 treated ward had no incidents before treatment (A)" in caution for caution in answer.cautions
    )


def test_wards_treated_throughout_are_left_out_with_a_caution() -> None:
    extra = pd.concat([FOUR, wards({"Z": [5, 1]}, {"Z": 1})])
    answer = did.att(panel(extra))
    assert answer.value == pytest.approx(0.5)
    assert any("Z" in caution and "left out" in caution for caution in answer.cautions)
    assert answer.n_units == 4


def test_cells_without_a_comparison_are_left_out_and_counted() -> None:
    """Nobody untreated is seen in month 3: A and B count in month 2 only, as in the two-month table."""
    table = wards({"A": [10, 6, 99], "B": [30, 14, 99], "C": [20, 30], "D": [20, 10]}, {"A": 2, "B": 2})
    answer = did.att(panel(table))
    assert answer.value == pytest.approx(0.5)
    assert any("2 treated cells of A and B are left out" in caution for caution in answer.cautions)


@pytest.mark.parametrize("scale", ["ratio", "difference"])
def test_everybody_treated_in_the_end(scale: str) -> None:
    """The late starters are the comparison until they start; later cells cannot be estimated and are counted.

    Early starters, month 3 against months 1 and 2, over the same in the late ones: 6 / 10 over 22 / 20.
    """
    table = wards(
        {"A": [4, 6, 3, 9], "B": [5, 5, 3, 9], "C": [10, 9, 11, 2], "D": [10, 11, 11, 2]},
        {"A": 3, "B": 3, "C": 4, "D": 4},
    )
    answer = did.att(panel(table), scale=scale, inference="cluster")
    told = (6 / 10) / (22 / 20) if scale == "ratio" else (3 - 5) - (11 - 10)
    assert answer.value == pytest.approx(told, rel=1e-9)
    assert any("left out" in caution for caution in answer.cautions)


@pytest.mark.parametrize("scale", ["ratio", "difference"])
def test_a_covariate_that_untreated_cells_cannot_speak_for_is_refused(scale: str) -> None:
    """It varies only where there is treatment, so its effect and the programme's cannot be told apart."""
    table = many(6, 6)
    table["patrols"] = np.where(table["month"] >= table["began"], table["month"] % 3 + 1.0, 0.0)
    with pytest.raises(DesignError, match="patrols"):
        did.att(panel(table, covariates=["patrols"]), scale=scale, inference="cluster")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"scale": "log"}, "scale='log' is not known"),
        ({"inference": "bootstrap"}, "inference='bootstrap' is not known"),
        ({"level": 1.0}, "level=1 must"),
        ({"inference": "permutation", "draws": 10}, "draws=10"),
    ],
)
def test_bad_options(options: dict, message: str) -> None:
    with pytest.raises(DesignError, match=message):
        did.att(panel(FOUR), **options)


def test_bad_designs() -> None:
    one = many(1, 8)
    mixed = many(4, 8).assign(place="all")
    cases = [
        (
            one,
            {"inference": "cluster"},
            "at least two treated and two comparison wards, and there are 1 and 8",
        ),
        (
            wards({"A": [0, 6], "B": [0, 4], "C": [20, 30], "D": [20, 10]}, {"A": 2, "B": 2}),
            {},
            "no asb at all before",
        ),
        (
            wards({"A": [5, 6], "B": [5, 4], "C": [20, 0], "D": [20, 0]}, {"A": 2, "B": 2}),
            {},
            "recorded nothing after",
        ),
        (wards({"A": [5, 6], "B": [5, 4]}, {"A": 2, "B": 2}), {}, "no comparison group"),
        (many(4, 8, start=1), {}, "before its treatment began"),
        (many(4, 8, start=7), {}, "No ward is treated"),
    ]
    for table, options, message in cases:
        with pytest.raises(DesignError, match=message):
            did.att(panel(table), **options)
    with pytest.raises(DesignError, match="both treated and comparison"):
        did.att(panel(mixed, cluster="place"), inference="permutation")


def test_counterfactual_by_hand() -> None:
    """Treated 40 to 20, comparison 40 to 40: 40 expected after, 20 prevented; before, the baseline itself."""
    answer = did.counterfactual(panel(FOUR))
    assert list(answer.series["period"]) == [1, 2]
    np.testing.assert_allclose(answer.series["observed"], [40, 20])
    np.testing.assert_allclose(answer.series["expected"], [40, 40], rtol=1e-9)
    assert answer.prevented.value == pytest.approx(20, rel=1e-9)
    assert answer.treated_from == (2,)


def test_prevented_excludes_none_exactly_when_the_ratio_excludes_one() -> None:
    for fall in (0.3, 0.6, 0.9, 1.0, 1.5, 2.5):
        table = many(12, 12)
        late = table["month"] >= table["began"]
        table["asb"] = np.where(late, np.round(table["asb"] * fall), table["asb"])
        answer = did.counterfactual(panel(table))
        excludes = answer.effect.high < 1 or answer.effect.low > 1
        assert excludes == (answer.prevented.low > 0 or answer.prevented.high < 0)
        assert answer.prevented.low <= answer.prevented.value <= answer.prevented.high


def test_counterfactual_of_differences_is_in_means_and_prevented_in_incidents() -> None:
    """Treated means 20 to 10, comparison 20 to 20: 10 fewer in each of two ward-months."""
    answer = did.counterfactual(panel(FOUR), scale="difference")
    np.testing.assert_allclose(answer.series["expected"], [20, 20], rtol=1e-9)
    assert answer.effect.value == pytest.approx(-10)
    assert answer.prevented.value == pytest.approx(20)


def test_band_is_around_what_was_expected() -> None:
    series = did.counterfactual(panel(many(12, 12))).series
    assert (series["low"] < series["expected"]).all() and (series["expected"] < series["high"]).all()

"""Both models side by side: where they agree, and each way in which they can disagree."""

import math

import numpy as np
import pytest
from made_wards import many, panel, wards

from toolkit import did


def both(table, **columns):
    return did.both_scales(panel(table, **columns)).set_index("model")


def test_each_row_is_the_effect_on_its_scale_and_its_prevented() -> None:
    one = panel(many(12, 12))
    table = did.both_scales(one).set_index("model")
    for scale in ("ratio", "difference"):
        effect, saved = did.att(one, scale=scale), did.counterfactual(one, scale=scale).prevented
        row = table.loc[scale]
        assert row[["value", "low", "high", "std_error", "p_value"]].tolist() == pytest.approx(
            [effect.value, effect.low, effect.high, effect.std_error, effect.p_value], rel=1e-12, nan_ok=True
        )
        assert row[["prevented", "prevented_low", "prevented_high"]].tolist() == pytest.approx(
            [saved.value, saved.low, saved.high], rel=1e-12
        )
    assert table.loc["ratio", "percent"] == pytest.approx(did.att(one).percent)


def test_per_cent_of_a_difference_by_hand() -> None:
    """Treated 20 a ward then 10, comparison level: 10 fewer where 20 were expected is 50% less, by either model."""
    table = wards({"A": [18, 9], "B": [22, 11], "C": [30, 33], "D": [30, 27]}, {"A": 2, "B": 2})
    rows = both(table)
    assert rows["percent"].tolist() == pytest.approx([-50.0, -50.0], rel=1e-8)
    assert rows["prevented"].tolist() == pytest.approx([20.0, 20.0], rel=1e-8)
    low, seen = rows.loc["difference", "low"], 10.0
    told = -100.0 if math.isinf(low) else 100 * low / (seen - low)
    assert rows.loc["difference", "percent_low"] == pytest.approx(told, rel=1e-10)


def test_a_difference_that_leaves_nothing_expected_has_no_upper_per_cent() -> None:
    """With mean 1 observed and an interval that reaches beyond +1, nothing or less would have been expected."""
    table = wards({"A": [9, 1], "B": [1, 1], "C": [30, 30], "D": [30, 21]}, {"A": 2, "B": 2})
    assert both(table).loc["difference", "percent_high"] == math.inf


def test_agreement_is_not_cautioned() -> None:
    table = many(12, 12)
    assert not any("disagree" in said for said in both(table)["cautions"])


def test_one_finds_a_fall_and_the_other_a_rise() -> None:
    """Treated 100 to 60, comparison 20 to 10: 20% more than in proportion (50), 30 fewer than by amount (90)."""
    draw = np.random.default_rng(0)
    table = wards(
        {f"t{i}": [100 + draw.integers(-3, 4), 60 + draw.integers(-3, 4)] for i in range(12)}
        | {f"c{i}": [20 + draw.integers(-1, 2), 10 + draw.integers(-1, 2)] for i in range(12)},
        {f"t{i}": 2 for i in range(12)},
    )
    rows = both(table)
    assert rows.loc["ratio", "value"] > 1 and rows.loc["difference", "value"] < 0
    for said in rows["cautions"]:
        assert "one finds a fall and the other a rise" in said
        assert "outside the interval of the other" in said


def test_one_interval_leaves_out_no_change() -> None:
    """Treated 100 to 90, comparison 20 to 18: in proportion exactly none, by amount 8 fewer, and clearly so."""
    draw = np.random.default_rng(1)
    table = wards(
        {f"t{i}": [100 + draw.integers(-2, 3), 90 + draw.integers(-2, 3)] for i in range(12)}
        | {f"c{i}": [20 + draw.integers(-1, 2), 18 + draw.integers(-1, 2)] for i in range(12)},
        {f"t{i}": 2 for i in range(12)},
    )
    rows = did.both_scales(panel(table), inference="cluster").set_index("model")
    assert (
        "the interval of the difference model leaves out no change, that of the ratio model does not"
        in (rows.loc["ratio", "cautions"])
    )


def test_options_reach_the_effects() -> None:
    one = panel(many(3, 4))
    table = did.both_scales(one, inference="permutation", level=0.5)
    assert table["level"].tolist() == [0.5, 0.5]
    assert table["method"].str.contains("randomisation").all()


def test_weights_are_heeded_by_the_effect_and_not_by_what_was_prevented() -> None:
    table = many(12, 12)
    table["w"] = np.where(table["ward"] < "w06", 3.0, 1.0)
    rows = both(table, weight="w")
    now = table[table["month"] >= table["began"]]
    mean = np.average(now["asb"], weights=now["w"])
    d = rows.loc["difference", "value"]
    assert rows.loc["difference", "percent"] == pytest.approx(100 * d / (mean - d), rel=1e-9)
    assert rows.loc["difference", "prevented"] == pytest.approx(
        both(many(12, 12)).loc["difference", "prevented"]
    )

"""The answer without each unit: which one it hangs on."""

from functools import partial

import numpy as np
import pytest
from made_wards import many, panel, wards

from toolkit import DesignError, did, plots, sensitivity

METHOD = partial(did.att, inference="cluster")


@pytest.mark.parametrize("scale", ["ratio", "difference"])
def test_each_row_is_the_method_without_the_unit(scale: str) -> None:
    table, method = many(5, 6, start=4), partial(METHOD, scale=scale)
    found = sensitivity.leave_one_out(panel(table), method).set_index("left_out")
    whole = method(panel(table)).value
    assert sorted(found.index) == sorted(table["ward"].unique())
    for ward, row in found.iterrows():
        told = method(panel(table[table["ward"] != ward]))
        for name in ("value", "low", "high", "std_error", "p_value"):
            assert row[name] == pytest.approx(getattr(told, name), rel=1e-12)
        assert row["moved"] == pytest.approx(told.value / whole if scale == "ratio" else told.value - whole)
        assert row["arm"] == ("treated" if ward <= "w04" else "comparison")


def test_furthest_moved_first_whichever_way() -> None:
    found = sensitivity.leave_one_out(panel(many(5, 6, start=4)), METHOD)
    far = np.abs(np.log(found["moved"]))
    assert far.is_monotonic_decreasing and (found["moved"] > 1).any() and (found["moved"] < 1).any()


def test_columns() -> None:
    one = panel(many(5, 6, start=4))
    found = sensitivity.leave_one_out(one, METHOD)
    assert list(found.columns) == ["left_out", "arm", *METHOD(one).to_frame().columns, "moved", "crosses"]


def hanging():
    """Five treated wards with their counts as before, and a sixth, the largest, that falls to a tenth."""
    steady = {f"t{i}": [20.0 + i, 21, 20 - i, 20, 21, 20 + i] for i in range(5)}
    other = {f"c{i}": [20.0 - i, 20, 20 + i, 21, 20 + i, 20 - i] for i in range(8)}
    return wards(steady | {"t5": [60.0, 60, 60, 6, 6, 6]} | other, {f"t{i}": 4 for i in range(6)})


def test_the_unit_that_the_conclusion_hangs_on_is_named() -> None:
    """With one huge fall the jackknife interval includes no change; without it the five lie tightly at none too."""
    found = sensitivity.leave_one_out(panel(hanging()), METHOD)
    assert found.loc[0, "left_out"] == "t5" and found.loc[0, "moved"] > 1.3
    table = hanging()
    falls = table["began"].notna() & (table["month"] >= 4)
    lower = table.assign(asb=table["asb"] * np.where(falls & (table["ward"] != "t5"), 0.9, 1.0))
    found = sensitivity.leave_one_out(panel(lower), METHOD).set_index("left_out")
    whole = METHOD(panel(lower))
    assert whole.low <= 1 <= whole.high
    assert found.loc["t5", "high"] < 1 and found.loc["t5", "crosses"]
    said = "The conclusion hangs on t5: without it the interval no longer includes no change."
    assert found.loc["t5", "cautions"].startswith(said)
    assert not found.loc["c0", "crosses"] and "hangs on" not in found.loc["c0", "cautions"]


def test_a_change_of_sides_counts() -> None:
    table = hanging()
    up = table["began"].notna() & (table["month"] >= 4) & (table["ward"] != "t5")
    found = sensitivity.leave_one_out(panel(table.assign(asb=table["asb"] + np.where(up, 1.0, 0.0))), METHOD)
    assert found.loc[0, "left_out"] == "t5" and found.loc[0, "crosses"]
    assert "hangs on t5: without it the" in found.loc[0, "cautions"]


def test_clusters_are_left_out_whole() -> None:
    table = many(4, 8, start=4)
    table["town"] = "t" + (table["ward"].str[1:].astype(int) // 2).astype(str)
    found = sensitivity.leave_one_out(panel(table, cluster="town"), METHOD)
    assert sorted(found["left_out"]) == [f"t{i}" for i in range(6)]
    assert (found["n_units"] == 10).all()
    mixed = table.assign(town="t" + (table["ward"].str[1:].astype(int) % 6).astype(str))
    arms = sensitivity.leave_one_out(panel(mixed, cluster="town"), METHOD).set_index("left_out")["arm"]
    assert arms["t0"] == "both" and arms["t5"] == "comparison"


def test_where_there_is_no_answer_without_a_unit_it_stands_first_with_the_reason() -> None:
    one = panel(many(1, 6, start=4))
    found = sensitivity.leave_one_out(one, partial(did.att, inference="permutation"))
    assert found.loc[0, "left_out"] == "w00" and np.isnan(found.loc[0, "value"])
    assert found.loc[0, "cautions"].startswith("No answer: No ward is treated")
    assert found["value"].notna().sum() == 6


def test_names_and_order_do_not_matter() -> None:
    table = many(5, 6, start=4)
    new = {name: f"x{(i * 7) % 11:02d}" for i, name in enumerate(table["ward"].unique())}
    other = table.assign(ward=table["ward"].map(new)).sample(frac=1, random_state=0)
    one, two = (sensitivity.leave_one_out(panel(t), METHOD) for t in (table, other))
    assert two["value"].to_numpy() == pytest.approx(one["value"].to_numpy(), rel=1e-9)
    assert two["left_out"].tolist() == [new[name] for name in one["left_out"]]


def test_a_picture_of_it() -> None:
    found = sensitivity.leave_one_out(panel(many(5, 6, start=4)), METHOD)
    ax = plots.forest(found.head(4))
    assert [text.get_text().split("\n")[0] for text in ax.get_yticklabels()] == found["left_out"].head(
        4
    ).tolist()


def test_what_it_refuses() -> None:
    one = panel(many(5, 6, start=4))
    with pytest.raises(DesignError, match="method=None must be a function"):
        sensitivity.leave_one_out(one, None)
    with pytest.raises(DesignError, match="it gave a str"):
        sensitivity.leave_one_out(one, lambda _: "x")
    with pytest.raises(DesignError, match="This takes a Panel"):
        sensitivity.leave_one_out([1], METHOD)
    table = many(2, 2, start=4).assign(town="t")
    with pytest.raises(DesignError, match="There is only one town"):
        sensitivity.leave_one_out(panel(table, cluster="town"), lambda _: METHOD(one))

"""Placebos in space: who is called treated, on whom, and where the real estimate ranks."""

import itertools
import math
from functools import partial

import numpy as np
import pandas as pd
import pytest
from made_wards import many, panel, wards

from toolkit import DesignError, Panel, did, placebo

METHOD = partial(did.att, inference="cluster")


def test_each_unit_in_turn_where_one_is_treated() -> None:
    """One ward of nine: the eight others in turn, each against the seven left, by hand."""
    table = many(1, 8, start=4)
    found = placebo.in_space(panel(table), partial(did.att, inference="permutation"))
    assert sorted(found["unit"]) == [f"w{i:02d}" for i in range(1, 9)]
    halves = table.assign(late=table["month"] >= 4).pivot_table(
        index="ward", columns="late", values="asb", aggfunc="sum"
    )
    rest = halves.drop("w00")
    for unit, value in found.set_index("unit")["value"].items():
        others = rest.drop(unit).sum()
        assert value == pytest.approx(
            rest.loc[unit, True] / rest.loc[unit, False] / (others[True] / others[False])
        )
    real = math.log(did.att(panel(table), inference="permutation").value)
    assert found["as_far"].tolist() == (np.abs(np.log(found["value"])) >= abs(real)).tolist()


def test_all_sets_where_they_are_few_and_no_set_twice() -> None:
    one = panel(many(2, 6, start=4))
    found = placebo.in_space(one, METHOD, draws=15)
    names = [f"w{i:02d}" for i in range(2, 8)]
    assert sorted(found["unit"]) == sorted(", ".join(pair) for pair in itertools.combinations(names, 2))
    assert (found["n_units"] == 6).all() and (found["n_treated"] == 2).all()
    fewer = placebo.in_space(one, METHOD, draws=14)
    assert len(fewer) == 14 and fewer["unit"].is_unique


def test_the_columns_are_those_of_an_estimate() -> None:
    one = panel(many(2, 6, start=4))
    found = placebo.in_space(one, METHOD, draws=5)
    assert list(found.columns) == ["unit", *METHOD(one).to_frame().columns, "as_far"]


def test_the_treated_do_not_matter_but_for_the_rank() -> None:
    table = many(3, 8, start=4)
    wild = table.assign(asb=np.where(table["began"].notna() & (table["month"] >= 4), 90.0, table["asb"]))
    one, two = (placebo.in_space(panel(t), METHOD, draws=20) for t in (table, wild))
    pd.testing.assert_frame_equal(one.drop(columns="as_far"), two.drop(columns="as_far"))
    assert not two["as_far"].any()


def test_staggered_starts_are_dealt_out_as_they_were() -> None:
    """Two start in month 4 and one in month 5, so in each placebo too, and all 30 ways to do so with five wards."""
    table = many(3, 5, start=4)
    staggered = panel(table.assign(began=table["began"].where(table["ward"] != "w02", 5)))
    seen = []

    def spy(given: Panel):
        seen.append({start: units for start, units in given.cohorts.items() if len(given.units) == 5})
        return METHOD(given)

    found = placebo.in_space(staggered, spy, draws=30)
    assert len(found) == 30
    wanted = {4: 2, 5: 1}
    assert all({start: len(units) for start, units in cohort.items()} == wanted for cohort in seen[1:])
    assert len({(cohort[4], cohort[5]) for cohort in seen[1:]}) == 30


def test_a_set_that_starts_after_the_data_end_is_among_the_comparison() -> None:
    table = many(3, 5, start=4)
    later = panel(table.assign(began=table["began"].where(table["ward"] != "w02", 99)))
    found = placebo.in_space(later, METHOD, draws=20)
    assert len(found) == 15 and found["unit"].str.contains("w02").any()


def test_wards_treated_throughout_are_neither_placebos_nor_counted() -> None:
    table = many(3, 5, start=4)
    early = panel(table.assign(began=table["began"].where(table["ward"] != "w02", 1)))
    found = placebo.in_space(early, METHOD, draws=20)
    assert len(found) == 10 and not found["unit"].str.contains("w02").any()
    assert (found["n_treated"] == 2).all()


def test_whole_clusters_where_whole_clusters_were_treated() -> None:
    table = many(4, 12, start=4)
    table["town"] = "t" + (table["ward"].str[1:].astype(int) // 2).astype(str)
    found = placebo.in_space(panel(table, cluster="town"), METHOD, draws=15)
    pairs = [(f"w{i:02d}", f"w{i + 1:02d}") for i in range(4, 16, 2)]
    wanted = sorted(", ".join(one + two) for one, two in itertools.combinations(pairs, 2))
    assert sorted(found["unit"]) == wanted


def test_single_units_where_clusters_were_treated_in_part() -> None:
    table = many(2, 8, start=4)
    table["town"] = "t" + (table["ward"].str[1:].astype(int) % 5).astype(str)
    found = placebo.in_space(panel(table, cluster="town"), METHOD, draws=10)
    assert (found["unit"].str.count(",") == 1).all() and len(found) == 10


def test_draws_do_not_mind_names_or_the_order_of_rows() -> None:
    table = many(3, 12, start=4)
    names = table["ward"].unique()
    new = dict(zip(names, np.random.default_rng(5).permutation(len(names)), strict=True))
    renamed = table.assign(ward=table["ward"].map(new)).sample(frac=1, random_state=2)
    one, two = (placebo.in_space(panel(t), METHOD, draws=40, seed=4) for t in (table, renamed))
    assert two["value"].to_numpy() == pytest.approx(one["value"].to_numpy(), rel=1e-9)
    other = placebo.in_space(panel(table), METHOD, draws=40, seed=5)
    assert not np.allclose(other["value"], one["value"])


def test_a_placebo_that_the_method_refuses_says_why() -> None:
    """One comparison ward recorded nothing before: called treated, there is nothing to divide by."""
    counts = {f"w{i}": [4.0, 5, 6, 5] if i != 3 else [0.0, 0, 3, 2] for i in range(7)}
    found = placebo.in_space(panel(wards(counts, {"w0": 3})), partial(did.att, inference="permutation"))
    empty = found.set_index("unit").loc["w3"]
    assert np.isnan(empty["value"]) and not empty["as_far"]
    assert empty["cautions"].startswith("No answer: The treated wards have no asb at all before treatment")
    assert found["value"].notna().sum() == 5
    assert placebo.p_value(found) == (1 + found["as_far"].sum()) / 6


def test_a_p_value_of_other_rows_is_refused() -> None:
    with pytest.raises(DesignError, match="takes the rows of placebo.in_space"):
        placebo.p_value([1, 2])
    with pytest.raises(DesignError, match="No placebo has a value"):
        placebo.p_value(pd.DataFrame({"value": [np.nan], "as_far": [False]}))


def test_a_ratio_of_zero_is_as_far_as_can_be() -> None:
    counts = {f"w{i}": [4.0, 5, 6, 5] if i != 3 else [2.0, 2, 0, 0] for i in range(7)}
    found = placebo.in_space(panel(wards(counts, {"w0": 3})), partial(did.att, inference="permutation"))
    zero = found.set_index("unit").loc["w3"]
    assert zero["value"] == 0 and zero["as_far"]


def test_under_chance_alone_the_placebo_p_is_fair() -> None:
    """Drawn from twelve alike wards: p of (1 + as far) / (1 + placebos) is at most 0.25 in about a quarter of draws."""
    method = partial(did.att, inference="cluster")
    p = []
    for seed in range(60):
        found = placebo.in_space(panel(many(3, 12, seed, start=4)), method, draws=11)
        p.append(placebo.p_value(found))
    assert np.mean(np.array(p) <= 0.25) == pytest.approx(0.25, abs=3.5 * math.sqrt(0.1875 / 60))


def test_what_it_refuses() -> None:
    one = panel(many(3, 3, start=4))
    with pytest.raises(
        DesignError, match="would call 3 wards treated, and there are only 3 untreated to take them"
    ):
        placebo.in_space(one, METHOD)
    with pytest.raises(DesignError, match="method='att' must be a function"):
        placebo.in_space(one, "att")
    with pytest.raises(
        DesignError, match="The method must give an Estimate, such as did.att does, and it gave an int"
    ):
        placebo.in_space(panel(many(2, 6, start=4)), lambda _: 3)
    for wrong in (0, 2.5, "5", True):
        with pytest.raises(DesignError, match="draws="):
            placebo.in_space(panel(many(2, 6, start=4)), METHOD, draws=wrong)
    with pytest.raises(DesignError, match="This takes a Panel"):
        placebo.in_space(many(2, 6), METHOD)
    with pytest.raises(DesignError, match="No ward is treated"):
        placebo.in_space(panel(wards({"A": [1, 2], "B": [2, 1]}, {})), METHOD)

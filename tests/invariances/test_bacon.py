"""The decomposition of the two-way regression: what must not, or must exactly, move it."""

import numpy as np
import pandas as pd
import pytest

from toolkit import did

from .panels import after, panel, rows

STARTS = (5, 8, 9)
WORDS = ["comparison", "cohort", "comparison_cohort"]


def same(one: pd.DataFrame, other: pd.DataFrame, times: float = 1.0) -> None:
    """The same comparisons and weights; estimates ``times`` as large."""
    pd.testing.assert_frame_equal(one[WORDS], other[WORDS])
    np.testing.assert_allclose(other["weight"], one["weight"], rtol=1e-12)
    np.testing.assert_allclose(other["estimate"], one["estimate"] * times, rtol=1e-9, atol=1e-9)


def table() -> pd.DataFrame:
    return rows(starts=STARTS)


def test_row_order_and_names_leave_it() -> None:
    made = table()
    shuffled = made.sample(frac=1, random_state=1)
    names = {name: f"x{hash_}" for hash_, name in enumerate(sorted(made["area"].unique(), reverse=True))}
    same(did.bacon(panel(made)), did.bacon(panel(shuffled.assign(area=shuffled["area"].map(names)))))


@pytest.mark.parametrize("by", ["area", "month"])
def test_a_constant_per_unit_or_period_leaves_it(by: str) -> None:
    made = table()
    moved = made["crimes"] + np.array([0.0, 31.5, 7.25])[pd.factorize(made[by])[0] % 3]
    same(did.bacon(panel(made)), did.bacon(panel(made.assign(crimes=moved))))


def test_outcomes_times_a_constant_multiply_the_estimates() -> None:
    made = table()
    same(did.bacon(panel(made)), did.bacon(panel(made.assign(crimes=made["crimes"] * 12))), times=12)


def test_weights_times_a_constant_leave_it() -> None:
    made = table().assign(size=lambda frame: 1.0 + pd.factorize(frame["area"])[0] % 4)
    thrice = made.assign(size=made["size"] * 3)
    same(did.bacon(panel(made, weight="size")), did.bacon(panel(thrice, weight="size")))


def test_a_unit_of_weight_two_is_two_units() -> None:
    made = table().assign(size=1.0)
    heavy = made["area"].isin(["area 01", "area 09"])
    copies = made[heavy].assign(area=made["area"] + " again")
    weighted = did.bacon(panel(made.assign(size=np.where(heavy, 2.0, 1.0)), weight="size"))
    same(weighted, did.bacon(panel(pd.concat([made, copies]))))


def test_a_constant_effect_moves_every_comparison_by_itself() -> None:
    """Also those with units already treated: a constant effect is no change after the start."""
    made = table()
    added = made.assign(crimes=made["crimes"] + 4.5 * after(made))
    one, other = did.bacon(panel(made)), did.bacon(panel(added))
    np.testing.assert_allclose(other["estimate"] - one["estimate"], 4.5, rtol=1e-9)


def test_later_outcomes_of_the_early_move_only_their_own_comparisons() -> None:
    """The cohort of month 5 after month 9 is used against never treated, and by the later cohorts against it."""
    made = table()
    late = (made["start"] == 5) & (made["month"] >= 10)
    one, other = did.bacon(panel(made)), did.bacon(panel(made.assign(crimes=made["crimes"] + 8.0 * late)))
    moved = ~np.isclose(one["estimate"], other["estimate"])
    found = {tuple(row) for row in one.loc[moved, WORDS].to_numpy().tolist()}
    assert found == {
        ("never_treated", 5, "never treated"),
        ("already_treated", 8, 5),
        ("already_treated", 9, 5),
    }

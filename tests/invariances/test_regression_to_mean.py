"""Regression to the mean: rows in another order and units by other names give the same answer; nothing is changed."""

from functools import partial

import numpy as np
import pytest

from toolkit import regression_to_mean

from .panels import numbers, panel, rows

KINDS = {
    "placebo": partial(regression_to_mean.expected, chosen_on=6, after=(7, 8)),
    "empirical Bayes": partial(regression_to_mean.expected, chosen_on=(5, 6), kind="empirical_bayes"),
}


@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_row_order_and_names(kind: str, gaps: bool) -> None:
    table = rows(treated=10, others=20, gaps=gaps)
    areas = table["area"].unique()
    new = dict(zip(areas, np.random.default_rng(2).permutation(len(areas)), strict=True))
    other = table.assign(area=table["area"].map(new)).sample(frac=1, random_state=1)
    one, two = (KINDS[kind](panel(t, exposure="people")) for t in (table, other))
    for name in ("naive", "expected", "left"):
        assert numbers(getattr(two, name)) == pytest.approx(numbers(getattr(one, name)), rel=1e-8)


@pytest.mark.parametrize("kind", KINDS)
def test_names_do_not_settle_ties(kind: str) -> None:
    """Counts of nought to three: most areas tie with many others."""
    table = rows(treated=10, others=20)
    table = table.assign(crimes=table["crimes"] % 4)
    other = table.assign(area=table["area"].str[::-1])
    one, two = (KINDS[kind](panel(t)).left for t in (table, other))
    assert numbers(two) == pytest.approx(numbers(one), rel=1e-8, nan_ok=True)


@pytest.mark.parametrize("kind", KINDS)
def test_the_callers_table_is_unchanged(kind: str) -> None:
    table = rows(gaps=True)
    before, one = table.copy(deep=True), panel(table)
    kept = one.frame.copy(deep=True)
    KINDS[kind](one)
    assert table.equals(before) and one.frame.equals(kept)

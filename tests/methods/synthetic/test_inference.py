"""Which sets of comparison units are called treated."""

from __future__ import annotations

import numpy as np
import pytest

from toolkit.methods.synthetic.design import read, recipe_of
from toolkit.methods.synthetic.inference import find

from .made import panel, table


def sets(frame, draws: int = 99, seed: int = 0) -> tuple[list[tuple[int, ...]], set[int], bool]:
    design = read(panel(frame), recipe_of("synthetic_control", "difference", None))
    found = find(design, draws, seed)
    return [tuple(chosen) for chosen in found.sets], set(design.donors), found.every


def test_each_comparison_unit_in_turn():
    chosen, donors, every = sets(table(20))
    assert every and sorted(c for (c,) in chosen) == sorted(donors) and len(donors) == 20


def test_each_in_turn_even_where_there_are_more_than_draws():
    chosen, donors, every = sets(table(120))
    assert every and {c for (c,) in chosen} == donors and len(donors) == 120


def test_every_pair_of_all_wards_but_the_treated_one_and_a_lot_where_there_are_more_than_draws():
    chosen, donors, every = sets(table(20, treated=2), draws=230)
    assert every and len({frozenset(pair) for pair in chosen}) == 230  # 22 choose 2, less the actual pair
    chosen, donors, every = sets(table(20, treated=2), draws=229)
    assert not every and 220 < len(chosen) <= 229
    assert all(len(set(pair)) == 2 and set(pair) != set(range(22)) - donors for pair in chosen)
    share = np.bincount(np.ravel(chosen), minlength=22) / len(chosen)
    assert share == pytest.approx(1 / 11, abs=0.08)  # each ward, treated or not, in one pair of eleven


def test_cohorts_are_dealt_out_together():
    frame = table(6, treated=3)
    frame.loc[frame["ward"] == "t2", "began"] = 16.0
    chosen, _, every = sets(frame, draws=300)
    assert (
        every and len(chosen) == 251
    )  # 9 for the one, 28 pairs of the rest for the two, less the actual way
    assert len(set(chosen)) == 251

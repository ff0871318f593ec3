"""Matches: how often each person serves."""

import numpy as np

from toolkit.matches import Matches


def test_uses_are_shares_of_the_matches_of_one_treated_person():
    # Person 0 has two matches (2, 3) and person 1 one (3): 2 serves half, 3 one and a half.
    pairs = np.array([[0, 2], [0, 3], [1, 3]])
    matches = Matches(pairs, np.zeros((5, 1)), np.zeros(5, dtype=int), 2)
    assert matches.uses.tolist() == [0, 0, 0.5, 1.5, 0]

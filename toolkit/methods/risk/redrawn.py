"""The bootstrap over people, in which the weights are found afresh in every draw."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from tqdm import tqdm

from toolkit.sample import Sample
from toolkit.validate import DesignError, random_generator


def centres(
    sample: Sample, statistic: Callable[[Sample], float], scores: np.ndarray, draws: int, seed: Any
) -> np.ndarray:
    """The statistic in each draw; NaN where people drawn could not be weighted.

    People are drawn within each arm, so that no draw is without one of them, and in an order that comes from their
    data, so that the order of the rows does not matter.
    """
    rng = random_generator(seed)
    # People alike in all else may still carry unlike weights of the user's own.
    given = sample.origin.weight[sample.rows]
    keys = np.column_stack([given, sample.columns.matrix, scores])
    arms = [_ordered(np.flatnonzero(arm), keys) for arm in (sample.treated, ~sample.treated)]
    found = np.full(draws, np.nan)
    for draw in tqdm(range(draws), desc="Bootstrap", unit="draw", leave=False, disable=None):
        rows = np.concatenate([arm[rng.integers(len(arm), size=len(arm))] for arm in arms])
        found[draw] = _one(sample, statistic, rows)
    return found


def _one(sample: Sample, statistic: Callable[[Sample], float], rows: np.ndarray) -> float:
    try:
        return statistic(sample.remake(sample.take(rows)))  # type: ignore[misc]
    except DesignError:  # this draw's arms do not overlap, say
        return np.nan


def _ordered(people: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """The people of one arm, sorted by their data."""
    return people[np.lexsort(keys[people].T)]

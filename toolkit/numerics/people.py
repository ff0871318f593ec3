"""How uncertain a gap between two arms of people is: separate, in matched sets, or matched with replacement."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

Arms = list[tuple[int, float]]  # of each independent part: how many people or sets, and its variance
_ALIKE = 4


def rates(y: np.ndarray, exposure: np.ndarray, treated: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """The weighted outcome per exposure of each arm, treated first: with an exposure of 1, its mean."""
    return np.array([(weight[arm] @ y[arm]) / (weight[arm] @ exposure[arm]) for arm in (treated, ~treated)])


def apart(y: np.ndarray, treated: np.ndarray, weight: np.ndarray) -> Arms:
    """Separate people whose weights are known: Welch's variances where the weights are equal.

    Parameters
    ----------
    y, treated, weight : ndarray, shape (n,)
    """
    return [_arm(y[arm], weight[arm]) for arm in (treated, ~treated)]


def _arm(y: np.ndarray, weight: np.ndarray) -> tuple[int, float]:
    share = weight / weight.sum()
    gaps = share * (y - share @ y)
    n = int((weight > 0).sum())
    return n, float(gaps @ gaps * n / (n - 1)) if n > 1 else np.nan


def worth(weight: np.ndarray) -> float:
    """How many people who count alike would say as much of a mean: Kish's effective size."""
    return float(weight.sum() ** 2 / (weight @ weight))


def in_sets(y: np.ndarray, treated: np.ndarray, weight: np.ndarray, sets: np.ndarray) -> Arms:
    """People in matched sets, each set one independent part: with pairs of equal weight, the paired t-test's variance.

    Parameters
    ----------
    y, treated, weight : ndarray, shape (n,)
    sets : ndarray of int, shape (n,)
    """
    first, second = rates(y, np.ones(len(y)), treated, weight)
    scaled = weight / np.where(treated, weight[treated].sum(), -weight[~treated].sum())
    code = np.unique(sets, return_inverse=True)[1]
    total = np.bincount(code, weights=scaled * (y - np.where(treated, first, second)))
    count = len(total)
    return [(count, float(total @ total * count / (count - 1)) if count > 1 else np.nan)]


def in_pairs(y: np.ndarray, treated: np.ndarray, sets: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """The outcomes of each set's treated and comparison person, in the order of the sets; None if any is not a pair."""
    first, second = (np.argsort(sets[arm], kind="stable") for arm in (treated, ~treated))
    names = sets[treated][first]
    if len(first) != len(second) or (names != sets[~treated][second]).any() or (np.diff(names) == 0).any():
        return None
    return y[treated][first], y[~treated][second]


def with_replacement(y: np.ndarray, weight: np.ndarray, pairs: np.ndarray, spread: np.ndarray) -> Arms:
    """Abadie and Imbens' (2006) variance of the mean gap within matches, for the population that the treated are from.

    Parameters
    ----------
    y, weight : ndarray, shape (n,)
        Only the treated people's weights are read.
    pairs : ndarray of int, shape (m, 2)
        A treated person and a comparison person matched to them; a treated person may have several rows.
    spread : ndarray, shape (n,)
        Variance of the outcome among comparison people like each comparison person: :func:`among_alike`.
    """
    matched, comparison = pairs.T
    found = np.unique(matched)
    own = weight / weight[found].sum()
    share = 1 / np.bincount(matched, minlength=len(y))[matched]
    gaps = y[found] - np.bincount(matched, weights=share * y[comparison], minlength=len(y))[found]
    part = own[matched] * share
    uses = np.bincount(comparison, weights=part, minlength=len(y))
    once = np.bincount(comparison, weights=part**2, minlength=len(y))
    apart_from_mean = own[found] * (gaps - own[found] @ gaps)
    return [(len(found), float(apart_from_mean @ apart_from_mean + ((uses**2 - once) * spread).sum()))]


def among_alike(
    y: np.ndarray, treated: np.ndarray, places: np.ndarray, strata: np.ndarray, alike: int = _ALIKE
) -> np.ndarray:
    """Variance of the outcome among comparison people near each of them, in their stratum; 0 for the treated.

    Parameters
    ----------
    y, treated : ndarray, shape (n,)
    places : ndarray, shape (n, k)
        Where people stand; the distance between them is what was matched on.
    strata : ndarray of int, shape (n,)
    alike : int
        The nearest others to compare each with, and all as near as the last of them, so that order does not matter.
    """
    spread = np.zeros(len(y))
    for stratum in np.unique(strata[~treated]):
        members = np.flatnonzero(~treated & (strata == stratum))
        spread[members] = _near(y[members], places[members], min(alike, len(members) - 1))
    return spread


def _near(y: np.ndarray, places: np.ndarray, alike: int) -> np.ndarray:
    if alike < 1:
        return np.zeros(len(y))
    tree = cKDTree(places)
    reach = np.asarray(tree.query(places, k=alike + 1)[0])[:, -1]  # each person is among their own nearest
    around = tree.query_ball_point(places, reach * (1 + 1e-9) + 1e-12)
    others = np.array([len(one) - 1 for one in around])
    mean = (np.array([y[one].sum() for one in around]) - y) / others
    return others / (others + 1) * (y - mean) ** 2

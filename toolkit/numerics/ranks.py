"""Picking by rank: at another time, the units at the places of the ranking that some units hold now."""

from __future__ import annotations

import numpy as np

from toolkit.numerics import jackknife


def places(rate: np.ndarray, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How many are chosen down to each place of the ranking, as shares of all units: (places, cumulative).

    Units with equal rates hold their places together, so that nothing depends on how a tie is broken.

    Parameters
    ----------
    rate : ndarray, shape (N,)
        What units are ranked on, the largest first.
    chosen : ndarray of bool, shape (N,)
    """
    level = np.unique(-rate, return_inverse=True)[1]
    size, picked = np.bincount(level), np.bincount(level, weights=chosen)
    return tuple(np.concatenate([[0.0], np.cumsum(part) / len(rate)]) for part in (size, picked))  # type: ignore[return-value]


def picked(rate: np.ndarray, held: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """The weight of each unit in the pick: 1 inside, 0 outside, a share where it ties with others at an edge.

    Parameters
    ----------
    rate : ndarray, shape (N,)
        At the other time; the number of units may differ.
    held : tuple
        From `places`.
    """
    level = np.unique(-rate, return_inverse=True)[1]
    ends = np.concatenate([[0.0], np.cumsum(np.bincount(level)) / len(rate)])
    upto = np.interp(ends, *held)
    return (np.diff(upto) / np.diff(ends))[level]


def relative(
    pick: np.ndarray, count: np.ndarray, exposure: np.ndarray, cluster: np.ndarray, part: float = 1.0
) -> np.ndarray:
    """The rate of the units picked over that of all, and after it the same without (a part of) each cluster."""
    totals = [jackknife.totals(x, cluster, part) for x in (pick * count, pick * exposure, count, exposure)]
    with np.errstate(divide="ignore", invalid="ignore"):
        return totals[0] / totals[1] / (totals[2] / totals[3])


def next_in_rank(rate: np.ndarray, pick: np.ndarray, cluster: np.ndarray, part: float = 1.0) -> np.ndarray:
    """What the next in rank add to the mean rate of the pick when a cluster is gone, next to nobody; shape (1 + G,).

    Without a unit of the pick the others move up, so that what is lost is its lead over the last one in. Less its
    mean, because the pick is a share of the units left.
    """
    order = np.argsort(-rate, kind="stable")
    ranked, held = rate[order], pick[order]
    up = np.append((held[:-1] - held[1:]) * ranked[1:], held[-1] * ranked[-1])
    comes = np.empty(len(rate))
    comes[order] = np.cumsum(up[::-1])[::-1]
    gain = (comes - pick * (pick @ rate) / pick.sum()) / pick.sum()
    return np.append(0.0, part * np.bincount(cluster, gain - gain.mean()))


def carried(now: np.ndarray, then: np.ndarray, later: np.ndarray) -> np.ndarray:
    """How far above all units those chosen would be later, from how far above the picks of other times were.

    The picks of other times stood at ``then`` times the mean rate and, later, at ``later`` times. The chosen stand
    at ``now`` times. Were what ``now`` has over ``then`` all real, the excess later would be larger in proportion;
    were it all chance, not at all. The square root of the proportion lies half-way between.
    """
    if not (now[0] > 1 and then[0] > 1):  # nothing to speak of stood out: the rank alone says what to expect
        return later
    with np.errstate(divide="ignore"):
        return 1 + (later - 1) * np.sqrt(np.maximum((now - 1) / (then - 1), 0.0))

"""The two-way fixed-effects coefficient as a weighted average of comparisons of two cohorts (Goodman-Bacon 2021)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Pairs:
    """Every comparison of two cohorts, one of which changes treatment while the other does not.

    Attributes
    ----------
    treated, against : ndarray of int, shape (P,)
        Positions of the cohort whose treatment starts and of the one it is compared with.
    estimate, weight : ndarray, shape (P,)
        The weights are positive and sum to one.
    """

    treated: np.ndarray
    against: np.ndarray
    estimate: np.ndarray
    weight: np.ndarray


def cohort_means(y: np.ndarray, weight: np.ndarray, cohort: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean outcome of each cohort in each period, shape (C, T), and the weight of each cohort, shape (C,).

    Parameters
    ----------
    y : ndarray, shape (N, T)
    weight : ndarray, shape (N,)
        Of each unit, the same in every period. A unit of weight 0 may hold anything.
    cohort : ndarray of int, shape (N,)
    """
    member = np.where(cohort == np.arange(cohort.max() + 1)[:, None], weight, 0.0)
    mass = member.sum(axis=1)
    sums = member @ np.where(weight[:, None] > 0, y, 0.0)
    return sums / np.where(mass > 0, mass, 1.0)[:, None], mass


def pairs(means: np.ndarray, mass: np.ndarray, first: np.ndarray) -> Pairs:
    """The comparisons and their weights in the regression on a treatment indicator with unit and period effects.

    A cohort is compared with one that starts later (or never) up to that other start, and with one that started
    earlier (or is treated throughout) from that other start on: the window in which the other's treatment does not
    change. The weight is in proportion to the product of both cohorts' weights and of the numbers of periods before
    and after the start within the window (equations 10a to 10g of the paper, the common factors taken out).

    Parameters
    ----------
    means : ndarray, shape (C, T)
        Mean outcome of each cohort in each period.
    mass : ndarray, shape (C,)
        Weight of each cohort: the number of its units, or the sum of their weights.
    first : ndarray of int, shape (C,)
        Column of each cohort's first treated period: 0 for treated throughout, T for never.
    """
    periods = means.shape[1]
    treated, against = np.divmod(np.arange(len(first) ** 2), len(first))
    start, other = first[treated], first[against]
    opens, closes = np.where(other < start, other, 0), np.where(other > start, other, periods)
    before, after = start - opens, closes - start
    size = mass[treated] * mass[against] * before * after * (other != start)
    keep = size > 0
    treated, against, start, opens, closes = (part[keep] for part in (treated, against, start, opens, closes))
    gap = means[treated] - means[against]
    sums = np.concatenate([np.zeros((len(gap), 1)), np.cumsum(gap, axis=1)], axis=1)
    at_open, at_start, at_close = (
        np.take_along_axis(sums, place[:, None], axis=1)[:, 0] for place in (opens, start, closes)
    )
    estimate = (at_close - at_start) / after[keep] - (at_start - at_open) / before[keep]
    return Pairs(treated, against, estimate, size[keep] / size[keep].sum())

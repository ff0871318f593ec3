"""What chosen and other units would record later were there no trend: by what became of others, or by shrinkage."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from toolkit.checks._chosen import Chosen, Window
from toolkit.numerics import jackknife, ranks, shrinkage
from toolkit.validate import DesignError, counted, plural

_FEWEST = 10  # units that a distribution of rates can be fitted to at all
_FEW = 30  # units below which its shape is poorly known
_FEW_TIMES = 3
DRIFT = (
    "Empirical Bayes takes rates to be steady, and they drift, so it expects too little regression to the mean. On real "
    "records where nothing was done it left a fall of 3% to 14% by crime type (wards chosen on three months)."
)


@dataclass(frozen=True, eq=False)
class Steady:
    """Incidents to be expected after, were there no trend, and after it the same without each cluster.

    Attributes
    ----------
    chosen, others : ndarray, shape (1 + G,)
    method : str
    cautions : tuple of str
    """

    chosen: np.ndarray
    others: np.ndarray
    method: str
    cautions: tuple[str, ...]


def empirical_bayes(study: Chosen) -> Steady:
    """Each unit's count when the choice was made, shrunk towards the mean of all."""
    count, reach = study.window(study.choice)
    _fit_for_shrinkage(study, count)
    prior = shrinkage.fit(count, reach)
    later = study.window(study.after)[1]
    moved = np.vstack([np.zeros(2), shrinkage.shifts(prior, count, reach, study.cluster)])
    rate, slope = prior.rate(count, reach) * later, prior.gradient(count, reach) * later[:, None]
    sides = (
        _total(side * rate, study)
        + (moved * np.column_stack([_total(side * s, study) for s in slope.T])).sum(1)
        for side in (study.chosen, ~study.chosen)
    )
    few = (f"The distribution of rates is fitted to only {counted(len(count), study.noun)}.",)
    flat = (
        f"The {plural(study.noun)} differ in chosen_on= by no more than chance, so all that set the chosen apart is "
        "taken for chance.",
    )
    said = (few if len(count) < _FEW else ()) + (flat if math.isinf(prior.shape) else ()) + (DRIFT,)
    return Steady(*sides, "negative binomial empirical Bayes", said)


def placebo(study: Chosen, most: int) -> Steady:
    """How far above the mean the chosen would be, going by the units at the same ranks at earlier times."""
    times = _times(study, most)
    count, reach = study.window(study.choice)
    held = ranks.places(count / reach, study.chosen)
    now = ranks.relative(study.chosen.astype(float), count, reach, study.cluster)
    then, later = np.mean([_followed(study, held, *windows) for windows in times], axis=0)
    above = ranks.carried(now, then, later)
    mean, per = _total(count, study) / _total(reach, study), study.window(study.after)[1]
    chosen, everyone = mean * above * _total(study.chosen * per, study), mean * _total(per, study)
    few = (f"Only {counted(len(times), 'earlier time')} could be tried.",) if len(times) < _FEW_TIMES else ()
    return Steady(chosen, everyone - chosen, f"placebo at {counted(len(times), 'earlier time')}", few)


def _total(values: np.ndarray, study: Chosen) -> np.ndarray:
    return jackknife.totals(values, study.cluster)


def _times(study: Chosen, most: int) -> list[tuple[Window, Window]]:
    """The latest earlier times at which something was recorded in both windows."""
    found = [pair for pair in study.earlier if all(study.window(window)[0].sum() > 0 for window in pair)][
        :most
    ]
    if not found:
        raise DesignError(
            f"There is no earlier time to learn from: the data begin too late for a choice and what followed, as far "
            f"apart as here, both before the start. Add earlier {plural(study.period)}, or use kind='empirical_bayes'."
        )
    return found


def _followed(study: Chosen, held: tuple[np.ndarray, np.ndarray], first: Window, last: Window) -> np.ndarray:
    """How far above the mean the units at the chosen ranks were, and came to be; shape (2, 1 + G)."""
    (count, reach), (later, later_reach) = study.window(first), study.window(last)
    seen = (reach > 0) & (later_reach > 0)
    pick = np.zeros(len(count))
    pick[seen] = ranks.picked(count[seen] / reach[seen], held)
    parts = ((count, reach), (later, later_reach))
    return np.array([ranks.relative(pick, y * seen, e * seen, study.cluster) for y, e in parts])


def _fit_for_shrinkage(study: Chosen, count: np.ndarray) -> None:
    if (count != np.round(count)).any():
        raise DesignError(
            f"Empirical Bayes needs counts, and {study.outcome} holds parts of one: use kind='placebo'."
        )
    if len(count) < _FEWEST:
        raise DesignError(
            f"Empirical Bayes needs at least {counted(_FEWEST, study.noun)} to learn how rates are spread, and there are "
            f"{len(count)}: add others that could have been chosen."
        )

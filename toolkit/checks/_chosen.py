"""Units chosen on a few periods, and the others: their counts in any window, after the checks on the design."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from toolkit.panel import Panel
from toolkit.panel_checks import row_names
from toolkit.validate import (
    DesignError,
    counted,
    listed,
    needs,
    not_negative,
    noun,
    plural,
    quoted,
    shown,
)

Window = tuple[float, float]  # ordinals of the first and the last period


@dataclass(frozen=True, eq=False)
class Chosen:
    """A panel's units observed both when the choice was made and afterwards.

    Attributes
    ----------
    count, reach : ndarray, shape (N, T)
        Outcome, and exposure (1 where none was named); 0 where a unit is not observed.
    ordinals : ndarray, shape (T,)
    chosen : ndarray of bool, shape (N,)
    cluster : ndarray of int, shape (N,)
    choice, after : (float, float)
        The periods of the choice, and those it is judged on.
    start : float
        The first treated period of any unit.
    noun, outcome, period : str
    cautions : tuple of str
    """

    count: np.ndarray
    reach: np.ndarray
    ordinals: np.ndarray
    chosen: np.ndarray
    cluster: np.ndarray
    choice: Window
    after: Window
    start: float
    noun: str
    outcome: str
    period: str
    cautions: tuple[str, ...]

    @classmethod
    def of(cls, panel: Panel, chosen_on: Any, after: Any) -> Chosen:
        """Check that the panel can answer, and leave out units not observed in both windows, with a caution."""
        needs(panel, before=False)
        _counts(panel)
        grid = panel.grid
        ever = grid.start <= grid.ordinals[-1]
        choice = _choice(panel, chosen_on, float(grid.start[ever].min()))
        later = _after(panel, after, ever)
        reach = np.where(grid.observed, 1.0 if grid.exposure is None else np.nan_to_num(grid.exposure), 0.0)
        seen = [(reach[:, _inside(grid.ordinals, window)] > 0).any(axis=1) for window in (choice, later)]
        keep = seen[0] & seen[1]
        what = noun(panel.labels, "unit")
        _arms(keep & ever, keep & ~ever, ever, what)
        cluster = np.unique(grid.cluster[keep], return_inverse=True)[1]
        return cls(
            np.nan_to_num(grid.outcome)[keep], reach[keep], grid.ordinals, ever[keep], cluster, choice, later,
            float(grid.start[ever].min()), what, panel.labels["outcome"], noun(panel.labels, "period"),
            panel.cautions + _left_out(list(grid.units[~keep]), what),
        )  # fmt: skip

    def window(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """Each unit's count and exposure over a window; both shape (N,)."""
        inside = _inside(self.ordinals, window)
        return self.count[:, inside].sum(axis=1), self.reach[:, inside].sum(axis=1)

    @property
    def earlier(self) -> list[tuple[Window, Window]]:
        """Pairs of windows as long and as far apart as the real ones, wholly before any treatment, latest first."""
        last, first = self.after[1], min(self.choice[0], self.after[0])
        back = range(int(max(last - self.start + 1, 1)), int(first - self.ordinals[0]) + 1)
        return [tuple((a - n, b - n) for a, b in (self.choice, self.after)) for n in back]  # type: ignore[misc]

    @property
    def cluster_noun(self) -> str:
        """What the jackknife leaves out: the unit, or clusters of them."""
        alone = int(self.cluster.max()) + 1 == len(self.cluster)
        return self.noun if alone else f"cluster of {plural(self.noun)}"

    @property
    def arm(self) -> np.ndarray:
        """Of each cluster: 0 not chosen, 1 chosen, 2 holds both."""
        some = np.bincount(self.cluster, self.chosen) > 0
        other = np.bincount(self.cluster, ~self.chosen) > 0
        return np.where(some & other, 2, some.astype(int))


def _inside(ordinals: np.ndarray, window: Window) -> np.ndarray:
    return (ordinals >= window[0]) & (ordinals <= window[1])


def _counts(panel: Panel) -> None:
    frame, name = panel.frame, panel.labels["outcome"]
    if panel.unweighted() is not panel:
        weight = panel.labels["weight"]
        raise DesignError(
            f"regression_to_mean takes no weights: make the Panel without weight={quoted(weight)}."
        )
    advice = "Regression to the mean is reckoned on counts, or other outcomes of zero or more."
    not_negative(frame["outcome"].to_numpy(), name, row_names(frame, panel.labels), advice)


def _pair(panel: Panel, given: Any, name: str) -> Window:
    """A (first, last) pair, or one period, as ordinals of periods that the panel has."""
    if isinstance(given, (tuple, list)) and len(given) != 2:
        raise DesignError(
            f"{name}= holds {counted(len(given), 'period')}: give the first and the last, or one."
        )
    first, last = given if isinstance(given, (tuple, list)) else (given, given)
    start, end = panel.ordinal(first), panel.ordinal(last)
    if start > end:
        raise DesignError(f"{name}= begins in {shown(first)}, after its end in {shown(last)}.")
    span = panel.grid.ordinals
    if start < span[0] or end > span[-1] or not _inside(span, (start, end)).any():
        raise DesignError(
            f"{name}= runs from {shown(first)} to {shown(last)}, and the data from {shown(panel.periods[0])} to "
            f"{shown(panel.periods[-1])}: name {plural(noun(panel.labels, 'period'))} that the data hold."
        )
    return start, end


def _choice(panel: Panel, chosen_on: Any, start: float) -> Window:
    choice = _pair(panel, chosen_on, "chosen_on")
    if choice[1] >= start:
        began = shown(next(iter(panel.cohorts)))
        raise DesignError(
            f"chosen_on= ends when treatment had begun, in {began}. End it at the last "
            f"{noun(panel.labels, 'period')} that was known when the choice was made."
        )
    return choice


def _after(panel: Panel, after: Any, ever: np.ndarray) -> Window:
    """The periods in which every chosen unit is treated, or those of them that are named."""
    grid = panel.grid
    begun = float(grid.start[ever].max())
    if after is None:
        return begun, float(grid.ordinals[-1])
    window = _pair(panel, after, "after")
    if window[0] < begun:
        last = shown(list(panel.cohorts)[-1])
        raise DesignError(
            f"after= begins before every chosen {noun(panel.labels, 'unit')} was treated, in {last}: begin later."
        )
    return window


def _arms(chosen: np.ndarray, others: np.ndarray, ever: np.ndarray, what: str) -> None:
    if ever.all():
        raise DesignError(
            f"Every {what} is treated. What to expect of those chosen is learnt from all that could have been: "
            f"add the {plural(what)} that were not chosen."
        )
    for side, name in ((chosen, f"chosen {what}"), (others, f"{what} that was not chosen")):
        if not side.any():
            raise DesignError(
                f"No {name} is observed both in chosen_on= and after the start. Add those rows."
            )


def _left_out(units: Sequence[Any], what: str) -> tuple[str, ...]:
    if not len(units):
        return ()
    verb = "is" if len(units) == 1 else "are"
    why = f"not observed both in the periods of the choice and afterwards {verb} left out"
    return (f"{counted(len(units), what)} {why}: {listed(units)}.",)

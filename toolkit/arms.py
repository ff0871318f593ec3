"""Arms: a panel made ready for comparison, with what limits any claim made from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from toolkit.numerics import fixed_effects
from toolkit.numerics.imputation import Cells
from toolkit.numerics.unlike import gaps
from toolkit.panel import Panel
from toolkit.panel_checks import row_names
from toolkit.unlike import caution
from toolkit.validate import DesignError, counted, listed, needs, not_negative, plural
from toolkit.validate import noun as noun_of

FEW = 10  # below this many clusters in an arm, area-level errors lean on assumptions
NAMED = 5  # units that a caution names; more than these, who may be people, are counted only


@dataclass(frozen=True, eq=False)
class Arms:
    """Treated and comparison units of a panel as arrays, after the always treated have been left out.

    Attributes
    ----------
    cells : Cells
    start : ndarray, shape (N,)
        Ordinal of the first treated period; infinite for units untreated throughout the panel.
    ordinals : ndarray, shape (T,)
    cluster : ndarray of int, shape (N,)
    arm : ndarray of int, shape (G,)
        Of each cluster: 0 comparison, 1 treated, 2 holds both.
    units, periods : ndarray
    noun : str
        The user's word for a unit.
    cautions : tuple of str
    """

    cells: Cells
    start: np.ndarray
    ordinals: np.ndarray
    cluster: np.ndarray
    arm: np.ndarray
    units: np.ndarray
    periods: np.ndarray
    noun: str
    cautions: tuple[str, ...]

    @classmethod
    def of(cls, panel: Panel, *, ratio: bool, comparison: bool = True, always_treated: bool = False) -> Arms:
        """Check that the panel can answer, leave out units treated throughout, and count what limits the claim."""
        needs(panel, comparison=comparison)
        grid, noun = panel.grid, noun_of(panel.labels, "unit")
        always = (grid.observed == grid.treated).all(axis=1) & (not always_treated)
        never = ~grid.treated.any(axis=1)
        keep = ~always if comparison else ~always & ~never
        if comparison and not (never | (grid.observed & ~grid.treated).any(axis=1))[keep].any():
            raise DesignError(
                f"No {noun} is left to compare with. Use before_after, or add untreated {plural(noun)}."
            )
        said = _left_out(grid.units[always], noun) if always.any() else ()
        start = np.where(never, np.inf, grid.start)[keep]
        cluster = np.unique(grid.cluster[keep], return_inverse=True)[1]
        arms = cls(_cells(panel, ratio, keep), start, grid.ordinals, cluster, _arm(cluster, np.isfinite(start)),
                   grid.units[keep], grid.periods, noun, panel.cautions + said)  # fmt: skip
        before = _nothing_before(arms, panel) if ratio else ()
        return arms.say(*before, *(_unlike(arms, panel) if comparison else ()))

    def say(self, *more: str) -> Arms:
        """The same arms with further cautions."""
        return replace(self, cautions=self.cautions + more)

    def rearranged(self, cells: Cells, start: np.ndarray) -> Arms:
        """The same units with other cells treated."""
        return replace(self, cells=cells, start=start, arm=_arm(self.cluster, np.isfinite(start)))

    @property
    def treated_units(self) -> np.ndarray:
        """Units treated at some time in the panel; bool, shape (N,)."""
        return np.isfinite(self.start)

    @property
    def one_start(self) -> bool:
        """Did every treated unit start in the same period?"""
        return len(np.unique(self.start[self.treated_units])) == 1

    @property
    def clusters(self) -> tuple[int, int]:
        """Clusters that hold treated units, and clusters to compare with: never treated, or else not yet."""
        compared = int((self.arm != 1).sum())
        if self.treated_units.all():
            compared = len(np.unique(self.cluster[self.start > self.start.min()]))
        return int((self.arm > 0).sum()), compared

    @property
    def cluster_noun(self) -> str:
        """What is deleted or reassigned: the unit, or clusters of them."""
        return self.noun if len(self.arm) == len(self.units) else f"cluster of {plural(self.noun)}"


def need_speaking(
    cells: Cells, weight: np.ndarray, names: Sequence[str], first: np.ndarray | None = None
) -> None:
    """Raise where a covariate says nothing beyond unit and period effects (and ``first``) in the cells fitted."""
    if cells.x is None:
        return
    x = cells.x if first is None else np.concatenate([first[..., None].astype(float), cells.x], axis=-1)
    says = fixed_effects.speaking(x, weight)[-len(names) :]
    silent = [name for name, heard in zip(names, says, strict=True) if not heard]
    if silent:
        where = "untreated cells" if first is None else "the data beside treatment"
        raise DesignError(
            f"{listed(silent)} cannot be told apart from unit and period effects in {where}: "
            "leave it out of covariates=."
        )


def _cells(panel: Panel, ratio: bool, keep: np.ndarray) -> Cells:
    grid = panel.grid
    weight = np.where(grid.observed, 1.0 if grid.weight is None else np.nan_to_num(grid.weight), 0.0)
    if ratio:
        _counts_only(panel)
    y, exposure = grid.outcome, grid.exposure
    if exposure is not None and not ratio:
        y, exposure = y / exposure, None
    cells = Cells(np.nan_to_num(y), weight, grid.treated, exposure, grid.covariates, ratio)
    return cells.units(keep)


def _counts_only(panel: Panel) -> None:
    frame, name = panel.frame, panel.labels["outcome"]
    where = row_names(frame, panel.labels)
    advice = "A ratio needs an outcome of zero or more: use scale='difference'."
    not_negative(frame["outcome"].to_numpy(), name, where, advice)


def _arm(cluster: np.ndarray, treated: np.ndarray) -> np.ndarray:
    some = np.bincount(cluster, treated) > 0
    other = np.bincount(cluster, ~treated) > 0
    return np.where(some & other, 2, some.astype(int))


def _left_out(units: Sequence[Any], noun: str) -> tuple[str, ...]:
    verb = "is" if len(units) == 1 else "are"
    which = f": {listed(units)}" if len(units) <= NAMED else ""
    return (f"{counted(len(units), noun)} treated in every period observed {verb} left out{which}.",)


def _nothing_before(arms: Arms, panel: Panel) -> tuple[str, ...]:
    """Treated units with no incidents before stay in; a treated total of zero leaves nothing to compare with."""
    cells, treated = arms.cells, arms.treated_units
    before = (cells.y * cells.untreated_weight)[treated].sum(axis=1)
    if before.sum() == 0:
        outcome = panel.labels["outcome"]
        raise DesignError(
            f"The treated {plural(arms.noun)} have no {outcome} at all before treatment, so a ratio has nothing to "
            "divide by. Add earlier periods, or use scale='difference'."
        )
    empty = arms.units[treated][before == 0]
    if not len(empty):
        return ()
    stays = "It stays" if len(empty) == 1 else "They stay"
    which = f" ({listed(empty)})" if len(empty) <= NAMED else ""
    what = f"{counted(len(empty), 'treated ' + arms.noun)} had no incidents before treatment{which}"
    return (f"{what}, so none were expected after. {stays} in the totals.",)


def _unlike(arms: Arms, panel: Panel) -> tuple[str, ...]:
    """A caution where the arms stood apart in level or in rise before treatment."""
    cells = arms.cells
    per = cells.weight if cells.exposure is None else cells.weight * cells.exposure
    seen = np.where(cells.weight > 0, cells.y, 0.0) * cells.weight
    per = np.where(cells.weight > 0, per, 0.0)
    found = gaps(seen, per, arms.start, arms.ordinals, cells.ratio)
    return caution(found, arms.noun, noun_of(panel.labels, "period"), panel.met_rule)

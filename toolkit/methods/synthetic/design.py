"""What synthetic methods need of a panel: a block without gaps, units never treated, and time before."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from toolkit.arms import NAMED
from toolkit.estimate import Scale
from toolkit.numerics.placebos import Block
from toolkit.numerics.synthetic import Made, Problem, Recipe, make
from toolkit.panel import Panel
from toolkit.panel_checks import row_names
from toolkit.validate import (
    DesignError,
    and_more,
    counted,
    listed,
    needs,
    not_negative,
    one_of,
    plural,
    shown,
)
from toolkit.validate import noun as noun_of

LEAST_BEFORE = 3  # periods: with fewer there is no path to be like


@dataclass(frozen=True, eq=False)
class Cohort:
    """Treated units that share a start: its label, its column, and their places in the block."""

    start: Any
    first: int
    members: np.ndarray


@dataclass(frozen=True, eq=False)
class Design:
    """Treated and comparison units as a block.

    Attributes
    ----------
    block : Block
    cohorts : tuple of Cohort
    donors : ndarray of int
        Places of the comparison units, in the order of their data.
    units : ndarray
    periods : Index
    recipe : Recipe
    noun, period_noun : str
        The user's words for a unit and a period.
    cautions : tuple of str
    """

    block: Block
    cohorts: tuple[Cohort, ...]
    donors: np.ndarray
    units: np.ndarray
    periods: pd.Index
    recipe: Recipe
    noun: str
    period_noun: str
    cautions: tuple[str, ...]

    @property
    def treated(self) -> int:
        """How many units are treated."""
        return sum(len(cohort.members) for cohort in self.cohorts)

    @property
    def pool(self) -> np.ndarray:
        """Places of the units that placebos may call treated, in the order of their data: all, if there are several.

        With one treated unit these are the comparison units. A ratio needs incidents before the first start.
        """
        if self.treated == 1:
            return self.donors
        early = self.block.y[:, : min(cohort.first for cohort in self.cohorts)].sum(axis=1)
        every = np.concatenate([self.donors, *(cohort.members for cohort in self.cohorts)])
        kept = every[early[every] > 0] if self.recipe.ratio else every
        return kept[data_order(self.block, kept)]

    @property
    def exact(self) -> Recipe:
        """The recipe with an exact search for weights."""
        return replace(self.recipe, published=False)

    def problems(self, members: list[np.ndarray], others: np.ndarray) -> list[Problem]:
        """For each cohort its problem, if these had been its members."""
        pairs = zip(members, self.cohorts, strict=True)
        return [self.block.problem(inside, others, cohort.first) for inside, cohort in pairs]

    def own(self) -> tuple[list[Problem], list[Made]]:
        """The problems as they are, and what is made for them."""
        problems = self.problems([cohort.members for cohort in self.cohorts], self.donors)
        return problems, [make(problem, self.recipe) for problem in problems]


def recipe_of(kind: str, scale: Scale, match: str | None) -> Recipe:
    """How weights are found, from what the user asked for."""
    one_of(kind, "kind", ("synthetic_control", "synthetic_did"))
    one_of(scale, "scale", ("ratio", "difference"))
    did, ratio = kind == "synthetic_did", scale == "ratio"
    if match is not None:
        one_of(match, "match", ("level", "path"))
        if did and match == "level":
            raise DesignError(
                "kind='synthetic_did' compares changes, so it has no match='level': leave match= out, "
                "or use kind='synthetic_control'."
            )
    path = did or (match or ("path" if ratio else "level")) == "path"
    return Recipe(ratio, path, did, published=did and not ratio)


def read(panel: Panel, recipe: Recipe) -> Design:
    """Check that the panel can answer, and put it in order."""
    needs(panel, comparison=True)
    _refuse_weights_and_clusters(panel)
    grid, noun = panel.grid, noun_of(panel.labels, "unit")
    treated = grid.treated.any(axis=1)
    if treated.all():
        raise DesignError(
            f"Every {noun} is treated by the end, and synthetic methods compare with {plural(noun)} that never are. "
            f"Use did.att, which compares with those not yet treated, or add {plural(noun)}."
        )
    always = treated & (grid.observed == grid.treated).all(axis=1)
    _no_gaps(panel, ~always)
    said = panel.cautions + _left_out(grid.units[always], noun, "treated in every period observed")
    empty = np.zeros_like(always)
    if recipe.ratio:
        _zero_or_more(panel)
        empty = ~treated & (grid.outcome[:, : _first(panel)].sum(axis=1) == 0)
        said += _left_out(
            grid.units[empty], noun, "without any incidents before the start, and so without a path,"
        )
    if panel.covariates:
        said += (f"Weights are found from the outcome alone: {listed(panel.covariates)} played no part.",)
    return _ordered(panel, np.flatnonzero(~always & ~empty), recipe, said)


def _ordered(panel: Panel, used: np.ndarray, recipe: Recipe, said: tuple[str, ...]) -> Design:
    """The units used as a block, the comparison in the order of its data and not of its names."""
    grid = panel.grid
    reach = np.ones_like(grid.outcome) if grid.exposure is None else grid.exposure
    start = np.where(grid.treated.any(axis=1), grid.start, np.inf)[used]
    began = np.where(np.isinf(start), np.inf, np.searchsorted(grid.ordinals, start))
    block = Block(grid.outcome[used], reach[used], recipe.ratio, began)
    order = data_order(block, np.arange(len(used)))
    starts = zip(panel.cohorts, map(panel.ordinal, panel.cohorts), strict=True)
    cohorts = tuple(
        Cohort(label, int(np.searchsorted(grid.ordinals, at)), order[start[order] == at])
        for label, at in starts
        if (start == at).any()
    )
    design = Design(block, cohorts, order[np.isinf(start[order])], grid.units[used], panel.periods, recipe,
                    noun_of(panel.labels, "unit"), noun_of(panel.labels, "period"), said)  # fmt: skip
    _enough(design, panel)
    return design


def data_order(block: Block, places: np.ndarray) -> np.ndarray:
    """Units in the order of what they recorded, so that draws do not depend on names or on the order of rows."""
    columns = np.concatenate([block.y, block.reach], axis=1)[places]
    keys = np.round(columns / np.maximum(np.abs(columns).max(axis=0), 1e-300), 9)
    return np.lexsort(np.column_stack([keys, keys.sum(axis=1)]).T)


def _first(panel: Panel) -> int:
    """Column of the first treated period of all."""
    return int(panel.grid.treated.any(axis=0).argmax())


def _enough(design: Design, panel: Panel) -> None:
    """Raise where there is too little time before, too few to compare with, or nothing to make a ratio of."""
    noun, periods = design.noun, plural(design.period_noun)
    for cohort in design.cohorts:
        if cohort.first < LEAST_BEFORE:
            raise DesignError(
                f"The data have only {counted(cohort.first, design.period_noun)} before {shown(cohort.start)}, when "
                f"{listed(design.units[cohort.members])} started. A synthetic control needs at least {LEAST_BEFORE} "
                f"{periods} before to be like, and many more to be trusted: add earlier {periods}, or use did.att."
            )
    donors = len(design.donors)
    if donors < max(2, design.treated + 1):
        raise DesignError(
            f"The data have {counted(donors, 'comparison ' + noun)} for {design.treated} treated: placebos in space "
            f"need more than were treated, and at least two. Add comparison {plural(noun)}."
        )
    if design.recipe.ratio:
        _ratio_exists(design, panel)


def _ratio_exists(design: Design, panel: Panel) -> None:
    outcome, noun = panel.labels["outcome"], plural(design.noun)
    y = design.block.y
    for cohort in design.cohorts:
        if not y[cohort.members, : cohort.first].any():
            raise DesignError(
                f"{listed(design.units[cohort.members])} had no {outcome} at all before treatment, so a ratio has "
                "nothing to divide by. Add earlier periods, or use scale='difference'."
            )
        if not y[design.donors, cohort.first :].any():
            raise DesignError(
                f"The comparison {noun} recorded nothing after the start, so nothing was expected and no ratio exists. "
                "Use a longer period, more comparison units, or scale='difference'."
            )


def _refuse_weights_and_clusters(panel: Panel) -> None:
    if panel.unweighted() is not panel:
        raise DesignError(
            "Synthetic methods find weights of their own, and this panel has weights already: give them "
            "panel.unweighted()."
        )
    if len(np.unique(panel.grid.cluster)) < len(panel.grid.units):
        what, noun = panel.labels.get("cluster", "cluster"), noun_of(panel.labels, "unit")
        raise DesignError(
            f"{plural(noun).capitalize()} move together in clusters ({what}), and placebos would deal them out one by "
            f"one. Add them up first: panel.collapse(by=...) from {noun} to {what}."
        )


def _no_gaps(panel: Panel, keep: np.ndarray) -> None:
    """Raise where a unit is not observed in a period, naming the first."""
    grid = panel.grid
    gap = ~grid.observed & keep[:, None]
    if not gap.any():
        return
    unit, period = np.argwhere(gap)[0]
    noun, every = noun_of(panel.labels, "unit"), noun_of(panel.labels, "period")
    raise DesignError(
        f"{noun.capitalize() if noun.islower() else noun} {shown(grid.units[unit])} has no row for "
        f"{shown(panel.periods[period])}{and_more(int(gap.sum()), 'gap')}, and a synthetic control needs every {noun} "
        f"in every {every}. Fill them in from the source, or leave those {plural(noun)} or {plural(every)} out with "
        "panel.where; did.att takes gaps."
    )


def _zero_or_more(panel: Panel) -> None:
    frame, name = panel.frame, panel.labels["outcome"]
    where = row_names(frame, panel.labels)
    advice = "A ratio needs an outcome of zero or more: use scale='difference'."
    not_negative(frame["outcome"].to_numpy(), name, where, advice)


def _left_out(units: np.ndarray, noun: str, why: str) -> tuple[str, ...]:
    if not len(units):
        return ()
    verb = "is" if len(units) == 1 else "are"
    which = f": {listed(units)}" if len(units) <= NAMED else ""
    return (f"{counted(len(units), noun)} {why} {verb} left out{which}.",)

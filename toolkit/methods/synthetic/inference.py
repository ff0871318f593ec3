"""Placebos in space: which comparison units are called treated, what is made for them, and how sure that leaves us."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from toolkit.estimate import Scale, back
from toolkit.methods.synthetic.design import Design
from toolkit.numerics import assignments, student
from toolkit.numerics.placebos import Lot, Spread
from toolkit.numerics.synthetic import Made, make
from toolkit.validate import DesignError, counted, plural, random_generator, whole

INFERENCES = ("permutation", "placebo_error")


@dataclass(frozen=True, eq=False)
class Found:
    """What was made for the treated and for the placebos.

    Attributes
    ----------
    made : tuple of Made
        One for each cohort.
    spread : Spread
    sets : tuple of ndarray
        The units that each placebo calls treated: places in the block.
    every : bool
        These are all the sets there are.
    """

    made: tuple[Made, ...]
    spread: Spread
    sets: tuple[np.ndarray, ...]
    every: bool


@dataclass(frozen=True)
class Answer:
    """An interval with its p-value and error, on the reader's scale, and how they were found."""

    low: float
    high: float
    std_error: float
    p_value: float
    method: str
    cautions: tuple[str, ...] = ()


def find(design: Design, draws: int, seed: int | np.random.Generator | None) -> Found:
    """Make it for the treated, and for as many comparison units from the same starts, in every way or many."""
    problems, made = design.own()
    own = Lot.of(problems, made, design.recipe)
    if design.recipe.ratio and not own.base > 0:
        raise DesignError(
            f"Nothing was expected: the {plural(design.noun)} that carry weight recorded nothing. Use a longer "
            "period, or scale='difference'."
        )
    chosen, label, every = _lots(design, whole(draws, "draws", 99), random_generator(seed))
    others = tuple(_placebo(design, places, label) for places in chosen)
    outcome = design.block.y
    least = float(outcome[outcome > 0].min(initial=np.inf)) / 2 if design.recipe.ratio else 1.0
    spread = Spread(own, others, design.recipe.ratio, least)
    return Found(tuple(made), spread, tuple(chosen), every)


def _lots(design: Design, draws: int, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray, bool]:
    """The places that each placebo calls treated, the cohort of each, and whether these are all the ways there are.

    With several treated units their starts are dealt out over all units, as they are in did.att. The actual way is
    none of the placebos.
    """
    pool, sizes = design.pool, [len(cohort.members) for cohort in design.cohorts]
    label = np.repeat(np.arange(len(sizes)), sizes)
    dealt = np.append(label, np.full(len(pool) - len(label), assignments.NEVER))
    one = np.zeros(len(dealt), dtype=int)
    ways = assignments.deal(dealt, one, draws, generator, most=max(draws + 1, len(dealt)))
    chosen = pool[ways.chosen]
    actual = [
        np.isin(chosen[:, ways.label == i], c.members).all(axis=1) for i, c in enumerate(design.cohorts)
    ]
    return chosen[~np.all(actual, axis=0)], ways.label, ways.every


def _placebo(design: Design, places: np.ndarray, label: np.ndarray) -> Lot:
    """What is made for some units from the comparison; the search for weights is exact, which is faster."""
    recipe = design.exact
    members = [places[label == code] for code in range(len(design.cohorts))]
    problems = design.problems(members, design.donors[~np.isin(design.donors, places)])
    return Lot.of(problems, [make(problem, recipe) for problem in problems], recipe)


def infer(design: Design, found: Found, inference: str, level: float) -> Answer:
    """The interval and the p-value, by test inversion or by the placebo standard error."""
    if inference == "placebo_error":
        return _by_error(design, found, level)
    spread, scale = found.spread, _scale(design)
    low, high = (back(end, scale) for end in spread.interval(level))
    return Answer(low, high, math.nan, spread.p_value(0.0), f"placebo inference in space, {_told(design, found)}",
                  _unbounded(design, found, level))  # fmt: skip


def _by_error(design: Design, found: Found, level: float) -> Answer:
    spread, scale, df = found.spread, _scale(design), len(design.donors) - 1.0
    low, high = student.interval(spread.centre, spread.error, df, level)
    p_value = student.two_sided(spread.centre, spread.error, df)
    said = "The interval takes the estimate to be normal, with the scatter of placebos as its standard error."
    how = f"placebo standard error, {_told(design, found)}, t with {df:.0f} degrees of freedom"
    return Answer(back(low, scale), back(high, scale), spread.error, p_value, how, (said,))


def _scale(design: Design) -> Scale:
    return "ratio" if design.recipe.ratio else "difference"


def _told(design: Design, found: Found) -> str:
    """``each of 38 comparison states in turn``, ``999 sets (random) of 3 of 40 wards``."""
    if design.treated == 1:
        return f"each of {counted(len(design.donors), 'comparison ' + design.noun)} in turn"
    kinds = "all" if found.every else "random"
    return (
        f"{len(found.sets):,} sets ({kinds}) of {design.treated} of {counted(len(design.pool), design.noun)}"
    )


def _unbounded(design: Design, found: Found, level: float) -> tuple[str, ...]:
    """A caution where the placebos are too few for the level, or leave an end open."""
    spread, lots = found.spread, len(found.sets)
    if spread.rank(level) == 0:
        needed = math.ceil(1 / (1 - level) - 1e-9) - 1
        what = f"comparison {plural(design.noun)}" if design.treated == 1 else "placebos"
        return (
            f"With {counted(lots, 'placebo')} the p-value cannot fall below {1 / (1 + lots):.2f}, so there is no "
            f"interval at this level: it would take {needed} {what}.",
        )
    ends = zip(("lower", "upper"), spread.interval(level), strict=True)
    nothing = spread.own.seen == 0 and spread.ratio
    open_ends = [name for name, end in ends if math.isinf(end) and not (nothing and name == "lower")]
    return tuple(f"The data set no {name} limit at this level." for name in open_ends)

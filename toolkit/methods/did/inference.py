"""How sure we are: the jackknife over clusters, or randomisation where clusters are few, and which to use."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from toolkit.arms import FEW, Arms
from toolkit.estimate import Scale, back
from toolkit.numerics import jackknife, permutation, student
from toolkit.validate import DesignError, counted, one_of, plural, random_generator


@dataclass(frozen=True)
class Answer:
    """A value with its interval, on the reader's scale, and how it was found."""

    value: float
    low: float
    high: float
    std_error: float
    p_value: float
    method: str
    cautions: tuple[str, ...] = ()


def choose(arms: Arms, inference: str) -> tuple[str, tuple[str, ...]]:
    """The inference to use, and a caution where few clusters limit it."""
    one_of(inference, "inference", ("auto", "cluster", "permutation"))
    treated, compared = arms.clusters
    few = min(treated, compared) < FEW
    if inference == "permutation":
        _permutable(arms)
        return "permutation", _few_said(arms) if few else ()
    if inference == "auto" and few and arms.one_start and not (arms.arm == 2).any():
        return "permutation", _few_said(arms)
    need_clusters(arms)
    return "cluster", approximate(arms)


def approximate(arms: Arms) -> tuple[str, ...]:
    """A caution where the jackknife has few clusters to leave out."""
    if min(arms.clusters) >= FEW:
        return ()
    return (_few_said(arms)[0] + " With so few the jackknife interval is approximate.",)


def need_clusters(arms: Arms) -> None:
    """The jackknife needs two clusters in each arm."""
    treated, compared = arms.clusters
    if treated < 2 or (compared < 2 and not (arms.arm == 2).any()):
        noun = arms.cluster_noun
        possible = arms.one_start and not (arms.arm == 2).any()
        instead = "Use inference='permutation', or" if possible else "Use finer clusters, or"
        raise DesignError(
            f"The jackknife needs at least two treated and two comparison {plural(noun)}, and "
            f"there are {treated} and "
            f"{compared}. {instead} add {plural(noun)}."
        )


def _permutable(arms: Arms) -> None:
    if not arms.one_start:
        raise DesignError(
            f"Randomisation inference here takes one start date, and the {plural(arms.noun)} have several. Use "
            "inference='cluster', or keep one cohort with panel.where()."
        )
    if (arms.arm == 2).any():
        raise DesignError(
            "A cluster holds both treated and comparison units, so treatment cannot be reassigned over clusters. Use "
            "inference='cluster', or name clusters that are wholly one or the other."
        )


def _few_said(arms: Arms) -> tuple[str, ...]:
    treated, compared = arms.clusters
    noun = arms.cluster_noun
    return (f"Only {counted(treated, 'treated ' + noun)} and {counted(compared, 'comparison ' + noun)}.",)


def by_jackknife(arms: Arms, centre: float, without: np.ndarray, level: float) -> Answer:
    """Delete-one-cluster jackknife on the scale of inference, t with Welch-Satterthwaite degrees of freedom."""
    scale: Scale = "ratio" if arms.cells.ratio else "difference"
    error, df = jackknife.error(centre, without, arms.arm)
    low, high = student.interval(centre, error, df, level)
    method = f"jackknife over {counted(len(arms.arm), arms.cluster_noun)} (CR3), t with {df:.1f} degrees of freedom"
    said = () if math.isfinite(error) and df > 0 else (_no_error(centre, df),)
    return Answer(back(centre, scale), back(low, scale), back(high, scale), error,
                  student.two_sided(centre, error, df), method, said)  # fmt: skip


def _no_error(centre: float, df: float) -> str:
    if df <= 0:
        return "No arm has two clusters of its own, so the jackknife gives no interval."
    if centre == -math.inf:
        return "The treated units recorded nothing after the start, so the jackknife gives no interval."
    return "Without one of the clusters there is no estimate, so the jackknife gives no interval."


def by_permutation(
    arms: Arms, centre: float, level: float, draws: int, seed: int | np.random.Generator | None
) -> Answer:
    """Randomisation over clusters: the p-value of no change, and the values not rejected as the interval."""
    scale: Scale = "ratio" if arms.cells.ratio else "difference"
    column = np.where(arms.treated_units, np.searchsorted(arms.ordinals, arms.start), np.inf)
    test = permutation.ScoreTest.of(arms.cells, arms.cluster, draws, random_generator(seed), start=column)
    p_value = test.p_value(0.0)
    ways = len(test.ways.chosen)
    least = 1 / ways if test.ways.every else 1 / (ways + 1)
    low, high, said = _inverted(arms, test, centre, level, least)
    drawn = f"all {ways:,} assignments" if test.ways.every else f"{ways:,} random assignments"
    within = " within thirds of size" if test.stratified else ""
    method = f"randomisation inference over {counted(len(arms.arm), arms.cluster_noun)}, {drawn}{within}"
    return Answer(back(centre, scale), back(low, scale), back(high, scale), math.nan, p_value, method, said)


def _inverted(
    arms: Arms, test: permutation.ScoreTest, centre: float, level: float, least: float
) -> tuple[float, float, tuple[str, ...]]:
    """The interval, widened to hold the estimate, and a caution where an end is unbounded."""
    if least > 1 - level:
        why = (
            f"With so few ways to choose the treated units the p-value cannot fall below {least:.2f}, "
            "so no interval can be given."
        )
        return -math.inf, math.inf, (why,)
    step = 0.1 if arms.cells.ratio else _typical(arms)
    if not math.isfinite(centre):  # nothing recorded after: the ratio is zero, which is its own lower end
        high = permutation.invert_above(test.p_value, step, level)
        return -math.inf, high, ("The data set no upper limit at this level.",) if math.isinf(high) else ()
    low, high = permutation.invert(test.p_value, test.centre(centre, step), step, level)
    low, high = min(low, centre), max(high, centre)
    open_ends = [end for end, at in (("lower", low), ("upper", high)) if math.isinf(at)]
    return low, high, tuple(f"The data set no {end} limit at this level." for end in open_ends)


def _typical(arms: Arms) -> float:
    """A step for differences: the spread of unit means, or of all cells."""
    seen = arms.cells.y[arms.cells.weight > 0]
    return float(seen.std()) / 4 or 1.0

"""How sure we are: the jackknife over clusters, or randomisation where clusters are few, and which to use."""

from __future__ import annotations

import math

import numpy as np

from toolkit.arms import FEW, Arms
from toolkit.display import figure
from toolkit.estimate import Scale, back
from toolkit.estimate.found import Found
from toolkit.numerics import jackknife, permutation, student
from toolkit.validate import DesignError, counted, one_of, plural, random_generator

MANY = 30  # clusters in the smaller arm above which the jackknife serves: faster, with an error, but blind to size


def choose(arms: Arms, inference: str) -> tuple[str, tuple[str, ...]]:
    """The inference to use, and a caution where few clusters limit it."""
    one_of(inference, "inference", ("auto", "cluster", "permutation"))
    few = min(arms.clusters) < FEW
    if inference == "permutation":
        _permutable(arms)
        return "permutation", _few_said(arms) if few else ()
    if inference == "auto" and randomised(arms):
        return "permutation", _few_said(arms) if few else ()
    need_clusters(arms)
    return "cluster", approximate(arms)


def randomised(arms: Arms) -> bool:
    """Does ``auto`` randomise? Where start dates can be dealt out again, and an arm is small for a jackknife.

    With one start date up to 30 in the smaller arm, because the test holds its size when large or small areas were
    picked and the jackknife does not; with several below 10.
    """
    return not _mixed(arms).any() and min(arms.clusters) <= (MANY if arms.one_start else FEW - 1)


def reason(arms: Arms, how: str) -> str:
    """Why ``auto`` chose it, for ``method``."""
    treated, compared = arms.clusters
    smaller = f"{min(treated, compared)} in the smaller arm"
    if how == "permutation":
        return f"chosen because there are only {smaller}"
    if _mixed(arms).any():
        return "chosen because a cluster holds several start dates, which cannot be dealt out again"
    return f"chosen because there are {smaller}, enough for a jackknife"


def _mixed(arms: Arms) -> np.ndarray:
    """Clusters whose units do not share one start date (or none); bool, shape (G,)."""
    low, high = np.full(len(arms.arm), np.inf), np.full(len(arms.arm), -np.inf)
    np.minimum.at(low, arms.cluster, arms.start)
    np.maximum.at(high, arms.cluster, arms.start)
    return np.asarray(low != high)


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
        possible = not _mixed(arms).any()
        instead = "Use inference='permutation', or" if possible else "Use finer clusters, or"
        raise DesignError(
            f"The jackknife needs at least two treated and two comparison {plural(noun)}, and "
            f"there are {treated} and "
            f"{compared}. {instead} add {plural(noun)}."
        )


def _permutable(arms: Arms) -> None:
    if (arms.arm == 2).any():
        raise DesignError(
            "A cluster holds both treated and comparison units, so treatment cannot be reassigned over clusters. Use "
            "inference='cluster', or name clusters that are wholly one or the other."
        )
    if _mixed(arms).any():
        raise DesignError(
            "A cluster holds units with different start dates, so start dates cannot be dealt out again over "
            "clusters. Use inference='cluster', or finer clusters."
        )


def _few_said(arms: Arms) -> tuple[str, ...]:
    treated, compared = arms.clusters
    noun = arms.cluster_noun
    return (f"Only {counted(treated, 'treated ' + noun)} and {counted(compared, 'comparison ' + noun)}.",)


def by_jackknife(arms: Arms, centre: float, without: np.ndarray, level: float) -> Found:
    """Delete-one-cluster jackknife on the scale of inference, t with Welch-Satterthwaite degrees of freedom."""
    scale: Scale = "ratio" if arms.cells.ratio else "difference"
    error, df = jackknife.error(centre, without, arms.arm)
    low, high = student.interval(centre, error, df, level)
    method = f"jackknife over {counted(len(arms.arm), arms.cluster_noun)} (CR3), t with {df:.1f} degrees of freedom"
    said = () if math.isfinite(error) and df > 0 else (_no_error(centre, df),)
    return Found(back(centre, scale), back(low, scale), back(high, scale), error,
                  student.two_sided(centre, error, df), method, said)  # fmt: skip


def _no_error(centre: float, df: float) -> str:
    if df <= 0:
        return "No arm has two clusters of its own, so the jackknife gives no interval."
    if centre == -math.inf:
        return "The treated units recorded nothing after the start, so the jackknife gives no interval."
    return "Without one of the clusters there is no estimate, so the jackknife gives no interval."


def by_permutation(
    arms: Arms,
    centre: float,
    level: float,
    *,
    draws: int,
    seed: int | np.random.Generator | None,
    growing: bool,
) -> Found:
    """Randomisation over clusters: the p-value of no change, and the values not rejected as the interval."""
    scale: Scale = "ratio" if arms.cells.ratio else "difference"
    column = np.where(arms.treated_units, np.searchsorted(arms.ordinals, arms.start), np.inf)
    test = permutation.ScoreTest.of(
        arms.cells, arms.cluster, draws, random_generator(seed), start=column, growing=growing
    )
    p_value = test.p_value(0.0)
    ways = len(test.ways.chosen)
    least = 1 / ways if test.ways.every else 1 / (ways + 1)
    low, high, said = _inverted(arms, test, centre, level, least)
    drawn = f"all {ways:,} assignments" if test.ways.every else f"{ways:,} random assignments"
    within = " within thirds of size" if test.stratified else ""
    method = f"randomisation inference over {counted(len(arms.arm), arms.cluster_noun)}, {drawn}{within}"
    return Found(back(centre, scale), back(low, scale), back(high, scale), math.nan, p_value, method, said)


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
    middle = test.centre(centre, step)
    low, high = permutation.invert(test.p_value, middle, step, level)
    leaning = _leaning(arms, middle, centre, high - low)
    low, high = min(low, centre), max(high, centre)
    open_ends = [end for end, at in (("lower", low), ("upper", high)) if math.isinf(at)]
    return low, high, (*leaning, *(f"The data set no {end} limit at this level." for end in open_ends))


def _leaning(arms: Arms, middle: float, centre: float, width: float) -> tuple[str, ...]:
    """A caution where areas of like size tell of another effect than all areas do."""
    if not abs(middle - centre) > width / 4:
        return ()
    scale: Scale = "ratio" if arms.cells.ratio else "difference"
    return (
        f"Large and small {plural(arms.noun)} changed differently: beside those of like size the {scale} would be "
        f"{figure(back(middle, scale))}, and the interval, which allows for it, leans that way.",
    )


def _typical(arms: Arms) -> float:
    """A step for differences: the spread of unit means, or of all cells."""
    seen = arms.cells.y[arms.cells.weight > 0]
    return float(seen.std()) / 4 or 1.0

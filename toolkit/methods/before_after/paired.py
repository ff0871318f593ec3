"""The same people measured twice: mean change, typical change or change in a proportion, after less before."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from toolkit.estimate import POINTS, Estimate
from toolkit.methods.before_after._said import AT_A_CRISIS, NO_COMPARISON_OF_PEOPLE
from toolkit.methods.before_after.pairs import (
    Pairs,
    few,
    few_changed,
    pairs_of,
    require_binary,
    require_spread,
)
from toolkit.numerics import bootstrap, paired_proportions, signed_rank, student
from toolkit.validate import DesignError, counted, level_between, one_of, random_generator, yes_no

Column = Sequence[float] | np.ndarray | pd.Series
Kind = Literal["mean", "rank", "binary"]


class _Found(NamedTuple):
    """What a kind of comparison found, and what it has to say of it."""

    value: float
    low: float
    high: float
    std_error: float
    p_value: float
    what: str
    method: str
    said: tuple[str, ...]


_MOST_RANKED = 5000  # pairs for which all pairwise means, 12.5 million of them, are held in memory
_ENOUGH = 50  # pairs from which t covers 93.9% with exponential changes (data/derived/coverage_paired.csv)


def paired(
    before: Column,
    after: Column,
    *,
    kind: Kind = "mean",
    interval: Literal["t", "bootstrap"] = "t",
    mid_p: bool = False,
    level: float = 0.95,
    seed: int | np.random.Generator | None = None,
) -> Estimate:
    """How much the same people changed: after less before, among those measured both times.

    Parameters
    ----------
    before, after : sequence of numbers
        One of each for every person, in the same order. Two Series must have the same index. Pairs with a side
        missing are left out, with a caution that counts them.
    kind : {"mean", "rank", "binary"}
        ``"mean"``: the mean change. ``"rank"``: the typical change (Hodges and Lehmann's pseudo-median), for scales
        whose steps need not be equal or with a few wild values. ``"binary"``: 1 for yes and 0 for no; the change in
        the proportion of yes.
    interval : {"t", "bootstrap"}
        For the mean. ``"bootstrap"`` is the studentised bootstrap (5,000 draws), better where changes are skewed.
    mid_p : bool
        For ``"binary"``: McNemar's mid-p value instead of the exact one.
    level : float
    seed : int or Generator, optional
        Of the bootstrap; None is 0.

    Returns
    -------
    Estimate
        Difference scale, in the outcome's own units (a proportion for ``"binary"``: -0.1 is ten points lower).
        ``std_error`` is NaN for ``"rank"``.

    Raises
    ------
    DesignError
        Unequal lengths, different indexes, text, infinite numbers, fewer than two complete pairs, every change the
        same, or other than 0 and 1 where ``kind="binary"``.

    Notes
    -----
    **Assumes** that nothing but the programme changed people between the two measurements, which cannot be
    seen from them, and

    - that people change independently of each other;
    - that those asked again are like those who were not;
    - ``"mean"``, t: that the mean change varies as a normal variable does, which holds unless people are few and
      changes skewed;
    - ``"rank"``: that changes lie symmetrically around their centre; without that the answer is about the
      pseudo-median, which is neither the mean nor the median.

    Which interval goes with which p-value:

    - ``"mean"``: both from the t test, or both from the bootstrap; a null at an end has p = 1 - level. In simulation t
      kept its level from 10 people on with normal, heavy-tailed and stepped changes, and the bootstrap with normal,
      stepped and skewed ones: that is why t is the default. Fewer than 50 pairs often hide a skew (of 10
      exponential changes, the draws that miss look less skewed than most), so that below 50 both always say where
      they fall short.
    - ``"rank"``: both from the signed-rank test, exact given ties and zeros below 50 pairs, and from there the normal
      approximation with continuity correction. Zeros are ranked and then set aside (Pratt 1959), and count in the
      typical change: people who did not change are part of the answer, and the interval then agrees with the p-value.
      R's ``wilcox.test`` drops them: to have its numbers, pass only the pairs that changed. The ends are means of two
      changes: on a scale of steps, shifts less than a step beyond an end may not be ruled out either. Where half the
      people do not change, a 95% interval held the truth in 96% to 100% of draws: it is wider than need be.
    - ``"binary"``: the p-value is McNemar's, of the people who changed; the interval is Newcombe's, of everybody
      (method 10 of Newcombe 1998). They are two methods and may disagree at the border, which is then a caution.
      ``effect_sizes`` has the odds ratio whose exact interval does belong to the exact p-value.

    Coverage of all of them by simulation is in ``data/derived/coverage_paired.csv``.

    References
    ----------
    Newcombe, R. G. (1998). Improved confidence intervals for the difference between binomial proportions based on
    paired data. Statistics in Medicine 17, 2635-2650.
    Hodges, J. L. and Lehmann, E. L. (1963). Estimates of location based on rank tests. Annals of Mathematical
    Statistics 34, 598-611.
    Pratt, J. W. (1959). Remarks on zeros and ties in the Wilcoxon signed rank procedures. JASA 54, 655-667.
    Efron, B. and Tibshirani, R. J. (1993). An Introduction to the Bootstrap, chapter 12. Chapman and Hall.

    Examples
    --------
    >>> from toolkit import before_after
    >>> change = before_after.paired([12, 15, 9, 20, 14, 11], [15, 14, 13, 24, 16, 18])
    >>> round(change.value, 2), round(change.low, 2), round(change.high, 2)
    (3.17, 0.4, 5.94)
    >>> before_after.paired([1, 1, 0, 1, 1], [0, 0, 0, 1, 0], kind="binary").p_value
    0.25
    """
    level, mid_p = level_between(level), yes_no(mid_p, "mid_p")
    one_of(kind, "kind", ("mean", "rank", "binary"))
    one_of(interval, "interval", ("t", "bootstrap"))
    _options_fit(kind, interval, mid_p)
    pairs = pairs_of(before, after)
    if kind == "binary":
        found = _by_table(pairs, mid_p, level)
    elif kind == "rank":
        found = _by_ranks(pairs, level)
    else:
        found = _by_t(pairs, level) if interval == "t" else _by_bootstrap(pairs, level, seed)
    return Estimate(
        *found[:5], f"{found.what} in the same people, after less before", found.method, "difference", level,
        len(pairs), len(pairs), (*pairs.cautions, *found.said, NO_COMPARISON_OF_PEOPLE, AT_A_CRISIS), "before",
        POINTS if kind == "binary" else "",
    )  # fmt: skip


def _options_fit(kind: str, interval: str, mid_p: bool) -> None:
    if interval == "bootstrap" and kind != "mean":
        raise DesignError(f"interval='bootstrap' is for kind='mean', not {kind!r}: leave it out.")
    if mid_p and kind != "binary":
        raise DesignError(f"mid_p=True is for kind='binary', not {kind!r}: leave it out.")


def _by_t(pairs: Pairs, level: float) -> _Found:
    require_spread(pairs)
    (centre, error), df = student.mean(pairs.changes), len(pairs) - 1
    low, high = student.interval(centre, error, df, level)
    p_value = student.two_sided(centre, error, df)
    method = f"paired t test, {counted(df, 'degree')} of freedom"
    said = few(pairs) + _skewed_for_t(pairs.changes)
    return _Found(centre, low, high, error, p_value, "mean change", method, said)


def _by_bootstrap(pairs: Pairs, level: float, seed: int | np.random.Generator | None) -> _Found:
    require_spread(pairs)
    centre, error = student.mean(pairs.changes)
    t = bootstrap.studentised(pairs.changes, random_generator(seed))
    low, high = bootstrap.interval(centre, error, t, level)
    p_value = bootstrap.two_sided(centre, error, t)
    method = f"studentised bootstrap, {bootstrap.DRAWS:,} draws"
    said = few(pairs) + _wild_for_bootstrap(pairs.changes) + _unbounded(low, high, level)
    return _Found(centre, low, high, error, p_value, "mean change", method, said)


def _by_ranks(pairs: Pairs, level: float) -> _Found:
    require_spread(pairs)
    if len(pairs) > _MOST_RANKED:
        raise DesignError(
            f"kind='rank' compares each change with every other, which is meant for up to {_MOST_RANKED:,} pairs, and "
            f"there are {len(pairs):,}. Use kind='mean': with so many its interval holds for nearly any changes."
        )
    changes, grain, exact = pairs.ranked, pairs.grain, len(pairs) < signed_rank.EXACT_BELOW
    means, p_value = signed_rank.pairwise_means(changes, grain), signed_rank.two_sided(changes, exact, grain)
    low, high = signed_rank.interval(changes, means, level, exact, grain)
    how = "exact given ties" if exact else "normal approximation with continuity correction"
    zeros = ", zeros as by Pratt" if (changes == 0).any() else ""
    return _Found(
        float(np.median(means)), low, high, math.nan, p_value,
        "typical change (pseudo-median)", f"Wilcoxon signed-rank test, {how}{zeros}; Hodges-Lehmann estimate",
        few(pairs) + _unbounded(low, high, level) + _coarse(low, high, p_value, level),
    )  # fmt: skip


def _by_table(pairs: Pairs, mid_p: bool, level: float) -> _Found:
    require_binary(pairs)
    counts = paired_proportions.table(pairs.before, pairs.after)
    low, high = paired_proportions.newcombe(counts, level)
    p_value = paired_proportions.mcnemar(counts, mid_p)
    test = f"McNemar's {'mid-p' if mid_p else 'exact'} test"
    return _Found(
        (counts.gained - counts.lost) / counts.pairs, low, high, paired_proportions.std_error(counts), p_value,
        "change in the proportion of yes", f"{test}; Newcombe's interval for pairs (method 10)",
        few_changed(counts.gained + counts.lost) + _at_the_border(low, high, p_value, level, test),
    )  # fmt: skip


def _skew(changes: np.ndarray) -> float:
    return abs(float(stats.skew(changes, bias=False))) if len(changes) > 2 else 0.0


def _skewed_for_t(changes: np.ndarray) -> tuple[str, ...]:
    """What a t interval may want: where the sample shows a skew, and where it is too small to show it."""
    simulated = (
        "(for 10 people with exponential changes a 95% interval covered 90% in simulation, and the bootstrap 94%; for "
        "20 people 92% and 95%)"
    )
    if len(changes) >= 10 and _skew(changes) > max(1.0, math.sqrt(len(changes)) / 5):
        return (
            f"The changes are skewed for so few people, where a t interval is too narrow {simulated}: use "
            "interval='bootstrap'.",
        )
    if len(changes) >= _ENOUGH:
        return ()
    return (
        f"Fewer than {_ENOUGH} pairs may hide a skew, and where changes are skewed a t interval is too narrow "
        f"{simulated}: compare interval='bootstrap'.",
    )


def _wild_for_bootstrap(changes: np.ndarray) -> tuple[str, ...]:
    """What a bootstrap interval may want: where the sample shows a skew or wild values, and where it may hide them."""
    n, skewed = (
        len(changes),
        "for 10 people with log-normal changes a 95% bootstrap interval covered 91% in simulation",
    )
    if 10 <= n < 20 and _skew(changes) > 1.5:
        return (f"The changes are strongly skewed for so few people: {skewed}.",)
    if n < _ENOUGH:
        return (
            f"Fewer than {_ENOUGH} pairs may hide a strong skew or wild values: {skewed}, and for 20 people with "
            "heavy-tailed changes, as often up as down, 92% (t 96%).",
        )
    if stats.kurtosis(changes, bias=False) <= 1:
        return ()
    return (
        "Some changes are far larger than most: for 50 people with heavy-tailed changes, as often up as down, a 95% "
        "bootstrap interval covered 93% in simulation, and t 96%. Unless changes are skewed, use interval='t'.",
    )


def _unbounded(low: float, high: float, level: float) -> tuple[str, ...]:
    if math.isfinite(low) and math.isfinite(high):
        return ()
    return (f"Too few pairs that differ from each other to bound the change at a level of {level:.4g}.",)


def _coarse(low: float, high: float, p_value: float, level: float) -> tuple[str, ...]:
    """Where steps are so coarse that the typical change is none while more people moved one way than the other."""
    if (p_value > 1 - level) == (low <= 0 <= high):
        return ()
    return (
        f"The scale is coarse: the test speaks against no change (p below {1 - level:.4g}), and yet none is the "
        "typical change, or an end of its interval. kind='mean' can tell more.",
    )


def _at_the_border(low: float, high: float, p_value: float, level: float, test: str) -> tuple[str, ...]:
    """A caution where the interval and the test, which are two methods, say otherwise."""
    if (p_value > 1 - level) == (low <= 0 <= high):
        return ()
    return (
        f"{test} and Newcombe's interval disagree at the border: p is {'above' if p_value > 1 - level else 'below'} "
        f"{1 - level:.4g}, and the interval {'holds' if low <= 0 <= high else 'leaves out'} no change.",
    )

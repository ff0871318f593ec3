"""Two counts, before and after, compared as Poisson: the textbook test, with what it leaves out said aloud."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import numpy as np

from toolkit.estimate import Estimate
from toolkit.methods.before_after._said import NO_COMPARISON
from toolkit.numerics import poisson
from toolkit.validate import DesignError, level_between, one_of, quoted

_LARGEST = 10**9
_POISSON = (
    "Treats every incident as independent of all others (Poisson), and the interval is chance in the counting alone. "
    "Counts of areas vary several times more: on London wards where nothing was done, such a test against a comparison "
    "found an effect in 13 to 43 of 100 draws, by crime type, instead of 5."
)


class _Kind(NamedTuple):
    p_value: Callable[[int, int, float], float]
    interval: Callable[[int, int, float, float], tuple[float, float]]
    words: str


_KINDS = {
    "exact": _Kind(poisson.exact_p, poisson.exact_interval,
                   "exact conditional test (minimum likelihood), Clopper-Pearson interval"),
    "mid_p": _Kind(poisson.mid_p, poisson.mid_interval, "conditional mid-p test and interval"),
    "etest": _Kind(poisson.e_p, poisson.e_interval, "E-test with the pooled variance, interval by test inversion"),
}  # fmt: skip


def poisson_test(
    count_before: int, count_after: int, *, exposure_before: float = 1, exposure_after: float = 1,
    kind: Literal["exact", "mid_p", "etest"] = "exact", level: float = 0.95,
) -> Estimate:  # fmt: skip
    """How the rate of incidents after compares with the rate before, if incidents were independent.

    Parameters
    ----------
    count_before, count_after : int
        Incidents counted in each period. Whole numbers: totals, never rates.
    exposure_before, exposure_after : float
        What each count is per: months, days, attendances. Only their ratio matters.
    kind : {"exact", "mid_p", "etest"}
        ``"exact"``: conditional on the total, the count after is binomial. The p-value is that of R's
        ``poisson.test`` (all splits no likelier than the one seen), the interval central, after Clopper and Pearson.
        ``"mid_p"``: the same, but the split seen counts half, which mends most of the exact test's caution; twice
        the smaller tail, with the interval that matches. ``"etest"``: Krishnamoorthy and Thomson's test, not
        conditional on the total, with the interval of ratios that it does not reject, each tried in turn.
    level : float

    Returns
    -------
    Estimate
        Ratio scale, after / before, without a standard error. With nothing after it is 0 and has an upper end, with
        nothing before it is infinite and has a lower end.

    Raises
    ------
    DesignError
        Counts that are negative, fractional, missing or not numbers; no incidents at all; an exposure that is not
        above zero.

    Notes
    -----
    **Assumes** that every incident is independent of all others, in one area as between areas and from one
    year to the next. Counts of real areas vary more, and :func:`rate_ratio` on the areas' own counts says by how much.
    **Assumes** that nothing else changed between the two periods.

    The exact interval covers at least what it says, and with a dozen incidents on a side about 97% for 95%.
    Mid-p and the E-test cover close to 95% on average over rates, and a little less at some. The p-value of the
    exact test and its interval are of two kinds, as in R, and can disagree close to 1 - level: a caution says so.

    Where exposures differ, libraries differ about the E-test. Here the difference in rates is divided by its
    standard error under the null (pooled, or score, variance), as in ptools and in statsmodels' ``"etest"``;
    SciPy's ``poisson_means_test`` and statsmodels' ``"etest-wald"`` follow the paper's unpooled variance. By
    enumeration at exposures of 12 to 1 and means of 0.5 to 3 in the shorter period, a 5% test rejects a true
    null in 4.4% of cases on average with the pooled variance and in 2.5% with the other. Outcomes that tie with
    the one seen are counted although rounding parts them.

    statsmodels' ``"exact-cond-midp"`` takes half of the split seen off the minimum-likelihood p-value, and
    leaves an equally likely split on the other side whole: for 6 after 2 it gives 0.234, where both halves make 0.180.

    References
    ----------
    Krishnamoorthy, K. and Thomson, J. (2004), A more powerful test for comparing two Poisson means, *Journal of
    Statistical Planning and Inference* 119, 23-35. Lancaster, H. O. (1961), Significance tests in discrete
    distributions, *Journal of the American Statistical Association* 56, 223-234.

    Examples
    --------
    >>> from toolkit import before_after
    >>> answer = before_after.poisson_test(120, 30, exposure_before=12, exposure_after=4)
    >>> round(answer.value, 3), round(answer.low, 3), round(answer.high, 3), round(answer.p_value, 3)
    (0.75, 0.485, 1.127, 0.186)
    """
    one_of(kind, "kind", tuple(_KINDS))
    level = level_between(level)
    before, after = _count(count_before, "count_before"), _count(count_after, "count_after")
    times = _exposure(exposure_after, "exposure_after") / _exposure(exposure_before, "exposure_before")
    if before + after == 0:
        raise DesignError(
            "There are no incidents at all, before or after, so there is no change to measure: count longer periods."
        )
    how = _KINDS[kind]
    p_value, (low, high) = how.p_value(after, before, times), how.interval(after, before, times, level)
    value = after / before / times if before else math.inf
    cautions = (*_at_an_end(before, after), *_two_minds(p_value, low, high, level), _POISSON, NO_COMPARISON)
    return Estimate(
        value, low, high, math.nan, p_value, "change in the rate of incidents, after against before", how.words,
        "ratio", level, 1, 1, cautions, "in the period before",
    )  # fmt: skip


def _count(value: Any, name: str) -> int:
    """A count of incidents: a whole number, also where it comes as 84.0."""
    number = isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
    if not number or not 0 <= value <= _LARGEST or value != int(value):
        raise DesignError(
            f"{name}={quoted(value)} must be a whole number from zero to a billion. Give totals, not rates or "
            "means, and say with exposure_before and exposure_after what they are per."
        )
    return int(value)


def _exposure(value: Any, name: str) -> float:
    number = isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
    if not number or not 1e-15 <= value <= 1e15:
        raise DesignError(
            f"{name}={quoted(value)} must be a number above zero, such as the months that were counted."
        )
    return float(value)


def _at_an_end(before: int, after: int) -> tuple[str, ...]:
    if not before:
        return (
            "Nothing was recorded before, so the ratio is infinite and only its lower end says anything.",
        )
    return () if after else ("Nothing was recorded after, so only the upper end of the ratio says anything.",)


def _two_minds(p_value: float, low: float, high: float, level: float) -> tuple[str, ...]:
    """Where the p-value and the interval of the exact test, which are of two kinds, do not say the same."""
    if (p_value > 1 - level) == (low <= 1 <= high):
        return ()
    return (
        "The p-value and the interval fall on either side of no change, because they share out the tails in two ways: "
        "read it as borderline.",
    )

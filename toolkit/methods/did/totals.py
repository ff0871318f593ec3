"""The ratio of ratios from four totals."""

from __future__ import annotations

import math

import numpy as np

from toolkit.estimate import Estimate
from toolkit.numerics import student
from toolkit.validate import DesignError, level_between, quoted, shown


def two_by_two(*, treated_before: float, treated_after: float, comparison_before: float, comparison_after: float,
               dispersion: float = 1.0, level: float = 0.95) -> Estimate:  # fmt: skip
    """The ratio of ratios from four totals: (treated after / before) / (comparison after / before).

    Parameters
    ----------
    treated_before, treated_after, comparison_before, comparison_after : float
        Totals, zero or more; the totals before must be above zero.
    dispersion : float
        How many times more than Poisson the totals vary between years with nothing done: ``dispersion.test`` of areas
        of that kind.
    level : float

    Returns
    -------
    Estimate
        Ratio scale. Var(log ratio) = dispersion x (1/a + 1/b + 1/c + 1/d), with a normal interval.

    Raises
    ------
    DesignError
        Negative or infinite totals, a total before of zero, dispersion below 1.

    Notes
    -----
    **Assumes** that the totals vary as Poisson counts do, ``dispersion`` times over. Real areas drift: on
    London wards where nothing was done, dispersion 1 finds an effect in 13 to 43 of 100 draws, by crime type. A
    zero after gets 0.5 added to all four totals, as metafor's ``escalc`` does, with a caution.

    References
    ----------
    Farrington, Gill, Waples and Argomaniz (2007), Journal of Experimental Criminology 3; Wilson (2022),
    Journal of Quantitative Criminology 38.

    Examples
    --------
    >>> from toolkit import did
    >>> effect = did.two_by_two(treated_before=50, treated_after=30, comparison_before=60, comparison_after=55)
    >>> round(effect.value, 7), round(effect.std_error, 6), round(effect.p_value, 3)
    (0.6545455, 0.296954, 0.154)
    """
    level = level_between(level)
    totals = {"treated_before": treated_before, "treated_after": treated_after,
              "comparison_before": comparison_before, "comparison_after": comparison_after}  # fmt: skip
    a, b, c, d = _checked(totals, dispersion)
    cautions = _cautions(totals, dispersion)
    if min(b, d) == 0:
        a, b, c, d = a + 0.5, b + 0.5, c + 0.5, d + 0.5
    log_ratio = math.log(b / a) - math.log(d / c)
    error = math.sqrt(dispersion * (1 / a + 1 / b + 1 / c + 1 / d))
    low, high = student.interval(log_ratio, error, math.inf, level)
    return Estimate(
        math.exp(log_ratio), math.exp(low), math.exp(high), error, student.two_sided(log_ratio, error, math.inf),
        "ratio of the treated total's change to the comparison total's change",
        f"ratio of ratios of four totals, normal interval, dispersion {shown(dispersion)}",
        "ratio", level, 2, 1, cautions,
    )  # fmt: skip


def _checked(totals: dict[str, float], dispersion: float) -> tuple[float, float, float, float]:
    """The four totals in the order before, after, before, after; raise where they cannot be compared."""
    for name, total in totals.items():
        if not (_number(total) and 0 <= total < 1e30):
            raise DesignError(f"{name}={quoted(total)} must be a total of zero or more.")
    for name in ("treated_before", "comparison_before"):
        if totals[name] == 0:
            raise DesignError(
                f"{name} is 0, so there is nothing to compare the later total with. Use a longer period before."
            )
    if not (_number(dispersion) and 1 <= dispersion < 1e30):
        raise DesignError(
            f"dispersion={quoted(dispersion)} must be 1 or more: 1 is Poisson, and real areas vary more."
        )
    a, b, c, d = (float(total) for total in totals.values())
    return a, b, c, d


def _number(value: object) -> bool:
    return isinstance(value, (int, float, np.number)) and not isinstance(value, bool)


def _cautions(totals: dict[str, float], dispersion: float) -> tuple[str, ...]:
    said = [
        "Four totals say nothing of how areas drift from year to year: compare area by area "
        "where the areas are known."
    ]
    if dispersion == 1:
        said.append(
            "The interval takes counts to vary by chance alone (dispersion 1). Real areas vary "
            "more: it is too narrow."
        )
    zero = [name for name in ("treated_after", "comparison_after") if totals[name] == 0]
    if zero:
        said.append(f"{' and '.join(zero)} is 0: 0.5 was added to all four totals.")
    return tuple(said)

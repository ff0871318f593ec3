"""What an answer hangs on: single units, and how strong something unmeasured would have to be to account for it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import optimize

from toolkit.checks._honest import honest
from toolkit.checks._left_out import leave_one_out
from toolkit.estimate import Estimate
from toolkit.numerics import bias_bounds, people, signed_rank, ties
from toolkit.sample import WITHOUT, Sample
from toolkit.validate import DesignError, kind, shown

__all__ = ["e_value", "honest", "leave_one_out", "rosenbaum", "tipping_gamma"]

_FARTHEST = 1e6
Bounds = Callable[[float], tuple[float, float]]


def e_value(estimate: Estimate) -> pd.DataFrame:
    """How strongly one unmeasured reason must go with both treatment and outcome to account for a ratio by itself.

    Parameters
    ----------
    estimate : Estimate
        On the ratio scale: a risk ratio or a rate ratio.

    Returns
    -------
    DataFrame
        Two rows, for the ``estimate`` and for the ``interval`` (its end nearest to no change): ``of ratio e_value
        cautions``, the last those of the estimate, joined by a space: an E-value is no stronger than its ratio.
        An E-value of 2 says: the reason would have to be twice as common among the treated *and* make the outcome
        twice as likely (or half, as the case may be), beyond everything measured. An interval that includes no change
        has 1: nothing unmeasured is needed.

    Raises
    ------
    DesignError
        A difference, or a ratio that could not be estimated.

    Notes
    -----
    With RR the ratio, or its inverse where it is below 1, the E-value is RR + sqrt(RR (RR - 1)).

    **Assumes** that the interval is right but for the unmeasured reason. What would be strong is for the reader to
    say: compare the strongest reasons that were measured.

    References
    ----------
    VanderWeele and Ding (2017), Annals of Internal Medicine 167.

    Examples
    --------
    >>> from toolkit import sensitivity
    >>> from toolkit.estimate import Estimate
    >>> lung = Estimate(3.9, 1.8, 8.7, 0.4, 0.001, "risk ratio", "published", "ratio")
    >>> sensitivity.e_value(lung)[["of", "ratio", "e_value"]].round(2)
             of  ratio  e_value
    0  estimate    3.9     7.26
    1  interval    1.8     3.00
    """
    if not isinstance(estimate, Estimate):
        raise DesignError(f"sensitivity.e_value needs an Estimate, not {kind(estimate)}.")
    if estimate.scale != "ratio":
        raise DesignError(
            "An E-value is of a ratio, and this estimate is a difference. Give it the same comparison as a ratio: "
            "risk.ratio(sample, outcome)."
        )
    if not math.isfinite(estimate.value) or estimate.value <= 0:
        raise DesignError(f"A ratio of {shown(estimate.value)} has no E-value: an arm has no events.")
    near = estimate.low if estimate.value > 1 else estimate.high
    near = 1.0 if estimate.low <= 1 <= estimate.high or math.isnan(near) else near
    rows = [("estimate", estimate.value), ("interval", near)]
    table = pd.DataFrame(
        [(of, ratio, _e_value(ratio)) for of, ratio in rows], columns=["of", "ratio", "e_value"]
    )
    return table.assign(cautions=" ".join(estimate.cautions))


def _e_value(ratio: float) -> float:
    away = max(ratio, 1 / ratio)
    return away + math.sqrt(away * (away - 1))


def rosenbaum(
    sample: Sample,
    outcome: str,
    *,
    gammas: Sequence[float] = (1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0),
    two_sided: bool = True,
) -> pd.DataFrame:
    """How the p-value could change if people who look alike were not equally likely to be treated.

    Parameters
    ----------
    sample : Sample
        Matched one to one without replacement.
    outcome : str
        Yes/no (McNemar's exact test), or a count or score (Wilcoxon's signed-rank test).
    gammas : sequence of float
        At least 1. With 2, one person of a pair may have been up to twice as likely (in odds) to be treated as the
        other, for a reason that also decides the outcome.
    two_sided : bool
        True doubles the p-values, at most to 1; books print one-sided ones.

    Returns
    -------
    DataFrame
        ``gamma p_low p_high test cautions``: with that much hidden bias the p-value of the test lies somewhere between;
        at 1 both are the test's own. ``cautions`` are those of the matched sample, joined by a space.

    Raises
    ------
    DesignError
        A sample that is not matched in pairs, a gamma below 1.

    Notes
    -----
    The test is of no effect on anybody, in the direction that the pairs point. The signed-rank test is that of
    ``before_after.paired(kind="rank")``: exact given ties below 50 pairs, and from there the normal approximation with
    continuity correction; pairs without a gap are ranked and then set aside (Pratt 1959).

    **Assumes** that matching settled everything but one hidden reason, and that pairs are independent.

    References
    ----------
    Rosenbaum (2002), Observational Studies, second edition, chapter 4; Pratt (1959), Journal of the American
    Statistical Association 54.

    Examples
    --------
    >>> from toolkit import Sample, matching, sensitivity
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> people = pd.DataFrame({"diverted": [1] * 60 + [0] * 100, "age": rng.integers(18, 60, 160)})
    >>> people["offences"] = rng.poisson(np.where(people["diverted"] == 1, 1.0, 2.0))
    >>> sample = Sample.of(people, treated="diverted", covariates=["age"], outcomes=["offences"])
    >>> list(sensitivity.rosenbaum(matching.nearest(sample), "offences", gammas=[1, 2])["gamma"])
    [1.0, 2.0]
    """
    bounds, test = _bounds(sample, outcome)
    sides = 2.0 if two_sided else 1.0
    rows = [(gamma, *(min(1.0, sides * p) for p in bounds(gamma))) for gamma in _checked(gammas)]
    table = pd.DataFrame(rows, columns=["gamma", "p_low", "p_high"])
    return table.assign(test=test, cautions=" ".join(sample.cautions))


def tipping_gamma(sample: Sample, outcome: str, *, p: float = 0.05, two_sided: bool = True) -> float:
    """The least hidden bias with which the matched pairs would no longer speak clearly for an effect.

    Parameters
    ----------
    sample, outcome, two_sided
        As in :func:`rosenbaum`.
    p : float
        Where to draw the line.

    Returns
    -------
    float
        The gamma at which the highest p-value reaches ``p``; 1 where it does so without any hidden bias.

    Raises
    ------
    DesignError
        As :func:`rosenbaum`.

    Notes
    -----
    **Assumes** what :func:`rosenbaum` assumes.

    Examples
    --------
    >>> from toolkit import Sample, matching, sensitivity
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> people = pd.DataFrame({"diverted": [1] * 60 + [0] * 100, "age": rng.integers(18, 60, 160)})
    >>> people["offences"] = rng.poisson(np.where(people["diverted"] == 1, 1.0, 2.0))
    >>> sample = Sample.of(people, treated="diverted", covariates=["age"], outcomes=["offences"])
    >>> sensitivity.tipping_gamma(matching.nearest(sample), "offences") > 1
    True
    """
    if not isinstance(p, (int, float)) or not 0 < p < 1:
        raise DesignError(f"p={shown(p)} must be between 0 and 1, such as 0.05.")
    bounds, _ = _bounds(sample, outcome)
    sides = 2.0 if two_sided else 1.0

    def over(log_gamma: float) -> float:
        return sides * bounds(math.exp(log_gamma))[1] - p

    if over(0.0) >= 0:
        return 1.0
    return math.exp(float(optimize.brentq(over, 0.0, math.log(_FARTHEST))))


def _bounds(sample: Any, outcome: str) -> tuple[Bounds, str]:
    """The lowest and highest one-sided p-value, by gamma, and of which test."""
    if not isinstance(sample, Sample):
        raise DesignError(f"sensitivity.rosenbaum needs a matched Sample, not {kind(sample)}.")
    if sample.design != WITHOUT:
        raise DesignError(
            f"The Sample is {sample.design}, and Rosenbaum's bounds are of matched pairs: use "
            "matching.nearest(sample) first, without replacement."
        )
    pairs = people.in_pairs(sample.outcome(outcome), sample.treated, np.asarray(sample.match_id))
    if pairs is None:
        raise DesignError(
            "The matches are not all pairs, and Rosenbaum's bounds are of pairs: use matching.nearest(sample, ratio=1)."
        )
    first, second = pairs
    if np.isin(np.concatenate(pairs), (0, 1)).all():
        counts = int((first > second).sum()), int((second > first).sum())
        return lambda gamma: bias_bounds.discordant(*counts, gamma), "McNemar's test, exact"
    gaps = ties.settled(first - second, ties.grain_of(first, second))
    exact = len(gaps) < signed_rank.EXACT_BELOW
    how = "exact given ties" if exact else "normal approximation with continuity correction"
    zeros = ", zeros as by Pratt" if not gaps.all() else ""
    return lambda gamma: bias_bounds.signed_rank(
        gaps, gamma, exact
    ), f"Wilcoxon signed-rank test, {how}{zeros}"


def _checked(gammas: Any) -> list[float]:
    try:
        numbers = [] if isinstance(gammas, (str, bytes)) else [float(gamma) for gamma in gammas]
    except (TypeError, ValueError):
        numbers = []
    if not numbers or not all(1 <= gamma < math.inf for gamma in numbers):
        raise DesignError(f"gammas={shown(gammas)} must be numbers of at least 1: 1 is no hidden bias.")
    return numbers

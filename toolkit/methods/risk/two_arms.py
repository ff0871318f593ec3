"""The difference and the ratio of an outcome between treated and comparison people."""

from __future__ import annotations

from typing import Any

import numpy as np

from toolkit.estimate import POINTS, Estimate, Scale, merged
from toolkit.estimate.found import Found
from toolkit.methods.risk import said, scores
from toolkit.methods.risk.contrasts import Gap, LogRatio, Rate, counts, events_in_both
from toolkit.methods.risk.spread import spread
from toolkit.sample import UNMATCHED, Sample
from toolkit.validate import DesignError, kind, level_between, quoted, whole

_ROUNDING = 1e-12  # an error this small beside the outcome is what rounding leaves of none


def difference(
    sample: Sample,
    outcome: str,
    *,
    randomised: bool = False,
    draws: int = 999,
    seed: Any = None,
    level: float = 0.95,
) -> Estimate:
    """How much higher or lower an outcome is, on average, among treated people than among those they are compared with.

    Parameters
    ----------
    sample : Sample
        As it came, matched (:func:`matching.nearest`) or weighted (:func:`matching.weights`).
    outcome : str
        A yes/no outcome of 0 and 1 (the difference is between two proportions), a count or a score (between two means).
    randomised : bool
        True where chance decided who was treated; the caution that it did not is then left out.
    draws : int
        Bootstrap draws for a weighted sample (none where a score interval serves); 0 takes the weights as known, which
        is quick and usually too wide.
    seed : int, Generator or None
        For the bootstrap.
    level : float

    Returns
    -------
    Estimate
        Difference scale. A difference of proportions stays between -1 and 1; sentences tell it in percentage points.

    Raises
    ------
    DesignError
        An outcome that the Sample has not, or that is missing for somebody; too few people to say how sure, or people
        of a group, or the gaps of matched sets, all alike.

    Notes
    -----
    The interval is the one that the sample asks for. *Yes/no outcomes*, unmatched: Mee's score interval, whose p-value
    is Pearson's chi-squared; in matched pairs: Tango's score interval, whose p-value is McNemar's; weighted or matched
    otherwise, where an arm has fewer than ten events or fewer than ten people without one: Mee's at the number of
    people who, counting alike, would say as much (Kish's effective size), with the weights taken as known. *Otherwise*,
    unmatched: Welch's; matched without replacement: errors clustered by match, which for pairs is the paired t-test.
    *Matched with replacement*: Abadie and Imbens' error, because one comparison person may serve several times. A
    score that people were matched on is taken as known, though it was estimated (in simulation 95% intervals then held
    the truth 94% to 95% of the time).
    *Weighted*: a bootstrap over people in which the weights are found afresh in each draw.

    **Assumes** that nothing unmeasured moved both who took part and the outcome. **Assumes** that one person's
    treatment leaves another's outcome alone. **Assumes** that one person's outcome moves independently of another's:
    where whole sites were treated, such as custody suites, people of a site move together and the interval is too
    narrow, so compare sites (a Panel whose units are sites). **Assumes** that whoever was lost to follow-up was lost
    alike in both groups: make the lost an outcome of their own and compare it too.

    References
    ----------
    Mee (1984), Biometrics 40; Tango (1998), Statistics in Medicine 17; Kish (1965), Survey Sampling; Abadie and Imbens
    (2006), Econometrica 74; Abadie and Spiess (2022), Journal of the American Statistical Association 117, on
    clustering by match.

    Examples
    --------
    >>> import pandas as pd
    >>> from toolkit import Sample, risk
    >>> reoffended = [1] * 14 + [0] * 36 + [1] * 27 + [0] * 33
    >>> people = pd.DataFrame({"diverted": [1] * 50 + [0] * 60, "reoffended": reoffended})
    >>> sample = Sample.of(people, treated="diverted", outcomes=["reoffended"])
    >>> answer = risk.difference(sample, "reoffended")
    >>> round(answer.value, 3), round(answer.low, 3), round(answer.high, 3)
    (-0.17, -0.339, 0.012)
    """
    level, draws = level_between(level), checked(sample, draws)
    y = sample.outcome(outcome)
    if scores.applies(sample, y):
        found = scores.found(sample, y, ratio=False, level=level)
    else:
        found = spread(sample, Gap(outcome), draws, seed).told("difference", level)
        _varies(sample, outcome, y, found.std_error, float(np.ptp(y)))
    unit = POINTS if scores.binary(y) else ""
    return answer(sample, outcome, found, scale="difference", level=level, randomised=randomised, unit=unit)


def ratio(
    sample: Sample,
    outcome: str,
    *,
    exposure: str | None = None,
    randomised: bool = False,
    draws: int = 999,
    seed: Any = None,
    level: float = 0.95,
) -> Estimate:
    """How many times as high an outcome is among treated people as among those they are compared with.

    Parameters
    ----------
    sample, randomised, draws, seed, level
        As in :func:`difference`.
    outcome : str
        A yes/no outcome of 0 and 1 (a risk ratio), or a count (a rate ratio).
    exposure : str, optional
        Of a count, the outcome or covariate that it is per, such as days at liberty.

    Returns
    -------
    Estimate
        Ratio scale. With no events in the comparison group the value is infinite, with a lower end only.

    Raises
    ------
    DesignError
        As :func:`difference`; also an outcome below zero, an exposure of zero, no events at all, or, where there is no
        score interval, none in one arm.

    Notes
    -----
    As for :func:`difference`, on the log scale: Koopman's score interval, and Nam and Blackwelder's for matched pairs,
    with the same p-values; for counts, and matched sets and weights with events enough, the log ratio by the delta
    method.

    **Assumes** what :func:`difference` assumes.

    References
    ----------
    Koopman (1984), Biometrics 40; Nam and Blackwelder (2002), Statistics in Medicine 21.

    Examples
    --------
    >>> import pandas as pd
    >>> from toolkit import Sample, risk
    >>> reoffended = [1] * 14 + [0] * 36 + [1] * 27 + [0] * 33
    >>> people = pd.DataFrame({"diverted": [1] * 50 + [0] * 60, "reoffended": reoffended})
    >>> sample = Sample.of(people, treated="diverted", outcomes=["reoffended"])
    >>> answer = risk.ratio(sample, "reoffended")
    >>> round(answer.value, 3), round(answer.low, 3), round(answer.high, 3)
    (0.622, 0.364, 1.031)
    """
    level, draws = level_between(level), checked(sample, draws)
    rate = Rate(outcome, exposure)
    y = sample.outcome(outcome)
    counts(sample, rate)
    if not y.any():
        raise DesignError(f"{quoted(outcome)} is zero for everybody, so there is no ratio.")
    if exposure is None and scores.applies(sample, y):
        found = scores.found(sample, y, ratio=True, level=level)
    else:
        events_in_both(sample, rate)
        found = spread(sample, LogRatio(rate), draws, seed).told("ratio", level)
        _varies(sample, outcome, y if exposure is None else None, found.std_error, 1.0)
    return answer(sample, outcome, found, scale="ratio", level=level, randomised=randomised)


def _varies(sample: Sample, outcome: str, y: np.ndarray | None, error: float, scale: float) -> None:
    """Raise where nothing differs between people of an arm, or between sets, so that there would be no error."""
    counts = sample.weight > 0
    alike = y is not None and all(np.ptp(y[arm & counts]) == 0 for arm, _ in said.arms(sample))
    if alike or error <= _ROUNDING * scale:
        who = "person of a group" if alike else "matched set"
        raise DesignError(
            f"Every {who} has the same {quoted(outcome)}{'' if alike else ' gap'}, so how sure we are cannot be known "
            "from how people differ. Add people, or use an outcome that differs between them."
        )


def checked(sample: Any, draws: Any) -> int:
    """The number of draws, where a Sample was given and each arm has two people."""
    if not isinstance(sample, Sample):
        raise DesignError(
            f"This takes a Sample, not {kind(sample)}: make one with Sample.of(people, treated=...)."
        )
    for arm, who in said.arms(sample):
        if arm.sum() < 2:
            raise DesignError(
                f"There is only one {who} person, so how sure we are cannot be known. Add people."
            )
    draws = whole(draws, "draws")
    if 0 < draws < 2:
        raise DesignError("draws=1 gives no spread: use 999, or 0 to take the weights as known.")
    return draws


def answer(
    sample: Sample,
    outcome: str,
    found: Found,
    *,
    scale: Scale,
    level: float,
    randomised: bool,
    unit: str = "",
) -> Estimate:
    """The numbers as an Estimate, with everything that limits them."""
    who = "treated less comparison people" if scale == "difference" else "treated over comparison people"
    whom = "" if sample.design == UNMATCHED else f", {sample.design} ({sample.estimand})"
    y = sample.outcome(outcome)
    cautions = merged(
        said.few_events(sample, outcome, y, scores.kind(sample, y)),
        found.cautions,
        said.cautions(sample, randomised),
    )
    return Estimate(
        found.value, found.low, found.high, found.std_error, found.p_value, f"{outcome}, {who}{whom}", found.method,
        scale, level, sample.n, sample.n_treated, cautions, said.against(sample), unit,
    )  # fmt: skip

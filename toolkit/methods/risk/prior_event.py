"""The prior event rate ratio: did the treated people's rate fall more than the comparison people's own?"""

from __future__ import annotations

from typing import Any

from toolkit.estimate import Estimate, merged
from toolkit.methods.risk import said
from toolkit.methods.risk.contrasts import LogRatio, Rate, counts, events_in_both
from toolkit.methods.risk.spread import spread
from toolkit.methods.risk.two_arms import checked
from toolkit.sample import UNMATCHED, Sample
from toolkit.validate import DesignError, level_between

_CONSTANT = (
    "What was not measured is taken to multiply a person's rate alike before and after. Where people enter because of "
    "a bad spell just before, their rate falls by itself, and the fall is counted as the programme's."
)


def prior_event_rate_ratio(
    sample: Sample,
    *,
    before: str,
    after: str,
    exposure: tuple[str, str] | None = None,
    draws: int = 999,
    seed: Any = None,
    level: float = 0.95,
) -> Estimate:
    """The treated people's rate over the comparison people's after the start, over the same ratio before it.

    Difference-in-differences for the rates of individuals: a person's unmeasured readiness to offend is in both
    ratios, and leaves as they are divided.

    Parameters
    ----------
    sample : Sample
        As it came, matched or weighted.
    before, after : str
        Counts of events before and after; outcomes or numeric covariates of the Sample.
    exposure : (str, str), optional
        What they are per, before and after, such as days at liberty: columns of the Sample.
    draws, seed, level
        As in :func:`difference`.

    Returns
    -------
    Estimate
        Ratio scale. With separate people, the linearised log ratio with Welch's degrees of freedom; otherwise as in
        :func:`difference`. Each person's two counts stay together.

    Raises
    ------
    DesignError
        Negative counts, an exposure of zero or less, no events in an arm before or after, as :func:`difference`.

    Notes
    -----
    **Assumes** that what was not measured multiplies a person's rate, by as much after as before. **Assumes** that
    events before did not themselves trigger the treatment: where they did, the rate falls by itself (regression to the
    mean), and the ratio is too low. Leave out the time just before entry, or match on it. **Assumes** that people move
    independently of each other: see :func:`difference`.

    References
    ----------
    Tannen, Weiner and Xie (2009), BMJ 338; Lin and Henley (2016), Statistics in Medicine 35.

    Examples
    --------
    >>> import pandas as pd
    >>> from toolkit import Sample, risk
    >>> people = pd.DataFrame({"engaged": [1] * 4 + [0] * 4, "before": [3, 2, 4, 3, 2, 1, 2, 1],
    ...                        "after": [2, 1, 1, 2, 2, 2, 1, 1]})
    >>> sample = Sample.of(people, treated="engaged", outcomes=["before", "after"])
    >>> round(risk.prior_event_rate_ratio(sample, before="before", after="after").value, 3)
    0.5
    """
    level, draws = level_between(level), checked(sample, draws)
    late, early = (Rate(name, per) for name, per in zip((after, before), _exposures(exposure), strict=True))
    for rate in (early, late):
        counts(sample, rate)
        events_in_both(sample, rate)
    found = spread(sample, LogRatio(late, early), draws, seed).told("ratio", level)
    few = [said.few_events(sample, rate.outcome, rate.columns(sample)[0]) for rate in (early, late)]
    cautions = merged(*few, found.cautions, said.cautions(sample, True), (_CONSTANT,))
    whom = "" if sample.design == UNMATCHED else f", {sample.design} ({sample.estimand})"
    return Estimate(
        found.value, found.low, found.high, found.std_error, found.p_value,
        f"{after} against {before}, treated over comparison people{whom}", f"prior event rate ratio, {found.method}",
        "ratio", level, sample.n, sample.n_treated, cautions, "expected from the comparison people's own change",
    )  # fmt: skip


def _exposures(exposure: Any) -> tuple[str | None, str | None]:
    """The exposures after and before."""
    if exposure is None:
        return None, None
    if not isinstance(exposure, (tuple, list)) or len(exposure) != 2:
        raise DesignError(
            f"exposure={exposure!r} must be two names of columns: the exposure before, and after."
        )
    return exposure[1], exposure[0]

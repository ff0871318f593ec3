"""Were treated and comparison units already moving apart before treatment began?"""

from __future__ import annotations

import numpy as np
from scipy import stats

from toolkit.estimate import EventStudy, Test
from toolkit.validate import DesignError, kind, yes_no

_PASSING = (
    "Finding no slope does not show that there was none: a slope too small to be found here could still carry on "
    "after the start."
)


def test(study: EventStudy, *, joint: bool = False) -> Test:
    """Test whether the effects before treatment lie on a level line.

    Parameters
    ----------
    study : EventStudy
        With at least two event times before treatment beside the base.
    joint : bool
        False: one degree of freedom, the slope of the effects over event times before treatment (the base
        included, as no effect). True: all leads at once, which few areas cannot bear: it is refused when
        the leads exceed a third of the smaller arm's clusters.

    Returns
    -------
    Test
        ``estimate`` is the slope per period (a ratio on the ratio scale); None for the joint test.

    Raises
    ------
    DesignError
        Too few leads, or too many for the joint test.

    Notes
    -----
    The slope is the ordinary least-squares one, so that the noise of the base period, which all effects
    share, drops out; its error comes from the study's covariance. On the difference scale, with balanced data, one
    start date and leads over all the time before, it is the coefficient of treated x period in a regression.
    With ``base="all_before"`` the leads share the noise of the time before them instead, which drops out as well.
    The joint test is Hotelling's, with the degrees of freedom of Krishnamoorthy and Yu (2004, Statistics and
    Probability Letters 66), which allow for unequal arms.

    **Assumes** that clusters move independently.

    References
    ----------
    Roth (2022), American Economic Review: Insights 4, on what passing such a test does not show.

    Examples
    --------
    >>> from toolkit import Panel, did, simulate, trends
    >>> frame, truth = simulate.panel(units=40, periods=24, treated=15, first="2022-01", treated_from="2023-01", seed=1)
    >>> panel = Panel.of(frame, unit="unit", period="period", outcome="count", treated_from="treated_from")
    >>> answer = trends.test(did.event_study(panel, leads=12, lags=3))
    >>> 0 <= answer.p_value <= 1
    True
    """
    if not isinstance(study, EventStudy):
        raise DesignError(f"trends.test needs an EventStudy, not {kind(study)}: did.event_study makes one.")
    joint, times = yes_no(joint, "joint"), study.effects["event_time"].to_numpy()
    before = times < 0
    if before.sum() < 3:
        raise DesignError(
            "A trend needs at least three event times before treatment, and the study has "
            f"{before.sum()}: use more leads."
        )
    return _joint(study, times) if joint else _slope(study, times, before)


test.__test__ = False  # type: ignore[attr-defined]  # pytest collects functions named test; this is a method


def _slope(study: EventStudy, times: np.ndarray, before: np.ndarray) -> Test:
    centred = np.where(before, times - times[before].mean(), 0.0)
    what = "slope per period of the effects before treatment"
    line = study.combine(centred / (centred**2).sum(), what)
    centre = np.log(line.value) if study.scale == "ratio" else line.value
    statistic = centre / line.std_error if line.std_error > 0 else np.nan
    df = study.df(centred / (centred**2).sum())
    return Test(
        float(statistic), df, line.p_value, "treated and comparison units moved in parallel before treatment",
        f"slope over {int(before.sum())} event times before treatment, {study.method}", line,
        (*study.cautions, _PASSING),
    )  # fmt: skip


def _joint(study: EventStudy, times: np.ndarray) -> Test:
    leads = np.flatnonzero((times < 0) & ((times != -1) | (study.base == "all_before")))
    smaller = min(n for n, _ in study.parts)
    if len(leads) > smaller / 3:
        raise DesignError(
            f"The joint test of {len(leads)} leads needs at least {3 * len(leads)} clusters in "
            "each arm, and the smaller has "
            f"{smaller}: it would reject by chance. Use fewer leads, or the test of the slope (joint=False)."
        )
    covariance = study.covariance.to_numpy()[np.ix_(leads, leads)]
    wald = float(study.points[leads] @ np.linalg.solve(covariance, study.points[leads]))
    free = _matrix_df(study, leads, covariance)
    q, rest = len(leads), free - len(leads) + 1
    if rest <= 0:
        raise DesignError(f"The clusters cannot bear a joint test of {q} leads: use fewer, or joint=False.")
    statistic = wald * rest / (free * q)
    return Test(
        statistic, float(q), float(stats.f.sf(statistic, q, rest)), "no lead differs from no effect",
        f"joint test of {q} leads (Hotelling, F with {q} and {rest:.1f} degrees of freedom), {study.method}",
        None, (*study.cautions, _PASSING),
    )  # fmt: skip


def _matrix_df(study: EventStudy, leads: np.ndarray, covariance: np.ndarray) -> float:
    """Degrees of freedom of a sum of covariance matrices, one from each arm (Krishnamoorthy and Yu 2004)."""
    inverse, q, spread = np.linalg.inv(covariance), len(leads), 0.0
    for n, part in study.parts:
        share = part[np.ix_(leads, leads)] @ inverse
        spread += (np.trace(share @ share) + np.trace(share) ** 2) / max(n - 1, 1)
    return float((q + q * q) / spread)

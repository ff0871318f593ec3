"""Were treated and comparison units already moving apart before treatment, and what could have been missed?"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from toolkit.display import as_html, figure
from toolkit.estimate import EventStudy, Scale, Test, back
from toolkit.numerics import pretest
from toolkit.validate import DesignError, kind, listed, quoted, yes_no

_PASSING = (
    "Finding no slope does not show that there was none: a slope too small to be found here could still carry on "
    "after the start."
)

_JOINT = (
    "Where areas are of very unequal size the joint test finds too much: on placebo draws with nothing to find it "
    "rejected in up to 10% of draws instead of 5%, and the test of the slope in up to 7%."
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
        Too few leads, leads that rest on no incidents or on one area's, or too many leads for the joint test;
        group-time effects with ``base="varying"`` or with anticipation.

    Notes
    -----
    The slope is the ordinary least-squares one, so that the noise of the base period, which all effects
    share, drops out; its error comes from the study's covariance, with Welch's degrees of freedom. On the difference
    scale, with balanced data, one start date and leads over all the time before, it is the coefficient of treated x
    period in a regression. With ``base="all_before"`` the leads share the noise of the time before them instead, which
    drops out as well. The joint test is Hotelling's, with the degrees of freedom of Krishnamoorthy and Yu (2004),
    which allow for unequal arms.

    On real wards where nothing was done, and on simulated areas, the 5% test of the slope rejected in 4% to 7% of
    random draws on the ratio scale and in 3% to 5% on the difference scale (``data/derived/placebo_trends.csv``). Where
    small areas move by other amounts than large ones, and the treated are not of the size of the others, it finds that,
    as it should.

    **Assumes** that clusters move independently. Months may depend on each other: the error is from the
    areas' own slopes.

    References
    ----------
    Krishnamoorthy and Yu (2004), Statistics and Probability Letters 66, 161-169. Roth (2022), American Economic Review:
    Insights 4, 305-322, on what passing such a test does not show.

    Examples
    --------
    >>> from toolkit import Panel, did, simulate, trends
    >>> frame, truth = simulate.panel(units=40, periods=24, treated=15, first="2022-01", treated_from="2023-01", seed=1)
    >>> panel = Panel.of(frame, unit="unit", period="period", outcome="count", treated_from="treated_from")
    >>> answer = trends.test(did.event_study(panel, leads=12, lags=3))
    >>> 0 <= answer.p_value <= 1
    True
    """
    joint, line = yes_no(joint, "joint"), _line(study, "trends.test")
    return _joint(study) if joint else _slope(study, line)


test.__test__ = False  # type: ignore[attr-defined]  # pytest collects functions named test; this is a method


@dataclass(frozen=True, eq=False)
class Detectable:
    """A trend that the test of the slope finds so often, and what it would do to the effects if it carried on.

    Attributes
    ----------
    slope : float
        Per period, in the direction of the effect after the start against all event times before (the other way is
        missed as often); a ratio on the ratio scale: 0.99 is a fall of 1% a period.
    power : float
        How often the test finds it.
    test : Test
        The test of the slope that it would have to get past, as it turned out.
    path : DataFrame
        ``event_time``; ``trend``, the effect that the trend would show as, against the base; ``given_passing``, the
        estimate to be expected in the studies in which the test finds nothing.
    bias : DataFrame
        Two rows: the average effect over all event times from 0 on, ``against`` the base (as in ``study.average``) and
        against all event times before treatment (about what ``did.att`` gives). ``estimate`` is the study's own;
        ``bias`` what the trend would leave where nothing was done, and ``bias_given_passing`` the same where the test
        finds nothing. Ratios on the ratio scale.
    scale : str
    cautions : tuple of str

    Examples
    --------
    >>> from toolkit import Panel, did, simulate, trends
    >>> frame, truth = simulate.panel(units=40, periods=24, treated=15, first="2022-01", treated_from="2023-01", seed=1)
    >>> panel = Panel.of(frame, unit="unit", period="period", outcome="count", treated_from="treated_from")
    >>> missed = trends.detectable(did.event_study(panel, leads=12, lags=11))
    >>> list(missed.path.columns)
    ['event_time', 'trend', 'given_passing']
    """

    slope: float
    power: float
    test: Test
    path: pd.DataFrame
    bias: pd.DataFrame
    scale: Scale
    cautions: tuple[str, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """A copy of ``bias``."""
        return self.bias.copy()

    def __str__(self) -> str:
        kind_of = f"{self.scale} of" if self.scale == "ratio" else "difference of"
        lines = [
            f"a {kind_of} {figure(self.slope)} per period is found with a probability of {figure(self.power)} "
            f"({self.test.method})"
        ]
        lines += [
            f"carried on with nothing done, it would leave {figure(bias)} in the average effect against "
            f"{against}, and {figure(given)} where the test finds nothing"
            for against, _, bias, given in self.bias.itertuples(index=False, name=None)
        ]
        return "\n".join(lines + [f"Caution: {caution}" for caution in self.cautions])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return as_html(str(self))


def detectable(study: EventStudy, *, power: float = 0.8) -> Detectable:
    """The steady trend that the test of the slope finds this often, and what it would leave in the effect if missed.

    Parameters
    ----------
    study : EventStudy
        Against the last period before treatment, with at least two event times before it.
    power : float
        The probability with which ``trends.test(study)`` at ``1 - study.level`` finds the trend. Less steep ones are
        found less often.

    Returns
    -------
    Detectable
        ``slope``, ``path`` by event time (for ``plots.event_study(study, trend=...)``), and ``bias`` of the average
        effect.

    Raises
    ------
    DesignError
        A study with ``base="all_before"``, a power that is none, or what :func:`test` refuses.

    Notes
    -----
    The test is Student's t of the least-squares slope over all event times before treatment, two-sided, with the
    study's own error and degrees of freedom, taken as known; the power is that of the noncentral t. A trend of
    ``slope`` s shows at event time e as s x (e + 1), because the base is event time -1, and against all event times
    before as s x (e - their mean). Where the test finds nothing, the slope that was estimated is on average nearer to
    none than the true one, and the effects, which share noise with it, move by their regression on it: the mean of a
    normal cut off on both sides (Roth 2022), here with the error estimated. On the ratio scale all this is in logs.

    **Assumes** that a trend would carry on in a straight line; that it would be no effect of the programme; normal
    estimates. Trends of other shapes (a dip before the start) may be missed more often, or leave more.

    References
    ----------
    Roth (2022), Pretest with caution: event-study estimates after testing for parallel trends, American Economic
    Review: Insights 4, 305-322.

    Examples
    --------
    >>> from toolkit import Panel, did, simulate, trends
    >>> frame, truth = simulate.panel(units=40, periods=24, treated=15, first="2022-01", treated_from="2023-01", seed=1)
    >>> panel = Panel.of(frame, unit="unit", period="period", outcome="count", treated_from="treated_from")
    >>> study = did.event_study(panel, leads=12, lags=11)
    >>> missed = trends.detectable(study)
    >>> round(missed.slope, 3), [round(bias, 2) for bias in missed.bias["bias"]]
    (0.958, [0.76, 0.6])
    """
    line = _line(study, "trends.detectable")
    power = _power(power, study)
    before = _slope(study, line)
    error, df = _error(study, line), before.df
    shift = pretest.shift_for(power, df, study.level)
    passing = pretest.passing(shift, df, study.level)
    shift, left = error * shift * _towards(study), error * passing.mean * _towards(study)
    times, used = study.effects["event_time"].to_numpy(), line != 0
    trend, shared = shift * (times + 1.0), study.covariance.to_numpy()[:, used] @ line[used]
    given = trend + shared / error**2 * (
        left - shift
    )  # Cov(effects, slope) / Var(slope) x what passing takes away
    path = pd.DataFrame({"event_time": times, "trend": trend, "given_passing": given})
    bias = _bias(study, trend, given)
    for table, names in (
        (path, ("trend", "given_passing")),
        (bias, ("estimate", "bias", "bias_given_passing")),
    ):
        for name in names:
            table[name] = [back(float(number), study.scale) for number in table[name]]
    return Detectable(back(shift, study.scale), power, before, path, bias, study.scale, study.cautions)


def _bias(study: EventStudy, trend: np.ndarray, given: np.ndarray) -> pd.DataFrame:
    """The averages over event times from 0 on: the study's, and what a trend leaves in them (logs for ratios)."""
    times = study.effects["event_time"].to_numpy()
    after, before = times >= 0, times < 0
    late = after / after.sum() if after.any() else np.zeros(len(times))
    rows = {"event time -1": late, f"event times {times[0]} to -1": late - before / before.sum()}
    found = [(name, *(float(w @ path) for path in (study.points, trend, given))) for name, w in rows.items()]
    return pd.DataFrame(
        found if after.any() else [], columns=["against", "estimate", "bias", "bias_given_passing"]
    )


def _towards(study: EventStudy) -> float:
    """1 or -1: which way the effect after the start goes, against all event times before it."""
    after = study.effects["event_time"].to_numpy() >= 0
    return -1.0 if after.any() and study.points[after].mean() < study.points[~after].mean() else 1.0


def _power(power: float, study: EventStudy) -> float:
    if study.base != "last_before":
        raise DesignError(
            f"trends.detectable needs effects against one period, and this study has base={study.base!r}: "
            "make it with did.event_study(..., base='last_before')."
        )
    number = isinstance(power, (int, float, np.floating)) and not isinstance(power, bool)
    if not number or not 1 - study.level < power < 1:
        raise DesignError(
            f"power={quoted(power)} must be above {1 - study.level:.4g}, which the test finds by chance, and below 1: "
            "0.8 is usual."
        )
    return float(power)


def _line(study: EventStudy, asked: str) -> np.ndarray:
    """The weights that make the least-squares slope over event times before treatment; shape (E,)."""
    if not isinstance(study, EventStudy):
        raise DesignError(f"{asked} needs an EventStudy, not {kind(study)}: did.event_study makes one.")
    if study.base not in ("last_before", "all_before"):
        raise DesignError(
            f"The effects before the start of this study are no path to find a slope in: {study.against}. Make it from "
            "staggered.att_gt(..., base='universal') with anticipation=0."
        )
    times = study.effects["event_time"].to_numpy()
    before = times < 0
    if before.sum() < 3:
        raise DesignError(
            "A trend needs at least three event times before treatment, and the study has "
            f"{before.sum()}: use more leads."
        )
    sure = np.isfinite(study.points) & np.isfinite(np.diag(study.covariance.to_numpy()))
    if (before & ~sure).any():
        raise DesignError(
            f"The effects at event times {listed(times[before & ~sure])} rest on no incidents, or on those of one area "
            "alone, so there is no slope to test. Use longer periods (panel.collapse(by='quarter')), fewer leads, or "
            "scale='difference'."
        )
    centred = np.where(before, times - times[before].mean(), 0.0)
    return centred / (centred**2).sum()


def _error(study: EventStudy, line: np.ndarray) -> float:
    used = line != 0
    spread = study.covariance.to_numpy()[np.ix_(used, used)]
    error = math.sqrt(max(float(line[used] @ spread @ line[used]), 0.0))
    if error == 0:
        raise DesignError("All units moved alike before treatment, so there is no error to judge a slope by.")
    return error


def _slope(study: EventStudy, weights: np.ndarray) -> Test:
    line = study.combine(weights, "slope per period of the effects before treatment")
    centre = np.log(line.value) if study.scale == "ratio" else line.value
    statistic = centre / line.std_error if line.std_error > 0 else np.nan
    before = int((study.effects["event_time"] < 0).sum())
    return Test(
        float(statistic), study.df(weights), line.p_value,
        "treated and comparison units moved in parallel before treatment",
        f"slope over {before} event times before treatment, {study.method}", line,
        (*study.cautions, _PASSING),
    )  # fmt: skip


def _joint(study: EventStudy) -> Test:
    times = study.effects["event_time"].to_numpy()
    leads = np.flatnonzero((times < 0) & ~((times == -1) & (study.base == "last_before")))
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
        None, (*study.cautions, _PASSING, _JOINT),
    )  # fmt: skip


def _matrix_df(study: EventStudy, leads: np.ndarray, covariance: np.ndarray) -> float:
    """Degrees of freedom of a sum of covariance matrices, one from each arm (Krishnamoorthy and Yu 2004)."""
    inverse, q, spread = np.linalg.inv(covariance), len(leads), 0.0
    for n, part in study.parts:
        share = part[np.ix_(leads, leads)] @ inverse
        spread += (np.trace(share @ share) + np.trace(share) ** 2) / max(n - 1, 1)
    return float((q + q * q) / spread)

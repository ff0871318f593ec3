"""The effect of a programme on one series: a step and a bend in it, against its own trend and season."""

from __future__ import annotations

from typing import Any

from toolkit.estimate import Scale, Segmented
from toolkit.methods.interrupted import answers, model, record, season
from toolkit.validate import DesignError, level_between, one_of, whole, yes_no


def segmented(  # noqa: PLR0913 - the series and what goes with it, when, and which terms
    series: Any,
    *,
    start: Any,
    scale: Scale = "ratio",
    slope: bool = True,
    season: str | int = "auto",
    exposure: Any = None,
    comparison: Any = None,
    phase_in: int = 0,
    exclude: Any = (),
    errors: str = "autocorrelated",
    lags: int | None = None,
    level: float = 0.95,
) -> Segmented:
    """What a series came to with the programme, over what its own trend and season before would have brought.

    Parameters
    ----------
    series : Series or Panel
        One number per period, without a gap: a pandas Series on periods, datetimes or text such as 2023-04, or a Panel
        of one unit.
    start : period
        The first period with the programme, in any form that the periods take.
    scale : {"ratio", "difference"}
        ``"ratio"`` for counts: a Poisson model with dispersion. ``"difference"`` for measures: least squares.
    slope : bool
        Whether the trend may change too, or only the level.
    season : {"auto", "none", "harmonics", "calendar"} or int
        An int is a number of pairs of harmonics. ``"auto"`` goes by whole years, counted as how often the calendar
        month that is fitted least often is fitted, and never by the outcome: from 8 years a term for each calendar
        month, from 3 two pairs of harmonics, from 2 one pair, else none. For quarters: from 3 years a term for each.
    exposure : Series or sequence, optional
        What a count is per: an offset on the ratio scale, a divisor on the difference scale.
    comparison : Series or Panel, optional
        A series without the programme, for the same periods, which takes up whatever moved both. With an exposure
        of its own it must be a one-unit Panel.
    phase_in : int
        Periods from the start on that are left out of the fit and of the effect while the programme builds up.
    exclude : span, or list of periods and spans
        Left out as well, such as a lockdown: ``("2020-03", "2021-07")`` is a span with both its ends,
        ``["2020-03", "2020-05"]`` two single months. They may be missing from the series.
    errors : {"autocorrelated", "newey_west", "independent"}
        The last two are there to reproduce published analyses; their intervals are too narrow for series like these.
    lags : int, optional
        For ``"newey_west"``; 0.75 n^(1/3) if not given.
    level : float

    Returns
    -------
    Segmented
        ``effect`` is over all fitted periods with the programme: the modelled sum with it over the modelled sum
        without, or the mean difference per period; with an exposure on the difference scale each period counts by its
        exposure, so that the effect times the exposure is what was prevented. ``level_change`` is the step at
        ``start`` and ``slope_change`` the change of the trend per period, counted from ``start``, where it is 0
        (programs that count it from 1 give a level change one slope change earlier). ``series`` holds every period;
        ``expected`` is the model's line without the programme: before the start its fit, because that is what is
        carried forward and what should be judged; ``low`` and ``high`` bound that line, and single periods scatter
        about it. With a comparison ``expected`` follows the comparison period by period.

    Raises
    ------
    DesignError
        A gap that is not excluded, periods that come twice, a start or an exclusion outside the series, fewer than 8
        periods before the start, too few for the terms, a Panel of several units, missing or (for ratios) negative
        numbers, none but zeros before or after, a comparison for other periods, lags for errors without them.

    Notes
    -----
    **Assumes** that the trend before would have carried on in a straight line (of the logarithm, on the ratio scale).

    **Assumes** that nothing else changed at the start; with a comparison, that whatever did changed both series alike.

    **Assumes** that the season is the same before and after.

    **Assumes** that what is left over fades over time: its correlation is r to the power of the periods between.
    Periods left out count as time. For counts, chance (the Poisson part of the variance) need not carry over.

    **Assumes** that the start was not chosen because the series was high just then.

    The correlation is not plugged in but averaged over, each value weighted by the restricted likelihood of the
    series, because short series say little of it: given the correlation the errors are t, and their average is wider.
    Of the methods compared in the book this one has the best worst case: over every design that was simulated its 95%
    intervals held the truth in at least 92.1% of series, those of the next best method in at least 90.4%. With a late
    start its intervals of a count's slope change are a little wider than need be, and the answer says so. With a
    comparison and counts, the model is of the odds of an incident being in the series and not in the comparison;
    with measures, of their difference.

    Real trends are not straight. Of real ward series in which nothing was done, more than 5% showed a made-up effect:
    each answer without a comparison says how many, and beside the rest of their borough 3% to 6% of 48 months and
    4% to 12% of 84.

    References
    ----------
    Lopez Bernal, Cummins and Gasparrini (2017), International Journal of Epidemiology 46(1), 348-355.
    Harville (1974), Biometrika 61(2), 383-385, for the restricted likelihood as an average.

    Examples
    --------
    >>> from toolkit import interrupted, simulate
    >>> frame, truth = simulate.series(periods=60, start="2024-01", level_change=0.8, slope_change=1.0)
    >>> count = frame.set_index("period")["count"]
    >>> answer = interrupted.segmented(count, start="2024-01", slope=False)
    >>> answer.effect.low < truth.effect < answer.effect.high
    True

    A made-up start in the time before should find nothing:

    >>> fake = interrupted.segmented(count[:"2023-12"], start="2023-01", slope=False).effect
    >>> fake.low < 1 < fake.high
    True
    """
    one_of(scale, "scale", ("ratio", "difference"))
    one_of(errors, "errors", model.ERRORS)
    level, phase_in = level_between(level), whole(phase_in, "phase_in")
    slope, lags = yes_no(slope, "slope"), _lags(lags, errors)
    found = record.read(
        series, start=start, exposure=exposure, comparison=comparison, phase_in=phase_in, exclude=exclude
    )
    if scale == "ratio":
        record.counts(found)
    terms = _season(found, season)
    fit = model.fitted(found, terms.columns, scale=scale, slope=slope, errors=errors, lags=lags)
    return answers.told(found, fit, terms, errors=errors, level=level)


def _lags(lags: Any, errors: str) -> int | None:
    """The lags of Newey-West errors; raise where the errors have none."""
    if lags is not None and errors != "newey_west":
        raise DesignError(f"lags= is for errors='newey_west', and errors={errors!r} has none: leave it out.")
    return None if lags is None else whole(lags, "lags")


def _season(found: record.Record, asked: str | int) -> season.Season:
    return season.terms(found.periods, found.fitted, asked)

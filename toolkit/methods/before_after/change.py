"""Before and after in the treated units alone: the change, which is not yet the effect."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from toolkit.arms import NAMED, Arms
from toolkit.estimate import Estimate, Scale, back
from toolkit.methods.before_after import spread
from toolkit.methods.before_after._said import NO_COMPARISON
from toolkit.numerics import imputation, student
from toolkit.panel import Panel
from toolkit.validate import DesignError, counted, level_between, listed, plural, whole, yes_no


def rate_ratio(
    panel: Panel, *, window: tuple[int, int] | None = None, same_months: bool = False, level: float = 0.95
) -> Estimate:
    """The treated units' rate after treatment began over their own rate before.

    Each treated unit's rate before says what it would have recorded after, had nothing changed; the ratio is
    the sum observed over that sum, so that units may start at different times.

    Parameters
    ----------
    panel : Panel
        Untreated units, if there are any, are not used.
    window : (int, int), optional
        Use only this many periods before and from the start, counted from each unit's own start.
    same_months : bool
        Compare each calendar month (or quarter) after with the same ones before.
    level : float

    Returns
    -------
    Estimate
        Ratio scale. The interval is from the scatter of the areas' own changes (CR2, Bell and McCaffrey 2002), t with
        Satterthwaite degrees of freedom: about one less than the areas where they are alike, fewer where a few of
        them hold most of the incidents. With one area, from thirds of its own time, with a caution.

    Raises
    ------
    DesignError
        Nobody treated, no period before or after, no incidents before.

    Notes
    -----
    **Assumes** that nothing else changed between the two periods: no season, no trend, no regression to the
    mean, no change of recording. It always carries the caution that it has no comparison group.
    **Assumes** that areas change independently of each other, or that ``cluster`` names those that do not.

    How far counts vary beyond chance is estimated from the areas and never from their months: what drifts slowly
    hardly shows from month to month. The Poisson model serves only to judge how many degrees of freedom there are.
    For ten areas of which the largest holds nearly half of all incidents, a 95% interval held the truth in 95%
    of draws, where the delete-one jackknife with t on 9 degrees of freedom did in 89% and one quasi-Poisson
    dispersion for all areas in 81% (``data/derived/coverage_counts.csv``, which the book's page shows). From 3
    areas to 25, with long and short, unequal and same-month windows, exposures and staggered starts it was 94%
    to 96%. Counts that do not drift at all, in areas of very unequal size, get an interval that is wider than
    need be (98%). Where all areas changed by the very same ratio, the interval is that of Poisson counts, with a
    caution. A test by sign flips can reject nothing at 5% with five areas or fewer.

    References
    ----------
    Bell, R. M. and McCaffrey, D. F. (2002), Bias reduction in standard errors for linear regression with
    multi-stage samples, *Survey Methodology* 28, 169-181. Pustejovsky, J. E. and Tipton, E. (2018), Small-sample
    methods for cluster-robust variance estimation and hypothesis testing in fixed effects models, *Journal of
    Business and Economic Statistics* 36, 672-683.

    Examples
    --------
    >>> import pandas as pd
    >>> from toolkit import Panel, before_after
    >>> rows = pd.DataFrame({"ward": ["Bede", "Bede", "Dean", "Dean"], "year": [2022, 2023] * 2,
    ...                      "asb": [40, 30, 60, 42], "patrols_from": [2023] * 4})
    >>> panel = Panel.of(rows, unit="ward", period="year", outcome="asb", treated_from="patrols_from")
    >>> round(before_after.rate_ratio(panel).value, 3)
    0.72
    """
    return _change(panel, "ratio", window, same_months, level)


def mean_difference(
    panel: Panel, *, window: tuple[int, int] | None = None, same_months: bool = False, level: float = 0.95
) -> Estimate:
    """The treated units' mean outcome after treatment began less their own mean before.

    Parameters
    ----------
    panel, window, same_months, level
        As in :func:`rate_ratio`. With an exposure the outcome is outcome / exposure.

    Returns
    -------
    Estimate
        Difference scale, in the outcome's own units per period. With one start and no gaps this is the
        paired t-test of unit means. With one area the interval is from thirds of its own time, with a caution.

    Raises
    ------
    DesignError
        Nobody treated, no period before or after.

    Notes
    -----
    **Assumes** what :func:`rate_ratio` assumes.

    The interval is from the delete-one-cluster jackknife, t with G - 1 degrees of freedom. Where areas differ in size,
    so that their means vary unequally, a t-test is careful rather than bold (Bakirov and Szekely 2005): a 95% interval
    held the truth in 97% to 99% of draws with 10 areas of unequal size. Where nothing varies there is no interval.

    References
    ----------
    Bakirov, N. K. and Szekely, G. J. (2005), Student's t-test for Gaussian scale mixtures, *Zapiski Nauchnykh
    Seminarov POMI* 328, 5-19.

    Examples
    --------
    >>> import pandas as pd
    >>> from toolkit import Panel, before_after
    >>> rows = pd.DataFrame({"ward": ["Bede", "Bede", "Dean", "Dean"], "year": [2022, 2023] * 2,
    ...                      "asb": [40, 30, 60, 42], "patrols_from": [2023] * 4})
    >>> panel = Panel.of(rows, unit="ward", period="year", outcome="asb", treated_from="patrols_from")
    >>> before_after.mean_difference(panel).value
    -14.0
    """
    return _change(panel, "difference", window, same_months, level)


def _change(
    panel: Panel, scale: Scale, window: tuple[int, int] | None, same_months: bool, level: float
) -> Estimate:
    level, same_months = level_between(level), yes_no(same_months, "same_months")
    arms = Arms.of(panel, ratio=scale == "ratio", comparison=False)
    arms = _windowed(arms, window)
    season = _seasons(panel, arms, same_months)
    would_be = _own_before(arms, season)
    arms, would_be = _kept(arms, would_be)
    centre = imputation.compare(arms.cells, would_be)
    error, df, method, said = spread.of(arms, would_be, season, centre)
    low, high = student.interval(centre, error, df, level)
    p_value = student.two_sided(centre, error, df)
    centre, low, high = (back(end, scale) for end in (centre, low, high))
    against = "in the same months before" if same_months else "in the period before"
    return Estimate(
        centre, low, high, error, p_value, f"change in the treated {plural(arms.noun)}, after against before",
        f"each {arms.noun}'s own rate before; {method}", scale, level, len(arms.units), len(arms.units),
        arms.cautions + said + _season_said(panel, arms, same_months) + (NO_COMPARISON,), against,
    )  # fmt: skip


def _windowed(arms: Arms, window: tuple[int, int] | None) -> Arms:
    """Only the cells within the window around each unit's own start."""
    if window is None:
        return arms
    if not isinstance(window, (tuple, list)) or len(window) != 2:
        raise DesignError(
            f"window={window!r} must be two whole numbers: periods before, and periods from the start."
        )
    before, after = (whole(n, "each part of window", least=1) for n in window)
    event_time = arms.ordinals - arms.start[:, None]
    inside = (event_time >= -before) & (event_time < after)
    cells = replace(
        arms.cells, weight=np.where(inside, arms.cells.weight, 0.0), treated=arms.cells.treated & inside
    )
    return replace(arms, cells=cells).say(*_short_of(arms, event_time, before, after))


def _short_of(arms: Arms, event_time: np.ndarray, before: int, after: int) -> tuple[str, ...]:
    """A caution where the window asks for more than any unit's record holds on a side."""
    seen = event_time[arms.cells.weight > 0]
    sides = (
        ("before", before, -int(seen.min(initial=0))),
        ("from the start", after, int(seen.max(initial=-1)) + 1),
    )
    return tuple(
        f"The window asks for {asked} periods {side}, and the record holds {there}."
        for side, asked, there in sides
        if asked > there
    )


def _seasons(panel: Panel, arms: Arms, same_months: bool) -> np.ndarray:
    """Each period's calendar month or quarter, or 0 throughout."""
    if not same_months:
        return np.zeros(len(arms.ordinals), dtype=int)
    season = _calendar(panel.periods)
    if season is None:
        raise DesignError(
            f"same_months needs months or quarters, and {panel.labels['period']} holds "
            f"{panel.periods[0]}. Give dates as 2023-04."
        )
    return season


def _calendar(periods: Any) -> np.ndarray | None:
    if not isinstance(periods, pd.PeriodIndex) or periods.freqstr[0] not in "MQ":
        return None
    return np.asarray(periods.month if periods.freqstr[0] == "M" else periods.quarter)


def _own_before(arms: Arms, season: np.ndarray) -> np.ndarray:
    """What each treated cell would be at its unit's own rate before, in the same season; NaN where there is none."""
    cells = arms.cells
    weight = cells.untreated_weight
    reach = weight if cells.exposure is None else weight * np.nan_to_num(cells.exposure)
    would_be = np.full(cells.y.shape, np.nan)
    for one in np.unique(season):
        columns = season == one
        total, per = (cells.y * weight)[:, columns].sum(1), reach[:, columns].sum(1)
        rate = np.where(per > 0, total / np.where(per > 0, per, 1.0), np.nan)
        would_be[:, columns] = rate[:, None]
    return would_be if cells.exposure is None else would_be * cells.exposure


def _kept(arms: Arms, would_be: np.ndarray) -> tuple[Arms, np.ndarray]:
    """Leave out units without a period before or after in the window or season, with a caution."""
    cells = arms.cells
    usable = (cells.treated & (cells.weight > 0) & ~np.isnan(would_be)).any(axis=1)
    if not usable.any():
        raise DesignError(
            f"No treated {arms.noun} has both a period before and one after that can be compared. "
            "Widen the window, or "
            "leave same_months out."
        )
    gone = arms.units[~usable]
    which = f": {listed(gone)}" if len(gone) <= NAMED else ""
    said = (
        (f"{counted(len(gone), arms.noun)} left out for want of periods to compare{which}.",)
        if len(gone)
        else ()
    )
    cluster = np.unique(arms.cluster[usable], return_inverse=True)[1]
    kept = replace(
        arms, cells=cells.units(usable), start=arms.start[usable], cluster=cluster,
        arm=np.ones(cluster.max() + 1, dtype=int), units=arms.units[usable], cautions=arms.cautions + said,
    )  # fmt: skip
    lost = int((kept.cells.treated & (kept.cells.weight > 0) & np.isnan(would_be[usable])).sum())
    if lost:
        kept = kept.say(f"{counted(lost, 'treated cell')} left out: no period before in the same season.")
    if cells.ratio and not np.nansum(np.where(kept.cells.treated, would_be[usable], 0.0)) > 0:
        raise DesignError(
            f"The treated {plural(arms.noun)} have no incidents in the period before that is "
            "compared, so a ratio has "
            "nothing to divide by. Widen the window, or use mean_difference."
        )
    return kept, would_be[usable]


def _season_said(panel: Panel, arms: Arms, same_months: bool) -> tuple[str, ...]:
    """A caution where the months before and after are not the same mix."""
    season = _calendar(panel.periods)
    if same_months or season is None:
        return ()
    cells = arms.cells
    mixes = [
        np.bincount(season, side.sum(0), 13)
        for side in (cells.treated & (cells.weight > 0), cells.untreated_weight > 0)
    ]
    shares = [mix / mix.sum() for mix in mixes]
    if np.abs(shares[0] - shares[1]).max() < 0.02:
        return ()
    return (
        "The periods before and after hold different months of the year, so season is part of "
        "the change: compare the same months instead.",
    )

"""Effects by event time against the last period before treatment."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from toolkit.arms import Arms
from toolkit.estimate import EventStudy, Scale, back
from toolkit.methods.did.inference import approximate, need_clusters
from toolkit.numerics import jackknife, paths, student
from toolkit.panel import Panel
from toolkit.validate import (
    DesignError,
    counted,
    level_between,
    listed,
    one_of,
    plural,
    require_panel,
    shown,
    whole,
)


def event_study(panel: Panel, *, leads: int, lags: int, base: str = "last_before", scale: Scale = "ratio",
                level: float = 0.95) -> EventStudy:  # fmt: skip
    """Effects by event time, each against the last period before treatment.

    Parameters
    ----------
    panel : Panel
    leads, lags : int
        Event times -leads to +lags, inclusive; nothing is binned. 0 is the first treated period.
    base : {"last_before"}
        Every effect is against event time -1, which is exactly no effect.
    scale : {"ratio", "difference"}
    level : float

    Returns
    -------
    EventStudy
        With the jackknife covariance (of logs on the ratio scale).

    Raises
    ------
    DesignError
        As :func:`att`; also covariates, and a cohort with no incidents in its base period (ratio).

    Notes
    -----
    Each cohort's path comes from its own unit and period effects and is set against the path of the units
    never treated in the panel: Sun and Abraham's (2021) saturated regression. Cohorts are added up by
    observed and expected (ratio), or weighted by their units (difference). Where nobody is never treated, the last
    cohort is the comparison, up to its own start, with a caution.

    **Assumes** what :func:`att` assumes, period by period.

    Examples
    --------
    >>> from toolkit import Panel, did, simulate
    >>> frame, truth = simulate.panel(units=20, periods=24, treated=10, first="2022-01", treated_from="2023-01", seed=1)
    >>> panel = Panel.of(frame, unit="unit", period="period", outcome="count", treated_from="treated_from")
    >>> study = did.event_study(panel, leads=4, lags=3)
    >>> float(study.effects.set_index("event_time").loc[-1, "estimate"])
    1.0
    """
    level = level_between(level)
    one_of(scale, "scale", ("ratio", "difference"))
    one_of(base, "base", ("last_before",))
    times = np.arange(-whole(leads, "leads", 1), whole(lags, "lags") + 1)
    arms, compared = _with_comparison(Arms.of(_plain(panel), ratio=scale == "ratio"))
    need_clusters(arms)
    design = paths.Staggered(arms.cells, np.where(compared, np.inf, arms.start), arms.ordinals, times)
    (centre, units), without = design.effects(), design.without(arms.cluster)
    kept = ~np.isnan(centre)
    if not kept[times != -1].any():
        raise DesignError(
            "No event time can be estimated: no cohort is observed in the last period before its start."
        )
    arms = arms.say(*_cohorts_said(arms, design.lost()), *_gaps_said(arms, times[~kept]), *approximate(arms),
                    *_mix_said(units[kept]))  # fmt: skip
    effects = pd.DataFrame(
        {"event_time": times[kept], "estimate": centre[kept], "n_units": units[kept].astype(int)}
    )
    return _study(arms, effects, without[:, kept], level)


def _plain(panel: Panel) -> Panel:
    require_panel(panel)
    if panel.covariates:
        raise DesignError(
            f"event_study does not take covariates ({listed(panel.covariates)}): make the Panel "
            "without them, or use did.att."
        )
    return panel


def _with_comparison(arms: Arms) -> tuple[Arms, np.ndarray]:
    """The comparison: units never treated; or the last cohort, up to its own start, where everybody is treated."""
    _base_has_counts(arms)
    compared = ~arms.treated_units
    if compared.any():
        return arms, compared
    last = arms.start.max()
    early = arms.ordinals < last
    cells = arms.cells
    cut = replace(cells, weight=np.where(early, cells.weight, 0.0), treated=cells.treated & early)
    start = np.where(arms.start == last, np.inf, arms.start)
    said = f"Every {arms.noun} is treated in the end, so the last to start are the comparison, up to their own start."
    return arms.rearranged(cut, start).say(said), start == np.inf


def _base_has_counts(arms: Arms) -> None:
    """A ratio to a base period without incidents does not exist."""
    if not arms.cells.ratio:
        return
    for start in np.unique(arms.start[arms.treated_units]):
        base = np.flatnonzero(arms.ordinals == start - 1)
        cohort = arms.start == start
        if base.size and not arms.cells.y[cohort, base[0]].any() and arms.cells.weight[cohort, base[0]].any():
            where = shown(arms.periods[base[0]])
            raise DesignError(
                f"The {plural(arms.noun)} that start after {where} recorded nothing in it, so no "
                "ratio to it exists. Use "
                "longer periods (panel.collapse(by='quarter')) or scale='difference'."
            )


def _cohorts_said(arms: Arms, lost: np.ndarray) -> tuple[str, ...]:
    """A caution that names units whose cohort has no base period to be set against."""
    units = arms.units[np.isin(arms.start, lost)]
    if not len(units):
        return ()
    verb = "is" if len(units) == 1 else "are"
    number = counted(len(units), "treated " + arms.noun)
    return (f"{number} {verb} left out, not observed in the last period before the start: {listed(units)}.",)


def _gaps_said(arms: Arms, missing: np.ndarray) -> tuple[str, ...]:
    if not missing.size:
        return ()
    return (
        f"No treated {arms.noun} can be set against the comparison at event times {listed(missing, 6)}: left out.",
    )


def _mix_said(units: np.ndarray) -> tuple[str, ...]:
    if (units == units[0]).all():
        return ()
    return (
        "Different units stand behind different event times (see n_units): part of the shape is "
        "a change of who is counted.",
    )


def _study(arms: Arms, effects: pd.DataFrame, without: np.ndarray, level: float) -> EventStudy:
    """The study from its points (logs for ratios) and the points without each cluster."""
    scale: Scale = "ratio" if arms.cells.ratio else "difference"
    times, centre = effects["event_time"].to_numpy(), effects["estimate"].to_numpy()
    base = times == -1  # no effect by construction: take out the rounding too
    centre, without = np.where(base, 0.0, centre), np.where(base, 0.0, without)
    split = jackknife.parts(centre, without, arms.arm)
    covariance = jackknife.total(split)
    error = np.sqrt(np.diag(covariance))
    df = [jackknife.welch_df([(n, float(part[k, k])) for n, part in split]) for k in range(len(times))]
    ends = [student.interval(float(c), float(e), d, level) for c, e, d in zip(centre, error, df, strict=True)]
    ends = [(0.0, 0.0) if is_base else end for is_base, end in zip(base, ends, strict=True)]
    table = pd.DataFrame({
        "event_time": times,
        "estimate": [back(float(c), scale) for c in centre],
        "low": [back(low, scale) for low, _ in ends],
        "high": [back(high, scale) for _, high in ends],
        "std_error": error,
        "n_units": effects["n_units"],
    })  # fmt: skip
    over = counted(len(arms.arm), arms.cluster_noun)
    method = f"each cohort's path against the comparison's; jackknife over {over} (CR3)"
    return EventStudy(
        table, pd.DataFrame(covariance, index=times, columns=times), scale, level, "last_before", method,
        "effects on the treated by event time, against event time -1",
        len(arms.units), int(arms.treated_units.sum()), split, arms.cautions,
    )  # fmt: skip

"""Effects by event time against the last period before treatment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from toolkit.arms import Arms, need_speaking
from toolkit.estimate import EventStudy, Scale
from toolkit.methods.did.all_before import all_before
from toolkit.methods.did.inference import approximate, need_clusters
from toolkit.methods.did.studies import gaps_said, study
from toolkit.numerics import paths
from toolkit.panel import Panel
from toolkit.validate import (
    DesignError,
    counted,
    level_between,
    listed,
    one_of,
    plural,
    shown,
    whole,
)


def event_study(panel: Panel, *, leads: int, lags: int, base: str = "last_before", scale: Scale = "ratio",
                level: float = 0.95) -> EventStudy:  # fmt: skip
    """Effects by event time: against the last period before treatment, or against all time before it.

    Parameters
    ----------
    panel : Panel
    leads, lags : int
        Event times -leads to +lags, inclusive; nothing is binned. 0 is the first treated period.
    base : {"last_before", "all_before"}
        ``"last_before"``: every effect is against event time -1, which is exactly no effect. For pictures, for
        ``trends.test`` and for looking over the whole path by one measure.
        ``"all_before"``: from the start on, the effects of :func:`att` split by event time, which lean on all untreated
        time and so are surer; before it, differences from a separate regression on untreated cells, against the time
        before the first lead. The two sides have different zeros: do not read a jump from -1 to 0 as the effect.
    scale : {"ratio", "difference"}
    level : float

    Returns
    -------
    EventStudy
        With the jackknife covariance (of logs on the ratio scale). Each event time has the degrees of freedom of the
        clusters observed in it.

    Raises
    ------
    DesignError
        As :func:`att` with ``inference="cluster"``; nothing recorded by the treated in their last period before
        (``"last_before"``, ratio).

    Notes
    -----
    ``"last_before"``: Sun and Abraham's (2021) regression, saturated in cohort x event time. Without covariates, each
    cohort's path comes from its own unit and period effects and is set against that of the units never treated in the
    panel; with covariates, all are fitted together. Cohorts are added up by observed and expected (ratio), or weighted
    by their cells (difference). Where nobody is never treated, the last cohort is the comparison, up to its own start,
    with a caution.

    ``"all_before"``: Borusyak, Jaravel and Spiess (2024). Residuals of the imputation's own fit before treatment would
    be shrunk towards zero, so they are not shown; the leads come from a regression of their own, as those authors say.
    A lead that no earlier untreated time can be set against is left out, with a caution.

    **Assumes** what :func:`att` assumes, period by period.

    References
    ----------
    Sun and Abraham (2021), Journal of Econometrics 225; Borusyak, Jaravel and Spiess (2024), Review of Economic
    Studies 91.

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
    one_of(base, "base", ("last_before", "all_before"))
    times = np.arange(-whole(leads, "leads", 1), whole(lags, "lags") + 1)
    arms = Arms.of(panel, ratio=scale == "ratio")
    if base == "last_before":
        return _last_before(arms, times, level, panel.covariates)
    return all_before(arms, times, level, panel.covariates)


def _last_before(arms: Arms, times: np.ndarray, level: float, names: Sequence[str]) -> EventStudy:
    """Each cohort's path against the comparison's, both from the last period before the start."""
    arms, compared = _with_comparison(arms)
    need_clusters(arms)
    design = paths.Staggered(arms.cells, np.where(compared, np.inf, arms.start), arms.ordinals, times)
    if names:
        wide = paths.side_by_side(arms.cells, design.groups)
        need_speaking(wide, wide.weight, names)
    (centre, units), without = design.effects(), design.without(arms.cluster)
    kept = ~np.isnan(centre)
    if not kept[times != -1].any():
        raise DesignError(
            "No event time can be estimated: no cohort is observed in the last period before its start."
        )
    arms = arms.say(*_cohorts_said(arms, design.lost()), *gaps_said(arms, times[~kept]), *approximate(arms))
    effects = pd.DataFrame(
        {"event_time": times[kept], "estimate": centre[kept], "n_units": units[kept].astype(int)}
    )
    return study(arms, effects, without[:, kept], level, "last_before")


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
    base = arms.treated_units[:, None] & (arms.ordinals == arms.start[:, None] - 1) & (arms.cells.weight > 0)
    if base.any() and not (arms.cells.y * arms.cells.weight)[base].any():
        where = shown(arms.periods[np.flatnonzero(base.any(axis=0))[0]])
        raise DesignError(
            f"The treated {plural(arms.noun)} recorded nothing in the last period before their start ({where}), so no "
            "ratio to it exists. Use longer periods (panel.collapse(by='quarter')), base='all_before' or "
            "scale='difference'."
        )


def _cohorts_said(arms: Arms, lost: np.ndarray) -> tuple[str, ...]:
    """A caution that names units whose cohort has no base period to be set against."""
    units = arms.units[np.isin(arms.start, lost)]
    if not len(units):
        return ()
    verb = "is" if len(units) == 1 else "are"
    number = counted(len(units), "treated " + arms.noun)
    return (f"{number} {verb} left out, not observed in the last period before the start: {listed(units)}.",)

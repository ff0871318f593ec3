"""The imputation estimate split by cohort or by calendar period."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from toolkit.arms import FEW, Arms, need_speaking
from toolkit.estimate import Scale, back
from toolkit.methods.did.inference import need_clusters
from toolkit.numerics import deleted, imputation, jackknife, student
from toolkit.panel import Panel
from toolkit.validate import DesignError, counted, level_between, listed, one_of


def effects(panel: Panel, *, by: str = "cohort", scale: Scale = "ratio", level: float = 0.95) -> pd.DataFrame:
    """Average effect on the treated for each cohort, or in each calendar period.

    Parameters
    ----------
    panel : Panel
    by : {"cohort", "period"}
        Units that share a first treated period; or all treated units of a calendar period.
    scale : {"ratio", "difference"}
        Sum observed / sum expected; or mean(observed - expected).
    level : float

    Returns
    -------
    DataFrame
        One row per cohort or period: ``cohort`` (its first treated period) or ``period``, then ``estimate low high
        std_error p_value n_units scale level cautions``. ``std_error`` is of the log ratio on the ratio scale. A row
        with one treated cluster has no standard error: NaN, an interval without bounds, and a caution.

    Raises
    ------
    DesignError
        As :func:`att` with ``inference="cluster"``.

    Notes
    -----
    One fit for all rows, that of :func:`att`, and one delete-one-cluster jackknife (CR3) of the whole. Each row has the
    Welch-Satterthwaite degrees of freedom of its own clusters against all others. Rows have the
    noise of the comparison in common, so do not read a pattern into neighbours.

    **Assumes** what :func:`att` assumes, cohort by cohort or period by period.

    Examples
    --------
    >>> from toolkit import Panel, did, simulate
    >>> frame, truth = simulate.panel(units=40, periods=24, treated=16, first="2022-01",
    ...                               treated_from=["2023-01", "2023-07"], seed=1)
    >>> panel = Panel.of(frame, unit="unit", period="period", outcome="count", treated_from="treated_from")
    >>> did.effects(panel)[["cohort", "n_units"]]
        cohort  n_units
    0  2023-01        8
    1  2023-07        8
    >>> did.effects(panel, by="period")["n_units"].tolist()
    [8, 8, 8, 8, 8, 8, 16, 16, 16, 16, 16, 16]
    """
    level = level_between(level)
    one_of(scale, "scale", ("ratio", "difference"))
    one_of(by, "by", ("cohort", "period"))
    arms = Arms.of(panel, ratio=scale == "ratio")
    need_clusters(arms)
    need_speaking(arms.cells, arms.cells.untreated_weight, panel.covariates)
    labels, group = _groups(arms, by)
    would_be = imputation.expected(arms.cells)
    points = imputation.by_group(arms.cells, would_be, group, len(labels))
    without = deleted.effects(arms.cells, group, len(labels), arms.cluster)
    arms = arms.say(*_lost(arms, labels, points, by))
    known = arms.cells.treated & (arms.cells.weight > 0) & ~np.isnan(would_be)
    rows = [
        _row(arms, known & (group == place), float(points[place]), without[:, place], level)
        for place in np.flatnonzero(~np.isnan(points))
    ]
    table = pd.DataFrame(rows)
    table.insert(0, by, _as_periods(panel, labels[~np.isnan(points)]))
    return table


def _groups(arms: Arms, by: str) -> tuple[np.ndarray, np.ndarray]:
    """The ordinals that name the rows, and the row of each treated cell (-1: none)."""
    start = np.where(arms.treated_units, arms.start, -np.inf)[:, None]
    name = np.where(arms.cells.treated, start if by == "cohort" else arms.ordinals, -np.inf)
    labels = np.unique(name[arms.cells.treated])
    group = np.searchsorted(labels, name)
    return labels, np.where(arms.cells.treated, group, -1)


def _as_periods(panel: Panel, ordinals: np.ndarray) -> pd.Index:
    """Ordinals as the panel's own periods; a start may lie in a period that nobody was observed in."""
    first, at = panel.periods[0], panel.grid.ordinals[0]
    return pd.Index([first + int(o - at) for o in ordinals])


def _lost(arms: Arms, labels: np.ndarray, points: np.ndarray, by: str) -> tuple[str, ...]:
    """A caution that counts rows no untreated cell speaks for; nothing at all to say is an error."""
    lost = np.isnan(points)
    if lost.all():
        raise DesignError(
            f"No treated cell can be estimated: no untreated {arms.noun} connects the time before with the time after. "
            "Add comparison data that span the start."
        )
    if not lost.any():
        return ()
    if by == "cohort":
        units = arms.units[np.isin(arms.start, labels[lost])]
        return (f"{counted(int(lost.sum()), 'cohort')} left out, no comparison connected: {listed(units)}.",)
    return (
        f"{counted(int(lost.sum()), 'period')} left out: no comparison is connected to the treated then.",
    )


def _row(arms: Arms, own: np.ndarray, centre: float, without: np.ndarray, level: float) -> dict[str, object]:
    """One row: the estimate, its interval, and what limits it."""
    scale: Scale = "ratio" if arms.cells.ratio else "difference"
    members = own.any(axis=1)
    inside = np.isin(np.arange(len(arms.arm)), arms.cluster[members])
    error, df = jackknife.error_of_some(centre, without, inside)
    low, high = student.interval(centre, error, df, level)
    said = _few(int(inside.sum()), arms.cluster_noun, error)
    return {
        "estimate": back(centre, scale), "low": back(low, scale), "high": back(high, scale), "std_error": error,
        "p_value": student.two_sided(centre, error, df), "n_units": int(members.sum()), "scale": scale, "level": level,
        "cautions": " ".join((*arms.cautions, *said)),
    }  # fmt: skip


def _few(clusters: int, noun: str, error: float) -> tuple[str, ...]:
    if clusters >= FEW and math.isfinite(error):
        return ()
    number = counted(clusters, "treated " + noun)
    if not math.isfinite(error):
        return (f"Only {number} here: no standard error, so no interval.",)
    return (f"Only {number} here: the interval is approximate.",)

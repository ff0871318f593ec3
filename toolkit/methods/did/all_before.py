"""Effects by event time against all time before treatment: imputed after the start, a separate regression before."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from toolkit.arms import Arms, need_speaking
from toolkit.estimate import EventStudy
from toolkit.methods.did.inference import approximate, need_clusters
from toolkit.methods.did.studies import gaps_said, study
from toolkit.numerics import deleted, imputation, leads
from toolkit.validate import DesignError, listed


def all_before(arms: Arms, times: np.ndarray, level: float, names: Sequence[str]) -> EventStudy:
    """The study with ``base="all_before"``: leads first, then lags."""
    need_clusters(arms)
    need_speaking(arms.cells, arms.cells.untreated_weight, names)
    early, said = _leads(arms, times[times < 0])
    late, late_without = _lags(arms, times[times >= 0])
    points = pd.concat([early[0], late], ignore_index=True)
    without = np.concatenate([early[1], late_without], axis=1)
    kept = points["estimate"].notna().to_numpy()
    if not (kept & (points["event_time"] >= 0)).any():
        raise DesignError(
            f"No treated {arms.noun} can be estimated at any of the event times from 0 to {times[-1]}: no untreated "
            f"{arms.noun} connects their time before with their time after. Add comparison data that span the start."
        )
    lost = np.setdiff1d(times, points["event_time"][kept])
    arms = arms.say(*said, *gaps_said(arms, np.setdiff1d(lost, early[2])), *approximate(arms))
    return study(arms, points[kept].reset_index(drop=True), without[:, kept], level, "all_before")


def _by_event_time(arms: Arms, wanted: np.ndarray, seen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The place of each seen cell's event time among those wanted (-1: none), and the units behind each."""
    event_time = np.where(arms.treated_units[:, None], arms.ordinals - arms.start[:, None], np.nan)
    place = np.where(seen & np.isin(event_time, wanted), event_time - wanted[0], -1.0)
    group = np.nan_to_num(place, nan=-1.0).astype(int)
    return group, np.bincount(group[group >= 0], minlength=len(wanted))


def _leads(
    arms: Arms, wanted: np.ndarray
) -> tuple[tuple[pd.DataFrame, np.ndarray, np.ndarray], tuple[str, ...]]:
    """Leads as points and without each cluster, those that nothing earlier is left for, and a caution about these."""
    group, units = _by_event_time(arms, wanted, arms.cells.untreated_weight > 0)
    clear = leads.told_apart(arms.cells, group, len(wanted))
    silent = wanted[~clear & (units > 0)]
    wanted, units = wanted[clear], units[clear]
    if not wanted.size:
        table = pd.DataFrame({"event_time": wanted, "estimate": np.zeros(0), "n_units": units})
        return (table, np.zeros((len(arms.arm), 0)), silent), _silent_said(silent)
    place = np.cumsum(clear) - 1
    group = np.where((group >= 0) & clear[group], place[group], -1)
    points = leads.effects(arms.cells, group, len(wanted))
    without = leads.without(arms.cells, group, len(wanted), arms.cluster)
    table = pd.DataFrame({"event_time": wanted, "estimate": points, "n_units": units})
    return (table, without, silent), _silent_said(silent)


def _silent_said(silent: np.ndarray) -> tuple[str, ...]:
    if not silent.size:
        return ()
    which = f"Event time {silent[0]} has" if len(silent) == 1 else f"Event times {listed(silent, 6)} have"
    return (
        f"{which} no earlier untreated time to be set against: left out, and part of what the others are against.",
    )


def _lags(arms: Arms, wanted: np.ndarray) -> tuple[pd.DataFrame, np.ndarray]:
    """The imputation effect at each event time from the start on, and without each cluster."""
    cells = arms.cells
    would_be = imputation.expected(cells)
    known = cells.treated & (cells.weight > 0) & ~np.isnan(would_be)
    group, units = _by_event_time(arms, wanted, known)
    points = imputation.by_group(cells, would_be, group, len(wanted))
    without = deleted.effects(cells, group, len(wanted), arms.cluster)
    return pd.DataFrame({"event_time": wanted, "estimate": points, "n_units": units}), without

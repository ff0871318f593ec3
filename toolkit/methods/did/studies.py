"""An event study put together from its points and the points without each cluster."""

from __future__ import annotations

import numpy as np
import pandas as pd

from toolkit.arms import Arms
from toolkit.estimate import EventStudy, Scale, back
from toolkit.numerics import jackknife, student
from toolkit.validate import counted, listed

HOW = {
    "last_before": "each cohort's path against the comparison's",
    "all_before": "imputation from the start on, a separate regression on untreated cells before it",
}
WHAT = {
    "last_before": "effects on the treated by event time, against event time -1",
    "all_before": "effects on the treated by event time, against all time before treatment",
}


def study(arms: Arms, effects: pd.DataFrame, without: np.ndarray, level: float, base: str) -> EventStudy:
    """The study from its points (logs for ratios) and the points without each cluster.

    Each event time has the degrees of freedom of the clusters that are observed in it.
    """
    scale: Scale = "ratio" if arms.cells.ratio else "difference"
    times, centre = effects["event_time"].to_numpy(), effects["estimate"].to_numpy()
    fixed = (times == -1) & (base == "last_before")  # no effect by construction: take out the rounding too
    centre, without = np.where(fixed, 0.0, centre), np.where(fixed, 0.0, without)
    split = jackknife.parts(centre, without, arms.arm)
    covariance = jackknife.total(split)
    error, clusters = np.sqrt(np.diag(covariance)), _behind(arms, times)
    each = np.eye(len(times))
    df = [jackknife.df_of_few(jackknife.of_sum(split, clusters, one)) for one in each]
    ends = [student.interval(float(c), float(e), d, level) for c, e, d in zip(centre, error, df, strict=True)]
    ends = [(0.0, 0.0) if is_base else end for is_base, end in zip(fixed, ends, strict=True)]
    table = pd.DataFrame({
        "event_time": times,
        "estimate": [back(float(c), scale) for c in centre],
        "low": [back(low, scale) for low, _ in ends],
        "high": [back(high, scale) for _, high in ends],
        "std_error": np.where(np.isfinite(error), error, np.nan),
        "n_units": effects["n_units"],
    })  # fmt: skip
    over = counted(len(arms.arm), arms.cluster_noun)
    arms = arms.say(*_mix_said(effects["n_units"].to_numpy()))
    return EventStudy(
        table, pd.DataFrame(covariance, index=times, columns=times), scale, level, base,
        f"{HOW[base]}; jackknife over {over} (CR3)", WHAT[base],
        len(arms.units), int(arms.treated_units.sum()), split, arms.cautions, clusters,
    )  # fmt: skip


def _behind(arms: Arms, times: np.ndarray) -> tuple[np.ndarray, ...]:
    """For each arm, how many of its clusters have a treated unit observed at each event time; all of the comparison's.

    Where no cluster is comparison throughout, the arms cannot be told apart, and all are counted.
    """
    event_time = arms.ordinals - np.where(arms.treated_units, arms.start, np.nan)[:, None]
    there = [((event_time == time) & (arms.cells.weight > 0)).any(axis=1) for time in times]
    seen = np.array([np.bincount(arms.cluster[own], minlength=len(arms.arm)) > 0 for own in there])
    codes = np.unique(arms.arm)
    whole = [np.full(len(times), (arms.arm == a).sum()) for a in codes]
    if codes[0] != 0:
        return tuple(whole)
    return (whole[0], *((seen & (arms.arm == a)).sum(axis=1) for a in codes[1:]))


def gaps_said(arms: Arms, missing: np.ndarray) -> tuple[str, ...]:
    """A caution that lists event times that could not be estimated."""
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

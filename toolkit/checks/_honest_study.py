"""What an honest interval asks of an event study: one base, no gaps, and changes before the start to judge by."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from toolkit.display import figure
from toolkit.estimate import Estimate, EventStudy
from toolkit.numerics import student
from toolkit.numerics.honest_relative import Slopes
from toolkit.validate import DesignError, counted, kind, listed, one_per_row, whole

_FEW_CHANGES, _MANY_DF = 3, 40
_NOISE = (
    "The changes of the gap before the start are no larger than chance makes them, and the allowance is a multiple of "
    "the largest: the interval is wide because periods are noisy. Longer ones (panel.collapse) say more of trends."
)


@dataclass(frozen=True)
class Asked:
    """A study that can answer, the weights of its effect (one per row), and its changes between event times."""

    study: EventStudy
    weights: np.ndarray
    slopes: Slopes
    original: Estimate
    df: float

    @property
    def error(self) -> float:
        """The standard error of the effect if trends were parallel."""
        return self.original.std_error

    @property
    def largest(self) -> float:
        """The estimated change before the start that is furthest from none, on the scale of the covariance."""
        before = self.slopes.change[: self.slopes.before]
        return float(before[np.abs(before).argmax()])

    def df_of(self, on_changes: np.ndarray) -> float:
        """Degrees of freedom of a weighted sum of the changes."""
        weights = np.zeros(len(self.weights))
        weights[: len(on_changes) + 1] = -np.diff(on_changes, prepend=0.0, append=0.0)
        return self.study.df(weights)

    def plain(self, small_sample: bool) -> tuple[float, float]:
        """The effect's interval if trends were parallel, on the scale of the covariance."""
        effect = float(self.weights @ np.where(self.weights != 0, self.study.points, 0.0))
        return student.interval(effect, self.error, self.df if small_sample else math.inf, self.study.level)


def weights_of(study: Any, first: Any, last: Any, weights: Any) -> np.ndarray:
    """One weight per row of the study's effects, zero before the start."""
    if not isinstance(study, EventStudy):
        raise DesignError(
            f"sensitivity.honest needs an EventStudy, not {kind(study)}: did.event_study makes one."
        )
    times = study.effects["event_time"].to_numpy()
    if weights is None:
        return _average(times, first, last)
    if first is not None or last is not None:
        raise DesignError("Give either weights= or first= and last=: both say which effect is meant.")
    weights = one_per_row(weights, len(times))
    if (weights[times < 0] != 0).any() or not weights.any():
        wrong = listed(times[(times < 0) & (weights != 0)])
        what = f"weights= has some at event times {wrong}" if wrong else "weights= are all zero"
        raise DesignError(f"{what}: an effect is made of event times from 0 on.")
    return weights


def _average(times: np.ndarray, first: Any, last: Any) -> np.ndarray:
    first = 0 if first is None and last is None else last if first is None else first
    first = whole(first, "first")
    last = first if last is None else whole(last, "last", least=first)
    chosen = (times >= first) & (times <= last)
    missing = set(range(first, last + 1)) - set(times.tolist())
    if missing:
        raise DesignError(
            f"The study has no event times {listed(sorted(missing))}: it runs from {times[0]} to {times[-1]}."
        )
    return chosen / chosen.sum()


def ready(study: EventStudy, weights: np.ndarray) -> Asked:
    """The study with its changes between neighbouring event times, up to the last that the effect rests on."""
    times = study.effects["event_time"].to_numpy()
    _same_base(study, times)
    used = int(np.flatnonzero(weights)[-1]) + 1
    covariance = study.covariance.to_numpy()[:used, :used]
    _estimated(study.points[:used], covariance, times[:used])
    differences, start = np.diff(np.eye(used), axis=0), int(np.flatnonzero(times == 0)[0])
    change = differences @ study.points[:used]
    spread = differences @ covariance @ differences.T
    later = np.cumsum(weights[start:used][::-1])[::-1]
    original = study.combine(weights, _estimand(weights, times, study))
    asked = Asked(study, weights, Slopes(change, spread, later), original, study.df(weights))
    if not asked.error > 0 or not np.diag(spread)[: start - 1].any():
        raise DesignError("All units moved alike, so there is no error to judge changes of the gap by.")
    if not asked.df > 0:
        raise DesignError("The effect rests on one cluster alone, so nobody can say how sure it is.")
    return asked


def said(asked: Asked, relative: bool, small_sample: bool) -> tuple[str, ...]:
    """What limits the claim beyond the study's own cautions."""
    found, before = [], asked.slopes.before
    if relative and not _beyond_chance(asked):
        found.append(_NOISE)
    if before < _FEW_CHANGES:
        changes = counted(before, "change")
        found.append(
            f"Only {changes} of the gap before the start to judge by: how far trends can part is hardly known."
        )
    if not small_sample and asked.df < _MANY_DF:
        found.append(
            f"The covariance is taken as known, with {figure(asked.df)} degrees of freedom behind it: with few areas "
            "such intervals cover too little."
        )
    return tuple(found)


def _beyond_chance(asked: Asked) -> bool:
    """Whether some change before the start is larger than the largest of so many would be by chance (Bonferroni)."""
    before = asked.slopes.before
    errors = np.sqrt(np.diag(asked.slopes.covariance)[:before])
    with np.errstate(divide="ignore", invalid="ignore"):
        furthest = np.nanmax(np.abs(asked.slopes.change[:before]) / errors)
    return bool(furthest > stats.t.isf((1 - asked.study.level) / 2 / before, asked.df))


def _estimand(weights: np.ndarray, times: np.ndarray, study: EventStudy) -> str:
    chosen = weights != 0
    if chosen.sum() == 1 and weights[chosen][0] == 1:
        return f"effect on the treated at event time {times[chosen][0]}, {study.against}"
    held = f"event times {times[chosen][0]} to {times[chosen][-1]}"
    kind_of = "average" if np.ptp(weights[chosen]) == 0 and np.isclose(weights.sum(), 1) else "weighted"
    return f"{kind_of} effect on the treated over {held}, {study.against}"


def _same_base(study: EventStudy, times: np.ndarray) -> None:
    if study.base != "last_before":
        raise DesignError(
            f"sensitivity.honest needs effects against one period, and this study has base={study.base!r}: "
            "make it with did.event_study(..., base='last_before'), or of staggered.att_gt(..., base='universal') "
            "without anticipation."
        )
    if not (times == -2).any():
        raise DesignError(
            "Trends after the start are judged by those before it, and the study has no event time -2: use leads of at "
            "least 2, better 4 or more."
        )


def _estimated(points: np.ndarray, covariance: np.ndarray, times: np.ndarray) -> None:
    gaps = set(range(int(times[0]), int(times[-1]) + 1)) - set(times.tolist())
    if gaps:
        raise DesignError(
            f"The study has no event times {listed(sorted(gaps))}, so changes from one to the next cannot be followed: "
            "use fewer leads, or longer periods (panel.collapse(by='quarter'))."
        )
    unsure = ~(np.isfinite(points) & np.isfinite(np.diag(covariance)))
    if unsure.any():
        raise DesignError(
            f"The effects at event times {listed(times[unsure])} rest on no incidents, or on those of one area alone. "
            "Use longer periods (panel.collapse(by='quarter')), fewer leads, or scale='difference'."
        )

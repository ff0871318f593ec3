"""The titles that pictures begin with: what each one found, in words, computed from what it draws."""

from __future__ import annotations

import numpy as np

from toolkit.estimate import Counterfactual, Estimate, EventStudy
from toolkit.panel import Panel
from toolkit.report import words
from toolkit.report._phrases import between, change_and_joint, clause, opening
from toolkit.validate import counted, plural

_BEFORE = {
    "all_before": "all the time before it",
    "before_anticipation": "the last period before its anticipation",
}


def of_series(panel: Panel) -> str:
    """How each arm's total changed where counts have one start, else who is drawn."""
    frame, unit = panel.frame, panel.labels["unit"].replace("_", " ")
    outcome = opening(panel.labels["outcome"].replace("_", " "))
    arms = dict(frame.groupby("ever_treated")["unit"].nunique())
    if len(arms) == 1:
        return f"{outcome} in {counted(sum(arms.values()), unit)}"
    changes = _changes(panel)
    if changes is None:
        return f"{outcome} in {arms[True]:,} treated and {arms[False]:,} comparison {plural(unit)}"
    return f"{outcome} {changes[0]} in treated and {changes[1]} in comparison {plural(unit)}"


def of_event_study(study: EventStudy) -> str:
    """The average from the start on; the points' own bars show how sure it is."""
    times = study.effects["event_time"]
    if times.max() < 0:
        return "Differences before the programme started"
    average = study.average(0, int(times.max()))
    change, joint = change_and_joint(average)
    before = _BEFORE.get(study.base, "the last period before it")
    return f"Against the comparison, on average {change}\nafter the start {joint} in {before}"


def of_counterfactual(c: Counterfactual) -> str:
    """How far what was observed lies from what was expected, with the interval."""
    change, joint = change_and_joint(c.effect)
    return f"Observed was {change} {joint} expected\n{_how_sure(c.effect)}"


def of_forest(found: dict[str, Estimate]) -> str:
    """The range of the answers, or the only one."""
    ranked = sorted((e for e in found.values() if not np.isnan(e.value)), key=lambda e: e.value)
    if not ranked:
        return "No answer could be estimated"
    lowest, highest = words.change(ranked[0]), words.change(ranked[-1])
    if lowest == highest:
        return f"{'Every answer is' if len(ranked) > 1 else 'The answer is'} {lowest}"
    return f"Answers run from {lowest} to {highest}"


def _how_sure(estimate: Estimate) -> str:
    also = ", also fits no change" if words.consistent_with_no_change(estimate) else ""
    return f"({clause(estimate, between(estimate))}{also})"


def _changes(panel: Panel) -> tuple[str, str] | None:
    """From before the start to after it, treated then comparison; None where a percentage would mislead.

    A measurement that is no count (a log, a score) has no percentage worth the name, and several starts
    have no one before and after for the comparison units.
    """
    frame = panel.frame
    outcome = frame["outcome"].to_numpy(dtype=float)
    after = frame["event_time"].ge(0).groupby(frame["period"]).any()
    counts = bool((outcome >= 0).all() and (outcome % 1 == 0).all())
    if not counts or len(panel.cohorts) != 1 or after.nunique() != 2:
        return None
    sums = frame.assign(per=frame.get("exposure", 1.0), after=frame["period"].map(after)).groupby(
        ["ever_treated", "after"]
    )
    rates = dict(sums["outcome"].sum() / sums["per"].sum())
    if len(rates) < 4 or min(rates.values()) <= 0:
        return None
    return _moved(rates[True, True] / rates[True, False]), _moved(rates[False, True] / rates[False, False])


def _moved(ratio: float) -> str:
    points = abs(100 * (ratio - 1))
    if points < 0.5:
        return "moved less than 1%"
    return f"{'fell' if ratio < 1 else 'rose'} {points:,.0f}%"

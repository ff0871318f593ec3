"""Which answers the report can tell: an Estimate, or a Counterfactual by its overall effect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from toolkit.estimate import POINTS, Counterfactual, Estimate, EventStudy, merged
from toolkit.validate import DesignError, kind, shown

Answer = Estimate | Counterfactual


def one(answer: Any, asked: str) -> Estimate:
    """The Estimate to tell, with every caution, in percentage points where it is between two proportions.

    ``asked`` is who asks, for the message.
    """
    return _in_points(_checked(answer, asked))


def _checked(answer: Any, asked: str) -> Estimate:
    if isinstance(answer, Counterfactual):
        return replace(answer.effect, cautions=merged(answer.effect.cautions, answer.cautions))
    if isinstance(answer, EventStudy):
        last = answer.effects["event_time"].max()
        advice = f"Give it one of them, such as study.average(0, {last})."
        raise DesignError(
            f"{asked} tells one effect, and an EventStudy holds {len(answer.effects)}. {advice}"
        )
    if not isinstance(answer, Estimate):
        raise DesignError(f"{asked} needs an Estimate or a Counterfactual, not {kind(answer)}.")
    return answer


def _in_points(estimate: Estimate) -> Estimate:
    """A difference between two proportions times 100; anything else as it is."""
    if estimate.unit != POINTS:
        return estimate
    value, low, high = (100 * end for end in (estimate.value, estimate.low, estimate.high))
    return replace(estimate, value=value, low=low, high=high)


def named(answers: Mapping[str, Answer] | pd.DataFrame, asked: str) -> dict[str, Estimate]:
    """The answers by name, each as an Estimate on its own scale; of a frame, its rows by their first column."""
    if isinstance(answers, pd.DataFrame):
        return _rows(answers, asked)
    if not isinstance(answers, Mapping) or not answers:
        given = "an empty one" if isinstance(answers, Mapping) else kind(answers)
        raise DesignError(f"{asked} needs a dict of names to estimates, not {given}.")
    return {str(name): _checked(answer, f"{asked}, at {str(name)!r},") for name, answer in answers.items()}


def _rows(frame: pd.DataFrame, asked: str) -> dict[str, Estimate]:
    """Rows of a check (``leave_one_out``, ``in_time``, ``in_space``): a name, and an Estimate's columns."""
    fields = [name for name in Estimate.__dataclass_fields__ if name in frame]
    if frame.empty or not {"value", "low", "high", "scale"} <= set(fields):
        raise DesignError(f"{asked} needs rows with the columns of an Estimate, as the checks give them.")
    found = {}
    for name, row in zip(frame.iloc[:, 0].map(shown), frame[fields].to_dict("records"), strict=True):
        said = str(row.get("cautions", ""))
        found[name] = Estimate(**{str(k): v for k, v in row.items()} | {"cautions": (said,) if said else ()})
    return found

"""Checks that apply a method many times: its answer each time, or the reason why it gives none."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from toolkit.estimate import Estimate
from toolkit.panel import Panel
from toolkit.validate import DesignError, kind, quoted

Method = Callable[[Panel], Estimate]


def require_method(method: Any) -> None:
    """Raise unless ``method`` can be called."""
    if not callable(method):
        raise DesignError(
            f"method={quoted(method)} must be a function from a Panel to an Estimate, such as did.att."
        )


def first(method: Method, panel: Panel) -> Estimate:
    """The method's answer on the panel as it is; raise where that is no Estimate."""
    answer = method(panel)
    if not isinstance(answer, Estimate):
        raise DesignError(
            f"The method must give an Estimate, such as did.att does, and it gave {kind(answer)}."
        )
    return answer


def answer(method: Method, panel: Panel, real: Estimate) -> Estimate:
    """The method's answer; where it refuses, one like the ``real`` one without numbers, the reason as its caution."""
    try:
        return method(panel)
    except DesignError as error:
        gap = math.nan
        return replace(real, value=gap, low=gap, high=gap, std_error=gap, p_value=gap, n_units=len(panel.units),
                       cautions=(f"No answer: {error}",))  # fmt: skip


def away(value: float, scale: str) -> float:
    """How far from no change: the absolute log of a ratio (infinite for 0), or the absolute difference."""
    if scale == "difference":
        return abs(value)
    return abs(math.log(value)) if 0 < value < math.inf else math.nan if math.isnan(value) else math.inf

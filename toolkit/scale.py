"""The two scales of an effect, and the ways between the reader's scale and that of inference."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

Scale = Literal["ratio", "difference"]
POINTS = "percentage points"  # the unit of a difference between two proportions


def back(number: float, scale: Scale) -> float:
    """From the scale of inference to the reader's: logs become ratios."""
    if scale == "difference":
        return number
    return math.exp(number) if number < 700 else math.inf


def forth(numbers: np.ndarray, scale: Scale) -> np.ndarray:
    """From the reader's scale to that of inference: ratios become logs, and none becomes minus infinity."""
    if scale == "difference":
        return numbers
    with np.errstate(divide="ignore"):
        return np.log(numbers)

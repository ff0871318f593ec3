"""The two scales of an effect, and the way back from the scale of inference to the reader's."""

from __future__ import annotations

import math
from typing import Literal

Scale = Literal["ratio", "difference"]
POINTS = "percentage points"  # the unit of a difference between two proportions


def back(number: float, scale: Scale) -> float:
    """From the scale of inference to the reader's: logs become ratios."""
    if scale == "difference":
        return number
    return math.exp(number) if number < 700 else math.inf

"""The least number at which something begins to hold."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

_LEVELS, _HALVINGS = 33, 27


def least(holds: Callable[[np.ndarray], np.ndarray], top: float) -> float:
    """The least number from 0 to ``top``, where it holds for sure, at which ``holds`` is true; 0 if it is there.

    What holds only between two of 33 evenly spaced numbers, and not at them, is not seen.
    """
    if holds(np.zeros(1))[0]:
        return 0.0
    steps = np.linspace(0.0, top, _LEVELS)
    held = np.append(holds(steps[1:-1]), True)
    found = int(held.argmax()) + 1
    low, high = float(steps[found - 1]), float(steps[found])
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if holds(np.array([middle]))[0] else (middle, high)
    return high

"""How often intervals of short series held the truth in simulation, and the caution that says so."""

from __future__ import annotations

from toolkit.estimate import Scale
from toolkit.validate import counted

# Periods fitted, then the lowest and the highest share of 95% intervals that held the truth, over level change, slope
# change and overall effect, autocorrelation 0 to 0.6, early and late starts: data/derived/benchmark_interrupted.csv.
COVERED: dict[Scale, dict[int, tuple[float, float]]] = {
    "ratio": {12: (0.95, 0.97), 24: (0.93, 0.98), 36: (0.93, 0.98)},
    "difference": {12: (0.92, 0.98), 24: (0.93, 0.98), 36: (0.93, 0.97)},
}
LONG = 48
# The same for slope changes of counts in series of 48 and of 96 months, the start at two thirds.
LATE = (0.96, 0.97)


def caution(fitted: int, scale: Scale, noun: str) -> tuple[str, ...]:
    """What was simulated for series as short as this one; nothing from 48 periods on."""
    if fitted >= LONG:
        return ()
    nearest = max(n for n in COVERED[scale] if n <= max(fitted, min(COVERED[scale])))
    low, high = COVERED[scale][nearest]
    return (
        f"A short series: only {counted(fitted, noun)}. In simulated series of {nearest}, intervals meant to "
        f"hold the truth in 95% of series held it in {100 * low:.0f}% to {100 * high:.0f}% of them",
    )


def late(before: int, after: int) -> tuple[str, ...]:
    """What was simulated for the slope change of counts where a third or less of a long series is after the start."""
    if before + after < LONG or before < 2 * after:
        return ()
    low, high = LATE
    return (
        "The start is late: in simulated series with a start at two thirds, intervals of the slope change meant to "
        f"hold the truth in 95% of series held it in {100 * low:.0f}% to {100 * high:.0f}% of them, so this one "
        "is a little wider than need be",
    )

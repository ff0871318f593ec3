"""How often real series without a programme seemed to have one, and the caution that says so."""

from __future__ import annotations

# The months of a series, then the lowest and the highest share of ward series, by kind of crime, in which the effect
# at the 95% level excluded no change though nothing was done: data/derived/placebo_interrupted.csv.
ALARMS: dict[str, dict[int, tuple[float, float]]] = {
    "autocorrelated": {48: (0.06, 0.155), 84: (0.085, 0.5)},
    "newey_west": {48: (0.19, 0.315), 84: (0.25, 0.74)},
    "independent": {48: (0.16, 0.235), 84: (0.235, 0.71)},
}


def caution(fitted: int, errors: str) -> str:
    """What a series without a comparison cannot say, and how often that misled in real series about as long."""
    months = max(n for n in ALARMS[errors] if n <= max(fitted, min(ALARMS[errors])))
    low, high = ALARMS[errors][months]
    return (
        "No comparison series: anything else that changed at the time is in it, and of real ward series of "
        f"{months} months in which nothing was done, {100 * low:.0f}% to {100 * high:.0f}%, by kind of crime, "
        "showed a made-up effect where 5% should"
    )

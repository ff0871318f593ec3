"""How simulated counts behave, calibrated to real records, and the rules that choose treated areas."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from toolkit.validate import DesignError, quoted, whole

LARGEST = 1e15  # expected counts beyond this cannot be drawn


def require(holds: bool, message: str) -> None:
    """Raise the message as a DesignError unless the condition holds."""
    if not holds:
        raise DesignError(message)


def number(value: object, name: str, such_as: str) -> float:
    """The value as a finite float."""
    if (
        isinstance(value, (int, float, np.integer, np.floating))
        and not isinstance(value, bool)
        and -LARGEST < value < LARGEST
    ):
        return float(value)
    raise DesignError(f"{name}={quoted(value)} must be a number, such as {such_as}.")


@dataclass(frozen=True, kw_only=True)
class Setting:
    """How the counts of one kind of incident behave in one kind of area.

    A count is negative binomial around level x season x trend x drift, each area with its own level and drift.

    Parameters
    ----------
    mean : float
        Incidents per area and month, on average over areas and a calendar year, before any trend.
    spread : float
        Standard deviation of the log level between areas (levels are log-normal).
    season : tuple of 12 floats
        Relative level in January to December; only the proportions matter.
    drift : float
        Standard deviation of an area's slow wandering about its level, on the log scale: a stationary AR(1).
    persistence : float
        The share of the drift carried from one month to the next, from 0 up to (not including) 1.
    dispersion : float
        NB2 alpha: month-to-month variance is mean + alpha x mean squared. 0 is Poisson.
    trend : float
        Change a year common to all areas: -0.05 is a fall of 5% a year.
    population : tuple of (smallest, largest), optional
        Gives each area a constant population, uniform between the two, as an exposure, and a level in
        proportion to it.

    Raises
    ------
    DesignError
        If a value is impossible (a negative mean, persistence of 1, eleven seasons).

    Examples
    --------
    >>> from dataclasses import replace
    >>> from toolkit import simulate
    >>> falling = replace(simulate.ASB_LSOA, trend=-0.05)
    >>> falling.mean
    7.26
    """

    mean: float
    spread: float
    season: tuple[float, ...]
    drift: float
    persistence: float
    dispersion: float
    trend: float = 0.0
    population: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        require(np.isfinite(self.mean) and self.mean > 0, f"mean={self.mean!r} must be above zero.")
        for name in ("spread", "drift", "dispersion"):
            value = getattr(self, name)
            require(np.isfinite(value) and value >= 0, f"{name}={value!r} must be zero or more.")
        require(
            0 <= self.persistence < 1, f"persistence={self.persistence!r} must be at least 0 and below 1."
        )
        require(
            np.isfinite(self.trend) and self.trend > -1,
            f"trend={self.trend!r} must be above -1 (-100% a year).",
        )
        require(
            len(self.season) == 12 and all(np.isfinite(s) and s > 0 for s in self.season),
            "season must hold 12 numbers above zero, January to December; it holds "
            f"{len(self.season)}: {self.season}.",
        )
        if self.population is not None:
            low, high = self.population
            require(
                0 < low <= high,
                f"population={self.population!r} must be (smallest, largest), both above zero.",
            )


ASB_LSOA = Setting(
    mean=7.26,
    spread=0.82,
    season=(0.82, 0.84, 1.01, 1.06, 1.14, 1.05, 1.23, 1.19, 0.96, 1.00, 0.91, 0.78),
    drift=0.22,
    persistence=0.85,
    dispersion=0.05,
)
"""Anti-social behaviour by LSOA and month.

Calibrated to Northumbria Police's street files, June 2013 to June 2014 (data.police.uk, Open Government Licence
v3.0): 916 LSOAs, mean 7.26, 7.4% zeros, dispersion within LSOA 1.56, peak to trough 1.58. Thirteen months say
little about slow drift, so the contrast of one year with the next is held to the Metropolitan wards' (London
Datastore). data/derived/calibration_asb.csv sets simulated beside real.
"""

VIOLENCE_WARD = Setting(
    mean=22.9,
    spread=0.54,
    season=(0.97, 0.92, 1.05, 0.93, 1.03, 1.02, 1.07, 0.99, 0.98, 1.03, 1.00, 1.00),
    drift=0.07,
    persistence=0.90,
    dispersion=0.013,
)
"""Violence against the person by ward and month.

Calibrated to the Metropolitan Police's ward counts, April 2015 to March 2017 (London Datastore, Open Government
Licence): 678 wards, mean 22.9, dispersion within ward 1.39, dispersion of one year against the next 1.7.
data/derived/calibration_violence.csv sets simulated beside real.
"""


@dataclass(frozen=True, kw_only=True)
class Worst:
    """Treat areas because they were bad: the rule that plants regression to the mean.

    Areas are ranked on their count over the ``on`` months that end ``gap`` months before the (first) start. The
    worst ``eligible`` meet the rule, and ``n`` of them, drawn at random, are treated.

    Parameters
    ----------
    n : int
        Areas treated.
    on : int
        Months counted.
    gap : int
        Months between the last month counted and the start, for deciding and recruiting.
    eligible : int, optional
        Areas that meet the rule; ``n`` itself where missing, so that all of them are treated.

    Examples
    --------
    >>> from toolkit import simulate
    >>> frame, truth = simulate.panel(treated=simulate.Worst(n=5, on=3, eligible=10), seed=1)
    >>> len(truth.eligible), set(truth.treated) <= set(truth.eligible)
    (10, True)
    """

    n: int
    on: int
    gap: int = 0
    eligible: int | None = None

    def __post_init__(self) -> None:
        whole(self.n, "n", 1)
        whole(self.on, "on", 1)
        whole(self.gap, "gap", 0)
        if self.eligible is not None:
            whole(self.eligible, "eligible", self.n)


def ramp(full: float, *, over: int) -> tuple[float, ...]:
    """An effect that grows by equal steps until it is full in month number ``over``: for ``rate_ratio``.

    Parameters
    ----------
    full : float
        The rate ratio in the end.
    over : int
        Months to get there.

    Returns
    -------
    tuple of ``over`` floats, by event time from 0.

    Examples
    --------
    >>> from toolkit import simulate
    >>> simulate.ramp(0.8, over=4)
    (0.95, 0.9, 0.85, 0.8)
    """
    over = whole(over, "over", 1)
    return tuple(round(1 + (full - 1) * (step + 1) / over, 12) for step in range(over))

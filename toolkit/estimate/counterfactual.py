"""Counterfactual: a series and what was expected of it; Segmented: one series against its own trend."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from toolkit import display
from toolkit.display import as_html, figure, rounded
from toolkit.estimate.estimate import Estimate


@dataclass(frozen=True, eq=False)
class Counterfactual:
    """What was observed, what would have happened, and the effect that is the gap between them.

    Attributes
    ----------
    series : DataFrame
        ``period observed expected low high`` for the treated units: totals of counts on the ratio scale, means
        on the difference scale. ``low`` and ``high`` bound what would have been observed with no effect.
        Before treatment ``expected`` is the treated baseline spread by the comparison's shares, never a fit.
    effect : Estimate
        Over all treated periods.
    prevented : Estimate
        Incidents prevented: observed x (1/ratio - 1), or a difference x the periods or exposure it is per, mapped
        through the effect's interval, so that it excludes 0 exactly when the effect's interval excludes no change.
    treated_from : tuple
        The first treated period of each cohort, for the picture.
    measure : str
        What a single series counts or measures, for the picture; empty for units added up.

    Examples
    --------
    >>> from toolkit import did, simulate, Panel
    >>> frame, truth = simulate.panel(units=20, periods=12, treated=10, first="2023-01", treated_from="2023-07")
    >>> panel = Panel.of(frame, unit="unit", period="period", outcome="count", treated_from="treated_from")
    >>> list(did.counterfactual(panel).series.columns)
    ['period', 'observed', 'expected', 'low', 'high']
    """

    series: pd.DataFrame
    effect: Estimate
    prevented: Estimate
    treated_from: tuple[object, ...] = ()
    cautions: tuple[str, ...] = field(default=())
    measure: str = ""

    def to_frame(self) -> pd.DataFrame:
        """A copy of ``series``."""
        return self.series.copy()

    def __str__(self) -> str:
        saved = self.prevented
        words = f"prevented {display.value_figure(saved.value)} ({figure(saved.low)} to {figure(saved.high)})"
        return f"{self.effect}\n{words}; {len(self.series)} periods drawn"

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return as_html(str(self)) + rounded(self.series).to_html(index=False)


@dataclass(frozen=True, eq=False, kw_only=True)
class Segmented(Counterfactual):
    """A Counterfactual of one series against its own trend, with the change split into a step and a bend.

    Attributes
    ----------
    level_change : Estimate
        At the first period with the programme.
    slope_change : Estimate
        Per period, counted from the start: a ratio of 0.99 is a trend that falls 1% a period more than before.
        All NaN where ``slope=False``, because none is estimated then.
    autocorrelation : float
        Of neighbouring periods, about the model: the average over what the data bear out; NaN where not estimated.
    dispersion : float
        How many times more the counts vary than chance allows; NaN on the difference scale.
    gaps : tuple of (first, last)
        Phase-in and excluded periods: in the picture, and not in the fit.
    """

    level_change: Estimate
    slope_change: Estimate
    autocorrelation: float
    dispersion: float
    gaps: tuple[tuple[object, object], ...] = ()

    def __str__(self) -> str:
        parts = (("level change", self.level_change), ("slope change per period", self.slope_change))
        lines = [f"{name}: {str(part).partition(chr(10))[0]}" for name, part in parts]
        return "\n".join([super().__str__(), *lines])

    __repr__ = __str__

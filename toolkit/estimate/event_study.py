"""EventStudy: effects by event time, with their covariance."""

from __future__ import annotations

import html
import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from toolkit.display import caution_html, rounded
from toolkit.estimate.estimate import Estimate
from toolkit.numerics.jackknife import Parts, df_of_few, of_sum
from toolkit.numerics.student import interval, two_sided
from toolkit.scale import Scale, back, forth
from toolkit.validate import DesignError, one_per_row, whole

_AGAINST = {
    "last_before": "against event time -1",
    "all_before": "against all time before treatment",
    "before_anticipation": "against the last period before the start and its anticipation",
    "period_before": "from the start on against the last period before it, and before that each against the one before",
}


@dataclass(frozen=True, eq=False)
class EventStudy:
    """Effects by event time, with their covariance, so that averages and joint tests can be made.

    Attributes
    ----------
    effects : DataFrame
        One row per event time: ``event_time estimate low high std_error n_units``; ratios on the ratio scale.
        Event time 0 is the first treated period and -1 the last before it. Of group-time effects also ``band_low
        band_high``, which hold all effects at once.
    covariance : DataFrame
        Of the estimates (of their logs on the ratio scale), labelled by event time.
    base : str
        ``"last_before"``: every effect is against event time -1, which is exactly no effect. ``"all_before"``: effects
        from the start on are against all untreated time, and those before it against the time before the first of them.
        Of group-time effects also ``"before_anticipation"``: against the last period before the start and its
        anticipation; and ``"period_before"``: from the start on against the last period before it, and before it each
        period against the one before, which makes no path.
    parts : tuple of (int, ndarray)
        The covariance split by arm, each with its number of clusters: what degrees of freedom need.
    clusters : tuple of ndarray
        For each arm in ``parts``, how many of its clusters stand behind each event time; all of them if empty.

    Examples
    --------
    >>> from toolkit import did, simulate, Panel
    >>> frame, truth = simulate.panel(units=20, periods=12, treated=10, first="2023-01", treated_from="2023-07")
    >>> panel = Panel.of(frame, unit="unit", period="period", outcome="count", treated_from="treated_from")
    >>> study = did.event_study(panel, leads=3, lags=2)
    >>> list(study.effects["event_time"])
    [-3, -2, -1, 0, 1, 2]
    >>> study.average(0, 2).scale
    'ratio'
    """

    effects: pd.DataFrame
    covariance: pd.DataFrame
    scale: Scale
    level: float
    base: str
    method: str
    estimand: str
    n_units: int
    n_treated: int
    parts: Parts
    cautions: tuple[str, ...] = ()
    clusters: tuple[np.ndarray, ...] = ()

    def average(self, first: int, last: int) -> Estimate:
        """The average effect from event time ``first`` to ``last``, inclusive (of logs on the ratio scale)."""
        times = self.effects["event_time"].to_numpy()
        first, last = whole(first, "first", least=times[0]), whole(last, "last", least=first)
        chosen = (times >= first) & (times <= last)
        if not chosen.any():
            raise DesignError(
                f"No event time from {first} to {last}: the study runs from {times[0]} to {times[-1]}."
            )
        held = f"{times[chosen][0]} to {times[chosen][-1]}"
        words = f"average effect on the treated over event times {held}, {self.against}"
        return self.combine(chosen / chosen.sum(), words)

    def combine(self, weights: np.ndarray, estimand: str) -> Estimate:
        """A weighted sum of the effects (of their logs on the ratio scale), one weight per row of ``effects``."""
        weights = one_per_row(weights, len(self.effects))
        used, spreads = weights != 0, of_sum(self.parts, self.clusters, weights)
        centre = float(weights[used] @ self.points[used])
        error = math.sqrt(max(sum(v for _, v in spreads), 0.0)) if np.isfinite(centre) else math.nan
        low, high = interval(centre, error, df_of_few(spreads), self.level)
        p_value = two_sided(centre, error, df_of_few(spreads))
        value, low, high = (back(x, self.scale) for x in (centre, low, high))
        return Estimate(value, low, high, error, p_value, estimand, self.method, self.scale, self.level,
                        self.n_units, self.n_treated, self.cautions)  # fmt: skip

    @property
    def against(self) -> str:
        """What the effects are against, in words."""
        return _AGAINST[self.base]

    def df(self, weights: np.ndarray) -> float:
        """Welch-Satterthwaite degrees of freedom of a weighted sum of the effects."""
        return df_of_few(of_sum(self.parts, self.clusters, weights))

    @property
    def points(self) -> np.ndarray:
        """The estimates on the scale of the covariance: logs of ratios, or differences."""
        return forth(self.effects["estimate"].to_numpy(dtype=float), self.scale)

    def to_frame(self) -> pd.DataFrame:
        """A copy of ``effects``."""
        return self.effects.copy()

    def __str__(self) -> str:
        lines = [f"{self.estimand}; {self.method}", rounded(self.effects).to_string(index=False)]
        return "\n".join(lines + [f"Caution: {caution}" for caution in self.cautions])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head = f"<p>{html.escape(self.estimand)}; {html.escape(self.method)}</p>"
        return head + rounded(self.effects).to_html(index=False) + caution_html(self.cautions)

"""GroupTime: the effect on each cohort in each period, and what its averages are made of."""

from __future__ import annotations

import html
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from toolkit.display import caution_html, rounded
from toolkit.numerics.group_time import Effects
from toolkit.numerics.judging import Judge
from toolkit.scale import Scale, forth

_SHOWN = 20  # rows printed; the rest is in .effects


@dataclass(frozen=True, eq=False)
class GroupTime:
    """Effects by cohort and period, with their covariance: ``staggered.aggregate`` adds them up.

    Attributes
    ----------
    effects : DataFrame
        One row per cohort and period: ``cohort period event_time estimate std_error low high band_low band_high
        n_units``; ratios on the ratio scale, where ``std_error`` is of the log. ``low`` and ``high`` hold the one
        effect at ``level``, ``band_low`` and ``band_high`` all effects of the table at once.
        ``n_units`` are the cohort's units behind the row.
    covariance : DataFrame
        Of the estimates (of their logs on the ratio scale), labelled by cohort and period.
    base : {"varying", "universal"}
        What effects before the start are against: the period just before, or the same as effects after it.
    comparison : {"never_treated", "not_yet_treated"}
    anticipation : int
        Periods before the start in which units may have changed already.
    inference : {"cluster", "analytic", "multiplier"}
    n_units, n_treated : int
        Units used, and how many of them are treated.
    cells : Effects
        The rows as sums, with how each cluster moves them.
    judge : Judge
        How the rows, and what is made of them, are judged.

    Examples
    --------
    >>> from toolkit import Panel, simulate, staggered
    >>> frame, truth = simulate.panel(units=40, periods=24, treated=16, first="2022-01",
    ...                               treated_from=["2023-01", "2023-07"], seed=1)
    >>> panel = Panel.of(frame, unit="unit", period="period", outcome="count", treated_from="treated_from")
    >>> effects = staggered.att_gt(panel).effects
    >>> len(effects), int((effects["event_time"] >= 0).sum())
    (46, 18)
    """

    effects: pd.DataFrame
    covariance: pd.DataFrame
    scale: Scale
    base: str
    comparison: str
    anticipation: int
    inference: str
    method: str
    estimand: str
    n_units: int
    n_treated: int
    cells: Effects = field(repr=False)
    judge: Judge = field(repr=False)
    cautions: tuple[str, ...] = ()

    @property
    def level(self) -> float:
        """Of the intervals and of the band."""
        return self.judge.level

    @property
    def points(self) -> np.ndarray:
        """The estimates on the scale of the covariance: logs of ratios, or differences."""
        return forth(self.effects["estimate"].to_numpy(dtype=float), self.scale)

    def to_frame(self) -> pd.DataFrame:
        """A copy of ``effects``."""
        return self.effects.copy()

    def __str__(self) -> str:
        lines = [f"{self.estimand}; {self.method}", _shortened(self.effects).to_string(index=False)]
        return "\n".join(
            lines + [*_rest(self.effects), *(f"Caution: {caution}" for caution in self.cautions)]
        )

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head = f"<p>{html.escape(self.estimand)}; {html.escape(self.method)}</p>"
        rest = "".join(f"<p>{line}</p>" for line in _rest(self.effects))
        return head + _shortened(self.effects).to_html(index=False) + rest + caution_html(self.cautions)


def _shortened(effects: pd.DataFrame) -> pd.DataFrame:
    """The rows from the start on, as far as they are shown."""
    return rounded(effects[effects["event_time"] >= 0].head(_SHOWN))


def _rest(effects: pd.DataFrame) -> list[str]:
    """How many rows are not shown."""
    after = int((effects["event_time"] >= 0).sum())
    counts = [(max(0, after - _SHOWN), "more from the start on"), (len(effects) - after, "before the start")]
    told = " and ".join(f"{count:,} {where}" for count, where in counts if count)
    return [f"({told}: see .effects)"] if told else []

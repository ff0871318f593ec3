"""Honest: an effect's interval for trends that parted more and more, and where it first includes no change."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from toolkit.display import caution_html, figure, rounded
from toolkit.estimate.estimate import Estimate
from toolkit.scale import Scale


@dataclass(frozen=True, eq=False)
class Honest:
    """An effect's interval by how far trends are allowed to have differed, and how far the finding stands.

    Attributes
    ----------
    bounds : DataFrame
        One row per allowance, from none on: ``m`` and, in words, ``allowed``; ``low``, ``high`` and ``excludes``,
        whether the interval excludes no change. Ratios on the ratio scale. The first row is ``original``'s
        interval; its ``m`` is 0 where ``kind`` is ``"relative"``, and missing where it is ``"smooth"``, in which 0
        still allows a straight line.
    breakdown : float
        The least ``m`` whose interval includes no change; 0 where none is needed for that.
    original : Estimate
        The effect if trends were parallel.
    kind : {"relative", "smooth"}
        What ``m`` is. ``"relative"``: how many times the largest change of the gap from one period to the next
        before the start a later one may be. ``"smooth"``: by how much such changes may differ from one period to
        the next, in the outcome's units, or in logs on the ratio scale (0.01 is about 1%).
    largest_before : float
        That largest change as estimated: what ``m`` is counted in where ``kind`` is ``"relative"``. A ratio on the
        ratio scale.
    cautions : tuple of str

    Examples
    --------
    >>> from toolkit import Panel, did, sensitivity, simulate
    >>> frame, truth = simulate.panel(units=40, periods=12, treated=20, first="2023-01", treated_from="2023-07",
    ...                               rate_ratio=0.5, seed=1)
    >>> panel = Panel.of(frame, unit="unit", period="period", outcome="count", treated_from="treated_from")
    >>> answer = sensitivity.honest(did.event_study(panel, leads=6, lags=5))
    >>> list(answer.bounds.columns)
    ['m', 'allowed', 'low', 'high', 'excludes']
    """

    bounds: pd.DataFrame
    breakdown: float
    original: Estimate
    kind: Literal["relative", "smooth"]
    largest_before: float
    cautions: tuple[str, ...] = ()

    @property
    def scale(self) -> Scale:
        """The scale of the intervals."""
        return self.original.scale

    @property
    def level(self) -> float:
        """The level of the intervals."""
        return self.original.level

    def to_frame(self) -> pd.DataFrame:
        """A copy of ``bounds``."""
        return self.bounds.copy()

    def _head(self) -> str:
        what = f"{self.original.estimand}, {self.scale} {figure(self.original.value)}"
        if self.breakdown == 0:
            return f"{what}: the interval includes no change with the least that is allowed"
        unit = " times the largest change before" if self.kind == "relative" else ""
        return f"{what}: the interval first includes no change at m = {figure(self.breakdown)}{unit}"

    def _rows(self) -> pd.DataFrame:
        shown = rounded(self.bounds.drop(columns="m"))
        return shown.assign(excludes=shown["excludes"].map({True: "yes", False: "no"})).rename(
            columns={"excludes": "excludes no change"}
        )

    def __str__(self) -> str:
        lines = [self._head(), self._rows().to_string(index=False)]
        return "\n".join(lines + [f"Caution: {caution}" for caution in self.cautions])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return (
            f"<p>{html.escape(self._head())}</p>"
            + self._rows().to_html(index=False)
            + caution_html(self.cautions)
        )

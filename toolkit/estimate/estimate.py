"""Estimate: one number, how sure we are of it, and what limits the claim."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from toolkit import display
from toolkit.display import as_html, p_words
from toolkit.scale import Scale
from toolkit.validate import DesignError


@dataclass(frozen=True)
class Estimate:
    """One number, how sure we are of it, and what limits the claim.

    Attributes
    ----------
    value, low, high : float
        The estimate and its interval: ratios when ``scale`` is ``"ratio"`` (0.82 is an 18% fall), and the
        outcome's own units when it is ``"difference"``. Without a finite bound they are 0 or infinite.
    std_error : float
        Of the log ratio on the ratio scale. NaN where the inference has no standard error (permutation).
    p_value : float
        Two-sided, of no change.
    estimand, method : str
        What is estimated and how, in words; ``method`` names the inference that was used.
    scale : {"ratio", "difference"}
    level : float
        Of the interval, such as 0.95.
    n_units, n_treated : int
        Units used, and how many of them are treated.
    cautions : tuple of str
        What limits the claim; every sentence, table and display prints them.
    compared_with : str
        Ends the sentence "x% lower than ...".
    unit : str
        What a difference counts, for sentences. "percentage points" says that it is between two proportions: the
        numbers here stay between -1 and 1, and the sentence multiplies them by 100.

    Examples
    --------
    >>> from toolkit import did
    >>> effect = did.two_by_two(treated_before=207, treated_after=110, comparison_before=308, comparison_after=318)
    >>> round(effect.value, 4), round(effect.percent, 1)
    (0.5147, -48.5)
    """

    value: float
    low: float
    high: float
    std_error: float
    p_value: float
    estimand: str
    method: str
    scale: Scale
    level: float = 0.95
    n_units: int = 0
    n_treated: int = 0
    cautions: tuple[str, ...] = ()
    compared_with: str = "expected without the programme"
    unit: str = ""

    @property
    def percent(self) -> float:
        """The change in per cent (ratio scale only): -18.0 is a fall of 18%."""
        return 100 * (self._ratio(self.value) - 1)

    @property
    def percent_low(self) -> float:
        """The lower end of the interval in per cent (ratio scale only)."""
        return 100 * (self._ratio(self.low) - 1)

    @property
    def percent_high(self) -> float:
        """The upper end of the interval in per cent (ratio scale only)."""
        return 100 * (self._ratio(self.high) - 1)

    @property
    def null(self) -> float:
        """The value that means no change: 1 for ratios, 0 for differences."""
        return 1.0 if self.scale == "ratio" else 0.0

    def with_cautions(self, *more: str) -> Estimate:
        """The same estimate with further cautions, each said once."""
        return replace(self, cautions=merged(self.cautions, more))

    def to_frame(self) -> pd.DataFrame:
        """One tidy row: the numbers and what they are, the cautions joined by a space."""
        spoken = ("compared_with", "unit")
        row = {name: getattr(self, name) for name in self.__dataclass_fields__ if name not in spoken}
        return pd.DataFrame([{**row, "cautions": " ".join(self.cautions)}])

    def _ratio(self, number: float) -> float:
        if self.scale != "ratio":
            raise DesignError(
                "Only a ratio has a percentage: this estimate is a difference in the outcome's own units."
            )
        return number

    def __str__(self) -> str:
        numbers = display.with_interval(self.value, self.low, self.high, self.level)
        units = display.units_words(self.n_units, self.n_treated)
        head = f"{self.scale} {numbers}, p {p_words(self.p_value)}"
        lines = [head, f"{self.estimand}; {self.method}; {units}"]
        return "\n".join(lines + [f"Caution: {caution}" for caution in self.cautions])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return as_html(str(self))


def merged(*cautions: tuple[str, ...]) -> tuple[str, ...]:
    """Cautions in order, each said once."""
    return tuple(dict.fromkeys(caution for group in cautions for caution in group))

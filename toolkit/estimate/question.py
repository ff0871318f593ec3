"""Test: a yes/no question, its statistic and its p-value."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from toolkit import display
from toolkit.display import as_html, p_words
from toolkit.estimate.estimate import Estimate


@dataclass(frozen=True)
class Test:
    """A yes/no question: the statistic, its degrees of freedom, its p-value, and its null hypothesis in words.

    Examples
    --------
    >>> from toolkit.estimate import Test
    >>> print(Test(statistic=1.2, df=18.0, p_value=0.2457, null="the paths before treatment are parallel"))
    p 0.246 for the null that the paths before treatment are parallel (statistic 1.2, 18 degrees of freedom)
    """

    __test__ = False  # pytest collects classes named Test*; this one is an answer

    statistic: float
    df: float
    p_value: float
    null: str
    method: str = ""
    estimate: Estimate | None = None
    cautions: tuple[str, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """One tidy row."""
        names = ("statistic", "df", "p_value", "null", "method")
        return pd.DataFrame(
            [{name: getattr(self, name) for name in names} | {"cautions": " ".join(self.cautions)}]
        )

    def __str__(self) -> str:
        numbers = f"statistic {display.value_figure(self.statistic)}, {display.degrees(self.df)} of freedom"
        lines = [f"p {p_words(self.p_value)} for the null that {self.null} ({numbers})"]
        return "\n".join(lines + [f"Caution: {caution}" for caution in self.cautions])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return as_html(str(self))

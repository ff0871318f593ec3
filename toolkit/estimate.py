"""The shapes of answer: a number, a path by event time, a series with its counterfactual, a yes/no test."""

from __future__ import annotations

import html
import math
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from toolkit import display
from toolkit.display import as_html, caution_html, figure, p_words, rounded
from toolkit.numerics.jackknife import Parts, df_of_few, of_sum
from toolkit.numerics.student import interval, two_sided
from toolkit.scale import POINTS, Scale, back
from toolkit.validate import DesignError, one_per_row, whole

__all__ = ["POINTS", "Counterfactual", "Estimate", "EventStudy", "Scale", "Segmented", "Test", "back",
           "merged"]  # fmt: skip


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


@dataclass(frozen=True, eq=False)
class EventStudy:
    """Effects by event time, with their covariance, so that averages and joint tests can be made.

    Attributes
    ----------
    effects : DataFrame
        One row per event time: ``event_time estimate low high std_error n_units``; ratios on the ratio scale.
        Event time 0 is the first treated period and -1 the last before it.
    covariance : DataFrame
        Of the estimates (of their logs on the ratio scale), labelled by event time.
    base : str
        ``"last_before"``: every effect is against event time -1, which is exactly no effect. ``"all_before"``: effects
        from the start on are against all untreated time, and those before it against the time before the first of them.
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
        return "against event time -1" if self.base == "last_before" else "against all time before treatment"

    def df(self, weights: np.ndarray) -> float:
        """Welch-Satterthwaite degrees of freedom of a weighted sum of the effects."""
        return df_of_few(of_sum(self.parts, self.clusters, weights))

    @property
    def points(self) -> np.ndarray:
        """The estimates on the scale of the covariance: logs of ratios, or differences."""
        values = self.effects["estimate"].to_numpy(dtype=float)
        with np.errstate(divide="ignore"):
            return np.log(values) if self.scale == "ratio" else values

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


def merged(*cautions: tuple[str, ...]) -> tuple[str, ...]:
    """Cautions in order, each said once."""
    return tuple(dict.fromkeys(caution for group in cautions for caution in group))

"""Regression to the mean: how much change to expect of units that were chosen for a bad spell."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from toolkit.checks._chosen import Chosen
from toolkit.checks._steady import Steady, empirical_bayes, placebo
from toolkit.display import as_html, figure
from toolkit.estimate import Estimate, back
from toolkit.numerics import jackknife, student
from toolkit.panel import Panel
from toolkit.validate import DesignError, counted, level_between, one_of, plural, whole

Kind = Literal["placebo", "empirical_bayes"]
_FEW = 10  # chosen clusters, below which a jackknife leans on assumptions


@dataclass(frozen=True)
class RegressionToMean:
    """The change that was seen, the change to be expected of units chosen so, and what is left.

    Attributes
    ----------
    naive : Estimate
        The chosen units' rate afterwards over their rate in the periods they were chosen on.
    expected : Estimate
        What that ratio would be with nothing done: ``shrinkage`` times ``trend``.
    left : Estimate
        ``naive`` over ``expected``; its interval holds the uncertainty of both.
    shrinkage : float
        The part of the chosen units' rate that lasts: 0.6 if two fifths of it was a bad spell.
    trend : float
        The change in the units that were not chosen, freed from their own return to the mean.

    Examples
    --------
    >>> from toolkit import Panel, regression_to_mean, simulate
    >>> rule = simulate.Worst(n=20, on=1)
    >>> frame, truth = simulate.panel(units=200, treated=rule, treated_from="2023-07", rate_ratio=1, seed=2)
    >>> panel = Panel.of(frame, unit="unit", period="period", outcome="count", treated_from="treated_from")
    >>> answer = regression_to_mean.expected(panel, chosen_on="2023-06")
    >>> list(answer.to_frame()["quantity"])
    ['naive', 'expected', 'left']
    """

    naive: Estimate
    expected: Estimate
    left: Estimate
    shrinkage: float
    trend: float

    def to_frame(self) -> pd.DataFrame:
        """Three tidy rows: ``quantity``, then the columns of ``Estimate.to_frame``."""
        rows = {name: getattr(self, name).to_frame() for name in ("naive", "expected", "left")}
        return pd.concat(rows, names=["quantity"]).reset_index("quantity").reset_index(drop=True)

    def __str__(self) -> str:
        lines = [
            f"{name} {figure(one.value)} ({one.level:.0%} interval {figure(one.low)} to {figure(one.high)})"
            for name, one in (("naive", self.naive), ("expected", self.expected), ("left", self.left))
        ]
        lines.append(
            f"expected = {figure(self.shrinkage)} that lasts x {figure(self.trend)} trend; {self.left.method}"
        )
        return "\n".join(lines + [f"Caution: {caution}" for caution in self.left.cautions])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return as_html(str(self))


def expected(
    panel: Panel,
    *,
    chosen_on: Any,
    after: Any = None,
    kind: Kind = "placebo",
    placebos: int = 12,
    level: float = 0.95,
) -> RegressionToMean:
    """How much of a change was to be expected because units were chosen when they were at their worst.

    Parameters
    ----------
    panel : Panel
        Everybody who could have been chosen: areas, or people. The treated ones are those chosen.
    chosen_on : period or (first, last)
        The periods that the choice was made on, inclusive, before any treatment.
    after : period or (first, last), optional
        What the choice is judged on; all periods in which every chosen unit is treated where missing.
    kind : {"placebo", "empirical_bayes"}
        ``"placebo"``: units at the same places of the ranking at earlier times, when nothing was done, and what
        became of them. ``"empirical_bayes"``: each unit's count in ``chosen_on`` shrunk towards the mean of all,
        by a negative binomial fitted to all; it needs no earlier periods.
    placebos : int
        How many earlier times to try: the latest there are.
    level : float

    Returns
    -------
    RegressionToMean
        ``naive``, ``expected`` and ``left``, each an Estimate on the ratio scale. The intervals are from the
        jackknife of the logs by cluster, in which the shrinkage is found again without each; the choice is not made
        again, because what a unit records later does not depend on it, given what it recorded then.

    Raises
    ------
    DesignError
        Nobody or everybody chosen, periods outside the data, a choice made after the start, negative
        outcomes, no history for a placebo, no counts or fewer than ten units for empirical Bayes.

    Notes
    -----
    Both ask what a unit records later given what it recorded when the choice was made, and hold the chosen and the
    other units against it: left = (observed / expected of the chosen) / (observed / expected of the others). The
    others regress too, upwards, so their plain trend would be too high.

    *Placebo.* At each earlier time the units at the ranks that the chosen hold are followed over as long a lag. On
    average they stood at ``then`` times the mean and came to ``later`` times it. The chosen stand at ``now`` times,
    and are expected to come to 1 + (later - 1) sqrt((now - 1) / (then - 1)). Equal rates share their ranks. Of the
    powers 0, 1/2 and 1 the root left least on average over many ways of choosing Metropolitan wards, where nothing was
    done; 0 did as well a year later in the same months, and better in Northumbrian LSOAs.

    *Empirical Bayes.* With exposure e and count y a unit's rate is (1 / alpha + y) / (1 / (alpha m) + e), where the
    rates of all are gamma with mean m and squared coefficient of variation alpha, both found by moments: the
    weight of its own y / e is 1 / (1 + 1 / (alpha m e)).

    *Intervals.* Empirical Bayes leaves out one cluster at a time. The placebo takes away next to nothing of each (the
    infinitesimal jackknife: leaving out a unit that leads both now and at the earlier times would add the curvature of
    the ratios to their variance), and adds what the earlier times differ by beyond what the units would have them
    (by moments, never below zero), since the real time may differ from them as they do from each other. In simulation
    both cover as they should, empirical Bayes where rates are steady and not where they drift.

    **Assumes**

    - the chosen were chosen by what the panel counts: if by something else, that has its own return to the mean;
    - among units alike in the window, those chosen were not about to change more than the others;
    - placebo: returns to the mean are now what they were at the earlier times;
    - empirical Bayes: rates are steady, and a month differs from them by chance alone.

    References
    ----------
    Hauer (1997), Observational Before-After Studies in Road Safety, for empirical Bayes. Barnett, van der Pols and
    Dobson (2005), International Journal of Epidemiology 34. Efron and Tibshirani (1993), An Introduction to the
    Bootstrap, for the infinitesimal jackknife.

    Examples
    --------
    >>> from toolkit import Panel, regression_to_mean, simulate, words
    >>> rule = simulate.Worst(n=20, on=1)
    >>> frame, truth = simulate.panel(units=200, treated=rule, treated_from="2023-07", rate_ratio=1, seed=2)
    >>> panel = Panel.of(frame, unit="unit", period="period", outcome="count", treated_from="treated_from")
    >>> answer = regression_to_mean.expected(panel, chosen_on="2023-06")
    >>> words.change(answer.naive), words.change(answer.left)
    ('20% lower', 'less than 1% higher')
    """
    one_of(kind, "kind", ("placebo", "empirical_bayes"))
    most, level = whole(placebos, "placebos", least=1), level_between(level)
    chosen = Chosen.of(panel, chosen_on, after)
    _recorded(chosen)
    return _answer(chosen, placebo(chosen, most) if kind == "placebo" else empirical_bayes(chosen), level)


def _recorded(chosen: Chosen) -> None:
    """Raise where nothing at all was recorded when the choice was made."""
    if chosen.window(chosen.choice)[0].sum() == 0:
        raise DesignError(
            "Nothing was recorded anywhere in the periods of chosen_on=, so nothing can have been chosen by it: "
            "name the periods that the choice was made on."
        )


def _answer(chosen: Chosen, steady: Steady, level: float) -> RegressionToMean:
    count, reach = chosen.window(chosen.choice)
    later, later_reach = chosen.window(chosen.after)
    own = count / reach * later_reach
    sides = ((chosen.chosen, own), (chosen.chosen, later), (~chosen.chosen, later))
    whole = [jackknife.totals(side * one, chosen.cluster) for side, one in sides]
    base, seen, others = (jackknife.totals(side * one, chosen.cluster, steady.part) for side, one in sides)
    _something(chosen, base[0], others[0])
    with np.errstate(divide="ignore", invalid="ignore"):
        shrinkage, trend = steady.chosen / base, others / steady.others
        logs = np.log([whole[1] / whole[0], shrinkage * trend, seen / (steady.chosen * trend)])
    if min(one[1:].min() for one in whole) <= 0:  # one cluster is all there is of something
        logs[:, 1:] = np.nan
    plain = Steady(
        base, others, "own rate in the periods of the choice", (_CHANGE.format(units=plural(chosen.noun)),)
    )
    naive, due, left = (
        _estimate(chosen, how, one, words, level)
        for how, one, words in zip((plain, steady, steady), logs, _WORDS, strict=True)
    )
    return RegressionToMean(naive, due, left, float(shrinkage[0]), float(trend[0]))


_CHANGE = "This is the change, not the effect: what was to be expected of {units} chosen so is in it."
_WORDS = (
    ("change in the chosen {units}, after over the periods of the choice", "in the periods of the choice"),
    ("change to be expected of {units} chosen so, without the programme", "in the periods of the choice"),
    ("change in the chosen {units} over what was to be expected of them", "expected without the programme"),
)


def _estimate(
    chosen: Chosen, steady: Steady, logs: np.ndarray, words: tuple[str, str], level: float
) -> Estimate:
    """An Estimate from a log ratio and the same without each cluster."""
    centre, arm, said = float(logs[0]), chosen.arm, chosen.cautions + steady.cautions
    error, df = _error(steady, logs, arm)
    many = int((arm > 0).sum())
    if not math.isfinite(error):
        said += (f"No interval can be given: without one {chosen.noun} nothing is left to compare.",)
    elif many < _FEW:
        said += (f"Only {counted(many, 'chosen ' + chosen.cluster_noun)}.",)
    low, high = student.interval(centre, error, df, level)
    clusters = counted(len(arm), chosen.cluster_noun)
    way = "jackknife" if steady.part == 1 else "infinitesimal jackknife"
    method = f"{steady.method}; {way} over {clusters}, t with {df:.0f} degrees of freedom"
    return Estimate(
        back(centre, "ratio"), back(low, "ratio"), back(high, "ratio"), error, student.two_sided(centre, error, df),
        words[0].format(units=plural(chosen.noun)), method, "ratio", level, len(chosen.chosen),
        int(chosen.chosen.sum()), said, words[1],
    )  # fmt: skip


def _error(steady: Steady, logs: np.ndarray, arm: np.ndarray) -> tuple[float, float]:
    """By arm, since how many are chosen is fixed, and what the earlier times differ by."""
    spreads = jackknife.spreads(logs, arm, steady.part) + ([steady.times] if steady.times[1] > 0 else [])
    return jackknife.root_of_sum(spreads), jackknife.welch_df(spreads)


def _something(chosen: Chosen, base: float, others: float) -> None:
    units = plural(chosen.noun)
    if base <= 0:
        raise DesignError(
            f"The chosen {units} have no {chosen.outcome} in chosen_on=, so there is nothing to fall from."
        )
    if others <= 0:
        raise DesignError(
            f"The {units} that were not chosen have no {chosen.outcome} afterwards, so there is no trend to expect."
        )

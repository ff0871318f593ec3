"""Do areas' counts drift more between long spans of time than chance alone would have them?"""

from __future__ import annotations

import math

import numpy as np

from toolkit.display import figure
from toolkit.estimate import Estimate, Test
from toolkit.numerics.dispersion import Contrast
from toolkit.panel import Panel
from toolkit.validate import (
    DesignError,
    counted,
    level_between,
    noun,
    plural,
    quoted,
    random_generator,
    require_panel,
    whole,
)

_FEW = 10  # units below which the dispersion is poorly known
_ONE = 0.25  # of the dispersion, made by one unit of many


def test(
    panel: Panel,
    *,
    window: tuple[int, int] | None = None,
    level: float = 0.95,
    draws: int = 1_999,
    seed: int | np.random.Generator | None = None,
) -> Test:
    """How many times more than chance the change of untreated areas' counts from one span of time to the next varies.

    Parameters
    ----------
    panel : Panel
        The units that are treated at some time are left out. The spans are before the first start and from it on; where
        nobody is treated, the first and the second half.
    window : (int, int), optional
        How many periods before and from the start on; all where missing. With months, (12, 12) is one year against the
        next.
    level : float
        Of the interval of the dispersion.
    draws : int
        Of Poisson counts, for the p-value.
    seed : int or Generator, optional
        None is the fixed seed 0.

    Returns
    -------
    Test
        ``estimate`` is the dispersion phi, with an interval: 1 is chance alone, 3 is three times the variance of
        Poisson counts. The p-value is one-sided, for more than chance. A caution says how much smaller the dispersion
        looks period by period.

    Raises
    ------
    DesignError
        Outcomes that are no counts, weights, fewer than two untreated units with incidents in the two spans.

    Notes
    -----
    With Poisson counts and one change common to all, the part of a unit's incidents that falls in the later span is
    binomial. phi is the sum of squared gaps from that over the sum of its variances, so that a unit counts by
    its size. It is what ``did.two_by_two(dispersion=)`` asks for, if the treated are of the same kind and size and the
    spans are as long: area drift adds to the variance in proportion to the square of the count, so phi of
    small areas is too small for large ones, and a few units of unlike size (a shopping centre among wards) can make
    most of it. The p-value is exact given totals by unit and by span where there are no exposures and no gaps.

    Dispersion period by period (Pearson's statistic of a model with unit and period effects) misses drift: what is slow
    looks like the area's level. It is the usual correction, and on real areas too small.

    **Assumes** that no unit left in was touched by a programme, and that units move independently.

    References
    ----------
    McCullagh and Nelder (1989), Generalized Linear Models, second edition, sections 4.5 and 6.2. Marchant, Baxter and
    Barber (2006), Some statistical issues in the assessment of crime reduction interventions, University of Leeds,
    Department of Statistics, report STAT06-01.

    Examples
    --------
    >>> from toolkit import Panel, dispersion, simulate
    >>> frame, truth = simulate.panel(units=60, periods=24, treated=10, first="2022-01", treated_from="2023-01", seed=1)
    >>> panel = Panel.of(frame, unit="unit", period="period", outcome="count", treated_from="treated_from")
    >>> answer = dispersion.test(panel)
    >>> [round(number, 1) for number in (answer.estimate.value, answer.estimate.low, answer.estimate.high)]
    [2.8, 1.4, 8.3]
    """
    require_panel(panel)
    level, draws = level_between(level), whole(draws, "draws", 99)
    found, spans = _contrast(panel, window)
    phi, (low, high) = found.phi(), found.interval(level)
    chance = found.at_chance(draws, random_generator(seed))
    above, below = (
        (1 + (chance >= phi * (1 - 1e-9)).sum()) / (1 + draws),
        (1 + (chance <= phi).sum()) / (1 + draws),
    )
    exact = "hypergeometric" if found.alike else "binomial"
    units, what = len(found.total), noun(panel.labels, "unit")
    method = f"variance of the change {spans} over {counted(units, what)}, against {draws:,} sets of {exact} counts"
    said = (*panel.cautions, *_said(found, phi, what, noun(panel.labels, "period")))
    estimate = Estimate(
        phi, low, high, math.nan, float(min(1.0, 2 * min(above, below))),
        "variance of the change over that of Poisson counts that all change alike", method + "; scaled chi-square",
        "ratio", level, units, 0, said, "chance alone",
    )  # fmt: skip
    null = f"untreated {plural(what)} all changed alike but for chance (Poisson counts)"
    return Test(phi, float(units - 1), float(above), null, method, estimate, said)


test.__test__ = False  # type: ignore[attr-defined]  # pytest collects functions named test; this is a check


def _contrast(panel: Panel, window: tuple[int, int] | None) -> tuple[Contrast, str]:
    """The two spans of the untreated units, and what they are in words."""
    grid, unit, period = panel.grid, noun(panel.labels, "unit"), noun(panel.labels, "period")
    _counts(panel)
    ever, inside, late = _spans(panel, window)
    seen = grid.observed & ~ever[:, None] & inside
    y = np.where(seen, grid.outcome, 0.0)
    some = (y.sum(axis=1) > 0) & (seen & late).any(axis=1) & (seen & ~late).any(axis=1)
    if some.sum() < 2:
        raise DesignError(
            f"Only {counted(int(some.sum()), 'untreated ' + unit)} recorded anything and is observed before and after: "
            "how units differ needs at least two."
        )
    exposure = None if grid.exposure is None else np.where(seen, grid.exposure, 1.0)[some][:, inside]
    found = Contrast.of(y[some][:, inside], seen[some][:, inside].astype(float), exposure, late[inside])
    if len(found.total) < 2:
        raise DesignError(
            f"The untreated {plural(unit)} recorded nothing in one of the spans: use longer ones."
        )
    lengths = [int((inside & side).sum()) for side in (~late, late)]
    return found, f"from {counted(lengths[0], period)} to the next {lengths[1]}"


def _spans(panel: Panel, window: tuple[int, int] | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Units that are treated at some time, periods that are used, and periods from the start on."""
    grid, unit = panel.grid, noun(panel.labels, "unit")
    ever = np.asarray(grid.treated.any(axis=1))
    if ever.all():
        raise DesignError(
            f"Every {unit} is treated, and the dispersion is that of untreated {plural(unit)}: add some."
        )
    start = grid.start[ever].min() if ever.any() else grid.ordinals[len(grid.ordinals) // 2]
    before, after = _window(window)
    inside, late = (grid.ordinals >= start - before) & (grid.ordinals < start + after), grid.ordinals >= start
    if not (inside & late).any() or not (inside & ~late).any():
        raise DesignError(
            f"There is no {noun(panel.labels, 'period')} on both sides of the start, so no change to look at."
        )
    return ever, inside, late


def _counts(panel: Panel) -> None:
    outcome, name = panel.frame["outcome"].to_numpy(dtype=float), panel.labels["outcome"]
    if (outcome < 0).any() or (outcome != np.round(outcome)).any():
        raise DesignError(
            f"{name} is not a count (it has negative or broken numbers), and Poisson is about counts. Where it is a "
            "rate, give the count, and what it is per as exposure=."
        )
    if panel.unweighted() is not panel:
        raise DesignError("dispersion.test takes no weights: make the Panel without weight=.")


def _window(window: tuple[int, int] | None) -> tuple[float, float]:
    if window is None:
        return math.inf, math.inf
    if not isinstance(window, (tuple, list)) or len(window) != 2:
        raise DesignError(f"window={quoted(window)} must be two whole numbers, such as (12, 12).")
    return whole(window[0], "window[0]", 1), whole(window[1], "window[1]", 1)


def _said(found: Contrast, phi: float, unit: str, period: str) -> tuple[str, ...]:
    units = len(found.total)
    few = (f"Only {counted(units, unit)}, so the dispersion is poorly known.",) if units < _FEW else ()
    gaps = (found.later - found.total * found.share) ** 2
    most = gaps.max() / gaps.sum() if gaps.any() else 0.0
    alone = (
        f"One {unit} makes {100 * most:.0f}% of the dispersion: look at it, and at the rest without it.",
    )
    slow = phi > found.by_period > 0
    drift = (
        f"{period.capitalize()} by {period} these counts vary {figure(found.by_period)} times as much as chance, and "
        f"between the two spans {figure(phi)} times: an error made from {plural(period)} is too small.",
    )
    return (*few, *(alone if most > _ONE and units >= 2 * _FEW else ()), *(drift if slow else ()))

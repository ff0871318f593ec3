"""The synthetic control of the treated units: the effect, and the path behind it."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd

from toolkit.estimate import Counterfactual, Estimate, Scale, back
from toolkit.methods.synthetic import said
from toolkit.methods.synthetic.design import Design, read, recipe_of
from toolkit.methods.synthetic.inference import INFERENCES, Found, find, infer
from toolkit.panel import Panel
from toolkit.validate import level_between, one_of

_NAMES = {False: "synthetic control", True: "synthetic difference-in-differences"}


def att(  # noqa: PLR0913 - what is made, on which scale, and how sure we are
    panel: Panel,
    *,
    kind: str = "synthetic_control",
    scale: Scale = "difference",
    match: str | None = None,
    inference: str = "permutation",
    level: float = 0.95,
    draws: int = 999,
    seed: int | np.random.Generator | None = None,
) -> Estimate:
    """Average effect on the treated, against the mix of comparison units that was most like them before.

    Parameters
    ----------
    panel : Panel
        Every unit in every period; at least three periods before treatment, and many more to be trusted.
    kind : {"synthetic_control", "synthetic_did"}
        Weights of zero or more that sum to one, chosen so that the mix of comparison units lies nearest to the
        treated before treatment. ``"synthetic_did"`` compares changes, spreads the weights over more units, and
        weights the periods before as well.
    scale : {"difference", "ratio"}
        Mean of observed - expected; or sum observed / sum expected.
    match : {"level", "path"}, optional
        For synthetic controls, what the mix is to be like: the level and its course, or the course alone (differences
        from the unit's own mean before, or multiples of it on the ratio scale). If not given, the level for
        differences and the path for ratios.
    inference : {"permutation", "placebo_error"}
        ``"permutation"``: placebos in space, and as the interval the effects that they do not reject.
        ``"placebo_error"``: the standard deviation of the placebos' effects as the standard error (for ratios, of lots
        of the treated's size), and t with one degree of freedom less than there are comparison units.
    level : float
    draws : int
        Random sets of units where more than one is treated and there are more sets than this; otherwise every one
        is used.
    seed : int or Generator, optional
        None is the fixed seed 0.

    Returns
    -------
    Estimate
        ``method`` says how many comparison units carry weight and how close the fit before treatment is.
        ``std_error`` is NaN unless ``inference="placebo_error"``.

    Raises
    ------
    DesignError
        No unit that is never treated, fewer than three periods before, gaps, weights or clusters in the panel, no
        more comparison units than treated ones; on the ratio scale negative outcomes or nothing at all to divide by.

    Notes
    -----
    Several treated units are taken as one, their mean (their total on the ratio scale), as synthdid does. One control
    for each, averaged, scattered from a seventh to a half more on real wards where levels are matched, and a
    twentieth less where paths are. Cohorts are compared with the never treated one by one, and weighted by their
    treated cells.

    Each placebo calls one comparison unit treated, and makes the same for it from the others. With several treated
    units their starts are dealt out over all units, themselves among them freed of the tested effect. Effects are
    compared over their scale: the fit before, drawn a little towards that of all, for differences; for ratios a
    standard deviation that falls with size. The p-value is the share of all lots that lie as far out, so with one
    treated unit 19 comparison units are needed to speak at 5%, and the interval errs on the wide side where the
    number of lots is no multiple of 20. If the treated might as well have been any of the others, the test is exact
    but for the one comparison unit fewer that placebos have.

    On the difference scale the weights of ``"synthetic_did"`` are those of R's synthdid, which stops its search a
    little early (-15.604 for California's Proposition 99; the exact weights give -15.605). Everything else is
    exact. On the ratio scale the ridge goes with each unit's own noise, and the period weights have one too. For
    counts of areas on that scale prefer ``kind="synthetic_did"``: of the kinds here it scattered least on real
    wards, with two years before and with five, though by little.

    **Assumes** that the mix which was like the treated before would have stayed like them; that the comparison
    units were not touched by the programme or by a shock of their own; that nobody changed before the programme
    began; and, for the p-value, that the treated might as well have been any of the comparison units.

    References
    ----------
    Abadie, Diamond and Hainmueller (2010), Journal of the American Statistical Association 105; Abadie (2021),
    Journal of Economic Literature 59; Arkhangelsky, Athey, Hirshberg, Imbens and Wager (2021), American Economic
    Review 111; Ferman and Pinto (2021), Quantitative Economics 12 (match="path").

    Examples
    --------
    >>> from toolkit import Panel, simulate, synthetic
    >>> frame, truth = simulate.panel(units=40, periods=48, treated=1, rate_ratio=0.6, seed=2)
    >>> panel = Panel.of(frame, unit="unit", period="period", outcome="count", treated_from="treated_from")
    >>> effect = synthetic.att(panel, kind="synthetic_did", scale="ratio")
    >>> bool(effect.low <= truth.rate_ratio <= effect.high)
    True
    """
    level, design = level_between(level), read(panel, recipe_of(kind, scale, match))
    one_of(inference, "inference", INFERENCES)
    return _estimate(design, find(design, draws, seed), inference, level)


def counterfactual(  # noqa: PLR0913 - as att
    panel: Panel,
    *,
    kind: str = "synthetic_control",
    scale: Scale = "difference",
    match: str | None = None,
    inference: str = "permutation",
    level: float = 0.95,
    draws: int = 999,
    seed: int | np.random.Generator | None = None,
) -> Counterfactual:
    """What the treated units recorded in each period, and what the mix of comparison units did.

    Parameters
    ----------
    panel, kind, scale, match, inference, level, draws, seed
        As in :func:`att`, whose answer is ``effect``.

    Returns
    -------
    Counterfactual
        ``series`` holds totals over the treated units on the ratio scale and means on the difference scale. Before
        treatment ``expected`` is the synthetic path itself: how near it runs to ``observed`` is the fit. ``low`` and
        ``high`` are the range for ``observed`` in each period by itself if the programme had no effect, from the
        placebos' gaps in that period; missing where the placebos are too few.

    Raises
    ------
    DesignError
        As :func:`att`.

    Notes
    -----
    **Assumes** what :func:`att` assumes.

    Examples
    --------
    >>> from toolkit import Panel, simulate, synthetic
    >>> frame, truth = simulate.panel(units=40, periods=48, treated=1, rate_ratio=0.6, seed=2)
    >>> panel = Panel.of(frame, unit="unit", period="period", outcome="count", treated_from="treated_from")
    >>> answer = synthetic.counterfactual(panel, scale="ratio")
    >>> after = answer.series[24:]
    >>> bool(abs((after["expected"] - after["observed"]).sum() - answer.prevented.value) < 1e-6)
    True
    """
    level, design = level_between(level), read(panel, recipe_of(kind, scale, match))
    one_of(inference, "inference", INFERENCES)
    found = find(design, draws, seed)
    effect, own = _estimate(design, found, inference, level), found.spread.own
    low, high = found.spread.band(level)
    table = pd.DataFrame(
        {
            "period": design.periods,
            "observed": own.observed,
            "expected": own.expected,
            "low": low,
            "high": high,
        }
    )
    starts = tuple(cohort.start for cohort in design.cohorts)
    return Counterfactual(table, effect, _prevented(design, found, effect, panel), starts, effect.cautions)


def _estimate(design: Design, found: Found, inference: str, level: float) -> Estimate:
    answer, recipe = infer(design, found, inference, level), design.recipe
    scale: Scale = "ratio" if recipe.ratio else "difference"
    measure = "sum observed / sum expected" if recipe.ratio else "mean of observed - expected"
    name = _NAMES[recipe.did] + (
        "" if recipe.did else f" matched on the {'path' if recipe.path else 'level'}"
    )
    return Estimate(
        back(found.spread.centre, scale), answer.low, answer.high, answer.std_error, answer.p_value,
        f"average effect on the treated ({measure})", f"{name}, {said.fit(design, found)}; {answer.method}",
        scale, level, design.treated + len(design.donors), design.treated,
        (*design.cautions, *said.cautions(design, found), *answer.cautions),
    )  # fmt: skip


def _prevented(design: Design, found: Found, effect: Estimate, panel: Panel) -> Estimate:
    """Incidents prevented: the effect's own interval mapped, so that both exclude no change together."""
    own, more = found.spread.own, tuple[str, ...]()
    if design.recipe.ratio:
        value, low, high = (
            _saved(own.seen, own.base, end) for end in (effect.value, effect.high, effect.low)
        )
    else:
        reach = np.concatenate([design.block.reach[c.members, c.first :].ravel() for c in design.cohorts])
        value, low, high = (-float(reach.sum()) * end for end in (effect.value, effect.high, effect.low))
        if np.ptp(reach) > 0:
            more += ("The exposure varies: incidents prevented are the mean difference times all of it.",)
    outcome = panel.frame["outcome"]
    if (outcome != outcome.round()).any():
        name = panel.labels["outcome"]
        more += (
            f"{name} is not a count, so what was prevented is in its own units, added up over units and periods.",
        )
    words = "incidents prevented: expected without the programme less observed"
    saved = replace(
        effect, value=value, low=low, high=high, std_error=math.nan, estimand=words, scale="difference"
    )
    return saved.with_cautions(*more)


def _saved(seen: float, base: float, ratio: float) -> float:
    """Observed x (1/ratio - 1); with nothing observed, expected x (1 - ratio)."""
    if seen == 0:
        return base * (1 - ratio) if math.isfinite(ratio) else -math.inf
    return seen * (1 / ratio - 1) if ratio > 0 else math.inf

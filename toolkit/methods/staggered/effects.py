"""The effect on each cohort in each period (Callaway and Sant'Anna 2021)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from toolkit.arms import Arms
from toolkit.estimate import GroupTime, Scale, back
from toolkit.methods.staggered.compared import ready
from toolkit.methods.staggered.said import cautions, need_some
from toolkit.numerics import group_time
from toolkit.numerics.group_time import Effects, Plan
from toolkit.numerics.group_time_adjusted import adjusted
from toolkit.numerics.judging import Inference, Judge, Rows
from toolkit.numerics.strata import Strata
from toolkit.panel import Panel
from toolkit.validate import (
    counted,
    level_between,
    one_of,
    plural,
    random_generator,
    whole,
)

_ADJUSTED = {
    "none": "unadjusted",
    "regression": "adjusted by regression",
    "weighting": "adjusted by weighting",
    "doubly_robust": "adjusted by regression and weighting (doubly robust)",
}


def att_gt(  # noqa: PLR0913 - who is compared, since when, how alike, on which scale, and how sure
    panel: Panel,
    *,
    comparison: str = "never_treated",
    anticipation: int = 0,
    adjust: str = "none",
    base: str = "varying",
    scale: Scale = "difference",
    inference: str = "auto",
    level: float = 0.95,
    draws: int = 1_999,
    seed: int | np.random.Generator | None = None,
) -> GroupTime:
    """Average effect on each cohort in each period: its change since before its start, less that of the untreated.

    Units that started together are a cohort. Each cell compares their change since the last period before their start
    with the change of units not treated in either period, so no treated unit ever serves as a comparison, and effects
    may differ by cohort and grow. :func:`aggregate` adds the cells up.

    Parameters
    ----------
    panel : Panel
    comparison : {"never_treated", "not_yet_treated"}
        ``"not_yet_treated"``: the never treated, and also units that start more than ``anticipation`` periods after
        both periods of a cell. Where nobody is never treated, the last cohort is compared up to its own start.
    anticipation : int
        Periods before the start in which units may have changed already: effects are against the period before these.
    adjust : {"none", "regression", "weighting", "doubly_robust"}
        Make those compared alike in the covariates of the Panel, as they were in the base period. ``"regression"``
        predicts the cohort's change from that of the comparison; ``"weighting"`` gives comparison units the odds of
        being in the cohort as weights; ``"doubly_robust"`` does both, and is right if either is. Differences only.
    base : {"varying", "universal"}
        What a cell before the start and its anticipation is set against: ``"varying"`` the period just before it, so
        that it shows one period's change; ``"universal"`` the period that effects after the start are against, so that
        leads and lags are one path (for ``trends.test`` and pictures). Effects from the start on are the same.
    scale : {"difference", "ratio"}
        Mean change less mean change, of the outcome or of outcome / exposure; or the ratio of the cohort's total to
        that expected, (cohort now / cohort before) / (comparison now / comparison before), each unit's total before
        taken at its exposure of now.
    inference : {"auto", "cluster", "analytic", "multiplier"}
        ``"auto"`` is ``"cluster"``: the delete-one-cluster jackknife by cohort, t with Welch-Satterthwaite degrees of
        freedom, without bias in small cohorts. ``"analytic"``: influence functions, the standard errors of R's ``did``
        (``bstrap=FALSE``), which are too small with few units. ``"multiplier"``: R's default, standard errors and band
        by the multiplier bootstrap. Both take the same degrees of freedom for their intervals, where R takes none.
    level : float
    draws : int
        For the simultaneous band, and for the multiplier bootstrap.
    seed : int or Generator, optional
        None is the fixed seed 0.

    Returns
    -------
    GroupTime

    Raises
    ------
    DesignError
        Nobody to compare with; nobody never treated (say ``comparison="not_yet_treated"``); fewer than two clusters
        treated or compared; no covariates, or covariates on the ratio scale; covariates that tell the arms apart.

    Notes
    -----
    **Assumes** that, without the programme, the cohort would have changed by the same amount (or in the same
    proportion) as those compared, among units with the same covariates where adjusted; that nobody changed before the
    start and its anticipation; that those compared were not touched by the programme; that clusters move independently;
    and, by weighting, that any kind of unit that was treated might not have been.

    With the defaults this is ``did::att_gt(panel=TRUE)`` with its defaults, to rounding; the same with
    ``adjust="doubly_robust"`` where a formula names covariates. Units with gaps stay in: a cell takes the units
    observed in both of its periods, where R drops them altogether (for that, first
    ``panel.where(lambda rows: rows.groupby("unit")["period"].transform("size") == len(panel.periods))``). Weights and
    covariates are those of the base period. Periods of anticipation are set against the last period before them all, as
    in the paper (R set each against the one before it, until 2026). A cohort of a single cluster has no standard error
    under the jackknife; the formulas of R give one that leaves its own chance out.

    The band is ``level`` sure to hold all rows at once, for choosing among them by eye. In simulations one of 95% held
    them in 94 to 99% of draws, and over many ratios by cohort and month in 92 to 95%.

    References
    ----------
    Callaway and Sant'Anna (2021), Journal of Econometrics 225, 200-230; Sant'Anna and Zhao (2020), Journal of
    Econometrics 219, 101-122 (doubly robust). Welch (1947), Biometrika 34.

    Examples
    --------
    >>> from toolkit import Panel, simulate, staggered
    >>> frame, truth = simulate.panel(units=40, periods=12, treated=20, first="2022-01",
    ...                               treated_from=["2022-06", "2022-09"], seed=1)
    >>> panel = Panel.of(frame, unit="unit", period="period", outcome="count", treated_from="treated_from")
    >>> cells = staggered.att_gt(panel, scale="ratio")
    >>> cells.effects.query("event_time == 0")[["cohort", "period", "n_units"]]
         cohort   period  n_units
    4   2022-06  2022-06       10
    18  2022-09  2022-09       10
    >>> overall = staggered.aggregate(cells)
    >>> [round(number, 2) for number in (truth.rate_ratio, overall.value, overall.low, overall.high)]
    [0.8, 0.95, 0.74, 1.22]
    """
    level = level_between(level)
    one_of(scale, "scale", ("ratio", "difference"))
    one_of(comparison, "comparison", ("never_treated", "not_yet_treated"))
    one_of(adjust, "adjust", tuple(_ADJUSTED))
    one_of(base, "base", ("varying", "universal"))
    one_of(inference, "inference", ("auto", "cluster", "analytic", "multiplier"))
    ahead, draws = whole(anticipation, "anticipation"), whole(draws, "draws", 99)
    how = _inference(inference)
    arms = ready(panel, ratio=scale == "ratio", adjust=adjust, comparison=comparison, anticipation=ahead)
    plan = group_time.plan_of(arms.start, arms.ordinals, anticipation=ahead, universal=base == "universal",
                              never=comparison == "never_treated")  # fmt: skip
    found = _found(arms, plan, adjust, how != "cluster")
    need_some(arms, found, adjust)
    labels = arms.periods[plan.column]
    arms = arms.say(*cautions(arms, found, labels))
    judge = Judge(
        Strata.of(arms.start, arms.cluster), how, level, draws, int(random_generator(seed).integers(2**31))
    )
    cells = found.take(found.known)
    rows = _judged(cells, judge)
    method = (
        f"group-time effects beside {plural(arms.noun)} {comparison.replace('_', ' ')}, {_ADJUSTED[adjust]}; "
        f"{_how(arms, how)}"
    )
    estimand = f"average effect on each cohort in each period ({scale})"
    table, index = _table(panel, cells, rows, scale), _index(panel, cells)
    return GroupTime(
        table, pd.DataFrame(rows.covariance, index=index, columns=index), scale, base, comparison, ahead, how, method,
        estimand, len(arms.units), int(arms.treated_units.sum()), cells, judge, arms.cautions,
    )  # fmt: skip


def _inference(asked: str) -> Inference:
    """What was asked for; in simulated panels the jackknife by cohort covers best, so ``auto`` is that."""
    return asked if asked in ("analytic", "multiplier") else "cluster"  # type: ignore[return-value]


def _found(arms: Arms, plan: Plan, adjust: str, influence: bool) -> Effects:
    """Every cell of the plan, and how each cluster moves it."""
    if adjust == "none":
        pairs = group_time.Pairs.of(arms.cells, arms.start, plan)
        return group_time.unadjusted(pairs, plan, arms.cluster, ratio=arms.cells.ratio, influence=influence)
    return adjusted(arms.cells, arms.start, plan, arms.cluster, adjust=adjust, influence=influence)  # type: ignore[arg-type]


def _judged(cells: Effects, judge: Judge) -> Rows:
    """Each cell by itself; one that is set against its own period is no effect by construction."""
    own = judge.strata.starts[:, None] == cells.plan.start
    effects = own & (cells.plan.column != cells.plan.base)
    return judge.rows(*cells.each(), effects)


def _how(arms: Arms, how: Inference) -> str:
    over = counted(len(arms.arm), arms.cluster_noun)
    return {
        "cluster": f"jackknife over {over} by cohort",
        "analytic": f"influence functions of {over}",
        "multiplier": f"multiplier bootstrap over {over}",
    }[how]


def _index(panel: Panel, cells: Effects) -> pd.MultiIndex:
    first, at = panel.periods[0], panel.grid.ordinals[0]
    cohort, period = ([first + int(o - at) for o in part] for part in (cells.plan.start, cells.plan.ordinal))
    return pd.MultiIndex.from_arrays([cohort, period], names=["cohort", "period"])


def _table(panel: Panel, cells: Effects, rows: Rows, scale: Scale) -> pd.DataFrame:
    table = _index(panel, cells).to_frame(index=False)
    table["event_time"] = cells.plan.event_time
    table["estimate"] = [back(float(value), scale) for value in rows.points]
    table["std_error"] = rows.std_error
    for name in ("low", "high", "band_low", "band_high"):
        table[name] = [back(float(end), scale) for end in getattr(rows, name)]
    return table.assign(n_units=cells.units)

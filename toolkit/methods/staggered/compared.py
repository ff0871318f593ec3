"""Who is compared with whom: the panel made ready, and what forbids or limits the comparison."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from toolkit.arms import Arms
from toolkit.numerics import logistic
from toolkit.numerics.imputation import Cells
from toolkit.panel import Panel
from toolkit.validate import DesignError, counted, listed, plural, require_panel

LEAST = 2  # clusters in an arm, for any error at all


def ready(panel: Panel, *, ratio: bool, adjust: str, comparison: str, anticipation: int) -> Arms:
    """The panel as arms with somebody to compare with; a start at infinity is the comparison for ever."""
    require_panel(panel)
    _adjustable(panel, ratio, adjust)
    arms = Arms.of(panel, ratio=ratio)
    if not arms.treated_units.all():
        return _enough(arms, comparison).say(*_gaps_said(arms), *_unused_said(panel, adjust))
    if comparison == "never_treated":
        raise DesignError(
            f"Every {arms.noun} is treated in the end, so none is never treated. Use comparison='not_yet_treated', "
            "which compares with those that start later."
        )
    cut = _without_the_last(arms, anticipation)
    return _enough(cut, comparison).say(*_gaps_said(cut), *_unused_said(panel, adjust))


def _adjustable(panel: Panel, ratio: bool, adjust: str) -> None:
    if adjust == "none":
        return
    if ratio:
        raise DesignError(
            f"adjust={adjust!r} is for differences. On the ratio scale use adjust='none', did.att (which takes the "
            "covariates of the Panel), or scale='difference' of a rate (exposure= in Panel.of)."
        )
    if not panel.covariates:
        raise DesignError(
            f"adjust={adjust!r} needs covariates: name them in Panel.of(..., covariates=[...]), or use adjust='none'."
        )
    x = panel.grid.covariates
    if x is None:
        return
    rows = x[~np.isnan(x).any(axis=2)]
    silent = [
        name for name, says in zip(panel.covariates, logistic.independent(rows), strict=True) if not says
    ]
    if silent:
        raise DesignError(
            f"{listed(silent)} does not vary, or is what other covariates say already: leave it out of covariates=."
        )


def _without_the_last(arms: Arms, anticipation: int) -> Arms:
    """The last cohort as the comparison, and no period from its start (or its anticipation) on."""
    last = arms.start.max()
    early = arms.ordinals < last - anticipation
    start = np.where(arms.start == last, np.inf, arms.start)
    if not early.any() or np.isinf(start).all():
        raise DesignError(
            f"All {plural(arms.noun)} start together, so none is untreated for longer. Add {plural(arms.noun)} that "
            "start later or never, or use before_after."
        )
    cut = replace(arms.rearranged(_columns(arms.cells, early), start), ordinals=arms.ordinals[early],
                  periods=arms.periods[early])  # fmt: skip
    late = int((~early).sum())
    return cut.say(
        f"Every {arms.noun} is treated in the end, so the last to start "
        f"({counted(int(np.isinf(start).sum()), arms.noun)}) are compared with the others up to their own start, and "
        f"the last {counted(late, 'period')} left out."
    )


def _columns(cells: Cells, keep: np.ndarray) -> Cells:
    exposure = None if cells.exposure is None else cells.exposure[:, keep]
    x = None if cells.x is None else cells.x[:, keep]
    return Cells(cells.y[:, keep], cells.weight[:, keep], cells.treated[:, keep], exposure, x, cells.ratio)


def _enough(arms: Arms, comparison: str) -> Arms:
    """At least two clusters that are treated, and two that are compared with somebody."""
    finite = np.isfinite(arms.start)
    later = ~finite if comparison == "never_treated" else arms.start > arms.start[finite].min()
    treated, compared = (len(np.unique(arms.cluster[side])) for side in (finite, later))
    if min(treated, compared) >= LEAST:
        return arms
    nouns = plural(arms.cluster_noun)
    other = comparison.replace("_", " ")
    raise DesignError(
        f"Group-time effects need at least {LEAST} treated {nouns} and {LEAST} {other} to compare with, and there are "
        f"{treated} and {compared}. did.att with inference='permutation' can do with fewer."
    )


def _gaps_said(arms: Arms) -> tuple[str, ...]:
    incomplete = int((arms.cells.weight == 0).any(axis=1).sum())
    if not incomplete:
        return ()
    verb = "has" if incomplete == 1 else "have"
    return (
        f"{counted(incomplete, arms.noun)} of {len(arms.units)} {verb} gaps (or weights of zero): each effect is that "
        f"on the {plural(arms.noun)} observed in both of its periods.",
    )


def _unused_said(panel: Panel, adjust: str) -> tuple[str, ...]:
    if adjust != "none" or not panel.covariates:
        return ()
    return (f"adjust='none': the covariates of the Panel ({listed(panel.covariates)}) are not used.",)

"""What limits group-time effects, in the reader's words."""

from __future__ import annotations

import numpy as np

from toolkit.arms import NAMED, Arms
from toolkit.numerics.group_time import Effects
from toolkit.validate import DesignError, counted, listed, plural, shown

FEW = 5  # clusters: below this the scatter of a cohort, or of those compared, is hardly known


def cautions(arms: Arms, effects: Effects, labels: np.ndarray) -> tuple[str, ...]:
    """Everything that limits these effects.

    Parameters
    ----------
    arms : Arms
    effects : Effects
        All cells of the plan, whether they could be estimated or not.
    labels : ndarray
        The period of each cell.
    """
    return (
        *_no_base(arms, effects),
        *_lost(arms, effects),
        *_small(arms, effects),
        *_few_compared(arms, effects, labels),
    )


def need_some(arms: Arms, effects: Effects, adjust: str) -> None:
    """Raise where no cell from a start on can be estimated."""
    after = effects.plan.event_time >= 0
    if (effects.known & after).any():
        return
    if not after.any():
        raise DesignError(
            f"No treated {arms.noun} is observed before its start and from it on, so there is nothing to set against. "
            "Add earlier periods, or lower anticipation."
        )
    if adjust != "none" and ((effects.units > 0) & (effects.others > 0))[after].any():
        raise DesignError(
            f"No effect can be estimated: the covariates tell treated {plural(arms.noun)} from those compared without "
            f"error, or there are fewer {plural(arms.noun)} to compare with than covariates. Name fewer covariates, or "
            "use adjust='regression' or 'none'."
        )
    raise DesignError(
        f"No effect can be estimated: no {arms.noun} to compare with is observed in both periods of any effect"
        f"{' with incidents in the first' if effects.ratio else ''}. Add comparison data that span the starts."
    )


def _no_base(arms: Arms, effects: Effects) -> tuple[str, ...]:
    lost = np.isfinite(arms.start) & ~np.isin(arms.start, effects.plan.start)
    if not lost.any():
        return ()
    number = counted(int(lost.sum()), "treated " + arms.noun)
    verb = "is" if lost.sum() == 1 else "are"
    which = f": {listed(arms.units[lost])}" if lost.sum() <= NAMED else ""
    return (f"{number} {verb} left out, with no period before the start and its anticipation{which}.",)


def _lost(arms: Arms, effects: Effects) -> tuple[str, ...]:
    lost = ~effects.known
    if not lost.any():
        return ()
    apart = lost & (effects.units > 0) & (effects.others > 0)
    of = f"{int(lost.sum())} of {len(lost)} effects by cohort and period cannot be estimated and"
    verb = "is" if lost.sum() == 1 else "are"
    if not apart.any():
        why = f"no {arms.noun} was observed in both periods in one of the arms"
    elif effects.ratio:
        why = "an arm recorded nothing in the period they are set against, or nobody was observed in both"
    else:
        why = "the covariates tell the arms apart without error, or there are too few to compare with"
    return (f"{of} {verb} left out: {why}.",)


def _small(arms: Arms, effects: Effects) -> tuple[str, ...]:
    starts = np.unique(effects.plan.start)
    sizes = np.array([len(np.unique(arms.cluster[arms.start == start])) for start in starts])
    few, alone = int(((sizes > 1) & (sizes < FEW)).sum()), int((sizes == 1).sum())
    noun = arms.cluster_noun
    said = []
    if few:
        verb = "has" if few == 1 else "have"
        said.append(
            f"{counted(few, 'cohort')} of {len(starts)} {verb} fewer than {FEW} {plural(noun)}: their own rows are "
            "approximate, and averages are surer."
        )
    if alone:
        verb = "is a single" if alone == 1 else "are single"
        said.append(
            f"{counted(alone, 'cohort')} of {len(starts)} {verb} {noun if alone == 1 else plural(noun)}, whose own "
            "chance cannot be told from the effect: no interval by itself, and averages lean on the others' scatter."
        )
    return tuple(said)


def _few_compared(arms: Arms, effects: Effects, labels: np.ndarray) -> tuple[str, ...]:
    after = effects.known & (effects.plan.event_time >= 0)
    few = after & (effects.others < FEW)
    if not few.any():
        return ()
    least = np.flatnonzero(few)[np.argmin(effects.others[few])]
    return (
        f"In {int(few.sum())} of {counted(int(after.sum()), 'effect')} from the start on fewer than {FEW} "
        f"{plural(arms.noun)} were left to compare with (fewest {effects.others[least]}, in {shown(labels[least])}).",
    )

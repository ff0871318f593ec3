"""How well the synthetic control fits before treatment, in words, and what limits the claim."""

from __future__ import annotations

import numpy as np

from toolkit.display import figure
from toolkit.methods.synthetic.design import Design
from toolkit.methods.synthetic.inference import Found
from toolkit.numerics.placebos import Lot
from toolkit.validate import counted, listed, plural, shown

_WORST = 0.1  # of all lots: a fair lot fits this badly that often
_FAR = 1.5  # times the placebos' usual gap: a fit that is last by a hair is not poor
_FEWEST = 9  # placebos below which nobody can be among the worst tenth
_HALF = 0.5
_FLATTERING = 2.0  # times wider after than before, where nothing was done
_MANY = 100.0
_CARRIES = 0.001  # weight


def fit(design: Design, found: Found) -> str:
    """``7 of 38 comparison states carry weight, gap before 1.7 (1.4% of the level; of placebos 2.2)``."""
    carrying = (np.max([made.unit for made in found.made], axis=0) > _CARRIES).sum()
    compared = counted(len(design.donors), "comparison " + design.noun)
    verb = "carries" if carrying == 1 else "carry"
    own, typical = found.spread.own.fit, float(np.median(_fits(found)))
    sizes = _sizes(design, own, typical)
    return f"{carrying} of {compared} {verb} weight, root mean square gap before treatment {sizes}"


def cautions(design: Design, found: Found) -> tuple[str, ...]:
    """What limits the claim: a poor fit, an outlier, one donor, a fit that flatters."""
    return (*_poor_fit(found), *_outside(design), *_one_donor(design, found), *_flattering(found))


def _fits(found: Found) -> np.ndarray:
    return np.array([lot.fit for lot in found.spread.others])


def _sizes(design: Design, own: float, typical: float) -> str:
    """The gap before and that of the placebos, in per cent for ratios, else with the share of the level."""
    if design.recipe.ratio:
        return f"{figure(100 * own)}% (of placebos {figure(100 * typical)}%)"
    early = np.concatenate(
        [(design.block.y / design.block.reach)[c.members, : c.first].ravel() for c in design.cohorts]
    )
    share = (
        f"{figure(100 * own / early.mean())}% of the level; " if (early >= 0).all() and early.any() else ""
    )
    return f"{figure(own)} ({share}of placebos {figure(typical)})"


def _poor_fit(found: Found) -> tuple[str, ...]:
    """A caution where the treated are fitted worse than nine in ten comparison units would be, and much worse."""
    own, fits = found.spread.own.fit, _fits(found)
    worse, usual = int((fits >= own * (1 - 1e-9)).sum()), float(np.median(fits))
    if len(fits) < _FEWEST or (1 + worse) / (1 + len(fits)) > _WORST or not own > _FAR * usual:
        return ()
    return (
        f"The fit before treatment is poor: {len(fits) - worse} of {len(fits)} placebos have a closer one, so the gap "
        "after may be one that was there already.",
    )


def _outside(design: Design) -> tuple[str, ...]:
    """A caution where no mix of the comparison can have the level of the treated."""
    if design.recipe.path:
        return ()
    said = []
    for cohort in design.cohorts:
        problem = design.block.problem(cohort.members, design.donors, cohort.first)
        own, levels = problem.target[: cohort.first].mean(), problem.donors[:, : cohort.first].mean(axis=1)
        if levels.min() <= own <= levels.max():
            continue
        way = "above" if own > levels.max() else "below"
        said.append(
            f"The level of {_named(design, cohort.members)} lay {way} that of every comparison {design.noun}, so no "
            "mix can match it: match='path' compares changes instead."
        )
    return tuple(said)


def _named(design: Design, members: np.ndarray) -> str:
    few = len(members) <= 3
    return listed(design.units[members]) if few else f"the {len(members)} treated {plural(design.noun)}"


def _one_donor(design: Design, found: Found) -> tuple[str, ...]:
    """A caution where more than half of the comparison is one unit."""
    said = []
    for made in found.made:
        most = int(made.unit.argmax())
        if made.unit[most] > _HALF:
            name = shown(design.units[design.donors[most]])
            said.append(
                f"{name} carries {100 * made.unit[most]:.0f}% of the weight: what else happened there is in the "
                "estimate."
            )
    return tuple(dict.fromkeys(said))


def _flattering(found: Found) -> tuple[str, ...]:
    """A caution where placebos, in which nothing was done, lie much further from theirs after than before."""
    plain = [lot for lot in found.spread.others if not lot.touched]
    widening = float(np.median([_widening(lot) for lot in plain])) if plain else 1.0
    if not widening > _FLATTERING:
        return ()
    much = f"{widening:.1f} times" if widening < _MANY else "many times"
    return (
        f"The fit before flatters: in placebos, where nothing was done, the gap after the start is typically {much} as "
        "wide as before. Read the gap after against theirs.",
    )


def _widening(lot: Lot) -> float:
    return lot.after / lot.fit if lot.fit > 1e-9 * lot.after else np.inf if lot.after else 1.0

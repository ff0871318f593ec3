"""What a synthetic control is made of, and its gaps beside those of the placebos, as tidy rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from toolkit.estimate import Scale
from toolkit.methods.synthetic.design import Design, read, recipe_of
from toolkit.methods.synthetic.inference import find
from toolkit.numerics.placebos import Lot
from toolkit.panel import Panel
from toolkit.validate import one_of, shown


def weights(
    panel: Panel,
    *,
    kind: str = "synthetic_control",
    scale: Scale = "difference",
    match: str | None = None,
    of: str = "unit",
) -> pd.DataFrame:
    """How much each comparison unit (or each period before treatment) counts in what was expected.

    Parameters
    ----------
    panel, kind, scale, match
        As in :func:`att`.
    of : {"unit", "period"}
        Periods are weighted by synthetic difference-in-differences only; otherwise all count alike.

    Returns
    -------
    DataFrame
        ``unit weight cohort``, the largest weight first, or ``period weight cohort`` in order of time; within each
        cohort (its first treated period) weights sum to one.

    Raises
    ------
    DesignError
        As :func:`att`.

    Notes
    -----
    **Assumes** what :func:`att` assumes. A unit without weight says as much about fit as one with: it is no reason
    to leave it out.

    Examples
    --------
    >>> from toolkit import Panel, simulate, synthetic
    >>> frame, truth = simulate.panel(units=20, periods=24, treated=1, seed=1)
    >>> panel = Panel.of(frame, unit="unit", period="period", outcome="count", treated_from="treated_from")
    >>> found = synthetic.weights(panel, kind="synthetic_did")
    >>> len(found), round(float(found["weight"].sum()), 6)
    (19, 1.0)
    """
    one_of(of, "of", ("unit", "period"))
    design = read(panel, recipe_of(kind, scale, match))
    parts = []
    for cohort, made in zip(design.cohorts, design.own()[1], strict=True):
        if of == "unit":
            rows = pd.DataFrame({"unit": design.units[design.donors], "weight": made.unit})
            rows = rows.sort_values("unit").sort_values("weight", ascending=False, kind="stable")
        else:
            rows = pd.DataFrame({"period": design.periods[: cohort.first], "weight": made.period})
        parts.append(rows.assign(cohort=cohort.start))
    return pd.concat(parts, ignore_index=True)


def gaps(
    panel: Panel,
    *,
    kind: str = "synthetic_control",
    scale: Scale = "difference",
    match: str | None = None,
    draws: int = 999,
    seed: int | np.random.Generator | None = None,
) -> pd.DataFrame:
    """The gap between observed and expected by period, for the treated and for every placebo.

    Parameters
    ----------
    panel, kind, scale, match, draws, seed
        As in :func:`att`.

    Returns
    -------
    DataFrame
        One row per lot and period, the treated first: ``unit`` (or units, joined by commas), ``treated``, ``period``,
        ``gap`` (observed - expected, or observed / expected on the ratio scale), ``after`` (is the period treated),
        ``fit`` (the root mean square gap before, in proportion to the level on the ratio scale), ``far`` (how far
        the lot's effect lies from no change, over its scale) and ``scale``. Lots that lie at least as ``far`` as
        the treated make the p-value. With several treated units, lots of other units may hold some of them.

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
    >>> frame, truth = simulate.panel(units=20, periods=24, treated=1, seed=1)
    >>> panel = Panel.of(frame, unit="unit", period="period", outcome="count", treated_from="treated_from")
    >>> rows = synthetic.gaps(panel)
    >>> lots = rows.groupby("unit", sort=False)[["treated", "far"]].first()
    >>> p_value = (lots["far"] >= lots["far"].iloc[0]).mean()
    >>> bool(abs(p_value - synthetic.att(panel).p_value) < 1e-12)
    True
    """
    design = read(panel, recipe_of(kind, scale, match))
    found = find(design, draws, seed)
    spread = found.spread
    treated = np.concatenate([cohort.members for cohort in design.cohorts])
    far = np.abs(spread.standardised(0.0))
    lots = zip((treated, *found.sets), (spread.own, *spread.others), far, strict=True)
    parts = [
        _rows(design, members, lot).assign(treated=i == 0, far=size)
        for i, (members, lot, size) in enumerate(lots)
    ]
    columns = ["unit", "treated", "period", "gap", "after", "fit", "far", "scale"]
    return pd.concat(parts, ignore_index=True)[columns]


def _rows(design: Design, members: np.ndarray, lot: Lot) -> pd.DataFrame:
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = lot.observed / lot.expected if design.recipe.ratio else lot.observed - lot.expected
    first = min(cohort.first for cohort in design.cohorts)
    rows = pd.DataFrame({"period": design.periods, "gap": gap, "after": np.arange(len(gap)) >= first})
    scale = "ratio" if design.recipe.ratio else "difference"
    return rows.assign(unit=_named(design.units[members]), fit=lot.fit, scale=scale)


def _named(units: np.ndarray) -> Any:
    return units[0] if len(units) == 1 else ", ".join(map(shown, sorted(units)))

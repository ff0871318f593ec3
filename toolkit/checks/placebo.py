"""Placebos: the method applied where there was no programme, which should find nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from toolkit.checks._pool import Pool
from toolkit.checks._rows import Method, answer, away, first, require_method
from toolkit.panel import Panel
from toolkit.validate import DesignError, quoted, random_generator, require_panel, shown, whole

_TIE = 1e-9


def in_time(panel: Panel, method: Method, *, shifts: Iterable[int]) -> pd.DataFrame:
    """The method on the time before treatment only, as if treatment had begun earlier.

    Parameters
    ----------
    panel : Panel
    method : callable
        From a Panel to an Estimate, such as ``did.att``; set its options with ``functools.partial``.
    shifts : iterable of int
        How many periods earlier to pretend; the placebo effect is over that many periods.

    Returns
    -------
    DataFrame
        One row per shift: ``shift``, then the columns of ``Estimate.to_frame``.

    Raises
    ------
    DesignError
        A shift that leaves no time before the pretended start.

    Notes
    -----
    **Assumes** nothing beyond the method. An effect before there was a programme is a sign that the
    comparison does not hold; several shifts overlap, so their answers are not independent.

    Examples
    --------
    >>> from toolkit import Panel, did, placebo, simulate
    >>> frame, truth = simulate.panel(units=40, periods=24, treated=15, first="2022-01", treated_from="2023-01", seed=1)
    >>> panel = Panel.of(frame, unit="unit", period="period", outcome="count", treated_from="treated_from")
    >>> list(placebo.in_time(panel, did.att, shifts=[3, 6])["shift"])
    [3, 6]
    """
    require_panel(panel)
    require_method(method)
    wanted = [whole(shift, "each shift", least=1) for shift in _several(shifts)]
    if not wanted:
        raise DesignError("shifts= is empty: name how many periods earlier to pretend, such as [6, 12].")
    before = panel.before_treatment()
    return pd.concat([_one(before, method, shift) for shift in wanted], ignore_index=True)


def _several(shifts: Iterable[int]) -> Iterable[int]:
    if isinstance(shifts, str) or not isinstance(shifts, Iterable):
        raise DesignError(f"shifts={quoted(shifts)} must be a list of whole numbers, such as [6, 12].")
    return shifts


def _one(before: Panel, method: Method, shift: int) -> pd.DataFrame:
    try:
        row = first(method, before.treated_earlier(shift)).to_frame()
    except DesignError as error:
        raise DesignError(f"With treatment moved {shift} periods earlier: {error}") from error
    row.insert(0, "shift", shift)
    return row


def in_space(
    panel: Panel, method: Method, *, draws: int = 200, seed: int | np.random.Generator | None = None
) -> pd.DataFrame:
    """The method on the comparison units only, as if some of them had been treated from the same dates.

    Parameters
    ----------
    panel : Panel
        As many units are called treated as really were, from the same starts (whole clusters, where whole clusters
        were treated). The treated units themselves are left out.
    method : callable
        From a Panel to an Estimate, such as ``did.att``; set its options with ``functools.partial``.
    draws : int
        How many sets of units to try, no set twice; all of them where there are no more, and so each unit in turn where
        one is treated and the comparison units are no more than this.
    seed : int or Generator, optional
        None is the fixed seed 0.

    Returns
    -------
    DataFrame
        One row per placebo: ``unit``, the unit (or, joined by commas, the units) called treated, then the columns of
        ``Estimate.to_frame``, then ``as_far``: whether the placebo lies at least as far from no change as the real
        estimate (:func:`p_value` counts them). A placebo that the method refuses has no value, and the reason as its
        caution.

    Raises
    ------
    DesignError
        What the method raises on the panel itself; too few comparison units.

    Notes
    -----
    **Assumes** that nothing was done in the comparison units, and, for the p-value, that the treated ones might as well
    have been any others. They were chosen for a reason, so give it units that met the same rule
    (``comparison.same_rule``). A share of ``p_value`` below 0.05 well above 5% says that the method finds effects here
    where there are none; sets that overlap are not independent. Placebos have fewer units to be compared with
    than the treated, so they scatter a little more. Distances are of logs on the ratio scale.

    References
    ----------
    Abadie, Diamond and Hainmueller (2010), Journal of the American Statistical Association 105, 493-505.

    Examples
    --------
    >>> from functools import partial
    >>> from toolkit import Panel, did, placebo, simulate
    >>> frame, truth = simulate.panel(units=30, periods=24, treated=5, first="2022-01", treated_from="2023-01", seed=1)
    >>> panel = Panel.of(frame, unit="unit", period="period", outcome="count", treated_from="treated_from")
    >>> found = placebo.in_space(panel, partial(did.att, inference="cluster"), draws=49)
    >>> len(found), bool(found["as_far"].mean() < 0.5)
    (49, True)
    """
    require_panel(panel)
    require_method(method)
    draws, rng = whole(draws, "draws", 1), random_generator(seed)
    real = first(method, panel)
    pool = Pool.of(panel)
    rest = pool.untreated()
    sets = tqdm(pool.sets(draws, rng), desc="Placebos", unit="placebo", leave=False, disable=None)
    rows = [
        answer(method, rest.treated_as(starts), real).to_frame().assign(unit=_named(starts))
        for starts in sets
    ]
    found = pd.concat(rows, ignore_index=True)
    far = np.array([away(value, real.scale) for value in found["value"]])
    return found[["unit", *found.columns.drop("unit")]].assign(
        as_far=far >= away(real.value, real.scale) * (1 - _TIE)
    )


def p_value(placebos: pd.DataFrame) -> float:
    """The share of the placebos and the real estimate, taken together, that lie at least as far from no change as it.

    Parameters
    ----------
    placebos : DataFrame
        From :func:`in_space`.

    Returns
    -------
    float
        (1 + placebos as far) / (1 + placebos), of those with a value.

    Raises
    ------
    DesignError
        Other rows, or no placebo with a value.

    Notes
    -----
    **Assumes** what :func:`in_space` assumes.

    Examples
    --------
    >>> import pandas as pd
    >>> from toolkit import placebo
    >>> placebo.p_value(pd.DataFrame({"value": [1.1, 0.7, 0.9], "as_far": [False, True, False]}))
    0.5
    """
    if not isinstance(placebos, pd.DataFrame) or not {"value", "as_far"} <= set(placebos):
        raise DesignError("placebo.p_value takes the rows of placebo.in_space, with value and as_far.")
    known = placebos[placebos["value"].notna()]
    if known.empty:
        raise DesignError("No placebo has a value: see the cautions of the rows for the reason.")
    return float((1 + known["as_far"].sum()) / (1 + len(known)))


def _named(starts: dict[Any, Any]) -> Any:
    units = sorted(starts)
    return units[0] if len(units) == 1 else ", ".join(map(shown, units))

"""What the two-way regression compares with what, and how much weight each comparison has."""

from __future__ import annotations

import numpy as np
import pandas as pd

from toolkit.arms import Arms
from toolkit.numerics import bacon as numerics
from toolkit.panel import Panel
from toolkit.validate import DesignError, and_more, listed, noun, one_of, plural, require_panel, shown

NEVER, NOT_YET, ALREADY, ALWAYS = "never_treated", "not_yet_treated", "already_treated", "always_treated"
_KINDS = (NEVER, NOT_YET, ALREADY, ALWAYS)


def bacon(panel: Panel, *, by: str = "pair") -> pd.DataFrame:
    """Split the two-way regression coefficient into the comparisons of two cohorts that it averages.

    Use it on a published or proposed two-way regression with several start dates, to see how much of the answer rests
    on comparisons with units that were themselves already treated. For the effect itself use :func:`att`.

    Parameters
    ----------
    panel : Panel
        Balanced, with weights (if any) that do not change over time and without covariates. With an exposure the
        outcome is outcome / exposure, as in ``two_way(scale="difference")``.
    by : {"pair", "comparison"}
        One row for each pair of cohorts, or their weighted average for each kind of comparison.

    Returns
    -------
    DataFrame
        By pair: ``comparison``, ``cohort`` (first treated period of the units whose start is studied),
        ``comparison_cohort`` (of those compared with; or the words "never treated", "always treated"), ``estimate``,
        ``weight``, ``n_treated`` and ``n_comparison`` (units). By comparison: ``comparison estimate weight n_pairs``.
        ``comparison`` is ``never_treated``; ``not_yet_treated`` (a later cohort before its start); ``already_treated``
        (an earlier cohort after its start); or ``always_treated`` (units treated in every period of the panel).
        The weights are positive and sum to 1; the weighted sum of the estimates is ``two_way(panel,
        scale="difference").value``.

    Raises
    ------
    DesignError
        Gaps (with how to do without them); weights that change over time; covariates; nobody treated, or nobody to
        compare with.

    Notes
    -----
    A comparison with units already treated subtracts how *their* outcome changed after their own start. Where effects
    grow, that takes the growth for a trend and pulls the answer towards the opposite sign. The decomposition exists for
    least squares only, so it is on the difference scale: take logs of a positive outcome to read it in proportion.

    **Assumes** nothing: it is arithmetic on the regression, whatever the truth. Each estimate is an effect only where
    the two cohorts would have moved alike, and one against treated units only where, besides, their effect stays as it
    was.

    References
    ----------
    Goodman-Bacon (2021), Journal of Econometrics 225, 254-277.

    Examples
    --------
    >>> from toolkit import Panel, did, simulate
    >>> frame, truth = simulate.panel(units=40, periods=24, treated=16, first="2022-01",
    ...                               treated_from=["2023-01", "2023-07"], seed=1)
    >>> panel = Panel.of(frame, unit="unit", period="period", outcome="count", treated_from="treated_from")
    >>> rows = did.bacon(panel)
    >>> rows[["comparison", "cohort", "comparison_cohort"]]
            comparison   cohort comparison_cohort
    0    never_treated  2023-01     never treated
    1    never_treated  2023-07     never treated
    2  not_yet_treated  2023-01           2023-07
    3  already_treated  2023-07           2023-01
    >>> whole = did.two_way(panel, scale="difference").value
    >>> abs(sum(rows["estimate"] * rows["weight"]) - whole) < 1e-10
    True
    >>> did.bacon(panel, by="comparison")["weight"].round(3).tolist()
    [0.875, 0.083, 0.042]
    """
    one_of(by, "by", ("pair", "comparison"))
    require_panel(panel)
    _need_no_covariates(panel)
    _need_no_gaps(panel)
    weight = _unit_weights(panel)
    arms = Arms.of(panel, ratio=False, always_treated=True)
    rows = _pairs(panel, arms, weight)
    return rows if by == "pair" else _by_comparison(rows)


def _pairs(panel: Panel, arms: Arms, weight: np.ndarray) -> pd.DataFrame:
    """One row for each pair of cohorts, by kind and then by cohort."""
    column = np.searchsorted(arms.ordinals, arms.start)
    names, cohort = np.unique(np.where(column == 0, -np.inf, arms.start), return_inverse=True)
    first = np.searchsorted(arms.ordinals, names)
    means, mass = numerics.cohort_means(arms.cells.y, weight, cohort)
    found = numerics.pairs(means - means.mean(), mass, first)
    if not len(found.weight):
        raise DesignError(
            f"No {arms.noun} with any weight is left to compare with: check {panel.labels['weight']}."
        )
    units = np.bincount(cohort[weight > 0], minlength=len(names))
    labels = np.array([_label(panel, name) for name in names], dtype=object)
    rows = pd.DataFrame(
        {
            "comparison": _kinds(first, found, len(arms.ordinals)),
            "cohort": pd.Index(labels[found.treated].tolist()),
            "comparison_cohort": labels[found.against],
            "estimate": found.estimate,
            "weight": found.weight,
            "n_treated": units[found.treated],
            "n_comparison": units[found.against],
        }
    )
    kind = np.array([_KINDS.index(name) for name in rows["comparison"]])
    order = np.lexsort((found.against, found.treated, kind))
    return rows.iloc[order].reset_index(drop=True)


def _kinds(first: np.ndarray, found: numerics.Pairs, periods: int) -> np.ndarray:
    start, other = first[found.treated], first[found.against]
    return np.select(
        [other == periods, other > start, other > 0],
        np.array([NEVER, NOT_YET, ALREADY], dtype=object),
        ALWAYS,
    )


def _label(panel: Panel, ordinal: float) -> object:
    """A cohort's first treated period in the panel's own form; or words."""
    if np.isinf(ordinal):
        return "never treated" if ordinal > 0 else "always treated"
    return panel.periods[0] + int(ordinal - panel.grid.ordinals[0])


def _by_comparison(rows: pd.DataFrame) -> pd.DataFrame:
    """The weighted average of each kind of comparison, and its share of the weight."""
    groups = rows.assign(part=rows["estimate"] * rows["weight"]).groupby("comparison", sort=False)
    weight = groups["weight"].sum()
    table = pd.DataFrame(
        {"estimate": groups["part"].sum() / weight, "weight": weight, "n_pairs": groups.size()}
    )
    return table.reset_index()


def _need_no_covariates(panel: Panel) -> None:
    if panel.covariates:
        raise DesignError(
            "The decomposition is of the regression without covariates: make the Panel without "
            f"{listed(panel.covariates)}."
        )


def _need_no_gaps(panel: Panel) -> None:
    """Every unit in every period, or how to get there."""
    if panel.balanced:
        return
    grid, unit, period = panel.grid, noun(panel.labels, "unit"), noun(panel.labels, "period")
    row, column = np.argwhere(~grid.observed)[0]
    first = f"{unit} {shown(grid.units[row])} has no {period} {shown(grid.periods[column])}"
    whole = int(grid.observed.all(axis=1).sum())
    keep = (
        f"panel.where(lambda rows: rows.groupby('unit')['period'].transform('size') == {len(grid.periods)})"
    )
    advice = (
        f"Keep the {plural(unit)} without gaps: {keep}."
        if whole
        else f"No {unit} is without gaps: choose {plural(period)} with panel.between, or collapse(by=...), first."
    )
    raise DesignError(
        f"The decomposition needs every {unit} in every {period}: {first}"
        f"{and_more(int((~grid.observed).sum()), 'gap')}. {advice}"
    )


def _unit_weights(panel: Panel) -> np.ndarray:
    """One weight for each unit; raise where a unit's weights change over time."""
    grid = panel.grid
    if grid.weight is None:
        return np.ones(len(grid.units))
    weight = np.asarray(grid.weight)
    moves = np.ptp(weight, axis=1) > 1e-12 * weight.max()
    if moves.any():
        unit, name = noun(panel.labels, "unit"), panel.labels["weight"]
        raise DesignError(
            f"{name} changes over time in {unit} {shown(grid.units[moves][0])}{and_more(int(moves.sum()), unit)}: the "
            f"decomposition needs one weight for each {unit}. Give each its mean, or leave weight= out."
        )
    return weight[:, 0]

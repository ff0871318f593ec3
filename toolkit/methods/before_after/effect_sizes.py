"""How large a change is on scales that can be set beside other studies, each with its interval."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd

from toolkit.methods.before_after._said import AT_A_CRISIS, NO_COMPARISON
from toolkit.methods.before_after.paired import Column, Kind
from toolkit.methods.before_after.pairs import (
    Pairs,
    few,
    few_changed,
    pairs_of,
    require_binary,
    require_spread,
)
from toolkit.numerics import effect_sizes as sizes
from toolkit.numerics import paired_proportions, student
from toolkit.validate import DesignError, level_between, one_of

Row = tuple[str, float, float, float, str]


def effect_sizes(
    before: Column, after: Column, *, kind: Kind = "mean", mid_p: bool = False, level: float = 0.95
) -> pd.DataFrame:
    """How much the same people changed, in standard deviations, shares of ranks, or odds.

    Parameters
    ----------
    before, after, kind, level
        As in :func:`paired`.
    mid_p : bool
        For ``"binary"``: the mid-p interval of the odds ratio instead of the exact one.

    Returns
    -------
    DataFrame
        One row each: ``effect_size value low high level method n_pairs cautions``.

        - ``"mean"``: ``d_z``, the mean change over the standard deviation of the changes; ``d_av``, over the average of
          the two standard deviations, which is the one to set beside studies of separate groups; ``g_z`` and ``g_av``,
          the same with Hedges' correction for few pairs.
        - ``"rank"``: ``rank_biserial``, among those who changed the share of the rank sum that is up, less the share
          that is down: 1 if all rose, -1 if all fell.
        - ``"binary"``: ``odds_ratio``, people who went from no to yes for each who went from yes to no. Its
          interval leaves out 1 just where McNemar's p-value is below 1 - level.

    Raises
    ------
    DesignError
        As :func:`paired`; also where nobody changed, or for ``"mean"`` with fewer than three complete pairs.

    Notes
    -----
    **Assumes** what :func:`paired` assumes, and for ``"mean"`` that changes are normal: the intervals are from the
    noncentral t distribution, for ``d_av`` scaled by the ratio of the standard deviations (Algina and Keselman 2003).

    References
    ----------
    Algina, J. and Keselman, H. J. (2003). Approximate confidence intervals for effect sizes. Educational and
    Psychological Measurement 63, 537-553.
    Kerby, D. S. (2014). The simple difference formula: an approach to teaching nonparametric correlation.
    Comprehensive Psychology 3, 11.IT.3.1.
    Lakens, D. (2013). Calculating and reporting effect sizes to facilitate cumulative science. Frontiers in
    Psychology 4, 863.

    Examples
    --------
    >>> from toolkit import before_after
    >>> sizes = before_after.effect_sizes([12, 15, 9, 20, 14, 11], [15, 14, 13, 24, 16, 18])
    >>> sizes.set_index("effect_size")["value"].round(2).to_dict()
    {'d_z': 1.2, 'd_av': 0.81, 'g_z': 1.01, 'g_av': 0.68}
    """
    level = level_between(level)
    one_of(kind, "kind", ("mean", "rank", "binary"))
    if mid_p and kind != "binary":
        raise DesignError(f"mid_p=True is for kind='binary', not {kind!r}: leave it out.")
    pairs = pairs_of(before, after)
    if kind == "binary":
        rows, pairs = (
            [_odds(pairs, mid_p, level)],
            _saying(pairs, few_changed(int((pairs.changes != 0).sum()))),
        )
    else:
        require_spread(pairs)
        pairs = _saying(pairs, few(pairs))
        rows = [_ranked(pairs, level)] if kind == "rank" else _standardised(pairs, level)
    frame = pd.DataFrame(rows, columns=["effect_size", "value", "low", "high", "method"])
    frame.insert(4, "level", level)
    said = " ".join((*pairs.cautions, NO_COMPARISON, AT_A_CRISIS))
    return frame.assign(n_pairs=len(pairs), cautions=said)


def _saying(pairs: Pairs, more: tuple[str, ...]) -> Pairs:
    return replace(pairs, cautions=pairs.cautions + more)


def _standardised(pairs: Pairs, level: float) -> list[Row]:
    """Both standardised means, with and without Hedges' correction."""
    n, df = len(pairs), len(pairs) - 1
    if df < 2:
        raise DesignError(
            f"2 complete pairs of {pairs.names[0]} and {pairs.names[1]}: a change in standard deviations needs at "
            "least 3. paired() gives the mean change of 2, and kind='rank' the share of ranks."
        )
    (change, error), (_, before), (_, after) = (
        student.mean(x) for x in (pairs.changes, pairs.before, pairs.after)
    )
    d_z, scale = (
        change / error / math.sqrt(n),
        2 * error / (before + after),
    )  # the root of n cancels in the second
    low, high = (end / math.sqrt(n) for end in sizes.noncentral(d_z * math.sqrt(n), df, level))
    small, about = sizes.hedges(df), "noncentral t"
    return [
        ("d_z", d_z, low, high, about),
        ("d_av", d_z * scale, low * scale, high * scale, f"{about}, scaled"),
        ("g_z", d_z * small, low * small, high * small, f"{about}, Hedges' correction"),
        ("g_av", d_z * scale * small, low * scale * small, high * scale * small,
         f"{about}, scaled, Hedges' correction"),
    ]  # fmt: skip


def _ranked(pairs: Pairs, level: float) -> Row:
    value, low, high = sizes.rank_biserial(np.sort(pairs.ranked), level)
    return "rank_biserial", value, low, high, "score interval with the jackknife's variance"


def _odds(pairs: Pairs, mid_p: bool, level: float) -> Row:
    require_binary(pairs)
    counts = paired_proportions.table(pairs.before, pairs.after)
    if not counts.gained + counts.lost:
        raise DesignError(
            f"Nobody changed from {pairs.names[0]} to {pairs.names[1]}, so there is no odds ratio. "
            "paired(kind='binary') gives the change in the proportion, which is none, with its interval."
        )
    value, low, high = paired_proportions.odds_ratio(counts, level, mid_p)
    return (
        "odds_ratio",
        value,
        low,
        high,
        f"conditional on changing, {'mid-p' if mid_p else 'exact'} interval",
    )

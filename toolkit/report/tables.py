"""Answers side by side, as a table for a reader."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from toolkit.display import level_words, p_words
from toolkit.estimate import Estimate
from toolkit.report import _table_balance, words
from toolkit.report._answers import Answer, named

balance = _table_balance.balance


def estimates(answers: Mapping[str, Answer]) -> pd.DataFrame:
    """One row per answer, in words; ``Estimate.to_frame`` has the numbers.

    Parameters
    ----------
    answers : dict of str to Estimate or Counterfactual
        Name of each answer, in the order to show. Ratios and differences may stand side by side.

    Returns
    -------
    DataFrame of str
        Indexed by name: ``Estimate`` (ratios as a change in per cent, differences in the outcome's units), the
        interval (its level in the heading, or in each cell where levels differ), ``p``, ``Units (treated)``,
        ``Method`` and, where there is any, ``Cautions``.

    Raises
    ------
    DesignError
        If there is no answer, or one of another kind.

    Examples
    --------
    >>> from toolkit import tables
    >>> from toolkit.estimate import Estimate
    >>> fall = Estimate(0.82, 0.74, 0.91, 0.05, 0.0004, "ATT", "clustered by ward", "ratio", 0.95, 60, 12)
    >>> tables.estimates({"Like with like": fall}).iloc[0].to_dict()
    {'Estimate': '18% lower', '95% interval': '9% to 26% lower', 'p': '<0.001', 'Units (treated)': '60 (12)',
     'Method': 'clustered by ward'}
    """
    found = named(answers, "tables.estimates")
    levels = {estimate.level for estimate in found.values()}
    rows = pd.DataFrame(
        [_row(estimate, len(levels) > 1) for estimate in found.values()], index=pd.Index(found)
    )
    heading = "Interval" if len(levels) > 1 else f"{level_words(levels.pop())} interval"
    rows = rows.rename(columns={"interval": heading})
    return rows if (rows["Cautions"] != "").any() else rows.drop(columns="Cautions")


def _row(estimate: Estimate, with_level: bool) -> dict[str, str]:
    interval = words.interval(estimate)
    return {
        "Estimate": words.change(estimate),
        "interval": f"{level_words(estimate.level)}: {interval}" if with_level else interval,
        "p": p_words(estimate.p_value),
        "Units (treated)": f"{estimate.n_units:,} ({estimate.n_treated:,})",
        "Method": estimate.method,
        "Cautions": " ".join(f"{text.strip().rstrip('.')}." for text in estimate.cautions),
    }

"""Balance as a table for a reader: means, shares and differences in words, with the number of people below."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from toolkit import likeness
from toolkit.display import figure
from toolkit.sample import UNMATCHED, Sample


def balance(sample: Sample) -> pd.DataFrame:
    """How unlike treated and comparison people are, in words; ``balance.table`` has the numbers.

    Parameters
    ----------
    sample : Sample
        People, unmatched, matched or weighted.

    Returns
    -------
    DataFrame of str
        Indexed by covariate (``force: Durham`` for a level of a category): means of ``Treated`` and ``Comparison``
        (shares in per cent for 0/1 columns) and ``Difference`` in standard deviations of the treated before matching;
        once matched or weighted, the comparison and the difference after, and the treated if some were left out. The
        last row counts the people, and how many of equal weight they are worth where weights vary.

    Raises
    ------
    DesignError
        No Sample, or one without covariates.

    Examples
    --------
    >>> import pandas as pd
    >>> from toolkit import Sample, matching, tables
    >>> people = pd.DataFrame({"diverted": [1, 1, 0, 0, 0, 0], "priors": [4, 2, 4, 2, 2, 0]})
    >>> sample = Sample.of(people, treated="diverted", covariates=["priors"])
    >>> tables.balance(matching.weights(sample, kind="entropy")).loc["priors"].to_dict()
    {'Treated': '3', 'Comparison': '2', 'Difference': '+0.71', 'Comparison after': '3', 'Difference after': '0.00'}
    """
    table, people = likeness.table(sample), likeness.sizes(sample)
    binary = sample.origin.columns.binary
    shown = {
        "Treated": _column(table["mean_treated_before"], binary, people, "treated", "before"),
        "Comparison": _column(table["mean_comparison_before"], binary, people, "comparison", "before"),
        "Difference": _differences(table["standardised_difference_before"]),
    }
    if sample.design != UNMATCHED:
        if sample.n_treated < sample.origin.n_treated:
            shown["Treated after"] = _column(table["mean_treated_after"], binary, people, "treated", "after")
        shown["Comparison after"] = _column(
            table["mean_comparison_after"], binary, people, "comparison", "after"
        )
        shown["Difference after"] = _differences(table["standardised_difference_after"])
    names = [name.replace("_", " ") for name in sample.columns.names]
    return pd.DataFrame(shown, index=pd.Index([*names, "People"]))


def _column(means: pd.Series, binary: np.ndarray, people: pd.DataFrame, arm: str, when: str) -> list[str]:
    """Means or shares, then how many people they are of."""
    said = [
        f"{100 * mean:.0f}%" if share else figure(mean) for mean, share in zip(means, binary, strict=True)
    ]
    number, worth = int(people[f"people_{when}"][arm]), float(people[f"worth_{when}"][arm])
    return [*said, f"{number:,} (worth {worth:,.0f})" if worth < number - 0.5 else f"{number:,}"]


def _differences(values: Iterable[float]) -> list[str]:
    """``+0.31``, ``−0.05``, ``0.00``; nothing in the row that counts people."""
    said = [f"{value:+.2f}".replace("-", "−") for value in values]
    return [*("0.00" if text[1:] == "0.00" else text for text in said), ""]

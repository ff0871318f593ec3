"""Balance: how like treated and comparison people were before treatment, as they came and once matched."""

from __future__ import annotations

import pandas as pd

from toolkit import likeness
from toolkit.sample import Sample


def table(sample: Sample) -> pd.DataFrame:
    """How unlike the treated and the comparison people are in each covariate, before and after matching.

    Parameters
    ----------
    sample : Sample
        People, unmatched, matched or weighted; of a matched sample the people it came from are shown too.

    Returns
    -------
    DataFrame
        One row for each covariate that is a number and for each level of a category: ``covariate``, ``level`` ("" for
        a number) and, ending in ``_before`` and (once matched or weighted) in ``_after``, ``mean_treated``,
        ``mean_comparison`` (shares for levels), ``standardised_difference`` and ``variance_ratio`` (treated over
        comparison; NaN for 0/1 columns, whose variance is in their mean).

    Raises
    ------
    DesignError
        No Sample, or one without covariates.

    Notes
    -----
    Differences are told in one unit before and after, so that a smaller figure means more alike and not a changed
    yardstick: the standard deviation of the treated before matching, sqrt(p (1 - p)) for 0/1 columns (of everybody,
    where the treated do not vary). Austin (2011) calls less than 0.1 negligible.

    **Assumes** nothing about the outcome. Being alike in what is named says nothing of what is not.

    References
    ----------
    Austin (2011), Multivariate Behavioral Research 46, 399-424.

    Examples
    --------
    >>> import pandas as pd
    >>> from toolkit import Sample, balance, matching
    >>> people = pd.DataFrame({"diverted": [1, 1, 0, 0, 0, 0], "priors": [4, 2, 4, 2, 2, 0]})
    >>> sample = Sample.of(people, treated="diverted", covariates=["priors"])
    >>> found = balance.table(matching.weights(sample, kind="entropy"))
    >>> [round(abs(found[f"standardised_difference_{when}"].item()), 3) for when in ("before", "after")]
    [0.707, 0.0]
    """
    return likeness.table(sample)


def sizes(sample: Sample) -> pd.DataFrame:
    """How many people there are in each arm, and how many of equal weight they are worth.

    Parameters
    ----------
    sample : Sample
        People, unmatched, matched or weighted.

    Returns
    -------
    DataFrame
        Rows ``treated`` and ``comparison``; ``people`` and ``worth`` before and, once matched or weighted, after.
        ``worth`` is Kish's effective sample size, (sum of weights) squared over the sum of squared weights: the more
        unequal the weights, the fewer people they are worth.

    Raises
    ------
    DesignError
        No Sample, or one without covariates.

    Examples
    --------
    >>> import pandas as pd
    >>> from toolkit import Sample, balance, matching
    >>> people = pd.DataFrame({"diverted": [1, 1, 0, 0, 0, 0], "priors": [4, 2, 4, 2, 2, 0]})
    >>> sample = Sample.of(people, treated="diverted", covariates=["priors"])
    >>> balance.sizes(matching.weights(sample, kind="entropy")).loc["comparison"].round(2).to_dict()
    {'people_before': 4.0, 'worth_before': 4.0, 'people_after': 4.0, 'worth_after': 2.56}
    """
    return likeness.sizes(likeness.people_compared(sample))

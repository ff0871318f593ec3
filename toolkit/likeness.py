"""How like the two arms of a sample are in what was known before, as they came and once matched or weighted."""

from __future__ import annotations

import numpy as np
import pandas as pd

from toolkit.numerics import balance, balancing
from toolkit.sample import UNMATCHED, Sample
from toolkit.validate import DesignError, kind

TOLERATED = 0.1  # standard deviations (Austin 2011)


def people_compared(sample: Sample) -> Sample:
    """The sample, if it is one with covariates to compare."""
    if not isinstance(sample, Sample):
        raise DesignError(
            f"This takes a Sample, not {kind(sample)}: make one with Sample.of(people, treated=...)."
        )
    if not sample.covariates:
        raise DesignError("The Sample has no covariates to compare: name them in Sample.of(covariates=...).")
    return sample


def table(sample: Sample) -> pd.DataFrame:
    """One row for each number, and for each level of a category, before and (if made) after."""
    people_compared(sample)
    columns = sample.columns
    frame = pd.DataFrame({"covariate": columns.covariates, "level": columns.levels})
    frame = frame.assign(**_numbers(sample.origin, sample.origin, "before"))
    return frame if sample.design == UNMATCHED else frame.assign(**_numbers(sample, sample.origin, "after"))


def _numbers(sample: Sample, origin: Sample, when: str) -> dict[str, np.ndarray]:
    columns = sample.columns
    binary = origin.columns.binary
    found = balance.compare(columns.matrix, binary, sample.treated, sample.weight, spread(origin))
    return {
        f"mean_treated_{when}": found.treated,
        f"mean_comparison_{when}": found.comparison,
        f"standardised_difference_{when}": found.difference,
        f"variance_ratio_{when}": found.variance_ratio,
    }


def spread(origin: Sample) -> np.ndarray:
    """The treated's standard deviation of each column before matching; everybody's where the treated do not vary."""
    matrix, binary, weight, arm = origin.columns.matrix, origin.columns.binary, origin.weight, origin.treated
    own = balance.spread_of(matrix[arm], binary, weight[arm])
    return np.where(own > 0, own, balance.spread_of(matrix, binary, weight))


def unlike(differences: pd.Series) -> np.ndarray:
    """Which standardised differences are more than tolerated, as told to two decimals: 0.104 reads 0.10 and is not."""
    return np.round(np.abs(differences.to_numpy(dtype=float)), 2) > TOLERATED


def sizes(sample: Sample) -> pd.DataFrame:
    """How many people each arm has, and how many of equal weight they are worth, before and (if made) after."""
    rows: dict[str, list[float]] = {}
    for when, people in (("before", sample.origin), ("after", sample)):
        if when == "before" or sample.design != UNMATCHED:
            arms = (people.treated, ~people.treated)
            rows[f"people_{when}"] = [int(arm.sum()) for arm in arms]
            rows[f"worth_{when}"] = [balancing.effective_size(people.weight[arm]) for arm in arms]
    return pd.DataFrame(rows, index=pd.Index(["treated", "comparison"], name="arm"))

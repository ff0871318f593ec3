"""Weighting comparison people so that, together, they are like the treated."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

from toolkit.methods.matching import limits
from toolkit.methods.matching.score import people_of, score_of, useful
from toolkit.numerics import balancing
from toolkit.sample import WEIGHTED, Sample
from toolkit.validate import DesignError, listed, one_of

_FAR = 300.0  # log odds beyond which everything is certain, and whose exponential can still be squared


def weights(sample: Sample, *, estimand: str = "ATT", kind: str = "propensity") -> Sample:
    """Everybody, the comparison people weighted so that together they are like the treated before treatment.

    Parameters
    ----------
    sample : Sample
        People with covariates. No outcome is seen.
    estimand : {"ATT", "ATE"}
        ATT: comparison people are made like the treated, and any effect is that on the treated. ATE: both arms are
        made like everybody, and any effect is the one if everybody were treated against nobody.
    kind : {"propensity", "entropy"}
        Propensity: comparison people count as score / (1 - score), from a logistic regression on every covariate
        (for the ATE 1 / score and 1 / (1 - score)). Entropy: the weights nearest to equal for which the means of
        every covariate agree exactly.

    Returns
    -------
    Sample
        Everybody, in the caller's order. For the ATT the treated keep their weight and the comparison people's
        weights sum to the same; for the ATE each arm sums to the weight of everybody. ``remake`` repeats the
        weighting on people drawn again, as a bootstrap must.

    Raises
    ------
    DesignError
        No covariates, covariates that tell the arms apart without error, or means that no weights can match.

    Notes
    -----
    **Assumes** that everything which led people into the programme and also bears on the outcome is among the
    covariates, as it was before treatment.

    **Assumes** that for every kind of treated person there are comparison people of that kind.

    **Assumes** that the score's shape (propensity) or the covariates named (entropy) are what matters: squares and
    products count only if they are covariates too.

    References
    ----------
    Rosenbaum and Rubin (1983), Biometrika 70, 41-55. Hainmueller (2012), Political Analysis 20, 25-46.

    Examples
    --------
    >>> import pandas as pd
    >>> from toolkit import Sample, matching
    >>> people = pd.DataFrame({"diverted": [1, 1, 0, 0, 0, 0], "priors": [4, 2, 4, 2, 2, 0]})
    >>> sample = Sample.of(people, treated="diverted", covariates=["priors"])
    >>> weighted = matching.weights(sample, kind="entropy")
    >>> weighted.weight.round(3).tolist()
    [1.0, 1.0, 1.125, 0.375, 0.375, 0.125]
    """
    people_of(sample)
    one_of(estimand, "estimand", ("ATT", "ATE"))
    one_of(kind, "kind", ("propensity", "entropy"))
    made = _weighted(sample, estimand, kind)
    warned = _entropy_cautions(sample) if kind == "entropy" else _score_cautions(sample)
    cautions = (*warned, *limits.heavy(made), *limits.still_unlike(made, "weighting"))
    return replace(made, cautions=(*sample.cautions, *cautions))


def _weighted(sample: Sample, estimand: str, kind: str) -> Sample:
    """The sample under new weights, and how to make them again."""
    make = _by_entropy if kind == "entropy" else _by_score
    made = sample.made(rows=np.arange(sample.n), weight=make(sample, estimand), design=WEIGHTED)
    return replace(made, estimand=estimand, remake=partial(_weighted, estimand=estimand, kind=kind))


def _by_score(sample: Sample, estimand: str) -> np.ndarray:
    log_odds, arm = np.clip(score_of(sample).log_odds, -_FAR, _FAR), sample.treated
    if estimand == "ATT":
        return _summing(sample, np.where(arm, 1.0, np.exp(log_odds)), sample.weight[arm].sum())
    return _summing(sample, 1 + np.exp(np.where(arm, -log_odds, log_odds)), sample.weight.sum())


def _summing(sample: Sample, factor: np.ndarray, total: float) -> np.ndarray:
    """The user's weights times the factor, each arm summing to the total."""
    weight, arm = sample.weight * factor, sample.treated
    return weight * total / np.where(arm, weight[arm].sum(), weight[~arm].sum())


def _by_entropy(sample: Sample, estimand: str) -> np.ndarray:
    columns, arm, base = sample.columns.matrix[:, ~sample.columns.first], sample.treated, sample.weight
    like = arm if estimand == "ATT" else np.ones(sample.n, dtype=bool)
    target, total = base[like] @ columns[like] / base[like].sum(), base[like].sum()
    weight = base.copy()
    for side in (~arm,) if estimand == "ATT" else (~arm, arm):
        found = balancing.entropy_weights(columns[side], target, base[side])
        if found is None:
            raise DesignError(_out_of_reach(sample, side, like))
        weight[side] = found * total
    return weight


def _out_of_reach(sample: Sample, side: np.ndarray, like: np.ndarray) -> str:
    """Which covariate no weights can bring to its mean, where one alone is the reason."""
    matrix, who = sample.columns.matrix, "treated" if sample.treated[side].all() else "comparison"
    target = sample.weight[like] @ matrix[like] / sample.weight[like].sum()
    inside = matrix[side & (sample.weight > 0)]
    beyond = np.flatnonzero((target < inside.min(axis=0)) | (target > inside.max(axis=0)))
    named = listed(sample.columns.names[i] for i in beyond)
    why = f" The mean of {named} lies outside what they have." if len(beyond) else ""
    return (
        f"No weights make the {who} people like the others in every covariate: the arms do not overlap enough.{why} "
        "Name fewer covariates, group rare levels, or use matching.nearest with a caliper."
    )


def _score_cautions(sample: Sample) -> tuple[str, ...]:
    score = score_of(sample)
    return (*score.cautions, *limits.outside(sample, score))


def _entropy_cautions(sample: Sample) -> tuple[str, ...]:
    return useful(sample)[1]

"""Matching each treated person with the comparison people nearest to them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from toolkit.matches import Matches
from toolkit.methods.matching import limits
from toolkit.methods.matching.score import Score, people_of, score_of
from toolkit.numerics import pairing, units
from toolkit.sample import WITH, WITHOUT, Sample
from toolkit.sample_columns import names_of
from toolkit.validate import DesignError, one_of, quoted, shown, whole, yes_no

_MOST_CELLS = 100_000_000  # of a matrix of distances


def nearest(
    sample: Sample,
    *,
    exact: Sequence[str] = (),
    caliper: float | None = None,
    distance: str = "logit",
    how: str = "greedy",
    replace: bool = False,
    ratio: int = 1,
) -> Sample:
    """The treated, and for each the comparison people who were most like them before treatment.

    Parameters
    ----------
    sample : Sample
        People with covariates. Every covariate is in the propensity score, the fitted probability of being
        treated (logistic regression). No outcome is seen.
    exact : sequence of str
        Covariates on which a match must agree exactly, such as the force.
    caliper : float, optional
        How far apart two matched people may be, in standard deviations (of both arms, pooled) of the log odds of
        the score, or of the score itself where ``distance="probability"``. Austin (2011) suggests 0.2. Treated
        people with nobody so near are left out, with a caution. No limit if not given.
    distance : {"logit", "probability", "mahalanobis"}
        Nearness in the log odds of the score, in the score, or in all the covariates at once (differences told in
        standard deviations within the arms, correlated ones counted once); a caliper is then on the log odds.
    how : {"greedy", "optimal"}
        Greedy: the treated choose in turn, the one with the largest score first, each taking the nearest person
        left. Optimal: the pairs whose total distance is least, and as many pairs as there can be.
    replace : bool
        Whether a comparison person may serve several treated people. The order then does not matter, ``how`` is not
        used, and comparison people equally near all serve.
    ratio : int
        How many comparison people for each treated person.

    Returns
    -------
    Sample
        The people matched, in the caller's order. The treated keep their weight; a comparison person's weight is
        the sum, over the treated people they serve, of that person's weight divided by how many serve them.
        ``match_id`` numbers the matches (without replacement); ``matches`` holds the pairs.

    Raises
    ------
    DesignError
        No covariates, covariates that tell the arms apart without error, or nobody that can be matched.

    Notes
    -----
    **Assumes** that everything which led people into the programme and also bears on the outcome is among the
    covariates, as it was before treatment.

    **Assumes** that for every kind of treated person there are comparison people of that kind.

    **Assumes** that one person's treatment does not change another's outcome.

    Where two comparison people are equally near, the covariates and then the row labels (the index of the data)
    decide, never the order of the rows. With a caliper the estimand is the effect on the treated who were matched.

    Nearness in the score is found by sorting, in seconds for 100,000 people. Distances in all the covariates
    (``"mahalanobis"``) are told one treated person at a time: about a minute where 10,000 of 100,000 were treated.

    References
    ----------
    Rosenbaum and Rubin (1983), Biometrika 70, 41-55. Austin (2011), Pharmaceutical Statistics 10, 150-161.

    Examples
    --------
    >>> import pandas as pd
    >>> from toolkit import Sample, matching
    >>> people = pd.DataFrame({"diverted": [1, 1, 0, 0, 0, 0], "age": [19, 32, 20, 31, 45, 24],
    ...                        "priors": [4, 1, 3, 2, 0, 5]})
    >>> sample = Sample.of(people, treated="diverted", covariates=["age", "priors"])
    >>> matched = matching.nearest(sample, distance="mahalanobis")
    >>> matched
    Sample of 4 people: 2 treated, 2 comparison; matched without replacement
    >>> matched.frame["match_id"].to_dict()
    {0: 0, 1: 1, 2: 0, 3: 1}
    """
    people_of(sample)
    one_of(distance, "distance", ("logit", "probability", "mahalanobis"))
    one_of(how, "how", ("greedy", "optimal"))
    per, again = whole(ratio, "ratio", least=1), yes_no(replace, "replace")
    score = score_of(sample)
    ground = _ground(sample, score, distance, _caliper(caliper), names_of(exact, "exact"))
    treated, comparison = _ranked(sample, score)
    pairs = _chosen(ground, treated, comparison, per, "replace" if again else how)
    if not len(pairs):
        raise DesignError(_nobody(caliper, exact))
    matches = Matches(pairs, ground.places, ground.strata, per)
    made = _made(sample, matches, WITH if again else WITHOUT)
    cautions = _limits(sample, score, made, caliper is not None)
    return dataclasses.replace(made, cautions=(*sample.cautions, *cautions))


def _caliper(caliper: Any) -> float:
    if caliper is None:
        return np.inf
    number = isinstance(caliper, (int, float, np.number)) and not isinstance(caliper, bool)
    if not number or not 0 < float(caliper) < np.inf:
        raise DesignError(
            f"caliper={quoted(caliper)} must be above zero, such as 0.2, or left out for no limit."
        )
    return float(caliper)


def _ground(
    sample: Sample, score: Score, distance: str, caliper: float, exact: tuple[str, ...]
) -> pairing.Ground:
    """Where people stand for this distance, and how far a match may reach."""
    reach = score.probability if distance == "probability" else score.log_odds
    places = _whitened(score.regressors[:, 1:], sample) if distance == "mahalanobis" else reach[:, None]
    limit = caliper * _pooled_spread(reach, sample) if np.isfinite(caliper) else np.inf
    return pairing.Ground(places, _strata(sample, exact), reach, limit)


def _pooled_spread(values: np.ndarray, sample: Sample) -> float:
    """The root of the mean of the two arms' variances (Austin 2011)."""
    arm = sample.treated
    return float(np.sqrt((_variance(values[arm]) + _variance(values[~arm])) / 2))


def _variance(values: np.ndarray) -> float:
    return float(values.var(ddof=1)) if len(values) > 1 else 0.0


def _whitened(columns: np.ndarray, sample: Sample) -> np.ndarray:
    """Columns turned and scaled so that straight-line distance is Mahalanobis distance, pooled within the arms."""
    arm, columns = sample.treated[:, None], columns / units.of(columns)
    inside = columns - np.where(arm, columns[arm[:, 0]].mean(axis=0), columns[~arm[:, 0]].mean(axis=0))
    covariance = np.atleast_2d(np.cov(inside, rowvar=False)) * (len(columns) - 1) / max(len(columns) - 2, 1)
    scale = np.sqrt(np.diag(covariance))
    values, vectors = np.linalg.eigh(covariance / np.outer(scale, scale))
    kept = values > 1e-10
    return (columns / scale) @ (vectors[:, kept] / np.sqrt(values[kept]))


def _strata(sample: Sample, exact: tuple[str, ...]) -> np.ndarray:
    unknown = [name for name in exact if name not in sample.covariates]
    if unknown:
        raise DesignError(
            f"exact={quoted(unknown[0])} is not a covariate of the Sample: name it in covariates=."
        )
    if not exact:
        return np.zeros(sample.n, dtype=int)
    return sample.frame.groupby(list(exact), observed=True, sort=True).ngroup().to_numpy()


def _ranked(sample: Sample, score: Score) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the treated and of the comparison people who count, largest score first, ties by data and label."""
    labels = sample.frame.index
    names = pd.Index(labels.map(str)) if labels.dtype == object else labels
    keys = [pd.factorize(names, sort=True)[0], *sample.columns.matrix.T[::-1], -np.round(score.log_odds, 9)]
    order = np.lexsort(keys)
    arm, counts = sample.treated[order], sample.weight[order] > 0
    return order[arm & counts], order[~arm & counts]


def _chosen(
    ground: pairing.Ground, treated: np.ndarray, comparison: np.ndarray, ratio: int, how: str
) -> np.ndarray:
    if how == "replace":
        return pairing.with_replacement(ground, treated, comparison, ratio)
    if how == "greedy":
        return pairing.greedy(ground, treated, comparison, ratio)
    cells = len(treated) * ratio * len(comparison)
    if cells > _MOST_CELLS:
        raise DesignError(
            f"Optimal matching would compare {cells:,} pairs of people at once. Use how='greedy'."
        )
    return pairing.optimal(ground, treated, comparison, ratio)


def _made(sample: Sample, matches: Matches, design: str) -> Sample:
    """The matched people: each comparison person weighs what the treated they serve weigh between them."""
    treated, comparison = matches.pairs.T
    served = np.bincount(treated, minlength=sample.n)
    weight = np.where(served > 0, sample.weight, 0.0)
    weight += np.bincount(comparison, sample.weight[treated] / served[treated], minlength=sample.n)
    rows = np.unique(matches.pairs)
    ids = _match_ids(matches.pairs, rows) if design == WITHOUT else None
    return sample.made(rows=rows, weight=weight[rows], design=design, matches=matches, match_id=ids)


def _limits(sample: Sample, score: Score, made: Sample, limited: bool) -> tuple[str, ...]:
    pairs, ratio = made.matches.pairs, made.matches.ratio  # type: ignore[union-attr]
    return (
        *score.cautions,
        *limits.left_out(sample, np.bincount(pairs[:, 0], minlength=sample.n), ratio),
        *(() if limited else limits.outside(sample, score)),
        *(() if made.design == WITH else limits.arbitrary(sample, pairs[:, 1])),
        *limits.still_unlike(made, "matching"),
    )


def _match_ids(pairs: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """A number for each match, counted in the order of its treated person's row."""
    leaders = np.unique(pairs[:, 0])
    ids = np.full(rows.max() + 1, -1)
    ids[leaders] = np.arange(len(leaders))
    ids[pairs[:, 1]] = ids[pairs[:, 0]]
    return ids[rows]


def _nobody(caliper: Any, exact: Any) -> str:
    limits = [f"caliper={shown(caliper)}"] if caliper is not None else []
    limits += [f"exact={quoted(exact) if isinstance(exact, str) else list(exact)}"] if len(exact) else []
    return (
        f"Nobody can be matched under {' and '.join(limits) or 'this distance'}: the arms do not overlap. Widen the "
        "caliper, match exactly on fewer covariates, or find comparison people more like the treated."
    )

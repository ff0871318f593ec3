"""The propensity score of a sample, and what its fit says about who has nobody like them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from toolkit.numerics import logistic
from toolkit.sample import UNMATCHED, Sample
from toolkit.sample_columns import Columns
from toolkit.validate import DesignError, kind, listed, shown

_SEPARATED = 1e-3  # every fitted probability this near to what happened: the arms do not meet


@dataclass(frozen=True, eq=False)
class Score:
    """The log odds of being treated given the covariates, by logistic regression.

    Attributes
    ----------
    log_odds, probability : (n,) float array
    regressors : (n, p) float array
        The columns that were used, the constant first.
    names : tuple of str
        What each column after the constant is.
    coef : (p,) float array
    cautions : tuple of str
    """

    log_odds: np.ndarray
    probability: np.ndarray
    regressors: np.ndarray
    names: tuple[str, ...]
    coef: np.ndarray
    cautions: tuple[str, ...]


def people_of(sample: Sample) -> Sample:
    """The sample, if it can be matched: people with covariates, not yet matched or weighted."""
    if not isinstance(sample, Sample):
        raise DesignError(
            f"This takes a Sample, not {kind(sample)}: make one with Sample.of(people, treated=...)."
        )
    if sample.design != UNMATCHED:
        raise DesignError(f"The people are {sample.design} already. Start again from sample.origin.")
    if not sample.covariates:
        raise DesignError("The Sample has no covariates to match on: name them in Sample.of(covariates=...).")
    return sample


def score_of(sample: Sample) -> Score:
    """Fit the score on every covariate; refuse where the covariates tell the arms apart without error."""
    used, cautions = useful(sample)
    columns, treated, counts = sample.columns.matrix[:, used], sample.treated, sample.weight > 0
    coef = logistic.fit(columns[counts], treated[counts], sample.weight[counts])
    log_odds = logistic.linear(columns, coef)
    probability = special.expit(log_odds)
    if np.abs(probability - treated)[counts].max() < _SEPARATED:
        raise DesignError(_separated(sample))
    names = tuple(name for name, use in zip(sample.columns.names, used, strict=True) if use)
    regressors = np.column_stack([np.ones(len(columns)), columns])
    return Score(log_odds, probability, regressors, names, coef, cautions)


def useful(sample: Sample) -> tuple[np.ndarray, tuple[str, ...]]:
    """Which columns say something of their own of those who count, and a caution for covariates that say nothing."""
    columns = sample.columns.take(np.flatnonzero(sample.weight))
    used = np.zeros(len(columns.covariates), dtype=bool)
    candidates = np.flatnonzero(~columns.first)
    used[candidates] = logistic.independent(columns.matrix[:, candidates])
    if not used.any():
        raise DesignError(
            f"{listed(dict.fromkeys(columns.covariates))} do not vary: there is nothing to match on."
        )
    return used, _idle(columns, used)


def _idle(columns: Columns, used: np.ndarray) -> tuple[str, ...]:
    """A caution for covariates that are the same for everybody, and one for those that others tell."""
    constant, cautions = np.ptp(columns.matrix, axis=0) == 0, []
    owners = np.array(columns.covariates)
    same = [name for name in dict.fromkeys(columns.covariates) if constant[owners == name].all()]
    told = [name for name in dict.fromkeys(owners[~used & ~columns.first].tolist()) if name not in same]
    for names, why in (
        (same, "the same for everybody"),
        (told, "in part or whole what other covariates tell"),
    ):
        if names:
            are, add = ("is", "adds") if len(names) == 1 else ("are", "add")
            cautions.append(f"{listed(names)} {are} {why} and {add} nothing to the matching.")
    return tuple(cautions)


def _separated(sample: Sample) -> str:
    """Name the covariate that alone tells the arms apart, if one does."""
    message = "The covariates tell treated from comparison people without error, so the arms do not overlap."
    advice = (
        "Leave out a covariate that was measured after treatment or that decided who was treated; if the rule was "
        "sharp, matching cannot answer the question."
    )
    values, treated, names = sample.columns.matrix, sample.treated, sample.columns.names
    for name, column in zip(names, values.T, strict=True):
        one, other = column[treated], column[~treated]
        if one.min() > other.max() or one.max() < other.min():
            span = f"{shown(one.min())} to {shown(one.max())} against {shown(other.min())} to {shown(other.max())}"
            return f"{message} {name} alone does so: {span}. {advice}"
    return f"{message} {advice}"

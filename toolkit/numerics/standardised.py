"""Marginal standardisation: what a regression says would become of people were they treated, and were they not."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import statsmodels.api as sm

from toolkit.numerics import logistic
from toolkit.validate import DesignError

_FAMILIES = {
    "logistic": sm.families.Binomial,
    "log": sm.families.Poisson,  # on yes/no outcomes this is the modified Poisson regression of Zou (2004)
    "linear": sm.families.Gaussian,
}
_TIGHT = 1e-12
_CERTAIN = 1e-7  # a fitted share this near to none or all is on its way there
_NO_ANSWER = (
    "The regression has no answer: treatment and covariates tell some of the outcomes apart without error. Adjust for "
    "fewer covariates, or compare without adjusting."
)
_TOLD = (
    "The regression has no answer: the covariates say exactly who was treated, so there is nobody alike to compare. "
    "Adjust for fewer covariates."
)


@dataclass(frozen=True, eq=False)
class Standardised:
    """The mean outcome were all treated and were none, among the people asked about, and each person's part in it.

    Attributes
    ----------
    means : ndarray, shape (2,)
        Were they treated, and were they not.
    scores : ndarray, shape (n, 2)
        Each person's influence on the two means: their covariance is scores' scores / n squared.
    gradient : ndarray, shape (2, k)
        Of the means in the coefficients of the constant, the treatment and the covariates in standard deviations.
    information : ndarray, shape (k, k)
        Of the same coefficients, as the family says (with a dispersion of 1).
    parameters : int
    """

    means: np.ndarray
    scores: np.ndarray
    gradient: np.ndarray
    information: np.ndarray
    parameters: int


def fit(
    y: np.ndarray,
    treated: np.ndarray,
    x: np.ndarray,
    among: np.ndarray,
    family: str,
    *,
    weight: np.ndarray | None = None,
) -> Standardised:
    """Regress on treatment and covariates, then average what it says over the people asked about.

    Parameters
    ----------
    y, treated : ndarray, shape (n,)
    x : ndarray, shape (n, p)
        Covariates, without a constant, none told by the others; neither their units nor their zeros matter.
    among : ndarray of bool, shape (n,)
        Whose means are asked for.
    family : {"logistic", "log", "linear"}
    weight : ndarray, shape (n,), optional
        How much each person counts, in the regression and in the averages; above zero. Alike if not given.
    """
    if not logistic.independent(np.column_stack([x, treated]))[-1]:
        raise DesignError(_TOLD)
    counts = np.ones(len(y)) if weight is None else weight / weight.mean()
    rows = np.column_stack([np.ones(len(y)), treated, logistic.standardised(x)[0]])
    model = _regression(y, rows, family, counts)
    slope = _slope(model.fittedvalues, family)
    information = (rows * (counts * slope)[:, None]).T @ rows
    pulls = rows * (counts * (y - model.fittedvalues))[:, None]
    coefficient = np.linalg.solve(information, pulls.T).T * len(y)
    share = counts * among / (counts * among).mean()
    means, scores, gradient = np.empty(2), np.empty((len(y), 2)), np.empty((2, rows.shape[1]))
    for place, arm in enumerate((1.0, 0.0)):
        rows[:, 1] = arm
        says = model.predict(rows)
        means[place] = (share * says).mean()
        gradient[place] = (rows * (share * _slope(says, family))[:, None]).mean(axis=0)
        scores[:, place] = share * (says - means[place]) + coefficient @ gradient[place]
    return Standardised(means, scores, gradient, information, rows.shape[1])


def _regression(y: np.ndarray, rows: np.ndarray, family: str, counts: np.ndarray) -> Any:
    """The fitted regression; raise where it has no finite coefficients."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # statsmodels warns of separation, and of steps that lead nowhere
            model = sm.GLM(y, rows, family=_FAMILIES[family](), freq_weights=counts)
            fitted = model.fit(tol=_TIGHT, maxiter=200)
    except (Warning, ValueError, np.linalg.LinAlgError) as error:
        raise DesignError(_NO_ANSWER) from error
    if family != "linear" and _slope(fitted.fittedvalues, family).min() < _CERTAIN:
        raise DesignError(_NO_ANSWER)
    return fitted


def _slope(mean: np.ndarray, family: str) -> np.ndarray:
    """The derivative of the mean in the linear predictor, which for these links is also the variance."""
    return {"logistic": mean * (1 - mean), "log": mean, "linear": np.ones_like(mean)}[family]


def error(scores: np.ndarray, sets: np.ndarray, parameters: int) -> tuple[float, float]:
    """The sandwich standard error of a mean of scores, clustered by set, and its degrees of freedom.

    With people on their own the correction is n / (n - k), and n - k the degrees of freedom (HC1); with matched sets it
    is G / (G - 1) times (n - 1) / (n - k), and G - 1.
    """
    n, total = len(scores), np.bincount(sets, weights=scores)
    groups = len(total)
    factor = groups / (groups - 1) * (n - 1) / (n - parameters)
    df = n - parameters if groups == n else groups - 1
    return float(np.sqrt(total @ total * factor)) / n, float(df)

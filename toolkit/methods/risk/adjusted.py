"""Outcomes adjusted by a regression: what it says of the treated as they were, and had they not been treated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from toolkit.estimate import POINTS, Estimate, Scale, merged
from toolkit.methods.risk import said, scores
from toolkit.methods.risk.contrasts import Rate, counts, events_in_both
from toolkit.methods.risk.spread import Spread
from toolkit.methods.risk.two_arms import checked
from toolkit.numerics import logistic, standardised
from toolkit.sample import UNMATCHED, WITHOUT, Sample
from toolkit.sample_columns import names_of
from toolkit.validate import DesignError, level_between, listed, one_of


def adjusted(
    sample: Sample,
    outcome: str,
    *,
    scale: Scale = "difference",
    adjust: Sequence[str] | None = None,
    among: str = "treated",
    randomised: bool = False,
    level: float = 0.95,
) -> Estimate:
    """What a regression says the treated gained: their mean outcome, less what it says it would have been untreated.

    Parameters
    ----------
    sample : Sample
        As it came, or matched without replacement: adjusting pairs takes out what matching left unlike. Weights of the
        user's own, and those that several comparison people to one treated person have, weight the regression too.
    outcome : str
        Yes/no, a count or a score.
    scale : {"difference", "ratio"}
    adjust : sequence of str, optional
        Covariates to adjust for; all of them if not given.
    among : {"treated", "everyone"}
        Whose mean outcomes are compared.
    randomised, level
        As in :func:`difference`.

    Returns
    -------
    Estimate

    Raises
    ------
    DesignError
        A sample that :func:`matching.weights` weighted, or matched with replacement; no covariates, or more of them
        than people bear; as :func:`difference` and :func:`ratio`.

    Notes
    -----
    Marginal standardisation (g-computation). Logistic regression for a difference of shares, log-link Poisson for
    ratios (on a yes/no outcome the modified Poisson regression), least squares for other differences. The error is the
    sandwich of the regression and the averaging together, clustered by match.

    **Assumes** what :func:`difference` assumes, and that the regression has the right shape.

    References
    ----------
    Zou (2004), American Journal of Epidemiology 159; Abadie and Spiess (2022), Journal of the American Statistical
    Association 117.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from toolkit import Sample, risk
    >>> rng = np.random.default_rng(1)
    >>> people = pd.DataFrame({"diverted": [1] * 60 + [0] * 90, "priors": rng.poisson(2, 150)})
    >>> people["reoffended"] = (rng.random(150) < 0.2 + 0.08 * people["priors"]).astype(int)
    >>> sample = Sample.of(people, treated="diverted", covariates=["priors"], outcomes=["reoffended"])
    >>> answer = risk.adjusted(sample, "reoffended")
    >>> answer.low < 0 < answer.high
    True
    """
    level, _ = level_between(level), checked(sample, 0)
    one_of(scale, "scale", ("difference", "ratio"))
    one_of(among, "among", ("treated", "everyone"))
    names, x = _columns(sample, adjust)
    y = sample.outcome(outcome)
    if scale == "ratio":
        counts(sample, Rate(outcome))
        events_in_both(sample, Rate(outcome))
    found = _spread(sample, y, x, scale, among).told(scale, level)
    unit = POINTS if scale == "difference" and scores.binary(y) else ""
    kind = "adjusted" if scores.binary(y) and sample.design == UNMATCHED else ""
    cautions = merged(
        said.few_events(sample, outcome, y, kind), said.cautions(sample, randomised, adjusted=True)
    )
    whom = "everyone" if among == "everyone" else "the treated"
    return Estimate(
        found.value, found.low, found.high, found.std_error, found.p_value,
        f"{outcome} of {whom}, treated against not, given {listed(names)}", found.method, scale, level,
        sample.n, sample.n_treated, cautions, "expected without the programme", unit,
    )  # fmt: skip


def _columns(sample: Sample, adjust: Any) -> tuple[tuple[str, ...], np.ndarray]:
    """The covariates to adjust for, and their columns that say something of the people who count."""
    if sample.design not in (UNMATCHED, WITHOUT):
        raise DesignError(
            f"This takes people as they came, or matched without replacement, and the Sample is {sample.design}. Use "
            "risk.difference or risk.ratio."
        )
    names = sample.covariates if adjust is None else names_of(adjust, "adjust")
    unknown = [name for name in names if name not in sample.covariates]
    if unknown or not names:
        have = (
            f"it has: {listed(sample.covariates)}" if sample.covariates else "it was made without covariates"
        )
        wanted = f"no covariate {unknown[0]!r}" if unknown else "nothing to adjust for"
        raise DesignError(f"The Sample has {wanted}; {have}. Name them in Sample.of(covariates=...).")
    wanted_columns = np.isin(sample.columns.covariates, names)
    who = sample.weight > 0
    x = sample.columns.matrix[:, wanted_columns][who]
    x = x[:, logistic.independent(x)]
    if len(x) < 5 * (x.shape[1] + 2):
        raise DesignError(
            f"{len(x)} people cannot bear {x.shape[1]} columns to adjust for: name fewer in adjust=."
        )
    return names, x


def _spread(sample: Sample, y: np.ndarray, x: np.ndarray, scale: str, among: str) -> Spread:
    """The difference, or the log ratio, with its error; people who count for nothing are left out."""
    family = "log" if scale == "ratio" else "logistic" if scores.binary(y) else "linear"
    who = sample.weight > 0
    treated, weight = sample.treated[who], sample.weight[who]
    whom = treated if among == "treated" else np.ones(len(x), dtype=bool)
    fit = standardised.fit(y[who], treated, x, whom, family, weight=weight)
    own = fit.scores / fit.means if scale == "ratio" else fit.scores
    ids = np.arange(len(x)) if sample.match_id is None else np.asarray(sample.match_id)[who]
    sets = np.unique(ids, return_inverse=True)[1]
    error, df = standardised.error(own[:, 0] - own[:, 1], sets, fit.parameters)
    first, second = np.log(fit.means) if scale == "ratio" else fit.means
    how = "clustered by match" if sample.match_id is not None else "robust"
    counted = "weighted " if np.ptp(weight) > 0 else ""
    method = f"standardised over a {counted}{family} regression, {how}, t with {df:.0f} degrees of freedom"
    return Spread(float(first - second), error, df, method)

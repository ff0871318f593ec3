"""The two-way fixed-effects regression, by name, for comparison with published work."""

from __future__ import annotations

import math

import numpy as np

from toolkit.arms import Arms, need_speaking
from toolkit.estimate import Estimate, Scale, back, merged
from toolkit.numerics import clusters, student
from toolkit.panel import Panel
from toolkit.validate import DesignError, counted, level_between, one_of

_FITS = {True: "Poisson", False: "least squares"}


def two_way(panel: Panel, *, scale: Scale = "ratio", inference: str = "cluster", level: float = 0.95,
            correction: str = "fixest") -> Estimate:  # fmt: skip
    """The usual regression: outcome on a treatment indicator with unit and period effects.

    Kept for comparison with published work. With several start dates it averages effects with weights that
    may be negative (Goodman-Bacon 2021): prefer :func:`att`.

    Parameters
    ----------
    panel : Panel
    scale : {"ratio", "difference"}
        Poisson regression and the exponential of its coefficient; or least squares.
    inference : {"cluster"}
        fixest's clustered errors (CR1): t with G - 1 degrees of freedom for least squares, normal for Poisson.
    level : float
    correction : {"fixest", "all_dummies"}
        What the small-sample correction counts: slopes and period effects (fixest's default), or also the
        unit effects (a regression on all dummies, as in Stata's areg or R's lm).

    Returns
    -------
    Estimate

    Raises
    ------
    DesignError
        As :func:`att`.

    Notes
    -----
    **Assumes** the same effect in every unit and period, beside what :func:`att` assumes.

    References
    ----------
    Goodman-Bacon (2021), Journal of Econometrics 225; Berge, fixest (R package), for the convention.

    Examples
    --------
    >>> from toolkit import Panel, did, simulate
    >>> frame, truth = simulate.panel(units=40, periods=24, treated=15, first="2022-01", treated_from="2023-01", seed=1)
    >>> panel = Panel.of(frame, unit="unit", period="period", outcome="count", treated_from="treated_from")
    >>> abs(did.two_way(panel).value - did.att(panel).value) < 1e-8  # one start, no gaps: the same
    True
    """
    level = level_between(level)
    one_of(scale, "scale", ("ratio", "difference"))
    one_of(inference, "inference", ("cluster", "auto"))
    one_of(correction, "correction", ("fixest", "all_dummies"))
    ratio = scale == "ratio"
    arms = Arms.of(panel, ratio=ratio, always_treated=True)
    need_speaking(arms.cells, arms.cells.weight, panel.covariates, arms.cells.treated)
    fit = _regression(arms, correction == "all_dummies")
    df = math.inf if ratio else fit.clusters - 1
    low, high = student.interval(fit.coef, fit.std_error, df, level)
    value, low, high = (back(end, scale) for end in (fit.coef, low, high))
    counts = "slopes and period effects" if correction == "fixest" else "all dummies"
    method = (
        f"two-way fixed effects ({_FITS[ratio]}); errors clustered by {arms.cluster_noun} "
        f"(CR1 counting {counts}), {counted(fit.clusters, 'cluster')}"
    )
    return Estimate(
        value, low, high, fit.std_error, student.two_sided(fit.coef, fit.std_error, df),
        "coefficient on treatment with unit and period effects", method, scale, level,
        len(arms.units), int(arms.treated_units.sum()), merged(arms.cautions, _weights_caution(arms)),
    )  # fmt: skip


def _regression(arms: Arms, count_units: bool) -> clusters.Regression:
    cells = arms.cells
    if cells.ratio and not (cells.y * cells.weight)[cells.treated].any():
        raise DesignError(
            "The treated units record nothing after the start: the regression has no finite estimate. Use did.att."
        )
    x = cells.treated[..., None].astype(float)
    x = x if cells.x is None else np.concatenate([x, cells.x], axis=-1)
    return clusters.two_way(
        cells.y, cells.weight, cells.exposure, x, arms.cluster, ratio=cells.ratio, count_units=count_units
    )


def _weights_caution(arms: Arms) -> tuple[str, ...]:
    if arms.one_start:
        return ()
    return (
        "Several start dates: this regression weights effects unequally, some perhaps negatively. Prefer the "
        "imputation estimate.",
    )

"""The imputation estimate of the effect on the treated, and the counterfactual it implies."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd

from toolkit.arms import Arms, need_speaking
from toolkit.estimate import Counterfactual, Estimate, Scale, back
from toolkit.estimate.found import Found
from toolkit.methods.did.inference import (
    by_jackknife,
    by_permutation,
    choose,
    reason,
)
from toolkit.methods.did.prevented import prevented
from toolkit.numerics import deleted, imputation, jackknife, series, student
from toolkit.panel import Panel
from toolkit.validate import DesignError, counted, level_between, listed, one_of, plural, whole

_FITS = {True: "Poisson", False: "least squares"}


def att(
    panel: Panel,
    *,
    scale: Scale = "ratio",
    inference: str = "auto",
    level: float = 0.95,
    draws: int = 9_999,
    seed: int | np.random.Generator | None = None,
) -> Estimate:
    """Average effect on the treated: sum observed / sum expected, or mean(observed - expected).

    Unit and period effects are fitted on the untreated cells only; they say what the treated cells would
    have been. With one start date, no gaps, weights or covariates, and no exposure or one that is a product of
    a unit and a period factor, this is the ratio of ratios (or the difference of differences); with several
    start dates it stays right where the usual regression does not.

    Parameters
    ----------
    panel : Panel
    scale : {"ratio", "difference"}
        Poisson and a ratio; or least squares and a difference in the outcome's own units.
    inference : {"auto", "cluster", "permutation"}
        ``"cluster"``: delete-one-cluster jackknife (CR3) of the whole estimator, on the log for ratios, t with
        Welch-Satterthwaite degrees of freedom. ``"permutation"``: randomisation: whole start dates are dealt out
        again over clusters, within thirds of size where at least 200 assignments remain, and the interval holds
        the values not rejected; ratios other than 1 are tested approximately. ``"auto"``: randomisation with one
        start date up to 30 clusters in the smaller arm, with several below 10, otherwise (or where a cluster
        holds several start dates) the jackknife; ``method`` says which and why.
    level : float
    draws : int
        Random reassignments, where there are over 20,000 in all; otherwise every one is used.
    seed : int or Generator, optional
        None is the fixed seed 0.

    Returns
    -------
    Estimate
        ``std_error`` is NaN under permutation.

    Raises
    ------
    DesignError
        No comparison, no period before treatment, a treated total of zero before (ratio), too few clusters.

    Notes
    -----
    **Assumes** that, without the programme, treated and comparison units would have changed in the same
    proportion (ratio) or by the same amount (difference); that nobody changed before the programme began;
    that the comparison units were not touched by it; and that clusters move independently.

    References
    ----------
    Borusyak, Jaravel and Spiess (2024), Review of Economic Studies 91; Wooldridge (2023), Econometrics
    Journal 26; MacKinnon, Nielsen and Webb (2023), Stata Journal 23 (jackknife). Randomisation: Conley and Taber
    (2011), Review of Economics and Statistics 93; Janssen (1997), Statistics and Probability Letters 36; Ferman and
    Pinto (2019), Review of Economics and Statistics 101.

    Examples
    --------
    >>> from toolkit import Panel, did, simulate
    >>> frame, truth = simulate.panel(units=40, periods=24, treated=15, first="2022-01", treated_from="2023-01", seed=1)
    >>> panel = Panel.of(frame, unit="unit", period="period", outcome="count", treated_from="treated_from")
    >>> effect = did.att(panel)
    >>> [round(number, 2) for number in (truth.rate_ratio, effect.value, effect.low, effect.high)]
    [0.8, 0.68, 0.61, 0.77]
    """
    level = level_between(level)
    one_of(scale, "scale", ("ratio", "difference"))
    arms = Arms.of(panel, ratio=scale == "ratio")
    need_speaking(arms.cells, arms.cells.untreated_weight, panel.covariates)
    how, why = choose(arms, inference)
    would_be = imputation.expected(arms.cells)
    centre = imputation.compare(arms.cells, would_be)
    _answerable(arms, centre)
    if how == "permutation":
        growing = bool((panel.frame["outcome"] >= 0).all())
        answer = by_permutation(
            arms, centre, level, draws=whole(draws, "draws", 99), seed=seed, growing=growing
        )
    else:
        without = deleted.effect(arms.cells, arms.cluster)
        answer = by_jackknife(arms, centre, without, level)
    if inference == "auto":
        answer = answer._replace(method=f"{answer.method}, {reason(arms, how)}")
    return _estimate(arms.say(*_lost_cells(arms, would_be), *why), answer, scale, level)


def counterfactual(panel: Panel, *, scale: Scale = "ratio", inference: str = "auto", level: float = 0.95,
                   draws: int = 9_999, seed: int | np.random.Generator | None = None) -> Counterfactual:  # fmt: skip
    """What the treated units recorded in each period, and what would have been expected without the programme.

    Parameters
    ----------
    panel, scale, inference, level, draws, seed
        As in :func:`att`, whose answer is ``effect``.

    Returns
    -------
    Counterfactual
        ``series`` holds totals over the treated units on the ratio scale and means on the difference scale,
        without weights; ``prevented`` is counted without weights too.
        ``low`` and ``high`` are the range for ``observed`` in each period by itself if the programme had no
        effect (all periods together stay inside less often), from the
        delete-one-cluster jackknife of observed / expected in that period (from the scatter before treatment
        where fewer than two clusters are treated).

    Raises
    ------
    DesignError
        As :func:`att`.

    Notes
    -----
    **Assumes** what :func:`att` assumes. Before treatment ``expected`` is each treated unit's own total spread
    by the comparison's path.

    Examples
    --------
    >>> from toolkit import Panel, did, simulate
    >>> frame, truth = simulate.panel(units=20, periods=24, treated=10, first="2022-01", treated_from="2023-01", seed=1)
    >>> panel = Panel.of(frame, unit="unit", period="period", outcome="count", treated_from="treated_from")
    >>> answer = did.counterfactual(panel)
    >>> gap = (answer.series["expected"] - answer.series["observed"])[12:].sum()
    >>> bool(abs(gap - answer.prevented.value) < 1e-6)
    True
    """
    ask = partial(att, scale=scale, inference=inference, level=level, draws=draws, seed=seed)
    effect, saved = effect_and_prevented(panel, ask)
    plain = panel.unweighted()
    arms = Arms.of(plain, ratio=scale == "ratio")
    seen, base, number = series.by_period(arms.cells, ~arms.treated_units)
    low, high = _band(arms, base, effect.level)
    table = pd.DataFrame(
        {"period": panel.periods, "observed": seen, "expected": base, "low": low, "high": high}
    )
    table = table[number > 0].reset_index(drop=True)
    return Counterfactual(table, effect, saved, tuple(panel.cohorts), effect.cautions)


def effect_and_prevented(panel: Panel, ask: Callable[[Panel], Estimate]) -> tuple[Estimate, Estimate]:
    """The effect that ``ask`` finds, and the incidents prevented, which are counted without weights."""
    effect = ask(panel)
    plain = panel.unweighted()
    alike = effect
    if plain is not panel:
        alike = ask(plain).with_cautions("Incidents are counted without the weights.")
    return effect, prevented(Arms.of(plain, ratio=effect.scale == "ratio"), alike, plain)


def _estimate(arms: Arms, answer: Found, scale: Scale, level: float) -> Estimate:
    fit = _FITS[arms.cells.ratio]
    measure = "sum observed / sum expected" if arms.cells.ratio else "mean of observed - expected"
    return Estimate(
        answer.value, answer.low, answer.high, answer.std_error, answer.p_value,
        f"average effect on the treated ({measure})",
        f"imputation from untreated cells ({fit}, unit and period effects); {answer.method}",
        scale, level, len(arms.units), int(arms.treated_units.sum()), arms.cautions + answer.cautions,
    )  # fmt: skip


def _answerable(arms: Arms, centre: float) -> None:
    """Raise where no treated cell can be estimated, or where nothing at all was expected."""
    noun = plural(arms.noun)
    _compared_before(arms, centre)
    if np.isnan(centre):
        raise DesignError(
            f"No treated cell can be estimated: no untreated {arms.noun} connects the treated {noun}' time before "
            "with their time after. Add comparison data that span the start."
        )
    if centre == np.inf:
        raise DesignError(
            f"The comparison {noun} recorded nothing after the start, so nothing was expected and no ratio exists. "
            "Use a longer period, more comparison units, or scale='difference'."
        )


def _compared_before(arms: Arms, centre: float) -> None:
    """Raise where it is the comparison's zeros before the start that leave nothing to estimate with."""
    cells, compared, early = arms.cells, ~arms.treated_units, arms.ordinals < arms.start.min()
    if not (np.isnan(centre) and cells.ratio and compared.any()):
        return
    seen = cells.weight[compared][:, early]
    if seen.any() and not (cells.y[compared][:, early] * seen).any():
        raise DesignError(
            f"The comparison {plural(arms.noun)} recorded nothing before the start, so no change can be measured in "
            "them. Use a longer period before, more comparison units, or scale='difference'."
        )


def _lost_cells(arms: Arms, would_be: np.ndarray) -> tuple[str, ...]:
    """A caution that counts treated cells no untreated cell speaks for."""
    lost = arms.cells.treated & (arms.cells.weight > 0) & np.isnan(would_be)
    if not lost.any():
        return ()
    units = arms.units[lost.any(axis=1)]
    number = counted(int(lost.sum()), "treated cell")
    verb = "is" if lost.sum() == 1 else "are"
    return (f"{number} of {listed(units)} {verb} left out: no comparison is connected to them.",)


def _band(arms: Arms, base: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """The range for observed with no effect, period by period.

    On the ratio scale the spread of observed / expected is divided by the overall ratio from treatment on:
    the log's spread to first order, which stays finite where a period records nothing.
    """
    never = ~arms.treated_units
    error, df = _period_errors(arms, never)
    reach = student.interval(0.0, 1.0, df, level)[1] * error
    if not arms.cells.ratio:
        return base - reach, base + reach
    late = arms.ordinals >= arms.start.min()
    typical = np.where(late, max(back(imputation.effect(arms.cells), "ratio"), 1e-12), 1.0)
    with np.errstate(over="ignore", invalid="ignore"):
        return base * np.exp(-reach / typical), base * np.exp(reach / typical)


def _period_errors(arms: Arms, never: np.ndarray) -> tuple[np.ndarray, float]:
    """Jackknife errors of each period's observed / expected; from the scatter before where one cluster is treated."""
    now = series.relative(arms.cells, never)
    treated, compared = arms.clusters
    early = now[(arms.ordinals < arms.start.min()) & ~np.isnan(now)]
    if min(treated, compared) < 2:
        return np.full(len(now), early.std(ddof=1) if len(early) > 2 else np.nan), max(len(early) - 1.0, 1.0)
    split = jackknife.parts(now, series.relative_without(arms.cells, never, arms.cluster), arms.arm)
    return np.sqrt(np.diag(jackknife.total(split))), float(min(treated, compared) - 1)

"""Outcomes of 800 people, against R: proportions, counts before and after, weights, and matches with replacement."""

import math

import numpy as np
import pytest
import statsmodels.api as sm

from toolkit import Sample, risk
from toolkit.numerics import people as numbers
from toolkit.numerics import proportions, standardised
from toolkit.numerics.jackknife import welch_df

from .reading import expected, people

CLOSE = 1e-6
COVARIATES = ["risk", "priors", "age", "male", "employed", "pre_offences"]


def sample() -> Sample:
    outcomes = ["reoffended", "pre_offences", "post_offences", "days_pre", "days_post", "change"]
    return Sample.of(people(), treated="treated", outcomes=outcomes)


def test_shares_who_reoffended() -> None:
    told = expected("e.bin.raw")
    gap, ratio = risk.difference(sample(), "reoffended"), risk.ratio(sample(), "reoffended")
    assert (gap.value, ratio.value) == pytest.approx((told["rd"], told["rr"]), rel=CLOSE)
    assert gap.p_value == pytest.approx(told["p_chi2"], rel=CLOSE)
    # R's intervals are Wald's; ours are score intervals, with the standard error of Wald's beside them.
    wald = [told["rd"] + sign * 1.959963985 * gap.std_error for sign in (-1, 1)]
    assert wald == pytest.approx([told["rd_lo"], told["rd_hi"]], rel=CLOSE)
    wald = [told["rr"] * math.exp(sign * 1.959963985 * ratio.std_error) for sign in (-1, 1)]
    assert wald == pytest.approx([told["rr_lo"], told["rr_hi"]], rel=CLOSE)


def test_the_change_in_offences_is_the_t_test_of_changes() -> None:
    told, ours = expected("e.did.ols"), risk.difference(sample(), "change")
    assert ours.value == pytest.approx(told["b"], rel=CLOSE)
    assert ours.value / ours.std_error == pytest.approx(told["change_t"], rel=CLOSE)
    assert ours.p_value == pytest.approx(told["change_p"], rel=CLOSE)


def test_the_prior_event_rate_ratio_is_poisson_did_with_days() -> None:
    told = expected("e.did.pois")
    ours = risk.prior_event_rate_ratio(
        sample(), before="pre_offences", after="post_offences", exposure=("days_pre", "days_post")
    )
    assert math.log(ours.value) == pytest.approx(told["b"], rel=CLOSE)
    # R's clustered error has no correction (CR0) or one for the 800 people; ours has one for each arm, n / (n - 1).
    data = sample()
    scores = sum(
        sign * (data.outcome(y) - rate * data.outcome(days)) / mean
        for sign, y, days in ((1, "post_offences", "days_post"), (-1, "pre_offences", "days_pre"))
        for rate, mean in [_rate_and_mean(data, y, days)]
    )
    parts = numbers.apart(scores, data.treated, np.ones(800))
    assert math.sqrt(sum(v * (n - 1) / n for n, v in parts)) == pytest.approx(told["CR0"], rel=CLOSE)
    assert ours.std_error == pytest.approx(math.sqrt(sum(v for _, v in parts)), rel=1e-12)


def _rate_and_mean(data: Sample, y: str, days: str) -> tuple[np.ndarray, np.ndarray]:
    arm, ones = data.treated, np.ones(800)
    rates = numbers.rates(data.outcome(y), data.outcome(days), arm, ones)
    means = numbers.rates(data.outcome(y), ones, arm, ones)
    return np.where(arm, *rates), np.where(arm, *means)


def scores() -> np.ndarray:
    """The fitted probabilities of being treated."""
    table = people()
    design = sm.add_constant(table[COVARIATES].to_numpy(dtype=float))
    return (
        sm.GLM(table["treated"].to_numpy(dtype=float), design, family=sm.families.Binomial())
        .fit(tol=1e-14)
        .fittedvalues
    )


@pytest.mark.parametrize("which", ["att", "ate"])
def test_weights_taken_as_known_are_svyglm(which: str) -> None:
    told, p = expected("e.ipw"), scores()
    arm, change = people()["treated"].to_numpy() == 1, people()["change"].to_numpy(dtype=float)
    weight = np.where(arm, 1, p / (1 - p)) if which == "att" else np.where(arm, 1 / p, 1 / (1 - p))
    first, second = numbers.rates(change, np.ones(800), arm, weight)
    assert first - second == pytest.approx(told[f"{which}.b"], rel=CLOSE)
    # svyglm corrects for the 800 people together, n / (n - 1); ours for each arm.
    parts = numbers.apart(change, arm, weight)
    plain = sum(v * (n - 1) / n for n, v in parts)
    assert math.sqrt(plain * 800 / 799) == pytest.approx(told[f"{which}.se"], rel=CLOSE)
    if which == "att":
        did = expected("e.ipw_did_weights")
        assert first - second == pytest.approx(did["b"], rel=CLOSE)
        assert math.sqrt(plain * 800 / 799) == pytest.approx(did["G"], rel=CLOSE)


def test_matching_with_replacement_on_the_score() -> None:
    """R's Match: all within 1e-5 of the least squared distance, over the score's variance, serve."""
    told, p = expected("e.match.Matching"), scores()
    arm, change = people()["treated"].to_numpy() == 1, people()["change"].to_numpy(dtype=float)
    treated, others = np.flatnonzero(arm), np.flatnonzero(~arm)
    far = (p[treated, None] - p[None, others]) ** 2 / p.var(ddof=1)
    pairs = np.argwhere(far <= far.min(axis=1, keepdims=True) + 1e-5)
    pairs = np.column_stack([treated[pairs[:, 0]], others[pairs[:, 1]]])
    share = 1 / np.bincount(pairs[:, 0])[pairs[:, 0]]
    gaps = change[pairs[:, 0]] - change[pairs[:, 1]]
    effect = share @ gaps / 366
    assert effect == pytest.approx(told["est"], rel=CLOSE)
    alike = np.where(arm, 0.0, share @ (gaps - effect) ** 2 / share.sum() / 2)
    parts = numbers.with_replacement(change, np.ones(800), pairs, alike)
    assert math.sqrt(parts[0][1]) == pytest.approx(told["se_ai"], rel=CLOSE)
    assert welch_df(parts) == 365


def test_pairs_of_yes_and_no_are_mcnemar() -> None:
    told = expected("i.mcnemar")
    cells = (int(told[name]) for name in ("n11", "b", "c", "n00"))
    assert proportions.paired_difference(*cells, level=0.95).p_value == pytest.approx(told["p"], rel=CLOSE)


@pytest.mark.parametrize("family", ["logistic", "log"])
def test_shares_given_covariates(family: str) -> None:
    """The marginal difference of a logistic regression among everybody, and the modified Poisson ratio."""
    names = ["risk", "priors", "age", "male", "employed"]
    data = Sample.of(people(), treated="treated", covariates=names, outcomes=["reoffended"])
    x = data.frame[names].to_numpy(dtype=float)
    fit = standardised.fit(data.outcome("reoffended"), data.treated, x, np.ones(800, dtype=bool), family)
    if family == "logistic":
        told = expected("e.bin.logit")
        ours = risk.adjusted(data, "reoffended", among="everyone")
        assert ours.value == pytest.approx(told["ame"], rel=CLOSE)
        # R's error holds the people fixed and trusts the model; ours does neither.
        gradient = fit.gradient[0] - fit.gradient[1]
        fixed = math.sqrt(gradient @ np.linalg.solve(fit.information, gradient))
        assert fixed == pytest.approx(told["ame_se"], rel=CLOSE)
        assert ours.std_error == pytest.approx(told["ame_se"], rel=0.02)
        return
    told = expected("e.bin.lpm_rr")
    assert math.log(risk.adjusted(data, "reoffended", scale="ratio").value) == pytest.approx(
        told["mp"], rel=CLOSE
    )
    own = fit.scores / fit.means
    for name, parameters in (("mp_HC1", fit.parameters), ("mp_HC0", 0)):
        error, _ = standardised.error(own[:, 0] - own[:, 1], np.arange(800), parameters)
        assert error == pytest.approx(told[name], rel=CLOSE)

"""Outcomes adjusted by a regression: what it equals where it must, its cautions and refusals."""

import numpy as np
import pytest
import statsmodels.api as sm
from made_people import NAMES, people

from toolkit import DesignError, Sample, matching, risk
from toolkit.estimate import POINTS
from toolkit.methods.risk.said import UNMEASURED


def sample(**more):
    return Sample.of(people(**more), **NAMES)


def test_a_ratio_is_the_modified_poisson_coefficient():
    drawn = sample()
    x = np.column_stack([np.ones(200), drawn.treated, drawn.columns.matrix[:, ~drawn.columns.first]])
    y = drawn.outcome("reoffended")
    fit = sm.GLM(y, x, family=sm.families.Poisson()).fit(cov_type="HC0")
    answer = risk.adjusted(drawn, "reoffended", scale="ratio")
    assert np.log(answer.value) == pytest.approx(fit.params[1])
    assert answer.std_error == pytest.approx(fit.bse[1] * np.sqrt(200 / (200 - x.shape[1])))
    assert (answer.scale, answer.unit) == ("ratio", "")


def test_a_difference_of_shares_stays_between_the_regressions_shares():
    answer = risk.adjusted(sample(), "reoffended", among="everyone")
    assert -1 < answer.low < answer.value < answer.high < 1
    assert answer.unit == POINTS and answer.compared_with == "expected without the programme"


def test_pairs_are_clustered_and_what_they_left_unlike_is_taken_out():
    matched = matching.nearest(sample(n=400))
    answer = risk.adjusted(matched, "offences")
    assert "clustered by match" in answer.method
    assert f"t with {matched.n_treated - 1}" in answer.method
    assert answer.value != risk.difference(matched, "offences").value


@pytest.mark.parametrize(
    ("scale", "outcome"), [("difference", "reoffended"), ("difference", "offences"), ("ratio", "offences")]
)
def test_weights_of_whole_numbers_are_people_repeated(scale, outcome):
    frame = people()
    frame["w"] = np.random.default_rng(4).integers(0, 4, 200).astype(float)
    weighted = Sample.of(frame, weight="w", **NAMES)
    repeated = Sample.of(frame.loc[frame.index.repeat(frame["w"].astype(int))], **NAMES)
    one, other = (risk.adjusted(s, outcome, scale=scale) for s in (weighted, repeated))
    assert one.value == pytest.approx(other.value, rel=1e-8)
    assert one.value != pytest.approx(risk.adjusted(sample(), outcome, scale=scale).value, rel=1e-3)
    assert "weighted" in one.method and "weighted" not in other.method


def test_a_weighted_linear_regression_has_its_robust_error():
    frame = people()
    frame["w"] = frame["age"]
    drawn = Sample.of(frame, weight="w", **NAMES)
    x = np.column_stack([np.ones(200), drawn.treated, drawn.columns.matrix[:, ~drawn.columns.first]])
    fit = sm.WLS(drawn.outcome("offences"), x, weights=frame["w"]).fit(cov_type="HC1")
    answer = risk.adjusted(drawn, "offences")
    assert (answer.value, answer.std_error) == pytest.approx((fit.params[1], fit.bse[1]))


def test_comparison_people_who_share_a_treated_person_count_as_one():
    matched = matching.nearest(sample(n=400), ratio=2, caliper=0.2)
    assert np.ptp(matched.weight) > 0
    y, arm, w = matched.outcome("offences"), matched.treated, matched.weight
    x = np.column_stack([np.ones(len(y)), arm, matched.columns.matrix[:, ~matched.columns.first]])
    wls = sm.WLS(y, x, weights=w).fit(cov_type="cluster", cov_kwds={"groups": matched.match_id})
    answer = risk.adjusted(matched, "offences")
    assert (answer.value, answer.std_error) == pytest.approx((wls.params[1], wls.bse[1]))


def test_only_the_covariates_named():
    drawn = sample()
    assert risk.adjusted(drawn, "offences", adjust=["age"]).value != risk.adjusted(drawn, "offences").value
    assert "given age" in risk.adjusted(drawn, "offences", adjust="age").estimand


def test_cautions():
    said = risk.adjusted(sample(), "reoffended").cautions
    assert UNMEASURED in said and not any("as they came" in text for text in said)
    assert UNMEASURED not in risk.adjusted(sample(), "reoffended", randomised=True).cautions


def test_an_arm_without_events_has_no_regression():
    frame = people()
    frame.loc[frame["diverted"] == 1, "reoffended"] = 0
    with pytest.raises(DesignError, match=r"^The regression has no answer"):
        risk.adjusted(Sample.of(frame, **NAMES), "reoffended")


def test_refusals():
    drawn = sample()
    for given in (matching.weights(drawn), matching.nearest(drawn, replace=True)):
        with pytest.raises(DesignError, match=r"^This takes people as they came"):
            risk.adjusted(given, "reoffended")
    with pytest.raises(DesignError, match=r"no covariate 'sex'; it has: age, priors and force"):
        risk.adjusted(drawn, "reoffended", adjust=["sex"])
    bare = Sample.of(people(), treated="diverted", outcomes=["reoffended"])
    with pytest.raises(DesignError, match=r"nothing to adjust for; it was made without covariates"):
        risk.adjusted(bare, "reoffended")
    with pytest.raises(DesignError, match=r"^28 people cannot bear 4 columns"):
        risk.adjusted(Sample.of(people(n=28), **NAMES), "reoffended")
    for wrong in ({"scale": "odds"}, {"among": "untreated"}):
        with pytest.raises(DesignError, match=r" is not known\. Use '"):
            risk.adjusted(drawn, "reoffended", **wrong)
    with pytest.raises(DesignError, match=r"^This takes a Sample"):
        risk.adjusted(people(), "reoffended")

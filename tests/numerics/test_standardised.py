"""Marginal standardisation, against closed forms, a slow jackknife and the regressions it is made of."""

import numpy as np
import pytest
import statsmodels.api as sm

from toolkit.numerics import standardised
from toolkit.validate import DesignError


@pytest.fixture
def data():
    rng = np.random.default_rng(9)
    x = rng.normal(size=(160, 2))
    treated = (rng.random(160) < 1 / (1 + np.exp(-x[:, 0]))) * 1.0
    y = (rng.random(160) < 1 / (1 + np.exp(0.5 - x @ [0.6, 0.3] + 0.5 * treated))) * 1.0
    return y, treated, x


EVERYONE = np.ones(160, dtype=bool)


def test_without_covariates_it_is_the_two_means(data):
    y, treated, _ = data
    for family in ("logistic", "log", "linear"):
        fit = standardised.fit(y, treated, np.empty((160, 0)), EVERYONE, family)
        arm = treated == 1
        assert fit.means == pytest.approx([y[arm].mean(), y[~arm].mean()])
        spread = sum(y[a].var() / a.sum() for a in (arm, ~arm))
        gap = fit.scores[:, 0] - fit.scores[:, 1]
        assert gap @ gap / 160**2 == pytest.approx(spread)


def test_a_linear_regression_is_its_coefficient_with_a_robust_error(data):
    y, treated, x = data
    fit = standardised.fit(y, treated, x, treated == 1, "linear")
    ols = sm.OLS(y, sm.add_constant(np.column_stack([treated, x]))).fit(cov_type="HC1")
    assert fit.means[0] - fit.means[1] == pytest.approx(ols.params[1])
    error, df = standardised.error(fit.scores[:, 0] - fit.scores[:, 1], np.arange(160), fit.parameters)
    assert (error, df) == pytest.approx((ols.bse[1], 156))


def test_clusters_are_those_of_the_regression(data):
    y, treated, x = data
    sets = np.arange(160) // 2
    fit = standardised.fit(y, treated, x, EVERYONE, "linear")
    ols = sm.OLS(y, sm.add_constant(np.column_stack([treated, x]))).fit(
        cov_type="cluster", cov_kwds={"groups": sets}
    )
    error, df = standardised.error(fit.scores[:, 0] - fit.scores[:, 1], sets, fit.parameters)
    assert (error, df) == pytest.approx((ols.bse[1], 79))


@pytest.mark.parametrize("family", ["logistic", "log"])
def test_the_scores_are_what_leaving_a_person_out_does(data, family):
    """To first order the mean without person i is the mean less their score / n."""
    y, treated, x = data
    among = treated == 1
    fit = standardised.fit(y, treated, x, among, family)
    errors = []
    for i in range(0, 160, 8):
        keep = np.arange(160) != i
        without = standardised.fit(y[keep], treated[keep], x[keep], among[keep], family).means
        errors.append((fit.means - without) * 159 - fit.scores[i])
    assert np.abs(errors).max() < 0.1 * np.abs(fit.scores).max()
    assert fit.scores.mean(axis=0) == pytest.approx([0, 0], abs=1e-8)


def test_covariates_that_say_who_was_treated_leave_nothing_to_compare(data):
    y, treated, x = data
    told = np.column_stack([x, 3 * treated - x[:, 0]])
    with pytest.raises(DesignError, match="covariates say exactly who was treated"):
        standardised.fit(y, treated, told, EVERYONE, "linear")

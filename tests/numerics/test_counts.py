"""Log-linear models against statsmodels, and what cannot be fitted."""

import numpy as np
import pytest
import statsmodels.api as sm

from toolkit import DesignError
from toolkit.numerics import counts

RNG = np.random.default_rng(8)
X = np.column_stack([np.ones(30), np.arange(30) / 30, np.arange(30) >= 15])
REACH = np.log(RNG.uniform(500, 900, 30))
Y = RNG.poisson(np.exp(X @ [-3.0, 0.4, -0.3] + REACH)).astype(float)
OTHER = RNG.poisson(20, 30).astype(float)


def test_poisson_with_an_offset() -> None:
    ours = counts.poisson(X, Y, REACH)
    theirs = sm.GLM(Y, X, sm.families.Poisson(), offset=REACH).fit(scale="X2", tol=1e-14)
    assert ours.beta == pytest.approx(theirs.params, rel=1e-8)
    assert ours.dispersion == pytest.approx(theirs.scale, rel=1e-8)
    assert ours.residual == pytest.approx(theirs.resid_pearson, rel=1e-6)
    covariance = ours.dispersion * np.linalg.inv(ours.x.T @ ours.x)
    assert np.sqrt(np.diag(covariance)) == pytest.approx(theirs.bse, rel=1e-8)


def test_odds_with_an_offset() -> None:
    ours = counts.binomial(X, Y, Y + OTHER, REACH - 6.5)
    model = sm.GLM(np.column_stack([Y, OTHER]), X, sm.families.Binomial(), offset=REACH - 6.5)
    theirs = model.fit(tol=1e-14)
    assert ours.beta == pytest.approx(theirs.params, rel=1e-8)
    share, total = theirs.fittedvalues, Y + OTHER  # statsmodels' own scale forgets the totals
    squares = (Y - total * share) ** 2 / (total * share * (1 - share))
    assert ours.dispersion == pytest.approx(squares.sum() / 27, rel=1e-8)


def test_a_term_without_incidents_has_no_finite_estimate() -> None:
    empty = np.where(X[:, 2] > 0, 0.0, Y)
    with pytest.raises(DesignError, match=r"^The counts are too sparse for this model"):
        counts.poisson(X, empty, REACH)

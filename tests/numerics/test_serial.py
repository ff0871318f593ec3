"""Regression with errors that follow each other, against matrices written out and against the averages by hand."""

from __future__ import annotations

import numpy as np
import pytest

from toolkit.numerics import serial

RNG = np.random.default_rng(3)
TIMES = np.array([0.0, 1, 2, 3, 7, 8, 9, 10, 11, 15])
X = np.column_stack([np.ones(10), TIMES / 10])
Y = RNG.standard_normal(10)


def matrix(rho: float, share: float) -> np.ndarray:
    """The errors' correlations: 1 on the diagonal, share x rho to the distance off it."""
    apart = np.abs(TIMES[:, None] - TIMES)
    return np.where(apart == 0, 1.0, share * rho**apart)


@pytest.mark.parametrize(
    ("rho", "share"), [(0.6, 1.0), (0.6, 0.4), (-0.5, 1.0), (-0.5, 0.7), (0.0, 1.0), (0.9, 0.0)]
)
def test_whitening_across_gaps_is_an_inverse_root(rho: float, share: float) -> None:
    white, log_root = serial.whitened(np.eye(10), TIMES, np.array([rho]), np.array([share]))
    assert white[0].T @ white[0] == pytest.approx(np.linalg.inv(matrix(rho, share)), abs=1e-10)
    assert log_root[0] == pytest.approx(0.5 * np.linalg.slogdet(matrix(rho, share))[1])


@pytest.mark.parametrize(("rho", "share"), [(0.6, 1.0), (0.3, 0.5)])
def test_generalised_least_squares_is_the_textbook_formula(rho: float, share: float) -> None:
    weights = np.linalg.inv(matrix(rho, share))
    bread = np.linalg.inv(X.T @ weights @ X)
    beta = bread @ X.T @ weights @ Y
    left = Y - X @ beta
    variance = left @ weights @ left / 8
    ours = serial.generalised(X, Y, TIMES, np.array([rho]), np.array([share]))
    assert ours[0][0] == pytest.approx(beta, rel=1e-10)
    assert ours[1][0] == pytest.approx(variance * bread, rel=1e-10)
    logs = [np.linalg.slogdet(part)[1] for part in (matrix(rho, share), X.T @ weights @ X)]
    assert ours[2][0] == pytest.approx(-0.5 * sum(logs) - 4 * np.log(variance), rel=1e-10)


def test_the_average_is_weighted_by_prior_and_restricted_likelihood() -> None:
    ours = serial.averaged(X, Y, TIMES, {0.5: 1.0, 1.0: 3.0})
    rho, share = np.tile(serial.RHO, 2), np.repeat([0.5, 1.0], len(serial.RHO))
    beta, _, likelihood = serial.generalised(X, Y, TIMES, rho, share)
    weight = (
        np.exp(likelihood - likelihood.max())
        * np.tile(np.gradient(serial.RHO), 2)
        * np.repeat([1, 3], len(serial.RHO))
    )
    assert ours.along(np.eye(2)).mean() == pytest.approx(weight @ beta / weight.sum(), rel=1e-8)
    assert ours.weight.sum() == pytest.approx(1)


def test_a_finer_grid_of_correlations_says_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.column_stack([np.ones(40), np.arange(40) / 40])
    y = np.cumsum(RNG.standard_normal(40)) * 0.3 + RNG.standard_normal(40)
    coarse = serial.averaged(x, y, np.arange(40.0), {1.0: 1.0}).along(np.eye(2))
    fine = np.tanh(np.linspace(np.arctanh(-0.9), np.arctanh(0.985), 800))
    monkeypatch.setattr(serial, "RHO", fine)
    monkeypatch.setattr(serial, "_PRIOR", np.gradient(fine))
    exact = serial.averaged(x, y, np.arange(40.0), {1.0: 1.0}).along(np.eye(2))
    assert coarse.quantile(0.975) == pytest.approx(exact.quantile(0.975), rel=2e-3)
    assert coarse.mean() == pytest.approx(exact.mean(), rel=2e-3, abs=2e-3)


def test_independent_is_ordinary_least_squares() -> None:
    ours = serial.independent(X, Y, TIMES)
    beta, rest, *_ = np.linalg.lstsq(X, Y, rcond=None)
    assert ours.beta[0] == pytest.approx(beta)
    assert ours.covariance[0] == pytest.approx(rest[0] / 8 * np.linalg.inv(X.T @ X))


def test_newey_west_pairs_by_distance_in_time() -> None:
    """With one lag, neighbours in time count half and the two sides of a gap not at all."""
    ours = serial.newey_west(X, Y, TIMES, 1)
    beta = np.linalg.lstsq(X, Y, rcond=None)[0]
    scores = X * (Y - X @ beta)[:, None]
    meat = scores.T @ scores
    for i in range(9):
        if TIMES[i + 1] - TIMES[i] == 1:
            pair = np.outer(scores[i], scores[i + 1])
            meat += 0.5 * (pair + pair.T)
    bread = np.linalg.inv(X.T @ X)
    assert ours.covariance[0] == pytest.approx(bread @ meat @ bread * 10 / 8)

"""CR2 of a ratio of totals, against the matrices it is written out from, and where it is a textbook result."""

import numpy as np
import pytest
from scipy import stats

from toolkit.numerics import bias_reduced


def by_matrices(seen: np.ndarray, base: np.ndarray, working: np.ndarray) -> tuple[float, float]:
    """Residuals (I - H) y of the weighted fit, each mended so that its variance is its own working variance."""
    pull, omega = base / base.sum(), np.diag(working / working.sum())
    hat = np.eye(len(seen)) - np.outer(pull, np.ones(len(seen)))
    mend = np.diag(np.diag(omega) / np.diag(hat @ omega @ hat.T))
    form = hat.T @ mend @ hat
    change = (seen - seen.sum() / base.sum() * base) / seen.sum()
    trace = np.trace(form @ omega)
    return float(np.sqrt(change @ mend @ change)), float(trace**2 / np.trace(form @ omega @ form @ omega))


@pytest.mark.parametrize("clusters", [2, 3, 8, 40])
def test_it_is_what_the_matrices_give(clusters: int) -> None:
    draw = np.random.default_rng(clusters)
    parts = (draw.gamma(2, 9, clusters), draw.gamma(1, 9, clusters), draw.gamma(1, 3, clusters))
    assert bias_reduced.log_ratio(*parts) == pytest.approx(by_matrices(*parts), rel=1e-10)


def test_areas_of_one_size_are_the_t_test() -> None:
    """Base and working variance 1: the ratio is the mean, and its error the standard deviation over root G."""
    seen = np.array([0.7, 1.1, 0.9, 1.6, 0.2])
    error, df = bias_reduced.log_ratio(seen, np.ones(5), np.ones(5))
    assert error * seen.mean() == pytest.approx(stats.sem(seen), rel=1e-12)
    assert df == pytest.approx(4, rel=1e-12)


def test_one_area_that_decides_leaves_little_over_one_degree_of_freedom() -> None:
    """Nine areas of size 1 beside one of size 1,000: the error rests on the one against the rest."""
    size = np.array([1000.0] + [1.0] * 9)
    _, df = bias_reduced.log_ratio(size * 0.8, size, size)
    assert 1 < df < 1.5


def test_unbiased_where_the_working_variances_hold() -> None:
    """The mean of error^2 is the variance of the log ratio by the delta method, to 3 Monte Carlo errors."""
    base, draw = np.array([900.0, 500, 100, 50, 20]), np.random.default_rng(1)
    noise = draw.normal(size=(4000, 5)) * np.sqrt(base)
    squares = np.array([bias_reduced.log_ratio(base + one, base, base)[0] ** 2 for one in noise])
    relative = squares * ((base + noise).sum(1) / base.sum()) ** 2
    error = relative.std(ddof=1) / np.sqrt(len(relative))
    assert relative.mean() == pytest.approx(1 / base.sum(), abs=3 * error)


def test_one_cluster_that_holds_everything_says_nothing() -> None:
    error, df = bias_reduced.log_ratio(np.array([9.0, 0]), np.array([10.0, 0]), np.array([19.0, 0]))
    assert np.isnan(error) and df == 0

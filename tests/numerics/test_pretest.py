"""What a t-test lets pass, against the noncentral t, direct integration of the density, and draws."""

import math

import numpy as np
import pytest
from scipy import integrate, stats

from toolkit.numerics import pretest


@pytest.mark.parametrize("df", [2.3, 10, 18.5, 60])
@pytest.mark.parametrize("shift", [0.0, 0.7, 2.8, 5.0])
def test_the_power_is_that_of_the_noncentral_t(df: float, shift: float) -> None:
    edge = stats.t.ppf(0.975, df)
    power = 1 - stats.nct.cdf(edge, df, shift) + stats.nct.cdf(-edge, df, shift)
    assert 1 - pretest.passing(shift, df, 0.95).share == pytest.approx(power, abs=1e-8)


def test_with_the_error_known_it_is_a_normal_cut_off_on_both_sides() -> None:
    """Roth (2022): the mean of a normal, given that it lies inside the test's bounds, by scipy's own truncated one."""
    for shift in (0.0, 1.0, 2.8):
        found = pretest.passing(shift, math.inf, 0.95)
        edge = stats.norm.ppf(0.975)
        inside = stats.truncnorm(-edge - shift, edge - shift, loc=shift)
        assert found.mean == pytest.approx(inside.mean(), abs=1e-9)
        assert found.share == pytest.approx(stats.norm.cdf(edge - shift) - stats.norm.cdf(-edge - shift))


def test_the_normal_is_the_limit_of_many_degrees_of_freedom() -> None:
    far, near = pretest.passing(2.0, math.inf, 0.95), pretest.passing(2.0, 1e7, 0.95)
    assert near == pytest.approx(far, abs=1e-6)


@pytest.mark.parametrize("df", [3.0, 12.0])
def test_the_mean_by_integrating_the_joint_density(df: float) -> None:
    """Over the estimate z and then the squared error u^2 = chi-square / df, the other way about from the code."""
    shift, edge = 2.5, stats.t.ppf(0.975, df)

    def passes(z: float) -> float:
        return float(stats.norm.pdf(z - shift) * stats.chi2.sf(df * (z / edge) ** 2, df))

    share = integrate.quad(passes, -15, 20)[0]
    mean = integrate.quad(lambda z: z * passes(z), -15, 20)[0] / share
    assert pretest.passing(shift, df, 0.95) == pytest.approx((share, mean), abs=1e-7)


def test_the_mean_by_drawing() -> None:
    rng, df, shift = np.random.default_rng(0), 5, 3.0
    z, u = rng.normal(shift, 1, 400_000), np.sqrt(rng.chisquare(df, 400_000) / df)
    inside = np.abs(z / u) <= stats.t.ppf(0.975, df)
    found = pretest.passing(shift, df, 0.95)
    assert found.share == pytest.approx(inside.mean(), abs=4 * math.sqrt(0.25 / 400_000))
    assert found.mean == pytest.approx(z[inside].mean(), abs=4 * z[inside].std() / math.sqrt(inside.sum()))


def test_shift_for() -> None:
    """With the error known, 0.8 and 5%: the two normal quantiles, 1.95996 + 0.84162, and next to nothing beyond."""
    assert pretest.shift_for(0.8, math.inf, 0.95) == pytest.approx(2.80158, abs=1e-5)
    for df in (0.8, 1, 4, 30):
        shift = pretest.shift_for(0.9, df, 0.9)
        assert 1 - pretest.passing(shift, df, 0.9).share == pytest.approx(0.9, abs=1e-8)
    assert pretest.shift_for(0.8, 3, 0.95) > pretest.shift_for(0.8, 30, 0.95) > 2.80158


def test_nothing_there_leaves_nothing() -> None:
    assert pretest.passing(0.0, 7, 0.95) == pytest.approx((0.95, 0.0), abs=1e-9)

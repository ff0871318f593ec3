"""Honest intervals against HonestDiD in R: its published results, read off its grid as it does."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from toolkit import sensitivity
from toolkit.estimate import EventStudy
from toolkit.numerics import folded, honest_relative, honest_smooth
from toolkit.numerics.honest_relative import Slopes

from .reading import expected

YEARS = (2008, 2009, 2010, 2011, 2012, 2014, 2015)
DRAWN = 3e-3  # of a quantile from a million draws: three standard errors of 0.002 in 1.96


def medicaid() -> tuple[np.ndarray, np.ndarray]:
    """The estimates by year and their covariance."""
    told = expected("honest.medicaid.study")
    beta = np.array([told[f"beta.{year}"] for year in YEARS])
    pairs = [[told[f"cov.{min(a, b)}.{max(a, b)}"] for a in YEARS] for b in YEARS]
    return beta, np.array(pairs)


def carloni(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """The estimates of Benzarti and Carloni (2019) by year, 2008 left out, and their covariance."""
    table = pd.read_csv(folder / "data" / "real_honest_bc.csv")
    return table["betahat"].to_numpy(), table.filter(regex="^X").to_numpy()


def with_base(beta: np.ndarray, covariance: np.ndarray, before: int) -> tuple[np.ndarray, np.ndarray]:
    wide = np.insert(np.insert(covariance, before, 0, axis=0), before, 0, axis=1)
    return np.insert(beta, before, 0.0), wide


def slopes(beta: np.ndarray, covariance: np.ndarray, before: int, weights: list[float]) -> Slopes:
    points, wide = with_base(beta, covariance, before)
    steps = np.diff(np.eye(len(points)), axis=0)
    return Slopes(steps @ points, steps @ wide @ steps.T, np.cumsum(np.array(weights)[::-1])[::-1])


def study(beta: np.ndarray, covariance: np.ndarray, before: int, clusters: int) -> EventStudy:
    """As an event study of two arms of this many clusters altogether, that contribute alike."""
    points, wide = with_base(beta, covariance, before)
    times = np.arange(len(points)) - before - 1
    error = np.sqrt(np.diag(wide))
    effects = pd.DataFrame({"event_time": times, "estimate": points, "low": points - 2 * error,
                            "high": points + 2 * error, "std_error": error, "n_units": 20})  # fmt: skip
    parts = ((clusters // 2, wide / 2), (clusters - clusters // 2, wide / 2))
    frame = pd.DataFrame(wide, index=times, columns=times)
    return EventStudy(
        effects, frame, "difference", 0.95, "last_before", "clustered", "effects", clusters, 20, parts
    )


def on_grid(ends: tuple[float, float], error: float) -> tuple[float, float]:
    """The outermost of R's 1,000 points, within 20 standard errors of zero, that lie in the interval."""
    grid = np.linspace(-20 * error, 20 * error, 1000)
    inside = grid[(grid >= ends[0]) & (grid <= ends[1])]
    return float(inside[0]), float(inside[-1])


def three_figures(number: float) -> float:
    return float(f"{number:.3g}")


@pytest.mark.parametrize("m", [0.5, 1, 1.5, 2])
def test_medicaid_by_relative_magnitudes(m: float) -> None:
    """Every figure that R prints, from R's grid."""
    told, (beta, covariance) = expected("honest.medicaid.relative"), medicaid()
    ends = honest_relative.interval(slopes(beta, covariance, 5, [1, 0]), m, 0.95)
    ours = on_grid(ends, math.sqrt(covariance[5, 5]))
    assert tuple(map(three_figures, ours)) == (told[f"{m:g}.lb"], told[f"{m:g}.ub"])


@pytest.mark.parametrize("m", [0.5, 1, 1.5, 2])
def test_medicaid_through_the_public_face(m: float) -> None:
    """Within a step of R's grid, on which R stays inside; later event times do not matter to ours."""
    told, (beta, covariance) = expected("honest.medicaid.relative"), medicaid()
    step = 40 * math.sqrt(covariance[5, 5]) / 999
    answer = sensitivity.honest(study(beta, covariance, 5, 43), m=[m], small_sample=False)
    low, high = answer.bounds[["low", "high"]].iloc[1]
    assert -1e-5 <= told[f"{m:g}.lb"] - low <= step + 1e-5
    assert -5e-5 <= high - told[f"{m:g}.ub"] <= step + 5e-5


def test_medicaid_breaks_down_near_2() -> None:
    """R's interval at 1.5 excludes no change and at 2 does not, barely."""
    beta, covariance = medicaid()
    answer = sensitivity.honest(study(beta, covariance, 5, 43), small_sample=False)
    assert 1.9 < answer.breakdown < 2


def test_medicaid_by_default_is_a_little_wider() -> None:
    """Student's quantile for 41 degrees of freedom, of two arms: 3% longer where nothing is allowed."""
    beta, covariance = medicaid()
    one = study(beta, covariance, 5, 43)
    rows = sensitivity.honest(one, m=[1]).bounds[["low", "high"]].to_numpy()
    as_in_r = sensitivity.honest(one, m=[1], small_sample=False).bounds[["low", "high"]].to_numpy()
    longer = (rows[:, 1] - rows[:, 0]) / (as_in_r[:, 1] - as_in_r[:, 0])
    assert longer[0] == pytest.approx(
        stats.t.ppf(0.975, one.df(np.eye(8)[6])) / stats.norm.ppf(0.975), rel=1e-6
    )
    assert 1 < longer[1] < longer[0]
    assert rows[1] == pytest.approx([0.0161, 0.0728], abs=5e-5)


@pytest.mark.parametrize("m", [0, 0.01, 0.02, 0.03, 0.04, 0.05])
def test_medicaid_by_smoothness(m: float) -> None:
    """To R's three figures, but for what its million draws and its search leave open."""
    told, (beta, covariance) = expected("honest.medicaid.smooth"), medicaid()
    answer = sensitivity.honest(study(beta, covariance, 5, 43), kind="smooth", m=[m], small_sample=False)
    low, high = answer.bounds[["low", "high"]].iloc[1]
    room = DRAWN * (high - low) / 2
    assert low == pytest.approx(told[f"{m:g}.lb"], abs=5e-5 + room)
    assert high == pytest.approx(told[f"{m:g}.ub"], abs=5e-4 if m >= 0.03 else 5e-5 + room)


@pytest.mark.reference
@pytest.mark.parametrize(
    ("m", "end"), [(0.5, "lb"), (0.5, "ub"), (1, "lb"), (1, "ub"), (1.5, "lb"), (1.5, "ub")]
)
def test_value_added_tax_by_relative_magnitudes(reference_data: Path, m: float, end: str) -> None:
    """R's grid points to the last bit or two."""
    beta, covariance = carloni(reference_data)
    ends = honest_relative.interval(slopes(beta, covariance, 4, [1, 0, 0, 0]), m, 0.95)
    ours = on_grid(ends, math.sqrt(covariance[4, 4]))[end == "ub"]
    assert ours == pytest.approx(expected("honest.bc.relative")[f"{m:g}.{end}"], abs=1e-14)


@pytest.mark.reference
def test_value_added_tax_where_r_differs(reference_data: Path) -> None:
    """At 2 R's upper end is the end of its grid, and its lower end one point further out: it draws the first stage."""
    beta, covariance = carloni(reference_data)
    error, told = math.sqrt(covariance[4, 4]), expected("honest.bc.relative")
    low, high = honest_relative.interval(slopes(beta, covariance, 4, [1, 0, 0, 0]), 2.0, 0.95)
    assert told["2.ub"] == pytest.approx(20 * error, abs=1e-14)
    assert high > told["2.ub"]
    assert 0 < low - told["2.lb"] < 0.2 * 40 * error / 999


@pytest.mark.reference
@pytest.mark.parametrize("m", [0, 0.01, 0.02, 0.03])
def test_value_added_tax_by_smoothness(reference_data: Path, m: float) -> None:
    """The half-length to R's draws; the centre less closely, because R stops its search where the length is flat."""
    told, (beta, covariance) = expected("honest.bc.smooth"), carloni(reference_data)
    given = slopes(beta, covariance, 4, [1, 0, 0, 0])
    among = honest_smooth.family(given, given.covariance)
    estimator = honest_smooth.best(among, given.covariance, m, 0.95)
    error = math.sqrt(estimator.weights @ given.covariance @ estimator.weights)
    half = honest_smooth.half_length(estimator, error, m, 0.95, math.inf)
    theirs = (told[f"{m:g}.ub"] - told[f"{m:g}.lb"]) / 2
    assert half == pytest.approx(theirs, rel=DRAWN)
    assert estimator.weights @ given.change == pytest.approx(told[f"{m:g}.lb"] + theirs, abs=0.02 * half)


@pytest.mark.reference
def test_value_added_tax_with_parallel_trends(reference_data: Path) -> None:
    """No allowance is the usual interval with normal quantiles."""
    told, (beta, covariance) = expected("honest.bc.original"), carloni(reference_data)
    ends = honest_relative.interval(slopes(beta, covariance, 4, [1, 0, 0, 0]), 0.0, 0.95)
    assert ends == pytest.approx((told["lb"], told["ub"]), abs=1e-10)


def test_quantile_that_r_draws() -> None:
    """abs(Z + shift) at 0 is the two-sided normal, and far out the one-sided."""
    assert folded.normal(np.array([0.0, 6.0]), 0.95) == pytest.approx([1.959963985, 7.644853627], abs=1e-8)

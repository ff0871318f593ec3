"""Simulated series: what is planted is what the truth says, and the same input gives the same bits."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from toolkit import DesignError, simulate

STEADY = simulate.Course(level=1e6, dispersion=1.0, autocorrelation=0.0)


def test_the_same_seed_gives_the_same_bits_and_another_does_not() -> None:
    one, again, other = (simulate.series(seed=seed)[0] for seed in (None, 0, 1))
    pd.testing.assert_frame_equal(one, again)
    assert not one["count"].equals(other["count"])


def test_a_busy_steady_series_lies_on_its_lines() -> None:
    """A million a month scatters by a thousandth: the step of 0.9, its growth by 0.99 and the trend show through."""
    course = simulate.Course(level=1e6, dispersion=1.0, trend=-0.1, season=tuple(range(1, 13)))
    frame, truth = simulate.series(course, periods=36, start="2021-07", level_change=0.9, slope_change=0.99)
    assert frame["count"].to_numpy() == pytest.approx(truth.expected["with_programme"], rel=0.02)
    assert frame["comparison"].to_numpy() == pytest.approx(truth.expected["without"], rel=0.02)
    years, since = np.arange(36) / 12, np.arange(36) - 18
    line = 1e6 * 0.9**years * np.tile(np.arange(1, 13) / 6.5, 3)
    assert truth.expected["without"].to_numpy() == pytest.approx(line)
    assert truth.expected["with_programme"].to_numpy() == pytest.approx(
        line * np.where(since >= 0, 0.9 * 0.99**since, 1)
    )


def test_truth_of_a_count_is_the_ratio_of_sums() -> None:
    _, truth = simulate.series(STEADY, periods=24, level_change=0.8, slope_change=0.95)
    assert truth.effect == pytest.approx(0.8 * np.mean(0.95 ** np.arange(12)))
    assert truth.prevented == pytest.approx(12e6 * (1 - truth.effect))


def test_truth_of_a_measure_is_the_mean_difference() -> None:
    """-2 and then 0.1 a month further: -2 + 0.1 x 5.5 over twelve months."""
    _, truth = simulate.series(kind="measure", periods=24, level_change=-2, slope_change=0.1)
    assert truth.effect == pytest.approx(-2 + 0.1 * 5.5)
    assert truth.prevented == pytest.approx(12 * (2 - 0.1 * 5.5))


def test_an_event_moves_both_series_and_not_the_truth() -> None:
    frame, truth = simulate.series(STEADY, periods=24, level_change=0.8, event=1.5)
    assert truth.effect == pytest.approx(0.8)
    assert frame["comparison"][12:].mean() == pytest.approx(1.5e6, rel=0.01)
    assert frame["count"][12:].mean() == pytest.approx(1.2e6, rel=0.01)


def test_a_count_follows_its_exposure() -> None:
    course = simulate.Course(level=1e6, dispersion=1.0, exposure=(1000, 2000))
    frame, truth = simulate.series(course, periods=24, level_change=1.0)
    assert frame["exposure"].iloc[[0, -1]].tolist() == [1000, 2000]
    assert truth.expected["without"].iloc[-1] == pytest.approx(2e6)


def test_wandering_has_the_autocorrelation_and_the_spread_it_should() -> None:
    """Over 4,000 months the lag-1 correlation is 0.6 and the standard deviation 3, within 3 Monte Carlo errors."""
    course = simulate.Course(level=0, spread=3, autocorrelation=0.6, shared=0.5)
    frame, _ = simulate.series(course, kind="measure", periods=4000, first="1700-01", start="1800-01")
    values, beside = frame["value"].to_numpy(), frame["comparison"].to_numpy()
    effective = 4000 * (1 - 0.36) / (1 + 0.36)
    assert np.corrcoef(values[1:], values[:-1])[0, 1] == pytest.approx(0.6, abs=3 * np.sqrt(0.64 / 4000))
    assert values.std() == pytest.approx(3, rel=3 / np.sqrt(2 * effective))
    assert np.corrcoef(values, beside)[0, 1] == pytest.approx(0.5, abs=3 * 0.75 / np.sqrt(effective))


def test_counts_are_dispersed_as_they_should() -> None:
    """Variance over mean 4; the wandering carries over, chance does not, so lag 1 is 0.6 x 3/4."""
    course = simulate.Course(level=50, dispersion=4, autocorrelation=0.6)
    frame, _ = simulate.series(course, periods=4000, first="1700-01", start="1800-01", level_change=1.0)
    counts = frame["count"].to_numpy(dtype=float)
    assert counts.mean() == pytest.approx(50, rel=0.02)
    assert counts.var() / counts.mean() == pytest.approx(4, rel=0.15)
    assert np.corrcoef(counts[1:], counts[:-1])[0, 1] == pytest.approx(0.45, abs=0.06)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kind": "rate"}, r"^kind='rate' is not known"),
        ({"start": "2030-01"}, r"^start=2030-01 is outside the months 2020-01 to 2024-12"),
        ({"start": "2020-01"}, r"^start=2020-01 is outside the months"),
        ({"start": "soon"}, r"^start holds 'soon', which is not a month"),
        ({"level_change": 0}, r"^A change of 0 is no ratio"),
        ({"event": -1}, r"^A change of -1 is no ratio"),
        ({"level_change": "x"}, r"^level_change='x' must be a number, such as 0\.8"),
        ({"event": "a"}, r"^event='a' must be a number"),
        ({"slope_change": True}, r"^slope_change=True must be a number"),
        ({"slope_change": 5}, r"^The series would reach 1\.49e\+22 in a month.*slope_change"),
        ({"course": 3}, r"^course must be a Course, not an int"),
        ({"kind": "measure", "level_change": "x"}, r"^level_change='x' must be a number, such as -2"),
        ({"periods": 1}, r"^periods=1 must be a whole number of at least 2"),
    ],
)
def test_what_cannot_be_simulated(options: dict, message: str) -> None:
    with pytest.raises(DesignError, match=message):
        simulate.series(**options)


def test_the_truth_prints_in_one_line() -> None:
    said = repr(simulate.series(level_change=0.8)[1])
    assert said.startswith("SeriesTruth(level_change=0.8, slope_change=1, effect=0.8, prevented=")
    assert said.endswith("expected: 60 months)")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"autocorrelation": 1.0}, r"^autocorrelation=1.0 must lie between"),
        ({"dispersion": 0.5}, r"^dispersion=0.5 must be at least 1"),
        ({"spread": 0}, r"^spread=0 must be above zero"),
        ({"shared": 2}, r"^shared=2 must lie from 0 to 1"),
        ({"season": (1, 2)}, r"^season must hold 12 numbers, and it holds 2"),
        ({"level": float("nan")}, r"^level=nan must be a number"),
    ],
)
def test_courses_that_are_impossible(options: dict, message: str) -> None:
    with pytest.raises(DesignError, match=message):
        simulate.Course(**options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"level": -1}, r"^A count needs a level above zero"),
        ({"season": (0.0,) * 12}, r"^season of a count must hold numbers above zero"),
        ({"exposure": (0, 5)}, r"^exposure=\(0, 5\) must be above zero"),
    ],
)
def test_courses_that_no_count_can_take(options: dict, message: str) -> None:
    with pytest.raises(DesignError, match=message):
        simulate.series(simulate.Course(**options))

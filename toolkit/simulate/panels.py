"""Panels of area counts with a planted effect, and the truth about them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from toolkit.simulate.settings import ASB_LSOA, Setting, Worst, require
from toolkit.validate import DesignError, random_generator, shown, whole


@dataclass(frozen=True)
class PanelTruth:
    """What was planted in a simulated panel.

    Parameters
    ----------
    rate_ratio : float
        Expected incidents in the treated cells with the programme over those without it: what ``did.att`` estimates
        on the ratio scale. NaN where no cell is treated.
    prevented : float
        Expected incidents without the programme less those with it, over the treated cells.
    effects : DataFrame
        One row per event time: event_time, n_units, rate_ratio, prevented.
    treated : tuple of str
        The treated units.
    eligible : tuple of str
        The units that met the selection rule: all units where treatment was drawn at random.
    expected : DataFrame
        One row per unit and period: unit, period, without, with_programme, the expected counts given the area's
        level and drift.
    """

    rate_ratio: float
    prevented: float
    effects: pd.DataFrame
    treated: tuple[str, ...]
    eligible: tuple[str, ...]
    expected: pd.DataFrame


def panel(  # noqa: PLR0913 - how counts behave, how many and when, and the programme
    setting: Setting = ASB_LSOA,
    *,
    units: int = 40,
    periods: int = 48,
    first: str = "2021-01",
    treated: int | Worst = 10,
    treated_from: str | Sequence[str] | None = None,
    rate_ratio: float | Sequence[float] = 0.8,
    seed: int | np.random.Generator | None = None,
) -> tuple[pd.DataFrame, PanelTruth]:
    """Counts by area and month with a planted effect, and the truth to hold an estimate against.

    Parameters
    ----------
    setting : Setting
        How the counts behave: ``ASB_LSOA``, ``VIOLENCE_WARD``, or your own.
    units : int
        Number of areas.
    periods : int
        Number of months.
    first : str
        The first month.
    treated : int or Worst
        How many areas are treated, drawn at random (0 for a panel with no programme); or the rule that chose them.
    treated_from : str or sequence of str, optional
        First treated month such as ``"2023-07"``; several months are staggered starts, over which the treated areas
        are shared evenly and at random. The month half-way where missing.
    rate_ratio : float or sequence of float
        The planted effect: 0.8 is a 20% fall. A sequence gives it by months since the start (the last value
        stays): see ``ramp``.
    seed : int or numpy Generator, optional
        Seed 0 where missing. The same input gives the same bits, and neither the effect nor the choice of areas
        changes the counts of untreated cells.

    Returns
    -------
    frame : DataFrame of units x periods rows
        unit, period (text), count, treated_from (missing = never), and population where the setting has one.
    truth : PanelTruth

    Raises
    ------
    DesignError
        More areas treated than there are, a start outside the months, a negative rate ratio, too few months
        before the start for the selection rule.

    Notes
    -----
    **Assumes** an effect that multiplies the rate of every treated area alike; areas that drift
    independently of each other; no gaps in the record; no effect on neighbours.

    A fall is planted by keeping each incident of a treated cell with probability ``rate_ratio``, which leaves
    a negative binomial count negative binomial with the same alpha (gamma-Poisson thinning); a rise adds Poisson
    incidents at the cell's own rate.

    Examples
    --------
    >>> from toolkit import simulate
    >>> frame, truth = simulate.panel(units=20, periods=24, treated=5, treated_from="2022-01", rate_ratio=0.82)
    >>> frame.shape, round(truth.rate_ratio, 2), len(truth.treated)
    ((480, 4), 0.82, 5)
    >>> slow, truth = simulate.panel(rate_ratio=simulate.ramp(0.7, over=6), treated_from=["2023-01", "2023-07"])
    >>> truth.effects["rate_ratio"].head(3).round(2).tolist()
    [0.95, 0.9, 0.85]
    """
    units, months = whole(units, "units", 1), _months(first, periods)
    starts, ratios, rng = _starts(treated_from, months), _ratios(rate_ratio), random_generator(seed)
    area = _areas(setting, units, months, rng)
    eligible, chosen = _choose(treated, area.incidents, starts, rng)
    event_time = np.arange(len(months)) - _start_of_each(chosen, starts, units)[:, None]
    effect = _effect(event_time, ratios)
    count = _with_programme(area, effect, rng)
    names = _names(units)
    frame = _long(names, months, count=count)
    frame["treated_from"] = _start_labels(event_time, months)
    if area.population is not None:
        frame["population"] = np.repeat(area.population, len(months))
    expected = _long(names, months, without=area.expected, with_programme=area.expected * effect)
    return frame, _truth(expected, event_time, names[np.sort(chosen)], names[eligible])


class _Areas(NamedTuple):
    """Arrays of units x periods: expected count, the month's own rate about it, and the count, with no programme."""

    expected: np.ndarray
    rate: np.ndarray
    incidents: np.ndarray
    population: np.ndarray | None


def _areas(setting: Setting, units: int, months: pd.PeriodIndex, rng: np.random.Generator) -> _Areas:
    level = setting.mean * np.exp(setting.spread * rng.standard_normal(units) - setting.spread**2 / 2)
    population = None
    if setting.population is not None:
        low, high = setting.population
        population = rng.integers(low, high, units, endpoint=True)
        level = level * population / ((low + high) / 2)
    drift = setting.drift * _wander(setting.persistence, units, len(months), rng) - setting.drift**2 / 2
    expected = level[:, None] * _calendar(setting, months) * np.exp(drift)
    rate = expected * _month_to_month(setting.dispersion, expected.shape, rng)
    return _Areas(expected, rate, rng.poisson(rate), population)


def _wander(persistence: float, units: int, length: int, rng: np.random.Generator) -> np.ndarray:
    """A stationary AR(1) of unit variance for each unit: it starts in its long-run distribution."""
    path = rng.standard_normal((units, length))
    for t in range(1, length):
        path[:, t] = persistence * path[:, t - 1] + np.sqrt(1 - persistence**2) * path[:, t]
    return path


def _calendar(setting: Setting, months: pd.PeriodIndex) -> np.ndarray:
    season = np.array(setting.season) / np.mean(setting.season)
    return season[months.month - 1] * (1 + setting.trend) ** (np.arange(len(months)) / 12)


def _month_to_month(dispersion: float, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Gamma noise of mean 1 and variance alpha, which makes a Poisson count NB2."""
    return rng.gamma(1 / dispersion, dispersion, shape) if dispersion > 0 else np.ones(shape)


def _choose(
    treated: int | Worst, count: np.ndarray, starts: list[int], rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """The units that met the rule, in order, and the treated ones among them, in random order."""
    units = len(count)
    if isinstance(treated, Worst):
        n, eligible = treated.n, _worst(treated, count, min(starts))
    else:
        n, eligible = whole(treated, "treated"), np.arange(units)
    require(n <= units, f"treated={n} areas, but there are only {units}: raise units= or lower treated=.")
    require(
        n == 0 or n >= len(starts),
        f"treated={n} areas cannot be shared over {len(starts)} starts: treat more areas or give fewer months.",
    )
    return eligible, rng.permutation(eligible)[:n]


def _worst(rule: Worst, count: np.ndarray, start: int) -> np.ndarray:
    last, wanted = start - rule.gap, rule.eligible or rule.n
    require(
        last >= rule.on,
        f"The rule counts {rule.on} months that end {rule.gap} before the start, but there are only {start} months "
        "before the start: start later, or count fewer.",
    )
    require(
        wanted <= len(count), f"The rule takes {wanted} areas, but there are only {len(count)}: raise units=."
    )
    total = count[:, last - rule.on : last].sum(axis=1)
    return np.sort(np.argsort(-total, kind="stable")[:wanted])


def _start_of_each(chosen: np.ndarray, starts: list[int], units: int) -> np.ndarray:
    """Position of each unit's first treated month, infinite for the never treated."""
    start = np.full(units, np.inf)
    start[chosen] = np.resize(starts, len(chosen))
    return start


def _effect(event_time: np.ndarray, ratios: np.ndarray) -> np.ndarray:
    step = np.clip(event_time, 0, len(ratios) - 1).astype(int) if len(ratios) else 0
    return np.where(event_time >= 0, ratios[step], 1.0)


def _with_programme(area: _Areas, effect: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    kept = rng.binomial(area.incidents, np.minimum(effect, 1))
    return kept + rng.poisson(area.rate * np.maximum(effect - 1, 0))


def _truth(
    expected: pd.DataFrame, event_time: np.ndarray, treated: np.ndarray, eligible: np.ndarray
) -> PanelTruth:
    cells = expected.assign(event_time=event_time.ravel())[(event_time >= 0).ravel()]
    cells = cells.astype({"event_time": int})
    groups = cells.groupby("event_time")
    effects = groups[["without", "with_programme"]].sum()
    effects = effects.assign(
        n_units=groups.size(),
        rate_ratio=effects["with_programme"] / effects["without"],
        prevented=effects["without"] - effects["with_programme"],
    )
    without, with_programme = float(cells["without"].sum()), float(cells["with_programme"].sum())
    return PanelTruth(
        rate_ratio=with_programme / without if without else float("nan"),
        prevented=without - with_programme,
        effects=effects.reset_index()[["event_time", "n_units", "rate_ratio", "prevented"]],
        treated=tuple(treated),
        eligible=tuple(eligible),
        expected=expected,
    )


def _names(units: int) -> np.ndarray:
    width = max(2, len(str(units)))
    return np.array([f"area {number:0{width}d}" for number in range(1, units + 1)], dtype=object)


def _long(names: np.ndarray, months: pd.PeriodIndex, **values: np.ndarray) -> pd.DataFrame:
    keys = {"unit": np.repeat(names, len(months)), "period": np.tile(months.astype(str), len(names))}
    return pd.DataFrame(keys | {name: matrix.ravel() for name, matrix in values.items()})


def _start_labels(event_time: np.ndarray, months: pd.PeriodIndex) -> pd.Series:
    start, names = -event_time[:, 0], months.astype(str)
    labels = [names[int(s)] if np.isfinite(s) else None for s in start]
    return pd.Series(np.repeat(np.array(labels, dtype=object), len(months)), dtype="str")


def _months(first: str, periods: int) -> pd.PeriodIndex:
    return pd.period_range(_month(first, "first"), periods=whole(periods, "periods", 1), freq="M")


def _month(text: str, name: str) -> pd.Period:
    if not isinstance(text, str) or not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", text):
        raise DesignError(f"{name} holds {text!r}, which is not a month. Write months as 2023-04.")
    return pd.Period(text, freq="M")


def _starts(treated_from: str | Sequence[str] | None, months: pd.PeriodIndex) -> list[int]:
    """Positions of the starts among the months."""
    if treated_from is None:
        return [len(months) // 2]
    given = [treated_from] if isinstance(treated_from, str) else list(treated_from)
    require(bool(given), "treated_from is empty: give at least one month.")
    wanted = [_month(text, "treated_from") for text in given]
    for month in wanted:
        require(
            month in months,
            f"treated_from={month} is outside the months {months[0]} to {months[-1]}: move it, or widen the months.",
        )
    return [months.tolist().index(month) for month in wanted]


def _ratios(rate_ratio: float | Sequence[float]) -> np.ndarray:
    ratios = np.atleast_1d(np.asarray(rate_ratio, dtype=float))
    require(
        ratios.ndim == 1 and ratios.size > 0,
        "rate_ratio must be one number, or one for each month since the start.",
    )
    bad = ratios[~(np.isfinite(ratios) & (ratios >= 0))]
    if bad.size:
        raise DesignError(f"rate_ratio={shown(bad[0])} must be a number of at least 0; 0.8 is a 20% fall.")
    return ratios

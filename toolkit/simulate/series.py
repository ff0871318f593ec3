"""One series over time with a planted step and bend, a comparison beside it, and the truth about them."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from toolkit.simulate.settings import LARGEST, number, require
from toolkit.validate import DesignError, random_generator, shown, whole
from toolkit.validate import kind as named_kind


@dataclass(frozen=True, kw_only=True)
class Course:
    """How one monthly series behaves without a programme.

    A count is Poisson around level x trend x season x a slow wandering; a measure is the sum of the four.

    Parameters
    ----------
    level : float
        A month, at the first month and on average over a calendar year.
    trend : float
        Change a year: of a count -0.05 is a fall of 5%, of a measure in its own units.
    season : tuple of 12 floats
        January to December: of a count relative to the average, of a measure added to it.
    autocorrelation : float
        Of the wandering from one month to the next, from -1 to 1: a stationary AR(1).
    dispersion : float
        Variance of a count over its mean at the level; 1 is Poisson, with no wandering.
    spread : float
        Standard deviation of a measure about its line.
    exposure : tuple of (first, last), optional
        What a count is per, in the first and in the last month, with a straight line between: the count follows it.
    shared : float
        The share of the wandering's variance that a comparison series has in common.

    Raises
    ------
    DesignError
        If a value is impossible.

    Examples
    --------
    >>> from toolkit import simulate
    >>> simulate.Course(level=40, dispersion=1.5).trend
    0.0
    """

    level: float = 100.0
    trend: float = 0.0
    season: tuple[float, ...] = (1.0,) * 12
    autocorrelation: float = 0.3
    dispersion: float = 2.0
    spread: float = 1.0
    exposure: tuple[float, float] | None = None
    shared: float = 0.0

    def __post_init__(self) -> None:
        require(np.isfinite(self.level), f"level={self.level!r} must be a number.")
        require(
            -1 < self.autocorrelation < 1,
            f"autocorrelation={self.autocorrelation!r} must lie between -1 and 1, without them.",
        )
        require(self.dispersion >= 1, f"dispersion={self.dispersion!r} must be at least 1, which is Poisson.")
        require(self.spread > 0, f"spread={self.spread!r} must be above zero.")
        require(0 <= self.shared <= 1, f"shared={self.shared!r} must lie from 0 to 1.")
        require(len(self.season) == 12, f"season must hold 12 numbers, and it holds {len(self.season)}.")


@dataclass(frozen=True)
class SeriesTruth:
    """What was planted in a simulated series.

    Parameters
    ----------
    level_change, slope_change : float
        As planted: ratios for a count, differences for a measure; the slope is per month, counted from the start.
    effect : float
        Over the months with the programme: expected sum with it over that without, or the mean difference.
    prevented : float
        Expected without the programme less with it, over those months.
    expected : DataFrame
        One row per month: period, without, with_programme, before any wandering.
    """

    level_change: float
    slope_change: float
    effect: float
    prevented: float
    expected: pd.DataFrame

    def __repr__(self) -> str:
        names = ("level_change", "slope_change", "effect", "prevented")
        planted = ", ".join(f"{name}={shown(getattr(self, name))}" for name in names)
        return f"SeriesTruth({planted}, expected: {len(self.expected)} months)"


def series(  # noqa: PLR0913 - how it behaves, how long, and the programme
    course: Course | None = None,
    *,
    kind: str = "count",
    periods: int = 60,
    first: str = "2020-01",
    start: str | None = None,
    level_change: float | None = None,
    slope_change: float | None = None,
    event: float | None = None,
    seed: int | np.random.Generator | None = None,
) -> tuple[pd.DataFrame, SeriesTruth]:
    """One monthly series with a planted change, a comparison series without it, and the truth.

    Parameters
    ----------
    course : Course, optional
        How the series behaves without a programme; ``Course()`` if not given.
    kind : {"count", "measure"}
    periods : int
        Number of months.
    first : str
        The first month.
    start : str, optional
        The first month with the programme; half-way where missing.
    level_change, slope_change : float, optional
        Ratios for a count (0.8 is a fall of 20%, a slope of 0.99 a further 1% each month), differences for a measure.
        0.8 and 1 (a count) or 0 and 0 (a measure) where missing.
    event : float, optional
        Something else that happens at ``start`` to the series and to the comparison alike: a ratio or a difference.
    seed : int or numpy Generator, optional
        Seed 0 where missing.

    Returns
    -------
    frame : DataFrame
        period (text), count or value, comparison, and exposure where the course has one.
    truth : SeriesTruth
        Of the programme alone, without the event.

    Raises
    ------
    DesignError
        A start outside the months, a negative ratio, impossible settings.

    Notes
    -----
    **Assumes** one series and one comparison of the same size, whose wandering has what the course says in common.

    Examples
    --------
    >>> from toolkit import simulate
    >>> frame, truth = simulate.series(periods=48, start="2022-01", level_change=0.8)
    >>> frame.shape, round(truth.effect, 3)
    ((48, 3), 0.8)
    """
    course, rng = _course(course), random_generator(seed)
    require(kind in ("count", "measure"), f"kind={kind!r} is not known. Use 'count' or 'measure'.")
    months = pd.period_range(_month(first, "first"), periods=whole(periods, "periods", 2), freq="M")
    since = np.arange(len(months)) - _place(start, months)
    count = kind == "count"
    none = 1.0 if count else 0.0
    step, slope, other = (
        usual if given is None else number(given, name, "0.8 for a fall of 20%" if count else "-2")
        for name, given, usual in (
            ("level_change", level_change, 0.8 if count else 0.0),
            ("slope_change", slope_change, none),
            ("event", event, none),
        )
    )
    least = min(step, slope, other)
    require(
        not count or least > 0,
        f"A change of {shown(least)} is no ratio: give one above zero, 0.8 for a fall of 20%.",
    )
    beside = _with(_line(course, months, count=count), np.where(since >= 0, other, none), count)
    lines = _with(beside, _change(since, step, slope, count=count), count), beside
    _can_be_drawn(lines[0])
    seen, compared = _drawn(course, lines, count=count, rng=rng)
    name = "count" if count else "value"
    frame = pd.DataFrame({"period": months.astype(str), name: seen, "comparison": compared})
    if course.exposure is not None:
        frame["exposure"] = np.linspace(*course.exposure, len(months))
    return frame, _truth(months, since, (step, slope), lines[::-1], count=count)


def _course(course: object) -> Course:
    require(
        course is None or isinstance(course, Course),
        f"course must be a Course, not {named_kind(course)}: simulate.Course(level=40) is one.",
    )
    return course if isinstance(course, Course) else Course()


def _can_be_drawn(line: np.ndarray) -> None:
    """Changes that compound month after month can leave what a count, or a number, can hold."""
    most = float(np.abs(line).max())
    require(
        most < LARGEST,
        f"The series would reach {most:.3g} in a month, which is too much to draw: bring slope_change "
        "(which compounds every month), level_change or event nearer to no change.",
    )


def _line(course: Course, months: pd.PeriodIndex, *, count: bool) -> np.ndarray:
    """What to expect in each month without programme or event."""
    years, place = np.arange(len(months)) / 12, np.asarray(months.month) - 1
    season = np.asarray(course.season, dtype=float)
    if not count:
        return course.level + course.trend * years + (season - season.mean())[place]
    require(course.level > 0 and course.trend > -1, "A count needs a level above zero and a trend above -1.")
    require(bool((season > 0).all()), "season of a count must hold numbers above zero.")
    line = course.level * (1 + course.trend) ** years * (season / season.mean())[place]
    if course.exposure is None:
        return line
    reach = np.linspace(*course.exposure, len(months))
    require(bool((reach > 0).all()), f"exposure={course.exposure!r} must be above zero.")
    return line * reach / reach[0]


def _change(since: np.ndarray, step: float, slope: float, *, count: bool) -> np.ndarray:
    """The programme's change in each month: none before the start, then a step that grows by the slope."""
    after = np.maximum(since, 0)
    grown = step * slope**after if count else step + slope * after
    return np.where(since >= 0, grown, 1.0 if count else 0.0)


def _with(line: np.ndarray, change: np.ndarray, count: bool) -> np.ndarray:
    return line * change if count else line + change


def _drawn(
    course: Course, lines: tuple[np.ndarray, np.ndarray], *, count: bool, rng: np.random.Generator
) -> list[np.ndarray]:
    """The series and its comparison, as recorded."""
    common, *own = (_wander(course.autocorrelation, len(lines[0]), rng) for _ in range(3))
    found = []
    for line, alone in zip(lines, own, strict=True):
        path = np.sqrt(course.shared) * common + np.sqrt(1 - course.shared) * alone
        if count:
            size = np.sqrt(np.log1p((course.dispersion - 1) / course.level))
            found.append(rng.poisson(line * np.exp(size * path - size**2 / 2)))
        else:
            found.append(line + course.spread * path)
    return found


def _wander(persistence: float, length: int, rng: np.random.Generator) -> np.ndarray:
    """A stationary AR(1) of unit variance that starts in its long-run distribution."""
    path = rng.standard_normal(length)
    for t in range(1, length):
        path[t] = persistence * path[t - 1] + np.sqrt(1 - persistence**2) * path[t]
    return path


def _truth(
    months: pd.PeriodIndex, since: np.ndarray, planted: tuple[float, float], lines: tuple[np.ndarray, np.ndarray],
    *, count: bool,
) -> SeriesTruth:  # fmt: skip
    without, with_programme = lines
    after = since >= 0
    seen, base = float(with_programme[after].sum()), float(without[after].sum())
    effect = seen / base if count else (seen - base) / int(after.sum())
    expected = pd.DataFrame(
        {"period": months.astype(str), "without": without, "with_programme": with_programme}
    )
    return SeriesTruth(*planted, effect, base - seen, expected)


def _place(start: str | None, months: pd.PeriodIndex) -> int:
    """The place of the programme's first month."""
    if start is None:
        return len(months) // 2
    place = _month(start, "start").ordinal - months[0].ordinal
    require(
        0 < place < len(months),
        f"start={start} is outside the months {months[0]} to {months[-1]}: move it, or widen the months.",
    )
    return int(place)


def _month(text: str, name: str) -> pd.Period:
    if not isinstance(text, str) or not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", text):
        raise DesignError(f"{name} holds {text!r}, which is not a month. Write months as 2023-04.")
    return pd.Period(text, freq="M")

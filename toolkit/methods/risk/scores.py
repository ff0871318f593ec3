"""Yes/no outcomes: score intervals, which hold with few events, of people who count alike or, with few, unalike."""

from __future__ import annotations

import math

import numpy as np

from toolkit.estimate.found import Found
from toolkit.numerics import people, proportions
from toolkit.sample import UNMATCHED, WITHOUT, Sample
from toolkit.validate import shown

_FEW = 10  # events, or people without one: from here on the error is estimated well enough for a t interval

Two = tuple[float, float]


def binary(y: np.ndarray) -> bool:
    """Whether an outcome is 0 or 1 throughout."""
    return bool(np.isin(y, (0, 1)).all())


def applies(sample: Sample, y: np.ndarray) -> bool:
    """Whether there is a score interval: a yes/no outcome of people who count alike, separate or in pairs, or rare."""
    return binary(y) and (_alike(sample, y) or _rare(sample, y))


def kind(sample: Sample, y: np.ndarray) -> str:
    """What kind of interval a yes/no outcome has, for what is said of few events; nothing where none was simulated."""
    if not binary(y) or (sample.design == UNMATCHED and not _alike(sample, y)):
        return ""
    return "pairs" if sample.design == WITHOUT and _alike(sample, y) else sample.design


def _alike(sample: Sample, y: np.ndarray) -> bool:
    if np.ptp(sample.weight) > 0:
        return False
    return sample.design == UNMATCHED or (sample.design == WITHOUT and pairs(sample, y) is not None)


def _rare(sample: Sample, y: np.ndarray) -> bool:
    """Whether an arm has few events, or few without one, among the people who count."""
    for arm in (sample.treated, ~sample.treated):
        had = y[arm & (sample.weight > 0)]
        if min(had.sum(), len(had) - had.sum()) < _FEW:
            return True
    return False


def pairs(sample: Sample, y: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """The outcome of each pair's treated and comparison person; None where the matches are not pairs."""
    return people.in_pairs(y, sample.treated, np.asarray(sample.match_id))


def found(sample: Sample, y: np.ndarray, *, ratio: bool, level: float) -> Found:
    """The difference or ratio of two proportions with its score interval."""
    if not _alike(sample, y):
        return _weighted(sample, y, ratio, level)
    matched = None if sample.design == UNMATCHED else pairs(sample, y)
    if matched is not None:
        return _paired(*matched, ratio, level)
    events = float(y[sample.treated].sum()), float(y[~sample.treated].sum())
    return _separate(events, (sample.n_treated, sample.n - sample.n_treated), ratio, level)


def _weighted(sample: Sample, y: np.ndarray, ratio: bool, level: float) -> Found:
    """People who do not count alike, at the number of people who count alike that would say as much (Kish 1965)."""
    first, second = (people.worth(sample.weight[arm]) for arm in (sample.treated, ~sample.treated))
    p, q = people.rates(y, np.ones(len(y)), sample.treated, sample.weight)
    told = _separate((p * first, q * second), (first, second), ratio, level)
    worth = " and ".join(shown(round(size)) for size in (first, second))
    return told._replace(method=f"{told.method} at the effective numbers of people, {worth}")


def _separate(events: Two, sizes: Two, ratio: bool, level: float) -> Found:
    ask, whose = (proportions.ratio, "Koopman") if ratio else (proportions.difference, "Mee")
    (p, q), (m, n) = (had / size for had, size in zip(events, sizes, strict=True)), sizes
    variance = _odds(p, m) + _odds(q, n) if ratio else p * (1 - p) / m + q * (1 - q) / n
    return _told(ask(events, sizes, level), variance, f"score interval ({whose})")


def _paired(first: np.ndarray, second: np.ndarray, ratio: bool, level: float) -> Found:
    cells = [int(((first == a) & (second == b)).sum()) for a, b in ((1, 1), (1, 0), (0, 1), (0, 0))]
    ask, whose = (
        (proportions.paired_ratio, "Nam and Blackwelder")
        if ratio
        else (proportions.paired_difference, "Tango")
    )
    both, one, two, _ = cells
    x, y, n = both + one, both + two, len(first)
    if ratio:
        variance = (one + two) / (x * y) if x * y else math.nan
    else:
        variance = (one + two - (one - two) ** 2 / n) / n**2
    return _told(ask(*cells, level=level), variance, f"score interval for {n:,} matched pairs ({whose})")


def _odds(p: float, n: float) -> float:
    """The variance of a log proportion."""
    return (1 - p) / (p * n) if p else math.nan


def _told(scored: proportions.Scored, variance: float, method: str) -> Found:
    return Found(scored.value, scored.low, scored.high, math.sqrt(variance), scored.p_value, method)

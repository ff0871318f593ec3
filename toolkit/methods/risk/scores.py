"""Yes/no outcomes of separate people or of matched pairs: score intervals, which hold with few events."""

from __future__ import annotations

import math

import numpy as np

from toolkit.methods.risk.spread import Found
from toolkit.numerics import people, proportions
from toolkit.sample import UNMATCHED, WITHOUT, Sample


def binary(y: np.ndarray) -> bool:
    """Whether an outcome is 0 or 1 throughout."""
    return bool(np.isin(y, (0, 1)).all())


def applies(sample: Sample, y: np.ndarray) -> bool:
    """Whether a score interval can be had: a yes/no outcome, and people who count alike, separate or in pairs."""
    if not binary(y) or np.ptp(sample.weight) > 0:
        return False
    return sample.design == UNMATCHED or (sample.design == WITHOUT and pairs(sample, y) is not None)


def pairs(sample: Sample, y: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """The outcome of each pair's treated and comparison person; None where the matches are not pairs."""
    return people.in_pairs(y, sample.treated, np.asarray(sample.match_id))


def found(sample: Sample, y: np.ndarray, *, ratio: bool, level: float) -> Found:
    """The difference or ratio of two proportions with its score interval."""
    matched = None if sample.design == UNMATCHED else pairs(sample, y)
    if matched is None:
        return _separate(y[sample.treated], y[~sample.treated], ratio, level)
    return _paired(*matched, ratio, level)


def _separate(first: np.ndarray, second: np.ndarray, ratio: bool, level: float) -> Found:
    events, sizes = (int(first.sum()), int(second.sum())), (len(first), len(second))
    ask, whose = (proportions.ratio, "Koopman") if ratio else (proportions.difference, "Mee")
    (p, q), (m, n) = (first.mean(), second.mean()), sizes
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


def _odds(p: float, n: int) -> float:
    """The variance of a log proportion."""
    return (1 - p) / (p * n) if p else math.nan


def _told(scored: proportions.Scored, variance: float, method: str) -> Found:
    return Found(scored.value, scored.low, scored.high, math.sqrt(variance), scored.p_value, method)

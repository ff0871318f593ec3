"""Spans of periods: the ones a user leaves out, and runs of places that are alike."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from toolkit import periods as calendar
from toolkit.validate import DesignError, kind, shown

_FORM = (
    "Give exclude=('2020-03', '2021-07') for a span, exclude=['2020-03', '2020-05'] for single periods, or a list "
    "of both."
)


def left_out(exclude: Any, like: pd.Index) -> np.ndarray:
    """The excluded periods as ordinals.

    A tuple of two periods is a span, both ends included; a list holds single periods and spans. ``like`` is in order.
    """
    if isinstance(exclude, str) or not isinstance(exclude, (tuple, list)):
        exclude = [exclude]
    if (
        isinstance(exclude, tuple)
        and exclude
        and not any(isinstance(part, (tuple, list)) for part in exclude)
    ):
        exclude = [exclude]
    spans = [_within(*_ends(part, like), part, like) for part in exclude]
    return np.unique(np.concatenate(spans)) if spans else np.array([])


def runs(chosen: np.ndarray) -> list[tuple[int, int]]:
    """First and last place of each run of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], chosen, [False]]).astype(int)))
    return [(int(a), int(b) - 1) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _ends(part: Any, like: pd.Index) -> tuple[float, float]:
    """The first and the last period of a span, which are one for a single period."""
    if not isinstance(part, (tuple, list)):
        part = (part, part)
    if len(part) != 2:
        raise DesignError(f"exclude holds a group of {len(part)} periods, and a span has two ends. {_FORM}")
    first, last = (_ordinal(end, like) for end in part)
    if first > last:
        raise DesignError(f"exclude runs backwards, from {shown(part[0])} to {shown(part[1])}. {_FORM}")
    return first, last


def _within(first: float, last: float, part: Any, like: pd.Index) -> np.ndarray:
    """What the series holds of a span; raise where that is nothing, as a slip of the year would have it."""
    begins, ends = calendar.ordinals(like[[0, -1]])
    if last < begins or first > ends:
        given = " to ".join(shown(end) for end in part) if isinstance(part, (tuple, list)) else shown(part)
        raise DesignError(
            f"exclude holds {given}, which is outside the series: it runs from {like[0]} to {like[-1]}."
        )
    return np.arange(max(first, begins), min(last, ends) + 1)


def _ordinal(period: Any, like: pd.Index) -> float:
    values = pd.Series([period])
    if values.isna().any():
        raise DesignError(f"exclude holds {kind(period)}, which is no period. {_FORM}")
    return float(calendar.ordinals(calendar.match(values, "exclude", like))[0])

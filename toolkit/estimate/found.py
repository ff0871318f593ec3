"""A value with its interval, before the words that make it an Estimate."""

from __future__ import annotations

from typing import NamedTuple


class Found(NamedTuple):
    """A value with its interval, on the reader's scale, and how it was found."""

    value: float
    low: float
    high: float
    std_error: float
    p_value: float
    method: str
    cautions: tuple[str, ...] = ()

"""Columns of numbers in units near one, so that their squares stay within what a computer can write down."""

from __future__ import annotations

import numpy as np


def of(columns: np.ndarray) -> np.ndarray:
    """A power of two for each column, near its largest number: dividing by it changes no digit."""
    largest = np.abs(columns).max(axis=0, initial=0)
    return np.ldexp(1.0, np.frexp(largest)[1].clip(-1000, 1000))

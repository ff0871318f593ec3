"""Numbers and cautions as a reader sees them: three figures, p-values in words, lines as HTML."""

from __future__ import annotations

import html
import math

import numpy as np
import pandas as pd

_LEAST, _COUNTABLE = 1e-12, 1e15  # beyond these nobody counts the noughts
_VALUES = ("value", "estimate")  # columns of estimates, whose infinity is no missing limit


def figure(number: float) -> str:
    """Three significant figures, in full: 0.823, 1,240, -5.08."""
    if math.isnan(number):
        return "not available"
    if math.isinf(number):
        return "no upper limit" if number > 0 else "no lower limit"
    if number == 0:
        return "0"
    if not _LEAST <= abs(number) < _COUNTABLE:
        return f"{number:.3g}"
    digits = max(0, 2 - math.floor(math.log10(abs(number))))
    text = f"{number:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def value_figure(number: float) -> str:
    """As :func:`figure` for an estimate, which may be infinite, where a limit would be none."""
    return f"{'minus ' if number < 0 else ''}infinity" if math.isinf(number) else figure(number)


def with_interval(value: float, low: float, high: float, level: float) -> str:
    """``0.82 (95% interval 0.74 to 0.91)``."""
    return f"{value_figure(value)} ({level_words(level)} interval {figure(low)} to {figure(high)})"


def level_words(level: float) -> str:
    """``95%``, ``99.9%``: four figures, or as many as keep a level from reading 100%."""
    per_cent = (
        np.format_float_positional(100 * level, digits, fractional=False, trim="-") for digits in range(4, 18)
    )
    return next(text for text in per_cent if float(text) < 100) + "%"


def units_words(units: int, treated: int) -> str:
    """``40 units, 15 treated``."""
    return f"{units} unit{'' if units == 1 else 's'}, {treated} treated"


def degrees(df: float) -> str:
    """``18 degrees``, ``1 degree``."""
    return f"{figure(df)} degree{'' if df == 1 else 's'}"


def p_words(p_value: float) -> str:
    """``0.032``, ``<0.001``, or ``not available``."""
    if math.isnan(p_value):
        return "not available"
    return "<0.001" if p_value < 0.001 else f"{p_value:.3f}"


def rounded(frame: pd.DataFrame) -> pd.DataFrame:
    """Numbers as three significant figures, for display only."""
    shown = frame.copy()
    for name in shown.columns[[pd.api.types.is_float_dtype(dtype) for dtype in shown.dtypes]]:
        shown[name] = shown[name].map(value_figure if name in _VALUES else figure)
    return shown


def as_html(text: str) -> str:
    """Lines of text as a paragraph, and the cautions as a list."""
    lines = text.split("\n")
    cautions = tuple(line.removeprefix("Caution: ") for line in lines if line.startswith("Caution: "))
    body = "<br>".join(html.escape(line) for line in lines if not line.startswith("Caution: "))
    return f"<p>{body}</p>{caution_html(cautions)}"


def caution_html(cautions: tuple[str, ...]) -> str:
    """The cautions as an HTML list, or nothing."""
    items = "".join(f"<li>{html.escape(caution)}</li>" for caution in cautions)
    return f"<p>Cautions:</p><ul>{items}</ul>" if cautions else ""

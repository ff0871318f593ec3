"""Numbers and cautions as a reader sees them: three figures, p-values in words, lines as HTML."""

from __future__ import annotations

import html
import math

import pandas as pd


def figure(number: float) -> str:
    """Three significant figures, in full: 0.823, 1,240, -5.08."""
    if math.isnan(number):
        return "not available"
    if math.isinf(number):
        return "no upper limit" if number > 0 else "no lower limit"
    if number == 0:
        return "0"
    digits = max(0, 2 - math.floor(math.log10(abs(number))))
    text = f"{number:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def p_words(p_value: float) -> str:
    """``0.032``, ``<0.001``, or ``not available``."""
    if math.isnan(p_value):
        return "not available"
    return "<0.001" if p_value < 0.001 else f"{p_value:.3f}"


def rounded(frame: pd.DataFrame) -> pd.DataFrame:
    """Numbers as three significant figures, for display only."""
    shown = frame.copy()
    for name in shown.columns[[pd.api.types.is_float_dtype(dtype) for dtype in shown.dtypes]]:
        shown[name] = shown[name].map(figure)
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

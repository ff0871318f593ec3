"""How far a finding stands if trends were not parallel: the sentence, and the title of its picture."""

from __future__ import annotations

import math

from toolkit.estimate import Honest
from toolkit.report._phrases import change_and_joint


def sentence(answer: Honest) -> str:
    """The finding and what would overturn it, in one sentence."""
    change = change_and_joint(answer.original)[0]
    if answer.breakdown == 0:
        return _nothing_to_overturn(answer, change)
    if answer.kind == "relative":
        return (
            f"The finding ({change}) stands as long as the gap between treated and comparison would have moved, from "
            f"one period to the next, by no more than {limit(answer)} times its largest move before the start."
        )
    stands = (
        "the gap between treated and comparison would have gone on in the straight line it was on before the start, "
        f"or bent by no more than {limit(answer)} from one period to the next"
    )
    if not finds(answer):
        return f"The interval includes no change with parallel trends, but excludes it if {stands}."
    return f"The finding ({change}) stands as long as {stands}."


def title(answer: Honest) -> str:
    """The same for a picture."""
    if answer.breakdown > 0 and not finds(answer):
        return f"A change is found only if the gap went on straight,\nor bent by no more than {limit(answer)} a period"
    if answer.breakdown > 0 and answer.kind == "relative":
        return f"The finding stands up to {limit(answer)} times\nthe gap's largest move before the start"
    if answer.breakdown > 0:
        return f"The finding stands if the gap bent by\nno more than {limit(answer)} a period"
    if finds(answer):
        return "The finding does not stand if the gap\nwent on in a straight line"
    return "The interval includes no change\neven with parallel trends"


def finds(answer: Honest) -> bool:
    """Whether the interval excludes no change if trends were parallel."""
    return bool(answer.bounds["excludes"].iloc[0])


def limit(answer: Honest) -> str:
    """The breakdown in two figures, never more than it is; a bend of a ratio in per cent."""
    bend_of_ratio = answer.kind == "smooth" and answer.scale == "ratio"
    number = 100 * math.expm1(answer.breakdown) if bend_of_ratio else answer.breakdown
    digits = 1 - math.floor(math.log10(number))
    below = math.floor(number * 10.0**digits + 1e-9) / 10.0**digits
    return f"{below:,.{max(digits, 0)}f}" + ("%" if bend_of_ratio else "")


def _nothing_to_overturn(answer: Honest, change: str) -> str:
    if finds(answer):
        return (
            f"The finding ({change}) does not stand if the gap between treated and comparison would have gone on in "
            "the straight line it was on before the start: the interval then includes no change."
        )
    return (
        "The interval includes no change even with parallel trends, so there is no finding for other trends to "
        "overturn."
    )

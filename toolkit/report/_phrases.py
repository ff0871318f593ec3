"""The phrases that sentences are made of: sizes, directions and limits, rounded so that none hides where zero is."""

from __future__ import annotations

import math

from toolkit.display import level_words
from toolkit.estimate import POINTS, Estimate

# Added before rounding, so that a tie goes up and 100 * (0.82 - 1) is not just short of 18.
_TIE = 1e-9
_COUNTABLE, _MOST_DECIMALS = 1e15, 8


def change_and_joint(estimate: Estimate, unit_words: str = "") -> tuple[str, str]:
    """The change in words (``18% lower``), and what joins it to what it is compared with (``than`` or ``as``)."""
    if math.isnan(estimate.value):
        return "not available", "than"
    if estimate.value == estimate.null:
        return "the same", "as"
    if math.isinf(estimate.value):
        return ("higher" if estimate.value > 0 else "lower") + " by an unknown amount", "than"
    size, direction = _sized(estimate.value, estimate, tries=1)
    units = (unit_words or estimate.unit) if estimate.scale == "difference" else ""
    return " ".join(part for part in (size, units, direction) if part), _joint(direction)


def between(estimate: Estimate) -> str:
    """The interval in words: ``9% to 26% lower``, ``22% lower to 4% higher``, or the one limit there is."""
    if math.isnan(estimate.low) or math.isnan(estimate.high):
        return "not available"
    no_low, no_high = _unbounded(estimate)
    if no_low and no_high:
        return "no limits can be given"
    if no_low:
        return f"{_limit(estimate.high, estimate, 'lower')}; no lower limit can be given"
    if no_high:
        return f"{_limit(estimate.low, estimate, 'higher')}; no upper limit can be given"
    return _span(_end(estimate.low, estimate), _end(estimate.high, estimate))


def opening(text: str) -> str:
    """The text with a capital, unless its first word has one further on, as eBay has."""
    return text[:1].upper() + text[1:] if text[1:2] == text[1:2].lower() else text


def clause(estimate: Estimate, words: str) -> str:
    """``95% interval: 9% to 26% lower``."""
    if words == "not available":
        return "no interval could be given"
    return f"{level_words(estimate.level)} interval: {words}"


def prevented_number(saved: Estimate, noun: str, compared_with: str) -> str:
    """``about 240 incidents were prevented``, or how many more there were."""
    if saved.value == 0:
        return f"as many {noun} as {compared_with}"
    size = _whole(abs(saved.value), saved.high - saved.low)
    one = size in {"1", "less than 1"}
    things = f"{noun.removesuffix('s')} was" if one else f"{noun} were"
    about = "" if size == "less than 1" else "about "
    if saved.value > 0:
        return f"{about}{size} {things} prevented"
    return f"{about}{size} more {things} recorded than {compared_with}"


def prevented_interval(saved: Estimate) -> str:
    """``110 to 390`` prevented, ``40 more to 300 fewer`` than expected, or the one limit there is."""
    low, high, width = saved.low, saved.high, saved.high - saved.low
    if math.isnan(width):
        return "not available"
    if math.isinf(width):
        return _prevented_limit(low, high)
    if max(abs(low), abs(high)) < 0.5:
        return "less than 1 either way" if low <= 0 <= high else "less than 1" + (" more" if high < 0 else "")
    if high < 0:
        return f"{_whole(-high, width)} to {_side(low, width, '')}"
    return f"{_side(low, width, '')} to {_side(high, width, ' fewer' if low < 0 else '')}"


def _prevented_limit(low: float, high: float) -> str:
    if math.isinf(low) and math.isinf(high):
        return "no limits can be given"
    if math.isinf(high):
        return (
            f"{'at least' if low >= 0 else 'at most'} {_side(low, math.inf, '')}; no upper limit can be given"
        )
    return (
        f"{'at most' if high >= 0 else 'at least'} {_side(high, math.inf, '')}; no lower limit can be given"
    )


def _side(number: float, width: float, fewer: str) -> str:
    if number == 0:
        return "none"
    return _whole(abs(number), width) + (" more" if number < 0 else fewer)


def _whole(size: float, width: float) -> str:
    """To whole incidents: two figures of the number, or of its interval's width where that is finer."""
    measures = [measure for measure in (size, width) if 10 <= measure < math.inf]
    step = min((10 ** (math.floor(math.log10(measure)) - 1) for measure in measures), default=1)
    step = step if size >= 10 else 1
    nearest = math.floor(size / step + 0.5 + _TIE) * step
    return f"{nearest:,}" if nearest else "less than 1"


def _joint(direction: str) -> str:
    return "as" if direction == "times as high" else "than"


def _sized(number: float, estimate: Estimate, tries: int) -> tuple[str, str]:
    """A finite number as its size and its direction; ``tries`` is how many more decimals may be spent on it."""
    direction = "higher" if number > estimate.null else "lower"
    if estimate.scale == "difference":
        return _written(abs(number), _difference_digits(estimate), tries), direction
    width = estimate.high - estimate.low
    if _in_times(number, estimate):
        digits = max(0 if number >= 10 else 1, _point_digits(width))
        return _in_full(number, digits), "times as high"
    top = 100.0 if 0 < number < 1 else math.inf  # a fall short of 100% is never written as 100%
    return _written(abs(100 * (number - 1)), _point_digits(100 * width), tries, top) + "%", direction


def _in_times(ratio: float, estimate: Estimate) -> bool:
    """More than double is told in times, and so is its interval where 1.0 would not hide which side it is on."""
    return ratio >= 10 or (estimate.value > 2 and ratio >= 1.1)


def _end(number: float, estimate: Estimate) -> tuple[str, str]:
    return ("no change", "") if number == estimate.null else _sized(number, estimate, tries=3)


def _written(size: float, digits: int, tries: int, top: float = math.inf) -> str:
    """A size with enough decimals that it is neither zero nor ``top``, or a bound where they run out."""
    for spent in range(digits, digits + tries):
        shown = _in_full(size, spent)
        if 0 < float(shown.replace(",", "")) < top:
            return shown
    if size >= top / 2 and math.isfinite(top):
        return f"more than {top - 10.0**-spent:.{spent}f}"
    return f"less than {10.0**-spent:.{spent}f}"


def _in_full(size: float, digits: int) -> str:
    """1,234.5, but 1e+300 where nobody would count the noughts."""
    return f"{size + _TIE:,.{digits}f}" if size < _COUNTABLE else f"{size:.3g}"


def _point_digits(width: float) -> int:
    """Decimals for whole points, more where the interval is narrower than two of them."""
    return min(_MOST_DECIMALS, max(0, math.ceil(-math.log10(width / 2)))) if 0 < width < math.inf else 0


def _difference_digits(estimate: Estimate) -> int:
    """Decimals that show two figures of the interval's width, or three of the value where it has none."""
    width, size = estimate.high - estimate.low, abs(estimate.value)
    if 0 < width < math.inf:
        least = 1 if estimate.unit == POINTS else 0  # shares are published to a tenth of a point
        return min(_MOST_DECIMALS, max(least, 1 - math.floor(math.log10(width))))
    return min(_MOST_DECIMALS, max(0, 2 - math.floor(math.log10(size)))) if 0 < size < math.inf else 2


def _unbounded(estimate: Estimate) -> tuple[bool, bool]:
    """Whether there is no lower, or no upper, limit; a ratio of exactly 0 has its own lower limit."""
    floor = 0 if estimate.scale == "ratio" else -math.inf
    return estimate.low <= floor and estimate.value != floor, estimate.high == math.inf


def _limit(number: float, estimate: Estimate, open_side: str) -> str:
    """The only limit there is: ``at least 30% lower`` where the open side lies beyond it, else ``at most``."""
    size, direction = _end(number, estimate)
    if not direction:
        return f"no change or {open_side}"
    beyond = direction == open_side or (direction == "times as high" and open_side == "higher")
    return f"{'at least' if beyond else 'at most'} {size} {direction}"


def _span(low: tuple[str, str], high: tuple[str, str]) -> str:
    """Two ends as one phrase, the smaller size first where both lie on one side."""
    if low[1] == high[1]:
        first, second = (high, low) if low[1] == "lower" else (low, high)
        return f"{first[0]} to {second[0]} {low[1]}".strip()
    return f"{' '.join(low).strip()} to {' '.join(high).strip()}"

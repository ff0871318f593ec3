"""What every picture shares: colours, sizes, axes, ticks that do not crowd, and lines that stop at gaps."""

from __future__ import annotations

import math
import textwrap
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedFormatter, FixedLocator, FuncFormatter, NullLocator

from toolkit.validate import DesignError, kind

# The Analysis Function's colours, each at least 3 to 1 against white; line styles and markers differ as well.
BLUE, ORANGE, TEAL, PLUM, GREY, LILAC = "#12436D", "#F46A25", "#28A197", "#801650", "#3D3D3D", "#A285D1"
PALE = "#E6E6E6"  # behind what a model does not use
SMALL, TEXT, TITLE = 9.5, 10.5, 12.0
_WIDE = 64  # letters of the title that fit the width of a new figure
_MOST_TICKS = {"M": 5, "W": 4, "D": 4}  # the longer the label, the fewer fit a phone

_INK = {ORANGE: "#B8460E"}  # orange too dark to mistake, for words: 4.5 to 1 against white
Style = dict[str, Any]  # keywords of a matplotlib call

# Steps between ticks that a reader counts in, by the first letters of the periods' frequency.
_STEPS = {"M": (1, 3, 6, 12, 24, 60, 120), "Q": (1, 2, 4, 8, 20, 40), "W": (1, 2, 4, 13, 26, 52, 104),
          "D": (1, 2, 7, 14, 28, 91, 182, 364, 728)}  # fmt: skip
_FORMS = {"M": "%b %Y", "Q": "%Y Q%q", "Y": "%Y"}
_LEAST_RATIO, _LARGEST_RATIO, _LARGEST = 1e-4, 1e4, 1e30  # what is further out stands at the edge
_PERCENT_STEPS = (1, 2, 5, 10, 20, 25, 50)
_NEAR = (0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 4, 10)
_FURTHEST = (0.01, 1, 100)
_FAR = (0.001, 0.01, 0.1, 0.5, 1, 2, 10, 100, 1000)


def new_axes(ax: Any) -> Axes:
    """The axes given, or those of a new figure that still reads on a phone, cleared of what carries nothing."""
    if ax is None:
        ax = plt.subplots(figsize=(5.6, 3.8), layout="constrained")[1]
    if not isinstance(ax, Axes):
        raise DesignError(
            f"ax must be the Axes to draw on, not {kind(ax)}: plt.subplots()[1] is one, or leave it out."
        )
    ax.spines[["top", "right"]].set_visible(False)
    ax.tick_params(labelsize=SMALL)
    ax.grid(axis="y", color="#DDDDDD", linewidth=0.8)
    ax.set_axisbelow(True)
    return ax


def titled(ax: Axes, title: str, x: str, y: str) -> Axes:
    """The axes with a title, wrapped, and its two labels."""
    lines = [wrapped(line, _WIDE) for line in title.split("\n")]
    ax.set_title("\n".join(lines), fontsize=TITLE, parse_math=False)
    ax.set_xlabel(x, fontsize=TEXT, parse_math=False)
    ax.set_ylabel(y, fontsize=TEXT, parse_math=False)
    return ax


def named_rows(ax: Axes, y: np.ndarray, names: list[str]) -> None:
    """A name beside each row, letter for letter: a dollar sign begins no formula."""
    ax.set_yticks(y, names, parse_math=False)


def points(ax: Axes, x: np.ndarray, y: np.ndarray) -> None:
    """Round markers, and an arrowhead at the edge for what lies beyond it."""
    left, right = ax.get_xlim()
    style: Style = {"color": BLUE, "markersize": 7}
    ax.plot(np.where((left <= x) & (x <= right), x, np.nan), y, "o", **style)
    for edge, beyond, head in ((left, x < left, "<"), (right, x > right, ">")):
        if beyond.any():
            ax.plot(np.full(beyond.sum(), edge), y[beyond], head, clip_on=False, **style)


def drawable(numbers: np.ndarray, scale: str) -> np.ndarray:
    """Numbers brought to where an axis can still be read; what is unbounded, missing or a ratio of 0 stays so."""
    nearest, furthest = (_LEAST_RATIO, _LARGEST_RATIO) if scale == "ratio" else (-_LARGEST, _LARGEST)
    out_of_reach = ~np.isfinite(numbers) | ((scale == "ratio") & (numbers <= 0))
    return np.where(out_of_reach, numbers, np.clip(numbers, nearest, furthest))


def wrapped(text: str, width: int) -> str:
    """Lines of at most ``width`` letters."""
    return textwrap.fill(text, width)


def plain(name: str) -> str:
    """A column's name as a reader would write it: ``lsoa_code`` is ``lsoa code``."""
    return name.replace("_", " ")


def measured(name: str) -> str:
    """What an axis measures, with a capital: ``Asb incidents`` for ``asb_incidents``."""
    return plain(name[:1].upper() + name[1:])


def label(ax: Axes, text: str, at: tuple[float, float], *, colour: str, shift: tuple[float, float]) -> None:
    """Words beside the point they are about, ``shift`` points away, outside the axes if need be."""
    style: Style = {
        "color": _INK.get(colour, colour),
        "fontsize": TEXT,
        "va": "center",
        "annotation_clip": False,
    }
    ax.annotate(text, at, shift, textcoords="offset points", **style)


def above(ax: Axes, text: str, at: tuple[float, float], colour: str, side: str) -> None:
    """A word above a marker: centred on it, or ending ("right") or starting ("left") at it."""
    style: Style = {"color": _INK.get(colour, colour), "fontsize": SMALL, "ha": side, "va": "bottom"}
    ax.annotate(text, at, (0, 6), textcoords="offset points", **style)


def end_labels(ax: Axes, lines: dict[str, tuple[float, float, str]]) -> None:
    """A name at the end of each line (x, y, colour), pushed apart where two would overlap."""
    low, high = ax.get_ylim()
    apart = 0.13 * (high - low)
    ends = sorted(lines.items(), key=lambda item: item[1][1])
    heights = [end[1] for _, end in ends]
    for i in range(1, len(heights)):
        heights[i] = max(heights[i], heights[i - 1] + apart)
    back = (heights[-1] - ends[-1][1][1]) / 2 if heights else 0.0
    for (name, (x, _, colour)), height in zip(ends, heights, strict=True):
        label(ax, name, (x, height - back), colour=colour, shift=(6, 0))


def mark(ax: Axes, where: float, text: str) -> None:
    """A vertical line with its name at the top, on whichever side has room."""
    ax.axvline(where, color=GREY, linewidth=1, linestyle=(0, (2, 2)))
    if not text:
        return
    left, right = ax.get_xlim()
    late = where > (left + right) / 2
    style: Style = {"fontsize": SMALL, "color": GREY, "va": "top", "ha": "right" if late else "left"}
    ax.annotate(text, (where, 1), (-4 if late else 4, -2), xycoords=("data", "axes fraction"),
                textcoords="offset points", **style)  # fmt: skip


def foot(ax: Axes, where: float, text: str) -> None:
    """A word at the foot of the axes, below the lowest interval, that ends where it points."""
    style: Style = {"fontsize": SMALL, "color": GREY, "va": "bottom", "ha": "right"}
    ax.annotate(
        text, (where, 0), (8, 1), xycoords=("data", "axes fraction"), textcoords="offset points", **style
    )


def broken(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The line with a break wherever a period is missing, so that no line is drawn over a gap."""
    steps = np.diff(x)
    gaps = np.flatnonzero(steps > steps.min()) + 1 if len(steps) else np.array([], dtype=int)
    return np.insert(x, gaps, np.nan), np.insert(np.asarray(y, dtype=float), gaps, np.nan)


def period_ticks(ax: Axes, periods: pd.Index) -> None:
    """At most six periods, evenly spaced and in full, such as ``Apr 2023`` or ``2016``."""
    numbers = period_numbers(periods)
    whole = range(int(numbers[0]), int(numbers[-1]) + 1)
    frequency = periods.freqstr[0] if isinstance(periods, pd.PeriodIndex) else ""
    shift = {"Y": 1970, "W": -int(numbers[0]), "D": -int(numbers[0])}.get(frequency, 0)
    ticks = _every(whole, _STEPS.get(frequency, _decimal_steps()), shift, _MOST_TICKS.get(frequency, 6))
    ax.xaxis.set_major_locator(FixedLocator(ticks))
    ax.xaxis.set_major_formatter(FixedFormatter([_written(tick, periods) for tick in ticks]))


def plain_numbers(axis: Any) -> None:
    """Numbers in full on an axis: 10,000 and −2.5."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}".replace("-", "−")))


def event_ticks(ax: Axes, times: np.ndarray) -> None:
    """At most nine event times, zero among them."""
    ticks = _every(range(int(times.min()), int(times.max()) + 1), (1, 2, 3, 6, 12, 24, 60), 0, 9)
    ax.xaxis.set_major_locator(FixedLocator(ticks))
    ax.xaxis.set_major_formatter(
        FixedFormatter([f"{tick:+d}".replace("-", "−") if tick else "0" for tick in ticks])
    )


def period_numbers(periods: Any) -> np.ndarray:
    """Where each period stands on the axis: integers where they are integers, else counted from 1970."""
    index = pd.Index(periods)
    return index.asi8.astype(float) if isinstance(index, pd.PeriodIndex) else index.to_numpy(dtype=float)


def from_zero(ax: Axes, values: np.ndarray) -> None:
    """The y axis from zero where nothing is below it, with room at the top for words."""
    known = values[np.isfinite(values)]
    low, high = min(known.min(), 0.0) if known.min() >= 0 else known.min(), known.max()
    room = (high - low) or 1.0
    ax.set_ylim(low - (0.05 * room if low < 0 else 0), high + 0.2 * room)
    plain_numbers(ax.yaxis)


def mark_starts(ax: Axes, starts: np.ndarray, x: np.ndarray) -> None:
    """A line halfway between the last untreated and the first treated period of each cohort in sight."""
    inside = np.sort(starts[(starts > x[0]) & (starts <= x[-1])])
    for i, start in enumerate(inside):
        text = "Programme starts" if len(inside) == 1 else "Programmes start"
        mark(ax, start - 0.5, text if i == 0 else "")


def limits(ax: Axes, scale: str, ends: np.ndarray, axis: str = "y") -> None:
    """Limits that hold every finite number and no change; ratios on a log axis in per cent."""
    if scale == "ratio":
        ratio_axis(getattr(ax, f"{axis}axis"), ends)
        return
    known = np.append(ends[np.isfinite(ends)], 0.0)
    room = 0.1 * (np.ptp(known) or 1.0)
    plain_numbers(getattr(ax, f"{axis}axis"))
    getattr(ax, f"set_{axis}lim")(known.min() - room, known.max() + 1.5 * room)


def ratio_axis(axis: Any, ratios: np.ndarray) -> None:
    """A log axis of ratios, labelled with the change in per cent, so that a halving is as long as a doubling."""
    known = ratios[np.isfinite(ratios) & (ratios > 0)]
    low, high = min(known.min(initial=1), 1 / 1.03), max(known.max(initial=1), 1.03)
    room = 0.08 * math.log(high / low)
    low, high = low * math.exp(-room), high * math.exp(room)
    axis.axes.set(**{f"{axis.axis_name}scale": "log", f"{axis.axis_name}lim": (low, high)})
    ticks = _ratio_ticks(low, high)
    axis.set_major_locator(FixedLocator(ticks))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FixedFormatter([per_cent(tick) for tick in ticks]))


def per_cent(ratio: float) -> str:
    """``−20%``, ``0%``, ``+5%``."""
    points = round(100 * (ratio - 1))
    return "0%" if not points else f"{points:+,d}%".replace("-", "−")


def _ratio_ticks(low: float, high: float) -> list[float]:
    if high / low > 4:
        factors = _NEAR if high / low < 40 else _FAR if high / low < 1e6 else _FURTHEST
        return [factor for factor in factors if low <= factor <= high]
    span = 100 * (high - low)
    step = next((step for step in _PERCENT_STEPS if span / step <= 7), _PERCENT_STEPS[-1])
    first, last = math.ceil(100 * (low - 1) / step), math.floor(100 * (high - 1) / step)
    return [1 + step * i / 100 for i in range(first, last + 1)]


def _every(whole: range, steps: tuple[int, ...], shift: int, most: int) -> list[int]:
    step = next((step for step in steps if len(whole) <= step * most), steps[-1])
    return [number for number in whole if (number + shift) % step == 0]


def _decimal_steps() -> tuple[int, ...]:
    return tuple(digit * 10**power for power in range(7) for digit in (1, 2, 5))


def _written(tick: int, periods: pd.Index) -> str:
    if not isinstance(periods, pd.PeriodIndex):
        return str(tick)
    period = pd.Period(ordinal=tick, freq=periods.freqstr)
    if periods.freqstr[0] not in _FORMS:
        day = period.start_time
        return f"{day.day} {day:%b %Y}"
    return period.strftime(_FORMS[periods.freqstr[0]])

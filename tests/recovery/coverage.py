"""Coverage by simulation: one shape of design, drawn few times in the tests and many times by `make recovery`."""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from toolkit.estimate import Estimate

HERE = Path(__file__).resolve().parent
TABLES = HERE.parents[1] / "data" / "derived"
REQUIRED = (0.935, 0.965)
EXACT = (0.94, 1.0)


class Draw(NamedTuple):
    """One draw: estimate less truth (of logs on the ratio scale), whether the interval held the truth, its width."""

    error: float
    held: bool
    width: float


def drawn(estimate: Estimate, truth: float) -> Draw:
    """The draw that an estimate and the truth make."""
    held = estimate.low <= truth <= estimate.high
    ends = np.array([estimate.value, estimate.low, estimate.high, truth])
    if estimate.scale == "ratio":
        with np.errstate(divide="ignore"):
            ends = np.log(ends)
    return Draw(float(ends[0] - ends[3]), bool(held), float(ends[2] - ends[1]))


@dataclass(frozen=True)
class Design:
    """A way to draw data whose truth is known, and the interval that should hold it.

    Attributes
    ----------
    method : str
        Whose interval: "before_after.paired, bootstrap".
    name : str
        The data, in plain words: "30 people, skewed changes".
    draw : callable
        From a seed to a Draw.
    required : (float, float)
        Between what its coverage in the full run must lie.
    draws, quick : int
        How many in the full run, and in the tests.
    note : str
        What a reader of the table should know: why less than 95% is required, say.
    level : float
    """

    method: str
    name: str
    draw: Callable[[int], Draw]
    required: tuple[float, float] = REQUIRED
    draws: int = 4000
    quick: int = 200
    note: str = ""
    level: float = 0.95

    @property
    def key(self) -> str:
        """Method and name: what tells a design from all others."""
        return f"{self.method}: {self.name}"


def row(design: Design, draws: int, first: int = 0) -> dict[str, object]:
    """One line of the table: seeds ``first`` to ``first + draws - 1``."""
    error, held, width = (
        np.array(part) for part in zip(*map(design.draw, range(first, first + draws)), strict=True)
    )
    known = error[np.isfinite(error)]
    share = held.mean()
    return {
        "method": design.method, "design": design.name, "draws": draws, "level": design.level,
        "coverage": share, "mc_error": math.sqrt(max(share * (1 - share), 1e-9) / draws),
        "bias": known.mean(), "bias_mc_error": known.std(ddof=1) / math.sqrt(len(known)),
        "median_width": float(np.median(width)),
        "required_low": design.required[0], "required_high": design.required[1], "note": design.note,
    }  # fmt: skip


def topics() -> dict[str, list[Design]]:
    """Every topic, such as `counts`, with its designs: a file `designs_counts.py` beside this one holds DESIGNS."""
    names = sorted(path.stem.removeprefix("designs_") for path in HERE.glob("designs_*.py"))
    return {name: importlib.import_module(f"recovery.designs_{name}").DESIGNS for name in names}


def table_of(topic: str) -> Path:
    """Where the full run of a topic is kept."""
    return TABLES / f"coverage_{topic}.csv"

"""The same people measured twice: how often each interval holds the change that was planted."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd

from toolkit import before_after

from .coverage import EXACT, Design, Draw, drawn

Changes = Callable[[np.random.Generator, int], tuple[np.ndarray, float]]  # changes, and their true centre
STEPS = np.array([-3, -2, -1, 0, 1])


def normal(rng: np.random.Generator, n: int) -> tuple[np.ndarray, float]:
    return rng.normal(0.4, 1, n), 0.4


def skewed(rng: np.random.Generator, n: int) -> tuple[np.ndarray, float]:
    """Exponential: most people change a little, a few a lot (skewness 2)."""
    return rng.exponential(1, n), 1.0


def very_skewed(rng: np.random.Generator, n: int) -> tuple[np.ndarray, float]:
    """Log-normal with standard deviation 1 of the log (skewness 6)."""
    return rng.lognormal(0, 1, n), math.exp(0.5)


def heavy_tails(rng: np.random.Generator, n: int) -> tuple[np.ndarray, float]:
    """Student's t with 3 degrees of freedom: symmetric, with a few wild values."""
    return 0.4 + rng.standard_t(3, n), 0.4


def ties(rng: np.random.Generator, n: int) -> tuple[np.ndarray, float]:
    """Whole steps on a short scale, four people in ten without any change, and a tail to one side."""
    chance = np.array([0.05, 0.15, 0.25, 0.4, 0.15])
    return rng.choice(STEPS, n, p=chance).astype(float), float(STEPS @ chance)


def even_ties(rng: np.random.Generator, n: int) -> tuple[np.ndarray, float]:
    """Whole steps that lie symmetrically around -1."""
    return np.clip(np.round(rng.normal(0, 1.2, n)), -3, 3) - 1, -1.0


def even_zeros(rng: np.random.Generator, n: int) -> tuple[np.ndarray, float]:
    """Half of the people do not change, the others as often up as down."""
    return np.where(rng.random(n) < 0.5, 0.0, rng.choice([-2.0, -1.0, 1.0, 2.0], n)), 0.0


def of_changes(seed: int, *, changes: Changes, n: int, **options: str) -> Draw:
    """People who start at no matter what, and change by a draw."""
    change, truth = changes(np.random.default_rng(seed), n)
    return drawn(before_after.paired(np.zeros(n), change, **options), truth)


def answers(rng: np.random.Generator, n: int, shares: tuple[float, float], phi: float) -> np.ndarray:
    """Yes and no before and after (rows), with the shares of yes and the correlation between the two."""
    before, after = shares
    both = before * after + phi * math.sqrt(before * (1 - before) * after * (1 - after))
    cells = np.array([1 - before - after + both, after - both, before - both, both])
    kind = rng.choice(4, n, p=cells)
    return np.array([kind >= 2, kind % 2 == 1], dtype=int)


def of_answers(seed: int, *, n: int, shares: tuple[float, float], phi: float) -> Draw:
    before, after = answers(np.random.default_rng(seed), n, shares, phi)
    return drawn(before_after.paired(before, after, kind="binary"), shares[1] - shares[0])


def of_size(seed: int, *, n: int, name: str, spread: float = 1.0, phi: float = 0.6) -> Draw:
    """A standardised mean: it rises by 0.5, from a standard deviation of 1 to `spread`, correlated by phi."""
    rng = np.random.default_rng(seed)
    covariance = [[1, phi * spread], [phi * spread, spread**2]]
    before, after = rng.multivariate_normal([0, 0.5], covariance, n).T
    by = math.sqrt(1 + spread**2 - 2 * phi * spread) if name == "d_z" else (1 + spread) / 2
    return from_table(before_after.effect_sizes(before, after), name, 0.5 / by)


def of_ranks(seed: int, *, n: int, shift: float) -> Draw:
    """Normal changes: r is 2 Phi(shift sqrt 2) - 1, but for the n of n (n + 1) / 2 sums that are of one with itself."""
    change = np.random.default_rng(seed).normal(shift, 1, n)
    two, one = (math.erf(shift * by / math.sqrt(2)) for by in (math.sqrt(2), 1.0))
    truth = ((n - 1) * two + 2 * one) / (n + 1)
    return from_table(before_after.effect_sizes(np.zeros(n), change, kind="rank"), "rank_biserial", truth)


def of_odds(seed: int, *, n: int, up: float, mid_p: bool) -> Draw:
    """A third of the people change, a share `up` of them from no to yes; on the log scale."""
    rng = np.random.default_rng(seed)
    changed, rises = rng.random(n) < 1 / 3, rng.random(n) < up
    before, after = np.where(changed, ~rises, True), np.where(changed, rises, True)
    return from_table(
        before_after.effect_sizes(before, after, kind="binary", mid_p=mid_p),
        "odds_ratio", up / (1 - up), log=True,
    )  # fmt: skip


def from_table(table: pd.DataFrame, name: str, truth: float, log: bool = False) -> Draw:
    row = table.set_index("effect_size").loc[name]
    ends = np.array([row["value"], row["low"], row["high"], truth], dtype=float)
    held = bool(ends[1] <= truth <= ends[2])
    with np.errstate(divide="ignore"):
        ends = np.log(ends) if log else ends
    return Draw(float(ends[0] - ends[3]), held, float(ends[2] - ends[1]))


def mean(name: str, changes: Changes, n: int, interval: str, **more: object) -> Design:
    draw = partial(of_changes, changes=changes, n=n, interval=interval)
    size = {"draws": 2000, "quick": 100} if interval == "t" or n <= 50 else {"draws": 1000, "quick": 30}
    return Design(f"paired mean, {interval}", f"{n} people, {name}", draw, **(size | more))


def rank(name: str, changes: Changes, n: int, **more: object) -> Design:
    draw = partial(of_changes, changes=changes, n=n, kind="rank")
    size = {"draws": 4000, "quick": 40} if n < 100 else {"draws": 2000, "quick": 20}
    return Design("paired rank, Hodges-Lehmann", f"{n} people, {name}", draw, **(size | more))


def share(n: int, shares: tuple[float, float], phi: float, **more: object) -> Design:
    before, after = (f"{100 * s:.0f}%" for s in shares)
    name = f"{n} people, {before} then {after} yes, correlation {phi:g}"
    draw = partial(of_answers, n=n, shares=shares, phi=phi)
    return Design("paired binary, Newcombe", name, draw, **({"draws": 2000, "quick": 80} | more))


def size(name: str, data: str, draw: Callable[[int], Draw], **more: object) -> Design:
    return Design(f"effect size, {name}", data, draw, **({"draws": 2000, "quick": 40} | more))


# Where t fails and is cautioned, and where nothing tried reaches the level: the bounds say what was measured.
SHORT = "cautioned, as is every answer from fewer than 50 pairs"
COARSE = (0.935, 1.0)
WIDE = "few changes, or a coarse scale: wider than need be"
DESIGNS: list[Design] = [
    *(mean("normal changes", normal, n, "t") for n in (10, 50, 200)),
    *(mean("heavy-tailed changes", heavy_tails, n, "t") for n in (10, 20, 50)),
    mean("skewed changes", skewed, 10, "t", required=(0.88, 0.935), note=SHORT),
    mean("skewed changes", skewed, 20, "t", required=(0.9, 0.94), note=SHORT),
    *(mean("skewed changes", skewed, n, "t") for n in (50, 200)),
    mean("very skewed changes", very_skewed, 10, "t", required=(0.82, 0.87), note=SHORT),
    *(mean("steps, many ties", ties, n, "t") for n in (10, 20, 50, 200)),
    *(mean("normal changes", normal, n, "bootstrap") for n in (10, 20, 50)),
    *(mean("skewed changes", skewed, n, "bootstrap") for n in (10, 20, 50, 200)),
    mean("very skewed changes", very_skewed, 10, "bootstrap", required=(0.88, 0.92), note=SHORT),
    mean("very skewed changes", very_skewed, 50, "bootstrap"),
    *(mean("steps, many ties", ties, n, "bootstrap") for n in (10, 20, 50)),
    *(mean("heavy-tailed changes", heavy_tails, n, "bootstrap", required=(0.9, 0.94), note="symmetric and wild: use t")
      for n in (20, 50)),
    *(rank("normal changes", normal, n, required=EXACT) for n in (6, 10, 20, 49)),
    *(rank("normal changes", normal, n) for n in (60, 200)),
    rank("heavy-tailed changes", heavy_tails, 20, required=EXACT),
    rank("heavy-tailed changes", heavy_tails, 60),
    *(rank("symmetric steps, many ties", even_ties, n, required=EXACT, note=WIDE) for n in (10, 20)),
    *(rank("symmetric steps, many ties", even_ties, n, required=COARSE, note=WIDE) for n in (60, 200)),
    rank("half without any change", even_zeros, 20, required=EXACT, note=WIDE),
    *(rank("half without any change", even_zeros, n, required=COARSE, note=WIDE) for n in (60, 200)),
    share(20, (0.5, 0.5), 0.3),
    share(20, (0.6, 0.3), 0.3),
    *(share(n, (0.4, 0.25), phi) for n in (50, 100, 400) for phi in (0.0, 0.6)),
    *(share(n, (0.3, 0.1), 0.3) for n in (50, 100, 400)),
    *(share(n, (0.1, 0.05), 0.3, required=COARSE, note=WIDE) for n in (20, 100)),
    share(400, (0.1, 0.05), 0.3),
    *(size("d_z", f"{n} people", partial(of_size, n=n, name="d_z")) for n in (10, 50)),
    *(size("d_av", f"{n} people, more spread after", partial(of_size, n=n, name="d_av", spread=1.5)) for n in (10, 50)),
    *(size("rank-biserial", f"10 people, mean change of {shift:g} SD", partial(of_ranks, n=10, shift=shift),
           required=(0.935, 0.98), note="few ranks, so that it moves in steps") for shift in (0.0, 0.5, 1.0)),
    *(size("rank-biserial", f"100 people, mean change of {shift:g} SD", partial(of_ranks, n=100, shift=shift))
      for shift in (0.0, 0.5, 1.0)),
    *(size("odds ratio", f"{n} people, exact", partial(of_odds, n=n, up=0.3, mid_p=False), required=EXACT)
      for n in (60, 200)),
    *(size("odds ratio", f"{n} people, mid-p", partial(of_odds, n=n, up=0.3, mid_p=True)) for n in (60, 200)),
]  # fmt: skip

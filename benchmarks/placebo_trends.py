"""How often trends.test finds a slope before a programme that never was: data/derived/placebo_trends.csv.

By hand, in the folder of real records that PREVENTION_FIELD_DATA names: Metropolitan wards over the twelve months
before April 2016, and simulated areas. From arrays, as the toolkit reckons it; tests/checks/test_trends_placebo.py
holds the two together. A 5% test should find something in 5% of draws.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
import wards
from scipy import stats
from tqdm import tqdm

from toolkit import simulate

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = {
    "simulated ASB, small areas": simulate.ASB_LSOA,
    "simulated violence, wards": simulate.VIOLENCE_WARD,
}
MONTHS = pd.period_range("2015-04", "2016-03", freq="M")
SHAPES = ((3, 40), (10, 40), (5, 120), (30, 0))  # treated of a pool; 0 is all wards
CHOSEN = ("at random", "largest third", "smallest third")
JOINT = 4  # event times of the joint test, the base among them
DRAWS, CHUNK, TENTHS, SIMULATED, SEED = 4000, 100, 10, 3000, 0


@dataclass(frozen=True)
class Draws:
    """p-values of one kind of draw: areas by months in ``y``, and in each row of ``pools`` the treated first."""

    y: np.ndarray
    pools: np.ndarray
    treated: int

    def p_values(self, ratio: bool, joint: bool = False) -> np.ndarray:
        """Of the slope, or of the joint test over the last ``JOINT`` months; NaN where the test refuses."""
        parts = [self.pools[i : i + CHUNK] for i in range(0, len(self.pools), CHUNK)]
        return np.concatenate([self._some(part, ratio, joint) for part in parts])

    def _some(self, pools: np.ndarray, ratio: bool, joint: bool) -> np.ndarray:
        y = self.y[:, -JOINT:] if joint else self.y
        lines = _against_base(y.shape[1]) if joint else _slope(y.shape[1])
        centre, gaps = _deleted(y[pools], self.treated, lines, ratio)
        arms = (gaps[:, : self.treated], gaps[:, self.treated :])
        share = (pools.shape[1] - 1) / pools.shape[1]
        parts = [share * np.einsum("dgk,dgl->dkl", arm, arm) for arm in arms]
        sizes = (self.treated, pools.shape[1] - self.treated)
        return _hotelling(centre, parts, sizes) if joint else _student(centre[:, 0], parts, sizes)


def _slope(months: int) -> np.ndarray:
    """Weights that make the least-squares slope; shape (months, 1)."""
    centred = np.arange(months) - (months - 1) / 2
    return (centred / (centred**2).sum())[:, None]


def _against_base(months: int) -> np.ndarray:
    """Weights that make each month less the last; shape (months, months - 1)."""
    return np.vstack([np.eye(months - 1), -np.ones(months - 1)])


def _deleted(y: np.ndarray, treated: int, lines: np.ndarray, ratio: bool) -> tuple[np.ndarray, np.ndarray]:
    """The contrasts, and how far each moves without each unit; shapes (D, K) and (D, G, K)."""
    arms, sign = (y[:, :treated], y[:, treated:]), (1.0, -1.0)
    centre, gaps = [], []
    with np.errstate(divide="ignore", invalid="ignore"):
        for arm, s in zip(arms, sign, strict=True):
            n = arm.shape[1]
            total = arm.sum(axis=1)
            level, without = total / n, (total[:, None] - arm) / (n - 1)
            if ratio:
                level, without = np.log(level), np.log(without)
            centre.append(s * (level @ lines))
            gaps.append(s * ((without - level[:, None]) @ lines))
    return centre[0] + centre[1], np.concatenate(gaps, axis=1)


def _student(centre: np.ndarray, parts: list[np.ndarray], sizes: tuple[int, int]) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        one, other = (part[:, 0, 0] for part in parts)
        df = (one + other) ** 2 / (one**2 / (sizes[0] - 1) + other**2 / (sizes[1] - 1))
        return 2 * stats.t.sf(np.abs(centre) / np.sqrt(one + other), df)


def _hotelling(centre: np.ndarray, parts: list[np.ndarray], sizes: tuple[int, int]) -> np.ndarray:
    """Hotelling's F with the degrees of freedom of Krishnamoorthy and Yu (2004)."""
    q, whole = centre.shape[1], parts[0] + parts[1]
    good = np.isfinite(centre).all(axis=1) & np.isfinite(whole).all(axis=(1, 2))
    p = np.full(len(centre), np.nan)
    inverse = np.linalg.inv(whole[good])
    wald = np.einsum("dk,dkl,dl->d", centre[good], inverse, centre[good])
    spread = np.zeros(good.sum())
    for part, n in zip(parts, sizes, strict=True):
        share = part[good] @ inverse
        trace = np.trace(share, axis1=1, axis2=2)
        spread += (np.trace(share @ share, axis1=1, axis2=2) + trace**2) / (n - 1)
    free = (q + q * q) / spread
    p[good] = stats.f.sf(wald * (free - q + 1) / (free * q), q, free - q + 1)
    return p


def pools(
    y: np.ndarray, treated: int, pool: int, *, chosen: str, draws: int, rng: np.random.Generator
) -> np.ndarray:
    """Sets of areas, the treated first: any of the pool, or any of its third with most or fewest incidents."""
    return np.array([_pool(y.sum(axis=1), treated, pool, chosen, rng) for _ in range(draws)])


def _pool(size: np.ndarray, treated: int, pool: int, chosen: str, rng: np.random.Generator) -> np.ndarray:
    found = rng.permutation(len(size))[:pool]
    if chosen == "at random":
        return found
    order = np.argsort((-1 if chosen.startswith("largest") else 1) * size[found], kind="stable")
    picked = rng.permutation(order[: pool // 3])[:treated]
    return np.concatenate([found[picked], np.delete(found, picked)])


def alike(y: np.ndarray, ratio: bool) -> np.ndarray:
    """The same areas with the path of every tenth of them, by size, made that of all: no slope is left to be found."""
    tenth = np.argsort(np.argsort(-y.sum(axis=1), kind="stable")) * TENTHS // len(y)
    out = y.astype(float)
    for group in range(TENTHS):
        own = tenth == group
        if ratio:
            out[own] *= (y.sum(axis=0) / y.sum()) / (y[own].sum(axis=0) / y[own].sum())
        else:
            out[own] += (y.mean(axis=0) - y.mean()) - (y[own].mean(axis=0) - y[own].mean())
    return out


def populations() -> Iterator[tuple[str, np.ndarray]]:
    """Every kind of counts: wards or areas (rows) by twelve months."""
    for crime, table in wards.counts().items():
        yield crime, wards.busy(table, MONTHS).to_numpy()
    for name, setting in SETTINGS.items():
        frame, _ = simulate.panel(setting, units=SIMULATED, periods=12, treated=0, seed=SEED)
        yield name, frame.pivot_table(index="unit", columns="period", values="count").to_numpy()


def cells(crime: str, y: np.ndarray, rng: np.random.Generator) -> Iterator[dict[str, object]]:
    """A row for every shape, choice, scale and test."""
    real = crime in wards.TYPES.values()
    for treated, pool in SHAPES:
        for chosen in CHOSEN:
            size = pool or (len(y) if real else 600)
            sets = pools(y, treated, size, chosen=chosen, draws=DRAWS if pool else DRAWS // 2, rng=rng)
            for scale in ("ratio", "difference"):
                for paths in ("as recorded", "made alike") if real else ("as recorded",):
                    given = alike(y, scale == "ratio") if paths == "made alike" else y
                    for joint in (False, True) if treated >= 3 * (JOINT - 1) else (False,):
                        p = Draws(given, sets, treated).p_values(scale == "ratio", joint)
                        known = p[np.isfinite(p)]
                        yield {
                            "crime": crime, "treated": treated, "pool": sets.shape[1], "chosen": chosen,
                            "scale": scale, "paths": paths, "test": f"joint of {JOINT - 1}" if joint else "slope",
                            "draws": len(p), "refused": 1 - len(known) / len(p),
                            "rejects": (known < 0.05).mean() if len(known) >= DRAWS / 20 else np.nan,
                        }  # fmt: skip


def main() -> None:
    """Draw, test, and write the shares of p-values below 5%."""
    rng, rows = np.random.default_rng(SEED), []
    for crime, y in tqdm(list(populations())):
        rows += list(cells(crime, y, rng))
    table = pd.DataFrame(rows)
    table.round(4).to_csv(ROOT / "data/derived/placebo_trends.csv", index=False, lineterminator="\n")
    print(table.groupby(["test", "paths", "scale", "chosen"])["rejects"].describe().round(3).to_string())


if __name__ == "__main__":
    main()

"""What textbook Poisson tests find where nothing was done, by dispersion: data/derived/placebo_dispersion.csv.

By hand, in the folder of real records that PREVENTION_FIELD_DATA names: Metropolitan wards, April 2015 to March 2016
against the year that follows, some of them called treated at random. The relative rate ratio of four totals is tested
with dispersion 1, with the dispersion of the comparison wards month by month, and with that of their change from one
year to the next, by the numerics that dispersion.test uses. A 5% test should find something in 5% of draws.
"""

from __future__ import annotations

import os
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
import wards
from scipy import stats
from tqdm import tqdm

from toolkit.numerics.dispersion import Contrast

ROOT = Path(__file__).resolve().parents[1]
MONTHS = pd.period_range("2015-04", "2017-03", freq="M")
LATE = np.arange(24) >= 12
SHAPES = ((3, 40), (10, 40), (10, 120))
DRAWS, SEED = 10_000, 0


def contrast(y: np.ndarray) -> Contrast:
    """The change of some wards from the first year to the second."""
    return Contrast.of(y, np.ones_like(y), None, LATE)


def one(y: np.ndarray, pool: np.ndarray, treated: int) -> tuple[float, float, float]:
    """The standardised log ratio of ratios at dispersion 1, and the dispersion by month and by year."""
    totals = [y[part][:, side].sum() for part in (pool[:treated], pool[treated:]) for side in (~LATE, LATE)]
    if min(totals) == 0:
        return np.nan, np.nan, np.nan
    a, b, c, d = totals
    found = contrast(y[pool[treated:]])
    return (
        (np.log(b / a) - np.log(d / c)) / np.sqrt(sum(1 / total for total in totals)),
        found.by_period,
        found.phi(),
    )


def main() -> None:
    """Draw wards, test, and write the shares of p-values below 5%."""
    rng, rows = np.random.default_rng(SEED), []
    for crime, table in tqdm(wards.counts().items()):
        y = wards.busy(table, MONTHS).to_numpy()
        whole = contrast(y)
        for treated, pool in SHAPES:
            drawn = [one(y, rng.permutation(len(y))[:pool], treated) for _ in range(DRAWS)]
            z, month, year = np.array([draw for draw in drawn if np.isfinite(draw[0])]).T
            for name, phi in (("none (1)", np.ones_like(z)), ("by month", month), ("by year", year)):
                rejects = (2 * stats.norm.sf(np.abs(z) / np.sqrt(np.maximum(phi, 1.0))) < 0.05).mean()
                rows.append({
                    "crime": crime, "treated": treated, "pool": pool, "dispersion": name, "draws": len(z),
                    "phi_all_wards": {"none (1)": 1.0, "by month": whole.by_period}.get(name, whole.phi()),
                    "phi_median": float(np.median(phi)), "rejects": float(rejects),
                })  # fmt: skip
    found = pd.DataFrame(rows).round(4)
    found.to_csv(ROOT / "data/derived/placebo_dispersion.csv", index=False, lineterminator="\n")
    print(found.pivot_table(index=["crime", "treated", "pool"], columns="dispersion", values="rejects"))


if __name__ == "__main__":
    main()

"""Makes asb_patrols.csv, a simulated patrol programme with a planted effect, and asb_patrols_truth.csv.

Run from the root of the repository: python data/make_asb_patrols.py
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from toolkit import simulate

# Fixed before any draw was looked at, and not changed since. The redraws use other seeds.
SEED = 2026
LSOAS, ELIGIBLE, PATROLLED, BUFFERS = 60, 24, 12, 12
MONTHS, FIRST, PATROLS_FROM = 48, "2022-04", "2024-04"
# The 12 months to February 2024; the decision and the rota took March.
CHOSEN_ON, GAP = 12, 1
RATE_RATIO, DISPLACEMENT = 0.82, 1.04

# One force's busier residential LSOAs. In Northumbria 457 LSOAs had 5 to 20 incidents a month, with a mean of 9.1
# and a standard deviation of the log of 0.35. The fall of 4% a year in all areas is a choice, not a calibration.
SETTING = replace(simulate.ASB_LSOA, mean=9.1, spread=0.35, trend=-0.04)


@dataclass(frozen=True)
class PatrolTruth:
    """What was planted: in the patrolled LSOAs, and in the buffers beside them."""

    rate_ratio: float
    prevented: float
    buffer_rate_ratio: float
    displaced: float


def draw(seed: int) -> tuple[pd.DataFrame, PatrolTruth]:
    """One draw of the programme: a row per LSOA and month, and the truth."""
    rng = np.random.default_rng(seed)
    frame, truth = simulate.panel(
        SETTING,
        units=LSOAS,
        periods=MONTHS,
        first=FIRST,
        treated=simulate.Worst(n=PATROLLED, on=CHOSEN_ON, gap=GAP, eligible=ELIGIBLE),
        treated_from=PATROLS_FROM,
        rate_ratio=RATE_RATIO,
        seed=rng,
    )
    role = roles(frame["unit"].unique(), truth, rng)
    frame["role"] = frame["unit"].map(role)
    moved = (frame["role"] == "buffer") & (frame["period"] >= PATROLS_FROM)
    extra = (DISPLACEMENT - 1) * truth.expected["without"].where(moved, 0)
    frame["count"] += rng.poisson(extra)
    frame["unit"] = frame["unit"].str.replace("area", "LSOA")
    names = {"unit": "lsoa", "period": "month", "count": "incidents", "treated_from": "patrols_from"}
    table = frame.rename(columns=names)[["lsoa", "month", "incidents", "role", "patrols_from"]]
    return table, PatrolTruth(truth.rate_ratio, truth.prevented, DISPLACEMENT, float(extra.sum()))


def roles(units: np.ndarray, truth: simulate.PanelTruth, rng: np.random.Generator) -> dict[str, str]:
    """Patrolled or eligible by the rule; of the others, twelve at random are the buffers beside patrolled ones."""
    role = dict.fromkeys(units, "other") | dict.fromkeys(truth.eligible, "eligible")
    role |= dict.fromkeys(truth.treated, "patrolled")
    others = [unit for unit in units if role[unit] == "other"]
    return role | dict.fromkeys(rng.choice(others, BUFFERS, replace=False), "buffer")


def main() -> None:
    """Write the table and its truth beside this file."""
    frame, truth = draw(SEED)
    here = Path(__file__).parent
    frame.to_csv(here / "asb_patrols.csv", index=False, lineterminator="\n")
    planted = {
        "seed": SEED,
        "rate_ratio": round(truth.rate_ratio, 6),
        "prevented": round(truth.prevented, 1),
        "buffer_rate_ratio": truth.buffer_rate_ratio,
        "displaced": round(truth.displaced, 1),
        "trend": SETTING.trend,
    }
    rows = pd.DataFrame({"figure": list(planted), "value": [f"{value:g}" for value in planted.values()]})
    rows.to_csv(here / "asb_patrols_truth.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    main()

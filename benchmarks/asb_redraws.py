"""Draws the patrol programme 500 times and keeps what each method says: data/derived/asb_patrols_redraws.csv.

Run by hand from the root of the repository: python benchmarks/asb_redraws.py
"""

import sys
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from toolkit import Panel, before_after, did
from toolkit.estimate import Estimate

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "data"))
from make_asb_patrols import DISPLACEMENT, PATROLS_FROM, RATE_RATIO, draw  # noqa: E402 - data/ is no package

# The published draw has seed 2026 and is not among these.
SEEDS = range(1, 501)
TRUTH = {
    "before and after": RATE_RATIO,
    "all other areas": RATE_RATIO,
    "like with like": RATE_RATIO,
    "buffers": DISPLACEMENT,
}


def main() -> None:
    """Write one row per draw and method."""
    rows = [
        {"seed": seed, "method": method, "truth": TRUTH[method], **answer_of(estimate)}
        for seed in tqdm(SEEDS)
        for method, estimate in answers(draw(seed)[0]).items()
    ]
    table = pd.DataFrame(rows)
    table["covers"] = table["truth"].between(table["low"], table["high"]).astype(int)
    table.round(6).to_csv(ROOT / "data/derived/asb_patrols_redraws.csv", index=False, lineterminator="\n")
    print(table.groupby("method", sort=False)[["value", "covers"]].mean())


def answers(frame: pd.DataFrame) -> dict[str, Estimate]:
    """What the evaluation page says of one draw, by each of its methods."""
    everyone = panel(frame, "patrolled")
    alike = panel(frame[frame["role"].isin(["patrolled", "eligible"])], "patrolled")
    beside = panel(frame[frame["role"].isin(["buffer", "other"])], "buffer")
    return {
        "before and after": before_after.rate_ratio(everyone, window=(12, 12)),
        "all other areas": did.att(everyone),
        "like with like": did.att(alike),
        "buffers": did.att(beside),
    }


def panel(frame: pd.DataFrame, role: str) -> Panel:
    """The panel in which the LSOAs of one role are the treated ones."""
    began = frame["role"].map({role: PATROLS_FROM})
    return Panel.of(
        frame.assign(began=began), unit="lsoa", period="month", outcome="incidents", treated_from="began"
    )


def answer_of(estimate: Estimate) -> dict[str, float]:
    """The value and its interval."""
    return {"value": estimate.value, "low": estimate.low, "high": estimate.high}


if __name__ == "__main__":
    main()

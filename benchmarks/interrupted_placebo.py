"""False alarms of interrupted time series on real wards where nothing was done: data/derived/placebo_interrupted.csv.

By hand, in the folder of real records that PREVENTION_FIELD_DATA names: half of each series is called the time with a
programme. A 5% test should find something in 5% of wards.
"""

from __future__ import annotations

import os
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
import wards
from tqdm import tqdm

from toolkit.methods.interrupted import answers, model, record, season

ROOT = Path(__file__).resolve().parents[1]
TYPES = ("burglary", "vehicle crime", "robbery", "violence")
WARDS, SEED = 200, 0
LEAST = 4.0  # incidents a month, below which a ward is too quiet
PARTS = {"effect": "effect", "level change": "level_change", "slope change": "slope_change"}


def p_values(series: pd.Series, comparison: pd.Series | None, errors: str) -> dict[str, float]:
    """Of the three parts, with the start half-way."""
    start = series.index[len(series) // 2]
    found = record.read(series, start=start, exposure=None, comparison=comparison, phase_in=0, exclude=())
    record.counts(found)
    terms = season.terms(found.periods, found.fitted, "auto")
    fit = model.fitted(found, terms.columns, scale="ratio", slope=True, errors=errors, lags=None)
    told = answers.estimates(found, fit, terms, errors=errors, level=0.95)
    return {name: told[part].p_value for name, part in PARTS.items()}


def main() -> None:
    """Draw wards, fit each in four ways, and write the shares of p-values below 5%."""
    counts, rng, rows = wards.counts(by=("borough", "ward_code")), np.random.default_rng(SEED), []
    for crime in TYPES:
        table = counts[crime].rename(columns=pd.Period)
        busy = table[table.mean(axis=1) >= LEAST]
        chosen = busy.iloc[np.sort(rng.permutation(len(busy))[:WARDS])]
        borough = table.groupby("borough").sum()
        for months in (48, 84):
            for (name, _), row in tqdm(
                chosen.iterrows(), total=len(chosen), desc=f"{crime}, {months} months"
            ):
                series, rest = row.iloc[-months:], (borough.loc[name] - row).iloc[-months:]
                ways = {
                    "as if independent": (None, "independent"),
                    "Newey-West": (None, "newey_west"),
                    "averaged over autocorrelation": (None, "autocorrelated"),
                    "the same, beside the rest of the borough": (rest, "autocorrelated"),
                }
                for way, (beside, errors) in ways.items():
                    for part, p_value in p_values(series, beside, errors).items():
                        rows.append(
                            {"crime": crime, "periods": months, "method": way, "quantity": part, "p": p_value}
                        )
    found = pd.DataFrame(rows)
    keys = ["crime", "periods", "method", "quantity"]
    out = found.groupby(keys, sort=False)["p"].agg(wards="size", false_alarms=lambda p: (p < 0.05).mean())
    out.reset_index().round(4).to_csv(
        ROOT / "data/derived/placebo_interrupted.csv", index=False, lineterminator="\n"
    )
    print(out.unstack("quantity"))


if __name__ == "__main__":
    main()

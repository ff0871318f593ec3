"""Sets simulated counts beside the real records they are calibrated to, and writes data/derived/calibration_*.csv.

Run by hand: PREVENTION_FIELD_DATA=<folder> python benchmarks/calibrate_simulation.py
"""

import hashlib
import os
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import wards

from toolkit import simulate

FIELD = Path(os.environ.get("PREVENTION_FIELD_DATA", "field_data"))
DERIVED = Path(__file__).resolve().parents[1] / "data" / "derived"
NORTHUMBRIA = FIELD / "police_uk_northumbria_2013-06_2014-06.zip"
ASB, WARDS, BURGLARY = (
    "Northumbria ASB, LSOAs",
    "Metropolitan violence, wards",
    "Metropolitan burglary, wards",
)
DRAWS = 200


def main() -> None:
    """Write both tables, and print them with the checksums of the inputs."""
    asb, violence, burglary = northumbria_asb(), metropolitan("violence"), metropolitan("burglary")
    # Thirteen months of ASB hold no two years to compare. Burglary by ward is the nearest real series: as many
    # incidents a year in an area, and as much variation from month to month.
    real = [(ASB, month_figures(asb)), (ASB, chosen_figures(asb, worst=0.05, on=1))]
    save("asb", simulate.ASB_LSOA, asb.shape, [*real, (BURGLARY, year_figures(burglary))], first="2013-06")
    real = [(WARDS, month_figures(violence)), (WARDS, chosen_figures(violence, worst=0.10, on=3))]
    save(
        "violence",
        simulate.VIOLENCE_WARD,
        violence.shape,
        [*real, (WARDS, year_figures(violence))],
        first="2014-04",
    )
    for path in (NORTHUMBRIA, wards.path()):
        print(hashlib.sha256(path.read_bytes()).hexdigest(), path.name)


def northumbria_asb() -> np.ndarray:
    """ASB by LSOA and month, for the LSOAs with at least six incidents of any kind in the 13 months.

    The 16 left out are beyond the force's border, where only a stray point falls.
    """
    columns = ["Month", "LSOA code", "Crime type"]
    with zipfile.ZipFile(NORTHUMBRIA) as archive:
        names = sorted(name for name in archive.namelist() if name.endswith("-street.csv"))
        each = [pd.read_csv(archive.open(name), usecols=columns) for name in names]
    rows = pd.concat(each, ignore_index=True)
    total = rows["LSOA code"].value_counts()
    is_asb = rows["Crime type"] == "Anti-social behaviour"
    table = pd.crosstab(rows.loc[is_asb, "LSOA code"], rows.loc[is_asb, "Month"])
    return table.reindex(total.index[total > 5].sort_values(), fill_value=0).to_numpy(dtype=float)


def metropolitan(crime: str) -> np.ndarray:
    """One kind of crime by ward and month, April 2014 to March 2017, for wards with a dozen or more in that time."""
    table = wards.counts()[crime].loc[:, "2014-04":]
    return table[table.sum(axis=1) > 12].to_numpy()


def month_figures(count: np.ndarray) -> dict[str, float]:
    """What the months of an area look like, over the last 13 (ASB has no more) or 24 months."""
    count = count[:, -24:]
    fitted = np.outer(count.sum(axis=1), count.sum(axis=0)) / count.sum()
    held = fitted > 0
    residual = (count - fitted)[held] / np.sqrt(fitted[held])
    degrees = (count.shape[0] - 1) * (count.shape[1] - 1)
    months = count.sum(axis=0)
    return {
        "mean per area and month": count.mean(),
        "% of area-months with none": 100 * (count == 0).mean(),
        "SD of log level between areas": np.log(count.sum(axis=1) + 0.5).std(),
        "dispersion within area after month effects": (residual**2).sum() / degrees,
        "dispersion of six months against the next six": contrast(count[:, :6], count[:, 6:12]),
        "busiest month over quietest": months.max() / months.min(),
    }


def year_figures(count: np.ndarray) -> dict[str, float]:
    """How much more than chance one year differs from another, which is what slow drift decides."""
    return {
        "dispersion of a year against the next": contrast(count[:, -24:-12], count[:, -12:]),
        "dispersion of a year against the next but one": contrast(count[:, -36:-24], count[:, -12:]),
    }


def chosen_figures(count: np.ndarray, worst: float, on: int) -> dict[str, float]:
    """A year on, the areas chosen as worst in the first months, against all others: below 1 with no programme."""
    n = round(worst * len(count))
    before, after = count[:, :on].sum(axis=1), count[:, 12 : 12 + on].sum(axis=1)
    chosen = np.zeros(len(count), dtype=bool)
    chosen[np.argsort(-before, kind="stable")[:n]] = True
    ratio = (after[chosen].sum() / before[chosen].sum()) / (after[~chosen].sum() / before[~chosen].sum())
    months = "one month" if on == 1 else f"{on} months"
    return {f"worst {worst:.0%} on {months}, a year later, relative to the rest": ratio}


def contrast(before: np.ndarray, after: np.ndarray) -> float:
    """Pearson's chi-squared per degree of freedom of two totals per area; 1 is what chance alone gives."""
    first, second = before.sum(axis=1), after.sum(axis=1)
    both, share = first + second, second.sum() / (first.sum() + second.sum())
    some = both > 0
    chi2 = ((second - both * share)[some] ** 2 / (both[some] * share * (1 - share))).sum()
    return chi2 / (some.sum() - 1)


def simulated(setting: simulate.Setting, shape: tuple[int, int], first: str) -> pd.DataFrame:
    """The same figures over panels as large as the real one with no programme, one row per draw."""
    units, months = shape
    draws = []
    for seed in range(1, DRAWS + 1):
        frame, _ = simulate.panel(setting, units=units, periods=36, first=first, treated=0, seed=seed)
        count = frame["count"].to_numpy(dtype=float).reshape(units, 36)
        rule = {"worst": 0.05, "on": 1} if months == 13 else {"worst": 0.10, "on": 3}
        seen = count[:, :months]
        draws.append(month_figures(seen) | chosen_figures(seen, **rule) | year_figures(count))
    return pd.DataFrame(draws)


def save(
    name: str, setting: simulate.Setting, shape: tuple[int, int], real: list[tuple[str, dict]], first: str
) -> None:
    """One row per figure: the real value, where it is from, and the middle and 90% range of the simulated ones."""
    draws = simulated(setting, shape, first)
    rows = [
        {
            "figure": figure,
            "real": value,
            "simulated": draws[figure].median(),
            "simulated_low": draws[figure].quantile(0.05),
            "simulated_high": draws[figure].quantile(0.95),
            "real_from": source,
        }
        for source, figures in real
        for figure, value in figures.items()
    ]
    table = pd.DataFrame(rows).round(3)
    table.to_csv(DERIVED / f"calibration_{name}.csv", index=False, lineterminator="\n")
    print(table.to_string(index=False))


if __name__ == "__main__":
    main()

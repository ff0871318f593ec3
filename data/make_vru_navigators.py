"""Makes vru_navigators.csv, simulated navigators in emergency departments with a planted effect, and its truth.

Run from the root of the repository: python data/make_vru_navigators.py
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from toolkit import simulate

# Fixed before any draw was looked at, and not changed since. The redraws use other seeds.
SEED = 2026
HOSPITALS, CITY, NAVIGATED = 24, 12, 8
MONTHS, FIRST = 72, "2018-04"
WAVES = ("2021-04", "2021-10", "2022-04", "2022-10")
RATE_RATIO = simulate.ramp(0.85, over=12)

# Glasgow Royal, two periods of 30 days (Rainey 2015): 301 of 6,098 attendances were recorded as assaults, then 263 of
# 7,236. City hospitals are as large and record the same share; towns are a quarter smaller with half the share.
ATTENDANCES = {"city": (6098 + 7236) / 2, "town": 0.75 * (6098 + 7236) / 2}
SHARE = {"city": (301 + 263) / (6098 + 7236), "town": 0.5 * (301 + 263) / (6098 + 7236)}

# How violence swings over a year, drifts and scatters is that of London's wards. Everything below is a choice:
# nobody publishes it. Lockdown: what is left of all attendances, and of the share of assaults among them.
SETTING = replace(simulate.VIOLENCE_WARD, spread=0)
LOCKDOWN = {
    ("2020-03", "2020-06"): (0.65, 0.65),
    ("2020-07", "2020-10"): (0.85, 0.90),
    ("2020-11", "2021-03"): (0.70, 0.60),
    ("2021-04", "2021-07"): (0.90, 0.85),
}
GROWTH, GROWTH_SPREAD = 0.02, 0.02  # of attendances, a year
SIZE_SPREAD, SHARE_SPREAD, MONTH_SPREAD = 0.25, 0.15, 0.03  # of logs: hospitals' size and share, and months
# One hospital brings in a new form half a year after its navigators. Before it, 70% of assaults are recorded as
# assaults, as everywhere else, and the rest as injuries with no cause; from then on 95% are.
RECORDED, RECORDED_AFTER, FORM_AFTER = 0.70, 0.95, 6
OTHER_UNKNOWN = 0.005  # other injuries with no cause recorded, for each attendance


@dataclass(frozen=True)
class NavigatorTruth:
    """What was planted: the effect, as recorded in the old way, and the hospital that changed its recording."""

    hospital: str
    form_from: str
    expected: pd.DataFrame

    def over(self, rows: pd.DataFrame) -> float:
        """The planted ratio over the treated rows of a table: expected with navigators over without."""
        cells = self._treated(rows)
        return float(cells["with_programme"].sum() / cells["without"].sum())

    def prevented_in(self, rows: pd.DataFrame) -> float:
        """Attendances prevented in the treated rows of a table: expected without navigators less with them."""
        cells = self._treated(rows)
        return float((cells["without"] - cells["with_programme"]).sum())

    def _treated(self, rows: pd.DataFrame) -> pd.DataFrame:
        treated = rows.loc[rows["month"] >= rows["navigators_from"], ["hospital", "month"]]
        return treated.merge(self.expected, on=["hospital", "month"])


def draw(seed: int, *, form: bool = True) -> tuple[pd.DataFrame, NavigatorTruth]:
    """One draw of the programme: a row per hospital and month, and the truth. Without the form, all else is alike."""
    rng = np.random.default_rng(seed)
    kind = np.array(["city"] * CITY + ["town"] * (HOSPITALS - CITY))
    attendances, wanted = hospitals(kind, rng)
    cells, kept = violence(wanted.max(), rng), (wanted / wanted.max()).ravel()
    table = pd.DataFrame(
        {
            "hospital": np.repeat(names(rng), MONTHS),
            "month": cells["period"],
            "kind": np.repeat(kind, MONTHS),
            "assaults": rng.binomial(cells["count"].astype(int), kept),
            "attendances": attendances.ravel(),
            "navigators_from": cells["treated_from"],
        }
    )
    expected = table[["hospital", "month"]].join(
        cells[["without", "with_programme"]].mul(RECORDED * kept, axis="index")
    )
    chosen, form_from = changes(table, rng)
    table = record(table, (table["hospital"] == chosen) & (table["month"] >= form_from), form, rng)
    return table, NavigatorTruth(chosen, form_from, expected)


def hospitals(kind: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Attendances, and how many assaults to expect among them in a usual month, by hospital and month."""
    months = pd.period_range(FIRST, periods=MONTHS, freq="M").astype(str)
    fewer, share_left = np.ones(MONTHS), np.ones(MONTHS)
    for (first, last), (attending, assaulted) in LOCKDOWN.items():
        within = (months >= first) & (months <= last)
        fewer[within], share_left[within] = attending, assaulted
    normal = rng.standard_normal
    growth = (GROWTH + GROWTH_SPREAD * normal((HOSPITALS, 1))) * np.arange(MONTHS) / 12
    size = pd.Series(kind).map(ATTENDANCES).to_numpy()[:, None] * np.exp(SIZE_SPREAD * normal((HOSPITALS, 1)))
    usual = size * fewer * np.exp(growth + MONTH_SPREAD * normal((HOSPITALS, MONTHS)))
    attendances = rng.poisson(usual)
    share = pd.Series(kind).map(SHARE).to_numpy()[:, None] * np.exp(SHARE_SPREAD * normal((HOSPITALS, 1)))
    return attendances, attendances * share_left * share / RECORDED


def violence(most: float, rng: np.random.Generator) -> pd.DataFrame:
    """Assaults that happen, with the effect in them, and what is expected; the treated are the first hospitals.

    Every hospital is as large here as the largest. Keeping each assault in proportion to the size of its hospital
    leaves drift, scatter and effect as they are.
    """
    frame, truth = simulate.panel(
        replace(SETTING, mean=most),
        units=HOSPITALS,
        periods=MONTHS,
        first=FIRST,
        treated=NAVIGATED,
        treated_from=WAVES,
        rate_ratio=RATE_RATIO,
        seed=rng,
    )
    cells = frame.join(truth.expected[["without", "with_programme"]])
    is_treated = cells["unit"].isin(truth.treated).to_numpy().reshape(HOSPITALS, MONTHS)[:, 0]
    first = np.concatenate([rng.permutation(np.flatnonzero(is_treated)), np.flatnonzero(~is_treated)])
    return cells.iloc[(first[:, None] * MONTHS + np.arange(MONTHS)).ravel()].reset_index(drop=True)


def names(rng: np.random.Generator) -> list[str]:
    """Names that say nothing of what a hospital is."""
    return [f"hospital {number:02d}" for number in rng.permutation(HOSPITALS) + 1]


def changes(table: pd.DataFrame, rng: np.random.Generator) -> tuple[str, str]:
    """The hospital with navigators that brings in the new form, and when."""
    began = table.dropna(subset="navigators_from").groupby("hospital")["navigators_from"].first()
    chosen = rng.choice(began.index.to_numpy())
    return chosen, str(pd.Period(began[chosen], freq="M") + FORM_AFTER)


def record(table: pd.DataFrame, on_form: pd.Series, form: bool, rng: np.random.Generator) -> pd.DataFrame:
    """Assaults recorded as such, and injuries with no cause recorded, which hold the other assaults."""
    happened = table["assaults"].to_numpy()
    as_before = rng.binomial(happened, RECORDED)
    found = rng.binomial(happened - as_before, (RECORDED_AFTER - RECORDED) / (1 - RECORDED))
    recorded = as_before + np.where(on_form & form, found, 0)
    unknown = happened - recorded + rng.poisson(OTHER_UNKNOWN * table["attendances"])
    table = table.assign(assaults=recorded, cause_unknown=unknown)
    columns = ["hospital", "month", "kind", "assaults", "cause_unknown", "attendances", "navigators_from"]
    return table[columns].sort_values(["hospital", "month"], ignore_index=True)


def first_year(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows before the end of each hospital's first year with navigators."""
    months = pd.PeriodIndex(rows["month"], freq="M")
    began = pd.PeriodIndex(rows["navigators_from"], freq="M")
    return rows[began.isna() | (months < began + 12)]


def main() -> None:
    """Write the table and its truth beside this file."""
    frame, truth = draw(SEED)
    here = Path(__file__).parent
    steady = frame[frame["hospital"] != truth.hospital]
    old_form = frame[(frame["hospital"] != truth.hospital) | (frame["month"] < truth.form_from)]
    frame.to_csv(here / "vru_navigators.csv", index=False, lineterminator="\n")
    figures = {
        "seed": SEED,
        "rate_ratio": round(truth.over(frame), 6),
        "rate_ratio_in_the_end": RATE_RATIO[-1],
        "months_to_the_end": len(RATE_RATIO),
        "rate_ratio_first_year": round(truth.over(first_year(frame)), 6),
        "rate_ratio_left_out": round(truth.over(steady), 6),
        "rate_ratio_months_before": round(truth.over(old_form), 6),
        "prevented": round(truth.prevented_in(frame), 1),
        "prevented_left_out": round(truth.prevented_in(steady), 1),
        "recorded": RECORDED,
        "recorded_on_the_form": RECORDED_AFTER,
        "form_hospital": int(truth.hospital.split()[1]),
        "form_after": FORM_AFTER,
    }
    rows = pd.DataFrame({"figure": list(figures), "value": [f"{value:g}" for value in figures.values()]})
    rows.to_csv(here / "vru_navigators_truth.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    main()

"""Real wards where nothing was done: area drift as placebo tests imply it, and what the kept table of them says."""

from pathlib import Path

import pandas as pd
import pytest
from scripts import ROOT

from toolkit import Panel, dispersion

TABLE = pd.read_csv(ROOT / "data" / "derived" / "placebo_dispersion.csv")
# Implied by the false alarms of placebo tests on the same wards and years, in size-matched draws: their ranges.
IMPLIED = {
    "VIOLENCE AGAINST THE PERSON": (1.5, 2.9),
    "ROBBERY": (2.1, 2.5),
    "BURGLARY": (2.7, 3.2),
    "VEHICLE OFFENCES": (3.8, 4.6),
}


@pytest.mark.field
@pytest.mark.parametrize("crime", IMPLIED)
def test_drift_of_real_wards_is_what_placebo_tests_imply(field_data: Path, crime: str) -> None:
    table = pd.read_parquet(field_data / "met_ward_month_2010_2017.parquet")
    rows = table[(table["crime_type"] == crime) & (table["month"] >= "2015-04")]
    answer = dispersion.test(Panel.of(rows, unit="ward_code", period="month", outcome="count"), draws=99)
    low, high = IMPLIED[crime]
    assert 0.85 * low <= answer.statistic <= 1.15 * high
    assert answer.estimate.low > 1 and answer.p_value == 0.01
    assert any(caution.startswith("Month by month") for caution in answer.cautions)


def test_the_order_by_crime_type_and_that_months_miss_most_of_it() -> None:
    phi = TABLE.groupby(["dispersion", "crime"])["phi_all_wards"].first().unstack(0)
    assert list(phi["by year"].sort_values().index[[0, -2, -1]]) == ["violence", "vehicle crime", "theft"]
    assert (phi["by month"] < phi["by year"]).all() and (phi["by month"] > 1).all()


def test_only_the_dispersion_by_year_brings_false_alarms_near_five_per_cent() -> None:
    rejects = TABLE.groupby("dispersion")["rejects"]
    assert rejects.min()["none (1)"] > 0.13 and rejects.min()["by month"] > 0.075
    assert rejects.min()["by year"] > 0.045 and rejects.max()["by year"] < 0.1

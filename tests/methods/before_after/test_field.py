"""On real London wards where nothing was done: areas judge the change as often right as they say, Poisson does not."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from toolkit import Panel, before_after

pytestmark = pytest.mark.field
DRAWS, WARDS = 150, 10


@pytest.mark.parametrize("crime", ["BURGLARY", "ROBBERY", "THEFT", "VEHICLE OFFENCES"])
def test_ten_wards_a_year_on_each_side(field_data: Path, crime: str) -> None:
    """The change in all wards is the truth for ten drawn by lot; three and a half Monte Carlo errors are allowed."""
    rows = pd.read_parquet(field_data / "met_ward_month_2010_2017.parquet")
    rows = rows[rows["crime_type"].str.upper().eq(crime) & rows["month"].between("2013-04", "2015-03")]
    rows = rows.assign(year=np.where(rows["month"] < "2014-04", 2013, 2014))
    totals = rows.pivot_table(index="ward_code", columns="year", values="count", aggfunc="sum").dropna()
    truth, random = totals[2014].sum() / totals[2013].sum(), np.random.default_rng(1)
    held = []
    for _ in range(DRAWS):
        some = totals.iloc[random.choice(len(totals), WARDS, replace=False)]
        table = some.melt(ignore_index=False, value_name="count").reset_index().assign(began=2014)
        panel = Panel.of(table, unit="ward_code", period="year", outcome="count", treated_from="began")
        areas = before_after.rate_ratio(panel)
        alone = before_after.poisson_test(int(some[2013].sum()), int(some[2014].sum()))
        held.append([answer.low <= truth <= answer.high for answer in (areas, alone)])
    by_areas, by_poisson = np.mean(held, axis=0)
    allowed = 3.5 * math.sqrt(0.05 * 0.95 / DRAWS)
    assert by_areas >= 0.95 - allowed
    assert by_poisson < 0.95 - allowed

"""Counts by Metropolitan ward and month, April 2010 to March 2017, for the benchmarks on places where nothing was done.

The records are in the folder that PREVENTION_FIELD_DATA names; they are read here and never kept.
"""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd

SOURCE = "met_ward_month_2010_2017.parquet"
TYPES = {
    "BURGLARY": "burglary",
    "VEHICLE OFFENCES": "vehicle crime",
    "ROBBERY": "robbery",
    "THEFT": "theft",
    "VIOLENCE AGAINST THE PERSON": "violence",
}
NOT_COUNTED = ("NFIB FRAUD", "FRAUD AND FORGERY")  # empty, and stopped when Action Fraud took over


def path() -> Path:
    """Where the records are."""
    return Path(os.environ.get("PREVENTION_FIELD_DATA", "field_data")) / SOURCE


def records() -> pd.DataFrame:
    """A row for each ward, month and kind of crime, but for those that are not counted."""
    rows = pd.read_parquet(path())
    return rows[~rows["crime_type"].isin(NOT_COUNTED)]


def wide(rows: pd.DataFrame, by: tuple[str, ...] = ("ward_code",)) -> pd.DataFrame:
    """Counts of some records by ward (rows) and month (columns)."""
    return rows.groupby([*by, "month"])["count"].sum().unstack(fill_value=0).astype(float)


def counts(by: tuple[str, ...] = ("ward_code",)) -> dict[str, pd.DataFrame]:
    """The same for each of five kinds of crime, by its plain name."""
    rows = records()
    return {name: wide(rows[rows["crime_type"] == source], by) for source, name in TYPES.items()}


def busy(table: pd.DataFrame, months: pd.PeriodIndex) -> pd.DataFrame:
    """Some months of a table, for the wards that recorded something in them."""
    some = table[months.astype(str)]
    return some[some.sum(axis=1) > 0]

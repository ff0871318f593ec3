"""Makes west_yorkshire_july.csv.gz from the police.uk street files inside the Python package crime-sim-toolkit.

    python -m pip download --no-deps crime-sim-toolkit==1.5.0
    python data/make_west_yorkshire.py crime_sim_toolkit-1.5.0-py3-none-any.whl

Counts every row of the three files, and writes a zero where an area had no record of a crime type in a month: police.uk
lists events, so a quiet month has no row.
"""

import gzip
import hashlib
import sys
import zipfile
from pathlib import Path

import pandas as pd

VERSION = "crime-sim-toolkit 1.5.0"
SHA256 = "d56d6ee28eb7bbb65d8e36f211413108620df221ce0c838fefb25013f475001c"
MONTHS = ["2016-07", "2017-07", "2018-07"]
STREET = "crime_sim_toolkit/tests/testing_data/test_policedata/{month}/{month}-west-yorkshire-street.csv"
LOOKUP = "crime_sim_toolkit/src/LSOA_data/PoliceforceLSOA.csv"


def read_package(path: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The street records and the areas of the force, once the wheel is known to be the one documented."""
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != SHA256:
        raise SystemExit(f"{path.name} is not the wheel of {VERSION}: its SHA-256 is {found}, not {SHA256}.")
    with zipfile.ZipFile(path) as wheel:
        files = [pd.read_csv(wheel.open(STREET.format(month=month)), dtype=str) for month in MONTHS]
        areas = pd.read_csv(wheel.open(LOOKUP), dtype=str)
    return pd.concat(files), areas[areas["Police_force"] == "West Yorkshire"]


def count(records: pd.DataFrame, areas: pd.DataFrame) -> pd.DataFrame:
    """One row per area and crime type, one column per month, zeros included; no area is its own empty code."""
    codes = records["LSOA code"].fillna("")
    found = records.groupby([codes, "Crime type", "Month"]).size().unstack("Month")
    every = pd.MultiIndex.from_product(
        [sorted({*areas["LSOA Code"], *codes}), sorted(records["Crime type"].unique())],
        names=["lsoa", "crime_type"],
    )
    table = found.reindex(every).fillna(0).astype(int)[MONTHS].reset_index()
    districts = areas.set_index("LSOA Code")["Local authority name"]
    # A force records a few crimes just over its border, and police.uk publishes some crimes without a place.
    place = table["lsoa"].map(districts).fillna("outside the force").mask(table["lsoa"] == "", "no location")
    table.insert(1, "district", place)
    return table


def main(path: Path) -> None:
    records, areas = read_package(path)
    table = count(records, areas)
    if table[MONTHS].sum().sum() != len(records):
        raise SystemExit("a record was lost or counted twice")
    text = table.to_csv(index=False, lineterminator="\n")
    # A fixed time in the gzip header makes the same input give the same bytes.
    Path(__file__).with_name("west_yorkshire_july.csv.gz").write_bytes(
        gzip.compress(text.encode(), 9, mtime=0)
    )
    print(f"west_yorkshire_july.csv.gz: {len(table)} rows, {len(records)} records, from {VERSION}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

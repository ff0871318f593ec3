"""`police.read` on thirteen months of real records, read from the folder that PREVENTION_FIELD_DATA names."""

import csv
import io
import os
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from toolkit.sources import police

FOLDER = os.environ.get("PREVENTION_FIELD_DATA")
ARCHIVE = Path(FOLDER or ".") / "police_uk_northumbria_2013-06_2014-06.zip"

pytestmark = [
    pytest.mark.field,
    pytest.mark.skipif(FOLDER is None, reason="PREVENTION_FIELD_DATA does not name a folder of field data"),
]


@pytest.fixture(scope="module")
def counts():
    return police.read(ARCHIVE)


def test_every_row_is_accounted_for(counts):
    """The totals are those of the archive's own description; each cell is counted again by the csv module."""
    again = Counter()
    with zipfile.ZipFile(ARCHIVE) as archive:
        for name in archive.namelist():
            rows = csv.DictReader(io.TextIOWrapper(archive.open(name), "utf-8-sig", newline=""))
            again.update((row["LSOA code"], row["Month"], row["Crime type"]) for row in rows)
    keys = counts.frame[["lsoa", "month", "crime_type"]].astype(object).fillna("")
    assert dict(zip(keys.itertuples(index=False, name=None), counts.frame["count"], strict=True)) == again
    assert counts.frame["count"].sum() == 162_666
    assert counts.frame.loc[counts.frame["crime_type"] == "Anti-social behaviour", "count"].sum() == 86_481
    assert counts.unplaced == 38


def test_thirteen_months_of_one_force_without_a_gap(counts):
    assert repr(counts) == (
        "PoliceCounts: 162,666 rows from 13 files; 1 force; 2013-06 to 2014-06; 38 rows without an LSOA; "
        "no force-month missing"
    )
    assert counts.missing == []


def test_the_completed_table_is_whole(counts):
    """932 areas by 13 months, every one of which was published."""
    whole = counts.complete()
    types = counts.frame["crime_type"].nunique()
    assert len(whole) == 932 * 13 * types
    assert whole["count"].sum() == 162_666 - 38
    assert not whole.duplicated(["lsoa", "month", "crime_type"]).any()

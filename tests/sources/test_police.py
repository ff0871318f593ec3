"""`police.read` on the hand-written archive: every row counted once, by whatever is asked for."""

import csv
import sys

import pytest

from toolkit.sources import police


def independent_counts(folder, *keys):
    """The fixture's rows counted by the csv module."""
    found = {}
    for path in sorted(folder.rglob("*-street.csv")):
        with path.open(newline="", encoding="utf-8") as stream:
            for row in csv.DictReader(stream):
                key = tuple(row[name] for name in keys)
                found[key] = found.get(key, 0) + 1
    return found


def as_dict(frame):
    """A frame of counts as a dictionary, a missing key written as the csv module reads it."""
    names = frame.columns[:-1]
    keys = frame[names].astype(object).where(frame[names].notna(), "")
    return dict(zip(keys.itertuples(index=False, name=None), frame["count"], strict=True))


def test_every_row_is_counted_once(counts, archive):
    assert as_dict(counts.frame) == independent_counts(archive, "LSOA code", "Month", "Crime type")
    assert list(counts.frame.columns) == ["lsoa", "month", "crime_type", "count"]
    assert counts.frame["count"].sum() == 40
    assert counts.frame["count"].dtype == "int64"
    assert counts.unplaced == 3
    assert counts.frame.loc[counts.frame["lsoa"].isna(), "count"].sum() == 3
    assert list(counts.files["rows"]) == [11, 11, 6, 5, 7]


@pytest.mark.parametrize(
    "by",
    [
        ("month",),
        ("crime_type", "force"),
        ("force", "lsoa", "month"),
        ("location", "outcome"),
        ("lsoa_name",),
    ],
)
def test_any_columns_in_any_order(by, archive):
    heading = {
        "month": "Month",
        "crime_type": "Crime type",
        "force": "Reported by",
        "lsoa": "LSOA code",
        "lsoa_name": "LSOA name",
        "location": "Location",
        "outcome": "Last outcome category",
    }
    frame = police.read(archive, by=by).frame
    assert list(frame.columns) == [*by, "count"]
    assert as_dict(frame) == independent_counts(archive, *(heading[name] for name in by))


def test_one_name_alone_counts_by_it(archive):
    assert list(police.read(archive, by="crime_type").frame["count"]) == [27, 10, 3]


def test_without_duckdb_the_message_says_what_to_install(monkeypatch, archive):
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(ImportError, match=r"pip install \"prevention-toolkit\[police\]\""):
        police.read(archive)

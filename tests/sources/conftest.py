"""The hand-written archive, and small street files made on the spot."""

import zipfile
from pathlib import Path

import pytest

from toolkit.sources import police

FOLDER = Path(__file__).parent / "archive"
HEAD = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type,"
    "Last outcome category,Context"
)


@pytest.fixture(scope="session")
def archive():
    """The hand-written archive, unpacked."""
    return FOLDER


@pytest.fixture(scope="session")
def counts():
    """The hand-written archive, read whole."""
    return police.read(FOLDER)


@pytest.fixture
def zipped(tmp_path):
    """The archive as it is downloaded, with the notes macOS leaves in a zip."""
    target = tmp_path / "archive.zip"
    with zipfile.ZipFile(target, "w") as out:
        for path in sorted(FOLDER.rglob("*.csv")):
            out.write(path, path.relative_to(FOLDER).as_posix())
        out.writestr("__MACOSX/2020-01/._2020-01-north-street.csv", b"\x00\x05\x16\x07")
    return target


@pytest.fixture(scope="session")
def line():
    """Make one row of a street file."""

    def make(
        month="2020-01", force="North Police", lsoa="E01000001", crime_type="Burglary", location="High Street"
    ):
        return f",{month},{force},{force},-1.5,54.9,{location},{lsoa},Bede 001A,{crime_type},,"

    return make


@pytest.fixture
def write(tmp_path):
    """Write a street file of some rows, where an archive would have it."""

    def make(*lines, month="2020-01", slug="north", head=HEAD, encoding="utf-8", end="\n"):
        path = tmp_path / month / f"{month}-{slug}-street.csv"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes((end.join([head, *lines]) + end).encode(encoding))
        return path

    return make


@pytest.fixture(scope="session")
def cells():
    """Turn completed counts into a dictionary from area and month to the counts of each crime type."""

    def make(whole):
        return {key: tuple(rows["count"]) for key, rows in whole.groupby(["lsoa", "month"])}

    return make

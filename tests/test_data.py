"""The tables in data/: what data/README.md says of them is true, keys are unique, totals add up and zeros are there."""

import hashlib
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

DATA = Path(__file__).parents[1] / "data"
README = (DATA / "README.md").read_text(encoding="utf-8")
TABLES = sorted(
    path.relative_to(DATA).as_posix() for kind in ("*.csv", "*.csv.gz") for path in DATA.rglob(kind)
)
JULYS = ["2016-07", "2017-07", "2018-07"]


def section(table: str) -> str:
    """What the README says under the heading of one table."""
    found = re.search(rf"^##+ `?{re.escape(table)}`?\n(.*?)(?=^##+ |\Z)", README, re.M | re.S)
    assert found, f"data/README.md has no section headed {table}"
    return found[1]


def same_bytes_everywhere(path: Path) -> bytes:
    """The file's bytes with Unix line ends, because git may check text out with others."""
    raw = path.read_bytes()
    return raw if path.suffix == ".gz" else raw.replace(b"\r\n", b"\n")


@pytest.fixture(scope="module")
def castle() -> pd.DataFrame:
    return pd.read_csv(DATA / "castle.csv")


@pytest.fixture(scope="module")
def laws() -> pd.DataFrame:
    return pd.read_csv(DATA / "castle_laws.csv")


@pytest.fixture(scope="module")
def julys() -> pd.DataFrame:
    return pd.read_csv(DATA / "west_yorkshire_july.csv.gz", keep_default_na=False)


def test_the_tables_of_this_file_are_there():
    assert {"castle.csv", "castle_laws.csv", "west_yorkshire_july.csv.gz"} <= set(TABLES)


@pytest.mark.parametrize("table", TABLES)
def test_columns_are_documented_in_order(table):
    described = re.findall(r"^\| `([^`]+)` \|", section(table), re.M)
    assert described == list(pd.read_csv(DATA / table, nrows=5).columns)


@pytest.mark.parametrize("table", TABLES)
def test_checksum_is_the_one_documented(table):
    assert hashlib.sha256(same_bytes_everywhere(DATA / table)).hexdigest() in section(table)


@pytest.mark.parametrize("table", TABLES)
def test_source_and_licence_are_documented(table):
    text = section(table).lower()
    assert "source" in text
    assert "licence" in text


@pytest.mark.parametrize(
    "owner",
    ["2021 Nick Huntington-Klein", "2019 Alex Coleman", "2019 Evan Flack", "Open Government Licence v3.0"],
)
def test_notices_name_every_owner(owner):
    assert owner in (DATA / "NOTICES.md").read_text(encoding="utf-8")


def test_castle_is_fifty_states_by_eleven_years(castle):
    assert len(castle) == 550
    assert not castle.duplicated(["state", "year"]).any()
    assert castle["state"].nunique() == 50
    assert set(castle["year"]) == set(range(2000, 2011))


def test_castle_totals(castle):
    # The sum of column homicide_c in bacondecomp's copy, which was not used to make the table.
    assert castle["homicide"].sum() == 176_143
    assert (castle.drop(columns=["state", "post"]) > 0).all().all()


def test_castle_weight_is_the_mean_population(castle):
    # Not asked for when the populations were recovered from the rates, so an independent check on all 550.
    mean = castle.groupby("state")["population"].transform("mean")
    assert np.allclose(castle["popwt"], mean, rtol=2e-7)


def test_the_two_codings_differ_in_the_year_of_adoption_only(castle, laws):
    rows = castle.merge(laws, how="left", on="state")
    any_day = rows["year"] >= rows["first_year"]
    differ = rows[any_day != rows["post"].astype(bool)]
    assert len(differ) == len(laws) == 21
    assert (differ["year"] == differ["first_year"]).all()
    assert (differ["post"] == 0).all()


def test_every_law_was_in_force_for_part_of_its_first_year(laws):
    assert laws["share_of_first_year"].between(0, 1, inclusive="neither").all()
    assert laws["share_of_first_year"].mean() == pytest.approx(0.4634, abs=5e-5)
    assert laws["first_year"].value_counts().to_dict() == {2006: 13, 2007: 4, 2008: 2, 2005: 1, 2009: 1}


@pytest.mark.reference
def test_castle_and_laws_match_the_copy_in_r(castle, laws, reference_data):
    theirs = pd.read_csv(reference_data / "data" / "real_castle.csv")
    rows = castle.merge(laws, how="left", on="state").merge(theirs, on=["state", "year"], suffixes=("", "_r"))
    assert len(rows) == 550
    assert (rows["population"] == rows["population_r"]).all()
    assert (rows["homicide"] == rows["homicide_c"]).all()
    assert ((rows["year"] >= rows["first_year"]) == rows["post_r"].astype(bool)).all()
    assert ((rows["cdl"] == 1) == rows["post"].astype(bool)).all()
    first = rows["year"] == rows["first_year"]
    assert np.allclose(rows.loc[first, "cdl"], rows.loc[first, "share_of_first_year"], atol=5e-7)


def test_west_yorkshire_counts_every_record_once(julys):
    assert julys[JULYS].sum().to_dict() == {"2016-07": 27_176, "2017-07": 28_537, "2018-07": 31_635}
    assert julys.loc[julys["lsoa"] == "", JULYS].sum().sum() == 3_771
    assert julys.loc[julys["district"] == "outside the force", JULYS].sum().sum() == 93


def test_west_yorkshire_has_every_area_with_every_crime_type(julys):
    assert not julys.duplicated(["lsoa", "crime_type"]).any()
    assert len(julys) == julys["lsoa"].nunique() * julys["crime_type"].nunique() == 1_418 * 14
    inside = julys[~julys["district"].isin(["outside the force", "no location"])]
    assert inside.groupby("district")["lsoa"].nunique().to_dict() == {
        "Bradford": 310,
        "Calderdale": 128,
        "Kirklees": 259,
        "Leeds": 482,
        "Wakefield": 209,
    }


def test_west_yorkshire_keeps_its_zeros(julys):
    burglary = julys[julys["crime_type"] == "Burglary"].set_index("lsoa")
    assert julys[JULYS].ge(0).all().all()
    assert julys[JULYS].dtypes.eq("int64").all()
    assert (
        burglary["2016-07"] == 0
    ).sum() == 1_418 - 945 - 1  # codes with a burglary in the file: 945, and the empty one

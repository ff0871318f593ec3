"""Which files `police.read` reads, and which files and rows it refuses, saying where."""

import zipfile

import pandas as pd
import pytest

from toolkit.sources import police
from toolkit.validate import DesignError

GOOD = ",2020-01,North Police,North Police,-1.5,54.9,High Street,E01000001,Bede 001A,Burglary,,"


def test_zip_folder_and_files_agree(zipped, counts, archive):
    files = sorted(archive.rglob("*.csv"))
    for given in (
        zipped,
        str(zipped),
        files,
        iter(files),
        sorted(archive.iterdir()),
    ):
        again = police.read(given)
        pd.testing.assert_frame_equal(again.frame, counts.frame)
        pd.testing.assert_frame_equal(again.files, counts.files)
        assert again.missing == counts.missing


def test_the_callers_files_stay_as_they_are(zipped, archive):
    before = zipped.read_bytes(), {path: path.read_bytes() for path in archive.rglob("*") if path.is_file()}
    police.read(zipped)
    police.read(archive)
    assert before == (
        zipped.read_bytes(),
        {path: path.read_bytes() for path in archive.rglob("*") if path.is_file()},
    )
    assert list(zipped.parent.iterdir()) == [zipped]


@pytest.mark.parametrize(
    ("force", "rows"),
    [
        ("north", 22),
        ("North Police", 22),
        ("NORTH POLICE", 22),
        (["vale"], 18),
        (["vale", "North Police"], 40),
        (None, 40),
    ],
)
def test_forces_by_name_or_by_file_name(force, rows, archive):
    assert police.read(archive, force=force).frame["count"].sum() == rows


@pytest.mark.parametrize(
    ("months", "rows"),
    [
        (("2020-01", "2020-03"), 40),
        (["2020-01", "2020-03"], 34),
        ("2020-02", 6),
        (("2020-02", "2020-12"), 18),
    ],
)
def test_a_tuple_of_months_is_a_span_and_a_list_is_those_months(months, rows, archive):
    assert police.read(archive, months=months).frame["count"].sum() == rows


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        (
            {"force": "Durham"},
            "No file here is of force Durham. The forces are: North Police, Vale Constabulary",
        ),
        ({"force": []}, "none was named"),
        ({"months": "January 2020"}, "months are text like 2020-01, not January 2020"),
        ({"months": ["2020-13"]}, "not 2020-13"),
        ({"months": []}, "an empty list"),
        ({"months": ("2020-03", "2020-01")}, r"\(first, last\), not \(2020-03, 2020-01\)"),
        ({"months": "2021-01"}, "No file here is of 2021-01: .* from 2020-01 to 2020-03"),
        ({"by": ()}, "give one or more of lsoa"),
        ({"by": ("lsoa", "ward")}, "'ward'"),
        ({"by": ("lsoa", "lsoa")}, "each once"),
    ],
)
def test_what_cannot_be_read_is_refused(keywords, message, archive):
    with pytest.raises(DesignError, match=message):
        police.read(archive, **keywords)


def test_the_same_month_twice_is_refused(zipped, archive):
    with pytest.raises(DesignError, match=r"north 2020-01 is there twice: .*archive.*and 4 more such files"):
        police.read([zipped, archive])


def test_two_forces_of_one_name_are_refused(tmp_path, write, line):
    write(line())
    write(line(), slug="copy-of-north")
    with pytest.raises(DesignError, match=r"files of copy-of-north and of north both say .* North Police"):
        police.read(tmp_path)


def test_a_renamed_force_goes_by_its_latest_name(tmp_path, write, line):
    write(line(force="North Constabulary"))
    write(line("2020-02"), month="2020-02")
    frame = police.read(tmp_path, by="force", force="North Constabulary").frame
    assert frame.to_dict("records") == [{"force": "North Police", "count": 2}]


@pytest.mark.parametrize(("encoding", "end"), [("utf-8", "\n"), ("utf-8", "\r\n"), ("utf-8-sig", "\r\n")])
def test_byte_order_marks_and_line_ends_change_nothing(tmp_path, encoding, end, write, line):
    places = ["High Street", '"Bede Place, North"', '"The ""Bull"", Ford"', "Caffè"]
    write(*(line(location=place) for place in places), encoding=encoding, end=end)
    frame = police.read(tmp_path, by=("lsoa", "location")).frame
    assert list(frame["location"]) == ["Bede Place, North", "Caffè", "High Street", 'The "Bull", Ford']
    assert set(frame["lsoa"]) == {"E01000001"}


def test_columns_are_found_by_name_in_any_order(tmp_path, cells, write):
    write(
        "Burglary,E01000001,Bede 001A,x,North Police,2020-01",
        head="Crime type,LSOA code,LSOA name,New,Reported by,Month",
    )
    assert cells(police.read(tmp_path).complete()) == {("E01000001", "2020-01"): (1,)}
    with pytest.raises(
        DesignError, match=r"no column Location. The columns found are: Crime type, LSOA code"
    ):
        police.read(tmp_path, by="location")


@pytest.mark.parametrize(
    ("bad", "what"),
    [
        (GOOD.removesuffix(",,"), "10 fields"),
        (GOOD + "extra,", "13 fields"),
        (GOOD.replace("Street", "Street, North"), "13 fields"),  # the empty last column would hide it
        (GOOD.replace("High", '"High'), "fields"),
        ("cut sh", "1 field where the header has 12"),
    ],
)
@pytest.mark.parametrize("in_zip", [False, True])
def test_a_malformed_row_is_named_by_file_and_line(tmp_path, bad, what, in_zip, write, line):
    path = write(line(), line(location='"two\nlines"'), bad, line())
    if in_zip:
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as out:
            out.write(path, "2020-01/" + path.name)
        path = tmp_path / "a.zip"
    with pytest.raises(DesignError, match=rf"2020-01-north-street.csv, line 5: .*{what}"):
        police.read(path)


def test_malformed_rows_are_counted(tmp_path, write, line):
    write(line(), "short", line(), "short,too", "short")
    with pytest.raises(DesignError, match=r"line 3: 1 field where the header has 12 .and 2 more such rows."):
        police.read(tmp_path)


def test_text_that_is_not_utf8_is_named(write, line):
    path = write(line(), line(location="Caffè"), encoding="latin-1")
    with pytest.raises(DesignError, match=r"street.csv, line 3: text that is not UTF-8"):
        police.read(path, by="location")


@pytest.mark.parametrize(
    ("bad", "what"),
    [
        (GOOD.replace("2020-01", "2020-02"), "Month is 2020-02 where the file's name says 2020-01"),
        (GOOD.replace("2020-01", ""), "Month is missing where the file's name says 2020-01"),
        (
            GOOD.replace("North", "Vale"),
            "Reported by is Vale Police where the file's first row says North Police",
        ),
    ],
)
def test_a_row_of_another_month_or_force_is_named(tmp_path, bad, what, write, line):
    write(line(), line(), bad, bad)
    with pytest.raises(DesignError, match=rf"street.csv, line 4: {what} .and 1 more such row."):
        police.read(tmp_path)


def test_files_that_are_not_police_uks_are_refused(tmp_path, write):
    other = tmp_path / "wards.csv"
    other.write_text("ward,count\nBede,3\n", encoding="utf-8")
    for path in (other, write("Bede,3", head="ward,count")):
        with pytest.raises(DesignError, match=rf"{path.name} is not a .* The columns found are: ward, count"):
            police.read(path)
    empty = write(month="2020-05", head="")
    empty.write_bytes(b"")
    with pytest.raises(DesignError, match="columns found are: none, the file is empty"):
        police.read(empty)


def test_names_that_do_not_say_month_and_force_are_refused(tmp_path, write, line):
    renamed = write(line()).rename(tmp_path / "january.csv")
    with pytest.raises(DesignError, match=r"january.csv has police.uk's columns but not its name"):
        police.read(renamed)
    renamed.rename(tmp_path / "january-street.csv")
    with pytest.raises(DesignError, match=r"The name of january-street.csv"):
        police.read(tmp_path)


def test_paths_without_street_files_are_refused(tmp_path, archive):
    with pytest.raises(DesignError, match=r"No police.uk street file in"):
        police.read(tmp_path)
    with pytest.raises(DesignError, match="an empty list"):
        police.read([])
    with pytest.raises(DesignError, match=r"No police.uk street file in"):
        police.read(archive / "2020-01" / "2020-01-north-outcomes.csv")
    with pytest.raises(FileNotFoundError, match="There is no file or folder"):
        police.read(tmp_path / "absent")


def test_damaged_zips_are_refused(tmp_path, zipped):
    whole = zipped.read_bytes()
    (tmp_path / "half.zip").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DesignError, match=r"half.zip is not a whole zip file"):
        police.read(tmp_path / "half.zip")
    spot = whole.index(b"Bede 001A", whole.index(b"north-street.csv"))
    (tmp_path / "flipped.zip").write_bytes(whole[:spot] + b"D" + whole[spot + 1 :])
    with pytest.raises(DesignError, match=r"north-.*csv is damaged in the zip"):
        police.read(tmp_path / "flipped.zip", force="north")

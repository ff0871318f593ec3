"""`PoliceCounts` on an archive of 40 rows whose every cell, and every zero, was counted by hand.

Anti-social behaviour / burglary / robbery, by area and month; Vale did not publish February:

    area        January   February   March
    E01000001   5 1 0     2 0 0      0 0 0    North
    E01000002   1 0 1     1 2 0      3 0 0    North
    E01000003   1 2 0     0 0 0      0 1 0    North; Vale reported the one anti-social behaviour
    E01000011   4 1 1     (0 1 0)    6 0 0    Vale; North reported February's burglary
    E01000012   3 0 0                0 1 0    Vale
    no LSOA     1 0 1     0 0 0      0 1 0

The 40 rows are 11, 6 and 5 of North and 11 and 7 of Vale. The five areas have 3 x 9 + 2 x 6 = 39 published cells, of
which 17 hold something, so 22 are true zeros; they hold 40 - 3 without an LSOA - 1 in an unpublished month = 36.
"""

import pytest

from toolkit.sources import police
from toolkit.validate import DesignError

TYPES = ["Anti-social behaviour", "Burglary", "Robbery"]
CELLS = {
    ("E01000001", "2020-01"): (5, 1, 0),
    ("E01000001", "2020-02"): (2, 0, 0),
    ("E01000001", "2020-03"): (0, 0, 0),
    ("E01000002", "2020-01"): (1, 0, 1),
    ("E01000002", "2020-02"): (1, 2, 0),
    ("E01000002", "2020-03"): (3, 0, 0),
    ("E01000003", "2020-01"): (1, 2, 0),
    ("E01000003", "2020-02"): (0, 0, 0),
    ("E01000003", "2020-03"): (0, 1, 0),
    ("E01000011", "2020-01"): (4, 1, 1),
    ("E01000011", "2020-03"): (6, 0, 0),
    ("E01000012", "2020-01"): (3, 0, 0),
    ("E01000012", "2020-03"): (0, 1, 0),
}


def test_every_zero_and_no_other(counts, cells):
    whole = counts.complete()
    assert cells(whole) == CELLS
    assert list(whole["crime_type"].unique()) == TYPES
    assert (len(whole), (whole["count"] == 0).sum(), whole["count"].sum()) == (39, 22, 36)
    assert list(whole.columns) == list(counts.frame.columns)


def test_without_crime_types_the_cells_are_their_sums(archive, cells):
    whole = police.read(archive, by=("month", "lsoa")).complete()
    assert list(whole.columns) == ["month", "lsoa", "count"]
    assert {key: sum(values) for key, values in cells(whole).items()} == {
        key: sum(v) for key, v in CELLS.items()
    }


def test_missing_is_not_zero(counts, archive):
    assert counts.missing == [("Vale Constabulary", "2020-02")]
    february = counts.complete().query("month == '2020-02'")
    assert set(february["lsoa"]) == {"E01000001", "E01000002", "E01000003"}
    asked = police.read(archive, months=("2019-12", "2020-02"), force="vale")
    assert asked.missing == [("Vale Constabulary", "2019-12"), ("Vale Constabulary", "2020-02")]


def test_the_force_with_most_of_an_areas_rows_speaks_for_it(counts):
    home = counts.areas.set_index("lsoa")
    assert dict(home["force"]) == {
        "E01000001": "North Police",
        "E01000002": "North Police",
        "E01000003": "North Police",
        "E01000011": "Vale Constabulary",
        "E01000012": "Vale Constabulary",
    }
    assert list(home["count"]) == [8, 8, 4, 13, 4]
    assert home.loc["E01000003", "lsoa_name"] == "Dunn 001A"


def test_given_areas_are_counted_seen_or_not(archive, cells):
    vale = police.read(archive, force="Vale Constabulary")
    whole = vale.complete(["E01000099", "E01000012"])
    assert cells(whole) == {
        ("E01000012", "2020-01"): (3, 0, 0),
        ("E01000012", "2020-03"): (0, 1, 0),
        ("E01000099", "2020-01"): (0, 0, 0),
        ("E01000099", "2020-03"): (0, 0, 0),
    }


def test_an_area_never_seen_needs_a_force_where_several_were_read(counts):
    with pytest.raises(DesignError, match=r"No force is known for area E01000099.*'North Police'"):
        counts.complete(["E01000001", "E01000099"])
    whole = counts.complete({"E01000099": "Vale Constabulary", "E01000001": "North Police"})
    assert list(whole.query("lsoa == 'E01000099'")["month"].unique()) == ["2020-01", "2020-03"]
    with pytest.raises(DesignError, match="Area E01000099 is given to West Police, which was not read"):
        counts.complete({"E01000099": "West Police"})


def test_completing_needs_areas_and_months_alone(archive):
    for by in ("month", ("lsoa", "crime_type"), ("lsoa", "month", "force")):
        with pytest.raises(DesignError, match=r"Read again with by=\('lsoa', 'month', 'crime_type'\)"):
            police.read(archive, by=by).complete()


def test_transport_police_speak_for_no_other_forces_area(tmp_path, cells, write, line):
    """Three rows of theirs and one of North's: North has not published February, so it is a gap and not a zero."""
    rail = [line(force="British Transport Police")] * 3 + [
        line(force="British Transport Police", lsoa="E01000050")
    ]
    write(*rail, slug="btp")
    write(line("2020-02", force="British Transport Police"), month="2020-02", slug="btp")
    write(line())
    counts = police.read(tmp_path)
    assert cells(counts.complete()) == {("E01000001", "2020-01"): (4,)}
    assert counts.areas.set_index("lsoa")["force"].isna()["E01000050"]
    assert cells(counts.complete(["E01000050"])) == {("E01000050", "2020-01"): (1,)}
    alone = police.read(tmp_path, force="btp")
    assert cells(alone.complete()) == {
        ("E01000001", "2020-01"): (3,),
        ("E01000001", "2020-02"): (1,),
        ("E01000050", "2020-01"): (1,),
        ("E01000050", "2020-02"): (0,),
    }


def test_a_force_that_stops_publishing_is_reported(tmp_path, write, line):
    for month in ("2019-05", "2019-06", "2019-07", "2019-08"):
        write(line(month, force="Cheshire Constabulary"), month=month, slug="cheshire")
    for month in ("2019-05", "2019-06"):
        write(line(month, force="Greater Manchester Police"), month=month, slug="greater-manchester")
    counts = police.read(tmp_path)
    assert counts.missing == [
        ("Greater Manchester Police", "2019-07"),
        ("Greater Manchester Police", "2019-08"),
    ]
    assert "2 force-months missing, first Greater Manchester Police 2019-07" in repr(counts)


def test_a_header_without_rows_is_not_a_month_without_crime(tmp_path, cells, write, line):
    write(line())
    write(month="2020-02")
    write(month="2020-02", slug="vale")
    counts = police.read(tmp_path)
    assert counts.missing == [("North Police", "2020-02"), ("vale", "2020-01"), ("vale", "2020-02")]
    assert cells(counts.complete()) == {("E01000001", "2020-01"): (1,)}


def test_files_with_headers_alone_give_no_counts(tmp_path, write):
    write()
    counts = police.read(tmp_path)
    assert counts.frame.empty
    assert counts.complete().empty
    assert counts.missing == [("north", "2020-01")]


def test_the_summary_is_in_words(counts, archive):
    words = "40 rows from 5 files; 2 forces; 2020-01 to 2020-03; 3 rows without an LSOA; 1 force-month missing, first "
    assert repr(counts) == f"PoliceCounts: {words}Vale Constabulary 2020-02"
    assert words in counts._repr_html_()
    month = police.read(archive, months="2020-02")
    assert repr(month) == (
        "PoliceCounts: 6 rows from 1 file; 1 force; 2020-02; 0 rows without an LSOA; 1 force-month missing, first "
        "Vale Constabulary 2020-02"
    )


def test_a_name_is_not_taken_for_a_quiet_area(archive):
    with pytest.raises(DesignError, match="Gateshead 027A is no LSOA code such as E01008162"):
        police.read(archive).complete(["E01000001", "Gateshead 027A"])

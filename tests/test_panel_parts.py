"""The panels that can be made from a Panel: some of its rows, its time before treatment, coarser cells."""

import copy

import numpy as np
import pandas as pd
import pytest
from made_counts import NAMES, rows

from toolkit import DesignError, Panel, did


@pytest.fixture
def panel() -> Panel:
    """A starts in April and B in May; C and D never do."""
    return Panel.of(rows(A="2023-04", B="2023-05"), **NAMES)


def test_where_takes_a_mask_or_a_function(panel):
    mask = panel.frame["unit"].isin(["A", "C"])
    chosen = [
        panel.where(mask),
        panel.where(mask.to_numpy()),
        panel.where(mask.tolist()),
        panel.where(mask * 1),
    ]
    chosen += [panel.where(lambda frame: frame["unit"].isin(["A", "C"])), panel.where(mask.astype("boolean"))]
    for part in chosen:
        assert list(part.units) == ["A", "C"]
        assert part.labels == panel.labels


def test_where_goes_by_the_index_of_a_series(panel):
    mask = (panel.frame["unit"] == "A").sample(frac=1, random_state=0)
    assert list(panel.where(mask).units) == ["A"]


@pytest.mark.parametrize(
    "mask",
    [
        None,
        True,
        [True],
        ["False"] * 24,
        ["unit"] * 24,
        np.arange(24),
        [None] * 24,
        np.ones((24, 2)),
        pd.array([True, None] * 12, dtype="boolean"),
        pd.Series([True] * 24, index=range(100, 124)),
        lambda frame: frame["event_time"] < 0,
        lambda _: None,
        lambda frame: frame,
    ],
)
def test_where_refuses_what_is_not_a_mask(panel, mask):
    with pytest.raises(
        DesignError, match=r"^The mask must hold one true or false for each of the 24 rows\.$"
    ):
        panel.where(mask)


def test_where_refuses_to_leave_nothing(panel):
    with pytest.raises(DesignError, match=r"^No rows are left: the mask is false everywhere\.$"):
        panel.where(lambda frame: frame["unit"] == "Z")


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2023-02", "2023-04"),
        ("2023-02-14", "2023-04-30"),
        (pd.Timestamp("2023-02-01 09:00"), pd.Period("2023-04")),
        (np.datetime64("2023-02-01"), "2023-04"),
    ],
)
def test_between_takes_periods_in_any_form(panel, first, last):
    assert [str(period) for period in panel.between(first, last).periods] == ["2023-02", "2023-03", "2023-04"]


@pytest.mark.parametrize(
    ("first", "last", "message"),
    [
        ("2023-04", "2023-02", r"^first=2023-04 is after last=2023-02\.$"),
        ("2030-01", "2030-02", r"^No rows are left"),
        (None, "2023-02", r"^A month is missing: give one such as 2023-01\.$"),
        ("2023-02", pd.NaT, r"^A month is missing"),
        (1, 2, r"^month holds 1, but the periods are dates such as 2023-01\."),
        (202302, 202304, r"^month holds 202302, but the periods are dates"),
        (
            "2023",
            "2023",
            r"^month holds 2023, which spans several periods such as 2023-01: name a single one\.$",
        ),
        ("spring", "2023-02", r"^month is 'spring', not a period\."),
        ([1], "2023-02", r"^month holds \[1\], which is not a period\."),
    ],
)
def test_between_refuses_what_is_no_window(panel, first, last, message):
    with pytest.raises(DesignError, match=message):
        panel.between(first, last)


def test_before_treatment_ends_where_the_last_to_start_does(panel):
    before = panel.before_treatment()
    assert [str(period) for period in before.periods] == ["2023-01", "2023-02", "2023-03", "2023-04"]
    assert not before.frame["treated_now"].any()
    assert before.frame.groupby("unit").size().tolist() == [3, 4, 4, 4]
    assert before.cohorts == panel.cohorts
    assert len(before.before_treatment().frame) == len(before.frame)


def test_before_treatment_needs_a_treatment_and_a_before():
    with pytest.raises(DesignError, match=r"^Nobody is treated in this panel"):
        Panel.of(rows(), **NAMES).before_treatment()
    with pytest.raises(DesignError, match=r"^No treated ward is observed before its treatment began\.$"):
        Panel.of(rows(A="2023-01"), **NAMES).before_treatment()


def test_treated_earlier_moves_every_start(panel):
    assert list(panel.treated_earlier(2).cohorts) == [pd.Period("2023-02"), pd.Period("2023-03")]
    assert (panel.treated_earlier(2).frame["event_time"] - panel.frame["event_time"]).dropna().eq(2).all()
    assert panel.treated_earlier(1).treated_earlier(1).cohorts == panel.treated_earlier(2).cohorts
    assert Panel.of(rows(), **NAMES).treated_earlier(3).cohorts == {}


@pytest.mark.parametrize("n", [0, -1, 1.5, "2", None, True])
def test_treated_earlier_takes_a_whole_number(panel, n):
    with pytest.raises(DesignError, match=r"^n=.* must be a whole number of at least 1\.$"):
        panel.treated_earlier(n)


def test_a_chain_of_panels_leaves_the_first_alone(panel):
    before = copy.deepcopy(panel.frame)
    placebo = panel.where(lambda frame: frame["unit"] != "D").between("2023-01", "2023-05").before_treatment()
    placebo = placebo.treated_earlier(1)
    assert (
        repr(placebo)
        == "Panel of 3 wards by 4 months (2023-01 to 2023-04): 2 treated, 1 never treated; 1 gap"
    )
    assert placebo.cohorts == {pd.Period("2023-03"): ("A",), pd.Period("2023-04"): ("B",)}
    pd.testing.assert_frame_equal(panel.frame, before)


def test_collapse_to_quarters():
    panel = Panel.of(rows(A="2023-04").assign(pop=10), **NAMES, exposure="pop")
    quarters = panel.collapse(by="quarter")
    assert (
        repr(quarters)
        == "Panel of 4 wards by 2 quarters (2023Q1 to 2023Q2): 1 treated, 3 never treated; balanced"
    )
    assert quarters.grid.outcome.tolist() == [[6, 15], [24, 33], [42, 51], [60, 69]]
    assert (quarters.grid.exposure == 30).all()
    assert list(quarters.cohorts) == [pd.Period("2023Q2")]
    assert quarters.cautions == ()
    assert quarters.grid.outcome.sum() == panel.grid.outcome.sum()


def test_collapse_leaves_out_what_is_incomplete_for_one_unit_and_says_so():
    quarters = Panel.of(rows(A="2023-04").drop(index=[7]), **NAMES).collapse(by="quarter")
    assert repr(quarters).endswith("1 gap")
    assert quarters.cautions[-1] == "1 incomplete coarser cell left out when the panel was added up."
    assert quarters.cautions[0] in did.att(quarters).cautions


def test_collapse_leaves_out_what_is_incomplete_for_all():
    """Two months of a quarter are not a quarter, though every ward has the same two."""
    quarters = Panel.of(rows(first="2023-02", months=6), **NAMES).collapse(by="quarter")
    assert [str(period) for period in quarters.periods] == ["2023Q2"]
    assert quarters.cautions == ("8 incomplete coarser cells left out when the panel was added up.",)
    with pytest.raises(DesignError, match=r"^No year is complete: every one lacks some of its months\.$"):
        Panel.of(rows(), **NAMES).collapse(by="year")


def test_collapse_days_to_weeks_and_weeks_to_months():
    dates = pd.date_range("2023-01-02", periods=70)
    frame = pd.DataFrame([(ward, date, 1) for ward in "AB" for date in dates], columns=["ward", "day", "asb"])
    weeks = Panel.of(frame, unit="ward", period="day", outcome="asb").collapse(by="week")
    assert (weeks.grid.outcome == 7).all() and weeks.grid.outcome.shape == (2, 10)
    months = weeks.collapse(by="month")  # a week belongs to the month that it ends in: five end in January
    assert [str(period) for period in months.periods] == ["2023-02"]
    assert months.grid.outcome.tolist() == [[28], [28]]


def test_collapse_to_coarser_units():
    frame = rows(A="2023-04", B="2023-04").assign(area="x")
    merge = {"A": "west", "B": "west", "C": "east", "D": "east"}
    for by in (merge, pd.Series(merge), merge.get, lambda ward: merge[ward]):
        districts = Panel.of(frame, **NAMES, cluster="area").collapse(by=by)
        assert list(districts.units) == ["east", "west"]
        assert districts.grid.outcome[1].tolist() == [8, 10, 12, 14, 16, 18]
        assert districts.cohorts == {pd.Period("2023-04"): ("west",)}
        assert districts.grid.cluster.tolist() == [0, 0]


def test_collapse_to_units_named_by_numbers_and_text():
    merged = Panel.of(rows(), **NAMES).collapse(by={"A": 1, "B": 1, "C": "x", "D": "x"})
    assert list(merged.units) == ["1", "x"]


def test_collapse_twice():
    panel = Panel.of(rows(first="2022-01", months=24, A="2023-01"), **NAMES)
    twice = panel.collapse(by="quarter").collapse(by="year")
    assert np.array_equal(twice.grid.outcome, panel.collapse(by="year").grid.outcome)
    assert list(twice.cohorts) == [pd.Period("2023")]


@pytest.mark.parametrize(
    ("by", "message"),
    [
        ("quarter", r"^A treatment starts in 2023-05, inside 2023Q2, which would be part treated\."),
        ("Y", r"^A treatment starts in 2023-04, inside 2023, which"),
        ("month", r"^by='month' is no coarser than the panel's own months\.$"),
        ("week", r"^by='week' is no coarser"),
        ("banana", r"^'banana' is not a frequency of periods\."),
        ("2Q", r"^'2Q' is not a frequency of periods\."),
        (None, r"^by= is a frequency such as 'quarter', or a mapping"),
        (["A"], r"^by= is a frequency"),
        ({"A": "west"}, r"^by= says nothing of ward B\. Map every unit\.$"),
        (lambda ward: [ward], r"^by= holds \['A'\] \(and 23 more such rows\): names are text or numbers\.$"),
        (lambda _: "all", r"^all would join units that start at different times\. Keep them apart\.$"),
    ],
)
def test_collapse_refuses_what_cannot_be_added_up(panel, by, message):
    with pytest.raises(DesignError, match=message):
        panel.collapse(by=by)


def test_collapse_refuses_weights_covariates_integers_and_split_clusters():
    frame = rows().assign(wt=1, hot=2.5, year=lambda f: f["month"].str[-2:].astype(int))
    frame["area"] = frame["ward"].map({"A": "x", "B": "y", "C": "x", "D": "x"})
    for extra in ({"weight": "wt"}, {"covariates": ["hot"]}):
        with pytest.raises(DesignError, match=r"^A Panel with weights or covariates cannot be added up"):
            Panel.of(frame, **NAMES, **extra).collapse(by="quarter")
    with pytest.raises(DesignError, match=r"^year holds integers, which have no quarters or years"):
        Panel.of(frame, unit="ward", period="year", outcome="asb").collapse(by="quarter")
    with pytest.raises(DesignError, match=r"^west would join units that lie in different clusters\."):
        Panel.of(frame, **NAMES, cluster="area").collapse(by=lambda ward: "west" if ward in "AB" else ward)


def test_the_grid_prints_on_a_line(panel):
    assert repr(panel.grid) == f"Grid of 4 by {len(panel.periods)}"


def moved_starts(moved: Panel) -> dict:
    return {unit: start for start, units in moved.cohorts.items() for unit in units}


def test_treated_as_is_the_panel_with_those_starts(panel):
    moved = panel.treated_as({"C": "2023-05", "D": "2023-04"})
    pd.testing.assert_frame_equal(moved.frame, Panel.of(rows(C="2023-05", D="2023-04"), **NAMES).frame)
    assert panel.treated_as(moved_starts(moved)).cohorts == moved.cohorts
    assert set(panel.cohorts) == {pd.Period("2023-04"), pd.Period("2023-05")}  # the first is as it was
    assert panel.treated_as({}).cohorts == {} == Panel.of(rows(), **NAMES).treated_as({}).cohorts


def test_treated_as_refuses_units_that_are_not_there(panel):
    with pytest.raises(DesignError, match=r"^No ward Zed in this panel\.$"):
        panel.treated_as({"A": "2023-05", "Zed": "2023-05"})
    with pytest.raises(DesignError, match="dates such as"):
        panel.treated_as({"A": 3})

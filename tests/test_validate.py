"""Messages in the user's own words: how values, lists, numbers and column names are written, and what is refused."""

import datetime

import numpy as np
import pandas as pd
import pytest

from toolkit import DesignError, Panel, validate

PLAIN = pd.Series(["row 1", "row 2", "row 3"])


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (np.int64(0), "0"),
        (np.float64(2.0), "2"),
        (0.1, "0.1"),
        (np.bool_(True), "True"),
        (pd.Timestamp("2023-04-01"), "2023-04-01"),
        (pd.Timestamp("2023-04-01 09:30"), "2023-04-01 09:30:00"),
        (np.datetime64("2023-04-01", "ns"), "2023-04-01"),
        (datetime.datetime(2023, 4, 1), "2023-04-01"),
        (datetime.date(2023, 4, 1), "2023-04-01"),
        (pd.Period("2023-04"), "2023-04"),
        (None, "None"),
        ("Bede", "Bede"),
        ("x" * 80, "x" * 80),
        ("x" * 81, "x" * 77 + "..."),
    ],
)
def test_shown_writes_a_value_as_a_reader_would(value, words):
    assert validate.shown(value) == words


def test_quoted_puts_quotes_around_text_alone():
    assert [validate.quoted(value) for value in ("n/a", np.int64(4), None)] == ["'n/a'", "4", "None"]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([], ""),
        (["a"], "a"),
        (["a", "b"], "a and b"),
        (["a", "b", "c", "d"], "a, b, c and d"),
        (["a", "b", "c", "d", "e"], "a, b, c, d and 1 more"),
        (np.arange(3), "0, 1 and 2"),
    ],
)
def test_listed_names_the_first_few(values, words):
    assert validate.listed(values) == words


@pytest.mark.parametrize(
    ("noun", "plural"),
    [
        ("ward", "wards"),
        ("city", "cities"),
        ("day", "days"),
        ("bus", "buses"),
        ("church", "churches"),
        ("LSOA", "LSOAs"),
        ("cluster of wards", "clusters of wards"),
    ],
)
def test_plural_of_a_column_name(noun, plural):
    assert validate.plural(noun) == plural
    assert validate.counted(1, noun) == f"1 {noun}"
    assert validate.counted(1200, noun) == f"1,200 {plural}"


def test_and_more_counts_the_rest():
    assert validate.and_more(1, "row") == ""
    assert validate.and_more(2, "row") == " (and 1 more such row)"
    assert validate.and_more(1001, "row") == " (and 1,000 more such rows)"


@pytest.mark.parametrize(
    ("name", "words"), [("exposure", "An exposure"), ("pop", "A pop"), ("area", "An area")]
)
def test_the_article_fits_the_name(name, words):
    with pytest.raises(DesignError, match=rf"\. {words} must be above zero"):
        validate.positive(np.array([0.0]), name, PLAIN)


def test_a_design_error_is_a_value_error():
    assert issubclass(DesignError, ValueError)
    assert DesignError is validate.DesignError


@pytest.mark.parametrize(
    "kind", [int, "int8", "Int64", "uint16", "float32", "Float64", object, "string", "category"]
)
def test_numbers_are_read_from_any_column_that_holds_them(kind):
    numbers = validate.finite_numbers(pd.Series([1, 2, 3]).astype(kind), "asb", PLAIN)
    assert numbers.dtype == float
    assert numbers.tolist() == [1, 2, 3]


def test_true_and_false_count_as_one_and_nought():
    assert validate.finite_numbers(pd.Series([True, False, True]), "asb", PLAIN).tolist() == [1, 0, 1]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([1, np.nan, np.nan], "asb is missing at row 2 (and 1 more such row). Fill it in"),
        ([1, None, 3], "asb is missing at row 2. Fill it in"),
        (pd.array([1, None, 3], dtype="Int64"), "asb is missing at row 2. Fill it in"),
        (pd.array([True, None, False], dtype="boolean"), "asb is missing at row 2. Fill it in"),
        (["1", pd.NA, "3"], "asb is missing at row 2. Fill it in"),
        ([1, np.inf, 3], "asb is infinite at row 2. Correct"),
        ([1, "-inf", 3], "asb is infinite at row 2. Correct"),
        ([1, 10**400, 3], "asb is infinite at row 2. Correct"),
        ([1, 1e31, 3], "asb is 1e+31 at row 2. That is too large to be a measurement"),
        ([1, "n/a", 3], "asb is 'n/a' at row 2, not a number. Correct"),
        (["1,234", "x", "3"], "asb is '1,234' at row 1 (and 1 more such row), not a number."),
        ([1, "", 3], "asb is '' at row 2, not a number."),
        ([1, [2], 3], "asb is [2] at row 2, not a number."),
        ([1, 2j, 3], "asb holds complex numbers, such as (1+0j)."),
        (pd.Series([1, 2j, 3], dtype=object), "asb is 2j at row 2, not a number."),
        (
            pd.to_datetime(["2023-04-01"] * 3),
            "asb is 2023-04-01 at row 1 (and 2 more such rows), not a number.",
        ),
        (pd.to_timedelta([1, 2, 3], unit="D"), "asb is 1 days 00:00:00 at row 1"),
        (pd.PeriodIndex(["2023-04"] * 3, freq="M"), "asb is 2023-04 at row 1"),
    ],
)
def test_what_is_not_a_finite_number_is_refused_where_it_stands(values, message):
    with pytest.raises(DesignError) as caught:
        validate.finite_numbers(pd.Series(values), "asb", PLAIN)
    assert str(caught.value).startswith(message)


def test_positive_and_not_negative_say_the_value():
    with pytest.raises(
        DesignError, match=r"^pop is 0 at row 2 \(and 1 more such row\)\. A pop must be above zero"
    ):
        validate.positive(np.array([1.0, 0.0, -1.0]), "pop", PLAIN)
    with pytest.raises(DesignError, match=r"^wt is -0\.5 at row 3\. Advice\.$"):
        validate.not_negative(np.array([1.0, 0.0, -0.5]), "wt", PLAIN, "Advice.")
    validate.positive(np.array([1e-9, 1.0]), "pop", PLAIN)
    validate.not_negative(np.array([0.0, 1.0]), "wt", PLAIN, "Advice.")


@pytest.mark.parametrize("word", ["rate", "Ratio", None, 1, ["ratio"], np.array(["ratio", "x"]), {}])
def test_an_unknown_word_is_answered_with_the_known_ones(word):
    with pytest.raises(DesignError, match=r"^scale=.* is not known\. Use 'ratio' or 'difference'\.$"):
        validate.one_of(word, "scale", ("ratio", "difference"))


@pytest.mark.parametrize(
    "level", [0, 1, -0.5, 95, "0.95", None, True, np.nan, np.inf, [0.95], np.float64(95)]
)
def test_a_level_lies_between_nought_and_one(level):
    with pytest.raises(DesignError, match=r"^level=.* must be between 0 and 1, such as 0\.95") as caught:
        validate.level_between(level)
    assert "np." not in str(caught.value)


def test_a_good_level_comes_back_as_a_float():
    assert validate.level_between(np.float32(0.5)) == 0.5
    assert type(validate.level_between(np.float64(0.9))) is float


@pytest.mark.parametrize("value", [-1, 1.0, "3", None, True, np.bool_(True), np.nan, [3], np.int64(-1)])
def test_a_whole_number_is_an_int_of_at_least(value):
    with pytest.raises(DesignError, match=r"^n=.* must be a whole number of at least 0\.$") as caught:
        validate.whole(value, "n")
    assert "np." not in str(caught.value)


def test_a_good_whole_number_comes_back_as_an_int():
    assert type(validate.whole(np.int64(3), "n")) is int


@pytest.mark.parametrize(
    "value", ["no", "True", 0, 1, 1.0, None, np.nan, np.int64(1), [True], np.array([True])]
)
def test_yes_or_no_is_true_or_false_and_nothing_that_looks_like_it(value):
    with pytest.raises(DesignError, match=r"^joint=.* must be True or False\.$") as caught:
        validate.yes_no(value, "joint")
    assert "np." not in str(caught.value)


def test_a_good_yes_or_no_comes_back_as_a_bool():
    answers = [validate.yes_no(value, "joint") for value in (True, False, np.True_, np.False_)]
    assert answers == [True, False, True, False]
    assert {type(answer) for answer in answers} == {bool}


def test_columns_that_are_missing_are_answered_with_those_there_are():
    frame = pd.DataFrame({"ward": ["Bede"], 3: [1]})
    validate.require_columns(frame, ["ward"])
    with pytest.raises(DesignError, match=r"^No column 'area' in the data\. The columns are: ward, 3\.$"):
        validate.require_columns(frame, ["area"])
    with pytest.raises(DesignError, match=r"^3 is not the name of a column: name each column as text\.$"):
        validate.require_columns(frame, [3])


def test_three_hundred_columns_are_not_all_listed():
    frame = pd.DataFrame(0, index=[0], columns=[f"c{i}" for i in range(300)])
    with pytest.raises(DesignError, match=r"c28, c29 and 270 more\.$"):
        validate.require_columns(frame, ["area"])


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (None, "not None"),
        ([1], "not a list"),
        (np.zeros((2, 2)), "not a ndarray"),
        (7, "not an int"),
        (pd.Series([1]), "not a Series"),
        ("visits.csv", "not a str"),
    ],
)
def test_what_is_not_a_frame_is_named(data, words):
    with pytest.raises(DesignError, match=f"^The data must be a pandas DataFrame with .*, {words}\\.$"):
        validate.require_columns(data, ["ward"])


def test_an_empty_frame_is_refused():
    with pytest.raises(DesignError, match=r"^The data have no rows\."):
        validate.require_columns(pd.DataFrame({"ward": []}), ["ward"])
    with pytest.raises(DesignError, match=r"There are no columns"):
        validate.require_columns(pd.DataFrame(), ["ward"])


def test_one_per_row_takes_finite_weights_that_are_not_all_zero():
    assert validate.one_per_row([0, 1], 2).tolist() == [0.0, 1.0]
    for weights in ([1], [0, 0], [1, np.nan], [[1, 1]], None, "ab", [1, "a"]):
        with pytest.raises(DesignError, match=r"^weights must be 2 numbers"):
            validate.one_per_row(weights, 2)


def panel(treated_from: dict, *, drop=lambda frame: frame["asb"] < 0) -> Panel:
    """Four wards by four years, less the rows that ``drop`` picks."""
    rows = [(ward, year, 10 + year % 7) for ward in "ABCD" for year in range(2020, 2024)]
    frame = pd.DataFrame(rows, columns=["ward", "year", "asb"])
    frame = frame.assign(began=frame["ward"].map(treated_from).astype(float))
    return Panel.of(frame[~drop(frame)], unit="ward", period="year", outcome="asb", treated_from="began")


def test_needs_accepts_a_panel_that_can_answer():
    validate.needs(panel({"A": 2022}), comparison=True)
    validate.needs(panel(dict.fromkeys("ABCD", 2022)))
    validate.needs(panel(dict.fromkeys("ABCD", 2020)), before=False)


@pytest.mark.parametrize(
    ("began", "drop", "message"),
    [
        (
            {},
            None,
            "No ward is treated within the years of the data: 'began' is missing or later throughout.",
        ),
        ({"A": 2030}, None, "No ward is treated within the years of the data"),
        (dict.fromkeys("ABCD", 2022), None, "Every ward is treated, so there is no comparison group."),
        (
            {"A": 2020},
            None,
            "No treated ward is observed before its treatment began, so there is no year before",
        ),
        (
            {"A": 2022},
            lambda f: f["year"] != 2022,
            "There is only one year (2022): a change needs at least two",
        ),
        (
            {"A": 2022},
            lambda f: (f["ward"] == "A") & (f["year"] < 2022),
            "No treated ward is observed before its",
        ),
        (
            {"A": 2022},
            lambda f: (f["ward"] == "A") & (f["year"] > 2021),
            "No treated ward is observed from its",
        ),
        (
            {"A": 2022},
            lambda f: (f["ward"] != "A") & (f["year"] > 2021),
            "No untreated ward is observed in a year in which others are treated, so there is nothing to compare with.",
        ),
    ],
)
def test_needs_says_what_is_lacking(began, drop, message):
    given = panel(began, drop=drop) if drop else panel(began)
    with pytest.raises(DesignError) as caught:
        validate.needs(given, comparison=True)
    assert str(caught.value).startswith(message)


def test_needs_says_when_nobody_was_named():
    frame = pd.DataFrame({"ward": ["A"] * 2, "year": [2020, 2021], "asb": [1, 2], "now": [0, 0]})
    with pytest.raises(DesignError, match=r"^No ward is treated: 'now' is 0 in every row\.$"):
        validate.needs(Panel.of(frame, unit="ward", period="year", outcome="asb", treated="now"))
    with pytest.raises(DesignError, match=r"^The Panel does not say who was treated"):
        validate.needs(Panel.of(frame, unit="ward", period="year", outcome="asb"))


@pytest.mark.parametrize("given", [None, pd.DataFrame(), [1], "panel"])
def test_needs_takes_a_panel(given):
    with pytest.raises(DesignError, match=r"^This takes a Panel, not .*: make one with Panel\.of"):
        validate.needs(given)

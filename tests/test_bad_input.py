"""Bad data: each is refused in the user's own column names, or answered with a caution."""

import numpy as np
import pandas as pd
import pytest
from made_frames import NAMES, rows

from toolkit import DesignError, Panel, did


def with_value(column: str, value: object, row: int = 3, frame: pd.DataFrame | None = None) -> pd.DataFrame:
    """The good rows with one value changed; row 3 is ward w0 in 2023-04."""
    frame = rows() if frame is None else frame
    values = frame[column].tolist()
    values[row] = value
    return frame.assign(**{column: pd.Series(values, index=frame.index, dtype=object)})


def refused(frame: object, **names: object) -> str:
    """What Panel.of says of a frame."""
    with pytest.raises(DesignError) as caught:
        Panel.of(frame, **{**NAMES, **names})
    return str(caught.value)


def test_duplicate_unit_periods():
    frame = rows()
    twice = pd.concat([frame, frame.iloc[[3]]])
    advice = "A Panel holds one row per unit and period: add them up first."
    assert refused(twice) == f"ward w0 has two rows for month 2023-04. {advice}"
    more = pd.concat([frame, frame.iloc[[3, 3, 4, 9]]], ignore_index=True)
    assert refused(more) == f"ward w0 has three rows for month 2023-04 (and 2 more such pairs). {advice}"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (
            np.nan,
            "asb is missing at ward w0, month 2023-04. Fill it in from the source, or drop the row: gaps stay gaps.",
        ),
        (None, "asb is missing at ward w0, month 2023-04."),
        (pd.NA, "asb is missing at ward w0, month 2023-04."),
        (
            -1,
            "asb is -1 at ward w0, month 2023-04. Whole numbers are taken for counts, and a count cannot be negative",
        ),
        (np.inf, "asb is infinite at ward w0, month 2023-04."),
        ("n/a", "asb is 'n/a' at ward w0, month 2023-04, not a number."),
        ("", "asb is '' at ward w0, month 2023-04, not a number."),
        ([1], "asb is [1] at ward w0, month 2023-04, not a number."),
        (1e200, "asb is 1e+200 at ward w0, month 2023-04. That is too large to be a measurement"),
    ],
)
def test_an_outcome_that_is_missing_negative_infinite_or_no_number(value, message):
    assert refused(with_value("asb", value)).startswith(message)


@pytest.mark.parametrize("value", ["12", " 12 ", "12.0", True, np.int64(12), 12.5])
def test_an_outcome_may_be_written_in_other_ways(value):
    assert Panel.of(with_value("asb", value), **NAMES).grid.outcome[0, 3] == float(value)


def test_a_score_may_be_negative_where_it_is_not_whole():
    frame = rows().assign(asb=lambda f: f["asb"] - 5.5)
    panel = Panel.of(frame, **NAMES)
    assert did.att(panel, scale="difference").scale == "difference"
    with pytest.raises(
        DesignError, match=r"^asb is -0\.5 at ward w0, month 2023-01 .*: use scale='difference'\.$"
    ):
        did.att(panel)


def test_an_outcome_of_true_and_false_is_of_ones_and_noughts():
    assert Panel.of(rows().assign(asb=lambda f: f["asb"] > 9), **NAMES).grid.outcome.max() == 1


def test_outcomes_all_zero():
    assert refused(rows().assign(asb=0)) == (
        "asb is zero in every row: there is nothing to compare. Check the filter that made the data."
    )


@pytest.mark.parametrize(
    ("value", "says"), [(0, "is 0"), (-2, "is -2"), (np.nan, "is missing"), (np.inf, "is infinite")]
)
def test_exposure_must_be_above_zero(value, says):
    message = refused(with_value("pop", value), exposure="pop")
    assert message.startswith(f"pop {says} at ward w0, month 2023-04.")


def test_weights_must_not_be_negative_or_all_zero():
    assert (
        refused(with_value("wt", -1), weight="wt")
        == "wt is -1 at ward w0, month 2023-04. A weight is zero or more."
    )
    assert refused(rows().assign(wt=0), weight="wt").startswith(
        "wt is zero in every row, so no row would count."
    )


NOW = {"treated_from": None, "treated": "now"}


@pytest.mark.parametrize(("value", "says"), [(2, "2"), (0.5, "0.5"), (-1, "-1")])
def test_treated_must_be_nought_or_one(value, says):
    message = refused(with_value("now", value), **NOW)
    assert message.startswith(f"now is {says} at ward w0, month 2023-04: it must be 0 or 1.")


def test_a_treatment_that_switches_off():
    now = lambda f: f["month"].isin(["2023-05", "2023-06"]) & f["began"].notna()  # noqa: E731
    assert refused(rows().assign(now=now), **NOW) == (
        "now goes back to 0 at ward w0, month 2023-07 (and 5 more such rows): the treatment switches off. The methods "
        "here take a treatment that stays on. End the data where it stops, or give treated_from."
    )


def test_treated_words_and_gaps():
    assert refused(rows().assign(now="no"), **NOW).startswith(
        "now holds 'no': it must be 0 or 1, or True or False, such as data['now'] == 'no'."
    )
    assert refused(with_value("now", None), **NOW).startswith("now is missing at ward w0, month 2023-04.")
    assert refused(rows(), treated="now") == "Give treated_from='began' or treated='now', not both."


@pytest.mark.parametrize(
    ("value", "said"), [("2023-06", "2023-05 and 2023-06"), (None, "2023-05 and missing")]
)
def test_treated_from_changes_within_a_unit(value, said):
    message = refused(with_value("began", value))
    assert message.startswith(
        f"began changes within ward w0 ({said}). Give each unit one first treated period"
    )


@pytest.mark.parametrize(
    ("began", "message"),
    [
        ([5] * 48, "began holds 5, but the periods are dates such as 2023-01. Give both in the same form."),
        ([202305] * 48, "began holds 202305, but the periods are dates such as 2023-01."),
        (["never"] * 48, "began is 'never' (and 47 more such rows), not a period."),
        (["2023"] * 48, "began holds 2023, which spans several periods such as 2023-01: name a single one."),
        ([True] * 48, "began holds true and false, not periods."),
        ([np.inf] * 48, "began holds inf, but the periods are dates"),
    ],
)
def test_treated_from_of_another_type_than_the_periods(began, message):
    said = refused(rows().assign(began=began))
    assert said.startswith(message)
    assert said.endswith("Leave it missing (None or blank) where a ward was never treated.")


def test_nought_for_never():
    frame = rows().assign(
        month=lambda f: f["month"].str[-2:].astype(int), began=lambda f: f["began"].notna() * 5
    )
    assert refused(frame) == (
        "began is 0 for 3 wards, before the first month (1). If 0 stands for never treated, make it missing "
        "(NaN or None)."
    )


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ("spring", "month is 'spring' (and 47 more such rows), not a period. Write periods as 2023-04,"),
        (202304, "month holds 202304, a date written as an integer. Use 2023-04 (text) or a datetime."),
        (
            20230401,
            "month holds 20230401, a date written as an integer. Use 2023-04-01 (text) or a datetime.",
        ),
        (None, "month is missing in 48 rows. Drop or date them."),
        (1.5, "month holds 1.5, which is not a whole number of periods."),
        (True, "month holds true and false, not periods."),
    ],
)
def test_periods_that_are_not_periods(column, message):
    assert refused(rows().assign(month=column)).startswith(message)


def test_periods_of_mixed_types():
    assert refused(with_value("month", 4)).startswith("month mixes types: number (4), text ('2023-01').")
    assert refused(with_value("month", "2023-04-01")).startswith("month mixes 2023-01 and 2023-04-01.")
    assert refused(with_value("month", None)) == "month is missing in 1 row. Drop or date them."


def test_units_that_are_missing_or_cannot_name_anything():
    for nothing in (None, np.nan, pd.NA):
        assert refused(with_value("ward", nothing)) == "ward is missing in 1 row. Name it or drop them."
    listed = rows().assign(ward=lambda f: f["ward"].map(lambda ward: [ward]))
    assert refused(listed) == "ward holds ['w0'] (and 47 more such rows): names are text or numbers."
    assert refused(listed, unit="area", cluster="ward").startswith("area x has 6 rows for month 2023-01")


def test_clusters_belong_to_units():
    assert (
        refused(with_value("area", "z"), cluster="area")
        == "area changes within ward w0 (x and z). It must be constant."
    )
    assert (
        refused(with_value("area", None), cluster="area")
        == "area is missing for ward w0. Fill it in for every row."
    )
    listed = rows().assign(area=lambda f: f["area"].map(lambda area: {area: 1}))
    assert refused(listed, cluster="area").startswith(
        "area holds {'x': 1} (and 47 more such rows): names are text"
    )


def test_columns_named_wrongly():
    columns = "The columns are: ward, month, asb, began, pop, wt, hot, area, now."
    assert refused(rows(), outcome="crimes") == f"No column 'crimes' in the data. {columns}"
    assert refused(rows(), covariates=["hot", "cold"]) == f"No column 'cold' in the data. {columns}"
    assert refused(rows().set_index(["ward", "month"])).startswith(
        "No column 'ward' in the data. The columns are: asb,"
    )
    for wrong in (None, 0, ["ward"], {}):
        assert refused(rows(), unit=wrong).endswith("is not the name of a column: name each column as text.")
    for wrong in (0, ["began"], 2.5):
        assert refused(rows(), treated_from=wrong).endswith("name each column as text.")


def test_columns_named_twice():
    doubled = pd.concat([rows(), rows()[["asb"]]], axis=1)
    assert refused(doubled) == "The data have more than one column named 'asb': rename or drop all but one."
    assert (
        refused(rows(), exposure="asb")
        == "'asb' is named as the outcome and as the exposure. Name a column for each."
    )
    assert refused(rows(), period="ward").startswith("'ward' is named as the unit and as the period.")
    assert refused(rows(), covariates=["hot", "hot"]) == "A covariate is named twice: hot, hot."
    assert refused(rows(), covariates="asb").startswith(
        "'asb' is named as a covariate and as something else."
    )
    taken = rows().rename(columns={"hot": "outcome"})
    assert refused(taken, covariates=["outcome"]).startswith("A covariate may not be called 'outcome'")


@pytest.mark.parametrize("covariates", [None, 3, [3], [None]])
def test_covariates_are_names(covariates):
    message = refused(rows(), covariates=covariates)
    assert message.endswith(("must be a list of column names.", "name each column as text."))


@pytest.mark.parametrize("data", [None, [1], {"ward": ["w0"]}, np.zeros((3, 3)), "visits.csv", rows()["asb"]])
def test_the_data_must_be_a_frame(data):
    assert refused(data).startswith(
        "The data must be a pandas DataFrame with one row per unit and period, not "
    )


def test_an_empty_frame():
    assert refused(rows()[:0]) == "The data have no rows. Check the filter or the file that made them."


@pytest.mark.parametrize("freq", ["banana", "MS", "2M", 3, ["M"]])
def test_frequencies(freq):
    assert "is not a frequency of periods." in refused(rows(), freq=freq)


def test_a_frequency_is_for_dates():
    frame = rows().assign(month=lambda f: f["month"].str[-2:].astype(int), began=None)
    assert refused(frame, freq="M") == "freq='M' is for dates, and month holds integers: leave it out."
    assert refused(rows(), freq="D").startswith("month holds 2023-01, which spans several periods")

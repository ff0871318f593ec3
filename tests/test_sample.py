"""Sample: people named and checked once, outcomes kept apart, and what must not be matched on refused."""

import datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from made_people import NAMES, people

from toolkit import DesignError, Sample


def refused(message: str, frame: pd.DataFrame | None = None, **names) -> None:
    with pytest.raises(DesignError, match=message):
        Sample.of(people(40) if frame is None else frame, **(NAMES | names))


def test_the_frame_holds_covariates_and_no_outcome():
    frame = people(40)
    sample = Sample.of(frame, **NAMES)
    assert list(sample.frame) == ["treated", "age", "priors", "force", "weight"]
    assert sample.covariates == ("age", "priors", "force")
    assert sample.outcomes == ("reoffended", "offences")
    assert (sample.outcome("offences") == frame["offences"]).all()
    assert (sample.treated == (frame["diverted"] == 1)).all()
    assert (sample.n, sample.n_treated) == (40, frame["diverted"].sum())


def test_order_and_index_are_the_callers_and_the_data_are_left_alone():
    frame = people(40).set_index(pd.Index([f"p{i}" for i in range(40)]))[::-1]
    before = frame.copy(deep=True)
    sample = Sample.of(frame, **NAMES)
    assert sample.frame.index.equals(frame.index)
    mine = sample.frame
    mine["age"] = 0.0
    assert (sample.frame["age"] == frame["age"]).all()
    pd.testing.assert_frame_equal(frame, before)


def test_weights_are_one_unless_given():
    frame = people(6).assign(w=[0, 1, 2, 3, 4, 5.5], diverted=[0, 1, 0, 1, 0, 1])
    assert Sample.of(frame, **NAMES).weight.tolist() == [1.0] * 6
    assert Sample.of(frame, **NAMES, weight="w").weight.tolist() == [0, 1, 2, 3, 4, 5.5]


def test_every_level_of_a_category_has_a_column():
    frame = people(4).assign(
        diverted=[0, 1, 0, 1], age=[18.5, 20, 30, 40], force=["Kent", "Avon", "Kent", "Avon"]
    )
    columns = Sample.of(frame, **(NAMES | {"covariates": ["age", "force"]})).columns
    assert columns.names == ("age", "force: Avon", "force: Kent")
    assert columns.matrix.tolist() == [[18.5, 0, 1], [20, 1, 0], [30, 0, 1], [40, 1, 0]]
    assert columns.binary.tolist() == [False, True, True]
    assert columns.first.tolist() == [False, True, False]


def test_people_drawn_again_are_as_they_were():
    frame = people(30)
    sample = Sample.of(frame, **NAMES)
    rows = np.array([3, 3, 0, 29])
    drawn = sample.take(rows)
    again = Sample.of(frame.iloc[rows].assign(diverted=[0, 0, 1, 1]), **NAMES)
    assert drawn.outcome("offences").tolist() == again.outcome("offences").tolist()
    assert drawn.columns.matrix.tolist() == sample.columns.matrix[rows].tolist()
    assert drawn.treated.tolist() == sample.treated[rows].tolist()
    assert drawn.rows.tolist() == [0, 1, 2, 3]
    assert drawn.origin is drawn


def test_people_drawn_from_a_made_sample_lose_what_was_made():
    sample = Sample.of(people(30).assign(w=np.arange(1.0, 31.0)), **NAMES, weight="w")
    made = sample.made(
        rows=np.array([4, 7, 9]), weight=np.array([1, 0.5, 0.5]), design="weighted", match_id=np.zeros(3)
    )
    assert made.origin is sample
    assert made.match_id.tolist() == [0, 0, 0]
    assert made.outcome("offences").tolist() == sample.outcome("offences")[[4, 7, 9]].tolist()
    drawn = made.take([2, 0])
    assert drawn.weight.tolist() == [10.0, 5.0]
    assert (drawn.design, drawn.match_id) == ("unmatched", None)


def test_a_missing_outcome_is_refused_when_it_is_asked_for():
    frame = people(30).astype({"reoffended": float})
    frame.loc[[4, 9, 10], "reoffended"] = np.nan
    sample = Sample.of(frame, **NAMES)
    with pytest.raises(DesignError, match=r"reoffended is missing at row 4 \(and 2 more such rows\)"):
        sample.outcome("reoffended")
    assert not np.isnan(sample.take([0, 1, 2]).outcome("reoffended")).any()


def test_an_outcome_nobody_named_is_refused():
    with pytest.raises(DesignError, match="no outcome 'age'. It has: reoffended and offences"):
        Sample.of(people(30), **NAMES).outcome("age")


def test_a_covariate_that_is_a_number_can_be_read():
    sample = Sample.of(people(30), **NAMES)
    assert sample.measured("priors").tolist() == people(30)["priors"].tolist()
    assert sample.measured("offences").tolist() == people(30)["offences"].tolist()
    with pytest.raises(DesignError, match="force is a category, not a number"):
        sample.measured("force")


def test_what_must_not_be_matched_on_is_refused():
    refused("'offences' is named as a covariate and as an outcome", covariates=["age", "offences"])
    refused(
        "'sessions' is named as a covariate, and measured_after= says that it was measured after treatment",
        covariates=["age", "sessions"],
        measured_after=["sessions"],
    )
    refused("'diverted' is named as a covariate and as treated", covariates=["diverted"])
    refused("'priors' is named as a covariate and as weight", weight="priors")
    refused(
        "'age' is named as an outcome and as weight", outcomes=["age"], covariates=["priors"], weight="age"
    )


def test_names_that_are_not_there_are_refused():
    refused("No column 'sesions' in the data", measured_after=["sesions"])
    refused("No column 'sex' in the data", covariates=["sex"])
    refused("'age' is named twice|age is named twice", covariates=["age", "age"])
    refused("covariates=3 must be a list of column names", covariates=3)
    refused("may not be called 'match_id'", people(40).assign(match_id=1), covariates=["match_id"])


def test_a_treatment_that_is_not_yes_or_no_is_refused():
    frame = people(40)
    refused("Nobody is treated: 'diverted' is 0", frame.assign(diverted=0))
    refused("Everybody is treated: 'diverted' is 1", frame.assign(diverted=True))
    refused("diverted is 2 at row 0", frame.assign(diverted=2))
    refused("diverted holds 'yes'", frame.assign(diverted="yes"))
    refused("diverted is missing at row 3", frame.assign(diverted=frame["diverted"].where(frame.index != 3)))


def test_covariates_that_cannot_be_read_are_refused():
    frame = people(40)
    hole = frame.assign(age=frame["age"].where(~frame.index.isin([5, 7])))
    refused(r"age is missing at row 5 \(and 1 more such row\)", hole)
    refused("force is missing at row 1", frame.assign(force=frame["force"].where(frame.index != 1)))
    refused("age holds dates", frame.assign(age=pd.Timestamp("2001-01-01")))
    refused("priors holds numbers written as text", frame.assign(priors=frame["priors"].astype(str)))
    refused("force has 40 different values for 40 rows", frame.assign(force=[f"p{i}" for i in range(40)]))
    refused("age is infinite at row 0", frame.assign(age=np.inf))


def test_what_is_no_table_of_people_is_refused():
    with pytest.raises(DesignError, match="must be a pandas DataFrame with one row each, not a list"):
        Sample.of([1, 2], treated="diverted")
    refused("The data have no rows", people(40).head(0))
    refused("None is not the name of a column", treated=None)


def test_blank_text_is_missing():
    refused(
        r"force is missing at row 2 \(and 1 more such row\)",
        people(40)
        .replace({"force": {"Avon": "Avon"}})
        .assign(force=lambda f: f["force"].where(~f.index.isin([2, 3]), " ")),
    )


def test_pandas_own_types_are_read():
    frame = people(40)
    own = frame.assign(
        diverted=frame["diverted"].astype("boolean"), priors=frame["priors"].astype("Int64"),
        age=pd.cut(frame["age"], [0, 30, 100]), force=frame["force"].astype("string"),
        reoffended=frame["reoffended"].astype("boolean"))  # fmt: skip
    sample = Sample.of(own, **NAMES)
    assert sample.columns.names[:3] == ("age: (0, 30]", "age: (30, 100]", "priors")
    assert sample.outcome("reoffended").tolist() == frame["reoffended"].tolist()
    assert sample.treated.tolist() == (frame["diverted"] == 1).tolist()


def test_levels_spelt_two_ways_are_refused():
    frame = people(40)
    frame.loc[0, "force"] = "kent "
    refused("force has .*differ only by spaces or capitals", frame)


def test_weights_and_outcomes_that_cannot_be_read_are_refused():
    frame = people(40)
    refused("w is -1 at row 0", frame.assign(w=-1), weight="w")
    refused("w is zero for every treated person", frame.assign(w=1 - frame["diverted"]), weight="w")
    refused("reoffended is 'no' at row 0", frame.assign(reoffended="no"))


def test_it_says_who_is_in_it():
    frame = people(2000).assign(diverted=[1] * 640 + [0] * 1360)
    assert (
        repr(Sample.of(frame, **NAMES)) == "Sample of 2,000 people: 640 treated, 1,360 comparison; unmatched"
    )


def test_a_missing_outcome_is_told_by_arm():
    frame = people(30).astype({"reoffended": float})
    treated, others = (frame.index[frame["diverted"] == arm] for arm in (1, 0))
    frame.loc[[*treated[:2], others[0]], "reoffended"] = np.nan
    told = f"for 2 of {len(treated)} treated and 1 of {len(others)} comparison people"
    with pytest.raises(DesignError, match=told):
        Sample.of(frame, **NAMES).outcome("reoffended")


def test_a_column_given_instead_of_its_name_is_refused():
    frame = people(30)
    sample = Sample.of(frame, **NAMES)
    for ask in (sample.outcome, sample.measured):
        with pytest.raises(DesignError, match="by the name of its column, as text, not a Series"):
            ask(frame["reoffended"])


def test_where_a_measure_may_be_named_is_said():
    with pytest.raises(
        DesignError, match=r"no outcome 'days'.*Sample.of\(outcomes=...\) or Sample.of\(covariates=...\)"
    ):
        Sample.of(people(30), **NAMES).measured("days")


@pytest.mark.parametrize("kind", [lambda x: Decimal(int(x)), int, float, np.int64])
def test_numbers_kept_as_objects_are_numbers(kind):
    frame = people(30)
    kept = frame.assign(priors=pd.Series([kind(x) for x in frame["priors"]], dtype=object))
    found = Sample.of(kept, **NAMES)
    assert found.measured("priors").tolist() == frame["priors"].tolist()


def test_sparse_columns_are_read_as_any_other():
    frame = people(30)
    names = ["diverted", "priors", "reoffended", "sessions"]
    thin = frame.astype({name: pd.SparseDtype(int, 0) for name in names})
    one, other = (Sample.of(f, **NAMES, weight="sessions") for f in (frame, thin))
    assert one.columns.matrix.tolist() == other.columns.matrix.tolist()
    assert one.outcome("reoffended").tolist() == other.outcome("reoffended").tolist()
    assert one.weight.tolist() == other.weight.tolist()
    assert one.treated.tolist() == other.treated.tolist()


@pytest.mark.parametrize(("value", "called"), [([1, 2], "a list"), ({"a": 1}, "a dict"), ((1, 2), "a tuple")])
def test_several_things_at_once_are_no_covariate(value, called):
    frame = people(30)
    held = pd.Series([value if i in (3, 8) else "x" for i in range(30)], dtype=object)
    refused(
        rf"force is {called} at row 3 \(and 1 more such row\): a covariate is one", frame.assign(force=held)
    )


def test_dates_kept_as_objects_are_dates():
    refused("age holds dates", people(40).assign(age=datetime.date(2001, 1, 1)))


def test_the_parts_of_a_sample_print_on_a_line():
    sample = Sample.of(people(30), **NAMES)
    assert repr(sample.columns) == "Columns of 30 rows: age, priors, force: Avon, force: Durham and 1 more"

"""What may be paired: columns of numbers of one length and one index; everything else is told what to do."""

import numpy as np
import pandas as pd
import pytest

from toolkit import DesignError, before_after

GOOD = [3.0, 4, 6, 2, 7]


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ([1, 2, 3], [1, 2], r"before has 3 values and after 2, so they are not pairs"),
        ([1], [2], "1 complete pair of 1: a change needs at least 2"),
        ([], [], "0 complete pairs of 0"),
        ([1, None, 3], [None, 2, None], "0 complete pairs of 3"),
        ([1, 2, "n/a"], [1, 2, 3], "before is 'n/a' at pair 3, not a number"),
        ([1, 2, 3], [1, np.inf, 3], "after is infinite at pair 2"),
        (["yes", "no"], [1, 0], r"before is 'yes' at pair 1 \(and 1 more such row\), not a number"),
        ("12", [1, 2], r"before must be one column of numbers.* not a str"),
        (5, [1, 2], "before must be one column of numbers"),
        (None, [1, 2], "before must be one column of numbers.* not None"),
        ([1, 2], {"a": 1}, "after must be one column of numbers.* not a dict"),
        (np.ones((2, 2)), [1, 2], "before must be one column.* not a ndarray of 2 dimensions"),
        (pd.DataFrame({"a": [1, 2]}), [1, 2], "before must be one column.* not a DataFrame of 2 dimensions"),
        ([[1, 2], [3, 4]], [1, 2], "before must be one column of numbers"),
        (pd.to_datetime(["2023-01-01", "2023-01-02"]), [1, 2], "not a number"),
        ([1 + 2j, 2], [1, 2], "complex"),
    ],
)
def test_bad_pairs(before: object, after: object, message: str) -> None:
    for method in (before_after.paired, before_after.effect_sizes):
        with pytest.raises(DesignError, match=message):
            method(before, after)


def test_series_must_share_their_index() -> None:
    before = pd.Series(GOOD, index=["a", "b", "c", "d", "e"])
    after = pd.Series([1.0, 5, 5, 3, 9], index=["a", "c", "b", "d", "e"])
    with pytest.raises(
        DesignError, match=r"row 2 is 'b' in one and 'c' in the other.*reindex\(before.index\)"
    ):
        before_after.paired(before, after)
    lined_up = before_after.paired(before, after.reindex(before.index))
    by_hand = before_after.paired(GOOD, [1.0, 5, 5, 3, 9][:1] + [5.0, 5.0, 3.0, 9.0])
    assert lined_up.value == by_hand.value
    assert before_after.paired(before, after.to_numpy()).n_units == 5  # a list beside a Series goes by place


def test_one_moment_in_two_time_zones_is_one_label() -> None:
    when = pd.date_range("2023-06-01", periods=5, freq="D", tz="UTC")
    before, after = (
        pd.Series(GOOD, index=when),
        pd.Series([4.0, 4, 8, 5, 6], index=when.tz_convert("Europe/London")),
    )
    assert before_after.paired(before, after) == before_after.paired(GOOD, [4.0, 4, 8, 5, 6])
    with pytest.raises(DesignError, match="row 1 is .* in one"):
        before_after.paired(before, after.tz_localize(None))


def test_a_missing_label_is_the_same_as_a_missing_label() -> None:
    """The first row that differs is the third, not the one without a label on both sides."""
    before = pd.Series(GOOD, index=["a", None, "c", "d", "e"])
    after = pd.Series(GOOD[::-1], index=["a", None, "d", "c", "e"])
    with pytest.raises(DesignError, match="row 3 is 'c' in one and 'd' in the other"):
        before_after.paired(before, after)
    codes = pd.Index([1, pd.NA, 3, 4, 5], dtype="Int64")
    with pytest.raises(DesignError, match="row 2 is"):
        before_after.paired(pd.Series(GOOD, index=codes), pd.Series(GOOD[::-1], index=range(1, 6)))


def test_messages_use_the_names_of_the_columns() -> None:
    people = pd.DataFrame({"score_1": [1.0, 2, 3], "score_2": [2.0, np.inf, 5]}, index=["P7", "P8", "P9"])
    with pytest.raises(DesignError, match="score_2 is infinite at row P8"):
        before_after.paired(people["score_1"], people["score_2"])


@pytest.mark.parametrize(
    "column",
    [
        tuple(GOOD),
        np.array(GOOD),
        pd.Series(GOOD, dtype="Float64"),
        pd.Series([str(number) for number in GOOD]),
        pd.Index(GOOD),
        pd.array([3, 4, 6, 2, 7], dtype="Int64"),
    ],
    ids=["tuple", "array", "Float64", "text", "Index", "Int64"],
)
def test_any_column_of_numbers_will_do(column: object) -> None:
    assert before_after.paired(column, [4, 4, 8, 5, 6]) == before_after.paired(GOOD, [4, 4, 8, 5, 6])


def test_every_kind_of_missing_is_missing() -> None:
    kinds = [
        [3, 4, 6, None, 7],
        pd.Series([3, 4, 6, pd.NA, 7], dtype="Int64"),
        pd.Series([3, 4, 6, pd.NA, 7], dtype=object),
        np.array([3, 4, 6, np.nan, 7]),
    ]
    answers = [before_after.paired(kind, [4, 4, 8, 5, 6]) for kind in kinds]
    assert all(answer == answers[0] and answer.n_units == 4 for answer in answers)


def test_the_callers_data_are_left_alone() -> None:
    before, after = pd.Series(GOOD, name="x"), np.array([4.0, np.nan, 8, 5, 6])
    kept = before.copy(), after.copy()
    before_after.paired(before, after, interval="bootstrap")
    before_after.paired(before, after, kind="rank")
    pd.testing.assert_series_equal(before, kept[0])
    assert np.array_equal(after, kept[1], equal_nan=True)

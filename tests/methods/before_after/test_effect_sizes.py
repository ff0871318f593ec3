"""Effect sizes as a tidy table: by hand, and in step with the answers of paired."""

import numpy as np
import pytest

from toolkit import DesignError, before_after

BEFORE = [12.0, 15, 9, 20, 14, 11]
AFTER = [15.0, 14, 13, 24, 16, 18]


def test_standardised_means_by_hand() -> None:
    table = before_after.effect_sizes(BEFORE, AFTER).set_index("effect_size")
    change = np.subtract(AFTER, BEFORE)
    d_z = change.mean() / change.std(ddof=1)
    d_av = change.mean() / ((np.std(BEFORE, ddof=1) + np.std(AFTER, ddof=1)) / 2)
    small = 0.8407487  # Gamma(2.5) / (sqrt(2.5) Gamma(2)), Hedges' factor at 5 degrees of freedom
    assert list(table.index) == ["d_z", "d_av", "g_z", "g_av"]
    assert list(table["value"]) == pytest.approx([d_z, d_av, d_z * small, d_av * small], rel=1e-6)
    ratio = table["low"] / table["value"], table["high"] / table["value"]
    assert all(np.ptp(part) < 1e-9 for part in ratio)  # one interval, scaled


@pytest.mark.parametrize("shift", [0.0, 2.0, -5.0])
@pytest.mark.parametrize("level", [0.8, 0.95])
def test_d_z_leaves_out_zero_just_where_the_t_test_does(shift: float, level: float) -> None:
    after = np.array(AFTER) + shift
    row = before_after.effect_sizes(BEFORE, after, level=level).iloc[0]
    assert (before_after.paired(BEFORE, after).p_value < 1 - level) == (not row["low"] <= 0 <= row["high"])


def test_rank_biserial_by_hand() -> None:
    """Changes 3, -1, 4, 4, 2, 7: of 21 ranks one is down."""
    (row,) = before_after.effect_sizes(BEFORE, AFTER, kind="rank").to_dict("records")
    assert row["effect_size"] == "rank_biserial"
    assert row["value"] == pytest.approx(19 / 21)
    assert row["low"] < row["value"] < row["high"] < 1


@pytest.mark.parametrize("mid_p", [False, True])
def test_the_odds_ratio_and_its_interval_go_with_the_test(mid_p: bool) -> None:
    before, after = [1] * 9 + [0] * 11, [1] * 2 + [0] * 7 + [1] + [0] * 10
    (row,) = before_after.effect_sizes(before, after, kind="binary", mid_p=mid_p).to_dict("records")
    assert row["value"] == pytest.approx(1 / 7)
    p_value = before_after.paired(before, after, kind="binary", mid_p=mid_p).p_value
    assert (p_value < 0.05) == (row["high"] < 1)
    assert ("mid-p" in row["method"]) == mid_p


def test_cautions_and_numbers_of_pairs_travel_with_the_table() -> None:
    table = before_after.effect_sizes([*BEFORE, 3], [*AFTER, None])
    assert (table["n_pairs"] == 6).all()
    assert table["cautions"].str.startswith("1 of 7 pairs left out").all()
    assert table["cautions"].str.contains("No comparison group").all()
    assert (table["level"] == 0.95).all()


@pytest.mark.parametrize("kind", ["mean", "rank", "binary"])
def test_few_pairs_are_said_as_paired_says_it(kind: str) -> None:
    before, after = [1, 1, 0, 1, 1, 0], [0, 0, 0, 1, 0, 1]
    (said,) = (c for c in before_after.paired(before, after, kind=kind).cautions if c.startswith("Only "))
    assert said.startswith("Only 4 pairs changed" if kind == "binary" else "Only 6 pairs")
    assert (
        before_after.effect_sizes(before, after, kind=kind)["cautions"].str.contains(said, regex=False).all()
    )
    many = before_after.effect_sizes(before * 5, after * 5, kind=kind)
    assert not many["cautions"].str.contains("Only ").any()


@pytest.mark.parametrize(
    ("before", "after", "options", "message"),
    [
        ([1, 2], [2, 4], {}, "2 complete pairs of before and after: .* needs at least 3"),
        ([1, 0, 1], [1, 0, 1], {"kind": "binary"}, "Nobody changed from before to after"),
        ([1, 0, 2], [1, 0, 1], {"kind": "binary"}, "before is 2 at pair 3"),
        (BEFORE, BEFORE, {}, "Every change"),
        (BEFORE, AFTER, {"mid_p": True}, "mid_p=True is for kind='binary'"),
        (BEFORE, AFTER, {"kind": "d"}, "kind='d' is not known"),
        (BEFORE, AFTER, {"level": 0}, "level=0"),
    ],
)
def test_bad_questions(before: list, after: list, options: dict, message: str) -> None:
    with pytest.raises(DesignError, match=message):
        before_after.effect_sizes(before, after, **options)

"""What `balance.table` and `balance.sizes` say, before and after, by hand and against the definitions."""

import numpy as np
import pandas as pd
import pytest
from made_people import NAMES, people

from toolkit import DesignError, Sample, balance, matching


def four() -> Sample:
    """Treated: 4 and 2 priors, Kent and Kent. Comparison: 4, 2, 2, 0 priors, Kent, Avon, Avon, Kent."""
    frame = pd.DataFrame(
        {"diverted": [1, 1, 0, 0, 0, 0], "priors": [4, 2, 4, 2, 2, 0], "force": list("KKKAAK")}
    )
    return Sample.of(frame, treated="diverted", covariates=["priors", "force"])


def test_before_by_hand():
    table = balance.table(four())
    assert table[["covariate", "level"]].to_numpy().tolist() == [
        ["priors", ""],
        ["force", "A"],
        ["force", "K"],
    ]
    assert table["mean_treated_before"].tolist() == [3, 0, 1]
    assert table["mean_comparison_before"].tolist() == [2, 0.5, 0.5]
    # The treated's SD of priors is sqrt 2. All of them are K, so levels are told in everybody's sqrt(1/3 x 2/3).
    wide = np.sqrt(2) / 3
    assert table["standardised_difference_before"].tolist() == pytest.approx(
        [1 / np.sqrt(2), -0.5 / wide, 0.5 / wide]
    )
    assert table["variance_ratio_before"][0] == pytest.approx(2 / (8 / 3))
    assert table["variance_ratio_before"].isna().tolist() == [False, True, True]
    assert len(table.columns) == 6


def test_after_is_told_in_the_same_unit_as_before():
    made = matching.nearest(Sample.of(people(200), **NAMES), caliper=0.2)
    table, frame, origin = balance.table(made), made.frame, made.origin.frame
    for name, row in zip(["age", "priors"], table.to_dict("records"), strict=False):
        gap = frame.loc[frame["treated"], name].mean() - frame.loc[~frame["treated"], name].mean()
        unit = origin.loc[origin["treated"], name].std()
        assert row["standardised_difference_after"] == pytest.approx(gap / unit)
        both = frame.groupby("treated")[name].var()
        assert row["variance_ratio_after"] == pytest.approx(both[True] / both[False])
    pd.testing.assert_frame_equal(table.iloc[:, :6], balance.table(made.origin))


def test_sizes():
    made = matching.nearest(Sample.of(people(200), **NAMES), replace=True)
    sizes, weight = balance.sizes(made), made.weight[~made.treated]
    assert sizes.loc["treated"].tolist() == [75, 75, 75, 75]
    assert sizes.loc["comparison", "people_after"] == len(weight)
    assert sizes.loc["comparison", "worth_after"] == pytest.approx(75**2 / (weight**2).sum())
    assert list(balance.sizes(made.origin)) == ["people_before", "worth_before"]


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(DesignError, match="This takes a Sample, not a list"):
        balance.table([1])
    with pytest.raises(DesignError, match="no covariates to compare"):
        balance.table(Sample.of(people(20), treated="diverted"))
    with pytest.raises(DesignError, match="no covariates to compare"):
        balance.sizes(Sample.of(people(20), treated="diverted"))

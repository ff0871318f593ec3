"""Bad designs: data that are good in themselves, and a question that they cannot answer."""

import numpy as np
import pandas as pd
import pytest
from made_frames import METHODS, MONTHS, NAMES, rows

from toolkit import DesignError, Panel, before_after, did


def starting(**starts: str) -> pd.DataFrame:
    """The good rows with the starts of the wards named."""
    return rows().assign(began=lambda frame: frame["ward"].map(starts).astype(object))


def refusal(method: str, frame: pd.DataFrame, **names: object) -> str:
    """What a method says of a panel that is good in itself."""
    panel = Panel.of(frame, **{**NAMES, **names})
    with pytest.raises(DesignError) as caught:
        METHODS[method](panel)
    return str(caught.value)


NOW = {"treated_from": None, "treated": "now"}


@pytest.mark.parametrize("method", METHODS)
def test_one_period(method):
    frame = rows()
    assert refusal(method, frame[frame["month"] == "2023-05"]) == (
        "There is only one month (2023-05): a change needs at least two, before and after."
    )


@pytest.mark.parametrize("method", METHODS)
def test_nobody_treated(method):
    assert refusal(method, rows(began=None)).startswith(
        "No ward is treated within the months of the data: 'began'"
    )
    assert refusal(method, rows(), **NOW) == "No ward is treated: 'now' is 0 in every row."
    assert refusal(method, rows(), treated_from=None).startswith("The Panel does not say who was treated")


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("start", ["2023-01", "2022-05"])
def test_no_period_before_treatment(method, start):
    assert refusal(method, rows(began=start)).startswith(
        "No treated ward is observed before its treatment began, so there is no month before treatment. Add earlier"
    )


@pytest.mark.parametrize(
    "method", [name for name in METHODS if name not in ("rate_ratio", "mean_difference")]
)
def test_no_comparison_unit(method):
    everybody = rows().assign(began="2023-05")
    assert refusal(method, everybody).startswith(
        "Every ward is treated, so there is no comparison group. Use before_after"
    )


@pytest.mark.parametrize("method", ["att", "counterfactual", "event_study", "rate_ratio"])
def test_a_treated_total_of_zero_before(method):
    frame = rows()
    quiet = frame.assign(asb=frame["asb"].where(frame["began"].isna() | (frame["month"] >= "2023-05"), 0))
    assert refusal(method, quiet).startswith(
        "The treated wards have no asb at all before treatment, so a ratio has nothing"
    )


def test_a_treated_unit_with_no_incidents_before_stays_with_a_caution():
    frame = rows()
    quiet = frame.assign(asb=frame["asb"].where((frame["ward"] != "w1") | (frame["month"] >= "2023-05"), 0))
    for method in (did.att, before_after.rate_ratio):
        answer = method(Panel.of(quiet, **NAMES))
        assert answer.n_treated == 3
        assert any(
            "1 treated ward had no incidents before treatment (w1)" in caution for caution in answer.cautions
        )


@pytest.mark.parametrize("start", ["2022-05", "2023-01"])
def test_always_treated_units_are_left_out_with_a_caution(start):
    answer = did.att(Panel.of(starting(w0=start, w1="2023-05", w2="2023-05"), **NAMES))
    assert "1 ward treated in every period observed is left out: w0." in answer.cautions
    assert (answer.n_units, answer.n_treated) == (5, 2)


def test_units_treated_after_the_last_period_are_comparison():
    later = did.att(Panel.of(starting(w0="2023-05", w1="2023-05", w2="2024-05"), **NAMES))
    never = did.att(Panel.of(starting(w0="2023-05", w1="2023-05"), **NAMES))
    assert (later.n_units, later.n_treated) == (6, 2)
    assert (later.value, later.low, later.high, later.p_value) == (
        never.value,
        never.low,
        never.high,
        never.p_value,
    )


def test_a_start_in_a_gap_counts_from_the_next_period_observed():
    frame = rows()
    gap = did.att(Panel.of(frame[frame["month"] != "2023-05"], **NAMES))
    june = rows(began="2023-06")
    assert gap.value == did.att(Panel.of(june[june["month"] != "2023-05"], **NAMES)).value


def test_one_treated_unit_has_no_jackknife_but_a_permutation():
    panel = Panel.of(starting(w0="2023-05"), **NAMES)
    with pytest.raises(
        DesignError, match=r"at least two treated and two comparison wards.*inference='permutation'"
    ):
        did.att(panel, inference="cluster")
    answer = did.att(panel)
    assert (answer.low, answer.high) == (0, np.inf)
    assert any("the p-value cannot fall below 0.17, so no interval" in caution for caution in answer.cautions)
    assert answer.p_value >= 1 / 6


def test_too_few_ways_to_reject_is_said_on_the_difference_scale_too():
    answer = did.att(Panel.of(starting(w0="2023-05"), **NAMES), scale="difference")
    assert (answer.low, answer.high) == (-np.inf, np.inf)
    assert any("so no interval can be given" in caution for caution in answer.cautions)


def test_a_comparison_that_ends_before_treatment():
    frame = rows()
    ended = frame[frame["began"].notna() | (frame["month"] < "2023-05")]
    assert refusal("att", ended).startswith(
        "No untreated ward is observed in a month in which others are treated"
    )
    begun = frame[frame["began"].notna() | (frame["month"] >= "2023-05")]
    assert refusal("att", begun).startswith("No treated cell can be estimated: no untreated ward connects")


def sparse(counts: str, starts: dict[str, str]) -> Panel:
    """Wards a, b, ... from lines of counts by month, with a dot for a gap."""
    cells = [
        (ward, month, int(count))
        for ward, line in zip("abcdefgh", counts.split("/"), strict=False)
        for month, count in zip(MONTHS, line.split(), strict=True)
        if count != "."
    ]
    frame = pd.DataFrame(cells, columns=["ward", "month", "asb"])
    return Panel.of(frame.assign(began=frame["ward"].map(starts).astype(object)), **NAMES)


ONE = {"b": "2023-06"}
THREE = dict.fromkeys("abc", "2023-05")
SPARSE = {
    "a comparison month of nothing": ("3 2 4 3 2 3 4 3/2 3 2 4 1 1 2 1/1 0 2 1 3 2 1 2/2 0 1 2 1 2 3 1", ONE),
    "many zeros": (
        "0 . 0 0 0 . 3 0/0 1 0 2 0 0 . 3/0 0 3 0 0 2 0 0/1 0 0 1 3 0 0 3/0 0 0 0 . 0 4 0/0 0 0 3 0 0 0 3",
        THREE,
    ),
    "a treated ward in few months": (
        "5 . . . 11 7 14 10/8 . 11 7 14 10 6 13/11 . . . . 13 9 5/"
        ". 10 6 . . . . ./. . 9 . 12 8 . ./. . 12 . 15 11 . 14",
        ONE,
    ),
}  # fmt: skip


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("case", SPARSE)
def test_small_counts_and_gaps_are_answered_without_a_warning(case, method):
    try:
        said = str(METHODS[method](sparse(*SPARSE[case])))
    except DesignError as error:
        said = str(error)
    assert "nan" not in said


def test_no_limit_is_given_without_a_caution():
    """Two clusters of three wards, of which one holds both: no degrees of freedom are left."""
    frame = starting(w0="2023-05", w1="2023-05", w2="2023-05")
    frame["area"] = frame["ward"].map({"w0": "x", "w1": "x", "w2": "y", "w3": "y", "w4": "z", "w5": "z"})
    answer = did.att(Panel.of(frame, **NAMES, cluster="area"))
    assert np.isinf(answer.high) and np.isnan(answer.p_value)
    assert any("no interval" in caution or "no upper limit" in caution for caution in answer.cautions)


def test_messages_count_clusters_of_units():
    panel = Panel.of(rows().assign(area="x"), **NAMES, cluster="area")
    with pytest.raises(
        DesignError, match=r"at least two treated and two comparison clusters of wards"
    ) as caught:
        did.att(panel)
    assert "inference='permutation'" not in str(caught.value)  # a cluster in both arms cannot be reassigned


def test_everybody_treated_in_the_end_is_not_told_to_use_what_cannot_be_used():
    frame = starting(**{f"w{i}": f"2023-0{3 + i // 2}" for i in range(6)})
    try:
        assert did.att(Panel.of(frame, **NAMES)).n_treated == 6
    except DesignError as error:
        assert "permutation" not in str(error)  # noqa: PT017 - an answer would be as good


@pytest.mark.parametrize("scale", ["ratio", "difference"])
@pytest.mark.parametrize("size", [1e-12, 1e-6, 1e6, 1e12])
def test_the_size_of_the_outcome_is_immaterial(scale, size):
    """A rate per person is as good an outcome as a count; the fit may not stop early because it is small."""
    whole = did.att(Panel.of(rows(24), **NAMES), scale=scale)
    scaled = did.att(Panel.of(rows(24).assign(asb=lambda f: f["asb"] * size), **NAMES), scale=scale)
    back = 1 if scale == "ratio" else size
    assert [scaled.value / back, scaled.low / back, scaled.high / back] == pytest.approx(
        [whole.value, whole.low, whole.high], rel=1e-7
    )
    assert scaled.p_value == pytest.approx(whole.p_value, rel=1e-6)


def test_a_very_small_outcome_has_a_jackknife():
    frame = rows(24).assign(asb=lambda f: f["asb"] * 1e-90)
    assert did.att(Panel.of(frame, **NAMES), scale="difference").p_value > 0


def test_a_covariate_that_only_treated_cells_could_price_is_not_passed_over():
    frame = rows().assign(hot=lambda f: (f["began"].notna() & (f["month"] >= "2023-05")).astype(int))
    panel = Panel.of(frame, **NAMES, covariates=["hot"])
    try:
        assert any("hot" in caution for caution in did.att(panel).cautions)
    except DesignError as error:
        assert "hot" in str(error)  # noqa: PT017 - a caution would be as good

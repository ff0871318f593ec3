"""Bad arguments: levels, words, numbers, windows and methods that are none."""

import numpy as np
import pytest
from made_frames import METHODS, NAMES, rows

from toolkit import DesignError, Panel, before_after, did, placebo, trends

PANEL = Panel.of(rows(24), **NAMES)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("given", [None, "panel", [1], rows()], ids=["None", "str", "list", "DataFrame"])
def test_a_method_takes_a_panel(method, given):
    with pytest.raises(DesignError, match=r"^This takes a Panel, not "):
        METHODS[method](given)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("level", [0, 1, 95, -0.5, "0.95", None, True, np.nan])
def test_levels_out_of_range(method, level):
    with pytest.raises(DesignError, match=r"^level=.* must be between 0 and 1"):
        METHODS[method](PANEL, level=level)


@pytest.mark.parametrize(
    "call",
    [
        lambda wrong: did.att(PANEL, scale=wrong),
        lambda wrong: did.att(PANEL, inference=wrong),
        lambda wrong: did.counterfactual(PANEL, scale=wrong),
        lambda wrong: did.event_study(PANEL, leads=2, lags=2, scale=wrong),
        lambda wrong: did.event_study(PANEL, leads=2, lags=2, base=wrong),
        lambda wrong: did.two_way(PANEL, scale=wrong),
        lambda wrong: did.two_way(PANEL, inference=wrong),
        lambda wrong: did.two_way(PANEL, correction=wrong),
    ],
)
@pytest.mark.parametrize("wrong", ["rate", "RATIO", "", 1, ["ratio"], {}])
def test_unknown_words(call, wrong):
    with pytest.raises(DesignError, match=r" is not known\. Use '"):
        call(wrong)


@pytest.mark.parametrize(
    "call",
    [
        lambda wrong: did.event_study(PANEL, leads=wrong, lags=2),
        lambda wrong: did.event_study(PANEL, leads=2, lags=wrong),
        lambda wrong: did.att(PANEL, inference="permutation", draws=wrong),
        lambda wrong: did.att(PANEL, inference="permutation", seed=wrong),
        lambda wrong: before_after.rate_ratio(PANEL, window=(wrong, 2)),
        lambda wrong: before_after.rate_ratio(PANEL, window=(2, wrong)),
        lambda wrong: placebo.in_time(PANEL, did.att, shifts=[wrong]),
        PANEL.treated_earlier,
    ],
    ids=["leads", "lags", "draws", "seed", "window before", "window after", "shifts", "treated_earlier"],
)
@pytest.mark.parametrize("wrong", [-1, 1.5, "2", True, [2], np.nan, np.int64(-3)])
def test_numbers_that_should_be_whole(call, wrong):
    with pytest.raises(DesignError, match=r" must be ") as caught:
        call(wrong)
    assert "np." not in str(caught.value)


@pytest.mark.parametrize("window", [3, (3,), (1, 2, 3), "33", {1: 2, 3: 4}, (0, 3), (3, 0), (None, 3)])
def test_windows(window):
    with pytest.raises(DesignError, match=r"window"):
        before_after.mean_difference(PANEL, window=window)


@pytest.mark.parametrize(
    ("window", "said"),
    [
        ((99, 4), ["99 periods before"]),
        ((4, 99), ["99 periods from the start"]),
        ((4, 4), []),
    ],
)
def test_a_window_beyond_the_record_is_cautioned(window, said):
    cautions = before_after.rate_ratio(PANEL, window=window).cautions  # four months on either side
    found = [caution for caution in cautions if caution.startswith("The window asks for")]
    assert found == [f"The window asks for {words}, and the record holds 4." for words in said]


@pytest.mark.parametrize("shifts", [[], 3, None, [0], [99]])
def test_shifts(shifts):
    with pytest.raises(DesignError):
        placebo.in_time(PANEL, did.att, shifts=shifts)


@pytest.mark.parametrize("method", [None, "att", did])
def test_a_check_is_given_a_method(method):
    with pytest.raises(DesignError):
        placebo.in_time(PANEL, method, shifts=[2])


@pytest.mark.parametrize("study", [None, "study", PANEL])
def test_the_test_of_trends_takes_a_study(study):
    with pytest.raises(DesignError):
        trends.test(study)


TOTALS = {"treated_before": 20, "treated_after": 10, "comparison_before": 30, "comparison_after": 31}


@pytest.mark.parametrize("name", [*TOTALS, "dispersion"])
@pytest.mark.parametrize("wrong", [-1, None, "3", np.nan, np.inf, [3], pytest.param(10**400, id="huge")])
def test_totals(name, wrong):
    with pytest.raises(DesignError, match=name) as caught:
        did.two_by_two(**{**TOTALS, name: wrong})
    assert "np." not in str(caught.value)


@pytest.mark.parametrize("kind", [int, float, np.int64, np.float64, np.int32, np.float32])
def test_totals_may_be_sums_of_columns(kind):
    assert did.two_by_two(**{name: kind(total) for name, total in TOTALS.items()}).value == pytest.approx(
        (10 / 20) / (31 / 30)
    )


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("same_months", lambda wrong: before_after.rate_ratio(PANEL, same_months=wrong)),
        ("same_months", lambda wrong: before_after.mean_difference(PANEL, same_months=wrong)),
        ("mid_p", lambda wrong: before_after.paired([1, 1, 0], [0, 0, 0], kind="binary", mid_p=wrong)),
        ("joint", lambda wrong: trends.test(did.event_study(PANEL, leads=3, lags=2), joint=wrong)),
    ],
    ids=["rate_ratio", "mean_difference", "paired", "trends"],
)
@pytest.mark.parametrize("wrong", ["no", "False", 0, 1, None, np.nan])
def test_yes_or_no(name, call, wrong):
    with pytest.raises(DesignError, match=rf"^{name}=.* must be True or False\.$"):
        call(wrong)


def test_same_months_needs_months():
    frame = rows().assign(
        month=lambda f: f["month"].str[-2:].astype(int), began=lambda f: f["began"].notna() * 3 + 2
    )
    with pytest.raises(DesignError, match=r"^same_months needs months or quarters, and month holds 1\."):
        before_after.rate_ratio(Panel.of(frame, **NAMES), same_months=True)

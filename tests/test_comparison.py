"""Like with like: the units that met the rule, by level and by rise, and what cannot be a rule."""

import numpy as np
import pandas as pd
import pytest

from toolkit import DesignError, Panel, comparison, did

NAMES = {"unit": "ward", "period": "year", "outcome": "asb", "treated_from": "began"}
# Counts in 2018 to 2023, chosen by hand. Mean of 2020 and 2021: A 20, B 18, C 15, D 15, E 10, F 2.
# Mean of 2018 and 2019: A 20, B 4, C 14, D 3, E 1, F 2. Rise: A 0, B 14, C 1, D 12, E 9, F 0.
COUNTS = {
    "A": (20, 20, 20, 20, 19, 21),
    "B": (4, 4, 16, 20, 9, 8),
    "C": (14, 14, 15, 15, 14, 14),
    "D": (2, 4, 10, 20, 5, 6),
    "E": (1, 1, 12, 8, 4, 5),
    "F": (2, 2, 2, 2, 2, 2),
}
WINDOW = {"first": 2020, "last": 2021}


def rows(treated: str = "B") -> pd.DataFrame:
    """Six wards by six years; those treated are so from 2022."""
    cells = [(ward, 2018 + i, count) for ward, counts in COUNTS.items() for i, count in enumerate(counts)]
    frame = pd.DataFrame(cells, columns=["ward", "year", "asb"])
    return frame.assign(began=np.where(frame["ward"].isin(list(treated)), 2022.0, np.nan))


def met(*, treated: str = "B", **rule) -> list[str]:
    return list(comparison.same_rule(Panel.of(rows(treated), **NAMES), **{**WINDOW, **rule}).units)


def test_level_takes_the_highest_means():
    assert met(top=2) == ["A", "B"]
    assert met(top=5) == ["A", "B", "C", "D", "E"]
    assert met(top=6) == list("ABCDEF")


def test_rise_takes_the_highest_rises():
    assert met(top=2, measure="rise") == ["B", "D"]
    assert met(top=4, measure="rise") == ["B", "C", "D", "E"]


def test_rise_is_from_all_periods_before():
    # From 2021 alone: A 0, B 20 - 8 = 12, C 15 - 43/3 = 0.67, D 20 - 16/3 = 14.67, E 8 - 14/3 = 3.33, F 0.
    assert met(first=2021, last=2021, top=2, measure="rise") == ["B", "D"]
    assert met(first=2021, last=2021, top=3, measure="rise", treated="D") == ["B", "D", "E"]


def test_percent_rise_takes_the_highest_rises_in_proportion():
    # 2020-21 over 2018-19, from the means above: A 1, B 4.5, C 1.07, D 5, E 10, F 1.
    assert met(top=1, measure="percent_rise", treated="") == ["E"]
    assert met(top=3, measure="percent_rise") == ["B", "D", "E"]
    assert met(least=350, measure="percent_rise") == ["B", "D", "E"]  # B rose by 350%, exactly
    assert met(least=0, measure="percent_rise") == list("ABCDEF")


def test_from_nothing_any_rise_is_the_highest_and_nothing_to_nothing_is_none():
    frame = rows().assign(asb=lambda f: f["asb"].mask((f["ward"] == "D") & (f["year"] < 2020), 0))
    frame.loc[(frame["ward"] == "F"), "asb"] = 0
    table = comparison.ranked(Panel.of(frame, **NAMES), **WINDOW, measure="percent_rise")
    assert table["unit"].tolist()[:2] == ["D", "E"] and np.isinf(table["score"][0])
    assert table.set_index("unit")["score"]["F"] == 0
    chosen = comparison.same_rule(Panel.of(frame, **NAMES), **WINDOW, measure="percent_rise", top=3)
    assert list(chosen.units) == ["B", "D", "E"]


def test_a_percent_rise_of_what_may_be_negative_is_refused():
    frame = rows().assign(asb=lambda f: f["asb"] - 3.5)
    with pytest.raises(DesignError, match="A rise in per cent needs an outcome of zero or more"):
        comparison.same_rule(Panel.of(frame, **NAMES), **WINDOW, measure="percent_rise", top=3)


def test_a_rise_may_be_measured_from_chosen_periods():
    # 2020-21 less 2019: A 0, B 14, C 1, D 11, E 9, F 0.  Less 2018: D 13 instead.
    assert met(top=2, measure="rise", against=(2019, 2019)) == ["B", "D"]
    panel = Panel.of(rows(), **NAMES)
    table = comparison.ranked(panel, **WINDOW, measure="rise", against=(2019, 2019)).set_index("unit")
    assert table["score"].to_dict() == {"B": 14, "D": 11, "E": 9, "C": 1, "A": 0, "F": 0}


def test_ranked_says_where_each_unit_stood():
    table = comparison.ranked(Panel.of(rows("BE"), **NAMES), **WINDOW)
    assert list(table.columns) == ["unit", "score", "rank", "ever_treated"]
    assert table["unit"].tolist() == list("ABCDEF")
    assert table["score"].tolist() == [20, 18, 15, 15, 10, 2]
    assert table["rank"].tolist() == [1, 2, 3, 3, 5, 6]
    assert table.loc[table["ever_treated"], "unit"].tolist() == ["B", "E"]


def test_units_treated_only_after_the_last_period_are_comparison():
    frame = rows("BC").assign(began=lambda f: f["began"].mask(f["ward"] == "C", 2030))
    panel = Panel.of(frame, **NAMES)
    table = comparison.ranked(panel, **WINDOW)
    assert table.loc[table["ever_treated"], "unit"].tolist() == ["B"]
    chosen = comparison.same_rule(panel, **WINDOW, top=2)
    assert (
        list(chosen.units) == ["A", "B"] and chosen.cautions == ()
    )  # C did not meet it, and was not treated


def test_a_mark_may_be_given_instead_of_a_number():
    assert met(least=18) == ["A", "B"]
    assert met(least=np.float64(15)) == met(top=3) == ["A", "B", "C", "D"]
    assert met(least=-1) == list("ABCDEF")


def test_sums_that_differ_by_rounding_are_ties():
    """Over three years 0.1 + 0.2 + 0.3 and 0.3 + 0.2 + 0.1 differ in the last bit; the mark keeps both."""
    values = {"A": (0.1, 0.2, 0.3, 1.0), "B": (0.3, 0.2, 0.1, 1.0), "C": (0.1, 0.1, 0.1, 1.0)}
    frame = pd.DataFrame(
        [
            (w, 2018 + i, v, 2021 if w == "A" else np.nan)
            for w, vs in values.items()
            for i, v in enumerate(vs)
        ],
        columns=["ward", "year", "asb", "began"],
    )
    assert list(comparison.same_rule(Panel.of(frame, **NAMES), first=2018, last=2020, top=1).units) == [
        "A",
        "B",
    ]


def test_waves_are_taken_one_at_a_time():
    """B starts in 2021 after a rise in 2020, and E in 2023 after a rise in 2022; the rest are never treated."""
    late = (1, 1, 1, 1, 9, 9)
    frame = rows("B").assign(began=lambda f: f["began"] - 1)
    frame.loc[frame["ward"] == "E", "asb"] = late
    frame.loc[frame["ward"] == "E", "began"] = 2023
    frame.loc[frame["ward"] == "C", "asb"] = (14, 14, 14, 14, 24, 14)
    panel = Panel.of(frame, **NAMES)
    picked = {}
    for start, (first, last) in {2021: (2020, 2020), 2023: (2022, 2022)}.items():
        wave = panel.where(lambda f, start=start: (f["treated_from"] == start) | ~f["ever_treated"])
        picked[start] = list(comparison.same_rule(wave, first=first, last=last, measure="rise", top=2).units)
    # 2020 less 2018-19: A 0, B 12, C 0, D 7, F 0.  2022 less 2018-21: A -1, C 10, D 5 - 9 = -4, E 8, F 0.
    assert picked == {2021: ["B", "D"], 2023: ["C", "E"]}
    with pytest.raises(DesignError, match="take one start at a time"):
        comparison.same_rule(panel, first=2022, last=2022, top=2)


def test_ties_with_the_last_are_kept():
    assert met(top=3) == ["A", "B", "C", "D"]  # C and D tie at 15
    assert met(top=5, measure="rise") == list("ABCDEF")  # A and F tie at 0


def test_top_below_one_is_a_share():
    assert met(top=1 / 3) == ["A", "B"]
    assert met(top=0.5) == met(top=3)
    assert met(top=np.float64(0.99)) == list("ABCDEF")


@pytest.mark.parametrize("top", [2, 2.0, np.int64(2), np.float64(2)])
def test_top_may_be_any_whole_number(top):
    assert met(top=top) == ["A", "B"]


def test_with_an_exposure_the_measure_is_a_rate():
    frame = rows("F").assign(pop=lambda f: f["ward"].map(lambda ward: 1 if ward == "F" else 100))
    panel = Panel.of(frame, **NAMES, exposure="pop")
    assert list(comparison.same_rule(panel, **WINDOW, top=2).units) == ["A", "F"]  # F 2, A 0.2


def test_units_not_seen_in_the_window_are_not_candidates():
    frame = rows()
    panel = Panel.of(frame[(frame["ward"] != "A") | (frame["year"] < 2020)], **NAMES)
    assert list(comparison.same_rule(panel, **WINDOW, top=3).units) == ["B", "C", "D"]
    with pytest.raises(DesignError, match=r"^top=6 must be a number of units from 1 to 5, or a share"):
        comparison.same_rule(panel, **WINDOW, top=6)


def test_all_their_periods_and_the_rest_of_the_panel_stay():
    panel = Panel.of(rows(), **NAMES)
    chosen = comparison.same_rule(panel, **WINDOW, top=2)
    assert chosen.balanced and len(chosen.periods) == 6
    assert chosen.labels == panel.labels and chosen.cautions == ()
    assert len(panel.units) == 6


def test_treated_units_that_did_not_meet_the_rule_are_left_out_with_a_caution_that_travels():
    panel = Panel.of(rows("BEF"), **NAMES)
    chosen = comparison.same_rule(panel, **WINDOW, top=4)
    said = "2 treated wards did not meet the selection rule and are left out: E and F."
    assert list(chosen.units) == ["A", "B", "C", "D"]
    assert chosen.cautions == (said,)
    assert said in did.att(chosen).cautions
    assert said in comparison.same_rule(chosen, **WINDOW, top=4).cautions
    one = comparison.same_rule(Panel.of(rows("BF"), **NAMES), **WINDOW, top=4)
    assert one.cautions == ("1 treated ward did not meet the selection rule and is left out: F.",)


def test_a_panel_in_which_nobody_is_treated_can_be_ranked():
    panel = Panel.of(rows(""), unit="ward", period="year", outcome="asb")
    assert list(comparison.same_rule(panel, first=2022, last=2023, top=1).units) == ["A"]


def test_the_window_takes_periods_in_any_form():
    frame = rows().assign(
        year=lambda f: f["year"].astype(str), began=lambda f: f["began"].map({2022.0: "2022"})
    )
    panel = Panel.of(frame, **NAMES)
    for first, last in (
        ("2020", "2021"),
        (pd.Period("2020"), "2021-06-30"),
        (pd.Timestamp("2020-05-01"), "2021"),
    ):
        assert list(comparison.same_rule(panel, first=first, last=last, top=2).units) == ["A", "B"]


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"first": 2021, "last": 2020, "top": 2}, "first=2021 is after last=2020."),
        ({"first": 2000, "last": 2010, "top": 2}, "No year of the data lies between 2000 and 2010."),
        (
            {"last": 2022, "top": 2},
            "The choice cannot be made on periods up to 2022: treatment began in 2022.",
        ),
        ({"first": None, "top": 2}, "A year is missing: give one such as 2018."),
        ({"last": np.nan, "top": 2}, "A year is missing"),
        ({"first": "2020", "top": 2}, "year holds '2020', but the periods are integers."),
        (
            {"first": 2018, "top": 3, "measure": "rise"},
            "measure='rise' needs years before first= to rise from.",
        ),
        (
            {"top": 2, "measure": "trend"},
            "measure='trend' is not known. Use 'level' or 'rise' or 'percent_rise'.",
        ),
        ({"top": 2, "measure": None}, "measure=None is not known."),
        ({"top": 1}, "None of the treated wards met this rule: it is not the rule they were chosen by."),
        ({}, "Give top= (how many units the rule picks) or least= (the mark to reach), one of the two."),
        ({"top": 2, "least": 15}, "Give top= (how many units the rule picks) or least="),
        ({"least": "15"}, "least='15' must be a number."),
        ({"least": np.inf}, "least=inf must be a number."),
        ({"least": True}, "least=True must be a number."),
        ({"least": 21}, "No unit reached least=21: the highest is 20."),
        ({"top": 2, "against": (2018, 2019)}, "against= is what a rise is measured from"),
        ({"top": 2, "measure": "rise", "against": 2019}, "against=2019 must be a pair"),
        ({"top": 2, "measure": "rise", "against": (2019, 2018)}, "first=2019 is after last=2018."),
        (
            {"top": 2, "measure": "rise", "against": (2010, 2011)},
            "No year of the data lies between 2010 and 2011",
        ),
        (
            {"top": 2, "measure": "rise", "against": (2019, 2020)},
            "against= ends in 2020, which is not before first=.",
        ),
        (
            {"top": 1, "measure": "rise"},
            "Only treated wards met this rule, so no like-with-like comparison exists.",
        ),
    ],
)
def test_what_is_no_rule_is_refused(rule, message):
    with pytest.raises(DesignError) as caught:
        met(**rule)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    "top", [0, -1, 7, 2.5, 0.0, 0.01, True, "3", "a", [3], np.nan, np.inf, -0.5, 1j, np.int64(7)]
)
def test_top_is_a_number_of_units_or_a_share(top):
    with pytest.raises(
        DesignError, match=r"^top=.* must be a number of units from 1 to 6, or a share"
    ) as caught:
        met(top=top)
    assert "np." not in str(caught.value)


@pytest.mark.parametrize("given", [None, rows(), "panel"])
def test_it_takes_a_panel(given):
    with pytest.raises(DesignError, match=r"^This takes a Panel, not "):
        comparison.same_rule(given, **WINDOW, top=2)

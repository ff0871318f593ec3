"""What limits a claim is said: unlike arms, missing quiet rows, lost cohorts, seasons without a match."""

import numpy as np
import pandas as pd
import pytest

from toolkit import DesignError, Panel, before_after, comparison, did

NAMES = {"unit": "ward", "period": "month", "outcome": "asb", "treated_from": "began"}


def rows(
    levels: dict[str, float], treated: dict[str, str], months: int = 12, first: str = "2022-01"
) -> pd.DataFrame:
    """Each ward at its level, with a wave that all share in proportion."""
    labels = pd.period_range(first, periods=months, freq="M").astype(str)
    return pd.DataFrame(
        [
            (w, m, level * (1 + i % 3), treated.get(w))
            for w, level in levels.items()
            for i, m in enumerate(labels)
        ],
        columns=["ward", "month", "asb", "began"],
    )


def unlike(panel: Panel) -> list[str]:
    return [caution for caution in did.att(panel).cautions if caution.startswith("Before treatment")]


def spread(high: float) -> pd.DataFrame:
    """Twelve treated wards ``high`` above twelve others, each group spread from 10 to 21 by ones."""
    levels = {f"t{i}": 10 + i + high for i in range(12)} | {f"c{i}": 10.0 + i for i in range(12)}
    return rows(levels, {f"t{i}": "2022-07" for i in range(12)})


def test_alike_arms_need_no_caution() -> None:
    assert unlike(Panel.of(spread(0), **NAMES)) == []


def test_a_gap_that_a_lot_could_give_says_so() -> None:
    """The SD of 10 to 21 is sqrt(13) = 3.6; 2 above is 0.55 SD; a lot gives up to 2.24 sqrt(1/12 + 1/12) = 0.9."""
    (said,) = unlike(Panel.of(spread(2), **NAMES))
    assert said == (
        "Before treatment the treated wards differed from the comparison: 0.6 standard deviations higher in level. "
        "Groups this small differ by up to 0.9 by chance alone."
    )


def test_a_wider_gap_names_the_fair_comparison_unless_it_was_made() -> None:
    panel = Panel.of(spread(6), **NAMES)
    (said,) = unlike(panel)
    assert said.endswith(
        "1.7 standard deviations higher in level. Chance alone does up to 0.9: if they were chosen for their level, "
        "compare with wards that met the same rule (comparison.same_rule)."
    )
    everybody = comparison.same_rule(panel, first="2022-04", last="2022-06", top=24)
    assert everybody.met_rule and not panel.met_rule
    (said,) = unlike(everybody)
    assert said.endswith(
        "higher in level. Chance alone does up to 0.9: is the rule given the one that chose them?"
    )


def test_like_with_like_is_told_of_the_gap_and_not_sent_to_the_rule_again() -> None:
    panel = Panel.of(spread(2), **NAMES)
    (said,) = unlike(comparison.same_rule(panel, first="2022-04", last="2022-06", top=24))
    assert "0.6 standard deviations" in said and "by up to 0.9 by chance alone" in said
    assert "same_rule" not in said


def spiked(months: int, by: float = 1.0, wards: int = 24) -> pd.DataFrame:
    """Wards at 40 to 63 of which every second had a spike in the last three months before 2024-01, and are treated."""
    labels = pd.period_range(end="2024-06", periods=months + 6, freq="M").astype(str)
    cells = [
        (
            f"w{i:02}",
            month,
            round(
                (40 + i)
                * (1 + (i // 2 % 4) * 0.02 * (t % 2))
                * (1 + by * (i % 2 == 0) * (t in (months - 1, months - 2, months - 3)))
            ),
            "2024-01" if i % 2 == 0 else None,
        )
        for i in range(wards)
        for t, month in enumerate(labels)
    ]
    return pd.DataFrame(cells, columns=["ward", "month", "asb", "began"])


@pytest.mark.parametrize("months", [12, 36])
@pytest.mark.parametrize("scale", ["ratio", "difference"])
def test_a_spike_of_three_months_is_seen_in_a_short_and_in_a_long_baseline(months: int, scale: str) -> None:
    answer = did.att(Panel.of(spiked(months), **NAMES), scale=scale)
    (said,) = [caution for caution in answer.cautions if caution.startswith("Before treatment")]
    assert "higher in rise over the last 3 months" in said
    assert "if they were chosen for their rise, compare with wards that met the same rule" in said
    assert said.endswith("(comparison.same_rule).")


def test_a_fall_names_the_fair_comparison_without_naming_the_rule() -> None:
    (said,) = unlike(Panel.of(spiked(12, by=-0.5), **NAMES))
    assert "lower in rise over the last 3 months" in said
    assert said.endswith(
        "if they were chosen by a rule, compare with wards that met the same rule (comparison.same_rule)."
    )


def test_counts_with_gaps_and_no_zero_are_suspected() -> None:
    frame = spread(0).drop(index=[3, 40])
    (said,) = Panel.of(frame, **NAMES).cautions
    assert said.startswith("2 ward-month pairs have no row, and no row is 0")
    assert said in did.att(Panel.of(frame, **NAMES)).cautions
    frame.loc[5, "asb"] = 0
    assert Panel.of(frame, **NAMES).cautions == ()


def test_one_name_in_two_spellings_is_refused() -> None:
    frame = spread(0)
    frame.loc[0, "ward"] = "T0 "
    with pytest.raises(DesignError, match="'T0 ' and 't0', which differ only by spaces or capitals"):
        Panel.of(frame, **NAMES)


def test_a_cohort_without_its_base_period_is_named() -> None:
    treated = {"t0": "2022-05", "t1": "2022-05", "t2": "2022-08", "t3": "2022-08"}
    frame = rows({f"t{i}": 10.0 + i for i in range(4)} | {f"c{i}": 11.0 + i for i in range(4)}, treated)
    frame = frame[~(frame["ward"].isin(["t0", "t1"]) & (frame["month"] == "2022-04"))]
    study = did.event_study(Panel.of(frame, **NAMES), leads=2, lags=2)
    assert (
        "2 treated wards are left out, not observed in the last period before the start: t0 and t1."
        in study.cautions
    )


def test_a_season_with_no_match_before_is_counted_out_loud() -> None:
    """From January to June 2022 before, and a year after: July to December have nothing to be held against."""
    frame = rows({"t0": 10.0, "t1": 14.0}, {"t0": "2022-07", "t1": "2022-07"}, months=18)
    late = frame["month"].isin([f"2022-{m:02d}" for m in range(7, 13)])
    tripled = frame.assign(asb=np.where(late, 3 * frame["asb"], frame["asb"]))
    answer = before_after.rate_ratio(Panel.of(tripled, **NAMES), same_months=True)
    assert answer.value == pytest.approx(1)
    assert "12 treated cells left out: no period before in the same season." in answer.cautions


@pytest.mark.parametrize(("many", "named"), [(5, True), (6, False)])
def test_more_than_five_are_counted_and_not_named(many: int, named: bool) -> None:
    """Where units are people, a report must not say who had no incidents before, or was left out."""
    quiet = {f"P{i:04}": [0.0, 0, 1, 0] for i in range(many)}
    always = {f"Q{i:04}": [2.0, 1, 1, 2] for i in range(many)}
    late = {f"R{i:04}": [2.0, 1, 1, 2] for i in range(many)}
    busy = {"S1": [4.0, 5, 3, 2], "S2": [6.0, 5, 4, 3]}
    starts = dict.fromkeys(always, 1) | dict.fromkeys(quiet | busy, 3) | dict.fromkeys(late, 3)
    table = pd.DataFrame(
        [
            (person, month, n, starts[person])
            for person, counts in (quiet | always | late | busy).items()
            for month, n in enumerate(counts, 1)
            if person not in late or month != 2
        ],
        columns=["person", "month", "offences", "course_from"],
    )
    names = {"unit": "person", "period": "month", "outcome": "offences", "treated_from": "course_from"}
    answer = before_after.rate_ratio(Panel.of(table, **names), window=(1, 2))
    told = " ".join(answer.cautions)
    assert f"{many} treated persons had no incidents before treatment{' (P0000' if named else ', so'}" in told
    assert f"{many} persons left out for want of periods to compare{': R0000' if named else '.'}" in told
    assert (
        f"{many} persons treated in every period observed are left out{': Q0000' if named else '.'}" in told
    )
    assert named or not any(f"{letter}0" in told for letter in "PQR")

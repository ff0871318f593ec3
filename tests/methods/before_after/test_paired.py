"""The same people twice: by hand, against SciPy, what is left out, and what each answer says of itself."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from toolkit import DesignError, before_after, words

BEFORE = [12.0, 15, 9, 20, 14, 11, 13, 17, 10, 16, 8, 12]
AFTER = [15.0, 14, 13, 24, 16, 18, 13, 19, 9, 21, 12, 15]


def said(answer: object, opening: str) -> bool:
    return any(caution.startswith(opening) for caution in answer.cautions)  # type: ignore[attr-defined]


def test_the_mean_change_is_the_paired_t_test() -> None:
    answer, told = before_after.paired(BEFORE, AFTER), stats.ttest_rel(AFTER, BEFORE)
    assert answer.value == pytest.approx(np.mean(np.subtract(AFTER, BEFORE)), rel=1e-12)
    assert answer.p_value == pytest.approx(told.pvalue, rel=1e-10)
    assert (answer.low, answer.high) == pytest.approx(tuple(told.confidence_interval(0.95)), rel=1e-10)
    assert (answer.scale, answer.n_units, answer.n_treated, answer.compared_with) == (
        "difference", 12, 12, "before",
    )  # fmt: skip


@pytest.mark.parametrize("interval", ["t", "bootstrap"])
@pytest.mark.parametrize("level", [0.8, 0.95])
def test_a_null_at_an_end_has_p_of_one_less_the_level(interval: str, level: float) -> None:
    after = np.random.default_rng(2).gamma(1.5, 4, 12)
    answer = before_after.paired(BEFORE, after, interval=interval, level=level)
    for end in (answer.low, answer.high):
        shifted = before_after.paired(BEFORE, after - end, interval=interval)
        assert shifted.p_value == pytest.approx(1 - level, abs=1e-8)


def test_a_bootstrap_end_on_a_tie_of_draws_is_not_ruled_out() -> None:
    """Whole steps make many draws equal, so p steps too: at an end it is at least 1 - level."""
    answer = before_after.paired(BEFORE, AFTER, interval="bootstrap")
    for end, out in ((answer.low, -0.05), (answer.high, 0.05)):
        at, beyond = (
            before_after.paired(BEFORE, np.array(AFTER) - end - by, interval="bootstrap").p_value
            for by in (0, out)
        )
        assert beyond < 0.05 <= at + 1e-12 < 0.06


def test_the_bootstrap_is_seeded_and_tends_to_the_tail() -> None:
    after = np.random.default_rng(1).exponential(1, 30)
    first, again, other = (
        before_after.paired(np.zeros(30), after, interval="bootstrap", seed=seed) for seed in (None, 0, 1)
    )
    assert (first.low, first.high, first.p_value) == (again.low, again.high, again.p_value)
    assert (first.low, first.high) != (other.low, other.high)
    assert first.high - first.value > first.value - first.low
    assert "5,000 draws" in first.method


def test_the_typical_change_is_the_median_of_pairwise_means() -> None:
    changes = np.subtract(AFTER, BEFORE)
    means = [(a + b) / 2 for i, a in enumerate(changes) for b in changes[i:]]
    answer = before_after.paired(BEFORE, AFTER, kind="rank")
    assert answer.value == np.median(means)
    assert math.isnan(answer.std_error)
    assert "exact given ties, zeros as by Pratt" in answer.method
    many = before_after.paired(BEFORE * 5, AFTER * 5, kind="rank")
    assert "normal approximation" in many.method


def test_ranks_below_six_pairs_have_no_bound() -> None:
    answer = before_after.paired([0] * 5, [1, 2, 3, 4, 6], kind="rank")
    assert (answer.low, answer.high) == (-math.inf, math.inf)
    assert said(answer, "Too few pairs")


def test_a_scale_too_coarse_for_ranks_is_cautioned() -> None:
    """Of 400, 250 stay, 100 rise by one and 50 fall: the typical change is none, and p is small."""
    after = np.repeat([0, 1, -1], [250, 100, 50])
    answer = before_after.paired(np.zeros(400), after, kind="rank")
    assert answer.low <= answer.value == 0 <= answer.high
    assert answer.p_value < 0.001
    assert said(answer, "The scale is coarse")
    assert not said(before_after.paired(BEFORE, AFTER, kind="rank"), "The scale")


def test_the_change_in_a_proportion() -> None:
    """Of 20, 9 were victims before and 3 after: 7 no more, 1 newly."""
    before, after = [1] * 9 + [0] * 11, [1] * 2 + [0] * 7 + [1] + [0] * 10
    answer = before_after.paired(before, after, kind="binary")
    assert answer.value == pytest.approx(-6 / 20)
    assert answer.p_value == pytest.approx(
        2 * 9 / 2**8
    )  # of 8 who changed, at most 1 the other way: 1 + 8 ways
    mid = before_after.paired(before, after, kind="binary", mid_p=True)
    assert mid.p_value == pytest.approx(2 * (1 + 4) / 2**8)
    assert (mid.low, mid.high) == (answer.low, answer.high)
    assert said(answer, "Only 8 pairs changed")
    assert before_after.paired(np.array(before, bool), np.array(after, bool), kind="binary") == answer


def test_where_test_and_interval_disagree_it_says_so() -> None:
    """The 140 households of the reference results: exact p 0.053, and an interval that leaves out 0."""
    before = np.repeat([1, 1, 0, 0], [18, 34, 19, 69])
    after = np.repeat([1, 0, 1, 0], [18, 34, 19, 69])
    exact = before_after.paired(before, after, kind="binary")
    assert exact.high < 0 and exact.p_value > 0.05
    assert said(exact, "McNemar's exact test and Newcombe's interval disagree at the border: p is above 0.05")
    assert not said(before_after.paired(before, after, kind="binary", mid_p=True), "McNemar")


def test_nobody_changed_is_an_answer_for_proportions() -> None:
    answer = before_after.paired([1, 0, 0, 1], [1, 0, 0, 1], kind="binary")
    assert (answer.value, answer.p_value) == (0.0, 1.0)
    assert answer.low < 0 < answer.high


@pytest.mark.parametrize("kind", ["mean", "rank", "binary"])
def test_it_always_says_that_there_is_no_comparison_and_what_a_crisis_does(kind: str) -> None:
    answer = before_after.paired([0, 1, 0, 1, 1, 1], [1, 0, 0, 0, 1, 0], kind=kind)
    assert answer.cautions[-2].startswith("No comparison group")
    assert "people" in answer.cautions[-2] and "units" not in answer.cautions[-2]
    assert "regression to the mean" in answer.cautions[-1]


def test_pairs_with_a_side_missing_are_left_out_and_counted() -> None:
    after = [*AFTER[:-2], None, np.nan]
    answer = before_after.paired(BEFORE, after)
    assert answer.n_units == 10
    assert answer.value == before_after.paired(BEFORE[:-2], AFTER[:-2]).value
    assert said(answer, "2 of 12 pairs left out because one side is missing")
    assert not said(before_after.paired(BEFORE, AFTER), "2 of")


SKEWED = np.exp(np.linspace(-2, 3, 12))


def told_of(changes: np.ndarray, interval: str) -> str:
    answer = before_after.paired(np.zeros(len(changes)), changes, interval=interval)
    return " ".join(answer.cautions)


def test_few_and_skewed_changes_are_cautioned() -> None:
    assert "The changes are skewed for so few people" in told_of(SKEWED, "t")
    assert "The changes are strongly skewed" in told_of(SKEWED, "bootstrap")
    assert said(before_after.paired(BEFORE[:6], AFTER[:6]), "Only 6 pairs")
    assert "The changes" not in told_of(np.tile(SKEWED, 100), "t")


@pytest.mark.parametrize(
    ("interval", "hidden"), [("t", "a skew, and"), ("bootstrap", "a strong skew or wild values")]
)
def test_fewer_than_fifty_pairs_always_say_where_the_interval_falls_short(interval: str, hidden: str) -> None:
    """Nothing in an even sample shows a skew, and that is when an interval from skewed changes misses."""
    assert f"Fewer than 50 pairs may hide {hidden}" in told_of(np.linspace(-2, 3, 6), interval)
    assert f"Fewer than 50 pairs may hide {hidden}" in told_of(np.linspace(-2, 3, 49), interval)
    assert "Fewer than" not in told_of(np.linspace(-2, 3, 50), interval)
    assert "Fewer than" not in told_of(SKEWED, interval)  # which says that it is skewed


def test_half_of_the_skewed_draws_look_even_and_they_miss_more_often() -> None:
    """Why the caution cannot wait for the sample to show it: 10 exponential changes, 2,000 draws."""
    draws = [np.random.default_rng(seed).exponential(1, 10) for seed in range(2000)]
    answers = [before_after.paired(np.zeros(10), draw) for draw in draws]
    held = np.array([answer.low <= 1 <= answer.high for answer in answers])
    even = np.array([said(answer, "Fewer than 50 pairs") for answer in answers])
    skewed = np.array([said(answer, "The changes are skewed") for answer in answers])
    assert (even ^ skewed).all() and 0.3 < even.mean() < 0.6
    assert held[even].mean() < held.mean() - 0.01


def test_wild_values_in_many_pairs_are_said_of_the_bootstrap() -> None:
    wild = np.append(np.linspace(-1, 1, 58), [-9, 9])
    assert "Some changes are far larger than most" in told_of(wild, "bootstrap")
    assert "Some changes" not in told_of(wild, "t") + told_of(np.linspace(-1, 1, 60), "bootstrap")


@pytest.mark.parametrize(
    ("interval", "design", "words_of_it"),
    [
        (
            "t",
            "10 people, skewed changes",
            "for 10 people with exponential changes a 95% interval covered {} in",
        ),
        ("bootstrap", "10 people, skewed changes", "in simulation, and the bootstrap {};"),
        ("t", "20 people, skewed changes", "for 20 people {} and"),
        ("bootstrap", "20 people, skewed changes", "% and {})"),
        (
            "bootstrap",
            "10 people, very skewed changes",
            "log-normal changes a 95% bootstrap interval covered {} in",
        ),
        (
            "bootstrap",
            "20 people, heavy-tailed changes",
            "for 20 people with heavy-tailed changes, as often up as down, {} (",
        ),
        ("t", "20 people, heavy-tailed changes", "(t {})."),
        (
            "bootstrap",
            "50 people, heavy-tailed changes",
            "as often up as down, a 95% bootstrap interval covered {} in",
        ),
        ("t", "50 people, heavy-tailed changes", "in simulation, and t {}."),
    ],
)
def test_the_figures_of_the_cautions_are_the_simulated_ones(
    root: Path, interval: str, design: str, words_of_it: str
) -> None:
    table = pd.read_csv(root / "data" / "derived" / "coverage_paired.csv")
    row = table[(table["method"] == f"paired mean, {interval}") & (table["design"] == design)]
    few, wild = np.linspace(-2, 3, 12), np.append(np.linspace(-1, 1, 58), [-9, 9])
    told = told_of(few, "t") + told_of(few, "bootstrap") + told_of(wild, "bootstrap")
    assert words_of_it.format(f"{100 * row['coverage'].item():.0f}%") in told


def test_from_fifty_pairs_on_t_holds_with_exponential_changes(root: Path) -> None:
    """The border of the caution: of the kept rows with skewed changes, those from 50 people on reach 93.5%."""
    table = pd.read_csv(root / "data" / "derived" / "coverage_paired.csv")
    rows = table[
        (table["method"] == "paired mean, t") & table["design"].str.endswith(" people, skewed changes")
    ]
    people = rows["design"].str.split().str[0].astype(int)
    assert sorted(people[rows["coverage"] >= 0.935]) == [50, 200] and sorted(
        people[rows["coverage"] < 0.935]
    ) == [10, 20]


def test_the_figures_of_ranks_in_the_docstring_are_the_simulated_ones(root: Path) -> None:
    table = pd.read_csv(root / "data" / "derived" / "coverage_paired.csv")
    held = table["coverage"][table["design"].str.endswith("half without any change")]
    told = f"held the truth in {100 * held.min():.0f}% to {100 * held.max():.0f}% of draws: it is wider"
    assert told in " ".join(before_after.paired.__doc__.split())


def test_too_many_alike_for_a_bootstrap_bound() -> None:
    answer = before_after.paired([0] * 10, [0] * 8 + [1, 2], interval="bootstrap")
    assert answer.high == math.inf
    assert said(answer, "Too few pairs")


def test_it_reads_as_a_sentence() -> None:
    answer = before_after.paired(BEFORE, AFTER)
    sentence = words.effect(answer, outcome="Wellbeing", where="the hub", unit_words="points")
    assert sentence.startswith("Wellbeing in the hub came out 2.7 points higher than before (95% interval: ")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kind": "median"}, "kind='median' is not known"),
        ({"kind": None}, "kind=None is not known"),
        ({"interval": "bca"}, "interval='bca' is not known"),
        ({"kind": "rank", "interval": "bootstrap"}, "interval='bootstrap' is for kind='mean'"),
        ({"mid_p": True}, "mid_p=True is for kind='binary'"),
        ({"level": 95}, "level=95"),
        ({"interval": "bootstrap", "seed": -1}, "seed=-1"),
        ({"kind": "binary"}, r"before is 12 at pair 1 \(and 11 more such pairs\)"),
    ],
)
def test_bad_options(options: dict, message: str) -> None:
    with pytest.raises(DesignError, match=message):
        before_after.paired(BEFORE, AFTER, **options)


def test_every_change_the_same_is_refused() -> None:
    with pytest.raises(DesignError, match="Every change from before to after is 3, in all 3 pairs"):
        before_after.paired([1, 2, 3], [4, 5, 6])
    with pytest.raises(DesignError, match="Every change"):
        before_after.paired([0.1, 0.2, 0.7], [0.2, 0.3, 0.8], interval="bootstrap")  # to rounding
    people = pd.DataFrame({"swemwbs_1": [20, 21], "swemwbs_2": [20, 21]})
    with pytest.raises(DesignError, match="Every change from swemwbs_1 to swemwbs_2 is 0"):
        before_after.paired(people["swemwbs_1"], people["swemwbs_2"], kind="rank")


def test_too_many_to_rank_are_refused() -> None:
    with pytest.raises(DesignError, match="up to 5,000 pairs, and there are 5,001"):
        before_after.paired(np.zeros(5001), np.arange(5001), kind="rank")

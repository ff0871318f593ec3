"""How sure a change is: one area by thirds of its own time, and what is said of few or unequal areas."""

import math
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from made_wards import panel, wards
from scipy import stats

from toolkit import Panel, before_after

COVERAGE = Path(__file__).parents[3] / "data/derived/coverage_counts.csv"


def one_ward(counts: list[float], start: int) -> Panel:
    return panel(wards({"Bede": counts}, {"Bede": start}))


def test_one_ward_leans_on_the_scatter_of_its_thirds() -> None:
    """Quasi-Poisson by hand: mean 6 before, 3 after; Pearson (4 + 0 + 4) / 6 + (1 + 0 + 1) / 3 over 6 - 2."""
    answer = before_after.rate_ratio(one_ward([4, 6, 8, 2, 3, 4], 4))
    assert answer.value == pytest.approx(0.5)
    spread = max((8 / 6 + 2 / 3) / 4, 1.0)  # never less than Poisson
    assert answer.std_error == pytest.approx(math.sqrt(spread * (1 / 18 + 1 / 9)), rel=1e-12)
    assert any("Only one ward" in caution for caution in answer.cautions)


def test_one_ward_more_scattered_than_poisson() -> None:
    """Mean 20 before (0, 20, 40), 10 after (0, 10, 20): Pearson 800 / 20 + 200 / 10 = 60 over 4."""
    answer = before_after.rate_ratio(one_ward([0, 20, 40, 0, 10, 20], 4))
    assert answer.std_error == pytest.approx(math.sqrt(15 * (1 / 60 + 1 / 30)), rel=1e-12)


def test_longer_series_are_cut_into_thirds() -> None:
    """Six months before in thirds of 0, 40 and 80, three after: the months within a third do not matter."""
    thirds = before_after.rate_ratio(one_ward([0, 40, 80, 0, 20, 40], 4))
    months = before_after.rate_ratio(one_ward([0, 0, 40, 0, 50, 30, 0, 20, 40], 7))
    assert months.std_error == pytest.approx(thirds.std_error, rel=1e-12)
    assert "t with 4 degrees of freedom" in months.method


def test_one_ward_difference_is_the_pooled_t_test_of_thirds() -> None:
    before, after = [4.0, 6, 8], [2.0, 3, 7]
    answer = before_after.mean_difference(one_ward(before + after, 4))
    assert answer.p_value == pytest.approx(stats.ttest_ind(before, after).pvalue, rel=1e-10)
    doubled = before_after.mean_difference(one_ward([*np.repeat(before, 2), *np.repeat(after, 2)], 7))
    # Thirds of two months: variance 2 per third and so half of it per month-pair's mean, as of single months.
    assert doubled.p_value == pytest.approx(answer.p_value, rel=1e-10)


def seasonal(after: list[float]) -> Panel:
    """One ward, two years before (10 in January to 21 in December), then the months given."""
    months = pd.period_range("2020-01", periods=24 + len(after), freq="M").astype(str)
    counts = [10.0 + month for month in range(12)] * 2 + after
    table = pd.DataFrame({"ward": "Bede", "month": months, "asb": counts, "began": "2022-01"})
    return Panel.of(table, unit="ward", period="month", outcome="asb", treated_from="began")


def test_one_ward_in_the_same_months_is_judged_by_thirds_of_the_year_after() -> None:
    """Halved in every month: no third differs, so the floor is chance in the counts alone.

    93 seen after, 186 to be expected, which two years of 186 say: variance 93 + 0.5^2 x 372 / 4 over 93^2.
    """
    answer = before_after.rate_ratio(seasonal([5.0 + month / 2 for month in range(12)]), same_months=True)
    assert answer.value == pytest.approx(0.5, rel=1e-12)
    assert answer.std_error == pytest.approx(math.sqrt(93 + 0.25 * 372 / 4) / 93, rel=1e-12)
    apart = [4.0 + month / 2 for month in range(6)] + [8.0 + month / 2 for month in range(6, 12)]
    assert before_after.rate_ratio(seasonal(apart), same_months=True).std_error > answer.std_error


def test_one_month_on_each_side_gives_no_interval() -> None:
    answer = before_after.rate_ratio(one_ward([9, 5], 2))
    assert (answer.low, answer.high) == (0, math.inf) and "no interval" in answer.method


def test_nothing_after_says_so() -> None:
    answer = before_after.rate_ratio(panel(wards({"Bede": [4, 0], "Dean": [3, 0]}, {"Bede": 2, "Dean": 2})))
    assert any("Nothing was recorded after" in caution for caution in answer.cautions)


def test_all_incidents_in_one_of_two_wards() -> None:
    answer = before_after.rate_ratio(panel(wards({"Bede": [4, 2], "Dean": [0, 0]}, {"Bede": 2, "Dean": 2})))
    assert (answer.low, answer.high) == (0, math.inf)
    assert any("Only one ward has incidents" in caution for caution in answer.cautions)


def test_few_and_unequal_wards_are_said() -> None:
    sizes = [400.0, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20]
    table = wards(
        {f"w{i}": [size, size + i % 3] for i, size in enumerate(sizes)}, {f"w{i}": 2 for i in range(12)}
    )
    cautions = " ".join(before_after.rate_ratio(panel(table)).cautions)
    assert "A few of the 12 wards hold most of the incidents" in cautions and "Only 12" not in cautions
    few = before_after.rate_ratio(panel(table[table["ward"].isin(["w1", "w2", "w3", "w4"])]))
    assert "Only 4 treated wards." in few.cautions
    assert not any("hold most" in caution for caution in few.cautions)


def test_staggered_starts_and_a_cluster_of_wards_lean_on_each_wards_own_thirds() -> None:
    """Two wards that make one cluster: their thirds before and after are added up, whenever each began."""
    rows = wards({"Bede": [4, 6, 8, 2, 3, 4, 3], "Dean": [8, 12, 16, 12, 4, 6, 8]}, {"Bede": 4, "Dean": 5})
    answer = before_after.rate_ratio(panel(rows.assign(beat="north"), cluster="beat"))
    assert any("Only one cluster of wards" in caution for caution in answer.cautions)
    assert 0 < answer.std_error < 1


def test_the_figure_in_the_caution_of_one_ward_is_the_simulated_one() -> None:
    table = pd.read_csv(COVERAGE)
    alone = table[table["design"].str.startswith("1 busy area")]
    answer = before_after.rate_ratio(one_ward([4, 6, 8, 2, 3, 4], 4))
    said = next(caution for caution in answer.cautions if caution.startswith("Only one ward"))
    found = [int(number) for number in re.search(r"(\d+) to (\d+) of 100", said).groups()]
    assert found == [round(100 * alone["coverage"].min()), round(100 * alone["coverage"].max())]


def test_the_figures_in_the_docstring_are_the_simulated_ones() -> None:
    table = pd.read_csv(COVERAGE)
    unequal = table[table["design"] == "10 areas of very unequal size, a year on each side"].set_index(
        "method"
    )
    ways = (
        "before_after.rate_ratio",
        "not used: leaving out one area",
        "not used: one dispersion for all areas",
    )
    told = [round(100 * unequal.loc[way, "coverage"]) for way in ways]
    words = " ".join(before_after.rate_ratio.__doc__.split())
    said = re.search(r"in (\d+)% of draws, where .* did in (\d+)% and one .* in (\d+)% \(", words).groups()
    assert told == [int(number) for number in said]
    ours = table[
        table["method"].eq("before_after.rate_ratio") & ~table["design"].str.match("1 |.*size, Poisson")
    ]
    low, high = re.search(r"it was (\d+)% to (\d+)%", words).groups()
    assert [round(100 * end) for end in (ours["coverage"].min(), ours["coverage"].max())] == [
        int(low),
        int(high),
    ]


ALIKE = wards({f"w{i}": [5, 3] for i in range(3)}, {f"w{i}": 2 for i in range(3)})


def test_areas_that_changed_alike_vary_as_poisson_counts_do() -> None:
    """Three wards of 5 and then 3: totals of 15 and 9, so 1 / 15 + 1 / 9, and t with 2 degrees of freedom."""
    answer = before_after.rate_ratio(panel(ALIKE))
    error = math.sqrt(1 / 15 + 1 / 9)
    assert answer.value == pytest.approx(0.6, rel=1e-12)
    assert answer.std_error == pytest.approx(error, rel=1e-12)
    assert answer.high == pytest.approx(0.6 * math.exp(stats.t.ppf(0.975, 2) * error), rel=1e-9)
    assert answer.p_value == pytest.approx(2 * stats.t.sf(-math.log(0.6) / error, 2), rel=1e-9)
    assert any(caution.startswith("All wards changed alike") for caution in answer.cautions)
    assert "Poisson" in answer.method
    nearly = ALIKE.assign(asb=ALIKE["asb"].where(ALIKE.index != 1, 4))
    assert "Poisson" not in before_after.rate_ratio(panel(nearly)).method


@pytest.mark.parametrize(
    "table",
    [ALIKE, ALIKE.assign(asb=0.1 * ALIKE["asb"]), wards({"Bede": [3, 3, 3, 0, 0, 0]}, {"Bede": 4})],
    ids=["three wards", "in tenths", "one ward"],
)
def test_a_difference_without_any_spread_has_no_interval(table: pd.DataFrame) -> None:
    answer = before_after.mean_difference(panel(table))
    assert (answer.low, answer.high, answer.method.rpartition("; ")[2]) == (
        -math.inf,
        math.inf,
        "no interval",
    )
    assert math.isnan(answer.p_value)
    assert any("no interval can be given" in caution for caution in answer.cautions)


def test_the_figures_of_unequal_areas_in_the_docstring_are_the_simulated_ones() -> None:
    table = pd.read_csv(COVERAGE)
    held = table["coverage"][
        table["method"].eq("before_after.mean_difference")
        & table["note"].str.startswith("The t-test").fillna(False)
    ]
    told = f"held the truth in {100 * held.min():.0f}% to {100 * held.max():.0f}% of draws with 10 areas"
    assert told in " ".join(before_after.mean_difference.__doc__.split())

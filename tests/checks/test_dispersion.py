"""Do areas drift more than chance: through a Panel, its spans, its words and what it refuses."""

import math

import numpy as np
import pandas as pd
import pytest
from made_wards import many, panel, wards

from toolkit import DesignError, Panel, dispersion, simulate, tables, words

HAND = {"A": [8, 2], "B": [4, 6], "C": [8, 12]}


def test_by_hand_on_the_comparison_alone() -> None:
    """As in tests/numerics/test_dispersion.py; what the treated ward recorded does not matter."""
    for wild in ([1, 50], [9, 9]):
        answer = dispersion.test(panel(wards(HAND | {"D": wild}, {"D": 2})), draws=99)
        assert answer.statistic == answer.estimate.value == pytest.approx(14 / 6.25)
        assert answer.df == 2 and answer.estimate.n_units == 3
        assert (
            "from 1 month to the next 1 over 3 wards, against 99 sets of hypergeometric counts"
            in answer.method
        )


def test_where_nobody_is_treated_the_spans_are_halves() -> None:
    y = {name: [a, a, b, b] for name, (a, b) in HAND.items()}
    answer = dispersion.test(panel(wards(y, {})), draws=99)
    assert answer.statistic == pytest.approx(2 * 14 / 6.25)  # gaps and variances both double
    assert "from 2 months to the next 2" in answer.method


def test_a_window_is_the_panel_of_those_months() -> None:
    table = many(3, 12, start=4)
    named = dispersion.test(panel(table), window=(2, 1), draws=99)
    cut = dispersion.test(panel(table[table["month"].isin([2, 3, 4])]), draws=99)
    assert named.statistic == pytest.approx(cut.statistic) and named.p_value == cut.p_value


def test_staggered_starts_are_split_at_the_first() -> None:
    table = many(4, 10, start=4)
    late = table["ward"].isin(["w00", "w01"])
    answer = dispersion.test(panel(table.assign(began=table["began"].where(~late, 6))), draws=99)
    assert answer.statistic == pytest.approx(dispersion.test(panel(table), draws=99).statistic)
    assert "from 3 months to the next 3" in answer.method


def test_poisson_counts_pass_and_drifting_ones_do_not() -> None:
    rng = np.random.default_rng(0)
    level = rng.uniform(20, 60, 40)
    drift = np.exp(0.3 * rng.standard_normal((40, 2)))
    for path, passes in ((np.ones((40, 2)), True), (drift, False)):
        y = rng.poisson(level[:, None] * path)
        answer = dispersion.test(panel(wards({f"w{i}": list(row) for i, row in enumerate(y)}, {})))
        assert (answer.p_value > 0.05) == passes
        assert (answer.estimate.low <= 1 <= answer.estimate.high) == passes


def test_month_by_month_the_drift_is_not_seen() -> None:
    """Areas that step up or down for good half-way, Poisson about that: by month next to nothing, by span a lot."""
    rng = np.random.default_rng(1)
    step = np.exp(0.15 * rng.standard_normal(60))
    y = rng.poisson(10 * np.column_stack([np.ones((60, 12)), np.repeat(step[:, None], 12, axis=1)]))
    answer = dispersion.test(panel(wards({f"w{i}": list(row) for i, row in enumerate(y)}, {})))
    (said,) = [caution for caution in answer.cautions if caution.startswith("Month by month")]
    by_month = float(said.split("vary ")[1].split(" ")[0])
    assert by_month < 1.3 and answer.statistic > 2
    assert (
        f"between the two spans {answer.statistic:.3g} times: an error made from months is too small" in said
    )


def test_few_units_and_one_that_makes_it_are_cautioned() -> None:
    rng = np.random.default_rng(2)
    y = rng.poisson(30, (25, 2)).astype(float)
    y[0] = [30, 300]
    big = dispersion.test(panel(wards({f"w{i:02d}": list(row) for i, row in enumerate(y)}, {})))
    assert any(caution.startswith("One ward makes 9") for caution in big.cautions)
    few = dispersion.test(panel(wards(HAND, {})))
    assert any(caution == "Only 3 wards, so the dispersion is poorly known." for caution in few.cautions)
    assert big.estimate.cautions == big.cautions


def test_exposures_are_what_counts_are_per() -> None:
    people = np.random.default_rng(3).uniform(1, 3, (12, 4))
    table = wards({f"w{i:02d}": list(np.round(60 * row)) for i, row in enumerate(people)}, {})
    table["people"] = people.ravel()
    with_people, without = (dispersion.test(panel(table, **more)) for more in ({"exposure": "people"}, {}))
    assert with_people.statistic < 0.05 and without.statistic > 2
    assert "binomial" in with_people.method


def test_the_same_seed_gives_the_same_p_and_another_much_the_same() -> None:
    one = panel(many(2, 12, start=4))
    first, again, other = (dispersion.test(one, seed=seed).p_value for seed in (0, None, 5))
    assert first == again and abs(first - other) < 0.06
    assert first == dispersion.test(one, seed=np.random.default_rng(0)).p_value


def test_it_can_be_told() -> None:
    frame, _ = simulate.panel(
        units=40, periods=24, treated=10, first="2022-01", treated_from="2023-01", seed=3
    )
    one = Panel.of(frame, unit="unit", period="period", outcome="count", treated_from="treated_from")
    answer = dispersion.test(one)
    assert answer.null == "untreated units all changed alike but for chance (Poisson counts)"
    assert list(tables.estimates({"Drift": answer.estimate}).index) == ["Drift"]
    assert "chance alone" in words.effect(answer.estimate, outcome="The variance", where="untreated areas")
    assert math.isnan(answer.estimate.std_error)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (wards({"A": [1, 2], "B": [2, 1]}, {"A": 2, "B": 2}), "Every ward is treated"),
        (wards({"A": [1, 2], "B": [2, 1], "C": [0, 0]}, {"A": 2}), "Only 1 untreated ward recorded anything"),
        (wards({"A": [1, 2.5], "B": [2, 1]}, {}), "asb is not a count"),
        (wards({"A": [1, -2], "B": [2, 1]}, {}).assign(asb=lambda t: t["asb"] - 0.5), "asb is not a count"),
        (wards({"A": [1], "B": [2]}, {}), "no month on both sides of the start"),
        (wards({"A": [1, 5], "B": [2, 0], "C": [3, 0]}, {"A": 2}), "recorded nothing in one of the spans"),
    ],
)
def test_panels_that_cannot_say(table: pd.DataFrame, said: str) -> None:
    with pytest.raises(DesignError, match=said):
        dispersion.test(panel(table))


def test_what_it_refuses() -> None:
    table = many(2, 8)
    with pytest.raises(DesignError, match="takes no weights"):
        dispersion.test(panel(table.assign(wt=np.arange(len(table)) % 3 + 1.0), weight="wt"))
    for window in (3, (1, 2, 3), (0, 2), (2, 1.5), "12"):
        with pytest.raises(DesignError, match="window"):
            dispersion.test(panel(table), window=window)
    for wrong in ({"draws": 10}, {"draws": "many"}, {"level": 95}, {"seed": -1}):
        with pytest.raises(DesignError, match=next(iter(wrong))):
            dispersion.test(panel(table), **wrong)
    with pytest.raises(DesignError, match="This takes a Panel, not a DataFrame"):
        dispersion.test(table)

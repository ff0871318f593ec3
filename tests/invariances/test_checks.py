"""Checks: what must not move them, derived before it was written."""

from functools import partial

import numpy as np
import pytest

from toolkit import did, dispersion, placebo, sensitivity, trends

from .panels import after, panel, rows

RATIO, LINEAR = (
    partial(did.att, inference="cluster"),
    partial(did.att, inference="cluster", scale="difference"),
)


def test_dispersion_row_order_and_names() -> None:
    """The p-value draws incidents in the order of the data, so names leave it as it is, with exposures too."""
    table = rows(treated=2, others=14)
    new = {area: f"{(i * 7) % 17:02d} x" for i, area in enumerate(table["area"].unique())}
    other = table.assign(area=table["area"].map(new)).sample(frac=1, random_state=3)
    for more in ({}, {"exposure": "people"}):
        one, two = (dispersion.test(panel(t, **more), draws=199) for t in (table, other))
        assert two.statistic == pytest.approx(one.statistic, rel=1e-9)
        assert two.p_value == one.p_value
        assert (two.estimate.low, two.estimate.high) == pytest.approx(
            (one.estimate.low, one.estimate.high), rel=1e-9
        )


def test_dispersion_is_of_the_comparison_and_not_moved_by_people_that_are_alike() -> None:
    """A unit's, or a period's, exposure times a constant is its effect times the inverse; the treated do not count."""
    table = rows(treated=3, others=12)
    one = dispersion.test(panel(table, exposure="people"), draws=99)
    scaled = table["people"] * table["area"].map(lambda name: 1 + int(name[5:])) * (1 + table["month"])
    two = dispersion.test(panel(table.assign(people=scaled), exposure="people"), draws=99)
    assert two.statistic == pytest.approx(one.statistic, rel=1e-8)
    done = table.assign(crimes=np.where(after(table), 50.0, table["crimes"]))
    assert dispersion.test(panel(done), draws=99).statistic == pytest.approx(
        dispersion.test(panel(table), draws=99).statistic, rel=1e-12
    )


def test_detectable_row_order_and_names() -> None:
    table = rows(starts=(6, 8), gaps=True)
    other = table.assign(area=table["area"].map(lambda name: f"{(int(name[5:]) * 7) % 15} x")).sample(
        frac=1, random_state=3
    )
    one, two = (trends.detectable(did.event_study(panel(t), leads=4, lags=3)) for t in (table, other))
    np.testing.assert_allclose(two.path, one.path, rtol=1e-7)
    np.testing.assert_allclose(two.bias.drop(columns="against"), one.bias.drop(columns="against"), rtol=1e-7)


def test_detectable_on_another_yardstick() -> None:
    """Differences in tenths: every figure is a tenth. Ratios of counts in tens: nothing moves."""
    table = rows()
    small, large = table.assign(crimes=table["crimes"] / 10), table.assign(crimes=table["crimes"] * 10)
    one, two = (
        trends.detectable(did.event_study(panel(t), leads=4, lags=3, scale="difference"))
        for t in (table, small)
    )
    assert two.slope == pytest.approx(one.slope / 10, rel=1e-7)
    assert two.bias["bias_given_passing"].to_numpy() == pytest.approx(
        one.bias["bias_given_passing"].to_numpy() / 10, rel=1e-7
    )
    three, four = (trends.detectable(did.event_study(panel(t), leads=4, lags=3)) for t in (table, large))
    np.testing.assert_allclose(four.path, three.path, rtol=1e-7)


def test_a_common_trend_and_an_effect_leave_what_could_be_missed() -> None:
    """What all areas share by period drops out, and the effect after the start moves only the study's own estimate."""
    table = rows()
    moved = table.assign(crimes=table["crimes"] + 3.0 * table["month"] - np.where(after(table), 30.0, 0.0))
    one, two = (
        trends.detectable(did.event_study(panel(t), leads=4, lags=3, scale="difference"))
        for t in (table, moved)
    )
    assert abs(two.slope) == pytest.approx(abs(one.slope), rel=1e-9)
    assert (two.bias["estimate"] - one.bias["estimate"]).tolist() == pytest.approx([-30.0, -30.0])


@pytest.mark.parametrize(("method", "factor"), [(RATIO, 2.0), (LINEAR, 1.0)])
def test_an_effect_moves_no_placebo_in_space(method, factor: float) -> None:
    table = rows(treated=3, others=10)
    done = table.assign(
        crimes=np.where(after(table), factor * table["crimes"] + 5 * (factor == 1), table["crimes"])
    )
    one, two = (placebo.in_space(panel(t), method, draws=12) for t in (table, done))
    assert two["value"].tolist() == one["value"].tolist() and two["unit"].tolist() == one["unit"].tolist()


def test_an_effect_alike_for_all_moves_every_left_out_row_alike() -> None:
    """Treated-after outcomes times 3: every estimate is 3 times, so nobody has another influence."""
    table = rows(treated=4, others=8)
    done = table.assign(crimes=np.where(after(table), 3 * table["crimes"], table["crimes"]))
    one, two = (sensitivity.leave_one_out(panel(t), RATIO).set_index("left_out") for t in (table, done))
    assert (two["value"] / one["value"]).to_numpy() == pytest.approx(np.full(12, 3.0))
    assert two["moved"].reindex(one.index).to_numpy() == pytest.approx(one["moved"].to_numpy())


@pytest.mark.parametrize("kind", ["relative", "smooth"])
def test_honest_row_order_and_names(kind: str) -> None:
    table = rows(starts=(6, 8), gaps=True)
    other = table.assign(area=table["area"].map(lambda name: f"{(int(name[5:]) * 7) % 15} x")).sample(
        frac=1, random_state=3
    )
    one, two = (
        sensitivity.honest(did.event_study(panel(t), leads=4, lags=3), kind=kind, first=0, last=2, m=[0.1])
        for t in (table, other)
    )
    ends = ["low", "high"]
    np.testing.assert_allclose(two.bounds[ends], one.bounds[ends], rtol=1e-7)
    assert two.breakdown == pytest.approx(one.breakdown, abs=1e-7)


def test_honest_on_another_yardstick() -> None:
    """Differences in tenths: every end is a tenth, and so is a bend; ratios of counts in tens: nothing moves."""
    table = rows()
    small, large = table.assign(crimes=table["crimes"] / 10), table.assign(crimes=table["crimes"] * 10)

    def answer(t, scale, kind, m):
        return sensitivity.honest(did.event_study(panel(t), leads=4, lags=3, scale=scale), kind=kind, m=[m])

    for kind, unit in (("relative", 1.0), ("smooth", 0.1)):
        one, two = (answer(t, "difference", kind, m) for t, m in ((table, 1.0), (small, unit)))
        assert two.bounds["low"].tolist() == pytest.approx((one.bounds["low"] / 10).tolist(), rel=1e-6)
        assert two.breakdown == pytest.approx(unit * one.breakdown, rel=1e-6)
        one, two = (answer(t, "ratio", kind, 0.3) for t in (table, large))
        assert two.bounds["high"].tolist() == pytest.approx(one.bounds["high"].tolist(), rel=1e-6)
        assert two.breakdown == pytest.approx(one.breakdown, rel=1e-6)


def test_honest_moves_with_a_shift_after_the_start() -> None:
    """Added to all treated counts from the start on, 3 moves both ends of an interval of a difference by 3."""
    table = rows()
    higher = table.assign(crimes=table["crimes"] + 3.0 * after(table))
    for kind in ("relative", "smooth"):
        one, two = (
            sensitivity.honest(
                did.event_study(panel(t), leads=4, lags=3, scale="difference"), kind=kind, m=[0.5]
            )
            for t in (table, higher)
        )
        for end in ("low", "high"):
            assert (two.bounds[end] - one.bounds[end]).tolist() == pytest.approx(
                [3.0] * len(one.bounds), abs=1e-6
            )

"""Group-time cells beside the definition, written out cell by cell; and how clusters move them."""

import numpy as np
import pytest

from toolkit.numerics import group_time
from toolkit.numerics.group_time import Effects, Pairs, Plan
from toolkit.numerics.imputation import Cells

ORDINALS = np.arange(8.0)
START = np.array([3, 3, 3, 5, 5, 5, np.inf, np.inf, np.inf, np.inf])
CLUSTER = np.array([0, 0, 1, 2, 3, 4, 5, 6, 6, 7])
EACH = np.eye


def cells(
    *, ratio: bool, gaps: bool = False, weights: bool = False, exposure: bool = False, seed: int = 0
) -> Cells:
    draw = np.random.default_rng(seed)
    shape = (len(START), len(ORDINALS))
    y = draw.poisson(12, shape) + 1.0
    weight = draw.uniform(0.5, 2, shape) if weights else np.ones(shape)
    if gaps:
        weight = np.where(draw.random(shape) < 0.15, 0.0, weight)
    reach = draw.uniform(1, 2, shape) if exposure else None
    return Cells(y, weight, START[:, None] <= ORDINALS, reach, None, ratio)


def planned(*, universal: bool = False, never: bool = True, anticipation: int = 0) -> Plan:
    return group_time.plan_of(START, ORDINALS, anticipation=anticipation, universal=universal, never=never)


def found(one: Cells, plan: Plan, *, influence: bool = False, cluster: np.ndarray = CLUSTER) -> Effects:
    return group_time.unadjusted(
        Pairs.of(one, START, plan), plan, cluster, ratio=one.ratio, influence=influence
    )


def by_hand(one: Cells, plan: Plan, k: int, start: np.ndarray = START) -> float:
    """One cell from its definition, unit by unit."""
    at, base = plan.column[k], plan.base[k]
    sums = np.zeros((2, 3))
    for i in range(len(start)):
        own, other = start[i] == plan.start[k], start[i] > plan.bound[k] and start[i] != plan.start[k]
        if not (own or other) or one.weight[i, at] == 0 or one.weight[i, base] == 0:
            continue
        w, change = (
            one.weight[i, base],
            1.0 if one.exposure is None else one.exposure[i, at] / one.exposure[i, base],
        )
        sums[int(own)] += [w * one.y[i, at], w * one.y[i, base] * change, w]
    (now_c, then_c, n_c), (now, then, n) = sums
    if one.ratio:
        return np.log(now / then) - np.log(now_c / then_c)
    return (now - then) / n - (now_c - then_c) / n_c


def test_the_cells_of_a_varying_base() -> None:
    plan = planned()
    first = plan.start == 3
    assert list(plan.ordinal[first]) == [1, 2, 3, 4, 5, 6, 7]
    assert list(plan.base[first]) == [0, 1, 2, 2, 2, 2, 2]
    assert list(plan.event_time[plan.start == 5]) == [-4, -3, -2, -1, 0, 1, 2]
    assert (plan.bound == 5).all()  # the last start: only those that never start come after it


def test_a_universal_base_lies_before_the_anticipation() -> None:
    plan = planned(universal=True, anticipation=1)
    assert set(plan.base[plan.start == 3]) == {1} and set(plan.base[plan.start == 5]) == {3}
    assert len(plan.start) == 16


def test_who_is_not_yet_treated_starts_after_both_periods_and_the_anticipation() -> None:
    plan = planned(never=False, anticipation=1)
    compared = plan.compared(START)
    late = (plan.start == 3) & (plan.ordinal == 3)
    assert list(np.flatnonzero(compared[:, late])) == [3, 4, 5, 6, 7, 8, 9]  # 5 is later than 3 + 1
    later = (plan.start == 3) & (plan.ordinal == 4)
    assert list(np.flatnonzero(compared[:, later])) == [6, 7, 8, 9]
    assert not (compared & plan.own(START)).any()


def test_periods_of_anticipation_are_set_against_the_period_before_them_all() -> None:
    plan = planned(anticipation=2)
    late = plan.start == 5
    assert list(plan.ordinal[late]) == [1, 2, 3, 4, 5, 6, 7]
    assert list(plan.base[late]) == [0, 1, 2, 2, 2, 2, 2]


def test_a_cohort_without_a_base_has_no_cells() -> None:
    assert set(planned(anticipation=3).start) == {5}


@pytest.mark.parametrize("ratio", [True, False])
@pytest.mark.parametrize("never", [True, False])
@pytest.mark.parametrize("extra", [{}, {"gaps": True}, {"weights": True}, {"gaps": True, "weights": True}])
def test_cells_by_hand(ratio: bool, never: bool, extra: dict) -> None:
    one, plan = cells(ratio=ratio, exposure=ratio, **extra), planned(never=never, universal=True)
    values, _, _ = found(one, plan).combine(EACH(len(plan.start)))
    told = [by_hand(one, plan, k) for k in range(len(plan.start))]
    np.testing.assert_allclose(values, told, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("ratio", [True, False])
def test_without_each_cluster_is_the_same_from_the_units_left(ratio: bool) -> None:
    one, plan = cells(ratio=ratio, gaps=True), planned()
    whole = found(one, plan)
    weights = np.stack([np.eye(len(plan.start))[4], (plan.event_time >= 0) * 1.0], axis=1)
    values, gaps, _ = whole.combine(weights)
    for code in range(8):
        keep = code != CLUSTER
        left = one.units(keep)
        pairs = Pairs.of(left, START[keep], plan)
        again = group_time.unadjusted(pairs, plan, np.arange(keep.sum()), ratio=ratio, influence=False)
        np.testing.assert_allclose(values + gaps[code], again.combine(weights)[0], rtol=1e-9)


@pytest.mark.parametrize("ratio", [True, False])
def test_influence_is_the_derivative_by_a_clusters_weight(ratio: bool) -> None:
    """The influence of a cluster is what the estimate gains for a little more weight on its units."""
    one, plan = cells(ratio=ratio, weights=True), planned(never=False)
    weights = np.stack([np.eye(len(plan.start))[4], (plan.event_time >= 0) * 1.0], axis=1)
    gaps = found(one, plan, influence=True).combine(weights)[1]
    for code in range(8):
        ends = []
        for step in (1e-5, -1e-5):
            heavier = np.where((code == CLUSTER)[:, None], 1 + step, 1.0) * one.weight
            moved = Cells(one.y, heavier, one.treated, None, None, ratio)
            ends.append(found(moved, plan).combine(weights)[0])
        np.testing.assert_allclose(gaps[code], (ends[0] - ends[1]) / 2e-5, rtol=1e-5, atol=1e-8)


def test_influences_add_up_to_nothing() -> None:
    one, plan = cells(ratio=False), planned()
    gaps = found(one, plan, influence=True).combine(EACH(len(plan.start)))[1]
    np.testing.assert_allclose(gaps.sum(axis=0), 0, atol=1e-12)


def test_a_base_set_against_itself_is_exactly_no_effect() -> None:
    for ratio in (True, False):
        plan = planned(universal=True)
        values, gaps, _ = found(cells(ratio=ratio), plan).combine(EACH(len(plan.start)))
        itself = plan.column == plan.base
        assert itself.sum() == 2 and (values[itself] == 0).all() and (gaps[:, itself] == 0).all()


def test_averages_count_units() -> None:
    """Two cohorts of three and three: the average of cells with equal weights is their mean."""
    one, plan = cells(ratio=False), planned()
    after = plan.event_time >= 0
    whole = found(one, plan)
    values = whole.combine(EACH(len(plan.start)))[0]
    assert whole.combine(after[:, None] * 1.0)[0][0] == pytest.approx(values[after].mean(), rel=1e-12)


def test_without_anybody_to_compare_with_there_is_nothing() -> None:
    one, plan = cells(ratio=False), planned()
    nobody = Cells(one.y, np.where(np.isinf(START)[:, None], 0.0, one.weight), one.treated, None, None, False)
    assert not found(nobody, plan).known.any()
    none_before = Cells(np.where(ORDINALS == 2, 0.0, one.y), one.weight, one.treated, None, None, True)
    lost = ~found(none_before, plan).known
    np.testing.assert_array_equal(
        lost, (plan.base == 2) | (plan.column == 2)
    )  # nothing to divide by, or expected


def test_a_cohort_of_one_cluster_drops_out_of_averages_without_it() -> None:
    """Without its only cluster the average is that of the other cohort."""
    start = np.array([3, 5, 5, 5, np.inf, np.inf, np.inf])
    draw = np.random.default_rng(3)
    one = Cells(draw.normal(size=(7, 8)), np.ones((7, 8)), start[:, None] <= ORDINALS, None, None, False)
    plan = group_time.plan_of(start, ORDINALS, anticipation=0, universal=False, never=True)
    pairs = Pairs.of(one, start, plan)
    whole = group_time.unadjusted(pairs, plan, np.arange(7), ratio=False, influence=False)
    after, second = (plan.event_time >= 0) * 1.0, ((plan.event_time >= 0) & (plan.start == 5)) * 1.0
    values, gaps, _ = whole.combine(np.stack([after, second], axis=1))
    assert values[0] + gaps[0, 0] == pytest.approx(values[1], rel=1e-12)

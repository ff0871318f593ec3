"""The delete-one-cluster jackknife and its degrees of freedom, by hand."""

import numpy as np
import pytest

from toolkit.numerics import jackknife


def test_deleted_keeps_all_but_one_cluster() -> None:
    values, cluster = np.array([1.0, 2, 3, 10]), np.array([0, 0, 1, 2])
    ours = jackknife.deleted(lambda keep: np.array([values[keep].sum(), keep.sum()]), cluster)
    np.testing.assert_array_equal(ours, [[13, 2], [13, 3], [6, 3]])


def test_covariance_of_a_mean_is_the_textbook_one() -> None:
    """(G-1)/G sum of squared gaps of the delete-one means is the sample variance over G."""
    values = np.array([3.0, 1, 4, 1, 5, 9])
    without = (values.sum() - values) / 5
    split = jackknife.parts(np.array([values.mean()]), without[:, None], np.zeros(6, dtype=int))
    assert jackknife.total(split)[0, 0] == pytest.approx(values.var(ddof=1) / 6, rel=1e-12)


def test_parts_add_up_and_count_their_clusters() -> None:
    draw = np.random.default_rng(0)
    full, without, arm = draw.normal(size=3), draw.normal(size=(7, 3)), np.array([0, 1, 1, 0, 0, 2, 0])
    split = jackknife.parts(full, without, arm)
    gaps = without - full
    np.testing.assert_allclose(jackknife.total(split), 6 / 7 * gaps.T @ gaps, rtol=1e-12)
    assert [n for n, _ in split] == [4, 2, 1]


def test_degrees_of_freedom() -> None:
    """Equal variances from n each: 2(n-1). One part alone: n-1. Welch's formula: (4+1)^2 / (16/4 + 1/9)."""
    assert jackknife.welch_df([(5, 2.0), (5, 2.0)]) == pytest.approx(8)
    assert jackknife.welch_df([(5, 2.0), (9, 0.0)]) == pytest.approx(4)
    assert jackknife.welch_df([(5, 4.0), (10, 1.0)]) == pytest.approx(25 / (16 / 4 + 1 / 9))


def test_one_cluster_has_no_variance_of_its_own() -> None:
    assert jackknife.welch_df([(1, 2.0)]) == 0
    assert jackknife.welch_df([(1, 1.0), (1, 1.0)]) == 0


def test_no_spread_leaves_all_degrees_of_freedom() -> None:
    assert jackknife.welch_df([(5, 0.0), (8, 0.0)]) == 11


def test_by_arm_both_jackknives_are_the_textbook_variance_of_a_mean() -> None:
    """For the mean of one arm s^2 / n, whether a unit is left out or a millionth of it."""
    values, arm = np.array([3.0, 1, 4, 1, 5, 9]), np.array([1, 1, 1, 1, 0, 0])
    own, cluster = arm == 1, np.arange(6)
    for part, near in ((1.0, 1e-12), (1e-6, 1e-4)):
        total, number = (jackknife.totals(side, cluster, part) for side in (values * own, own.astype(float)))
        (two, none), (four, variance) = jackknife.spreads(total / number, arm, part)
        assert (two, four) == (2, 4) and none == 0
        assert variance == pytest.approx(values[own].var(ddof=1) / 4, rel=near)


def test_totals_without_a_part_of_a_cluster() -> None:
    told = jackknife.totals(np.array([1.0, 2, 3]), np.array([0, 0, 1]), 0.5)
    np.testing.assert_allclose(told, [6, 4.5, 4.5])


def test_two_clusters_close_together_by_luck_do_not_hand_over_their_degrees_of_freedom() -> None:
    """Their variance counts as at least 6% of 0.04 x 19 / 1, theirs if they scattered like the other twenty."""
    least = 0.06 * 0.04 * 19
    told = (least + 0.04) ** 2 / (least**2 / 1 + 0.04**2 / 19)
    assert jackknife.df_of_few([(20, 0.04), (2, 1e-9)]) == pytest.approx(told, rel=1e-12)
    assert jackknife.df_of_few([(2, 1e-9), (20, 0.04)]) == pytest.approx(told, rel=1e-12)
    assert told < 4 < jackknife.welch_df([(20, 0.04), (2, 1e-9)])


@pytest.mark.parametrize(
    "arms", [[(20, 0.04), (2, 0.5)], [(20, 0.04), (4, 1e-9)], [(20, 0.04), (1, 0.0)], [(9, 0.1)]]
)
def test_otherwise_degrees_of_freedom_are_welchs(arms: list[tuple[int, float]]) -> None:
    assert jackknife.df_of_few(arms) == jackknife.welch_df(arms)


def test_a_sum_counts_the_clusters_behind_any_part_of_it() -> None:
    split = ((9, np.diag([1.0, 2.0, 3.0])), (6, np.diag([4.0, 5.0, np.nan])))
    behind = [np.array([9, 9, 9]), np.array([6, 2, 1])]
    weights = np.array([0.0, 0.5, 0.0])
    assert jackknife.of_sum(split, behind, weights) == [(9, 0.5), (2, 1.25)]
    assert jackknife.of_sum(split, (), weights) == [(9, 0.5), (6, 1.25)]
    assert jackknife.of_sum(split, behind, np.array([1.0, 1.0, 0.0])) == [(9, 3.0), (6, 9.0)]


def test_an_effect_on_some_clusters_is_these_against_all_others() -> None:
    without, own = np.array([0.1, -0.2, 0.05, 0.0, 0.1]), np.array([1, 1, 0, 0, 0], dtype=bool)
    assert jackknife.error_of_some(0.0, without, own) == jackknife.error(0.0, without, own.astype(int))

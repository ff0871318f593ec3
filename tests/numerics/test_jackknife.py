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

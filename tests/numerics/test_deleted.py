"""Effects without each cluster against dense dummies refitted from scratch."""

from dataclasses import replace

import numpy as np
import pytest

from toolkit.numerics import deleted, imputation
from toolkit.numerics.imputation import Cells

from .test_imputation import cells, slow

UNITS = np.arange(12)


def from_scratch(one: Cells, group: np.ndarray, count: int, cluster: np.ndarray) -> np.ndarray:
    """The definition: fit what is left and compare."""
    rows = []
    for code in range(cluster.max() + 1):
        keep = cluster != code
        left = one.units(keep)
        rows.append(imputation.by_group(left, imputation.expected(left), group[keep], count))
    return np.array(rows)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("ratio", [True, False])
@pytest.mark.parametrize("covariates", [True, False])
def test_each_unit_left_out(seed: int, ratio: bool, covariates: bool) -> None:
    one = cells(seed, ratio=ratio, covariates=covariates)
    by_hand = [slow(one.units(gone != UNITS)) for gone in UNITS]
    np.testing.assert_allclose(deleted.effect(one, UNITS), by_hand, rtol=1e-7, atol=1e-9)


def test_clusters_of_units_are_left_out_together() -> None:
    one, cluster = cells(1, ratio=False), np.repeat(np.arange(4), 3)
    told = [slow(one.units(cluster != g)) for g in range(4)]
    np.testing.assert_allclose(deleted.effect(one, cluster), told, rtol=1e-8)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("ratio", [True, False])
@pytest.mark.parametrize("covariates", [True, False])
@pytest.mark.parametrize("by", ["cohort", "period"])
def test_groups(seed: int, ratio: bool, covariates: bool, by: str) -> None:
    one = cells(seed, ratio=ratio, covariates=covariates)
    code = np.arange(12)[:, None] // 2 if by == "cohort" else np.arange(8)
    group = np.where(one.treated, code, -1)
    ours = deleted.effects(one, group, 8, UNITS)
    np.testing.assert_allclose(ours, from_scratch(one, group, 8, UNITS), rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("ratio", [True, False])
def test_a_group_of_one_cluster_has_nothing_without_it(ratio: bool) -> None:
    one = cells(0, ratio=ratio)
    group = np.where(one.treated & (UNITS == 2)[:, None], 0, -1)
    ours = deleted.effects(one, group, 1, UNITS)[:, 0]
    assert np.isnan(ours[2]) and np.isfinite(np.delete(ours, 2)).all()


def test_a_panel_held_together_by_one_cluster() -> None:
    one = cells(2, ratio=True)
    weight = one.weight.copy()
    weight[1:6, :3], weight[6:, 3:] = 0.0, 0.0
    broken = replace(one, weight=weight, treated=one.treated & (weight > 0))
    group = np.where(broken.treated, 0, -1)
    np.testing.assert_allclose(
        deleted.effects(broken, group, 1, UNITS), from_scratch(broken, group, 1, UNITS), rtol=1e-8
    )


@pytest.mark.parametrize("ratio", [True, False])
def test_closed_form_is_the_general_path(ratio: bool) -> None:
    """Balanced with one start: refitting without each unit gives what the unit sums give."""
    draw = np.random.default_rng(3)
    y = draw.poisson(8, (10, 9)).astype(float)
    treated = (np.arange(10) < 4)[:, None] & (np.arange(9) >= 6)
    exposure = np.outer(draw.uniform(1, 5, 10), draw.uniform(1, 2, 9)) if ratio else None
    one = Cells(y, np.ones_like(y), treated, exposure, None, ratio)
    assert imputation.before_and_after(one) is not None
    rows = np.arange(10)
    general = [imputation.effect(one.units(rows != gone)) for gone in rows]
    np.testing.assert_allclose(deleted.effect(one, rows), general, rtol=1e-8, atol=1e-10)
